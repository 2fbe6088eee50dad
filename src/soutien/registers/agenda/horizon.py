"""When many psychologists are free for a first session, kept in memory as whole seconds.

A projection, never the truth: each agenda is read from the tables when somebody first asks for
it, derived by ``free.times_of``, and thrown away as soon as it is written (``forget``), one of
its holds runs out, or time has used it up. What is kept is thus what a fresh derivation would
say, and ``first_starts`` costs one look-up a place. See docs/decisions/0012-earliest-place.md.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from soutien.registers.agenda.free import (
    FIRST_SESSION,
    Agenda,
    Busy,
    Opening,
    Slot,
    slot_at,
    times_of,
)
from soutien.registers.agenda.public_holidays import public_holidays
from soutien.registers.agenda.reading import agendas_between, busy_times

NEVER = 2**62
# Nobody looked yet.
_UNKNOWN = -1
# Agendas are derived some days beyond the horizon, not all as many, so that they neither end
# every day nor all on the same one.
SPARE_DAYS = 7
# And from a little before, because requests that come together do not ask in order.
BEFORE = timedelta(minutes=1)
# One question names this many psychologists at most; SQLite takes some 32,000.
AT_ONCE = 1000
# Alarms of agendas thrown away since are swept when they outnumber the others this many times.
SWEEP = 4


# Seconds since 1970, or NEVER.
Starts = npt.NDArray[np.int64]


class Missed(Exception):
    """The moment asked about lies before what is kept: ask a new Horizon."""


class _Times(NamedTuple):
    """Free times at one place: each start, in order, and its opening."""

    starts: array[int]
    openings: list[Opening]


class _Derived:
    """The free times of one psychologist at each place, and how they let others book.

    One may book what starts ``notice`` seconds from now or later, and before ``reach`` seconds.
    """

    __slots__ = ("notice", "places", "reach")

    def __init__(self, notice: float, reach: float) -> None:
        self.notice = notice
        self.reach = reach
        self.places: dict[int, _Times] = {}


# What comes due at a moment: a hold is over at that very moment, a start is past just after it.
_AT, _AFTER = 0, 1
# When, which of the two, a number that orders equals, whose, at which place (or None), and of
# which derivation: an alarm of one thrown away rings for nobody.
_Alarm = tuple[float, int, int, int, "int | None", _Derived]


class Horizon:
    """First sessions that others may book. Not thread-safe: lock around each call.

    ``modality`` is in_person, remote, or empty for either; ``reach`` how far to look ahead. What
    is free for follow-ups depends on the day in more ways, and is not kept.
    """

    def __init__(self, *, modality: str, reach: timedelta) -> None:
        self._modality, self._reach = modality, reach
        self._derived: dict[int, _Derived] = {}
        # By place: its first start from the latest moment asked about on. Places are numbered
        # from 1 by the database, so that their numbers do as positions.
        self._first: Starts = np.full(1, _UNKNOWN, np.int64)
        self._alarms: list[_Alarm] = []
        self._numbers = count()
        # What is kept is right from here on.
        self._right_from: tuple[float, int] = (0.0, _AT)

    def __len__(self) -> int:
        """How many psychologists are kept."""
        return len(self._derived)

    def forget(self, psychologist_ids: Iterable[int]) -> None:
        """These agendas were written: read them again when somebody asks."""
        for psychologist_id in psychologist_ids:
            known = self._derived.pop(psychologist_id, None)
            if known is not None:
                self._first[list(known.places)] = _UNKNOWN

    def first_starts(self, places: Sequence[tuple[int, int]], *, at: datetime) -> list[int]:
        """The first free start at each (place, psychologist), or NEVER, in their order.

        Seconds since 1970, from ``at`` to before the horizon. Raises Missed for a moment before
        what is kept.
        """
        place_ids, psychologist_ids = zip(*places, strict=True) if places else ((), ())
        return self.firsts(
            np.array(place_ids, int), np.array(psychologist_ids, int), at=at
        ).tolist()

    def firsts(
        self,
        place_ids: npt.NDArray[np.int64],
        psychologist_ids: npt.NDArray[np.int64],
        *,
        at: datetime,
    ) -> Starts:
        """The same, of many at once in columns."""
        self._go_on(at)
        if not len(place_ids):
            return np.empty(0, np.int64)
        self._make_room(int(place_ids.max()))
        found = self._first[place_ids]
        unknown = np.flatnonzero(found == _UNKNOWN)
        if len(unknown):
            asked = (place_ids[unknown].tolist(), psychologist_ids[unknown].tolist())
            self._know(list(zip(*asked, strict=True)), at)
            found = self._first[place_ids]
        return found

    def _make_room(self, place_id: int) -> None:
        """So that the first start at a place can be noted."""
        missing = place_id + 1 - len(self._first)
        if missing > 0:
            more = np.full(max(missing, len(self._first)), _UNKNOWN, np.int64)
            self._first = np.concatenate([self._first, more])

    def slots(
        self,
        psychologist_id: int,
        place_id: int,
        *,
        at: datetime,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[Slot]:
        """Free slots at one place in order, from ``at`` or a later ``since`` to before ``until``.

        Never beyond the horizon. Raises Missed for a moment before what is kept.
        """
        self._go_on(at)
        self._make_room(place_id)
        self._know([(place_id, psychologist_id)], at)
        derived, now = self._derived[psychologist_id], at.timestamp()
        times = derived.places[place_id]
        starts, ends = now + derived.notice, now + derived.reach
        first = bisect_left(times.starts, max(starts, since.timestamp()) if since else starts)
        last = bisect_left(times.starts, min(ends, until.timestamp()) if until else ends)
        return (slot_at(times.starts[i], times.openings[i]) for i in range(first, last))

    def _go_on(self, at: datetime) -> None:
        """Let everything that is due by a moment ring."""
        now = (at.timestamp(), _AFTER)
        if self._right_from >= now:
            raise Missed
        alarms = self._alarms
        while alarms and alarms[0] < now:
            due, when, _number, psychologist_id, place_id, derived = heapq.heappop(alarms)
            self._right_from = max(self._right_from, (due, when))
            if self._derived.get(psychologist_id) is not derived:
                continue
            if place_id is None:
                self.forget([psychologist_id])
            else:
                self._look(psychologist_id, place_id, derived, now[0])

    def _know(self, places: Iterable[tuple[int, int]], at: datetime) -> None:
        """Derive what is missing of these (place, psychologist), and note their first starts."""
        unknown = [one for one in places if self._first[one[0]] == _UNKNOWN]
        missing = list(dict.fromkeys(key for _, key in unknown if key not in self._derived))
        for start in range(0, len(missing), AT_ONCE):
            self._derive(missing[start : start + AT_ONCE], at)
        now = at.timestamp()
        for place_id, psychologist_id in unknown:
            derived = self._derived[psychologist_id]
            # A place without a single free time is known too.
            derived.places.setdefault(place_id, _Times(array("q"), []))
            self._look(psychologist_id, place_id, derived, now)
        many = len(self._alarms) > SWEEP * len(self._derived)
        if many and len(self._alarms) > SWEEP * (len(self._derived) + self._places_known()):
            self._alarms = [one for one in self._alarms if self._derived.get(one[3]) is one[5]]
            heapq.heapify(self._alarms)

    def _places_known(self) -> int:
        return int(np.count_nonzero(self._first != _UNKNOWN))

    def _derive(self, psychologist_ids: Collection[int], at: datetime) -> None:
        """Read and derive these agendas, as they are at a moment."""
        since = at.replace(second=0, microsecond=0) - BEFORE
        last = at + self._reach + (SPARE_DAYS + 1) * timedelta(days=1)
        agendas = agendas_between(psychologist_ids, since, last)
        holds = self._fill(agendas, since, last, at)
        self._right_from = max(self._right_from, (since.timestamp(), _AT))
        for psychologist_id, agenda in agendas.items():
            spare = timedelta(days=1 + psychologist_id % SPARE_DAYS)
            starts, ends = agenda.limits.reach(at)
            derived = _Derived(
                (starts - at).total_seconds(), min(ends - at, self._reach).total_seconds()
            )
            for start, opening in times_of(
                agenda,
                since=since,
                until=at + self._reach + spare,
                kind=FIRST_SESSION,
                modality=self._modality,
                holidays=public_holidays,
            ):
                times = derived.places.get(opening.place_id)
                if times is None:
                    times = derived.places[opening.place_id] = _Times(array("q"), [])
                times.starts.append(start)
                times.openings.append(opening)
            self._make_room(max(derived.places, default=0))
            self._derived[psychologist_id] = derived
            self._set((at + spare).timestamp(), _AFTER, psychologist_id)
            if psychologist_id in holds:
                self._set(holds[psychologist_id], _AT, psychologist_id)

    def _fill(
        self, agendas: Mapping[int, Agenda], since: datetime, until: datetime, at: datetime
    ) -> dict[int, float]:
        """Fill in what is booked; when the first hold of each ends, of those with one."""
        times: dict[int, list[tuple[int, int]]] = {key: [] for key in agendas}
        holds: dict[int, float] = {}
        for psychologist_id, start, end, held_until in busy_times(agendas, since, until):
            if held_until is not None:
                ends = held_until.timestamp()
                if held_until <= at:
                    self._right_from = max(self._right_from, (ends, _AT))
                    continue
                holds[psychologist_id] = min(ends, holds.get(psychologist_id, ends))
            times[psychologist_id].append((start, end))
        for psychologist_id, agenda in agendas.items():
            agenda.busy = Busy(times[psychologist_id])
        return holds

    def _look(self, psychologist_id: int, place_id: int, derived: _Derived, now: float) -> None:
        """Note the first start at a place, and look again when that changes with time."""
        starts = derived.places[place_id].starts
        position = bisect_left(starts, now + derived.notice)
        if position == len(starts):
            self._first[place_id] = NEVER
            return
        first = starts[position]
        near = first < now + derived.reach
        self._first[place_id] = first if near else NEVER
        due = first - (derived.notice if near else derived.reach)
        self._set(due, _AFTER, psychologist_id, place_id)

    def _set(
        self, due: float, when: int, psychologist_id: int, place_id: int | None = None
    ) -> None:
        derived = self._derived[psychologist_id]
        alarm = (due, when, next(self._numbers), psychologist_id, place_id, derived)
        heapq.heappush(self._alarms, alarm)
