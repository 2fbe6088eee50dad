"""The towns of the package: none missing, each one where it should be."""

from __future__ import annotations

import re
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.registers.places.gazetteer import (
    all_towns,
    departement_name,
    departement_of,
    distance_m,
    time_zone_of,
    town_by_insee,
)
from soutien.registers.places.outlines import departement_outlines, projected
from soutien.registers.places.table import table

TOWNS = all_towns()
ARRONDISSEMENTS = [t for t in TOWNS if t.name.endswith(" Arrondissement")]
METROPOLE = [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B"]
OVERSEAS = ["971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988"]
# South, west, north, east of the territories without an outline of ours, islands included.
BOUNDS = {
    "975": (46.7, -56.5, 47.2, -56.0), "977": (17.8, -63.0, 18.0, -62.7),
    "978": (18.0, -63.2, 18.2, -62.9), "984": (-67.0, 39.0, -11.0, 141.0),
    "986": (-14.5, -178.3, -13.1, -176.0), "987": (-28.0, -155.0, -7.5, -134.0),
    "988": (-23.0, 158.0, -18.0, 172.5), "989": (10.2, -109.4, 10.4, -109.1),
}  # fmt: skip
WITHIN_UNITS = 150  # 15 km: the outlines are simplified, and islands left out


def test_there_are_34_969_communes_and_45_municipal_arrondissements() -> None:
    assert len(ARRONDISSEMENTS) == 45
    assert len(TOWNS) - len(ARRONDISSEMENTS) == 34_969
    assert len({t.insee for t in TOWNS}) == len(TOWNS)
    assert Counter(t.departement for t in ARRONDISSEMENTS) == {"75": 20, "13": 16, "69": 9}


def test_craponne_has_its_code_its_postcode_its_people_and_its_place() -> None:
    craponne = town_by_insee("69069")
    assert craponne is not None
    assert craponne.name == "Craponne"
    assert craponne.postcodes == ("69290",)
    assert craponne.departement == "69"
    assert craponne.population == 12_084
    assert craponne.precision == "town"
    assert distance_m(craponne.latitude, craponne.longitude, 45.7453, 4.7258) < 3_000


def test_every_departement_has_its_towns_and_a_name() -> None:
    count = Counter(t.departement for t in TOWNS)
    for code in METROPOLE + OVERSEAS:
        assert count[code] > 0
        assert departement_name(code) != code
    assert set(count) == set(table().departements)
    assert departement_name("69") == "Rhône"
    assert departement_name("2a") == "Corse-du-Sud"
    assert departement_name("99") == "99"


def test_every_line_is_complete() -> None:
    for town in TOWNS:
        assert re.fullmatch(r"\d[\dAB]\d{3}", town.insee)
        assert town.name == town.name.strip() != ""
        assert all(re.fullmatch(r"\d{5}", postcode) for postcode in town.postcodes)
        assert departement_of(town.insee) == town.departement
        assert town.precision in {"town", "postcode", "epci", "hand"}
    without = [t for t in TOWNS if not t.postcodes]
    assert {t.departement for t in without} == {"984"}
    assert sum(t.population for t in TOWNS if t not in ARRONDISSEMENTS) > 68_000_000


def test_most_positions_are_those_of_the_town_and_the_others_say_what_they_are() -> None:
    count = Counter(t.precision for t in TOWNS)
    assert count["town"] > 14_700
    assert count["epci"] < 1_400
    assert count["hand"] < 130
    people = sum(t.population for t in TOWNS)
    placed = sum(t.population for t in TOWNS if t.precision == "town")
    assert placed / people > 0.83


def test_every_position_is_inside_its_departement_or_just_beside() -> None:
    boxes = {**_boxes("metropole"), **{c: b for o in OVERSEAS for c, b in _boxes(o).items()}}
    for town in TOWNS:
        if town.departement in BOUNDS:
            south, west, north, east = BOUNDS[town.departement]
            assert south <= town.latitude <= north, town
            assert west <= town.longitude <= east, town
            continue
        territory = town.departement if town.departement in OVERSEAS else "metropole"
        x, y = projected(town.latitude, town.longitude, territory)
        left, top, right, bottom = boxes[town.departement]
        assert left - WITHIN_UNITS <= x <= right + WITHIN_UNITS, town
        assert top - WITHIN_UNITS <= y <= bottom + WITHIN_UNITS, town


def test_arrondissements_lie_in_their_city() -> None:
    city = {"75": "75056", "69": "69123", "13": "13055"}
    for part in ARRONDISSEMENTS:
        whole = town_by_insee(city[part.departement])
        assert whole is not None
        off = distance_m(part.latitude, part.longitude, whole.latitude, whole.longitude)
        assert off < 10_000, part


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("97105", "America/Guadeloupe"), ("972", "America/Martinique"),
        ("97302", "America/Cayenne"), ("97411", "Indian/Reunion"), ("975", "America/Miquelon"),
        ("976", "Indian/Mayotte"), ("977", "America/St_Barthelemy"), ("978", "America/Marigot"),
        ("986", "Pacific/Wallis"), ("98735", "Pacific/Tahiti"), ("98818", "Pacific/Noumea"),
        ("98731", "Pacific/Marquesas"), ("98719", "Pacific/Gambier"),
        ("69", "Europe/Paris"), ("69069", "Europe/Paris"), ("2A004", "Europe/Paris"),
        ("97", "Europe/Paris"), ("", "Europe/Paris"),
    ],
)  # fmt: skip
def test_the_clock_of_a_town_is_that_of_its_territory(code: str, zone: str) -> None:
    assert time_zone_of(code) == zone


def test_every_time_zone_exists() -> None:
    for town in TOWNS:
        ZoneInfo(time_zone_of(town.insee))


def test_an_unknown_code_gives_no_town() -> None:
    assert town_by_insee("00000") is None
    assert town_by_insee("") is None
    ajaccio = town_by_insee(" 2a004 ")
    assert ajaccio is not None
    assert ajaccio.name == "Ajaccio"


def test_lyon_is_392_km_from_paris() -> None:
    assert abs(distance_m(48.8566, 2.3522, 45.7640, 4.8357) - 391_500) < 1_000
    assert distance_m(45.0, 5.0, 45.0, 5.0) == 0
    assert abs(distance_m(0, 179.5, 0, -179.5) - 111_195) < 10


LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_earth(
    a: float, b: float, c: float, d: float
) -> None:
    there, back = distance_m(a, b, c, d), distance_m(c, d, a, b)
    assert abs(there - back) <= 1
    assert 0 <= there <= 20_015_200


def _boxes(territory: str) -> dict[str, tuple[float, float, float, float]]:
    """The box around each outline, read back from its SVG path."""
    found = {}
    for code, path in departement_outlines(territory).items():
        xs, ys = [], []
        for ring in path.split("z")[:-1]:
            numbers = [int(n) for n in re.findall(r"-?\d+", ring)]
            x = y = 0
            for step_x, step_y in zip(numbers[::2], numbers[1::2], strict=True):
                x, y = x + step_x, y + step_y
                xs.append(x)
                ys.append(y)
        found[code] = (min(xs), min(ys), max(xs), max(ys))
    return found
