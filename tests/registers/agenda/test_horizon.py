"""First sessions kept in memory are what a fresh derivation from the tables says, always."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories

from soutien.registers.agenda import horizon as module
from soutien.registers.agenda import queries
from soutien.registers.agenda.free import Slot
from soutien.registers.agenda.horizon import NEVER, Horizon, Missed
from soutien.registers.agenda.models import (
    Absence,
    AgendaLimits,
    Booking,
    OpeningException,
    OpeningRule,
)
from soutien.registers.psychologists import changes
from soutien.registers.psychologists.models import PracticePlace

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)
LONG_AGO = date(2020, 1, 1)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
REACH = 60 * DAY
ZONES = (
    ("Europe/Paris", "69123"),
    ("Europe/Paris", "67482"),
    ("America/Miquelon", "97502"),
    ("Indian/Reunion", "97411"),
    ("Pacific/Noumea", "98818"),
)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """A moment, UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def made(modality: str = "in_person", reach: timedelta = REACH) -> Horizon:
    return Horizon(modality=modality, reach=reach)


def pair(where: PracticePlace) -> tuple[int, int]:
    return where.pk, where.psychologist_id


def freshly(
    places: list[PracticePlace],
    moment: datetime,
    modality: str = "in_person",
    reach: timedelta = REACH,
) -> dict[int, list[Slot]]:
    """What the tables say, by place."""
    free = queries.free_slots(
        {where.psychologist_id for where in places},
        since=moment,
        until=moment + reach,
        kind="evaluation",
        modality=modality,
        now=moment,
    )
    return {
        where.pk: [slot for slot in free[where.psychologist_id] if slot.place_id == where.pk]
        for where in places
    }


def assert_same(
    kept: Horizon, places: list[PracticePlace], moment: datetime, **asked: Any
) -> None:
    """Everything the horizon tells of these places is what the tables say."""
    expected = freshly(places, moment, **asked)
    starts = kept.first_starts([pair(where) for where in places], at=moment)
    for where, start in zip(places, starts, strict=True):
        slots = expected[where.pk]
        assert start == (int(slots[0].starts_at.timestamp()) if slots else NEVER)
        assert list(kept.slots(where.psychologist_id, where.pk, at=moment)) == slots


def practice(minutes: int = 60, **fields: Any) -> PracticePlace:
    """Open every Monday from 9 to 12, without notice."""
    where = factories.place(factories.psychologist(), **fields)
    factories.opening(where, 0, valid_from=LONG_AGO, appointment_minutes=minutes)
    no_notice(where.psychologist_id)
    return where


def no_notice(psychologist_id: int) -> None:
    AgendaLimits.objects.create(
        psychologist_id=psychologist_id,
        buffer_minutes=0,
        notice_hours=0,
        horizon_days=180,
        first_sessions_kept=0,
        kept_until_days=0,
    )


def test_the_first_start_moves_on_with_time():
    where, kept = practice(), made()
    for moment, hour in (
        (at(MONDAY, 7), 8),
        (at(MONDAY, 8), 8),
        (at(MONDAY, 8) + timedelta(microseconds=1), 9),
        (at(MONDAY, 9, 30), 10),
    ):
        [start] = kept.first_starts([pair(where)], at=moment)
        assert start == at(MONDAY, hour).timestamp()
    [next_week] = kept.first_starts([pair(where)], at=at(MONDAY, 11))
    assert next_week == at(MONDAY + 7 * DAY, 8).timestamp()


def test_it_asks_the_database_once(django_assert_num_queries):
    places, kept = [practice() for _ in range(5)], made()
    pairs = [pair(where) for where in places]
    kept.first_starts(pairs, at=at(MONDAY))
    with django_assert_num_queries(0):
        for minute in range(0, 180, 7):
            kept.first_starts(pairs, at=at(MONDAY) + minute * MINUTE)
            list(kept.slots(places[0].psychologist_id, places[0].pk, at=at(MONDAY, 3)))
    kept.forget([places[0].psychologist_id, 10**9])
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 5):
        kept.first_starts(pairs, at=at(MONDAY, 4))


def test_a_hold_gives_its_time_back_when_it_runs_out():
    where, kept = practice(), made()
    asked = at(MONDAY, 6)
    factories.booking(
        where, starts_at=at(MONDAY, 8), status="held", held_until=asked + 10 * MINUTE
    )
    for minutes, hour in ((0, 9), (9, 9), (10, 8)):
        [start] = kept.first_starts([pair(where)], at=asked + minutes * MINUTE)
        assert start == at(MONDAY, hour).timestamp()


