"""Questions to the directory. The search reads raw values: a page asks for thousands of places."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date
from math import asin, cos, pi, radians, sin, sqrt
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Prefetch, Q

from soutien.registers.psychologists.models import (
    Agreement,
    PracticePlace,
    Psychologist,
)

EARTH_RADIUS_M = 6_371_008.8
METRES_IN_KM = 1000
METRES_IN_DEGREE = pi * EARTH_RADIUS_M / 180
# The columns behind each public one may look for.
PUBLICS = {"adult": "sees_adults", "teenager": "sees_teenagers", "child": "sees_children"}

# A resigned partner leaves the directory on receipt of the letter, not two months later.
LISTED = """
    EXISTS (
        SELECT 1 FROM psychologists_agreement agreement
        WHERE agreement.psychologist_id = person.id AND agreement.valid_from <= %(on)s
          AND (agreement.valid_before IS NULL OR agreement.valid_before > %(on)s)
          AND (agreement.resignation_received_on IS NULL
               OR agreement.resignation_received_on > %(on)s)
    ) AND NOT EXISTS (
        SELECT 1 FROM psychologists_suspension suspension
        WHERE suspension.psychologist_id = person.id AND suspension.valid_from <= %(on)s
          AND (suspension.valid_before IS NULL OR suspension.valid_before > %(on)s)
    ) AND person.left_register_on IS NULL AND person.left_partners_on IS NULL
"""


class Candidate(NamedTuple):
    """A psychologist found, at the nearest of their places; the distance is as the crow flies."""

    psychologist_id: int
    place_id: int
    distance_m: int
    latitude: float
    longitude: float


class DirectoryRow(NamedTuple):
    """What the directory shows of a psychologist at one place."""

    place_id: int
    psychologist_id: int
    public_id: uuid.UUID
    given_name: str
    family_name: str
    place_label: str
    address_line: str
    postcode: str
    town_name: str
    insee: str
    latitude: float
    longitude: float
    position_precision: str
    practice: str
    step_free: bool
    time_zone: str
    sees_adults: bool
    sees_teenagers: bool
    sees_children: bool
    languages: tuple[str, ...]
    offers_video: bool
    accepts_new_patients: bool
    confirmed_on: date | None
    doubted_on: date | None
    full_until: date | None
    offers_amc_third_party: bool


class Period(NamedTuple):
    """A dated period, half-open; ``resignation_received_on`` for agreements only."""

    valid_from: date
    valid_before: date | None
    resignation_received_on: date | None = None


class Standing(NamedTuple):
    """When a psychologist is under agreement, and when that is suspended."""

    agreements: tuple[Period, ...]
    suspensions: tuple[Period, ...]


def candidates_near(
    latitude: float,
    longitude: float,
    radius_km: float,
    *,
    on: date,
    public: str = "",
    video: bool = False,
    languages: Collection[str] = (),
    step_free: bool = False,
    third_party: bool = False,
    new_patients: bool = False,
) -> list[Candidate]:
    """Psychologists listed on a day within a radius, nearest first, each at their nearest place.

    Every wish given must be met; of several ``languages``, one is enough. ``step_free`` is about
    the place, the rest about the psychologist. Raises ValueError for an unknown ``public``.
    """
    reach = radius_km * METRES_IN_KM
    wishes, values = _wished(
        public=public,
        video=video,
        languages=languages,
        step_free=step_free,
        third_party=third_party,
        new_patients=new_patients,
    )
    around = [
        "place.latitude BETWEEN %(south)s AND %(north)s",
        "place.longitude BETWEEN %(west)s AND %(east)s",
    ]
    rows = _open_places(
        [*around, *wishes], on, values | degrees_around(latitude, longitude, reach)
    )
    return _nearest_places(rows, latitude, longitude, reach)


def candidates_in_departement(
    departement: str, near: tuple[float, float], *, on: date, **wishes: Any
) -> list[Candidate]:
    """Psychologists listed on a day in a département ("69", "2A", "974"), nearest to a position.

    ``wishes`` are those of ``candidates_near``.
    """
    conditions, values = _wished(**wishes)
    values["insee"] = f"{departement}%"
    rows = _open_places(["place.insee LIKE %(insee)s", *conditions], on, values)
    return _nearest_places(rows, *near, pi * EARTH_RADIUS_M)


def candidates_among(
    psychologist_ids: Collection[int], near: tuple[float, float], *, on: date
) -> dict[int, Candidate]:
    """Those of these listed on a day, each at the nearest of their places to a position."""
    if not psychologist_ids:
        return {}
    ids = ", ".join(str(int(key)) for key in psychologist_ids)
    rows = _open_places([f"person.id IN ({ids})"], on, {})
    return {one.psychologist_id: one for one in _nearest_places(rows, *near, pi * EARTH_RADIUS_M)}


def _wished(
    *,
    public: str = "",
    video: bool = False,
    languages: Collection[str] = (),
    step_free: bool = False,
    third_party: bool = False,
    new_patients: bool = False,
) -> tuple[list[str], dict[str, Any]]:
    """The conditions of wishes, and their values."""
    if public and public not in PUBLICS:
        raise ValueError(f"Unknown public {public!r}: give one of {', '.join(PUBLICS)}.")
    wishes = [f"person.{PUBLICS[public]}"] if public else []
    wishes += ["person.offers_video"] if video else []
    wishes += ["person.offers_amc_third_party"] if third_party else []
    wishes += ["person.accepts_new_patients"] if new_patients else []
    wishes += ["place.step_free"] if step_free else []
    if languages:
        spoken = [
            f"',' || person.languages || ',' LIKE %(language_{i})s" for i in range(len(languages))
        ]
        wishes.append(f"({' OR '.join(spoken)})")
    return wishes, {f"language_{i}": f"%,{code},%" for i, code in enumerate(languages)}


def _open_places(
    conditions: Collection[str], on: date, values: dict[str, Any]
) -> list[tuple[int, int, float, float]]:
    """Psychologist, place, latitude and longitude of the open places listed on a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place.psychologist_id, place.id, place.latitude, place.longitude "
            "FROM psychologists_practiceplace place "
            "JOIN psychologists_psychologist person ON person.id = place.psychologist_id "
            "WHERE place.closed_on IS NULL AND " + " AND ".join([*conditions, LISTED]),
            values | {"on": connection.ops.adapt_datefield_value(on)},
        )
        return cursor.fetchall()


