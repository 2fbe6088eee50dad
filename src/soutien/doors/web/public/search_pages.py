"""Finding a psychologist near a place, and the page of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from soutien.doors.web.components import days
from soutien.doors.web.components.map import Map, Point, draw_map, short_name
from soutien.doors.web.components.places import PlaceField
from soutien.registers.places.gazetteer import (
    Town,
    departement_name,
    town_by_insee,
    towns_matching,
)
from soutien.registers.places.spelling import plain
from soutien.steps.errors import Refusal
from soutien.steps.find import (
    Card,
    Results,
    Slot,
    Wishes,
    find_psychologists,
    psychologist_page,
)

RADII_KM = (5, 10, 25, 50)
USUAL_RADIUS_KM = 10
OTHER_TOWNS_SHOWN = 6
CARDS_PER_PAGE = 12
AROUND_A_PRACTICE_KM = 4.0
# After this, what a psychologist said about their availability fades instead of lying.
DAYS_A_STATEMENT_HOLDS = 60

LANGUAGES: Mapping[str, Any] = {
    "ar": gettext_lazy("arabe"),
    "de": gettext_lazy("allemand"),
    "en": gettext_lazy("anglais"),
    "es": gettext_lazy("espagnol"),
    "fr": gettext_lazy("français"),
    "it": gettext_lazy("italien"),
    "lsf": gettext_lazy("langue des signes"),
    "fsl": gettext_lazy("langue des signes"),
    "pl": gettext_lazy("polonais"),
    "pt": gettext_lazy("portugais"),
    "ro": gettext_lazy("roumain"),
    "ru": gettext_lazy("russe"),
    "tr": gettext_lazy("turc"),
    "uk": gettext_lazy("ukrainien"),
    "zh": gettext_lazy("chinois"),
}
PUBLICS: Mapping[str, Any] = {
    "adult": gettext_lazy("adultes"),
    "teenager": gettext_lazy("adolescents"),
    "child": gettext_lazy("enfants"),
}
PRACTICES: Mapping[str, Any] = {
    "cds": gettext_lazy("centre de santé"),
    "msp": gettext_lazy("maison de santé"),
}


class SearchForm(forms.Form):
    """Where, and what matters. Read from the address, so that a search can be shared."""

    place = PlaceField()
    radius = forms.TypedChoiceField(
        label=gettext_lazy("Jusqu’à"),
        coerce=int,
        initial=USUAL_RADIUS_KM,
        required=False,
        choices=[(km, f"{km} km") for km in RADII_KM],
    )
    order = forms.ChoiceField(
        label=gettext_lazy("Trier par"),
        required=False,
        choices=[
            ("distance", gettext_lazy("le plus proche")),
            ("earliest", gettext_lazy("le plus tôt")),
        ],
    )
    public = forms.ChoiceField(
        label=gettext_lazy("Pour"),
        required=False,
        choices=[
            ("", gettext_lazy("tout le monde")),
            ("adult", gettext_lazy("un adulte")),
            ("teenager", gettext_lazy("un adolescent")),
            ("child", gettext_lazy("un enfant")),
        ],
    )
    language = forms.ChoiceField(
        label=gettext_lazy("En quelle langue"),
        required=False,
        choices=[
            ("", gettext_lazy("peu importe")),
            *((code, name) for code, name in LANGUAGES.items() if code not in {"fr", "fsl"}),
        ],
    )
    video = forms.BooleanField(label=gettext_lazy("En visio pour la suite"), required=False)
    step_free = forms.BooleanField(label=gettext_lazy("Accès de plain-pied"), required=False)

    def radius_km(self) -> int:
        """How far to look. Only after ``is_valid``."""
        return int(self.cleaned_data["radius"] or USUAL_RADIUS_KM)

    def wishes(self) -> Wishes:
        """The filters for the step. Only after ``is_valid``."""
        told = self.cleaned_data
        return Wishes(
            public=told["public"],
            video=told["video"],
            languages=(told["language"],) if told["language"] else (),
            step_free=told["step_free"],
        )

    def filters_in_use(self) -> int:
        told = self.cleaned_data
        return sum(bool(told[name]) for name in ("public", "language", "video", "step_free"))


@dataclass(frozen=True)
class SlotLink:
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
    practice: str
    publics: list[str]
    languages: list[str]
    offers_video: bool
    step_free: bool
    slots: list[SlotLink]
    statement: str
    statement_fades: bool


@dataclass(frozen=True)
class TownChoice:
    """Another town the same words may mean."""

    label: str
    href: str


def slot_address(public_id: UUID, slot: Slot) -> str:
    """Where the booking of a first session starts; the moment travels in UTC."""
    query = urlencode(
        {"place": slot.place_id, "starts": slot.starts_at.strftime("%Y-%m-%dT%H:%MZ")}
    )
    return f"{reverse('book_slot', args=[public_id])}?{query}"


def slot_link(public_id: UUID, slot: Slot) -> SlotLink:
    """A slot in words, on the wall clock of its place."""
    local = days.local(slot.starts_at, slot.time_zone)
    return SlotLink(
        days.short_day(local.date()), local.strftime("%H:%M"), slot_address(public_id, slot)
    )


def slot_links(public_id: UUID, slots: Iterable[Slot]) -> list[SlotLink]:
    """Slots in their order; a day is said once."""
    links: list[SlotLink] = []
    for slot in slots:
        link = slot_link(public_id, slot)
        again = bool(links) and links[-1].day == link.day
        links.append(replace(link, day_said=not again))
    return links


def town_label(town: Town) -> str:
    """« Craponne (Rhône) »."""
    return f"{short_name(town.name)} ({departement_name(town.departement)})"


def language_names(codes: tuple[str, ...]) -> list[str]:
    """Languages in words, French left out when it stands alone."""
    return [str(LANGUAGES.get(code, code)) for code in codes if code != "fr"]


def statement(confirmed_on: date | None, today: date) -> tuple[str, bool]:
    """How fresh the availability is, and whether it fades."""
    if confirmed_on is None:
        return _("disponibilité à confirmer avec le cabinet"), True
    ago = days.days_ago(confirmed_on, today)
    fades = (today - confirmed_on).days > DAYS_A_STATEMENT_HOLDS
    return _("disponibilité confirmée %(ago)s") % {"ago": ago}, fades


def person_card(card: Card, number: int, today: date) -> PersonCard:
    """A card of the results in words."""
    distance = "" if card.distance_m is None else days.distance(card.distance_m)
    if distance and card.position_precision != "address":
        distance = _("environ %(distance)s") % {"distance": distance}
    said, fades = statement(card.confirmed_on, today)
    return PersonCard(
        number=number,
        anchor=f"p{number}",
        name=f"{card.given_name} {card.family_name}",
        href=reverse("psychologist", args=[card.public_id]),
        distance=distance,
        address=f"{card.address_line}, {card.postcode} {card.town_name}",
        practice=str(PRACTICES.get(card.practice, "")),
        publics=[str(PUBLICS[public]) for public in card.publics],
        languages=language_names(card.languages),
        offers_video=card.offers_video,
        step_free=card.step_free,
        slots=slot_links(card.public_id, card.slots),
        statement=said,
        statement_fades=fades,
    )


def chosen_town(place: str, insee: str) -> tuple[Town | None, list[Town]]:
    """The town to search around, and the others the same words may mean.

    A town picked by its code wins while it is still among what the words may mean. When the
    words are a town's very name, only towns whose names begin the same are others.
    """
    matches = towns_matching(place)
    picked = town_by_insee(insee) if insee else None
    if picked is not None and picked not in matches:
        picked = None
    town = picked or (matches[0] if matches else None)
    if town is None:
        return None, []
    written = plain(place)
    exact = plain(town.name) == written
    others = [
        other
        for other in matches
        if other != town and (not exact or plain(other.name).startswith(written))
    ]
    return town, others[:OTHER_TOWNS_SHOWN]


def town_choices(request: HttpRequest, towns: list[Town]) -> list[TownChoice]:
    """Links to the same search around other towns."""
    choices = []
    for town in towns:
        query = request.GET.copy()
        query["town"] = town.insee
        query.pop("page", None)
        choices.append(TownChoice(town_label(town), f"?{query.urlencode()}"))
    return choices


def page_number(request: HttpRequest) -> int:
    """The page asked for; anything else than a number is the first."""
    asked = request.GET.get("page", "")
    return int(asked) if asked.isdecimal() and asked.isascii() else 1


def results_map(town: Town, cards: list[PersonCard], results: Results) -> Map:
    """The cards of this page around the town asked for."""
    points = [
        Point(shown.number, shown.name, card.latitude, card.longitude, shown.anchor)
        for shown, card in zip(cards, results.cards, strict=True)
    ]
    return draw_map(
        (town.latitude, town.longitude),
        points,
        label=_("Carte autour de %(town)s, mêmes numéros que la liste")
        % {"town": short_name(town.name)},
    )


def count_in_words(results: Results, town: Town, radius_km: float) -> str:
    """« 38 psychologues à moins de 10 km de Craponne »."""
    return ngettext(
        "%(n)s psychologue à moins de %(km)s km de %(town)s",
        "%(n)s psychologues à moins de %(km)s km de %(town)s",
        results.total,
    ) % {"n": results.total, "km": f"{radius_km:g}", "town": short_name(town.name)}


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The search: a plain form by address, a list first, a map beside it."""
    if not request.GET:
        return render(request, "soutien/public/find.html", {"form": SearchForm()})
    form = SearchForm({"radius": USUAL_RADIUS_KM, "order": "distance", **request.GET.dict()})
    context: dict[str, object] = {"form": form}
    if not form.is_valid():
        return render(request, "soutien/public/find.html", context, status=422)
    place = form.cleaned_data["place"]
    town, others = chosen_town(place, request.GET.get("town", ""))
    context |= {"asked": place, "filters_in_use": form.filters_in_use()}
    if town is None:
        return render(request, "soutien/public/find.html", context | {"unknown_place": True})
    now = timezone.now()
    radius_km = form.radius_km()
    results = find_psychologists(
        near=(town.latitude, town.longitude),
        radius_km=radius_km,
        wishes=form.wishes(),
        at=now,
        order=form.cleaned_data["order"] or "distance",
        page=page_number(request),
        page_size=CARDS_PER_PAGE,
    )
    today = timezone.localdate(now)
    first = (results.page - 1) * CARDS_PER_PAGE + 1
    cards = [person_card(card, first + i, today) for i, card in enumerate(results.cards)]
    context |= {
        "town": town_label(town),
        "town_code": town.insee,
        "others": town_choices(request, others),
        "results": results,
        "radius_km": radius_km,
        "count": count_in_words(results, town, results.widened_to_km or radius_km),
        "cards": cards,
        "map": results_map(town, cards, results) if cards else None,
    }
    return render(request, "soutien/public/find.html", context)


