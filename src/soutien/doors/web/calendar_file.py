"""A booking as a calendar file (RFC 5545) that says nothing to whoever looks at the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

PRODUCT = "-//Soutien//Soutien//FR"
CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"


@dataclass(frozen=True, slots=True)
class Appointment:
    """What the calendar file tells. Moments are UTC.

    ``with_whom`` and ``address`` are left out of a discreet file; ``street`` is what remains.
    """

    public_id: UUID
    starts_at: datetime
    ends_at: datetime
    street: str
    address: str
    with_whom: str
    page: str
    discreet: bool
    cancelled: bool


def calendar_file(appointment: Appointment, *, at: datetime) -> bytes:
    """The file that adds the appointment to a calendar, or takes it away once cancelled.

    The UID never changes, so that a second file replaces the first. Moments stand in UTC: each
    calendar shows them on the clock where its reader is.
    """
    event = Event()
    event.add("uid", f"{appointment.public_id}@soutien")
    event.add("dtstamp", at)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", _("Rendez-vous"))
    event.add("class", "PRIVATE")
    event.add("sequence", 1 if appointment.cancelled else 0)
    event.add("status", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    if appointment.discreet:
        event.add("location", appointment.street)
    else:
        event.add("location", appointment.address)
        event.add("description", f"{appointment.with_whom}\n{appointment.page}")
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
