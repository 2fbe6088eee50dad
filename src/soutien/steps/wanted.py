"""A time somebody asks for: is it free, why not, and what is free near it.

A part of steps, shared by those who hold a time, confirm it, move to it, or book over another.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from soutien.registers.agenda import holds
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import Agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.queries import Slot
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations

# The states of a booking that steps speak of.
HELD, CONFIRMED, CANCELLED = "held", "confirmed", "cancelled"
# How far around a refused time the nearest ones are looked for.
AROUND = timedelta(days=21)
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time somebody asked for."""

    psychologist_id: int
    place_id: int
    kind: str
    modality: str
    starts_at: datetime
    at: datetime
    # A psychologist asks: no notice, no horizon, nothing kept for first sessions.
    own: bool = False

    @classmethod
    def of(cls, booking: Booking, at: datetime) -> Wanted:
        """The time a booking has, as others see it."""
        return cls(
            booking.psychologist_id,
            booking.place_id,
            booking.kind,
            booking.modality,
            booking.starts_at,
            at,
        )


def open_slot(wanted: Wanted, of: Agenda) -> Slot:
    """The slot of the agenda that starts then; refused, with the nearest, when there is none."""
    if wanted.starts_at <= wanted.at:
        raise Refusal("slot_past", nearest=nearest(wanted))
    slot = _free(wanted, of, own=wanted.own)
    if slot is not None:
        return slot
    if _free(wanted, of, own=True) is not None:
        raise Refusal(_why_not_yet(wanted, of), nearest=nearest(wanted))
    taken = agenda.taken(wanted.psychologist_id, wanted.starts_at)
    raise Refusal("slot_taken" if taken else "slot_not_open", nearest=nearest(wanted))


def told(taken: agenda.TimeTaken, wanted: Wanted) -> Refusal:
    """What to say when the database had the last word."""
    if taken.whose == "person":
        return Refusal("person_busy")
    return Refusal("slot_taken", nearest=nearest(wanted))


def nearest(wanted: Wanted) -> list[Slot]:
    """Three free times around the one asked for, never in the past."""
    return agenda.nearest_free(
        wanted.psychologist_id,
        moment=wanted.starts_at,
        since=max(wanted.at + timedelta(seconds=1), agenda.shifted(wanted.starts_at, -AROUND)),
        until=agenda.shifted(max(wanted.at, wanted.starts_at), AROUND),
        kind=wanted.kind,
        now=wanted.at,
        modality=wanted.modality,
        count=NEAREST,
        own=wanted.own,
    )


def locked(actor: Actor, step: str, public_id: uuid.UUID, at: datetime) -> Booking:
    """The booking of a link, allowed to the actor and locked."""
    found = agenda.by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    ties = relations(
        actor, person_id=found.person_id, psychologist_id=found.psychologist_id, by_link=True
    )
    allow(actor, step, ties)
    # Before the lock: two that each hold a row and release the other's would wait for ever.
    holds.release_expired(at=at, psychologist_id=found.psychologist_id)
    return agenda.lock(found.pk)


def _free(wanted: Wanted, of: Agenda, *, own: bool) -> Slot | None:
    return agenda.free_at(
        of,
        place_id=wanted.place_id,
        starts_at=wanted.starts_at,
        kind=wanted.kind,
        modality=wanted.modality,
        now=None if own else wanted.at,
    )


def _why_not_yet(wanted: Wanted, of: Agenda) -> str:
    """Why a time that is free for the psychologist is not for others."""
    first, last = of.limits.reach(wanted.at)
    if wanted.starts_at < first:
        return "slot_too_soon"
    return "slot_too_far" if wanted.starts_at >= last else "slot_kept"
