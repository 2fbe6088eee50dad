"""Free slots, derived: weekly openings, less exceptions, less what is booked. Pure functions.

Openings are wall time at the place of care. A wall time that the clock change skips is not
offered; one that happens twice is offered once, the first time. Inside, moments are whole
seconds since 1970 (UTC) and days are ordinals, because they compare and add quickly.
See docs/decisions/0008-no-slot-rows.md.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from operator import attrgetter, itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

SECONDS_IN_MINUTE = 60
MINUTES_IN_DAY = 1440
DAYS_IN_WEEK = 7

Holidays = Callable[[str, int], frozenset[int]]


class Slot(NamedTuple):
    """A time that can be booked. Moments are UTC; ``modality`` may be ``both``."""

    place_id: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    modality: str


class Opening(NamedTuple):
    """Hours open at a place, every week or (from an exception) on one day."""

    place_id: int
    starts_at_minute: int
    ends_at_minute: int
    appointment_minutes: int
    accepts: str
    modality: str
    time_zone: str
    department: str
    weekday: int
    open_on_public_holidays: bool
    valid_from: date
    valid_before: date | None


class Closing(NamedTuple):
    """Hours closed on one day, at one place or (None) at all of them."""

    place_id: int | None
    day: date
    starts_at_minute: int
    ends_at_minute: int


class Busy:
    """Times taken, each from its first second to before its last, in any order."""

    __slots__ = ("ends", "starts")

    def __init__(self, times: Iterable[tuple[int, int]] = ()) -> None:
        ordered = sorted(times)
        self.starts = [start for start, _end in ordered]
        # The latest end so far: right even if the times overlap.
        self.ends = list(accumulate((end for _start, end in ordered), max))

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any of the times shares a second with the one given."""
        before = bisect_left(self.starts, end)
        return before > 0 and self.ends[before - 1] > start


class Agenda:
    """What one psychologist's free slots are derived from, for one kind of session."""

    __slots__ = ("busy", "closings", "openings", "special")

    def __init__(self) -> None:
        self.openings: list[Opening] = []
        self.special: dict[int, list[Opening]] = {}
        self.closings: dict[int, list[Closing]] = {}
        self.busy = Busy()

    def open_specially(self, opening: Opening) -> None:
        """Add an opening of one day, which replaces the weekly openings of its place."""
        self.special.setdefault(opening.valid_from.toordinal(), []).append(opening)

    def keep_places(self, place_ids: Container[int]) -> None:
        """Forget the openings of all other places."""
        self.openings = [o for o in self.openings if o.place_id in place_ids]
        self.special = {
            day: [o for o in openings if o.place_id in place_ids]
            for day, openings in self.special.items()
        }

    def close(self, closing: Closing) -> None:
        """Add hours closed on one day."""
        self.closings.setdefault(closing.day.toordinal(), []).append(closing)


def slots_of(
    agenda: Agenda,
    *,
    since: datetime,
    until: datetime,
    kind: str,
    modality: str,
    holidays: Holidays,
) -> Iterator[Slot]:
    """Slots that start at or after ``since`` and before ``until``, in order of their start.

    ``kind`` is evaluation or follow_up; ``modality`` in_person, remote, or empty for either.
    Slots start at the opening and every ``appointment_minutes`` after it, and fit inside it.
    """
    times = times_of(
        agenda, since=since, until=until, kind=kind, modality=modality, holidays=holidays
    )
    return (slot_at(start, opening) for start, opening in times)


def slot_at(start: int, opening: Opening) -> Slot:
    """The slot of an opening that starts at a second."""
    return Slot(
        opening.place_id,
        datetime.fromtimestamp(start, UTC),
        datetime.fromtimestamp(start + opening.appointment_minutes * SECONDS_IN_MINUTE, UTC),
        opening.time_zone,
        opening.modality,
    )


def times_of(
    agenda: Agenda,
    *,
    since: datetime,
    until: datetime,
    kind: str,
    modality: str,
    holidays: Holidays,
) -> Iterator[tuple[int, Opening]]:
    """The same slots, each as the second of its start and its opening."""

    def suits(opening: Opening) -> bool:
        return opening.accepts in (kind, "both") and (
            not modality or opening.modality in (modality, "both")
        )

    zones = {opening.time_zone for opening in agenda.openings}
    zones.update(opening.time_zone for day in agenda.special.values() for opening in day)
    streams = []
    for zone in sorted(zones):
        weekly: list[list[Opening]] = [[] for _ in range(DAYS_IN_WEEK)]
        for opening in agenda.openings:
            if opening.time_zone == zone and suits(opening):
                weekly[opening.weekday].append(opening)
        streams.append(_in_zone(zone, weekly, agenda, since, until, suits, holidays))
    return streams[0] if len(streams) == 1 else heapq.merge(*streams, key=itemgetter(0))


