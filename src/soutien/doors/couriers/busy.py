"""What another calendar closes: its busy times in a span, repeated events laid out within bounds.

A calendar is a stranger's file: one that asks for too much is refused rather than half read.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from soutien.doors.couriers.outside import NotRead
from soutien.doors.couriers.repeats import rule_of

EVENTS_MOST = 20_000
TIMES_MOST = 5_000
# Repetitions looked at for one file, wanted or not, and the work it may be in all.
LOOKED_AT_MOST = 200_000
SECONDS_MOST = 10
FURTHEST_BACK = timedelta(days=3660)
LONGEST = timedelta(days=366)

Time = tuple[datetime, datetime]


@dataclass
class _Span:
    """The span asked about, the zone of what has none, and what is left to look at."""

    since: datetime
    until: datetime
    zone: ZoneInfo
    left: int = LOOKED_AT_MOST
    deadline: float = field(default_factory=lambda: time.monotonic() + SECONDS_MOST)
    times: set[Time] = field(default_factory=set)

    def look(self) -> None:
        """Count one event or repetition. Raises NotRead when there were too many."""
        self.left -= 1
        if self.left < 0 or time.monotonic() > self.deadline:
            raise NotRead("too_many_events")

    def add(self, start: datetime, end: datetime) -> None:
        """Keep what falls into the span, in whole seconds."""
        start, end = start.replace(microsecond=0), end.replace(microsecond=0)
        if end > start and start < self.until and end > self.since:
            self.times.add((start, end))
        if len(self.times) > TIMES_MOST:
            raise NotRead("too_many_events")


def busy_times(
    content: bytes,
    *,
    since: datetime,
    until: datetime,
    time_zone: str,
    ours: Collection[uuid.UUID] = (),
) -> list[Time]:
    """Busy times of [since, until), UTC, merged and in order.

    ``time_zone`` is that of whole days and of times without one; ``ours`` are appointments that
    come back to us by a calendar that reads our feed. Events that are free, cancelled or declined
    as a whole are left out. Raises NotRead.
    """
    try:
        calendar = Calendar.from_ical(content.decode("utf-8-sig"))
    except (ValueError, IndexError, KeyError, TypeError, RecursionError) as error:
        raise NotRead("not_a_calendar") from error
    if getattr(calendar, "name", "") != "VCALENDAR":
        raise NotRead("not_a_calendar")
    events: list[Any] = list(calendar.walk("VEVENT"))
    if len(events) > EVENTS_MOST:
        raise NotRead("too_many_events")
    span = _Span(since, until, ZoneInfo(time_zone))
    own = {str(public_id) for public_id in ours}
    changed = _changed(events, span)
    for event in events:
        if str(event.get("uid", "")).removesuffix("@soutien") not in own:
            try:
                _add_event(event, span, changed)
            except (ValueError, TypeError, AttributeError, OverflowError, ArithmeticError):
                # One event that says nothing sensible closes nothing; the others still do.
                continue
    return merged(span.times)


def merged(times: Collection[Time]) -> list[Time]:
    """The same times without overlaps, in order."""
    joined: list[Time] = []
    for start, end in sorted(times):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _changed(events: Collection[Any], span: _Span) -> dict[str, set[datetime]]:
    """For each repeated event, the moments that an event of their own takes the place of."""
    found: dict[str, set[datetime]] = {}
    for event in events:
        moment = event.get("recurrence-id")
        if moment is not None:
            start = _moment(moment.dt, span.zone)
            found.setdefault(str(event.get("uid", "")), set()).add(start)
    return found


def _add_event(event: Any, span: _Span, changed: dict[str, set[datetime]]) -> None:
    if str(event.get("transp", "OPAQUE")).upper() == "TRANSPARENT":
        return
    if str(event.get("status", "")).upper() == "CANCELLED" or event.get("dtstart") is None:
        return
    span.look()
    start = event["dtstart"].dt
    length = _length(event, start, span.zone)
    if not timedelta(0) < length <= LONGEST:
        return
    if "recurrence-id" in event or not any(key in event for key in ("rrule", "rdate")):
        span.add(_moment(start, span.zone), _end(start, length, span.zone))
        return
    elsewhere = changed.get(str(event.get("uid", "")), set())
    for wall in _repeated(event, start, length, span):
        moment = _moment(wall, span.zone)
        if moment not in elsewhere:
            span.add(moment, _end(wall, length, span.zone))


def _repeated(
    event: Any, start: datetime | date, length: timedelta, span: _Span
) -> Iterator[datetime | date]:
    """The wall times of a repeated event that may touch the span, exceptions left out."""
    zone = start.tzinfo if isinstance(start, datetime) and start.tzinfo else span.zone
    first, highest = _wall(start, zone), _wall(span.until, zone) + timedelta(days=1)
    lowest = _wall(span.since, zone) - length - timedelta(days=1)
    walls = {first, *(_wall(extra, zone) for extra in _dates(event, "rdate"))}
    for rule in _listed(event, "rrule"):
        for wall in _laid_out(rule, first, lowest, highest, zone):
            span.look()
            walls.add(wall)
    walls -= {_wall(left_out, zone) for left_out in _dates(event, "exdate")}
    for wall in walls:
        if lowest <= wall <= highest:
            yield wall.replace(tzinfo=zone) if isinstance(start, datetime) else wall.date()


def _laid_out(
    rule: Any, first: datetime, lowest: datetime, highest: datetime, zone: Any
) -> Iterator[datetime]:
    """The wall times of one rule between the two. Raises ValueError."""
    ends = rule.get("UNTIL")
    last = min(highest, _until(ends[0], zone)) if ends else highest
    wanted = rule_of(rule)
    if wanted.count is not None and first < highest - FURTHEST_BACK:
        raise ValueError("a counted repetition that began too long ago")
    for day in wanted.days(first.date(), lowest.date(), last.date()):
        wall = datetime.combine(day, first.time())
        if wall <= last:
            yield wall


def _until(value: datetime | date, zone: Any) -> datetime:
    if isinstance(value, datetime):
        return _wall(value, zone)
    return datetime.combine(value, datetime.max.time()).replace(microsecond=0)


def _listed(event: Any, name: str) -> list[Any]:
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _dates(event: Any, name: str) -> Iterator[datetime | date]:
    for group in _listed(event, name):
        for value in group.dts:
            yield value.dt[0] if isinstance(value.dt, tuple) else value.dt


def _length(event: Any, start: datetime | date, zone: ZoneInfo) -> timedelta:
    """How long each one lasts; a day for a whole day, nothing for a mere moment."""
    if event.get("dtend") is not None:
        end = event["dtend"].dt
        if isinstance(start, datetime) and isinstance(end, datetime):
            return _moment(end, zone) - _moment(start, zone)
        return _day(end) - _day(start)
    if event.get("duration") is not None:
        length: timedelta = event["duration"].dt
        return length
    return timedelta(0) if isinstance(start, datetime) else timedelta(days=1)


def _day(value: datetime | date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _wall(value: datetime | date, zone: Any) -> datetime:
    """The time on a wall clock of a zone, without the zone."""
    if not isinstance(value, datetime):
        return datetime.combine(value, datetime.min.time())
    return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value


def _moment(value: datetime | date, zone: ZoneInfo) -> datetime:
    """The moment, UTC: a whole day starts at midnight in the zone, and so does a time without."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, datetime.min.time())
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _end(start: datetime | date, length: timedelta, zone: ZoneInfo) -> datetime:
    """Whole days end at midnight, whatever the clock does; hours last as long as they say."""
    if isinstance(start, datetime):
        return _moment(start, zone) + length
    return _moment(start + length, zone)
