"""Towns, psychologists, free times: open to everybody, as the pages are."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from soutien.doors.api.opening import opened, problems, slot_out
from soutien.doors.api.shapes import (
    PageOut,
    PlaceOut,
    PsychologistOut,
    SearchIn,
    SearchOut,
    SlotOut,
    SlotsIn,
    Words,
)
from soutien.registers.places.gazetteer import (
    departement_matching,
    town_by_insee,
    towns_matching,
)
from soutien.steps.errors import Refusal
from soutien.steps.find import (
    Card,
    Results,
    Wishes,
    find_by_name,
    find_in_departement,
    find_psychologists,
    psychologist_page,
)

router = Router(tags=["directory"])
# French sign language has two codes.
_ALSO_WRITTEN = {"lsf": ("lsf", "fsl")}


@router.get(
    "places",
    response={200: list[PlaceOut], **problems(422, 429)},
    url_name="api_places",
    operation_id="places",
)
@opened()
def places(request: HttpRequest, q: Words) -> list[PlaceOut]:
    """Towns a text may mean, the likeliest first: a name, its beginning, a postcode."""
    return [
        PlaceOut(
            insee=town.insee,
            name=town.name,
            postcodes=list(town.postcodes),
            departement=town.departement,
            latitude=town.latitude,
            longitude=town.longitude,
        )
        for town in towns_matching(q)
    ]


@router.get(
    "psychologists",
    response={200: SearchOut, **problems(404, 422, 429)},
    url_name="api_psychologists",
    operation_id="psychologists",
)
@opened()
def psychologists(request: HttpRequest, asked: Annotated[SearchIn, Query()]) -> SearchOut:
    """Partners near a place, in a département, or by name, with their next free first sessions."""
    found = _found(asked)
    return SearchOut(
        total=found.total,
        page=found.page,
        pages=found.pages,
        widened_to_km=found.widened_to_km,
        psychologists=[_psychologist(card) for card in found.cards],
    )


@router.get(
    "psychologists/{uuid:psychologist}",
    response={200: PageOut, **problems(404, 422, 429)},
    url_name="api_psychologist",
    operation_id="psychologist",
)
@opened()
def one_psychologist(request: HttpRequest, psychologist: UUID) -> PageOut:
    """One psychologist of the directory, at every place."""
    page = psychologist_page(public_id=psychologist, at=timezone.now())
    return PageOut(
        id=page.card.public_id,
        given_name=page.card.given_name,
        family_name=page.card.family_name,
        phone=page.phone,
        presentation_fr=page.presentation_fr,
        presentation_en=page.presentation_en,
        places=[_psychologist(card) for card in page.places],
    )


@router.get(
    "psychologists/{uuid:psychologist}/slots",
    response={200: list[SlotOut], **problems(404, 422, 429)},
    url_name="api_slots",
    operation_id="slots",
)
@opened()
def slots(
    request: HttpRequest, psychologist: UUID, asked: Annotated[SlotsIn, Query()]
) -> list[SlotOut]:
    """The free times of the coming days, in order."""
    page = psychologist_page(
        public_id=psychologist, at=timezone.now(), days=asked.days, kind=asked.kind
    )
    return [slot_out(slot) for day in page.days for slot in day.slots]


def _found(asked: SearchIn) -> Results:
    wishes = Wishes(
        public=asked.public,
        video=asked.follow_ups == "video",
        in_person=asked.follow_ups == "in_person",
        languages=_ALSO_WRITTEN.get(asked.language, (asked.language,)) if asked.language else (),
        step_free=asked.step_free,
        third_party=asked.third_party,
        new_patients=not asked.full_too,
        day_parts=tuple(asked.when),
        from_day=asked.since,
    )
    at, near = timezone.now(), _near(asked)
    if asked.name:
        return find_by_name(name=asked.name, near=near, wishes=wishes, at=at, page=asked.page)
    departement = asked.departement or (
        departement_matching(asked.place) if near is None and asked.place else None
    )
    if departement:
        return find_in_departement(departement=departement, wishes=wishes, at=at, page=asked.page)
    if near is None:
        if asked.place or asked.insee:
            raise Refusal("not_found")
        raise Refusal("request_unclear", what="place", fields=("place",))
    return find_psychologists(
        near=near,
        radius_km=asked.radius_km,
        wishes=wishes,
        at=at,
        order=asked.order,
        page=asked.page,
    )


def _near(asked: SearchIn) -> tuple[float, float] | None:
    """The position meant; none for a whole département."""
    if asked.lat is not None and asked.lon is not None:
        return asked.lat, asked.lon
    towns = towns_matching(asked.place) if asked.place else []
    town = town_by_insee(asked.insee) if asked.insee else next(iter(towns), None)
    return (town.latitude, town.longitude) if town else None


def _psychologist(card: Card) -> PsychologistOut:
    return PsychologistOut(
        id=card.public_id,
        given_name=card.given_name,
        family_name=card.family_name,
        place=card.place_id,
        place_label=card.place_label,
        address_line=card.address_line,
        postcode=card.postcode,
        town_name=card.town_name,
        insee=card.insee,
        latitude=card.latitude,
        longitude=card.longitude,
        distance_m=card.distance_m,
        publics=list(card.publics),
        languages=list(card.languages),
        offers_video=card.offers_video,
        accepts_new_patients=card.accepts_new_patients,
        step_free=card.step_free,
        offers_third_party=card.offers_third_party,
        confirmed_on=card.confirmed_on,
        slots=[slot_out(slot) for slot in card.slots],
    )