def nearest(slots: Iterable[Slot], moment: datetime, count: int) -> list[Slot]:
    """The ``count`` slots that start closest to a moment, in order of their start."""
    closest = heapq.nsmallest(count, slots, key=lambda slot: abs(slot.starts_at - moment))
    return sorted(closest, key=attrgetter("starts_at"))


def _in_zone(
    zone: str,
    weekly: Sequence[Sequence[Opening]],
    agenda: Agenda,
    since: datetime,
    until: datetime,
    suits: Callable[[Opening], bool],
    holidays: Holidays,
) -> Iterator[tuple[int, Opening]]:
    """Starts of the free slots of the places of one time zone, day after day."""
    first_second, before_second = _ceiling(since), _ceiling(until)
    zone_info = ZoneInfo(zone)
    first_day = since.astimezone(zone_info).toordinal()
    last_day = (until - timedelta(microseconds=1)).astimezone(zone_info).toordinal()
    overlaps = agenda.busy.overlaps
    for day in range(first_day, last_day + 1):
        openings = _openings_of_day(day, weekly, agenda, zone, suits, holidays)
        if not openings:
            continue
        closings = agenda.closings.get(day, ())
        for start, end, opening in _times_of_day(zone, day, openings, closings):
            if start < first_second or overlaps(start, end):
                continue
            if start >= before_second:
                break
            yield start, opening


def _openings_of_day(
    day: int,
    weekly: Sequence[Sequence[Opening]],
    agenda: Agenda,
    zone: str,
    suits: Callable[[Opening], bool],
    holidays: Holidays,
) -> list[Opening]:
    """The openings that hold on a day: its own replace the weekly ones of their place."""
    that_day = date.fromordinal(day)
    special = agenda.special.get(day, ())
    replaced = {opening.place_id for opening in special}
    found = [
        opening
        for opening in weekly[(day - 1) % DAYS_IN_WEEK]
        if opening.valid_from <= that_day
        and (opening.valid_before is None or that_day < opening.valid_before)
        and opening.place_id not in replaced
        and (
            opening.open_on_public_holidays
            or day not in holidays(opening.department, that_day.year)
        )
    ]
    if special:
        found += [opening for opening in special if opening.time_zone == zone and suits(opening)]
    return found


def _times_of_day(
    zone: str, day: int, openings: Sequence[Opening], closings: Sequence[Closing]
) -> list[tuple[int, int, Opening]]:
    """Start, end and opening of each slot of a day, in order, booked or not, without repeats."""
    midnight = _steady_midnight(zone, day)
    times: list[tuple[int, int, Opening]] = []
    for opening in openings:
        length = opening.appointment_minutes
        seconds = length * SECONDS_IN_MINUTE
        last = opening.ends_at_minute - length
        for minute in range(opening.starts_at_minute, last + 1, length):
            if closings and _closed(opening.place_id, minute, minute + length, closings):
                continue
            if midnight is not None:
                start = midnight + minute * SECONDS_IN_MINUTE
            else:
                moment = _wall_moment(zone, day, minute)
                if moment is None:
                    continue
                start = moment
            times.append((start, start + seconds, opening))
    if len(openings) > 1:
        unique = {(start, end, opening.place_id): opening for start, end, opening in times}
        times = [(start, end, unique[start, end, place]) for start, end, place in sorted(unique)]
    return times


def _closed(place_id: int, starts: int, ends: int, closings: Sequence[Closing]) -> bool:
    return any(
        closing.place_id in (None, place_id)
        and starts < closing.ends_at_minute
        and ends > closing.starts_at_minute
        for closing in closings
    )


@lru_cache(maxsize=8192)
def _steady_midnight(zone: str, day: int) -> int | None:
    """The second at which a local day starts, or None when its clock changes during the day."""
    zone_info = ZoneInfo(zone)
    start = datetime.fromordinal(day).replace(tzinfo=zone_info)
    end = datetime.fromordinal(day + 1).replace(tzinfo=zone_info)
    if start.utcoffset() != end.utcoffset():
        return None
    return int(start.timestamp())


def _wall_moment(zone: str, day: int, minute: int) -> int | None:
    """The second of a wall time: the first of two, None when the clock skips it."""
    wall = datetime.fromordinal(day) + timedelta(minutes=minute)
    moment = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    back = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return int(moment.timestamp()) if back == wall else None


def _ceiling(moment: datetime) -> int:
    """Whole seconds, rounded up, so that a slot never starts before the moment."""
    second = int(moment.timestamp())
    return second + 1 if moment.microsecond else second