@dataclass(frozen=True)
class DaySlots:
    """The free first sessions of one day."""

    day: date
    slots: list[SlotLink]


@dataclass(frozen=True)
class PlaceShown:
    """An address where the psychologist receives."""

    label: str
    address_line: str
    town: str
    practice: str
    step_free: bool
    map: Map


def place_shown(card: Card) -> PlaceShown:
    """One address with its small map."""
    near = (card.latitude, card.longitude)
    label = _("Carte autour de %(town)s") % {"town": card.town_name}
    return PlaceShown(
        label=card.place_label,
        address_line=card.address_line,
        town=f"{card.postcode} {card.town_name}",
        practice=str(PRACTICES.get(card.practice, "")),
        step_free=card.step_free,
        map=draw_map(near, [], label=label, least_km=AROUND_A_PRACTICE_KM),
    )


@require_safe
def psychologist(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One psychologist: who, where, for whom, and the free first sessions by day.

    Who has left the directory is not found, as if never there (R-173).
    """
    now = timezone.now()
    try:
        page = psychologist_page(public_id=public_id, at=now)
    except Refusal as refusal:
        raise Http404(refusal.code) from refusal
    card = page.card
    said, fades = statement(card.confirmed_on, timezone.localdate(now))
    presentation = page.presentation_fr if days.in_french() else page.presentation_en
    return render(
        request,
        "soutien/public/psychologist.html",
        {
            "name": f"{card.given_name} {card.family_name}",
            "publics": [str(PUBLICS[public]) for public in card.publics],
            "languages": language_names(card.languages),
            "card": card,
            "presentation": presentation or page.presentation_fr,
            "presentation_language": "en" if presentation == page.presentation_en else "fr",
            "phone": page.phone,
            "places": [place_shown(place) for place in page.places],
            "days": [DaySlots(day.day, slot_links(public_id, day.slots)) for day in page.days],
            "statement": said,
            "statement_fades": fades,
        },
    )
