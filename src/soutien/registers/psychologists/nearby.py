"""The directory in memory: who is listed near a point, for a process that searches often.

Each open place of a listed psychologist is one row of a few columns, and a question looks through
the columns whole: for 120,000 places that is quicker than any index of Python objects.
The rows are those of one day, chosen by the same condition as in ``queries.candidates_near``;
who was written since is read again before the next answer.
See docs/decisions/0012-earliest-place.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import pi, sin, sqrt
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from django.db import connection

from soutien.registers.psychologists.queries import (
    EARTH_RADIUS_M,
    LISTED,
    METRES_IN_KM,
    PUBLICS,
    Standing,
    standings,
)

# One question names this many psychologists at most; SQLite takes some 32,000.
AT_ONCE = 5000
# How crowded a region is, is counted in squares of so many to a degree.
SQUARES_IN_DEGREE = 40

# A place found: the square of the straight line to it (1 is the earth's radius, so that it grows
# with the distance), the place, its psychologist.
Near = tuple[float, int, int]

_Whole = npt.NDArray[np.int64]
_Real = npt.NDArray[np.float64]

_WISHES = (
    *PUBLICS.values(),
    *("offers_video", "offers_amc_third_party", "accepts_new_patients"),
)
# The first bits are the wishes in their order, then these. Without the last, the row is free.
_STEP_FREE = 1 << len(_WISHES)
_SEVERAL = _STEP_FREE << 1
_TAKEN = _SEVERAL << 1

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


@dataclass(frozen=True, slots=True)
class Found:
    """Places found, in no order; in columns, since there may be thousands. See ``Near``."""

    away: _Real
    places: _Whole
    psychologists: _Whole

    @classmethod
    def of(cls, rows: Collection[Near]) -> Self:
        """The same from rows."""
        away, places, psychologists = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(
            np.array(away, np.float64),
            np.array(places, np.int64),
            np.array(psychologists, np.int64),
        )

    def __len__(self) -> int:
        return len(self.away)

    def rows(self) -> list[Near]:
        """One tuple each."""
        columns = (self.away.tolist(), self.places.tolist(), self.psychologists.tolist())
        return list(zip(*columns, strict=True))

    def only(self, chosen: npt.NDArray[Any]) -> Self:
        """Those chosen by their positions, or by one truth value each."""
        return type(self)(self.away[chosen], self.places[chosen], self.psychologists[chosen])

    def of_any(self, psychologist_ids: Collection[int]) -> npt.NDArray[np.bool_]:
        """Of each, whether it is a place of one of these."""
        return np.isin(self.psychologists, np.fromiter(psychologist_ids, np.int64))

    def within(self, square: float) -> Self:
        """Those no farther than that, in the unit of ``Near``."""
        return self.only(self.away <= square)

    def reach_of(self, count: int) -> float:
        """How far the nearest so many reach, in the unit of ``Near``; ``count`` is 1 or more."""
        last = min(count, len(self)) - 1
        return float(np.partition(self.away, last)[last])


class _Columns:
    """Rows in columns: a position on the sphere of radius 1, bits, and three numbers."""

    __slots__ = ("bits", "languages", "places", "psychologists", "sphere")

    def __init__(self, size: int) -> None:
        self.sphere: _Real = np.zeros((3, size), np.float64)
        self.bits: _Whole = np.zeros(size, np.int64)
        self.languages: _Whole = np.zeros(size, np.int64)
        self.places: _Whole = np.zeros(size, np.int64)
        self.psychologists: _Whole = np.zeros(size, np.int64)

    def __len__(self) -> int:
        return len(self.bits)

    def larger(self, size: int) -> _Columns:
        """The same rows, with room for more."""
        other = _Columns(size)
        for name in self.__slots__:
            getattr(other, name)[..., : len(self)] = getattr(self, name)
        return other


class Nearby:
    """The places of one day's directory. Not thread-safe: lock around each call."""

    def __init__(self) -> None:
        self._on: date | None = None
        self._rows = _Columns(0)
        self._rows_of: dict[int, list[int]] = {}
        self._free: list[int] = []
        # Languages as psychologists say them ("fr,en"), each with the number its rows carry.
        self._languages: dict[str, int] = {}
        self._unsettled: dict[int, Standing] = {}
        self._written: set[int] = set()

    def __len__(self) -> int:
        """How many psychologists are listed on the day last asked about."""
        return len(self._rows_of)

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
        taken = np.flatnonzero(self._rows.bits & _TAKEN)
        x, y, z = self._rows.sphere[:, taken]
        steps = SQUARES_IN_DEGREE * np.degrees(np.array([np.arcsin(z), np.arctan2(y, x)]))
        _squares, square, crowd = np.unique(
            np.floor(steps), axis=1, return_inverse=True, return_counts=True
        )
        square = square.reshape(-1)
        order = taken[np.lexsort((square, -crowd[square]))]
        columns = (self._rows.places[order].tolist(), self._rows.psychologists[order].tolist())
        return list(zip(*columns, strict=True))

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
    ) -> Found:
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
        needed = _TAKEN | sum(1 << i for i, column in enumerate(_WISHES) if wished.get(column))
        needed |= _STEP_FREE if step_free else 0
        rows = self._rows
        x, y, z = _on_sphere(np.array(latitude), np.array(longitude))
        reach = radius_km * METRES_IN_KM
        limit = (2 * sin(min(reach / (2 * EARTH_RADIUS_M), pi / 2))) ** 2
        # The band of latitude first: it leaves few, and costs one column.
        chosen = np.flatnonzero(np.abs(rows.sphere[2] - z) <= sqrt(limit))
        chosen = chosen[rows.bits[chosen] & needed == needed]
        if languages:
            chosen = chosen[self._speaking(languages)[rows.languages[chosen]]]
        east, north, up = (
            column[chosen] - one for column, one in zip(rows.sphere, (x, y, z), strict=True)
        )
        away = east * east + north * north + up * up
        near = away <= limit
        away, chosen = away[near], chosen[near]
        found = Found(away, rows.places[chosen], rows.psychologists[chosen])
        return _nearest_of_several(found, rows.bits[chosen] & _SEVERAL != 0)

    def _speaking(self, codes: Collection[str]) -> npt.NDArray[np.bool_]:
        """Of the languages said, by their number, whether one of these is among them."""
        wanted = set(codes)
        said = [not wanted.isdisjoint(languages.split(",")) for languages in self._languages]
        return np.array(said, np.bool_)

    def _catch_up(self, on: date) -> None:
        """Read everybody of another day, or only who was written."""
        if on != self._on:
            self._rows, self._free = _Columns(0), []
            self._rows_of.clear()
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
        self._add(places)
        for start in range(0, len(coming), AT_ONCE):
            found = standings(coming[start : start + AT_ONCE])
            self._unsettled.update((key, found[key]) for key in found if key in self._rows_of)

    def _remove(self, psychologist_id: int) -> None:
        for row in self._rows_of.pop(psychologist_id, ()):
            self._rows.bits[row] = 0
            self._free.append(row)
        self._unsettled.pop(psychologist_id, None)

    def _add(self, places: Collection[tuple[Any, ...]]) -> None:
        """Put these in free rows, and make more where there are too few."""
        if len(places) > len(self._free):
            size = len(self._rows)
            # Half as many again, so that those who come one by one do not copy all each time.
            more = max(len(places) - len(self._free), size // 2)
            self._rows = self._rows.larger(size + more)
            self._free += range(size + more - 1, size - 1, -1)
        if not places:
            return
        keys, ids, latitudes, longitudes, step_free, languages, *wishes = zip(*places, strict=True)
        into = [self._free.pop() for _ in places]
        for key, row in zip(keys, into, strict=True):
            self._rows_of.setdefault(key, []).append(row)
        several = [len(self._rows_of[key]) > 1 for key in keys]
        bits = np.full(len(into), _TAKEN, np.int64)
        for bit, offered in (
            *((1 << i, column) for i, column in enumerate(wishes)),
            (_STEP_FREE, step_free),
            (_SEVERAL, several),
        ):
            bits |= np.where(np.array(offered, np.bool_), bit, 0)
        rows = self._rows
        rows.sphere[:, into] = _on_sphere(np.array(latitudes), np.array(longitudes))
        rows.bits[into] = bits
        rows.languages[into] = [
            self._languages.setdefault(said, len(self._languages)) for said in languages
        ]
        rows.places[into], rows.psychologists[into] = ids, keys


def _nearest_of_several(found: Found, several: npt.NDArray[np.bool_]) -> Found:
    """Each psychologist once, at the nearest place found; ``several`` have more than one."""
    some = np.flatnonzero(several)
    if not len(some):
        return found
    order = np.lexsort((found.places[some], found.away[some], found.psychologists[some]))
    ordered = some[order]
    whose = found.psychologists[ordered]
    farther = ordered[1:][whose[1:] == whose[:-1]]
    keep = np.ones(len(found), np.bool_)
    keep[farther] = False
    return found.only(keep)


def _on_sphere(latitude: _Real, longitude: _Real) -> _Real:
    """Positions in degrees on the sphere of radius 1: three numbers each."""
    north, east = np.radians(latitude), np.radians(longitude)
    return np.array([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])
