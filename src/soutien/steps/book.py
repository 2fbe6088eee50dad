"""Booking: hold a time while typing, confirm it, cancel it.

A booking's public id is the unguessable key of its link: who gives it may confirm and cancel.
The database has the last word on both scarce things, a time and a seat of the year; the checks
before it are there to answer gently (docs/decisions/0010-seats-are-taken-by-steps.md).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.queries import Slot
from soutien.registers.care import queries as care
from soutien.registers.people import queries as people
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.answer import Answer, answer
from soutien.rules.booking import booking_refusals
from soutien.rules.calendar import civil_date
from soutien.rules.codes import Reason
from soutien.rules.decide import NO_CAP
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation, allow, relations
from soutien.steps.trace import announce, record

# Long enough to fill two short screens on a phone without hurry, short enough that a time left
# behind is free again before the next person has finished reading the page.
HOLD = timedelta(minutes=10)
# How far around a refused time the nearest ones are looked for.
AROUND = timedelta(days=21)
NEAREST = 3

HELD, CONFIRMED, CANCELLED = "held", "confirmed", "cancelled"
# A hold that ran out may still be confirmed while nobody else has taken the time.
_CONFIRMABLE = (HELD, "expired")
# What the law says of a planned session, as a booking is refused: the first that applies.
_BY_LAW = (
    (Reason.BEFORE_PROGRAMME_START, "before_programme"),
    (Reason.AGE_BELOW_MINIMUM, "too_young"),
    (Reason.PSYCHOLOGIST_NOT_CONVENTIONED, "not_under_agreement"),
    (Reason.CONVENTION_SUSPENDED, "not_under_agreement"),
    (Reason.EVALUATION_MUST_BE_IN_PERSON, "evaluation_in_person"),
    (Reason.ANNUAL_CAP_REACHED, "year_full"),
    (Reason.EVALUATION_ALREADY_BILLED, "evaluation_exists"),
    (Reason.SAME_DAY_SESSION, "same_day"),
    # The same session booked twice hides the other reasons: it is on the same day.
    (Reason.DUPLICATE_CLAIM, "same_day"),
    (Reason.EVALUATION_MISSING, "evaluation_needed"),
)


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


@transaction.atomic
def hold_slot(
    *,
    actor: Actor,
    psychologist_id: int,
    place_id: int,
    starts_at: datetime,
    kind: str,
    modality: str,
    at: datetime,
    person_id: int | None = None,
) -> Booking:
    """Keep a free time for a few minutes. A psychologist holds for a patient: ``person_id``.

    Refuses ``slot_taken``, ``slot_not_open`` and ``slot_past`` with the three nearest free
    times (context ``nearest``), and for a known person what the law would refuse.
    """
    person_id = person_id or actor.person_id
    allow(actor, "hold_slot", _ties(actor, psychologist_id, person_id))
    place = _place(place_id, psychologist_id)
    session = gather.planned(
        psychologist_id=psychologist_id,
        kind=kind,
        modality=modality,
        held_on=gather.civil_day(starts_at, place.time_zone),
    )
    _refuse_what_the_law_would(
        answer(gather.planned_dossier(person_id, session, place.practice), gather.law())
    )
    _refuse_newcomers(place, person_id)
    wanted = _Wanted(psychologist_id, kind, modality, starts_at, at)
    agenda.release_expired(at=at, psychologist_id=psychologist_id)
    slot = _open_slot(wanted, place_id)
    try:
        booking = agenda.book(
            psychologist_id=psychologist_id,
            place_id=place_id,
            person_id=person_id,
            kind=kind,
            modality=modality,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            civil_day=session.held_on,
            status=HELD,
            held_until=at + HOLD,
            created_at=at,
        )
    except agenda.TimeTaken as taken:
        raise _told(taken, wanted) from taken
    record(actor, "agenda.booking.held", at=at, object_id=booking.pk, person_id=person_id)
    announce("agenda.hold.ends", at=at, not_before=at + HOLD, booking=booking.pk)
    return booking


@transaction.atomic
def confirm_booking(
    *, actor: Actor, booking_id: uuid.UUID, identity: Identity | None = None, at: datetime
) -> Booking:
    """Make a held time an appointment and take a seat of the person's year for it.

    ``booking_id`` is the public id. Confirmed twice, it answers the same and does nothing. The
    identity creates a person; it is not read when the booking or the actor has one already.
    Refuses what the law would, ``year_full`` with the day it restarts, and ``slot_taken``.
    """
    booking = _locked(actor, "confirm_booking", booking_id, at)
    if booking.status == CONFIRMED:
        return booking
    _refuse_unless_open(booking, at)
    person_id = booking.person_id or actor.person_id or _new_person(identity, booking, at)
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
    _refuse_what_the_law_would(answered)
    booking.person_id, booking.status = person_id, CONFIRMED
    booking.held_until = booking.ended_at = None
    booking.ended_by = ""
    try:
        with agenda.refusing_overlaps(booking.psychologist_id, person_id):
            booking.save()
        care.take_seat(year, cap=_cap(answered), kind=booking.kind, booking_id=booking.pk)
    except agenda.TimeTaken as taken:
        raise _told(taken, _wanted(booking, at)) from taken
    except care.YearFull as full:
        raise Refusal("year_full", **_context(answered)) from full
    record(actor, "agenda.booking.confirmed", at=at, object_id=booking.pk, person_id=person_id)
    announce("agenda.booking.confirmed", at=at, booking=booking.pk)
    return booking


@transaction.atomic
def cancel_booking(*, actor: Actor, booking_id: uuid.UUID, at: datetime) -> Booking:
    """Give a time and its seat back. ``booking_id`` is the public id.

    Cancelled twice, it answers the same. Refuses ``booking_over`` once it has begun, and
    ``booking_ended`` when the session was closed.
    """
    booking = _locked(actor, "cancel_booking", booking_id, at)
    if booking.status == CANCELLED:
        return booking
    if booking.status not in (CONFIRMED, *_CONFIRMABLE):
        raise Refusal("booking_ended")
    if booking.starts_at <= at:
        raise Refusal("booking_over")
    booking.status, booking.ended_at, booking.ended_by = CANCELLED, at, actor.role
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


@transaction.atomic
def release_expired_holds(*, at: datetime) -> int:
    """End the holds that ran out; how many. Nobody waits for it: they never block a booking."""
    allow(SYSTEM, "release_expired_holds")
    released = agenda.release_expired(at=at)
    for booking_id in released:
        record(SYSTEM, "agenda.booking.expired", at=at, object_id=booking_id)
    return len(released)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A time somebody asked for."""

    psychologist_id: int
    kind: str
    modality: str
    starts_at: datetime
    at: datetime


