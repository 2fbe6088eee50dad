"""A plan: several sessions booked or refused as one thing.

Nothing is kept between the proposal (propose.py) and the booking: the booking checks everything
again, under the locks, and answers for each line (docs/decisions/0013-a-plan-is-one-thing.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from soutien.registers.agenda import holds
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import Agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.queries import Slot
from soutien.registers.care import queries as care
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.answer import Answer, answer
from soutien.rules.dossier import ClaimedSession
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.authority import is_minor, wait_for_consent
from soutien.steps.bookable import (
    cap_of,
    context_of,
    place_of,
    refuse_newcomers,
    refused_by_law,
    ties_of,
)
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow
from soutien.steps.plan_lines import Chosen, why_at
from soutien.steps.trace import act, announce, record
from soutien.steps.wanted import CONFIRMED


@act("agenda.plan.booked")
def book_plan(
    *,
    actor: Actor,
    person_id: int,
    psychologist_id: int,
    chosen: Sequence[Chosen],
    at: datetime,
) -> list[Booking]:
    """Book all sessions of a plan, or none. Booked twice, it answers the same.

    Refuses ``plan_refused`` with ``lines`` in the context: for each session, in the order given,
    the refusal that tells why it cannot be, or None.
    """
    allow(actor, "book_plan", ties_of(actor, psychologist_id, person_id))
    wishes = _Wishes.of(chosen, psychologist_id)
    for place in wishes.places.values():
        refuse_newcomers(place, person_id)
    holds.release_expired(at=at, psychologist_id=psychologist_id)
    years = {year: care.lock_year(person_id, year) for year in wishes.years}
    starts = [one.starts_at for one in chosen]
    booked = agenda.planned_at(psychologist_id, person_id, starts)
    if len(booked) == len(chosen) and len({booking.plan for booking in booked}) == 1:
        return booked
    own = actor.psychologist_id is not None
    _check(wishes, gather.planner(person_id, psychologist_id, wishes.practice), at, own)
    wishes.refuse_if_any()
    plan, bookings = uuid.uuid4(), []
    for number in wishes.order:
        one = chosen[number]
        slot, day = wishes.slots[number], wishes.days[number]
        try:
            booking = agenda.book(
                psychologist_id=psychologist_id,
                place_id=one.place_id,
                person_id=person_id,
                kind=one.kind,
                modality=one.modality,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                civil_day=day,
                status=CONFIRMED,
                created_at=at,
                plan=plan,
            )
            cap = cap_of(wishes.answers[number])
            care.take_seat(years[day.year], cap=cap, kind=one.kind, booking_id=booking.pk)
            bookings.append(booking)
            if is_minor(wishes.answers[number]):
                wait_for_consent(booking, at)
        except agenda.TimeTaken as taken:
            code = "person_busy" if taken.whose == "person" else "line_busy"
            wishes.refusals[number] = Refusal(code, day=day)
        except care.YearFull:
            refusal = Refusal("year_full", **context_of(wishes.answers[number]))
            wishes.refusals[number] = refusal
    wishes.refuse_if_any()
    record(actor, "agenda.plan.booked", at=at, object_id=plan, person_id=person_id)
    announce("agenda.plan.booked", at=at, plan=plan)
    return bookings


@dataclass(slots=True)
class _Wishes:
    """The sessions of a plan being booked, by their number in the order given."""

    chosen: Sequence[Chosen]
    places: dict[int, PracticePlace]
    days: list[date]
    # The numbers in order of time: each session is looked at after those before it.
    order: list[int]
    slots: dict[int, Slot] = field(default_factory=dict)
    answers: dict[int, Answer] = field(default_factory=dict)
    refusals: dict[int, Refusal] = field(default_factory=dict)

    @classmethod
    def of(cls, chosen: Sequence[Chosen], psychologist_id: int) -> _Wishes:
        """Refuses ``plan_length`` for none or too many, and places of somebody else."""
        cap = 0
        if chosen:
            last = max(one.starts_at for one in chosen)
            cap = gather.terms_on(last.date()).sessions_per_year_max
        if not 1 <= len(chosen) <= cap:
            raise Refusal("plan_length", cap=max(cap, 1), fields=("count",))
        places = {
            place_id: place_of(place_id, psychologist_id)
            for place_id in sorted({one.place_id for one in chosen})
        }
        days = [gather.civil_day(one.starts_at, places[one.place_id].time_zone) for one in chosen]
        order = sorted(range(len(chosen)), key=lambda number: chosen[number].starts_at)
        return cls(chosen, places, days, order)

    @property
    def years(self) -> list[int]:
        return sorted({day.year for day in self.days})

    @property
    def practice(self) -> str:
        """How one practises where the plan begins; no booking depends on it."""
        return self.places[self.chosen[self.order[0]].place_id].practice

    def refuse_if_any(self) -> None:
        """The plan as a whole is refused when one of its sessions is."""
        if self.refusals:
            raise Refusal(
                "plan_refused",
                lines=tuple(self.refusals.get(number) for number in range(len(self.chosen))),
                wrong=len(self.refusals),
                count=len(self.chosen),
            )


def _check(wishes: _Wishes, dossiers: gather.Planner, at: datetime, own: bool) -> None:
    """Fill in the slot, the law's answer and the refusal of each session, in order of time."""
    starts = [one.starts_at for one in wishes.chosen]
    [psychologist_id] = {place.psychologist_id for place in wishes.places.values()}
    of = agenda.agenda_of(
        psychologist_id, since=min(starts), until=max(starts) + timedelta(minutes=1), now=at
    )
    before: list[ClaimedSession] = []
    for number in wishes.order:
        one, day = wishes.chosen[number], wishes.days[number]
        session = gather.planned(
            psychologist_id=psychologist_id, kind=one.kind, modality=one.modality, held_on=day
        )
        wishes.answers[number] = answered = answer(dossiers(session, before), gather.law())
        before.append(session)
        codes = refused_by_law(answered)
        slot = _slot(of, one, at, own)
        if codes:
            wishes.refusals[number] = Refusal(codes[0], also=codes, **context_of(answered))
        elif slot is None:
            place, second = wishes.places[one.place_id], int(one.starts_at.timestamp())
            wishes.refusals[number] = why_at(of, place, second, day, one.kind, at, own=own)
        else:
            wishes.slots[number] = slot


def _slot(of: Agenda, one: Chosen, at: datetime, own: bool) -> Slot | None:
    """The free slot of an agenda that is asked for; None in the past and when there is none."""
    if one.starts_at <= at:
        return None
    return agenda.free_at(
        of,
        place_id=one.place_id,
        starts_at=one.starts_at,
        kind=one.kind,
        modality=one.modality,
        now=None if own else at,
    )
