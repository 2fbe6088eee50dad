"""Finds a French town from what people type, and says where it is.

The 34,969 communes and the 45 arrondissements of Paris, Lyon and Marseille are read once, on
first use, from `towns.tsv.xz` (made by tools/towns.py; sources in docs/data.md). Towns are kept
in order of population, so a smaller number in an index always means a larger town.
"""

from __future__ import annotations

import lzma
import math
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from soutien.registers.places.spelling import edits, glued, plain, skeletons, sounds

EARTH_RADIUS_M = 6_371_000
FIELDS_OF_A_LINE = 9


class Town(NamedTuple):
    """A commune or a municipal arrondissement.

    `latitude` and `longitude` are degrees. `precision` says what they are the position of:
    "town" (the town itself), "postcode" or "epci" (the mean of located neighbours, about 4 and
    8 km off at the median), "hand" (our own approximate point).
    """

    insee: str
    name: str
    postcodes: tuple[str, ...]
    departement: str
    latitude: float
    longitude: float
    population: int
    precision: str


TIME_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "984": "Indian/Kerguelen",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
_MARQUESAS = frozenset({"98718", "98723", "98731", "98746", "98756", "98757"})


class Gazetteer:
    """The towns and what is needed to find one by code, postcode or name."""

    def __init__(self, text: str) -> None:
        head, _, body = text.partition("\n\n")
        self.departements = dict(line.split("\t", 1) for line in head.splitlines())
        self.lines = body.splitlines()
        columns = list(zip(*(line.split("\t") for line in self.lines), strict=True))
        self.codes, self.names, self.postcode_lists, self.departement_of = columns[:4]
        self.populations = [int(p) for p in columns[4]]
        self.number_of = {code: number for number, code in enumerate(self.codes)}
        self.keys = glued(plain("\n".join(self.names))).split("\n")
        self.by_key: dict[str, list[int]] = defaultdict(list)
        for number, key in enumerate(self.keys):
            self.by_key[key].append(number)
        self.sorted_keys = sorted(self.by_key)

    def town(self, number: int) -> Town:
        insee, name, postcodes, departement, population, latitude, longitude, precision, _ = (
            self.lines[number].split("\t")
        )
        return Town(
            insee,
            name,
            tuple(postcodes.split()),
            departement,
            float(latitude),
            float(longitude),
            int(population),
            precision,
        )

    def with_prefix(self, prefix: str) -> list[int]:
        """Numbers of the towns whose key starts with `prefix`, unordered."""
        first = bisect_left(self.sorted_keys, prefix)
        last = bisect_left(self.sorted_keys, prefix + "~", first)
        return [n for key in self.sorted_keys[first:last] for n in self.by_key[key]]


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    packed = files(__package__).joinpath("towns.tsv.xz").read_bytes()
    return Gazetteer(lzma.decompress(packed).decode("utf-8"))


def all_towns() -> list[Town]:
    """Every commune and arrondissement, the most inhabited first."""
    known = gazetteer()
    return [known.town(number) for number in range(len(known.lines))]


def town_by_insee(code: str) -> Town | None:
    """The town with this INSEE code ("69069", "2A004"), or None."""
    number = gazetteer().number_of.get(code.strip().upper())
    return None if number is None else gazetteer().town(number)


def departement_name(code: str) -> str:
    """"Rhône" for "69"; the code itself when there is no such département."""
    return gazetteer().departements.get(code.strip().upper(), code)


def departement_of(insee: str) -> str:
    """"69" for "69069", "974" for "97411", "2A" for "2A004"."""
    code = insee.strip().upper()
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def time_zone_of(insee_or_departement: str) -> str:
    """IANA time zone of a commune or a département; Europe/Paris outside the overseas ones."""
    code = insee_or_departement.strip().upper()
    if code in _MARQUESAS:
        return "Pacific/Marquesas"
    if code == "98719":
        return "Pacific/Gambier"
    return TIME_ZONES.get(code[:3], "Europe/Paris")


def distance_m(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> int:
    """Great-circle distance in metres, on a sphere."""
    south, north = math.radians(latitude), math.radians(to_latitude)
    half = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south)
        * math.cos(north)
        * math.sin(math.radians(to_longitude - longitude) / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half))))
