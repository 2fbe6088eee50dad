"""Properties of the queue: nobody is overtaken, and there is always time to answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.registers.agenda.queries import Slot
from soutien.registers.psychologists.queries import DirectoryRow
from soutien.steps.hours import EARLIEST, LATEST
from soutien.steps.turns import (
    ANSWER_TIME,
    BEFORE_START,
    LEAST_ANSWER,
    NEEDS,
    Waiter,
    answer_before,
    in_order,
    suits,
)
from soutien.steps.wishes import Wishes

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ZONES = ("Europe/Paris", "Indian/Reunion", "America/Miquelon", "Pacific/Noumea")
_ROW: dict[str, Any] = dict.fromkeys(DirectoryRow._fields, "")
HERE = DirectoryRow(
    **_ROW
    | {
        "place_id": 1,
        "psychologist_id": 1,
        "latitude": 45.76,
        "longitude": 4.83,
        "sees_adults": True,
        "sees_children": False,
        "sees_teenagers": True,
        "languages": ("fr", "en"),
        "offers_video": False,
        "step_free": True,
        "offers_amc_third_party": False,
    }
)

moments = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
positions = st.one_of(st.none(), st.tuples(st.floats(45.5, 46.0), st.floats(4.5, 5.2)))
waiters = st.builds(
    lambda key, need, minutes, near, radius, wishes: Waiter(
        key,
        need,
        NOON - timedelta(minutes=minutes),
        None if near else 1,
        near,
        radius,
        wishes,
    ),
    st.integers(1, 10_000),
    st.sampled_from(NEEDS),
    st.integers(0, 50),
    positions,
    st.sampled_from([5, 10, 25]),
    st.builds(
        Wishes,
        public=st.sampled_from(["", "adult", "child"]),
        languages=st.sampled_from([(), ("en",), ("ar",)]),
        day_parts=st.sampled_from([(), ("morning",), ("evening", "saturday")]),
    ),
)
queues = st.lists(waiters, max_size=12, unique_by=lambda who: who.wait_id)
slots = st.builds(
    lambda hours, zone: Slot(
        1, NOON + timedelta(hours=hours), NOON + timedelta(hours=hours + 1), zone, "in_person"
    ),
    st.integers(1, 24 * 20),
    st.sampled_from(ZONES),
)


def first(queue: list[Waiter], slot: Slot) -> Waiter | None:
    """Whose turn it is, as the step finds it."""
    return next((who for who in in_order(queue, HERE) if suits(who, slot, HERE)), None)


@given(queues, slots)
def test_nobody_is_overtaken_by_somebody_of_equal_need_who_came_later(
    queue: list[Waiter], slot: Slot
):
    chosen = first(queue, slot)
    could = [who for who in queue if suits(who, slot, HERE)]
    assert (chosen is None) == (not could)
    if chosen is None:
        return
    for other in could:
        assert NEEDS.index(chosen.need) <= NEEDS.index(other.need)
        if other.need == chosen.need:
            assert chosen.joined_at <= other.joined_at
            if other.joined_at == chosen.joined_at:
                assert chosen.distance_m(HERE) <= other.distance_m(HERE)


@given(queues, slots, st.randoms())
def test_whose_turn_it_is_does_not_depend_on_the_order_of_the_rows(
    queue: list[Waiter], slot: Slot, chance: Any
):
    shuffled = list(queue)
    chance.shuffle(shuffled)
    assert first(queue, slot) == first(shuffled, slot)


@given(queues, slots)
def test_those_before_the_chosen_one_are_only_those_it_does_not_suit(
    queue: list[Waiter], slot: Slot
):
    chosen = first(queue, slot)
    for who in in_order(queue, HERE):
        if who == chosen:
            break
        assert not suits(who, slot, HERE)


@given(queues, slots)
def test_who_leaves_the_queue_changes_nothing_for_those_before(queue: list[Waiter], slot: Slot):
    chosen = first(queue, slot)
    others = [who for who in queue if chosen is not None and who != chosen]
    for left in others:
        assert first([who for who in queue if who != left], slot) == chosen


@given(
    moments,
    st.integers(1, 60 * 24 * 10),
    st.sampled_from(ZONES),
)
def test_there_is_time_to_answer_by_day_and_time_for_the_way(
    at: datetime, minutes: int, zone: str
):
    starts_at = at + timedelta(minutes=minutes)
    until = answer_before(at=at, starts_at=starts_at, time_zone=zone)
    if until is None:
        return
    assert at < until <= starts_at - BEFORE_START
    decent = decent_minutes(at, until, zone)
    assert LEAST_ANSWER - timedelta(minutes=1) <= decent <= ANSWER_TIME + timedelta(minutes=1)


@given(moments, st.sampled_from(ZONES))
def test_with_days_ahead_everybody_has_the_whole_time_to_answer(at: datetime, zone: str):
    until = answer_before(at=at, starts_at=at + timedelta(days=5), time_zone=zone)
    assert until is not None
    assert abs(decent_minutes(at, until, zone) - ANSWER_TIME) <= timedelta(minutes=1)
    assert EARLIEST <= until.astimezone(ZoneInfo(zone)).time() <= LATEST


def decent_minutes(since: datetime, until: datetime, zone: str) -> timedelta:
    """The same counted by hand, minute by minute."""
    place, total, moment = ZoneInfo(zone), timedelta(), since
    while moment < until:
        if EARLIEST <= moment.astimezone(place).time() < LATEST:
            total += timedelta(minutes=1)
        moment += timedelta(minutes=1)
    return total


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(1, None), (1.5, None), (1.9, None), (2, 0.5), (4, 2.5), (24, 3)],
)
def test_the_nearer_the_session_the_shorter_the_time_to_answer(
    hours: float, expected: float | None
):
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    until = answer_before(at=at, starts_at=at + timedelta(hours=hours), time_zone="Europe/Paris")
    assert until == (at + timedelta(hours=expected) if expected else None)