def listed_places(psychologist_id: int, on: date) -> list[int]:
    """The open places of a psychologist whom the directory shows on a day, else none."""
    rows = _open_places(["person.id = %(id)s"], on, {"id": psychologist_id})
    return sorted(place_id for _psychologist_id, place_id, *_position in rows)


def position_of(psychologist_id: int) -> tuple[float, float] | None:
    """Where a psychologist receives, or last received: latitude and longitude in degrees."""
    places = PracticePlace.objects.filter(psychologist_id=psychologist_id)
    return (
        places.order_by(F("closed_on").desc(nulls_first=True), "id")
        .values_list("latitude", "longitude")
        .first()
    )


def directory_rows(place_ids: Collection[int]) -> dict[int, DirectoryRow]:
    """What the directory shows of these places, by place."""
    rows = PracticePlace.objects.filter(pk__in=place_ids).values_list(
        "id",
        "psychologist_id",
        "psychologist__public_id",
        "psychologist__given_name",
        "psychologist__family_name",
        "label",
        "address_line",
        "postcode",
        "town_name",
        "insee",
        "latitude",
        "longitude",
        "position_precision",
        "practice",
        "step_free",
        "time_zone",
        "psychologist__sees_adults",
        "psychologist__sees_teenagers",
        "psychologist__sees_children",
        "psychologist__languages",
        "psychologist__offers_video",
        "psychologist__accepts_new_patients",
        "psychologist__confirmed_on",
        "psychologist__doubted_on",
        "psychologist__full_until",
        "psychologist__offers_amc_third_party",
    )
    return {row[0]: _directory_row(*row) for row in rows}


def _directory_row(*values: Any) -> DirectoryRow:
    """The columns in their order, with the languages as a tuple."""
    row = DirectoryRow._make(values)
    return row._replace(languages=tuple(filter(None, values[_LANGUAGES].split(","))))


_LANGUAGES = DirectoryRow._fields.index("languages")


def by_public_id(public_id: uuid.UUID) -> Psychologist | None:
    """The psychologist of an address, with open places, agreements and suspensions."""
    open_places = Prefetch("places", PracticePlace.objects.filter(closed_on__isnull=True))
    return (
        Psychologist.objects.prefetch_related(open_places, "agreements", "suspensions")
        .filter(public_id=public_id)
        .first()
    )


def place(place_id: int) -> PracticePlace | None:
    """A place with its psychologist."""
    return PracticePlace.objects.select_related("psychologist").filter(pk=place_id).first()


def places_of(rpps_numbers: Collection[str]) -> dict[str, list[PracticePlace]]:
    """The places of the psychologists with these RPPS numbers; one who is unknown is absent."""
    found: dict[str, list[PracticePlace]] = {}
    rows = PracticePlace.objects.filter(psychologist__rpps__in=list(rpps_numbers))
    for row in rows.annotate(rpps=F("psychologist__rpps")).order_by("closed_on", "id"):
        found.setdefault(row.rpps, []).append(row)
    return found


def rpps_of(number: str) -> str:
    """The RPPS number of whoever has this one, or this AM number; empty for nobody, or several."""
    if not number:
        return ""
    known = Psychologist.objects.filter(Q(rpps=number) | Q(am_number=number))
    found = list(known.values_list("rpps", flat=True)[:2])
    return found[0] if len(found) == 1 else ""