def _wanted(booking: Booking, at: datetime) -> _Wanted:
    return _Wanted(booking.psychologist_id, booking.kind, booking.modality, booking.starts_at, at)


def _ties(actor: Actor, psychologist_id: int, person_id: int | None) -> frozenset[Relation]:
    """What ties the actor to a booking of these two."""
    own_agenda = actor.psychologist_id == psychologist_id
    treats = own_agenda and person_id is not None and gather.treats(psychologist_id, person_id)
    return relations(actor, person_id=person_id, psychologist_id=psychologist_id, treats=treats)


def _place(place_id: int, psychologist_id: int) -> PracticePlace:
    place = directory.place(place_id)
    if place is None or place.psychologist_id != psychologist_id:
        raise Refusal("not_found")
    return place


def _locked(actor: Actor, step: str, public_id: uuid.UUID, at: datetime) -> Booking:
    """The booking of a link, allowed to the actor and locked, with its place."""
    found = agenda.by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    ties = relations(
        actor, person_id=found.person_id, psychologist_id=found.psychologist_id, by_link=True
    )
    allow(actor, step, ties)
    # Before the lock: two that each hold a row and release the other's would wait for ever.
    agenda.release_expired(at=at, psychologist_id=found.psychologist_id)
    return agenda.lock(found.pk)


def _refuse_unless_open(booking: Booking, at: datetime) -> None:
    if booking.status not in _CONFIRMABLE:
        raise Refusal("booking_ended")
    if booking.starts_at <= at:
        raise Refusal("slot_past", nearest=_nearest(_wanted(booking, at)))


def _refuse_newcomers(place: PracticePlace, person_id: int | None) -> None:
    """A psychologist who takes nobody new still sees those already known."""
    known = person_id is not None and gather.treats(place.psychologist_id, person_id)
    if not known and not place.psychologist.accepts_new_patients:
        raise Refusal("no_new_patients")


def _refuse_what_the_law_would(answered: Answer) -> None:
    """Say the first thing the law would refuse; ``also`` in the context names the others."""
    reasons = booking_refusals(answered.decision)
    codes = [code for reason, code in _BY_LAW if reasons & int(reason)]
    if codes:
        raise Refusal(codes[0], also=tuple(codes), **_context(answered))


def _context(answered: Answer) -> dict[str, object]:
    """The days and numbers a refusal names, from the facts and the terms."""
    day = civil_date(answered.session.day)
    return {
        "day": day,
        "year": day.year,
        "cap": answered.terms.sessions_per_year_max,
        "restarts_on": date(day.year + 1, 1, 1),
        "age_years_min": answered.terms.age_years_min,
        "starts_on": civil_date(answered.terms.programme_starts_on),
    }


def _cap(answered: Answer) -> int | None:
    uncapped = answered.decision.sessions_left == NO_CAP
    return None if uncapped else answered.terms.sessions_per_year_max


def _open_slot(wanted: _Wanted, place_id: int) -> Slot:
    """The slot of the agenda that starts then; refused, with the nearest, when there is none."""
    if wanted.starts_at <= wanted.at:
        raise Refusal("slot_past", nearest=_nearest(wanted))
    free = agenda.free_slots(
        [wanted.psychologist_id],
        since=wanted.starts_at,
        until=wanted.starts_at + timedelta(minutes=1),
        kind=wanted.kind,
        now=wanted.at,
        modality=wanted.modality,
    )
    for slot in free[wanted.psychologist_id]:
        if slot.place_id == place_id and slot.starts_at == wanted.starts_at:
            return slot
    taken = agenda.taken(wanted.psychologist_id, wanted.starts_at)
    raise Refusal("slot_taken" if taken else "slot_not_open", nearest=_nearest(wanted))


def _told(taken: agenda.TimeTaken, wanted: _Wanted) -> Refusal:
    if taken.whose == "person":
        return Refusal("person_busy")
    return Refusal("slot_taken", nearest=_nearest(wanted))


def _nearest(wanted: _Wanted) -> list[Slot]:
    """Three free times around the one asked for, never in the past."""
    return agenda.nearest_free(
        wanted.psychologist_id,
        moment=wanted.starts_at,
        since=max(wanted.at + timedelta(seconds=1), wanted.starts_at - AROUND),
        until=max(wanted.at, wanted.starts_at) + AROUND,
        kind=wanted.kind,
        now=wanted.at,
        modality=wanted.modality,
        count=NEAREST,
    )


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
