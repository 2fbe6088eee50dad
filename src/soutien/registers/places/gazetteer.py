"""French towns: found from what people type, placed on the Earth and on the clock.

The public face of this register. The data and its sources are described in docs/data.md.
"""

from __future__ import annotations

import math

from soutien.registers.places.search import departement_meant, numbers_matching
from soutien.registers.places.spelling import glued, plain
from soutien.registers.places.table import Town, table

__all__ = [
    "Town",
    "all_towns",
    "departement_matching",
    "departement_name",
    "departement_of",
    "distance_m",
    "main_town_of",
    "time_zone_of",
    "town_by_insee",
    "towns_formerly",
    "towns_matching",
]

EARTH_RADIUS_M = 6_371_000
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


def towns_matching(text: str, limit: int = 8) -> list[Town]:
    """The towns a text may mean, the likeliest first; none when nothing comes near.

    Reads a name, a beginning of one, a postcode, "name département", "name postcode" or an
    address line. Accents, case, hyphens and apostrophes do not count. Homonyms are all there,
    the most inhabited first: show the département with the name.
    """
    known = table()
    return [known.town(number) for number in numbers_matching(text, limit)]


def all_towns() -> list[Town]:
    """Every commune and arrondissement, the most inhabited first."""
    known = table()
    return [known.town(number) for number in range(len(known.lines))]


def town_by_insee(code: str) -> Town | None:
    """The town with this INSEE code ("69069", "2A004"), or None."""
    number = table().number_of.get(code.strip().upper())
    return None if number is None else table().town(number)


def towns_formerly(name: str) -> list[Town]:
    """The towns of today that a commune of this very name was merged into."""
    known, key = table(), glued(plain(name))
    return [known.town(number) for former, number in known.formerly(key) if former == key]


def departement_matching(text: str) -> str | None:
    """The code of the département that a text names or is the code of, and nothing else."""
    return departement_meant(text)


def main_town_of(departement: str) -> Town | None:
    """The most inhabited town of a département; None for a code that is none."""
    known = table()
    number = next((n for n, d in enumerate(known.departement_of) if d == departement), None)
    return None if number is None else known.town(number)


def departement_name(code: str) -> str:
    """The name, as "Rhône" for "69"; the code itself when there is no such département."""
    return table().departements.get(code.strip().upper(), code)


def departement_of(insee: str) -> str:
    """The code of the département: "69" for "69069", "974" for "97411", "2A" for "2A004"."""
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
