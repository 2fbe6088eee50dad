"""Booking: a time that is held becomes an appointment, and an appointment is cancelled.

A booking's public id is the unguessable key of its link: who gives it may confirm and cancel.
The database has the last word on both scarce things, a time and a seat of the year; the checks
before it are there to answer gently (docs/decisions/0010-seats-are-taken-by-steps.md).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.people import queries as people
from soutien.rules.answer import answer
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.authority import is_minor, wait_for_consent
from soutien.steps.bookable import cap_of, context_of, refuse_what_the_law_would
from soutien.steps.errors import Refusal
from soutien.steps.trace import act, announce, record
from soutien.steps.wanted import CANCELLED, CONFIRMED, HELD, Wanted, locked, nearest, told

# A hold that ran out may still be confirmed while nobody else has taken the time.
_CONFIRMABLE = (HELD, "expired")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who comes. An e-mail address or a telephone number is needed; both may be given."""

    given_name: str
    family_name: str
    birth_date: date
    email: str = ""
    phone: str = ""
    language: str = "fr"
    discreet: bool = False


@act("agenda.booking.confirmed")
def confirm_booking(
    *, actor: Actor, booking_id: uuid.UUID, identity: Identity | None = None, at: datetime
) -> Booking:
    """Make a held time an appointment and take a seat of the person's year for it.

    ``booking_id`` is the public id. Confirmed twice, it answers the same and does nothing. The
    identity creates a person; it is not read when the booking or the actor has one already.
    Refuses what the law would, ``year_full`` with the day it restarts, and ``slot_taken``.
    """
    booking = locked(actor, "confirm_booking", booking_id, at)
    if booking.status == CONFIRMED:
        return booking
    _refuse_unless_open(booking, at)
    person_id = booking.person_id or actor.about_person_id or _new_person(identity, booking, at)
    session = gather.planned(
        psychologist_id=booking.psychologist_id,
        kind=booking.kind,
        modality=booking.modality,
        held_on=booking.civil_day,
    )
    year = care.lock_year(person_id, booking.civil_day.year)
    answered = answer(
        gather.planned_dossier(person_id, session, booking.place.practice, booking.pk),
        gather.law(),
    )
    refuse_what_the_law_would(answered)
    booking.person_id, booking.status = person_id, CONFIRMED
    booking.held_until = booking.ended_at = None
    booking.ended_by = booking.holder = ""
    try:
        with agenda.refusing_overlaps(booking.psychologist_id, person_id):
            booking.save()
        care.take_seat(year, cap=cap_of(answered), kind=booking.kind, booking_id=booking.pk)
    except agenda.TimeTaken as taken:
        raise told(taken, Wanted.of(booking, at)) from taken
    except care.YearFull as full:
        raise Refusal("year_full", **context_of(answered)) from full
    if is_minor(answered):
        wait_for_consent(booking, at)
    record(actor, "agenda.booking.confirmed", at=at, object_id=booking.pk, person_id=person_id)
    announce("agenda.booking.confirmed", at=at, booking=booking.pk)
    return booking


@act("agenda.booking.cancelled")
def cancel_booking(*, actor: Actor, booking_id: uuid.UUID, at: datetime) -> Booking:
    """Give a time and its seat back. ``booking_id`` is the public id.

    ``ended_by`` says whose doing it was, the person's or the psychologist's; whoever holds the
    person's link is the person. Cancelled twice, it answers the same. Refuses ``booking_over``
    once it has begun, and ``booking_ended`` when the session was closed.
    """
    booking = locked(actor, "cancel_booking", booking_id, at)
    if booking.status == CANCELLED:
        return booking
    if booking.status not in (CONFIRMED, *_CONFIRMABLE):
        raise Refusal("booking_ended")
    if booking.starts_at <= at:
        raise Refusal("booking_over")
    booking.status, booking.ended_at, booking.ended_by = CANCELLED, at, _side(actor)
    booking.save(update_fields=["status", "ended_at", "ended_by"])
    care.give_back(booking.pk)
    record(
        actor,
        "agenda.booking.cancelled",
        at=at,
        object_id=booking.pk,
        person_id=booking.person_id,
    )
    announce("agenda.booking.cancelled", at=at, booking=booking.pk)
    return booking


def _side(actor: Actor) -> str:
    """Whose doing it is: a link belongs to the person it was sent to."""
    return actor.side if actor.side in ("psychologist", "system") else "person"


def _refuse_unless_open(booking: Booking, at: datetime) -> None:
    if booking.status not in _CONFIRMABLE:
        raise Refusal("booking_ended")
    if booking.starts_at <= at:
        raise Refusal("slot_past", nearest=nearest(Wanted.of(booking, at)))


def _new_person(identity: Identity | None, booking: Booking, at: datetime) -> int:
    """A new person from what was typed; refused when something needed is missing."""
    if identity is None:
        raise Refusal("identity_missing", fields=("given_name", "family_name", "birth_date"))
    missing = [
        name for name in ("given_name", "family_name") if not getattr(identity, name).strip()
    ]
    if not identity.email.strip() and not identity.phone.strip():
        missing.append("email")
    if missing:
        raise Refusal("identity_missing", fields=tuple(missing))
    if identity.birth_date > gather.civil_day(at, booking.place.time_zone):
        raise Refusal("birth_date_ahead", fields=("birth_date",))
    return people.add_person(
        given_name=identity.given_name.strip(),
        family_name=identity.family_name.strip(),
        birth_date=identity.birth_date.isoformat(),
        email=identity.email.strip(),
        phone=identity.phone.strip(),
        language=identity.language,
        discreet=identity.discreet,
        created_at=at,
    ).pk