def test_requests_that_come_out_of_order_are_answered_or_refused_never_wrong():
    where, kept = practice(), made()
    kept.first_starts([pair(where)], at=at(MONDAY, 8, 30))
    assert_same(kept, [where], at(MONDAY, 8, 30) - timedelta(seconds=20))
    kept.first_starts([pair(where)], at=at(MONDAY, 9, 1))
    # Nine o'clock has been passed, and one who asks before it would hear of ten.
    with pytest.raises(Missed):
        kept.first_starts([pair(where)], at=at(MONDAY, 8, 59))
    assert_same(kept, [where], at(MONDAY, 9, 0) + timedelta(seconds=1))
    assert_same(made(), [where], at(MONDAY, 8, 59))


def test_who_is_not_free_before_the_horizon_is_never_free_until_time_comes_nearer():
    where, kept = practice(), made(reach=3 * DAY)
    tuesday = at(MONDAY + DAY)
    assert kept.first_starts([pair(where)], at=tuesday) == [NEVER]
    friday = at(MONDAY + 4 * DAY, 8)
    assert kept.first_starts([pair(where)], at=friday) == [NEVER]
    [start] = kept.first_starts([pair(where)], at=friday + timedelta(microseconds=1))
    assert start == at(MONDAY + 7 * DAY, 8).timestamp()


def test_notice_and_horizon_are_the_psychologist_s():
    where, kept = practice(), made()
    AgendaLimits.objects.update(notice_hours=24, horizon_days=7)
    for moment in (
        at(MONDAY - DAY, 7),
        at(MONDAY - DAY, 8),
        at(MONDAY - DAY, 9, 30),
        at(MONDAY - DAY, 10),
        at(MONDAY, 9, 30),
        at(MONDAY, 23),
    ):
        assert_same(kept, [where], moment)


def test_a_place_without_hours_is_known_without_asking_again(django_assert_num_queries):
    closed, kept = factories.place(factories.psychologist()), made()
    assert kept.first_starts([pair(closed)], at=at(MONDAY)) == [NEVER]
    with django_assert_num_queries(0):
        assert kept.first_starts([pair(closed)], at=at(MONDAY)) == [NEVER]
        assert list(kept.slots(closed.psychologist_id, closed.pk, at=at(MONDAY))) == []


def test_slots_may_be_asked_from_a_day_and_before_another():
    where, kept = practice(), made()
    slots = kept.slots(
        where.psychologist_id,
        where.pk,
        at=at(MONDAY),
        since=at(MONDAY + 7 * DAY, 9),
        until=at(MONDAY + 14 * DAY, 9),
    )
    assert [slot.starts_at for slot in slots] == [
        at(MONDAY + 7 * DAY, 9),
        at(MONDAY + 7 * DAY, 10),
        at(MONDAY + 14 * DAY, 8),
    ]


def test_what_is_not_needed_any_more_is_swept(monkeypatch: pytest.MonkeyPatch):
    where, kept = practice(), made()
    for _ in range(50):
        kept.first_starts([pair(where)], at=at(MONDAY))
        kept.forget([where.psychologist_id])
    assert len(kept._alarms) <= module.SWEEP * 4
    assert_same(kept, [where], at(MONDAY, 8, 30))


