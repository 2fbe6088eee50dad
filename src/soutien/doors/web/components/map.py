"""A small map drawn by us: the place asked for, rings of distance, numbered points, towns.

No tiles and no other site: outlines of the départements, and names of the larger towns around
so that people recognise where they are. The list beside it says the same in words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from soutien.doors.web.components.days import distance
from soutien.registers.places.gazetteer import Town, all_towns, distance_m
from soutien.registers.places.outlines import Outline, map_view

SIDE = 336
TOWNS_KNOWN = 12_000
TOWNS_NAMED = 7
POINT_GAP = 19.0
LETTER = 6.4
LABEL_HALF_HEIGHT = 8.0
EDGE = 16.0
TURNS = 10
METRES = 1000


@dataclass(frozen=True)
class Mark:
    """A numbered point of the map, and where in the page it leads."""

    number: int
    label: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class TownMark:
    """A town named on the map, so that people know where they are."""

    name: str
    x: float
    y: float

    @property
    def side(self) -> str:
        return "end" if self.x > SIDE * 0.62 else "start"

    @property
    def label_x(self) -> float:
        return self.x - 6 if self.side == "end" else self.x + 6


@dataclass(frozen=True)
class Ring:
    """A distance from the place asked for; its label stands above or below the centre."""

    radius: float
    label: str
    label_y: float


@dataclass(frozen=True)
class Map:
    """Everything the drawing needs, in its own square of ``side`` units."""

    side: int
    outlines: tuple[Outline, ...]
    transform: str
    centre: float
    rings: tuple[Ring, ...]
    towns: tuple[TownMark, ...]
    marks: tuple[Mark, ...]
    label: str


@dataclass(frozen=True)
class Point:
    """Somebody to put on the map."""

    number: int
    label: str
    latitude: float
    longitude: float
    anchor: str = ""


class _Box(NamedTuple):
    """Where something is drawn, so that no label is written over it."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def _label_box(text: str, x: float, y: float, side: str) -> _Box:
    """About where a label falls: its dot, if any, is inside."""
    width = LETTER * len(text)
    left = x - {"start": 8.0, "middle": width / 2, "end": width}[side]
    right = left + width + (0.0 if side == "middle" else 8.0)
    return _Box(left, y - LABEL_HALF_HEIGHT, right, y + LABEL_HALF_HEIGHT)


def _labelled_ring(radius: float, label: str, boxes: Sequence[_Box]) -> Ring:
    """A ring with its label where no point hides it: above the centre, else below."""
    half = SIDE / 2
    above, below = half - radius + 12, half + radius - 5
    hidden = any(map(_label_box(label, half, above - 4, "middle").meets, boxes))
    return Ring(round(radius, 1), label, round(below if hidden else above, 1))


def short_name(name: str) -> str:
    """« Lyon 5e » says enough on a map."""
    return name.removesuffix(" Arrondissement")


@lru_cache(maxsize=1)
def _larger_towns() -> tuple[Town, ...]:
    return tuple(all_towns()[:TOWNS_KNOWN])


@lru_cache(maxsize=512)
def _towns_around(near: tuple[float, float], reach_km: float) -> tuple[Town, ...]:
    """The larger towns in a square around a position, the most inhabited first."""
    latitude, longitude = near
    north = reach_km / 111.2
    east = north / max(0.2, math.cos(math.radians(latitude)))
    return tuple(
        town
        for town in _larger_towns()
        if abs(town.latitude - latitude) < north and abs(town.longitude - longitude) < east
    )[: TOWNS_NAMED * 4]


def _apart(x: float, y: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """A position near (x, y) that hides no other point: people often share a building."""
    for step in range(TURNS * 6):
        away = POINT_GAP * (step // TURNS + (1 if step else 0))
        angle = 2 * math.pi * (step % TURNS) / TURNS
        at = (
            min(SIDE - EDGE, max(EDGE, x + away * math.cos(angle))),
            min(SIDE - EDGE, max(EDGE, y + away * math.sin(angle))),
        )
        if all(math.dist(at, other) >= POINT_GAP for other in taken):
            return at
    return x, y


def _rings(reach_km: float) -> list[tuple[float, float]]:
    """Round distances to draw, in km, with their radius on the map."""
    half = SIDE / 2
    steps = (0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 400)
    inside = [km for km in steps if 0.25 * reach_km <= km <= reach_km][-2:]
    return [(km, half * km / reach_km) for km in inside]


def draw_map(
    near: tuple[float, float], points: Sequence[Point], *, label: str, least_km: float = 1.5
) -> Map:
    """A map centred on a place, ``least_km`` each way at least, that shows all the points."""
    farthest = max(
        (distance_m(*near, point.latitude, point.longitude) for point in points), default=0
    )
    reach_km = max(least_km, farthest / METRES * 1.18)
    view = map_view(near, reach_km)
    scale = SIDE / view.width

    def at(latitude: float, longitude: float) -> tuple[float, float]:
        x, y = view.point(latitude, longitude)
        return (x - view.left) * scale, (y - view.top) * scale

    half = SIDE / 2
    taken: list[tuple[float, float]] = [(half, half)]
    marks = []
    for point in points:
        x, y = _apart(*at(point.latitude, point.longitude), taken)
        taken.append((x, y))
        marks.append(Mark(point.number, point.label, round(x, 1), round(y, 1), point.anchor))
    boxes = [_Box(x - 11, y - 11, x + 11, y + 11) for x, y in taken]
    rings = [
        _labelled_ring(radius, distance(km * METRES), boxes) for km, radius in _rings(reach_km)
    ]
    boxes += [_label_box(ring.label, half, ring.label_y - 4, "middle") for ring in rings]
    named: list[TownMark] = []
    for town in _towns_around(near, reach_km):
        x, y = at(town.latitude, town.longitude)
        mark_of_town = TownMark(short_name(town.name), round(x, 1), round(y, 1))
        box = _label_box(mark_of_town.name, mark_of_town.label_x, y, mark_of_town.side)
        inside = box.left > 0 and box.right < SIDE and EDGE < y < SIDE - EDGE
        if len(named) < TOWNS_NAMED and inside and not any(map(box.meets, boxes)):
            named.append(mark_of_town)
            boxes.append(box)
    return Map(
        side=SIDE,
        outlines=view.outlines,
        transform=f"scale({scale:.5f}) translate({-view.left:g} {-view.top:g})",
        centre=half,
        rings=tuple(rings),
        towns=tuple(named),
        marks=tuple(marks),
        label=label,
    )
