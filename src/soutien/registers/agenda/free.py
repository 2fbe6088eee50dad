"""Free slots, derived: weekly openings, less days away, less what is booked. Pure functions.

Openings are wall time at the place of care. A wall time that the clock change skips is not
offered; one that happens twice is offered once, the first time. Inside, moments are whole
seconds since 1970 (UTC) and days are ordinals, because they compare and add quickly.
See docs/decisions/0008-no-slot-rows.md, and 0013-a-plan-is-one-thing.md for the limits.
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
MINUTES_IN_HOUR = 60
MINUTES_IN_DAY = 1440
DAYS_IN_WEEK = 7
FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()
FIRST_SESSION, BY_PRESENCE = "evaluation", "in_person"

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


class Away(NamedTuple):
    """Days closed, from the first to before the last (ordinals), at one place or (None) at all."""

    place_id: int | None
    first_day: int
    before_day: int


class Limits(NamedTuple):
    """How a psychologist lets others book. These are what holds while nothing else is said.

    ``buffer_minutes`` are free after each appointment; the next starts after them, so that the
    starts of an opening are an appointment and a buffer apart. One books from ``notice_hours``
    before the start, for the ``horizon_days`` to come. Each week keeps ``first_sessions_kept``
    starts for first sessions, until ``kept_until_days`` before its Monday.
    """

    buffer_minutes: int = 0
    notice_hours: int = 2
    horizon_days: int = 180
    first_sessions_kept: int = 0
    kept_until_days: int = 3

    def reach(self, now: datetime) -> tuple[datetime, datetime]:
        """The moment from which, and the one before which, others may book."""
        return now + timedelta(hours=self.notice_hours), now + timedelta(days=self.horizon_days)

    def keeps(self, monday: int, today: int) -> bool:
        """Whether the week of a Monday still keeps starts for first sessions, on a day."""
        return self.first_sessions_kept > 0 and today < monday - self.kept_until_days


# What holds for a psychologist who said nothing else.
USUAL = Limits()


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

    __slots__ = ("away", "busy", "closings", "first_sessions", "limits", "openings", "special")

    def __init__(self, limits: Limits = USUAL) -> None:
        self.limits = limits
        self.openings: list[Opening] = []
        self.away: list[Away] = []
        # The days at the place of the first sessions booked: they count for what a week keeps.
        self.first_sessions: list[int] = []
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
    now: datetime | None = None,
) -> Iterator[Slot]:
    """Slots that start at or after ``since`` and before ``until``, in order of their start.

    ``kind`` is evaluation or follow_up; ``modality`` in_person, remote, or empty for either.
    Slots start at the opening and every ``appointment_minutes`` and buffer after it, and fit
    inside it. With ``now``, those that others may book at that moment; without, the
    psychologist's own: no notice, no horizon, and nothing kept for first sessions.
    """
    times = times_of(
        agenda, since=since, until=until, kind=kind, modality=modality, holidays=holidays, now=now
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
    now: datetime | None = None,
) -> Iterator[tuple[int, Opening]]:
    """The same slots, each as the second of its start and its opening."""
    if now is not None:
        first, last = agenda.limits.reach(now)
        since, until = max(since, first), min(until, last)
    times = _all_times(agenda, since, until, kind, modality, holidays)
    if now is None or kind == FIRST_SESSION or not agenda.limits.first_sessions_kept:
        return times
    return _not_kept(times, agenda, now, holidays)


def kept_for_first_sessions(agenda: Agenda, monday: int, holidays: Holidays) -> Busy:
    """The times of a week, given by its Monday, that only a first session may take.

    As many as the week keeps, less the first sessions already booked in it: the starts of hours
    for first sessions only, then the first free start of each day, then the second of each day,
    and so on. They are chosen from what is free, whatever the moment: while one is kept nobody
    can take it, so two follow-ups booked at once never take the last one.
    """
    week = range(monday, monday + DAYS_IN_WEEK)
    missing = agenda.limits.first_sessions_kept - sum(day in week for day in agenda.first_sessions)
    middle = datetime.fromordinal(monday).replace(tzinfo=UTC)
    free = _all_times(
        agenda,
        middle - timedelta(days=1),
        middle + timedelta(days=DAYS_IN_WEEK + 1),
        FIRST_SESSION,
        BY_PRESENCE,
        holidays,
    )
    ranks: dict[int, int] = {}
    ranked = []
    for start, opening in free:
        day = day_of(start, opening.time_zone)
        if day in week:
            ranks[day] = ranks.get(day, 0) + 1
            ranked.append((opening.accepts != FIRST_SESSION, ranks[day], start, opening))
    buffer = agenda.limits.buffer_minutes * SECONDS_IN_MINUTE
    kept: list[tuple[int, int]] = []
    for _for_both, _rank, start, opening in sorted(ranked, key=itemgetter(0, 1, 2)):
        end = start + opening.appointment_minutes * SECONDS_IN_MINUTE + buffer
        if len(kept) < missing and not Busy(kept).overlaps(start, end):
            kept.append((start, end))
    return Busy(kept)


def is_open(
    agenda: Agenda, place_id: int, start: int, end: int, time_zone: str, holidays: Holidays
) -> bool:
    """Whether a time (seconds) lies in the hours open at a place, booked or not."""
    day = day_of(start, time_zone)
    weekly: list[list[Opening]] = [[] for _ in range(DAYS_IN_WEEK)]
    for opening in agenda.openings:
        weekly[opening.weekday].append(opening)
    openings = _openings_of_day(day, weekly, agenda, time_zone, lambda _opening: True, holidays)
    wall = datetime.fromtimestamp(start, ZoneInfo(time_zone))
    first = wall.hour * MINUTES_IN_HOUR + wall.minute
    last = first + (end - start) // SECONDS_IN_MINUTE
    if _closed(place_id, first, last, agenda.closings.get(day, ())):
        return False
    return any(
        opening.place_id == place_id
        and opening.starts_at_minute <= first
        and last <= opening.ends_at_minute
        for opening in openings
    )


def at_once(one: Opening, other: Opening) -> date | None:
    """The first day on which weekly hours at two places share a minute; None when never.

    Looks a year ahead: by then the clocks of both places have shown all their differences.
    """
    first = max(one.valid_from, other.valid_from)
    ends = [opening.valid_before for opening in (one, other) if opening.valid_before]
    before = min([LAST_DAY - 1, first.toordinal() + 366, *map(date.toordinal, ends)])
    for ordinal in range(first.toordinal(), before):
        if (ordinal - 1) % DAYS_IN_WEEK != one.weekday:
            continue
        hours = _hours_open(one, ordinal)
        for near in (ordinal - 1, ordinal, ordinal + 1):
            valid = other.valid_from.toordinal() <= near
            if not valid or (near - 1) % DAYS_IN_WEEK != other.weekday:
                continue
            others = _hours_open(other, near)
            if hours[0] < others[1] and others[0] < hours[1]:
                return date.fromordinal(ordinal)
    return None


def day_of(second: int, time_zone: str) -> int:
    """The day (ordinal) at a place of a second."""
    return datetime.fromtimestamp(second, ZoneInfo(time_zone)).toordinal()


def monday_of(day: int) -> int:
    """The Monday (ordinal) of the week of a day."""
    return day - (day - 1) % DAYS_IN_WEEK


def _hours_open(opening: Opening, day: int) -> tuple[int, int]:
    """The seconds between which weekly hours are open on a day, clock changes or not."""
    midnight = datetime.fromordinal(day).replace(tzinfo=ZoneInfo(opening.time_zone))
    starts, ends = (
        int((midnight + timedelta(minutes=minute)).timestamp())
        for minute in (opening.starts_at_minute, opening.ends_at_minute)
    )
    return starts, ends


def _not_kept(
    times: Iterable[tuple[int, Opening]], agenda: Agenda, now: datetime, holidays: Holidays
) -> Iterator[tuple[int, Opening]]:
    """The times that leave free what their week keeps for first sessions."""
    buffer = agenda.limits.buffer_minutes * SECONDS_IN_MINUTE
    weeks: dict[int, Busy] = {}
    for start, opening in times:
        monday = monday_of(day_of(start, opening.time_zone))
        today = now.astimezone(ZoneInfo(opening.time_zone)).toordinal()
        if agenda.limits.keeps(monday, today):
            if monday not in weeks:
                weeks[monday] = kept_for_first_sessions(agenda, monday, holidays)
            end = start + opening.appointment_minutes * SECONDS_IN_MINUTE
            if weeks[monday].overlaps(start, end + buffer):
                continue
        yield start, opening


def _all_times(
    agenda: Agenda,
    since: datetime,
    until: datetime,
    kind: str,
    modality: str,
    holidays: Holidays,
) -> Iterator[tuple[int, Opening]]:
    """Free times of the openings that suit a kind and a modality, in order."""

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
    first_day = _local_day(since, zone_info)
    last_day = _local_day(until - timedelta(microseconds=1), zone_info)
    overlaps = agenda.busy.overlaps
    buffer = agenda.limits.buffer_minutes
    around = buffer * SECONDS_IN_MINUTE
    for day in range(first_day, last_day + 1):
        openings = _openings_of_day(day, weekly, agenda, zone, suits, holidays)
        if not openings:
            continue
        closings = agenda.closings.get(day, ())
        for start, end, opening in _times_of_day(zone, day, openings, closings, buffer):
            if start < first_second or overlaps(start - around, end + around):
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
    if agenda.away:
        found = [opening for opening in found if not _away(opening.place_id, day, agenda.away)]
    return found


def _times_of_day(
    zone: str,
    day: int,
    openings: Sequence[Opening],
    closings: Sequence[Closing],
    buffer_minutes: int = 0,
) -> list[tuple[int, int, Opening]]:
    """Start, end and opening of each slot of a day, in order, booked or not, without repeats."""
    midnight = _steady_midnight(zone, day)
    times: list[tuple[int, int, Opening]] = []
    for opening in openings:
        length = opening.appointment_minutes
        seconds = length * SECONDS_IN_MINUTE
        last = opening.ends_at_minute - length
        for minute in range(opening.starts_at_minute, last + 1, length + buffer_minutes):
            if closings and _closed(opening.place_id, minute, minute + length, closings):
                continue
            if midnight is not None:
                start = midnight + minute * SECONDS_IN_MINUTE
            else:
                moment = wall_moment(zone, day, minute)
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


def _away(place_id: int, day: int, absences: Sequence[Away]) -> bool:
    return any(
        away.place_id in (None, place_id) and away.first_day <= day < away.before_day
        for away in absences
    )


def _local_day(moment: datetime, zone: ZoneInfo) -> int:
    """The day (ordinal) of a moment at a place, never out of the calendar."""
    try:
        return moment.astimezone(zone).toordinal()
    except OverflowError:
        return moment.toordinal()


@lru_cache(maxsize=8192)
def _steady_midnight(zone: str, day: int) -> int | None:
    """The second at which a local day starts, or None when its clock changes during the day."""
    if not FIRST_DAY < day < LAST_DAY:
        return None
    zone_info = ZoneInfo(zone)
    start = datetime.fromordinal(day).replace(tzinfo=zone_info)
    end = datetime.fromordinal(day + 1).replace(tzinfo=zone_info)
    if start.utcoffset() != end.utcoffset():
        return None
    return int(start.timestamp())


def wall_moment(zone: str, day: int, minute: int) -> int | None:
    """The second of a wall time: the first of two, None when the clock skips it.

    None too on the calendar's first and last day, of which some places have no UTC time.
    """
    if not FIRST_DAY < day < LAST_DAY:
        return None
    wall = datetime.fromordinal(day) + timedelta(minutes=minute)
    moment = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    back = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return int(moment.timestamp()) if back == wall else None


def _ceiling(moment: datetime) -> int:
    """Whole seconds, rounded up, so that a slot never starts before the moment."""
    second = int(moment.timestamp())
    return second + 1 if moment.microsecond else second
