"""Questions to what files say: the open RPPS file, partner or not, and past imports."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from soutien.registers.psychologists.models import (
    Agreement,
    ImportRun,
    PracticePlace,
    Psychologist,
    RegisteredPlace,
    Registration,
    Source,
)
from soutien.registers.psychologists.queries import METRES_IN_KM, degrees_around, distance_m

_AT_ONCE = 1000


class Registered(NamedTuple):
    """A psychologist outside the programme, at the nearest of their registered places."""

    public_id: uuid.UUID
    given_name: str
    family_name: str
    structure_name: str
    address_line: str
    postcode: str
    town_name: str
    insee: str
    latitude: float
    longitude: float
    position_precision: str
    phone: str
    source_on: date
    distance_m: int


class SourceOfField(NamedTuple):
    """Who said a field, and when."""

    source: str
    source_on: date


def last_import(kind: str) -> ImportRun | None:
    """The newest import of a kind (``rpps``, ``partners``) that was read to its end."""
    return ImportRun.objects.filter(kind=kind, state="done").order_by("source_on", "id").last()


def out_of_network_near(
    latitude: float, longitude: float, radius_km: float, *, on: date, limit: int = 50
) -> list[Registered]:
    """Self-employed psychologists of the open file who are no partners on a day, nearest first.

    One line a person. Positions are those of communes: tens of people share one.
    """
    reach = radius_km * METRES_IN_KM
    box = degrees_around(latitude, longitude, reach)
    partner = Psychologist.objects.filter(
        Exists(
            Agreement.objects.filter(psychologist=OuterRef("pk"), valid_from__lte=on).exclude(
                valid_before__lte=on
            )
        ),
        rpps=OuterRef("registration__rpps"),
    )
    rows = RegisteredPlace.objects.filter(
        ~Exists(partner),
        latitude__range=(box["south"], box["north"]),
        longitude__range=(box["west"], box["east"]),
        mode="L",
        closed_on__isnull=True,
        registration__gone_on__isnull=True,
    ).values_list(
        "registration__public_id",
        "registration__given_name",
        "registration__family_name",
        *Registered._fields[3:-1],
    )
    best: dict[uuid.UUID, Registered] = {}
    for row in rows:
        away = round(distance_m(latitude, longitude, row[8], row[9]))
        found = Registered._make((*row, away))
        known = best.get(found.public_id)
        if away <= reach and (known is None or away < known.distance_m):
            best[found.public_id] = found
    ordered = sorted(best.values(), key=lambda one: (one.distance_m, one.family_name, one[0]))
    return ordered[:limit]


def sources_of(psychologist_id: int) -> dict[str, SourceOfField]:
    """Who said each field that a file ever wrote. A field that is absent is their own words."""
    psychologist = Psychologist.objects.get(pk=psychologist_id)
    found = {}
    for row in psychologist.field_sources.all():
        kept = str(getattr(psychologist, row.field)) == row.value
        source = row.source if kept else Source.OWN_WORDS.value
        found[row.field] = SourceOfField(source, row.source_on)
    return found


def registered_partners(after_id: int, count: int) -> list[int]:
    """The next psychologists of ours whom the open file knows, by id."""
    registered = Registration.objects.filter(rpps=OuterRef("rpps"))
    rows = Psychologist.objects.filter(Exists(registered), pk__gt=after_id).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:count])


def registrations_of(rpps: Collection[str]) -> dict[str, Registration]:
    """Entries of the open file with all their places, closed ones too, by RPPS number."""
    rows = Registration.objects.filter(rpps__in=rpps).prefetch_related("places")
    return {row.rpps: row for row in rows}


def psychologists_of(rpps: Collection[str]) -> dict[str, Psychologist]:
    """Our psychologists with all that a file may change, by RPPS number."""
    rows = Psychologist.objects.filter(rpps__in=rpps)
    return {
        row.rpps: row for row in rows.prefetch_related("places", "agreements", "field_sources")
    }


def registered_now() -> Iterator[tuple[int, str]]:
    """Id and RPPS number of everybody in the open file as last read, without holding them all."""
    rows = Registration.objects.filter(gone_on__isnull=True).values_list("id", "rpps")
    return rows.iterator(chunk_size=_AT_ONCE)


def open_registered_places() -> Iterator[tuple[int, str, str, str]]:
    """Id, RPPS number, key and address of every open place of the open file."""
    rows = RegisteredPlace.objects.filter(
        closed_on__isnull=True, registration__gone_on__isnull=True
    ).values_list("id", "registration__rpps", "key", "address_line")
    return rows.iterator(chunk_size=_AT_ONCE)


def partners_named() -> Iterator[tuple[int, str]]:
    """Id and RPPS number of everybody whom the file of partners named when last read."""
    rows = Psychologist.objects.filter(
        joined_partners_on__isnull=False, left_partners_on__isnull=True
    ).values_list("id", "rpps")
    return rows.iterator(chunk_size=_AT_ONCE)


def open_places_of(psychologist_ids: Collection[int]) -> dict[int, int]:
    """The psychologist of each of their open places."""
    rows = PracticePlace.objects.filter(psychologist__in=psychologist_ids, closed_on__isnull=True)
    return dict(rows.values_list("id", "psychologist_id"))
