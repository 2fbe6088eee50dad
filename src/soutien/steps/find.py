"""Looking for a psychologist: near a place, and one psychologist's page.

Open to anybody, and no trace is left: what people look for says something about them. Nothing
here builds a model object: the search reads raw values (docs/decisions/0008-no-slot-rows.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import nsmallest
from itertools import groupby, islice

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.horizon import NEVER
from soutien.registers.agenda.queries import Slot
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.nearby import Near
from soutien.registers.psychologists.queries import DirectoryRow, Standing, distance_m
from soutien.rules.codes import Kind, Modality, word
from soutien.steps import gather
from soutien.steps.actor import ANONYMOUS
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow
from soutien.steps.projection import Projection, projection

SLOTS_SHOWN = 3
# Nobody within the wished radius: look further, step by step, before saying there is nobody.
WIDER_KM = (25.0, 50.0, 100.0, 250.0, 500.0)
FIRST_SESSION = word(Kind.EVALUATION)
# The days of mainland France decide who is listed; slots are checked on the day of their place.
_DIRECTORY_ZONE = "Europe/Paris"

__all__ = [
    "Card",
    "Day",
    "Page",
    "Results",
    "Slot",
    "Wishes",
    "find_psychologists",
    "psychologist_page",
]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wishes; ``public`` is "", "adult", "teenager" or "child".

    Of several ``languages`` (codes such as ``en``), one is enough. ``video`` is about the
    sessions that follow: the first is held in person.
    """

    public: str = ""
    video: bool = False
    languages: tuple[str, ...] = ()
    step_free: bool = False
    new_patients: bool = True


@dataclass(frozen=True, slots=True)
class Card:
    """A psychologist at one place, with the next free slots there, three at most."""

    psychologist_id: int
    public_id: uuid.UUID
    given_name: str
    family_name: str
    place_id: int
    place_label: str
    address_line: str
    postcode: str
    town_name: str
    insee: str
    latitude: float
    longitude: float
    position_precision: str
    time_zone: str
    distance_m: int | None
    publics: tuple[str, ...]
    languages: tuple[str, ...]
    offers_video: bool
    accepts_new_patients: bool
    step_free: bool
    practice: str
    confirmed_on: date | None
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """One page of cards; ``widened_to_km`` when nobody was found within the wished radius."""

    total: int
    page: int
    pages: int
    cards: list[Card]
    widened_to_km: float | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The free slots of one day at the places of care."""

    day: date
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A psychologist's page: one card a place (the first without distance), and free slots."""

    card: Card
    places: tuple[Card, ...]
    presentation_fr: str
    presentation_en: str
    phone: str
    days: tuple[Day, ...]


