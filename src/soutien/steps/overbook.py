"""Overbooking: a psychologist books a patient on purpose where the agenda says no, with a reason.

Outside the hours, or over another appointment; never a third at one time, never one person in two
chairs (docs/decisions/0013-a-plan-is-one-thing.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from soutien.registers.agenda import holds
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import OVERBOOKING_REASONS, Booking
from soutien.registers.care import queries as care
from soutien.rules.answer import answer
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.authority import is_minor, wait_for_consent
from soutien.steps.bookable import (
    cap_of,
    context_of,
    place_of,
    refuse_what_the_law_would,
    ties_of,
)
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow
from soutien.steps.trace import act, announce, record
from soutien.steps.wanted import CONFIRMED, Wanted, nearest

# What an appointment outside the agenda may last, in minutes, as every other.
SHORTEST_MINUTES, LONGEST_MINUTES = 15, 720


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
    wanted = Wanted(psychologist_id, place_id, kind, modality, starts_at, at, own=True)
    if starts_at <= at:
        raise Refusal("slot_past", nearest=nearest(wanted))
    day = gather.civil_day(starts_at, place.time_zone)
    session = gather.planned(
        psychologist_id=psychologist_id, kind=kind, modality=modality, held_on=day
    )
    holds.release_expired(at=at, psychologist_id=psychologist_id)
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
    if is_minor(answered):
        wait_for_consent(booking, at)
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
