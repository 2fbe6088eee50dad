"""Reminders: planned when an appointment is made or moved, told again only if it still stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from soutien.registers.agenda import queries as agenda
from soutien.registers.outbox import queries as outbox
from soutien.steps.actor import SYSTEM
from soutien.steps.hours import reminder_moment, reminder_name
from soutien.steps.permissions import allow
from soutien.steps.trace import act, announce, record

# A confirmation that has just been read is reminder enough.
AFTER_BOOKING = timedelta(hours=12)


@act("agenda.reminder.planned")
def plan_reminder(*, booking_id: int, at: datetime) -> datetime | None:
    """Leave a reminder for two days before an appointment; its moment, or None.

    None when it no longer stands, or is too soon to be reminded of. Planned twice, it is there
    once; each move asks for one of its own, and the former is not told (it says how often the
    appointment had been ``moved``).
    """
    allow(SYSTEM, "plan_reminder")
    found = agenda.with_places([booking_id])
    if not found or found[0].status != "confirmed":
        return None
    booking = found[0]
    moment = reminder_moment(booking.starts_at, booking.place.time_zone)
    if moment <= at + AFTER_BOOKING:
        return None
    name = reminder_name(booking.public_id, booking.times_moved)
    if outbox.left(name) is None:
        record(
            SYSTEM,
            "agenda.reminder.planned",
            at=at,
            object_id=booking.pk,
            person_id=booking.person_id,
        )
    announce(
        "agenda.reminder.due",
        at=at,
        not_before=moment,
        once=name,
        booking=booking.pk,
        moved=booking.times_moved,
    )
    return moment
