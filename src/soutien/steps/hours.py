"""When it is decent to write to somebody: not at night, on the clock of the place of care."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

EARLIEST, LATEST = time(9), time(19)
DAYS_BEFORE = 2


def reminder_moment(starts_at: datetime, time_zone: str) -> datetime:
    """Two days before on the calendar of the place, at the hour of the appointment if decent.

    No clock changes between these hours, so the wall time is never skipped or doubled.
    """
    local = starts_at.astimezone(ZoneInfo(time_zone))
    hour = min(max(local.time(), EARLIEST), LATEST)
    day = local.date() - timedelta(days=DAYS_BEFORE)
    return _moment(datetime.combine(day, hour), time_zone)


def decent_moment(at: datetime, time_zone: str) -> datetime:
    """The moment itself by day, else the next morning."""
    local = at.astimezone(ZoneInfo(time_zone))
    if EARLIEST <= local.time() <= LATEST:
        return at
    day = local.date() + timedelta(days=int(local.time() > LATEST))
    return _moment(datetime.combine(day, EARLIEST), time_zone)


def _moment(wall: datetime, time_zone: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
