"""The directory in memory: who is listed near a point, for a process that searches often.

Each open place of a listed psychologist is one row, in a grid of a fortieth of a degree (under
3 km), with one bit a wish. The rows are those of one day, chosen by the same condition as in
``queries.candidates_near``; who was written since is read again before the next answer.
See docs/decisions/0012-earliest-place.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from math import cos, floor, pi, radians, sin
from typing import Any

from django.db import connection

from soutien.registers.psychologists.queries import (
    EARTH_RADIUS_M,
    LISTED,
    METRES_IN_KM,
    PUBLICS,
    Standing,
    degrees_around,
    standings,
)

CELLS_IN_DEGREE = 40
# One question names this many psychologists at most; SQLite takes some 32,000.
AT_ONCE = 5000

# A place found: the square of the straight line to it (1 is the earth's radius, so that it grows
# with the distance), the place, its psychologist. A plain tuple: there may be thousands.
Near = tuple[float, int, int]

_WISHES = (
    *PUBLICS.values(),
    *("offers_video", "offers_amc_third_party", "accepts_new_patients"),
)
# The first bits are the wishes in their order, then these two, then one a language.
_STEP_FREE = 1 << len(_WISHES)
_SEVERAL = _STEP_FREE << 1

_ROWS = (
    "SELECT person.id, place.id, place.latitude, place.longitude, place.step_free, "
    f"person.languages, {', '.join(f'person.{column}' for column in _WISHES)} "
    "FROM psychologists_practiceplace place "
    "JOIN psychologists_psychologist person ON person.id = place.psychologist_id "
    f"WHERE place.closed_on IS NULL AND {LISTED}"
)
# Whose agreement begins or ends later, or who is or will be suspended.
_UNSETTLED = """
    SELECT psychologist_id FROM psychologists_agreement
    WHERE valid_from > %(on)s OR valid_before > %(on)s
    UNION SELECT psychologist_id FROM psychologists_suspension
    WHERE valid_before IS NULL OR valid_before > %(on)s
