"""Appointments in words: the day and the hour on the wall clock of the place of care."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from soutien.doors.days import When as When
from soutien.doors.days import clock_of as clock_of
from soutien.doors.days import in_french
from soutien.doors.days import when as when
from soutien.rules.codes import Kind, Modality, word
from soutien.steps.find import Slot

EVALUATION, FOLLOW_UP = word(Kind.EVALUATION), word(Kind.FOLLOW_UP)
IN_PERSON, REMOTE = word(Modality.IN_PERSON), word(Modality.REMOTE)
SECONDS_IN_MINUTE = 60
FRENCH_PHONE_DIGITS = 10


def language() -> str:
    """``fr`` or ``en``: the two languages of the rules and of the steps."""
    return "fr" if in_french() else "en"


def minutes_between(starts_at: datetime, ends_at: datetime) -> int:
    """How long an appointment lasts."""
    return round((ends_at - starts_at).total_seconds() / SECONDS_IN_MINUTE)


def kind_in_words(kind: str, modality: str) -> str:
    """What a session is, and how it is held."""
    if kind == EVALUATION:
        return _("Première séance, au cabinet")
    if modality == REMOTE:
        return _("Séance de suivi, en visio")
    return _("Séance de suivi, au cabinet")


def phone_in_words(phone: str) -> str:
    """« 04 65 71 00 00 »: French numbers by pairs, any other as it is."""
    if len(phone) == FRENCH_PHONE_DIGITS and phone.isdecimal():
        return " ".join(phone[start : start + 2] for start in range(0, len(phone), 2))
    return phone


def address_of(place: object) -> str:
    """The address of a place of care in one line; any object with the place's columns."""
    line, postcode, town = (
        getattr(place, name) for name in ("address_line", "postcode", "town_name")
    )
    return f"{line}, {postcode} {town}"


def slot_address(
    public_id: UUID, slot: Slot, *, kind: str = EVALUATION, modality: str = ""
) -> str:
    """Where booking a free time starts; the moment travels in UTC."""
    query = {"place": slot.place_id, "starts": f"{slot.starts_at:%Y-%m-%dT%H:%MZ}"}
    if kind != EVALUATION:
        query["kind"] = kind
    if modality == REMOTE:
        query["modality"] = modality
    return f"{reverse('book_slot', args=[public_id])}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A free time as a button."""

    when: When
    href: str


def free_time(
    public_id: UUID, slot: Slot, *, kind: str = EVALUATION, modality: str = ""
) -> FreeTime:
    """A free slot in words, and where booking it starts."""
    href = slot_address(public_id, slot, kind=kind, modality=modality)
    return FreeTime(when(slot.starts_at, slot.time_zone), href)
