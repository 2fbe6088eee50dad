"""Finding a psychologist: by place, position, département or name; and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from soutien.doors.web.components import days
from soutien.doors.web.components.map import Map, Point, draw_map, short_name
from soutien.doors.web.public.card_html import card_html, words_of_cards
from soutien.doors.web.public.cards import (
    LOOKS,
    PRACTICES,
    PUBLICS,
    PersonCard,
    SlotLink,
    full,
    language_names,
    outside_card,
    person_card,
    slot_links,
    statement,
)
from soutien.doors.web.public.meant_places import Meant, departement_label, meant_place
from soutien.doors.web.public.programme import programme_on
from soutien.doors.web.public.search_form import (
    FILTERS,
    SearchForm,
    position_in_words,
    position_of,
    read_search,
)
from soutien.registers.places.gazetteer import all_towns, distance_m
from soutien.steps.errors import Refusal
from soutien.steps.find import (
    Card,
    Results,
    find_by_name,
    find_in_departement,
    find_psychologists,
    psychologist_page,
)

CARDS_PER_PAGE = 12
AROUND_A_PRACTICE_KM = 4.0
# Where the nearest town names a position: only those people know.
TOWNS_KNOWN = 12_000
PAGE = "soutien/public/find.html"


@dataclass(frozen=True)
class ChoiceLink:
    """The same search, with what else the words may mean."""

    label: str
    href: str


@dataclass(frozen=True)
class Answer:
    """What a search found, in words, for the page.

    ``here`` says what the middle of the map is; without it there is no map. ``everywhere`` when
    neither a radius nor an order was asked about.
    """

    results: Results
    count: str
    nobody: str
    where: str
    here: str = ""
    middle: tuple[float, float] | None = None
    everywhere: bool = False


def page_number(request: HttpRequest) -> int:
    """The page asked for; anything else than a sensible number is the first."""
    asked = request.GET.get("page", "")
    sensible = asked.isdecimal() and asked.isascii() and len(asked) < len("1000000")
    return int(asked) if sensible else 1


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The search: a plain form by address, a list first, a map beside it."""
    if not request.GET:
        return render(request, PAGE, {"form": SearchForm()})
    if (coarser := without_exact_position(request)) is not None:
        return coarser
    now = timezone.now()
    today = timezone.localdate(now)
    form, notes = read_search(request.GET, today)
    context: dict[str, object] = {"form": form, "notes": notes}
    if not form.is_valid():
        return render(request, PAGE, context | {"details_open": True}, status=422)
    told = form.cleaned_data
    meant, near = meant_of(request, form)
    context |= {
        "asked": told["place"],
        "filters_in_use": form.filters_in_use(),
        "details_open": form.details_in_use(),
        "without_filters": without_filters(request) if form.filters_in_use() else "",
        "others": choice_links(request, meant),
        "town_code": meant.town_code if meant else "",
        "departement": meant.departement if meant else "",
    }
    if meant is not None and meant.street_unknown:
        notes.append(
            _("Nous cherchons autour de %(town)s : nous ne connaissons pas les rues.")
            % {"town": meant.label}
        )
    if told["place"] and meant is None:
        return render(request, PAGE, context | {"unknown_place": True})
    answer = answered(form, meant, near, now, page_number(request))
    return render(request, PAGE, context | shown(answer, form, today))


def without_exact_position(request: HttpRequest) -> HttpResponse | None:
    """Where to go when an address holds a position finer than a hundred metres."""
    near = request.GET.get("near", "")
    position = position_of(near)
    if position is None or position == tuple(map(float, near.split(","))):
        return None
    query = request.GET.copy()
    query["near"] = position_in_words(position)
    return redirect(f"{request.path}?{query.urlencode(safe=',')}")


def meant_of(
    request: HttpRequest, form: SearchForm
) -> tuple[Meant | None, tuple[float, float] | None]:
    """What the box means, and the position to look around: what is typed comes first."""
    if form.cleaned_data["place"]:
        meant = meant_place(
            form.cleaned_data["place"],
            insee=request.GET.get("town", ""),
            departement=request.GET.get("departement", ""),
        )
        return meant, meant.position if meant else None
    return None, form.position()


def without_filters(request: HttpRequest) -> str:
    """The address of the same search without what may leave somebody out."""
    query = request.GET.copy()
    for name in ("page", "video", *FILTERS):
        query.pop(name, None)
    return f"?{query.urlencode()}"


def choice_links(request: HttpRequest, meant: Meant | None) -> list[ChoiceLink]:
    """Links to the same search with the other meanings."""
    links = []
    for other in meant.others if meant else ():
        query = request.GET.copy()
        for name in ("page", *other.changes):
            query.pop(name, None)
        query.update({name: value for name, value in other.changes.items() if value})
        links.append(ChoiceLink(other.label, f"?{query.urlencode()}"))
    return links


