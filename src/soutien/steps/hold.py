"""Holding: a free time is kept for a few minutes, while somebody types who they are.

A rush asks this step thousands of times: all it must know comes in one message (bench/booking.py).
The database has the last word on a time; the checks before it are there to answer gently
(docs/decisions/0010-seats-are-taken-by-steps.md); how long one may hold is in
0013-a-plan-is-one-thing.md.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TypeGuard

from soutien.registers.agenda import holds
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.rules.answer import answer
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.bookable import refuse_unless_known, refuse_what_the_law_would, ties_of
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow
from soutien.steps.trace import act, announce, record
from soutien.steps.wanted import HELD, Wanted, open_slot, told

# Long enough to fill two short screens on a phone without hurry, short enough that a time left
# behind is free again before the next person has finished reading the page.
HOLD = timedelta(minutes=10)
# One person, or one browser, keeps this many times at once: the oldest is let go.
HOLDS_AT_ONCE = 2
# A time kept and not confirmed is left to others this long before the same hand keeps it again.
COOL_DOWN = timedelta(minutes=30)


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
    own = actor.psychologist_id is not None
    wanted = Wanted(psychologist_id, place_id, kind, modality, starts_at, at, own)
    seen = holds.look_before(
        holds.Hand(holder, None if own else person_id),
        psychologist_id=psychologist_id,
        place_id=place_id,
        starts_at=starts_at,
        at=at,
        since=at - COOL_DOWN,
    )
    day = _refuse_who_may_not(wanted, seen, person_id)
    if _same_hold(seen.before, wanted):
        return agenda.with_places([seen.before.booking_id])[0]
    until = _held_until(seen.before, at)
    slot = open_slot(wanted, seen.agenda)
    try:
        booking = agenda.book(
            psychologist_id=psychologist_id,
            place_id=place_id,
            person_id=person_id,
            kind=kind,
            modality=modality,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            civil_day=day,
            status=HELD,
            held_until=until,
            created_at=at,
            holder=holder,
        )
    except agenda.TimeTaken as taken:
        raise told(taken, wanted) from taken
    holds.let_go(seen.live_but(HOLDS_AT_ONCE - 1), at=at)
    record(actor, "agenda.booking.held", at=at, object_id=booking.pk, person_id=person_id)
    announce("agenda.hold.ends", at=at, not_before=until, booking=booking.pk)
    return booking


@act("agenda.booking.expired")
def release_expired_holds(*, at: datetime) -> int:
    """End the holds that ran out; how many. Nobody waits for it: they never block a booking."""
    allow(SYSTEM, "release_expired_holds")
    released = holds.release_expired(at=at)
    for booking_id in released:
        record(SYSTEM, "agenda.booking.expired", at=at, object_id=booking_id)
    return len(released)


def _refuse_who_may_not(wanted: Wanted, seen: holds.Look, person_id: int | None) -> date:
    """Refuses somebody else's place, what the law would refuse, and newcomers; else the day."""
    where = seen.reception
    if where is None:
        raise Refusal("not_found")
    session = gather.planned(
        psychologist_id=wanted.psychologist_id,
        kind=wanted.kind,
        modality=wanted.modality,
        held_on=gather.civil_day(wanted.starts_at, where.time_zone),
    )
    partner = gather.partner(where.agreements, where.suspensions, where.practice)
    dossier = gather.planned_dossier(person_id, session, where.practice, partner=partner)
    refuse_what_the_law_would(answer(dossier, gather.law()))
    # Closed to new patients, psychologists still book whom they choose to receive.
    if not wanted.own and not where.accepts_new_patients:
        refuse_unless_known(wanted.psychologist_id, person_id)
    return session.held_on


def _same_hold(before: holds.Hold | None, wanted: Wanted) -> TypeGuard[holds.Hold]:
    """Whether what is asked for is held already by the same hand."""
    return (
        before is not None
        and before.live
        and (before.place_id, before.kind) == (wanted.place_id, wanted.kind)
        and before.modality == wanted.modality
    )


def _held_until(before: holds.Hold | None, at: datetime) -> datetime:
    """When a new hold ends: never later than the one it renews. Refuses one that ran out."""
    if before is None:
        return at + HOLD
    if before.held_until <= at:
        raise Refusal("hold_again", minutes=COOL_DOWN // timedelta(minutes=1))
    return before.held_until
