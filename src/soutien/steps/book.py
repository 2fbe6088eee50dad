"""Booking: hold a time while typing, confirm it, move it, cancel it.

A booking's public id is the unguessable key of its link: who gives it may confirm and cancel.
The database has the last word on both scarce things, a time and a seat of the year; the checks
before it are there to answer gently (docs/decisions/0010-seats-are-taken-by-steps.md). How long
one may hold, and what a psychologist may book on purpose: 0013-a-plan-is-one-thing.md.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import OVERBOOKING_REASONS, Booking
from soutien.registers.agenda.queries import Slot
from soutien.registers.care import queries as care
from soutien.registers.people import queries as people
from soutien.rules.answer import answer
from soutien.rules.codes import Kind, Reason, word
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.bookable import (
    cap_of,
    context_of,
    place_of,
    refuse_newcomers,
    refuse_what_the_law_would,
    ties_of,
)
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, announce, record

# Long enough to fill two short screens on a phone without hurry, short enough that a time left
# behind is free again before the next person has finished reading the page.
HOLD = timedelta(minutes=10)
# How far around a refused time the nearest ones are looked for.
AROUND = timedelta(days=21)
NEAREST = 3

HELD, CONFIRMED, CANCELLED = "held", "confirmed", "cancelled"
# A hold that ran out may still be confirmed while nobody else has taken the time.
_CONFIRMABLE = (HELD, "expired")
# One person, or one browser, keeps this many times at once: the oldest is let go.
HOLDS_AT_ONCE = 2
# A time kept and not confirmed is left to others this long before the same hand keeps it again.
COOL_DOWN = timedelta(minutes=30)
# What an appointment outside the agenda may last, in minutes, as every other.
SHORTEST_MINUTES, LONGEST_MINUTES = 15, 720


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


@act("agenda.booking.held")
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
    holder: str = "",
) -> Booking:
    """Keep a free time for a few minutes. A psychologist holds for a patient: ``person_id``.

    Refuses ``slot_taken``, ``slot_not_open`` and ``slot_past`` with the three nearest free
    times (context ``nearest``), and for a known person what the law would refuse. ``holder`` is
    a browser's own key: the same hand asking again has the same hold, never a longer one, and
    is refused ``hold_again`` for some time after it ran out.
    """
    person_id = person_id or actor.about_person_id
    allow(actor, "hold_slot", ties_of(actor, psychologist_id, person_id))
    place = place_of(place_id, psychologist_id)
    session = gather.planned(
        psychologist_id=psychologist_id,
        kind=kind,
        modality=modality,
        held_on=gather.civil_day(starts_at, place.time_zone),
    )
    refuse_what_the_law_would(
        answer(gather.planned_dossier(person_id, session, place.practice), gather.law())
    )
    refuse_newcomers(place, person_id)
    wanted = _Wanted(psychologist_id, kind, modality, starts_at, at, _own(actor))
    hand = agenda.Hand(holder, None if _own(actor) else person_id)
    agenda.wait_for_hand(hand)
    agenda.release_expired(at=at, psychologist_id=psychologist_id)
    earlier = agenda.held_before(hand, psychologist_id, starts_at, since=at - COOL_DOWN)
    if earlier and _same_hold(earlier, wanted, place_id):
        return earlier
    until = _held_until(earlier, at)
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
            held_until=until,
            created_at=at,
            holder=holder,
        )
    except agenda.TimeTaken as taken:
        raise _told(taken, wanted) from taken
    agenda.let_go_all_but(HOLDS_AT_ONCE, hand, at=at)
    record(actor, "agenda.booking.held", at=at, object_id=booking.pk, person_id=person_id)
    announce("agenda.hold.ends", at=at, not_before=until, booking=booking.pk)
    return booking


@act("agenda.booking.confirmed")
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
        raise _told(taken, _wanted(booking, at)) from taken
    except care.YearFull as full:
        raise Refusal("year_full", **context_of(answered)) from full
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
    booking = _locked(actor, "cancel_booking", booking_id, at)
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


@act("agenda.booking.moved")
def move_booking(
    *, actor: Actor, booking_id: uuid.UUID, place_id: int, starts_at: datetime, at: datetime
) -> Booking:
    """Give an appointment another free time of the same psychologist; its link stays the same.

    The seat follows, into another year if need be. Moved twice to the same time, it answers the
    same. Refuses what ``hold_slot`` refuses, ``booking_over`` once it has begun, and
    ``follow_ups_before`` when a first session would come after a follow-up already booked.
    """
    booking = _locked(actor, "move_booking", booking_id, at)
    if booking.status != CONFIRMED:
        raise Refusal("booking_ended")
    if (booking.place_id, booking.starts_at) == (place_id, starts_at):
        return booking
    if booking.starts_at <= at:
        raise Refusal("booking_over")
    assert booking.person_id is not None
    person_id, left = booking.person_id, booking.civil_day.year
    place = place_of(place_id, booking.psychologist_id)
    day = gather.civil_day(starts_at, place.time_zone)
    years = {year: care.lock_year(person_id, year) for year in sorted({left, day.year})}
    session = gather.planned(
        psychologist_id=booking.psychologist_id,
        kind=booking.kind,
        modality=booking.modality,
        held_on=day,
    )
    answered = answer(
        gather.planned_dossier(person_id, session, place.practice, booking.pk), gather.law()
    )
    refuse_what_the_law_would(answered)
    wanted = _Wanted(
        booking.psychologist_id, booking.kind, booking.modality, starts_at, at, _own(actor)
    )
    slot = _open_slot(wanted, place_id, leaving_out=booking.pk)
    booking.place, booking.civil_day, booking.overbooked_for = place, day, ""
    booking.starts_at, booking.ends_at = slot.starts_at, slot.ends_at
    booking.times_moved += 1
    try:
        with agenda.refusing_overlaps(booking.psychologist_id, person_id):
            booking.save()
        if day.year != left:
            care.give_back(booking.pk)
            care.take_seat(
                years[day.year], cap=cap_of(answered), kind=booking.kind, booking_id=booking.pk
            )
    except agenda.TimeTaken as taken:
        raise _told(taken, wanted) from taken
    except care.YearFull as full:
        raise Refusal("year_full", **context_of(answered)) from full
    _refuse_to_leave_follow_ups_behind(booking)
    record(actor, "agenda.booking.moved", at=at, object_id=booking.pk, person_id=person_id)
    announce("agenda.booking.moved", at=at, booking=booking.pk)
    return booking


@act("agenda.booking.overbooked")
def overbook_slot(
    *,
    actor: Actor,
    person_id: int,
    place_id: int,
    starts_at: datetime,
    minutes: int,
    kind: str,
    modality: str,
    reason: str,
    at: datetime,
) -> Booking:
    """Book a patient on purpose at any time to come: outside the hours, or over another.

    Only the psychologist, with a ``reason`` of OVERBOOKING_REASONS, which the log keeps. The law
    and the year still bind, a person is never in two chairs, and a third at one time is refused
    (``overbooked_already``).
    """
    psychologist_id = actor.psychologist_id or 0
    allow(actor, "overbook_slot", ties_of(actor, psychologist_id, person_id))
    if reason not in OVERBOOKING_REASONS:
        raise Refusal("overbooking_reason", fields=("reason",))
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        limits = {"shortest": SHORTEST_MINUTES, "longest": LONGEST_MINUTES}
        raise Refusal("slot_length", fields=("minutes",), **limits)
    place = place_of(place_id, psychologist_id)
    wanted = _Wanted(psychologist_id, kind, modality, starts_at, at, own=True)
    if starts_at <= at:
        raise Refusal("slot_past", nearest=_nearest(wanted))
    day = gather.civil_day(starts_at, place.time_zone)
    session = gather.planned(
        psychologist_id=psychologist_id, kind=kind, modality=modality, held_on=day
    )
    agenda.release_expired(at=at, psychologist_id=psychologist_id)
    year = care.lock_year(person_id, day.year)
    answered = answer(gather.planned_dossier(person_id, session, place.practice), gather.law())
    refuse_what_the_law_would(answered)
    try:
        booking = agenda.book_over(
            reason,
            psychologist_id=psychologist_id,
            place_id=place_id,
            person_id=person_id,
            kind=kind,
            modality=modality,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            civil_day=day,
            status=CONFIRMED,
            created_at=at,
        )
        care.take_seat(year, cap=cap_of(answered), kind=kind, booking_id=booking.pk)
    except agenda.TimeTaken as taken:
        code = "person_busy" if taken.whose == "person" else "overbooked_already"
        raise Refusal(code) from taken
    except care.YearFull as full:
        raise Refusal("year_full", **context_of(answered)) from full
    record(
        actor,
        "agenda.booking.overbooked",
        at=at,
        object_id=booking.pk,
        person_id=person_id,
        reason=reason,
    )
    announce("agenda.booking.confirmed", at=at, booking=booking.pk)
    return booking


@act("agenda.booking.expired")
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
    # The psychologist's own look: no notice, no horizon, nothing kept for first sessions.
    own: bool = False


def _own(actor: Actor) -> bool:
    return actor.psychologist_id is not None


def _side(actor: Actor) -> str:
    """Whose doing it is: a link belongs to the person it was sent to."""
    return actor.side if actor.side in ("psychologist", "system") else "person"


def _same_hold(earlier: Booking, wanted: _Wanted, place_id: int) -> bool:
    """Whether what is asked for is held already by the same hand."""
    return (
        earlier.status == HELD
        and (earlier.place_id, earlier.kind) == (place_id, wanted.kind)
        and earlier.modality == wanted.modality
    )


def _held_until(earlier: Booking | None, at: datetime) -> datetime:
    """When a new hold ends: never later than the one it renews. Refuses one that ran out."""
    if earlier is None or earlier.held_until is None:
        return at + HOLD
    if earlier.held_until <= at:
        raise Refusal("hold_again", minutes=COOL_DOWN // timedelta(minutes=1))
    return earlier.held_until


def _wanted(booking: Booking, at: datetime) -> _Wanted:
    return _Wanted(booking.psychologist_id, booking.kind, booking.modality, booking.starts_at, at)


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


def _refuse_to_leave_follow_ups_behind(booking: Booking) -> None:
    """A first session that moved must still come before the follow-ups booked after it."""
    if booking.kind != word(Kind.EVALUATION) or booking.person_id is None:
        return
    for line in agenda.bookings_of_person(booking.person_id, statuses=(CONFIRMED,)):
        if line.id == booking.pk:
            continue
        session = gather.planned(
            psychologist_id=line.psychologist_id,
            kind=line.kind,
            modality=line.modality,
            held_on=line.civil_day,
        )
        dossier = gather.planned_dossier(
            booking.person_id, session, booking.place.practice, line.id
        )
        if answer(dossier, gather.law()).decision.reasons & int(Reason.EVALUATION_MISSING):
            raise Refusal("follow_ups_before", day=line.civil_day)


def _open_slot(wanted: _Wanted, place_id: int, leaving_out: int | None = None) -> Slot:
    """The slot of the agenda that starts then; refused, with the nearest, when there is none."""
    if wanted.starts_at <= wanted.at:
        raise Refusal("slot_past", nearest=_nearest(wanted))
    for own in (wanted.own, True):
        free = agenda.free_slots(
            [wanted.psychologist_id],
            since=wanted.starts_at,
            until=wanted.starts_at + timedelta(minutes=1),
            kind=wanted.kind,
            now=wanted.at,
            modality=wanted.modality,
            own=own,
            leaving_out=leaving_out,
        )
        for slot in free[wanted.psychologist_id]:
            if slot.place_id == place_id and slot.starts_at == wanted.starts_at:
                if own == wanted.own:
                    return slot
                raise Refusal(_why_not_yet(wanted), nearest=_nearest(wanted))
    taken = agenda.taken(wanted.psychologist_id, wanted.starts_at)
    raise Refusal("slot_taken" if taken else "slot_not_open", nearest=_nearest(wanted))


def _why_not_yet(wanted: _Wanted) -> str:
    """Why a time that is free for the psychologist is not for others."""
    first, last = agenda.limits_of(wanted.psychologist_id).reach(wanted.at)
    if wanted.starts_at < first:
        return "slot_too_soon"
    return "slot_too_far" if wanted.starts_at >= last else "slot_kept"


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
        own=wanted.own,
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