def find_psychologists(
    *,
    near: tuple[float, float],
    radius_km: float,
    wishes: Wishes = Wishes(),
    at: datetime,
    order: str = "distance",
    page: int = 1,
    page_size: int = 12,
) -> Results:
    """Partner psychologists near a position (degrees), and their next free first sessions.

    ``order`` is ``distance`` or ``earliest``; those without a free slot then come last. A page
    beyond the last one is the last one. Raises ValueError for an unknown public.
    """
    allow(ANONYMOUS, "find_psychologists")
    with projection() as known:
        found, widened_to_km = _candidates(known, near, radius_km, wishes, at)
        pages = max(1, -(-len(found) // page_size))
        page = min(max(page, 1), pages)
        times = _FirstSessions(known, at)
        wanted = slice((page - 1) * page_size, page * page_size)
        shown = times.earliest(found, wanted) if order == "earliest" else sorted(found)[wanted]
        slots = times.of(shown)
    rows = directory.directory_rows(slots)
    cards = [
        _card(row, slots[place_id], round(distance_m(*near, row.latitude, row.longitude)))
        for place_id in slots
        if (row := rows.get(place_id))
    ]
    return Results(len(found), page, pages, cards, widened_to_km)


def psychologist_page(
    *, public_id: uuid.UUID, at: datetime, days: int = 28, kind: str = FIRST_SESSION
) -> Page:
    """A psychologist's page with the free slots of the coming days, by day at the place.

    Refuses ``not_found`` who is not in the directory that day (R-173), known or not.
    """
    allow(ANONYMOUS, "psychologist_page")
    psychologist = directory.by_public_id(public_id)
    today = gather.civil_day(at, _DIRECTORY_ZONE)
    if psychologist is None or not directory.listed(psychologist.pk, today):
        raise Refusal("not_found")
    places = sorted(place.pk for place in psychologist.places.all())
    if not places:
        raise Refusal("not_found")
    free = agenda.free_slots(
        [psychologist.pk],
        since=at,
        until=at + timedelta(days=days),
        kind=kind,
        now=at,
        modality=_first_session_modality(kind, today),
    )
    standing = directory.standings([psychologist.pk])[psychologist.pk]
    slots = list(_payable(free[psychologist.pk], standing))
    rows = directory.directory_rows(places)
    cards = [
        _card(rows[place], [slot for slot in slots if slot.place_id == place][:SLOTS_SHOWN], None)
        for place in places
    ]
    by_day = groupby(slots, key=_slot_day)
    return Page(
        card=next((card for card in cards if card.slots), cards[0]),
        places=tuple(cards),
        presentation_fr=psychologist.presentation_fr,
        presentation_en=psychologist.presentation_en,
        phone=psychologist.phone,
        days=tuple(Day(day, tuple(found)) for day, found in by_day),
    )


def _slot_day(slot: Slot) -> date:
    """The day of a slot at its place."""
    return gather.civil_day(slot.starts_at, slot.time_zone)


def _first_session_modality(kind: str, on: date) -> str:
    """How sessions of a kind must be held on a day: ``in_person``, or empty for either way."""
    must_be_there = kind == FIRST_SESSION and gather.terms_on(on).evaluation_in_person
    return word(Modality.IN_PERSON) if must_be_there else ""


def _candidates(
    known: Projection,
    near: tuple[float, float],
    radius_km: float,
    wishes: Wishes,
    at: datetime,
) -> tuple[list[Near], float | None]:
    """Who is listed within the radius, else within the first wider one where somebody is."""
    on = gather.civil_day(at, _DIRECTORY_ZONE)
    for reach in (radius_km, *(wider for wider in WIDER_KM if wider > radius_km)):
        found = known.nearby.around(
            *near,
            reach,
            on=on,
            public=wishes.public,
            video=wishes.video,
            languages=wishes.languages,
            step_free=wishes.step_free,
            new_patients=wishes.new_patients,
        )
        if found:
            return found, None if reach == radius_km else reach
    return [], None


class _FirstSessions:
    """When those found are free for a first session, on days the fund pays for."""

    def __init__(self, known: Projection, at: datetime) -> None:
        on = gather.civil_day(at, _DIRECTORY_ZONE)
        self._at = at
        self._modality = _first_session_modality(FIRST_SESSION, on)
        self._free = known.first_sessions(self._modality, at)
        # All others are under agreement on every day to come.
        self._standings = known.nearby.unsettled

    def earliest(self, found: Sequence[Near], wanted: slice) -> list[Near]:
        """A page of those found, the first free first, then the nearest; never free, last."""
        firsts = self._free.first_starts([near[1:] for near in found], at=self._at)
        if self._standings:
            for position, (_away, place_id, key) in enumerate(found):
                if key in self._standings:
                    slot = next(self._slots(place_id, key), None)
                    firsts[position] = int(slot.starts_at.timestamp()) if slot else NEVER
        # Only those that may be on the page are put in order.
        latest = max(nsmallest(wanted.stop, firsts), default=NEVER)
        both = zip(firsts, found, strict=True)
        first = sorted((start, near) for start, near in both if start <= latest)
        return [near for _start, near in first[wanted]]

    def of(self, shown: Sequence[Near]) -> dict[int, tuple[Slot, ...]]:
        """The next free slots at each place, in the order of the places."""
        # All at once: whose agenda is not known yet is then read in one question.
        self._free.first_starts([near[1:] for near in shown], at=self._at)
        slots = {place_id: self._slots(place_id, key) for _away, place_id, key in shown}
        return {
            place_id: tuple(
                slot._replace(modality=self._modality or slot.modality)
                for slot in islice(found, SLOTS_SHOWN)
            )
            for place_id, found in slots.items()
        }

    def _slots(self, place_id: int, psychologist_id: int) -> Iterator[Slot]:
        slots = self._free.slots(psychologist_id, place_id, at=self._at)
        standing = self._standings.get(psychologist_id)
        return _payable(slots, standing) if standing else slots


def _payable(slots: Iterable[Slot], standing: Standing) -> Iterator[Slot]:
    """The slots on days when the psychologist is under agreement and not suspended."""
    return (
        slot
        for slot in slots
        if gather.in_force(standing.agreements, day := _slot_day(slot))
        and not gather.in_force(standing.suspensions, day)
    )


_PUBLICS: Mapping[str, str] = {
    "adult": "sees_adults",
    "teenager": "sees_teenagers",
    "child": "sees_children",
}


def _card(row: DirectoryRow, slots: Collection[Slot], distance_m: int | None) -> Card:
    return Card(
        psychologist_id=row.psychologist_id,
        public_id=row.public_id,
        given_name=row.given_name,
        family_name=row.family_name,
        place_id=row.place_id,
        place_label=row.place_label,
        address_line=row.address_line,
        postcode=row.postcode,
        town_name=row.town_name,
        insee=row.insee,
        latitude=row.latitude,
        longitude=row.longitude,
        position_precision=row.position_precision,
        time_zone=row.time_zone,
        distance_m=distance_m,
        publics=tuple(public for public, column in _PUBLICS.items() if getattr(row, column)),
        languages=row.languages,
        offers_video=row.offers_video,
        accepts_new_patients=row.accepts_new_patients,
        step_free=row.step_free,
        practice=row.practice,
        confirmed_on=row.confirmed_on,
        slots=tuple(slots),
    )