class Life:
    """Random writes to the agendas of a few psychologists, by whatever road."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.now = at(random.choice([date(2026, 3, 6), date(2026, 10, 23), date(2026, 12, 22)]))
        self.places: list[PracticePlace] = []
        for _ in range(4):
            owner = factories.psychologist()
            for zone, insee in random.sample(ZONES, random.choice([1, 1, 2])):
                self.places.append(factories.place(owner, time_zone=zone, insee=insee))
        for _ in range(8):
            self.open()
        self.person = factories.person(at=self.now)

    def write(self) -> None:
        """One of the things that happen, or nothing when the database refuses it."""
        acts: list[Callable[[], Any]] = [
            *[self.open, self.end_rule, self.close, self.open_specially, self.undo_exception],
            *[self.leave, self.limit, self.move_place],
            *[self.book, self.hold, self.cancel] * 4,
        ]
        try:
            with transaction.atomic():
                self.random.choice(acts)()
        except IntegrityError:
            pass

    def some_place(self) -> PracticePlace:
        return self.random.choice(self.places)

    def some_day(self) -> date:
        return self.now.date() + self.random.randint(0, 40) * DAY

    def hours(self) -> dict[str, int]:
        first = self.random.randrange(0, 22 * 60, 15)
        last = min(1440, first + self.random.choice([60, 120, 240, 480]))
        return {"starts_at_minute": first, "ends_at_minute": last}

    def open(self) -> None:
        start = self.now.date() + self.random.choice([-400, -400, 10]) * DAY
        factories.opening(
            self.some_place(),
            self.random.randint(0, 6),
            valid_from=start,
            valid_before=self.random.choice([None, None, start + 420 * DAY]),
            appointment_minutes=self.random.choice([30, 45, 60, 90]),
            accepts=self.random.choice(["evaluation", "both", "both", "follow_up"]),
            modality=self.random.choice(["in_person", "both", "remote"]),
            open_on_public_holidays=self.random.random() < 0.3,
            **self.hours(),
        )

    def end_rule(self) -> None:
        rule = self.random.choice(list(OpeningRule.objects.all()))
        OpeningRule.objects.filter(pk=rule.pk).update(valid_before=self.some_day())

    def close(self) -> None:
        where = self.some_place()
        factories.closing(
            where.psychologist,
            self.some_day(),
            place=self.random.choice([None, where]),
            **self.hours(),
        )

    def open_specially(self) -> None:
        factories.special_opening(self.some_place(), self.some_day(), **self.hours())

    def undo_exception(self) -> None:
        OpeningException.objects.filter(psychologist_id=self.some_place().psychologist_id).delete()

    def leave(self) -> None:
        first = self.some_day()
        Absence.objects.create(
            psychologist_id=self.some_place().psychologist_id,
            valid_from=first,
            valid_before=first + self.random.randint(1, 12) * DAY,
        )

    def limit(self) -> None:
        AgendaLimits.objects.update_or_create(
            psychologist_id=self.some_place().psychologist_id,
            defaults={
                "buffer_minutes": self.random.choice([0, 0, 15]),
                "notice_hours": self.random.choice([0, 2, 48]),
                "horizon_days": self.random.choice([10, 30, 180]),
                "first_sessions_kept": self.random.choice([0, 2]),
                "kept_until_days": 3,
            },
        )

    def move_place(self) -> None:
        zone, insee = self.random.choice(ZONES)
        chosen = self.some_place()
        PracticePlace.objects.filter(pk=chosen.pk).update(time_zone=zone, insee=insee)

    def book(self) -> None:
        self.take(status="confirmed", who=self.person, held_until=None)

    def hold(self) -> None:
        until = self.now + timedelta(seconds=self.random.choice([1, 90, 600]))
        self.take(status="held", who=None, held_until=until)

    def take(self, **fields: Any) -> None:
        where = self.some_place()
        slots = freshly([where], self.now)[where.pk]
        if slots:
            slot = self.random.choice(slots[:6])
            factories.booking(where, starts_at=slot.starts_at, ends_at=slot.ends_at, **fields)

    def cancel(self) -> None:
        live = list(Booking.objects.filter(status__in=("held", "confirmed")))
        if live:
            Booking.objects.filter(pk=self.random.choice(live).pk).update(status="cancelled")


@pytest.mark.parametrize("seed", range(12))
def test_after_any_writes_and_any_time_it_says_what_the_tables_say(seed: int):
    random = Random(seed)
    life = Life(random)
    in_person, either = made(), made(modality="", reach=20 * DAY)
    position = changes.now()
    assert position is not None
    for _ in range(40):
        for _ in range(random.randint(1, 2)):
            life.write()
        life.now += timedelta(seconds=random.choice([0, 1, 59, 601, 5000, 90_000]))
        read = changes.since(position)
        assert read is not None
        position, written = read
        for kept in (in_person, either):
            kept.forget(written.agenda)
        asked = random.sample(life.places, random.randint(1, len(life.places)))
        assert_same(in_person, asked, life.now)
        assert_same(either, asked, life.now, modality="", reach=20 * DAY)


def test_twin_without_the_notes_it_would_go_stale():
    life = Life(Random(1))
    kept = made()
    with pytest.raises(AssertionError):
        for _ in range(40):
            life.write()
            assert_same(kept, life.places, life.now)
