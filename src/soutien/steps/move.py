"""Moving: an appointment gets another free time of the same psychologist, and keeps its link.

What is true of a time that is held is true of one that is moved to: see hold.py. The seat of the
year follows (docs/decisions/0010-seats-are-taken-by-steps.md).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import Agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.rules.answer import answer
from soutien.rules.codes import Kind, Reason, word
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.bookable import cap_of, context_of, place_of, refuse_what_the_law_would
from soutien.steps.errors import Refusal
from soutien.steps.trace import act, announce, record
from soutien.steps.wanted import CONFIRMED, Wanted, locked, open_slot, told


@act("agenda.booking.moved")
def move_booking(
    *, actor: Actor, booking_id: uuid.UUID, place_id: int, starts_at: datetime, at: datetime
) -> Booking:
    """Give an appointment another free time of the same psychologist; its link stays the same.

    The seat follows, into another year if need be. Moved twice to the same time, it answers the
    same. Refuses what ``hold_slot`` refuses, ``booking_over`` once it has begun, and
    ``follow_ups_before`` when a first session would come after a follow-up already booked.
    """
    booking = locked(actor, "move_booking", booking_id, at)
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
    wanted = Wanted(
        booking.psychologist_id,
        place_id,
        booking.kind,
        booking.modality,
        starts_at,
        at,
        actor.psychologist_id is not None,
    )
    slot = open_slot(wanted, _agenda_without(booking, starts_at, at))
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
        raise told(taken, wanted) from taken
    except care.YearFull as full:
        raise Refusal("year_full", **context_of(answered)) from full
    _refuse_to_leave_follow_ups_behind(booking)
    record(actor, "agenda.booking.moved", at=at, object_id=booking.pk, person_id=person_id)
    announce("agenda.booking.moved", at=at, booking=booking.pk)
    return booking


def _agenda_without(booking: Booking, starts_at: datetime, at: datetime) -> Agenda:
    """The agenda around the new time, as if the appointment had left its own."""
    return agenda.agenda_of(
        booking.psychologist_id,
        since=starts_at,
        until=agenda.shifted(starts_at, timedelta(minutes=1)),
        now=at,
        leaving_out=booking.pk,
    )


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
