"""Where else somebody may go: the nearest psychologists with a free first session.

A part of steps, for a polite refusal: it never comes without another door.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.queries import Slot
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.queries import Candidate, distance_m
from soutien.rules.codes import Kind, Modality, word
from soutien.steps import gather
from soutien.steps.turns import DIRECTORY_ZONE
from soutien.steps.wishes import NO_WISHES, Wishes

COUNT = 3
RADII_KM = (10.0, 25.0, 50.0, 100.0)
AHEAD = timedelta(days=60)
FIRST_SESSION, IN_PERSON = word(Kind.EVALUATION), word(Modality.IN_PERSON)
# The agendas read in one question; the nearest are seldom all full.
AT_ONCE = 12


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another psychologist at one place, with the next free first session."""

    public_id: uuid.UUID
    name: str
    place_id: int
    address_line: str
    postcode: str
    town_name: str
    distance_m: int
    slot: Slot


def nearest_with_room(
    psychologist_id: int, *, at: datetime, wishes: Wishes = NO_WISHES
) -> list[int]:
    """Places of the psychologists nearest to one, with a free first session."""
    near = directory.position_of(psychologist_id)
    found: list[int] = []
    if near is None:
        return found
    tried: set[int] = {psychologist_id}
    for radius_km in RADII_KM:
        around = [
            one
            for one in directory.candidates_near(
                *near,
                radius_km,
                on=gather.civil_day(at, DIRECTORY_ZONE),
                public=wishes.public,
                languages=wishes.languages,
                step_free=wishes.step_free,
                new_patients=True,
            )
            if one.psychologist_id not in tried
        ]
        tried.update(one.psychologist_id for one in around)
        for start in range(0, len(around), AT_ONCE):
            some = around[start : start + AT_ONCE]
            free = free_first_sessions(some, at)
            found += [one.place_id for one in some if one.psychologist_id in free]
            if len(found) >= COUNT:
                return found[:COUNT]
    return found


def free_first_sessions(candidates: Collection[Candidate], at: datetime) -> dict[int, Slot]:
    """The next free first session of each psychologist at the place found, where there is one."""
    keys = [one.psychologist_id for one in candidates]
    places = [one.place_id for one in candidates]
    slots = agenda.first_free(
        keys,
        since=at,
        until=at + AHEAD,
        kind=FIRST_SESSION,
        now=at,
        modality=IN_PERSON,
        count=1,
        place_ids=places,
    )
    standings = directory.standings(keys)
    return {
        key: slot
        for key, found in slots.items()
        for slot in islice(found, 1)
        if gather.in_force(
            standings[key].agreements, day := gather.civil_day(slot.starts_at, slot.time_zone)
        )
        and not gather.in_force(standings[key].suspensions, day)
    }


def alternatives(place_ids: Sequence[int], *, but: int, at: datetime) -> tuple[Alternative, ...]:
    """These places as they are now, in their order; one that filled up meanwhile is left out.

    Distances are from the psychologist ``but``, where the person wished to go.
    """
    near = directory.position_of(but)
    if near is None or not place_ids:
        return ()
    rows = directory.directory_rows(place_ids)
    candidates = [
        Candidate(
            row.psychologist_id,
            key,
            round(distance_m(*near, row.latitude, row.longitude)),
            row.latitude,
            row.longitude,
        )
        for key in place_ids
        if (row := rows.get(key))
    ]
    free = free_first_sessions(candidates, at)
    return tuple(
        Alternative(
            public_id=row.public_id,
            name=f"{row.given_name} {row.family_name}",
            place_id=one.place_id,
            address_line=row.address_line,
            postcode=row.postcode,
            town_name=row.town_name,
            distance_m=one.distance_m,
            slot=free[one.psychologist_id]._replace(modality=IN_PERSON),
        )
        for one in candidates
        if one.psychologist_id in free and (row := rows[one.place_id])
    )
