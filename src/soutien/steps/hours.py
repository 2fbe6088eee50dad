"""When somebody is written to: not at night, on the clock of the place of care."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from soutien.registers.agenda.models import Booking
from soutien.registers.consents import queries as consents
from soutien.registers.outbox import queries as outbox
from soutien.rules.purposes import REMINDER_MAIL

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


def reminder_name(public_id: uuid.UUID, times_moved: int) -> str:
    """The name under which an appointment's reminder is left, once for each time it is moved."""
    return f"reminder/{public_id}/{times_moved}"


def reminder_comes(booking: Booking, at: datetime) -> bool:
    """Whether a mail will remind the person of an appointment, and may hold something more."""
    left = outbox.left(reminder_name(booking.public_id, booking.times_moved))
    waits = left is not None and left.delivered_at is None and left.parked_at is None
    person = booking.person
    return bool(
        waits
        and left is not None
        and left.deliver_after > at
        and person is not None
        and person.email
        and consents.allows(person.pk, REMINDER_MAIL)
    )


def _moment(wall: datetime, time_zone: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
