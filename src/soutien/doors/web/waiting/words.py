"""Waiting and asking in words, the same on every page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.days import When, distance, full_day, local, plain_day, when
from soutien.doors.web.public.search_form import LANGUAGES, PARTS_OF_DAY
from soutien.rules.codes import Kind, Modality, word
from soutien.steps.elsewhere import Alternative
from soutien.steps.wishes import Wishes

EVALUATION, IN_PERSON = word(Kind.EVALUATION), word(Modality.IN_PERSON)
CALL_TIMES: Mapping[str, Any] = {
    "morning": gettext_lazy("le matin"),
    "midday": gettext_lazy("entre midi et deux"),
    "afternoon": gettext_lazy("l’après-midi"),
    "evening": gettext_lazy("en fin de journée"),
}
PUBLICS: Mapping[str, Any] = {
    "adult": gettext_lazy("pour un adulte"),
    "teenager": gettext_lazy("pour un adolescent"),
    "child": gettext_lazy("pour un enfant"),
}


def until(moment: datetime, time_zone: str, now: datetime) -> str:
    """« Jusqu’à 18:40 », « Jusqu’à demain, 11:40 »: a time of day, nothing that runs."""
    told = when(moment, time_zone)
    clock = f"{told.clock} ({told.zone})" if told.zone else told.clock
    days = (local(moment, time_zone).date() - local(now, time_zone).date()).days
    if days == 0:
        return _("Jusqu’à %(clock)s") % {"clock": clock}
    if days == 1:
        return _("Jusqu’à demain, %(clock)s") % {"clock": clock}
    return _("Jusqu’au %(day)s, %(clock)s") % {
        "day": full_day(local(moment, time_zone).date(), year=False),
        "clock": clock,
    }


def wishes_in_words(wishes: Wishes, before: date | None) -> list[str]:
    """What was wished, a few words each; nothing for what does not matter."""
    told = [str(PUBLICS[wishes.public])] if wishes.public else []
    told += [str(PARTS_OF_DAY[part]) for part in wishes.day_parts]
    # Two codes may name one language.
    told += dict.fromkeys(str(LANGUAGES.get(code, code)) for code in wishes.languages)
    if wishes.in_person:
        told.append(_("au cabinet pour la suite"))
    if wishes.video:
        told.append(_("en visio pour la suite"))
    if wishes.step_free:
        told.append(_("de plain-pied"))
    if wishes.third_party:
        told.append(_("sans avancer la part de la mutuelle"))
    if wishes.from_day:
        told.append(_("à partir du %(day)s") % {"day": plain_day(wishes.from_day)})
    if before:
        told.append(_("avant le %(day)s") % {"day": plain_day(before)})
    return told


def call_times_in_words(codes: Iterable[str]) -> list[str]:
    """When somebody would rather be called."""
    return [str(CALL_TIMES[code]) for code in codes if code in CALL_TIMES]


@dataclass(frozen=True, slots=True)
class Door:
    """Another psychologist with room: who, how far, when, and where booking starts."""

    name: str
    page: str
    address: str
    distance: str
    when: When
    href: str


def doors(alternatives: Iterable[Alternative]) -> list[Door]:
    """Alternatives in words."""
    return [
        Door(
            name=one.name,
            page=reverse("psychologist", args=[one.public_id]),
            address=f"{one.address_line}, {one.postcode} {one.town_name}",
            distance=distance(one.distance_m),
            when=when(one.slot.starts_at, one.slot.time_zone),
            href=booking_address(one.public_id, one.place_id, one.slot.starts_at),
        )
        for one in alternatives
    ]


def booking_address(public_id: UUID, place_id: int, starts_at: datetime) -> str:
    """Where booking a first session starts; the moment travels in UTC."""
    query = urlencode({"place": place_id, "starts": f"{starts_at:%Y-%m-%dT%H:%MZ}"})
    return f"{reverse('book_slot', args=[public_id])}?{query}"
