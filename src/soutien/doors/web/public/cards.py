"""A psychologist as lists and pages show them: in words, with links to book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.once import once_a_language
from soutien.doors.web.components import days
from soutien.doors.web.public.search_form import LANGUAGES
from soutien.steps.find import Card, Freshness, Registered, Slot

PUBLICS: Mapping[str, Any] = {
    "adult": gettext_lazy("adultes"),
    "teenager": gettext_lazy("adolescents"),
    "child": gettext_lazy("enfants"),
}
PRACTICES: Mapping[str, Any] = {
    "cds": gettext_lazy("centre de santé"),
    "msp": gettext_lazy("maison de santé"),
}
LOOKS = {Freshness.FRESH: "", Freshness.FADING: "fading", Freshness.SILENT: "silent"}


class SlotLink(NamedTuple):
    """A free first session, and where booking it starts.

    ``day_said`` is false right after another slot of the same day.
    """

    day: str
    clock: str
    href: str
    day_said: bool = True


@dataclass(frozen=True)
class PersonCard:
    """A psychologist as the list shows them."""

    number: int
    anchor: str
    name: str
    href: str
    distance: str
    address: str
    facts: str
    slots: list[SlotLink]
    statement: str
    look: str
    full: str


@dataclass(frozen=True)
class OutsideCard:
    """Somebody outside the programme, as the open file knows them."""

    name: str
    place: str
    distance: str
    phone: str


def slot_links(public_id: UUID, slots: Iterable[Slot]) -> list[SlotLink]:
    """Slots in their order, on the wall clock of their place; a day is said once.

    Each leads to where its booking starts; the moment travels in UTC.
    """
    book = reverse("book_slot", args=[public_id])
    links: list[SlotLink] = []
    before = ""
    for slot in slots:
        local = days.local(slot.starts_at, slot.time_zone)
        day = days.short_day(local.date())
        starts = slot.starts_at.strftime("%Y-%m-%dT%H%%3A%MZ")
        href = f"{book}?place={slot.place_id}&starts={starts}"
        links.append(SlotLink(day, local.strftime("%H:%M"), href, day_said=day != before))
        before = day
    return links


def language_names(codes: tuple[str, ...]) -> list[str]:
    """Languages in words, French left out when it stands alone."""
    return [str(LANGUAGES.get(code, code)) for code in codes if code != "fr"]


def statement(card: Card, today: date) -> str:
    """How fresh what the entry says is, in words: a statement that ages says so."""
    # A free time is a fact: nobody has to call about it.
    return _statement(card.confirmed_on, card.freshness, card.doubted, not card.slots, today)


@once_a_language
def _statement(
    confirmed_on: date | None, freshness: Freshness, doubted: bool, to_call: bool, today: date
) -> str:
    call = _(" : appelez d’abord") if to_call else ""
    if confirmed_on is None:
        return _("disponibilité jamais confirmée") + call
    ago = {"ago": days.days_ago(confirmed_on, today)}
    if freshness is Freshness.FRESH:
        return _("disponibilité confirmée %(ago)s") % ago
    if freshness is Freshness.FADING:
        return _("disponibilité confirmée %(ago)s, peut-être plus à jour") % ago
    if doubted:
        return _("disponibilité en doute : des visiteurs sont restés sans réponse")
    return _("disponibilité confirmée %(ago)s seulement") % ago + call


def full(card: Card) -> str:
    """That somebody takes nobody new, and until when; empty when they do (R-174)."""
    if card.accepts_new_patients:
        return ""
    if card.full_until:
        return _("Plus de place jusqu’au %(day)s.") % {"day": days.plain_day(card.full_until)}
    return _("N’accueille pas de nouvelles personnes en ce moment.")


def facts(card: Card) -> str:
    """For whom, in which languages, and how, a few words each."""
    return _facts(
        card.publics,
        card.languages,
        card.practice,
        video=card.offers_video,
        step_free=card.step_free,
        third_party=card.offers_third_party,
    )


@once_a_language
def _facts(
    publics: tuple[str, ...],
    languages: tuple[str, ...],
    practice: str,
    *,
    video: bool,
    step_free: bool,
    third_party: bool,
) -> str:
    said = [
        *(str(PUBLICS[public]) for public in publics),
        *language_names(languages),
        *([_("visio pour la suite")] if video else []),
        *([_("de plain-pied")] if step_free else []),
        *([_("rien à avancer pour la mutuelle")] if third_party else []),
        *([str(PRACTICES[practice])] if practice in PRACTICES else []),
    ]
    return " · ".join(dict.fromkeys(said))


def distance_in_words(card: Card) -> str:
    """« 1,6 km », « environ 2 km » when only the town is known; empty without one."""
    if card.distance_m is None:
        return ""
    away = days.distance(card.distance_m)
    if card.position_precision == "address":
        return away
    return _("environ %(distance)s") % {"distance": away}


def person_card(card: Card, number: int, today: date) -> PersonCard:
    """A card of the results in words."""
    return PersonCard(
        number=number,
        anchor=f"p{number}",
        name=f"{card.given_name} {card.family_name}",
        href=reverse("psychologist", args=[card.public_id]),
        distance=distance_in_words(card),
        address=f"{card.address_line}, {card.postcode} {card.town_name}",
        facts=facts(card),
        slots=slot_links(card.public_id, card.slots),
        statement=statement(card, today),
        look=LOOKS[card.freshness],
        full=full(card),
    )


def outside_card(found: Registered) -> OutsideCard:
    """Somebody of the open file in words; the file knows communes, not doors."""
    street = ", ".join(filter(None, (found.structure_name, found.address_line)))
    return OutsideCard(
        name=f"{found.given_name} {found.family_name}",
        place=", ".join(filter(None, (street, f"{found.postcode} {found.town_name}".strip()))),
        distance=_("environ %(distance)s") % {"distance": days.distance(found.distance_m)},
        phone=found.phone,
    )