def time_zone_of(psychologist_id: int) -> str:
    """The wall clock of the psychologist's first open place; empty without one."""
    places = PracticePlace.objects.filter(
        psychologist_id=psychologist_id, closed_on__isnull=True
    ).order_by("pk")
    return places.values_list("time_zone", flat=True).first() or ""


def names(psychologist_ids: Collection[int]) -> dict[int, str]:
    """Given and family name of each psychologist."""
    rows = Psychologist.objects.filter(pk__in=psychologist_ids)
    return {
        key: f"{given_name} {family_name}"
        for key, given_name, family_name in rows.values_list("id", "given_name", "family_name")
    }


def names_and_addresses(psychologist_ids: Collection[int]) -> dict[int, tuple[uuid.UUID, str]]:
    """The public id and the whole name of each psychologist."""
    rows = Psychologist.objects.filter(pk__in=psychologist_ids)
    return {
        key: (public_id, f"{given_name} {family_name}")
        for key, public_id, given_name, family_name in rows.values_list(
            "id", "public_id", "given_name", "family_name"
        )
    }


def standings(psychologist_ids: Collection[int]) -> dict[int, Standing]:
    """Agreements and suspensions of each psychologist, in order; nobody is missing."""
    agreements: dict[int, list[Period]] = {key: [] for key in psychologist_ids}
    suspensions: dict[int, list[Period]] = {key: [] for key in psychologist_ids}
    if not agreements:
        return {}
    marks = ", ".join(["%s"] * len(agreements))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1, psychologist_id, valid_from, valid_before, resignation_received_on "
            f"FROM psychologists_agreement WHERE psychologist_id IN ({marks}) UNION ALL "
            "SELECT 0, psychologist_id, valid_from, valid_before, NULL "
            f"FROM psychologists_suspension WHERE psychologist_id IN ({marks}) ORDER BY 3",
            [*agreements, *agreements],
        )
        rows = cursor.fetchall()
    for agreed, key, *days in rows:
        period = Period._make(map(_day, days))
        (agreements if agreed else suspensions)[key].append(period)
    return {key: Standing(tuple(agreements[key]), tuple(suspensions[key])) for key in agreements}


def _day(stored: date | str | None) -> date | None:
    """A day of a raw query: SQLite stores it as text."""
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


def listed(psychologist_id: int, on: date) -> bool:
    """Whether the directory shows this psychologist on a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM psychologists_psychologist person "
            f"WHERE person.id = %(id)s AND {LISTED}",
            {"id": psychologist_id, "on": connection.ops.adapt_datefield_value(on)},
        )
        return cursor.fetchone() is not None


def count(on: date | None = None) -> int:
    """How many psychologists there are; with a day, how many are under agreement on it."""
    if on is None:
        return Psychologist.objects.count()
    under_agreement = Agreement.objects.filter(
        Q(valid_before__isnull=True) | Q(valid_before__gt=on), valid_from__lte=on
    )
    return under_agreement.values("psychologist_id").distinct().count()


def distance_m(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Great-circle distance in metres between two positions in degrees."""
    south, north = radians(latitude), radians(other_latitude)
    half_height = sin((north - south) / 2)
    half_width = sin(radians(other_longitude - longitude) / 2)
    chord = half_height * half_height + cos(south) * cos(north) * half_width * half_width
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, chord)))


def degrees_around(latitude: float, longitude: float, reach_m: float) -> dict[str, float]:
    """A box of degrees that holds the whole circle. No French place is near the date line."""
    height = reach_m / METRES_IN_DEGREE
    # The circle is widest, in degrees, nearer to the pole than its middle.
    width = height / max(cos(radians(min(abs(latitude) + height, 89.9))), 0.001)
    return {
        "south": latitude - height,
        "north": latitude + height,
        "west": longitude - width,
        "east": longitude + width,
    }


def _nearest_places(
    rows: list[tuple[int, int, float, float]], latitude: float, longitude: float, reach_m: float
) -> list[Candidate]:
    """Rows within reach, one a psychologist, by distance then id, so that pages hold still."""
    best: dict[int, tuple[float, int, float, float]] = {}
    for psychologist_id, place_id, place_latitude, place_longitude in rows:
        away = distance_m(latitude, longitude, place_latitude, place_longitude)
        if away > reach_m:
            continue
        known = best.get(psychologist_id)
        if known is None or (away, place_id) < known[:2]:
            best[psychologist_id] = (away, place_id, place_latitude, place_longitude)
    ordered = sorted((*place, key) for key, place in best.items())
    return [
        Candidate(key, place_id, round(away), place_latitude, place_longitude)
        for away, place_id, place_latitude, place_longitude, key in ordered
    ]