"""


# A place on the sphere of radius 1, its bits, the place and its psychologist.
_Row = tuple[float, float, float, int, int, int]


class Nearby:
    """The places of one day's directory. Not thread-safe: lock around each call."""

    def __init__(self) -> None:
        self._on: date | None = None
        # The cells of each band of latitude, by their step of longitude.
        self._bands: dict[int, dict[int, list[_Row]]] = {}
        self._cells_of: dict[int, list[tuple[int, int]]] = {}
        self._languages: dict[str, int] = {}
        self._unsettled: dict[int, Standing] = {}
        self._written: set[int] = set()

    def __len__(self) -> int:
        """How many psychologists are listed on the day last asked about."""
        return len(self._cells_of)

    @property
    def unsettled(self) -> Mapping[int, Standing]:
        """Those who may not be paid by the fund on every later day, and when they are.

        All others found are under agreement without an end, and not suspended.
        """
        return self._unsettled

    def forget(self, psychologist_ids: Iterable[int]) -> None:
        """Read these again before the next answer."""
        self._written.update(psychologist_ids)

    def places(self, *, on: date) -> list[tuple[int, int]]:
        """Every open place listed on a day with its psychologist, the crowded regions first."""
        self._catch_up(on)
        cells = [rows for cells in self._bands.values() for rows in cells.values()]
        cells.sort(key=len, reverse=True)
        return [row[4:] for rows in cells for row in rows]

    def around(
        self,
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
    ) -> list[Near]:
        """The same as ``queries.candidates_near``, in no order and without the distance.

        Raises ValueError for an unknown ``public``.
        """
        if public and public not in PUBLICS:
            raise ValueError(f"Unknown public {public!r}: give one of {', '.join(PUBLICS)}.")
        self._catch_up(on)
        wished = {
            PUBLICS.get(public, ""): True,
            "offers_video": video,
            "offers_amc_third_party": third_party,
            "accepts_new_patients": new_patients,
        }
        needed = sum(1 << i for i, column in enumerate(_WISHES) if wished.get(column))
        needed |= _STEP_FREE if step_free else 0
        spoken = sum(self._languages.get(code, 0) for code in set(languages))
        if languages and not spoken:
            return []
        reach = radius_km * METRES_IN_KM
        x, y, z = _on_sphere(latitude, longitude)
        limit = (2 * sin(min(reach / (2 * EARTH_RADIUS_M), pi / 2))) ** 2
        found = [
            (away, place_id, psychologist_id, bits)
            for east, north, up, bits, place_id, psychologist_id in self._rows_around(
                degrees_around(latitude, longitude, reach)
            )
            if bits & needed == needed
            and (not spoken or bits & spoken)
            and (away := (east - x) * (east - x) + (north - y) * (north - y) + (up - z) * (up - z))
            <= limit
        ]
        return _nearest_of_several(found)

    def _rows_around(self, box: Mapping[str, float]) -> Iterator[_Row]:
        """All rows of the cells that touch a box of degrees."""
        south, north = _step(box["south"]), _step(box["north"])
        west, east = _step(box["west"]), _step(box["east"])
        bands: Iterable[int] = range(south, north + 1)
        if north - south > len(self._bands):
            bands = [band for band in self._bands if south <= band <= north]
        return chain.from_iterable(
            chain.from_iterable(_between(self._bands[band], west, east))
            for band in bands
            if band in self._bands
        )

    def _catch_up(self, on: date) -> None:
        """Read everybody of another day, or only who was written."""
        if on != self._on:
            self._bands.clear()
            self._cells_of.clear()
            self._unsettled.clear()
            self._on = None
            self._read(on, None)
            self._on = on
            self._written.clear()
            return
        while self._written:
            some = list(self._written)[:AT_ONCE]
            self._read(on, some)
            self._written.difference_update(some)

    def _read(self, on: date, psychologist_ids: Collection[int] | None) -> None:
        """Replace the rows of these, or of everybody."""
        values: dict[str, Any] = {"on": connection.ops.adapt_datefield_value(on)}
        rows, unsettled = _ROWS, _UNSETTLED
        if psychologist_ids is not None:
            ids = ", ".join(str(int(one)) for one in psychologist_ids)
            rows = f"{rows} AND person.id IN ({ids})"
            unsettled = f"SELECT * FROM ({unsettled}) one WHERE psychologist_id IN ({ids})"
        with connection.cursor() as cursor:
            cursor.execute(rows, values)
            places = cursor.fetchall()
            cursor.execute(unsettled, values)
            coming = [key for (key,) in cursor.fetchall()]
        for key in psychologist_ids or ():
            self._remove(key)
        of_each: dict[int, list[tuple[Any, ...]]] = {}
        for key, *place in places:
            of_each.setdefault(key, []).append(tuple(place))
        for key, own in of_each.items():
            self._add(key, own)
        for start in range(0, len(coming), AT_ONCE):
            found = standings(coming[start : start + AT_ONCE])
            self._unsettled.update((key, found[key]) for key in found if key in of_each)

    def _remove(self, psychologist_id: int) -> None:
        for band, column in self._cells_of.pop(psychologist_id, ()):
            rows = self._bands[band][column]
            self._bands[band][column] = [row for row in rows if row[-1] != psychologist_id]
        self._unsettled.pop(psychologist_id, None)

    def _add(self, psychologist_id: int, places: Iterable[tuple[Any, ...]]) -> None:
        own = list(places)
        cells = self._cells_of.setdefault(psychologist_id, [])
        for place_id, latitude, longitude, step_free, languages, *wishes in own:
            bits = sum(1 << i for i, offered in enumerate(wishes) if offered)
            bits |= (_STEP_FREE if step_free else 0) | (_SEVERAL if len(own) > 1 else 0)
            for code in languages.split(","):
                bits |= self._languages.setdefault(code, _SEVERAL << len(self._languages) + 1)
            band, column = _step(latitude), _step(longitude)
            row = (*_on_sphere(latitude, longitude), bits, place_id, psychologist_id)
            self._bands.setdefault(band, {}).setdefault(column, []).append(row)
            cells.append((band, column))


def _nearest_of_several(found: list[tuple[float, int, int, int]]) -> list[Near]:
    """Each psychologist once, at the nearest of the places found."""
    once: list[Near] = [
        (away, place_id, psychologist_id)
        for away, place_id, psychologist_id, bits in found
        if not bits & _SEVERAL
    ]
    best: dict[int, Near] = {}
    if len(once) < len(found):
        for away, place_id, psychologist_id, bits in found:
            if bits & _SEVERAL:
                near = (away, place_id, psychologist_id)
                best[psychologist_id] = min(best.get(psychologist_id, near), near)
    return [*once, *best.values()]


def _between(cells: Mapping[int, list[_Row]], west: int, east: int) -> Iterable[list[_Row]]:
    """The cells of a band from west to east, whichever way looks at fewer."""
    if east - west > len(cells):
        return [rows for column, rows in cells.items() if west <= column <= east]
    return filter(None, map(cells.get, range(west, east + 1)))


def _step(degrees: float) -> int:
    return floor(degrees * CELLS_IN_DEGREE)


def _on_sphere(latitude: float, longitude: float) -> tuple[float, float, float]:
    """A position in degrees on the sphere of radius 1."""
    north, east = radians(latitude), radians(longitude)
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)
