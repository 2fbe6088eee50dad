"""A booking as it is told outside: the same in a mail, in its calendar file and in a feed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from soutien.doors.booking_links import booking_path
from soutien.doors.calendar_file import Appointment
from soutien.registers.agenda.models import Booking
from soutien.registers.outbox import queries as outbox

CONFIRMED, CANCELLED = "confirmed", "cancelled"
# What may change an appointment in a calendar, as the outbox tells it.
ANNOUNCED = "agenda.booking.confirmed"
MOVED = "agenda.booking.moved"
WITHDRAWN = "agenda.booking.cancelled"
CHANGES = (ANNOUNCED, MOVED, WITHDRAWN)


def absolute(path: str) -> str:
    """The whole address of a path, for what is read outside a browser."""
    return f"{settings.ADDRESS}{path}"


def street_of(booking: Booking) -> str:
    """The address of the place of care in one line."""
    place = booking.place
    return f"{place.address_line}, {place.postcode} {place.town_name}"


def changed_moments(bookings: Collection[Booking]) -> dict[int, datetime]:
    """When each booking last changed in the eyes of its calendar."""
    told = outbox.last_told([about(booking) for booking in bookings], CHANGES)
    return {
        booking.pk: max(
            moment
            for moment in (booking.created_at, booking.ended_at, told.get(about(booking)))
            if moment is not None
        )
        for booking in bookings
    }


def about(booking: Booking) -> str:
    """How the outbox names it."""
    return f"booking:{booking.pk}"


def appointment_of(booking: Booking, *, changed_at: datetime, discreet: bool) -> Appointment:
    """For the person who comes. The booking is read with its psychologist and its place."""
    street, label = street_of(booking), booking.place.label
    psychologist = booking.psychologist
    return Appointment(
        public_id=booking.public_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        street=street,
        address=f"{label}, {street}" if label else street,
        with_whom=f"{psychologist.given_name} {psychologist.family_name}",
        page=absolute(booking_path(booking.public_id)),
        discreet=discreet,
        cancelled=booking.status == CANCELLED,
        changed_at=changed_at,
        times_moved=booking.times_moved,
    )


def visit_of(booking: Booking, *, changed_at: datetime) -> Appointment:
    """For the psychologist's own calendar: a time and a place, nobody's name and no link."""
    return Appointment(
        public_id=booking.public_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        street=street_of(booking),
        address="",
        with_whom="",
        page="",
        discreet=True,
        cancelled=booking.status == CANCELLED,
        changed_at=changed_at,
        times_moved=booking.times_moved,
    )
