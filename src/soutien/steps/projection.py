"""All psychologists at once, in the memory of one process: who is near, and free first.

The directory and the agendas are kept by their registers; here they are put together and kept
true. Before each answer one question tells what was written since the last one, by whichever
process, and only that is read again. Inside a transaction nothing is kept, since what it sees
may never be committed. See docs/decisions/0012-earliest-place.md.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import connection

from soutien.registers.agenda.horizon import Horizon, Missed
from soutien.registers.psychologists import changes
from soutien.registers.psychologists.names import Names
from soutien.registers.psychologists.nearby import Nearby
from soutien.registers.psychologists.shown import Shown
from soutien.registers.psychologists.statements import Statements
from soutien.rules.codes import Modality, word
from soutien.steps import gather

# Further than this, an agenda says little: psychologists open theirs two months ahead.
HORIZON = timedelta(days=60)


class Projection:
    """The directory of a day, its names, statements and entries, and the sessions to come."""

    def __init__(self) -> None:
        self.nearby, self.names = Nearby(), Names()
        self.statements, self.shown = Statements(), Shown()
        self._horizons: dict[str, Horizon] = {}
        self._position: changes.Position | None = None

    def first_sessions(self, modality: str, at: datetime) -> Horizon:
        """When psychologists are free, as at a moment; no modality means either."""
        kept = self._horizons.get(modality)
        if kept is None:
            kept = self._horizons[modality] = Horizon(modality=modality, reach=HORIZON)
        try:
            kept.first_starts([], at=at)
        except Missed:
            # Requests answered at once do not ask in order; this one came just too late.
            return Horizon(modality=modality, reach=HORIZON)
        return kept

    def catch_up(self) -> None:
        """Forget what was written since the last time, all of it when that is not known."""
        read = changes.since(self._position) if self._position else None
        if read is None:
            self._position = changes.now()
            self.nearby, self.names = Nearby(), Names()
            self.statements, self.shown = Statements(), Shown()
            self._horizons.clear()
            return
        self._position, written = read
        for kept in (self.nearby, self.names, self.statements, self.shown):
            kept.forget(written.directory)
        for horizon in self._horizons.values():
            horizon.forget(written.agenda)


_kept = Projection()
_turn = threading.Lock()


@contextmanager
def projection() -> Iterator[Projection]:
    """What this process keeps, as committed now, for the block alone; one block at a time."""
    if connection.in_atomic_block:
        yield Projection()
        return
    with _turn:
        _kept.catch_up()
        yield _kept


def first_session_modality(on: date) -> str:
    """How first sessions must be held on a day: ``in_person``, or empty for either way."""
    return word(Modality.IN_PERSON) if gather.terms_on(on).evaluation_in_person else ""


def places_to_warm(on: date) -> list[tuple[int, int]]:
    """Every (place, psychologist) a search of a day may ask about, the crowded regions first.

    Reads the names and statements too. For a process that starts (doors/warming.py).
    """
    with projection() as known:
        known.names.matching("a")
        known.statements.stated_on()
        return known.nearby.places(on=on)


def warm(places: Sequence[tuple[int, int]], *, on: date, at: datetime) -> None:
    """Derive the first sessions at these places, so that no search has to."""
    with projection() as known:
        known.first_sessions(first_session_modality(on), at).first_starts(places, at=at)
