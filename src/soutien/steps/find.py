"""Looking for a psychologist: near a place, in a département, by name; and one's page.

Open to anybody, and no trace is left: what people look for says something about them. Nothing
here builds a model object: the search reads raw values (docs/decisions/0008-no-slot-rows.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush, nsmallest
from itertools import groupby, islice
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from soutien.registers.agenda import modalities
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.horizon import NEVER, Starts
from soutien.registers.agenda.queries import Slot
from soutien.registers.places.spelling import plain
from soutien.registers.psychologists import entries
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.entries import Registered
from soutien.registers.psychologists.nearby import Found, Near
from soutien.registers.psychologists.queries import (
    EARTH_RADIUS_M,
    METRES_IN_KM,
    DirectoryRow,
    Standing,
    distance_m,
)
from soutien.rules.codes import Kind, word
from soutien.steps import gather
from soutien.steps.actor import ANONYMOUS
from soutien.steps.errors import Refusal
from soutien.steps.freshness import RANKS_FARTHER_M, Ages, Freshness, ages_on
from soutien.steps.permissions import allow
from soutien.steps.projection import HORIZON, Projection, first_session_modality, projection
from soutien.steps.wishes import DAY_PARTS, NO_WISHES, Wishes

SLOTS_SHOWN = 3
# Nobody within the wished radius: look further, step by step, before saying there is nobody.
WIDER_KM = (25.0, 50.0, 100.0, 250.0, 500.0)
# When nobody is near: a few who see people by video after a first session, and a few outside
# the programme, not farther than people go every week.
BY_VIDEO_SHOWN, OUTSIDE_SHOWN = 3, 6
OUTSIDE_KM = 25.0
# In the middle of France: where somebody is looked for by name alone, distances mean nothing.
_ANYWHERE = (46.5, 2.5)
FIRST_SESSION = word(Kind.EVALUATION)
# The days of mainland France decide who is listed; slots are checked on the day of their place.
_DIRECTORY_ZONE = "Europe/Paris"

__all__ = [
    "DAY_PARTS",
    "HORIZON",
    "Card",
    "Day",
    "Freshness",
    "Page",
    "Registered",
    "Results",
    "Slot",
    "Wishes",
    "find_by_name",
    "find_in_departement",
    "find_psychologists",
    "psychologist_page",
]


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
    freshness: Freshness
    doubted: bool
    full_until: date | None
    offers_third_party: bool
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """One page of cards; ``widened_to_km`` when nobody was found within the wished radius.

    Then ``by_video`` are the nearest others who work by video after a first session, and
    ``outside`` psychologists within reach who are not in the programme: their prices are
    theirs, and nothing is paid by the Assurance Maladie (R-095, R-208).
    """

    total: int
    page: int
    pages: int
    cards: list[Card]
    widened_to_km: float | None = None
    by_video: tuple[Card, ...] = ()
    outside: tuple[Registered, ...] = ()


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
    wishes: Wishes = NO_WISHES,
    at: datetime,
    order: str = "distance",
    page: int = 1,
    page_size: int = 12,
) -> Results:
    """Partner psychologists near a position (degrees), and their next free first sessions.

    ``order`` is ``distance``, where entries nobody vouches for rank as if farther away, or
    ``earliest``; those without a free slot that suits then come last. A page beyond the last one
    is the last one. Raises ValueError for an unknown public.
    """
    allow(ANONYMOUS, "find_psychologists")
    with projection() as known:
        asked = _Asked(known, wishes, at)
        found, widened_to_km = asked.around(near, radius_km)
        by_times = order == "earliest"
        paged = _Paged(len(found), page, page_size)
        shown = (asked.earliest if by_times else asked.nearest)(found, paged.wanted)
        apart = asked.by_video(near, shown) if widened_to_km or not found else []
        slots = asked.slots([*shown, *apart])
        cards = _cards(known.shown.rows(slots), slots, near, asked.ages)
    outside: list[Registered] = []
    if widened_to_km or not found:
        reach = max(radius_km, OUTSIDE_KM)
        outside = entries.out_of_network_near(*near, reach, on=asked.on, limit=OUTSIDE_SHOWN)
    return Results(
        paged.total,
        paged.page,
        paged.pages,
        [cards[place_id] for _away, place_id, _key in shown if place_id in cards],
        widened_to_km,
        tuple(cards[place_id] for _away, place_id, _key in apart if place_id in cards),
        tuple(outside),
    )


def find_in_departement(
    *,
    departement: str,
    wishes: Wishes = NO_WISHES,
    at: datetime,
    page: int = 1,
    page_size: int = 12,
) -> Results:
    """Partners of a département ("69", "2A", "974"), those free the earliest first.

    Distances are not told: a département has no middle where people live.
    """
    allow(ANONYMOUS, "find_in_departement")
    with projection() as known:
        asked = _Asked(known, wishes, at)
        listed = directory.candidates_in_departement(
            departement, _ANYWHERE, on=asked.on, **asked.of_directory
        )
        all_of_it = Found.of([(0.0, one.place_id, one.psychologist_id) for one in listed])
        found = asked.in_person(all_of_it)
        paged = _Paged(len(found), page, page_size)
        slots = asked.slots(asked.earliest(found, paged.wanted))
        cards = _cards(known.shown.rows(slots), slots, None, asked.ages)
    return Results(paged.total, paged.page, paged.pages, list(cards.values()))


def find_by_name(
    *,
    name: str,
    near: tuple[float, float] | None = None,
    wishes: Wishes = NO_WISHES,
    at: datetime,
    page: int = 1,
    page_size: int = 12,
) -> Results:
    """Partners whose name the words may mean, the likeliest first; of these the nearest.

    Accents, the order of the words and one slip a word do not count. Of ``wishes`` only the
    times are read: who is named is shown, also who takes nobody new (R-174).
    """
    allow(ANONYMOUS, "find_by_name")
    with projection() as known:
        asked = _Asked(known, wishes, at)
        called = known.names.matching(plain(name))
        listed = directory.candidates_among([k for _, k in called], near or _ANYWHERE, on=asked.on)
        meant = [(cost, listed[key]) for cost, key in called if key in listed]
        if near:
            meant.sort(key=lambda one: (one[0], one[1].distance_m))
        paged = _Paged(len(meant), page, page_size)
        wanted = meant[paged.wanted]
        slots = asked.slots([(0.0, one.place_id, one.psychologist_id) for _cost, one in wanted])
        cards = _cards(known.shown.rows(slots), slots, near, asked.ages)
    return Results(paged.total, paged.page, paged.pages, list(cards.values()))


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
    at_place = {
        place: [slot for slot in slots if slot.place_id == place][:SLOTS_SHOWN] for place in places
    }
    rows = directory.directory_rows(at_place)
    cards = list(_cards(rows, at_place, None, ages_on(today)).values())
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
    return first_session_modality(on) if kind == FIRST_SESSION else ""


class _Paged:
    """Which of so many are on a page; a page beyond the last one is the last one."""

    def __init__(self, total: int, page: int, page_size: int) -> None:
        self.total = total
        self.pages = max(1, -(-total // page_size))
        self.page = min(max(page, 1), self.pages)
        self.wanted = slice((self.page - 1) * page_size, self.page * page_size)


class _Asked:
    """A question: who is listed and suits, when they are free on days the fund pays for."""

    def __init__(self, known: Projection, wishes: Wishes, at: datetime) -> None:
        self.on = gather.civil_day(at, _DIRECTORY_ZONE)
        self.ages: Ages = ages_on(self.on)
        self._known, self._wishes, self._at = known, wishes, at
        self._modality = _first_session_modality(FIRST_SESSION, self.on)
        self._free = known.first_sessions(self._modality, at)

    @property
    def of_directory(self) -> dict[str, Any]:
        """The wishes that the directory knows about."""
        return {
            "public": self._wishes.public,
            "video": self._wishes.video,
            "languages": self._wishes.languages,
            "step_free": self._wishes.step_free,
            "third_party": self._wishes.third_party,
            "new_patients": self._wishes.new_patients,
        }

    def around(self, near: tuple[float, float], radius_km: float) -> tuple[Found, float | None]:
        """Who is listed within the radius, else within the first wider one where somebody is."""
        for reach in (radius_km, *(wider for wider in WIDER_KM if wider > radius_km)):
            listed = self._known.nearby.around(*near, reach, on=self.on, **self.of_directory)
            if found := self.in_person(listed):
                return found, None if reach == radius_km else reach
        return Found.of([]), None

    def in_person(self, found: Found) -> Found:
        """Those found, without those who hold follow-ups by video only when that was wished."""
        if not self._wishes.in_person:
            return found
        asked = found.psychologists.tolist()
        return found.only(~found.of_any(modalities.follow_ups_by_video_only(asked, self.on)))

    def by_video(self, near: tuple[float, float], shown: Sequence[Near]) -> list[Near]:
        """The nearest others who work by video after a first session, wherever that is."""
        if self._wishes.in_person:
            return []
        wishes, rank = self.of_directory | {"video": True}, self._rank()
        nearest: list[Near] = []
        for reach_km in WIDER_KM:
            listed = self._known.nearby.around(*near, reach_km, on=self.on, **wishes)
            others = listed.only(~listed.of_any([key for _away, _place, key in shown]))
            nearest = self.nearest(others, slice(0, BY_VIDEO_SHOWN))
            # Beyond the reach, all rank farther than it.
            if len(nearest) == BY_VIDEO_SHOWN and rank(nearest[-1])[0] <= reach_km * METRES_IN_KM:
                break
        return nearest

    def _rank(self) -> Callable[[Near], tuple[float, Near]]:
        """How far a place ranks, in metres; nobody vouches for those who rank farther."""
        stated_on, ages = self._known.statements.stated_on(), self.ages

        def rank(near: Near) -> tuple[float, Near]:
            freshness = ages.of(stated_on.get(near[-1]))
            return sqrt(near[0]) * EARTH_RADIUS_M + RANKS_FARTHER_M[freshness], near

        return rank

    def nearest(self, found: Found, wanted: slice) -> list[Near]:
        """A page of those found, by their rank."""
        if len(found) > wanted.stop:
            # A page and those before it are no farther than this, and rank no farther than that.
            straight = sqrt(found.reach_of(wanted.stop))
            found = found.within(
                (straight + RANKS_FARTHER_M[Freshness.SILENT] / EARTH_RADIUS_M) ** 2
            )
        return nsmallest(wanted.stop, found.rows(), key=self._rank())[wanted]

    def earliest(self, found: Found, wanted: slice) -> list[Near]:
        """A page of those found, the first free first, then the nearest; never free, last."""
        firsts = self._free.firsts(found.places, found.psychologists, at=self._at)
        if self._wishes.about_times:
            return self._earliest_that_suit(found, firsts, wanted)
        unsettled = self._known.nearby.unsettled
        if unsettled:
            for position in np.flatnonzero(found.of_any(unsettled)).tolist():
                place_id, key = int(found.places[position]), int(found.psychologists[position])
                firsts[position] = self._first(place_id, key)
        # Only those that may be on the page are put in order.
        last = min(wanted.stop, len(firsts)) - 1
        latest = np.partition(firsts, last)[last] if last >= 0 else NEVER
        if latest < NEVER:
            return [near for _start, near in _by_start(found, firsts, latest)[wanted]]
        return self._then_never(
            _by_start(found, firsts, NEVER - 1), found, firsts == NEVER, wanted
        )

    def _earliest_that_suit(self, found: Found, firsts: Starts, wanted: slice) -> list[Near]:
        """The same when only some times suit: the first free time is then the least there is."""
        since = int(self._wishes.since(self._at).timestamp())
        waiting = [
            (max(start, since), near, False) for start, near in _by_start(found, firsts, NEVER - 1)
        ]
        heapify(waiting)
        ready: list[tuple[int, Near]] = []
        while waiting and len(ready) < wanted.stop:
            start, near, looked = heappop(waiting)
            if looked:
                ready.append((start, near))
            elif (suits := self._first(*near[1:])) < NEVER:
                heappush(waiting, (suits, near, True))
        if len(ready) >= wanted.stop:
            return [near for _start, near in ready[wanted]]
        never = ~found.of_any([key for _start, (_away, _place, key) in ready])
        return self._then_never(ready, found, never, wanted)

    def _then_never(
        self,
        free: Sequence[tuple[int, Near]],
        found: Found,
        never: npt.NDArray[np.bool_],
        wanted: slice,
    ) -> list[Near]:
        """Those free, in their order; then who has no time, those somebody vouches for first."""
        first = [near for _start, near in free[: wanted.stop]]
        return [*first, *self.nearest(found.only(never), slice(0, wanted.stop))][wanted]

    def slots(self, shown: Sequence[Near]) -> dict[int, tuple[Slot, ...]]:
        """The next free slots that suit at each place, in the order of the places."""
        # All at once: whose agenda is not known yet is then read in one question.
        self._free.first_starts([near[1:] for near in shown], at=self._at)
        return {
            place_id: tuple(
                slot._replace(modality=self._modality or slot.modality)
                for slot in islice(self._slots(place_id, key), SLOTS_SHOWN)
            )
            for _away, place_id, key in shown
        }

    def _first(self, place_id: int, psychologist_id: int) -> int:
        """The second of the first slot that suits, or NEVER."""
        slot = next(self._slots(place_id, psychologist_id), None)
        return int(slot.starts_at.timestamp()) if slot else NEVER

    def _slots(self, place_id: int, psychologist_id: int) -> Iterator[Slot]:
        since = self._wishes.since(self._at)
        slots = self._free.slots(psychologist_id, place_id, at=self._at, since=since)
        if self._wishes.about_times:
            slots = filter(self._wishes.suits, slots)
        # All others are under agreement on every day to come.
        standing = self._known.nearby.unsettled.get(psychologist_id)
        return _payable(slots, standing) if standing else slots


def _by_start(found: Found, firsts: Starts, latest: int) -> list[tuple[int, Near]]:
    """Those whose first start is no later than that, by it and then the nearest."""
    chosen = np.flatnonzero(firsts <= latest)
    return sorted(zip(firsts[chosen].tolist(), found.only(chosen).rows(), strict=True))


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


def _cards(
    rows: Mapping[int, DirectoryRow],
    slots: Mapping[int, Collection[Slot]],
    near: tuple[float, float] | None,
    ages: Ages,
) -> dict[int, Card]:
    """A card for each place with its slots, in their order, by place."""
    return {
        place_id: _card(row, free, near, ages)
        for place_id, free in slots.items()
        if (row := rows.get(place_id))
    }


def _card(
    row: DirectoryRow, slots: Collection[Slot], near: tuple[float, float] | None, ages: Ages
) -> Card:
    away = distance_m(*near, row.latitude, row.longitude) if near else None
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
        distance_m=None if away is None else round(away),
        publics=tuple(public for public, column in _PUBLICS.items() if getattr(row, column)),
        languages=row.languages,
        offers_video=row.offers_video,
        accepts_new_patients=row.accepts_new_patients,
        step_free=row.step_free,
        practice=row.practice,
        confirmed_on=row.confirmed_on,
        freshness=ages.of(None if row.doubted_on else row.confirmed_on),
        doubted=row.doubted_on is not None,
        full_until=row.full_until,
        offers_third_party=row.offers_amc_third_party,
        slots=tuple(slots),
    )