def answered(
    form: SearchForm,
    meant: Meant | None,
    near: tuple[float, float] | None,
    now: datetime,
    page: int,
) -> Answer:
    """Take the one step that answers, and say what it found."""
    told, wishes = form.cleaned_data, form.wishes()
    if told["name"]:
        named = find_by_name(
            name=told["name"],
            near=near,
            wishes=wishes,
            at=now,
            page=page,
            page_size=CARDS_PER_PAGE,
        )
        return _by_name(named, told["name"], meant, near)
    if meant is not None and meant.departement:
        whole = find_in_departement(
            departement=meant.departement,
            wishes=wishes,
            at=now,
            page=page,
            page_size=CARDS_PER_PAGE,
        )
        if whole.total:
            return _in_departement(whole, meant)
    assert near is not None
    around = find_psychologists(
        near=near,
        radius_km=form.radius_km(),
        wishes=wishes,
        at=now,
        order=told["order"] or "distance",
        page=page,
        page_size=CARDS_PER_PAGE,
    )
    return _around(around, meant, near, form.radius_km())


def _by_name(
    results: Results, name: str, meant: Meant | None, near: tuple[float, float] | None
) -> Answer:
    count = ngettext(
        "%(n)s psychologue partenaire se nomme à peu près « %(name)s »",
        "%(n)s psychologues partenaires se nomment à peu près « %(name)s »",
        results.total,
    ) % {"n": results.total, "name": name}
    nobody = _("Aucun psychologue partenaire ne se nomme « %(name)s »") % {"name": name}
    where = meant.label if meant else nearest_town(near) if near else ""
    return Answer(results, count, nobody, where, where, near, everywhere=True)


def _in_departement(results: Results, meant: Meant) -> Answer:
    count = ngettext(
        "%(n)s psychologue dans le département %(name)s, du plus tôt au plus tard",
        "%(n)s psychologues dans le département %(name)s, du plus tôt au plus tard",
        results.total,
    ) % {"n": results.total, "name": meant.label}
    largest = meant.others[-1].label
    return Answer(results, count, "", meant.label, largest, meant.position, everywhere=True)


def _around(
    results: Results, meant: Meant | None, near: tuple[float, float], radius_km: int
) -> Answer:
    where = meant.label if meant else nearest_town(near)
    name = where.partition(" (")[0] if meant else _("vous")
    if meant is not None and meant.departement:
        where = departement_label(meant.departement)
        name = meant.others[-1].label.partition(" (")[0]
    km = f"{results.widened_to_km or radius_km:g}"
    count = ngettext(
        "%(n)s psychologue à moins de %(km)s km de %(town)s",
        "%(n)s psychologues à moins de %(km)s km de %(town)s",
        results.total,
    ) % {"n": results.total, "km": km, "town": name}
    nobody = _("Personne pour l’instant autour de %(town)s") % {"town": where if meant else name}
    here = where if meant else _("vous, près de %(town)s") % {"town": where}
    return Answer(results, count, nobody, where, here, near)


def shown(answer: Answer, form: SearchForm, today: date) -> dict[str, object]:
    """What the page draws of an answer: numbered cards, the same numbers on the map."""
    results = answer.results
    first = (results.page - 1) * CARDS_PER_PAGE + 1
    cards = [person_card(card, first + i, today) for i, card in enumerate(results.cards)]
    after = first + len(cards)
    by_video = [person_card(card, after + i, today) for i, card in enumerate(results.by_video)]
    position = form.position()
    words = words_of_cards(form.wishes().about_times)
    return {
        "results": results,
        "count": answer.count if results.total else answer.nobody,
        "where": answer.where,
        "here": answer.here,
        "everywhere": answer.everywhere,
        "around_you": not form.cleaned_data["place"] and position is not None,
        "radius_km": form.radius_km(),
        "cards": [card_html(card, words) for card in cards],
        "by_video": [card_html(card, words) for card in by_video],
        "outside": [outside_card(found) for found in results.outside],
        "outside_on": max((found.source_on for found in results.outside), default=None),
        "map": results_map(answer, cards) if cards and answer.middle else None,
    }


def results_map(answer: Answer, cards: list[PersonCard]) -> Map:
    """The cards of this page around the place asked for."""
    assert answer.middle is not None
    points = [
        Point(shown.number, shown.name, card.latitude, card.longitude, shown.anchor)
        for shown, card in zip(cards, answer.results.cards, strict=True)
    ]
    label = _("Carte autour de %(town)s, mêmes numéros que la liste") % {"town": answer.here}
    return draw_map(answer.middle, points, label=label)


def nearest_town(near: tuple[float, float]) -> str:
    """The name of a town nearby that people know, for a position."""
    towns = all_towns()[:TOWNS_KNOWN]
    return short_name(
        min(towns, key=lambda town: distance_m(*near, town.latitude, town.longitude)).name
    )


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
    today = timezone.localdate(now)
    try:
        page = psychologist_page(public_id=public_id, at=now)
    except Refusal as refusal:
        raise Http404(refusal.code) from refusal
    card = page.card
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
            "statement": statement(card, today),
            "look": LOOKS[card.freshness],
            "full": full(card),
            "letter_required": programme_on(today).letter_required,
            "report_path": reverse("report_availability", args=[public_id]),
        },
    )
