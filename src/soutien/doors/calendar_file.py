"""Appointments as calendar files (RFC 5545) that say nothing to whoever looks at the calendar.

The same appointment has one UID for ever, in mails, in the file of its page and in feeds, and a
SEQUENCE that grows with each change. DTSTAMP is the moment of the last change, not of the
reading: the same data gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vDuration, vText

# Read by whoever opens the file: neither the programme nor what is done there.
PRODUCT = "-//Agenda//Rendez-vous//FR"
CONTENT_TYPE = "text/calendar; charset=utf-8"
# How often a calendar is asked to read a feed again.
REFRESH = timedelta(hours=1)

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class Appointment:
    """What the calendar file tells. Moments are UTC.

    ``with_whom`` and ``address`` are left out of a discreet file; ``street`` is what remains.
    ``times_moved`` and ``changed_at`` are those of the booking.
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
    changed_at: datetime
    times_moved: int = 0

    @property
    def sequence(self) -> int:
        """Grows with each move, and once more when it is cancelled."""
        return self.times_moved + int(self.cancelled)


@dataclass(frozen=True, slots=True)
class Invited:
    """Who sends an invitation, and who receives it (RFC 6047): addresses, and a sender's name."""

    sender_name: str
    sender: str
    recipient: str


def calendar_file(
    appointments: Iterable[Appointment],
    *,
    method: Method = "PUBLISH",
    invited: Invited | None = None,
) -> bytes:
    """A file with these appointments. Lines end with CRLF and are folded at 75 octets.

    REQUEST and CANCEL, in a mail, need ``invited``. Moments stand in UTC: each calendar shows
    them on the clock where its reader is.
    """
    calendar = _calendar(method)
    for appointment in appointments:
        calendar.add_component(_event(appointment, invited))
    return bytes(calendar.to_ical())


def feed_file(appointments: Iterable[Appointment], *, title: str) -> bytes:
    """The same for a calendar that reads it again and again."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", title)
    calendar.add("name", title)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar["x-published-ttl"] = vDuration(REFRESH)
    for appointment in appointments:
        calendar.add_component(_event(appointment, None))
    return bytes(calendar.to_ical())


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _event(appointment: Appointment, invited: Invited | None) -> Event:
    event = Event()
    event.add("uid", str(appointment.public_id))
    event.add("dtstamp", appointment.changed_at)
    event.add("last-modified", appointment.changed_at)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", _("Rendez-vous"))
    event.add("class", "PRIVATE")
    event.add("sequence", appointment.sequence)
    event.add("status", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    if appointment.discreet:
        event.add("location", appointment.street)
    else:
        event.add("location", appointment.address)
        lines = [line for line in (appointment.with_whom, appointment.page) if line]
        if lines:
            event.add("description", "\n".join(lines))
    if invited is not None:
        _invite(event, invited)
    return event


def _invite(event: Event, invited: Invited) -> None:
    organizer = vCalAddress(f"mailto:{invited.sender}")
    organizer.params["CN"] = vText(invited.sender_name)
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{invited.recipient}")
    # Nobody has to answer: the appointment was made on the page.
    attendee.params.update(
        {"ROLE": vText("REQ-PARTICIPANT"), "PARTSTAT": vText("ACCEPTED"), "RSVP": vText("FALSE")}
    )
    event.add("attendee", attendee, encode=False)
