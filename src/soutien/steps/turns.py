"""Whose turn it is: who a free time suits, in which order, and how long they have to answer.

A part of steps. The order is need, then time waited, then distance: nobody is overtaken by
somebody of equal need who came later and could take the time
(docs/decisions/0015-a-fair-waiting-list.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from soutien.registers.agenda.queries import Slot
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.queries import METRES_IN_KM, DirectoryRow, distance_m
from soutien.registers.waiting.models import Wait
from soutien.steps import gather
from soutien.steps.hours import EARLIEST, LATEST
from soutien.steps.wishes import Wishes

# What somebody says of themselves on entering, the heaviest first. Danger is never a queue: the
# help lines come before these.
HARD, HEAVY, STEADY = "hard", "heavy", "steady"
NEEDS = (HARD, HEAVY, STEADY)

# Long enough to see a message after a morning's work; the person after waits that long too.
ANSWER_TIME = timedelta(hours=3)
# Less than this is no time to make up one's mind: the hour is then left to everybody.
LEAST_ANSWER = timedelta(minutes=30)
# From the last moment to answer to the session: the way there.
BEFORE_START = timedelta(minutes=90)

# The days of mainland France decide who is listed.
DIRECTORY_ZONE = "Europe/Paris"
_ONE_DAY = timedelta(days=1)
_PUBLICS = {"adult": "sees_adults", "teenager": "sees_teenagers", "child": "sees_children"}


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody in the queue, as far as a free time may be theirs. ``near`` is in degrees."""

    wait_id: int
    need: str
    joined_at: datetime
    psychologist_id: int | None
    near: tuple[float, float] | None
    radius_km: float
    wishes: Wishes
    before: date | None = None
    passed_over: frozenset[tuple[int, datetime]] = frozenset()

    def distance_m(self, row: DirectoryRow) -> float:
        """How far a place is, as the crow flies; nothing for who waits for one psychologist."""
        return distance_m(*self.near, row.latitude, row.longitude) if self.near else 0.0


def waiter(wait: Wait, passed_over: Iterable[tuple[int, datetime]] = ()) -> Waiter:
    """The row as the queue reads it."""
    near = None
    if wait.latitude is not None and wait.longitude is not None:
        near = (wait.latitude, wait.longitude)
    return Waiter(
        wait_id=wait.pk,
        need=wait.need,
        joined_at=wait.joined_at,
        psychologist_id=wait.psychologist_id,
        near=near,
        radius_km=wait.radius_km or 0,
        wishes=wishes_of(wait),
        before=wait.before,
        passed_over=frozenset(passed_over),
    )


def wishes_of(wait: Wait) -> Wishes:
    """What the person wished, as in the search."""
    return Wishes(
        public=wait.public,
        video=wait.video,
        in_person=wait.in_person,
        languages=_several(wait.languages),
        step_free=wait.step_free,
        third_party=wait.third_party,
        day_parts=_several(wait.day_parts),
        from_day=wait.from_day,
    )


def suits(who: Waiter, slot: Slot, row: DirectoryRow, *, by_video_only: bool = False) -> bool:
    """Whether a person could take a free time at a place, by what they wished.

    ``by_video_only`` says that the psychologist holds all follow-ups by video.
    """
    if who.psychologist_id is not None:
        within = who.psychologist_id == row.psychologist_id
    else:
        within = who.distance_m(row) <= who.radius_km * METRES_IN_KM
    wishes, day = who.wishes, gather.civil_day(slot.starts_at, slot.time_zone)
    return (
        within
        and (not wishes.public or getattr(row, _PUBLICS[wishes.public]))
        and (not wishes.video or row.offers_video)
        and not (wishes.in_person and by_video_only)
        and (not wishes.languages or bool({*wishes.languages} & {*row.languages}))
        and (not wishes.step_free or row.step_free)
        and (not wishes.third_party or row.offers_amc_third_party)
        and (who.before is None or day < who.before)
        and (slot.place_id, slot.starts_at) not in who.passed_over
        and wishes.suits(slot)
    )


def in_order(waiters: Iterable[Waiter], row: DirectoryRow) -> list[Waiter]:
    """The queue before a place: need, then time waited, then distance, then who came first."""
    return sorted(
        waiters,
        key=lambda who: (
            NEEDS.index(who.need),
            who.joined_at,
            who.distance_m(row),
            who.wait_id,
        ),
    )


def answer_before(*, at: datetime, starts_at: datetime, time_zone: str) -> datetime | None:
    """Until when somebody who is offered a time now may answer; None when there is no time to.

    Only decent hours count (steps/hours.py), on the clock of the place: an offer made at night
    begins to count in the morning.
    """
    until = min(_after_decent_time(at, time_zone), starts_at - BEFORE_START)
    return until if _decent_time(at, until, time_zone) >= LEAST_ANSWER else None


def practices_of(psychologist_id: int, at: datetime) -> dict[int, DirectoryRow]:
    """The places where a listed psychologist takes new people, by id; none when not listed."""
    on = gather.civil_day(at, DIRECTORY_ZONE)
    rows = directory.directory_rows(directory.listed_places(psychologist_id, on))
    return {key: row for key, row in rows.items() if row.accepts_new_patients}


def reached_by(waits: Collection[Wait], at: datetime) -> set[int]:
    """The psychologists whose free times may suit one of these people."""
    on = gather.civil_day(at, DIRECTORY_ZONE)
    reached = {wait.psychologist_id for wait in waits if wait.psychologist_id is not None}
    searches = {
        (who.near, who.radius_km, who.wishes) for who in map(waiter, waits) if who.near is not None
    }
    for near, radius_km, wishes in searches:
        assert near is not None
        found = directory.candidates_near(
            *near,
            radius_km,
            on=on,
            public=wishes.public,
            video=wishes.video,
            languages=wishes.languages,
            step_free=wishes.step_free,
            third_party=wishes.third_party,
            new_patients=True,
        )
        reached.update(one.psychologist_id for one in found)
    return reached


def _several(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _decent_hours(since: datetime, time_zone: str) -> Iterator[tuple[datetime, datetime]]:
    """The decent hours of each day, from that of a moment on, for ever."""
    zone = ZoneInfo(time_zone)
    day = since.astimezone(zone).date()
    while True:
        first, last = (datetime.combine(day, hour, zone) for hour in (EARLIEST, LATEST))
        yield first.astimezone(UTC), last.astimezone(UTC)
        day += _ONE_DAY


def _after_decent_time(at: datetime, time_zone: str) -> datetime:
    """The moment when ANSWER_TIME of decent hours have passed."""
    left = ANSWER_TIME
    for first, last in _decent_hours(at, time_zone):
        start = max(first, at)
        if start + left <= last:
            return start + left
        left -= max(last - start, timedelta())
    raise AssertionError("days never end")


def _decent_time(since: datetime, until: datetime, time_zone: str) -> timedelta:
    """How much of a span lies in decent hours."""
    total = timedelta()
    for first, last in _decent_hours(since, time_zone):
        if first >= until:
            return total
        total += max(min(last, until) - max(first, since), timedelta())
    raise AssertionError("days never end")
