"""A time somebody asks for: what the address says, whether it is free, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from soutien.doors.web.person.words import (
    EVALUATION,
    FOLLOW_UP,
    IN_PERSON,
    REMOTE,
    When,
    address_of,
    kind_in_words,
    minutes_between,
    when,
)
from soutien.registers.agenda import queries as agenda
from soutien.steps import find
from soutien.steps.errors import Refusal
from soutien.steps.find import Card, Slot
from soutien.steps.wanted import NEAREST

# Anything else is no time anybody means, and calendars end somewhere.
YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class Asked:
    """A time somebody asks for, as the address says it."""

    psychologist: UUID
    place: str
    starts_at: datetime
    kind: str
    modality: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered: one time, at one place, with somebody."""

    when: When
    minutes: int
    kind: str
    held_how: str
    name: str
    place_label: str
    address: str
    step_free: bool
    modality_open: bool


def read_asked(request: HttpRequest, psychologist: UUID) -> Asked | None:
    """The time in the address or in the form; None when it is not one."""
    told = request.POST if request.method == "POST" else request.GET
    place = told.get("place") or told.get("lieu") or ""
    try:
        starts_at = datetime.fromisoformat(told.get("starts") or told.get("debut") or "")
    except ValueError:
        return None
    if starts_at.tzinfo is None or not place or starts_at.year not in YEARS:
        return None
    kind = FOLLOW_UP if told.get("kind") == FOLLOW_UP else EVALUATION
    modality = REMOTE if kind == FOLLOW_UP and told.get("modality") == REMOTE else IN_PERSON
    return Asked(psychologist, place, starts_at, kind, modality)


def place_of(page: find.Page, place: str) -> Card | None:
    """The place of care of an address: its number."""
    return next((card for card in page.places if str(card.place_id) == place), None)


def free_slot(page: find.Page, asked: Asked, place_id: int) -> Slot | None:
    """The slot asked for, when it is free."""
    return next(
        (
            slot
            for day in page.days
            for slot in day.slots
            if slot.place_id == place_id and slot.starts_at == asked.starts_at
        ),
        None,
    )


def not_free(page: find.Page, asked: Asked, now: datetime) -> Refusal:
    """Why the time asked for cannot be had, with the nearest ones that can."""
    slots = [slot for day in page.days for slot in day.slots]
    closest = sorted(slots, key=lambda slot: abs(slot.starts_at - asked.starts_at))[:NEAREST]
    if asked.starts_at <= now:
        code = "slot_past"
    elif agenda.taken(page.card.psychologist_id, asked.starts_at):
        code = "slot_taken"
    else:
        code = "slot_not_open"
    return Refusal(code, nearest=sorted(closest, key=lambda slot: slot.starts_at))


def offer_of(card: Card, asked: Asked, ends_at: datetime, free: Slot | None) -> Offer:
    """The time asked for in words."""
    return Offer(
        when=when(asked.starts_at, card.time_zone),
        minutes=minutes_between(asked.starts_at, ends_at),
        kind=asked.kind,
        held_how=kind_in_words(asked.kind, asked.modality),
        name=f"{card.given_name} {card.family_name}",
        place_label=card.place_label,
        address=address_of(card),
        step_free=card.step_free,
        modality_open=asked.kind == FOLLOW_UP and free is not None and free.modality == "both",
    )
