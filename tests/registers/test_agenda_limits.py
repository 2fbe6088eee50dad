"""How others may book: buffer, notice, horizon, days away, and what a week keeps."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import factories
from tests.registers.test_free_slots import HOUR, MONDAY, WEEK, agenda, at, of_days, opening, walls

from soutien.registers.agenda import queries
from soutien.registers.agenda.free import (
    Agenda,
    Away,
    Busy,
    Limits,
    at_once,
    is_open,
    kept_for_first_sessions,
    slots_of,
)
from soutien.registers.agenda.models import Absence, AgendaLimits
from soutien.registers.agenda.public_holidays import public_holidays

DAY = timedelta(days=1)
SUNDAY_BEFORE = MONDAY - DAY
NO_LIMITS = Limits(notice_hours=0)


def limited(made: Agenda, **limits: int) -> Agenda:
    made.limits = NO_LIMITS._replace(**limits)
    return made


def test_a_buffer_is_left_after_each_appointment_and_after_what_is_booked():
    made = limited(agenda(opening()), buffer_minutes=15)
    assert walls(of_days(made)) == ["09:00", "10:15"]
    # Booked at another place, on another grid: the buffer holds before and after it.
    made.busy = Busy([(int(at(MONDAY, 10, 5).timestamp()), int(at(MONDAY, 10, 20).timestamp()))])
    assert of_days(made) == []
    made.busy = Busy([(int(at(MONDAY, 8).timestamp()), int(at(MONDAY, 8, 45).timestamp()))])
    assert walls(of_days(made)) == ["09:00", "10:15"]


def test_others_book_from_the_notice_to_the_horizon_and_the_psychologist_any_time():
    made = limited(agenda(opening()), notice_hours=24, horizon_days=7)
    now = at(SUNDAY_BEFORE, 10)
    found = of_days(made, days=15, now=now)
    assert [(slot.starts_at.date(), *walls([slot])) for slot in found] == [
        (MONDAY, "10:00"),
        (MONDAY, "11:00"),
    ]
    assert len(of_days(made, days=15)) == 9


def test_days_away_close_every_day_of_one_place_or_of_all():
    made = agenda(opening(), opening(place_id=2))
    made.open_specially(opening(place_id=2, valid_from=MONDAY + WEEK, starts=14 * 60, ends=900))
    first = MONDAY.toordinal()
    made.away = [Away(1, first, first + 1), Away(None, first + 7, first + 8)]
    assert [(slot.starts_at.date(), slot.place_id) for slot in of_days(made, days=15)] == [
        *[(MONDAY, 2)] * 3,
        *[(MONDAY + 2 * WEEK, 1), (MONDAY + 2 * WEEK, 2)] * 3,
    ]


def test_a_week_keeps_the_first_free_start_of_each_day_in_turn():
    made = limited(
        agenda(opening(), opening(weekday=1), opening(weekday=3)),
        first_sessions_kept=4,
        kept_until_days=3,
    )
    now = at(MONDAY - timedelta(days=10), 9)
    days = [
        (slot.starts_at.date().weekday(), *walls([slot]))
        for slot in of_days(made, days=7, now=now)
    ]
    # Kept: 9:00 on the three days, then 10:00 on Monday.
    assert days == [(0, "11:00"), (1, "10:00"), (1, "11:00"), (3, "10:00"), (3, "11:00")]
    assert len(of_days(made, days=7, now=now, kind="evaluation")) == 9


def test_a_week_is_open_to_all_some_days_before_its_monday():
    made = limited(agenda(opening()), first_sessions_kept=3, kept_until_days=3)
    thursday, friday = at(MONDAY - 4 * DAY, 23, 59), at(MONDAY - 3 * DAY, 0)
    assert of_days(made, now=thursday) == []
    assert len(of_days(made, now=friday)) == 3


def test_hours_for_first_sessions_only_and_those_booked_count_for_what_is_kept():
    made = limited(
        agenda(opening(), opening(weekday=2, ends=10 * 60, accepts="evaluation")),
        first_sessions_kept=2,
    )
    now = at(MONDAY - 10 * DAY, 9)
    assert walls(of_days(made, days=7, now=now)) == ["10:00", "11:00"]
    made.first_sessions = [MONDAY.toordinal() + 4]
    assert walls(of_days(made, days=7, now=now)) == ["09:00", "10:00", "11:00"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40), st.integers(1, 2)), max_size=6),
    st.integers(0, 5),
    st.integers(0, 30),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(15, 120)), max_size=8),
)
def test_follow_ups_never_take_what_a_week_keeps(openings, kept, buffer, taken):
    """However many follow-ups are booked, as many starts stay as were kept."""
    made = limited(
        agenda(
            *(
                opening(weekday, 420 + 15 * start, 720 + 15 * start, place_id=place)
                for weekday, start, place in openings
            )
        ),
        first_sessions_kept=kept,
        buffer_minutes=buffer,
    )
    now = at(MONDAY - 10 * DAY, 0)
    first = int(at(MONDAY, 0).timestamp())
    times = [(first + 60 * start, first + 60 * (start + length)) for start, length in taken]
    made.busy = Busy(times)
    before = len(kept_for_first_sessions(made, MONDAY.toordinal(), public_holidays).starts)
    while slots := of_days(made, days=7, now=now):
        chosen = slots[len(slots) // 2]
        times.append((int(chosen.starts_at.timestamp()), int(chosen.ends_at.timestamp())))
        made.busy = Busy(times)
    after = kept_for_first_sessions(made, MONDAY.toordinal(), public_holidays)
    assert len(after.starts) == before


def test_a_time_is_open_when_it_lies_within_the_hours_of_its_place():
    made = agenda(opening())
    ask = lambda start, end, place=1: is_open(  # noqa: E731
        made,
        place,
        int(start.timestamp()),
        int(end.timestamp()),
        "Europe/Paris",
        public_holidays,
    )
    assert ask(at(MONDAY, 9, 30), at(MONDAY, 12))
    assert not ask(at(MONDAY, 11, 30), at(MONDAY, 12, 30))
    assert not ask(at(MONDAY, 9), at(MONDAY, 10), place=2)
    assert not ask(at(MONDAY + DAY, 9), at(MONDAY + DAY, 10))
    made.away = [Away(None, MONDAY.toordinal(), MONDAY.toordinal() + 1)]
    assert not ask(at(MONDAY, 9), at(MONDAY, 10))


def test_weekly_hours_at_two_places_are_compared_in_true_time():
    here = opening(valid_from=MONDAY)
    later = opening(place_id=2, valid_from=MONDAY + WEEK, starts=11 * 60, ends=13 * 60)
    assert at_once(here, later) == MONDAY + WEEK
    assert at_once(here, later._replace(starts_at_minute=12 * 60)) is None
    assert at_once(here, later._replace(weekday=1)) is None
    assert at_once(here._replace(valid_before=MONDAY + WEEK), later) is None
    # Eleven in Paris is six in Martinique in winter, five in summer.
    martinique = opening(
        place_id=2,
        valid_from=MONDAY,
        starts=4 * 60,
        ends=5 * 60,
        time_zone="America/Martinique",
    )
    assert at_once(here, martinique) == MONDAY
    summer = martinique._replace(starts_at_minute=3 * 60, ends_at_minute=4 * 60)
    assert at_once(here, summer) == date(2026, 3, 30)
    # Sunday evening in Tahiti is Monday morning in Paris.
    tahiti = martinique._replace(
        weekday=6, starts_at_minute=22 * 60, ends_at_minute=24 * 60, time_zone="Pacific/Tahiti"
    )
    assert at_once(here, tahiti) == MONDAY + WEEK
    assert at_once(tahiti, here) == MONDAY + WEEK - DAY


@pytest.fixture(params=["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def server_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The server's own clock, wherever it stands."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "insee", "day", "hours"),
    [
        ("Europe/Paris", "69123", date(2026, 3, 29), (7, 7)),
        ("Europe/Paris", "69123", date(2026, 10, 25), (8, 8)),
        ("America/Miquelon", "97502", date(2026, 3, 8), (11, 11)),
        ("America/Miquelon", "97502", date(2026, 11, 1), (12, 12)),
        ("Indian/Reunion", "97411", date(2026, 3, 29), (5, 5)),
        ("America/Cayenne", "97302", date(2026, 10, 25), (12, 12)),
        ("Pacific/Noumea", "98818", date(2026, 3, 29), (22, 22)),
    ],
)
def test_nine_in_the_morning_stays_nine_whatever_the_servers_zone(
    server_zone: str, zone: str, insee: str, day: date, hours: tuple[int, int]
):
    """On the day the clocks of Paris or Miquelon change, and on the next."""
    where = factories.place(factories.psychologist(), time_zone=zone, insee=insee)
    for weekday in range(7):
        factories.opening(
            where, weekday, valid_from=date(2020, 1, 1), open_on_public_holidays=True
        )
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = queries.free_slots(
        [where.psychologist_id],
        since=midnight,
        until=midnight + timedelta(hours=45),
        kind="follow_up",
        now=midnight - WEEK,
    )[where.psychologist_id]
    nines = [slot for slot in found if walls([slot]) == ["09:00"]]
    assert tuple(slot.starts_at.hour for slot in nines) == hours
    assert [walls([slot])[0] for slot in found] == ["09:00", "10:00", "11:00"] * 2


NOW = at(MONDAY - 10 * DAY, 9)


@pytest.fixture
def practice(db):
    where = factories.place(factories.psychologist())
    factories.opening(where, 0, valid_from=date(2020, 1, 1))
    return where


def on_monday(where, **wishes) -> list[str]:
    values = {"since": at(MONDAY, 0), "until": at(MONDAY, 23), "now": NOW, "kind": "follow_up"}
    return walls(
        queries.free_slots([where.psychologist_id], **(values | wishes))[where.psychologist_id]
    )


def test_limits_and_absences_are_read_from_their_tables(practice):
    assert len(on_monday(practice)) == 3
    AgendaLimits.objects.create(
        psychologist_id=practice.psychologist_id,
        **NO_LIMITS._replace(first_sessions_kept=2)._asdict(),
    )
    assert on_monday(practice) == ["11:00"]
    assert len(on_monday(practice, own=True)) == len(on_monday(practice, kind="evaluation")) == 3
    factories.booking(
        practice,
        who=factories.person(at=NOW),
        starts_at=at(MONDAY, 11),
        civil_day=MONDAY,
        **factories.EVALUATION,
    )
    assert on_monday(practice) == ["10:00"]
    first = queries.first_free(
        [practice.psychologist_id],
        since=at(MONDAY, 0),
        until=NOW + 4 * WEEK,
        now=NOW,
        kind="follow_up",
        place_ids=[practice.pk],
    )
    assert walls(first[practice.psychologist_id])[0] == "10:00"
    Absence.objects.create(
        psychologist_id=practice.psychologist_id,
        valid_from=MONDAY - DAY,
        valid_before=MONDAY + DAY,
    )
    assert on_monday(practice, own=True) == []


def test_a_booking_that_moves_does_not_stand_in_its_own_way(practice):
    booked = factories.booking(practice, who=factories.person(at=NOW), starts_at=at(MONDAY, 9))
    assert on_monday(practice) == ["10:00", "11:00"]
    assert len(on_monday(practice, leaving_out=booked.pk)) == 3


def test_what_lies_outside_the_hours_is_told(practice):
    who = factories.person(at=NOW)
    inside = factories.booking(practice, who=who, starts_at=at(MONDAY, 9))
    late = factories.booking(practice, who=who, starts_at=at(MONDAY, 19))
    factories.booking(practice, who=who, starts_at=at(MONDAY, 21), status="cancelled")
    told = queries.outside_hours(practice.psychologist_id, after=NOW)
    assert [line.id for line in told] == [late.pk] != [inside.pk]
    assert queries.outside_hours(practice.psychologist_id, after=at(MONDAY, 19)) == []


def test_slots_of_one_place_with_a_buffer_keep_their_distance():
    made = limited(agenda(opening(), opening(place_id=2, starts=580)), buffer_minutes=10)
    chosen = []
    while slots := of_days(made):
        chosen.append(slots[-1])
        made.busy = Busy(
            (int(slot.starts_at.timestamp()), int(slot.ends_at.timestamp())) for slot in chosen
        )
    for one, other in combinations(sorted(slot[1:3] for slot in chosen), 2):
        assert other[0] - one[1] >= timedelta(minutes=10)
    assert (
        list(
            slots_of(
                made,
                since=at(MONDAY, 0),
                until=at(MONDAY, 0) + HOUR,
                kind="follow_up",
                modality="",
                holidays=public_holidays,
            )
        )
        == []
    )
