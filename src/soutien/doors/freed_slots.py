"""The rounds that bring free times to the people who wait, for whichever process makes them.

Each round ends what ran out, then looks only where something changed: at the psychologists whose
agenda was written since the last round, and around the people for whom nobody has looked yet. The
first round of a process, and the one after a failure, looks everywhere. Rounds of several
processes at once never offer one time, or one person, twice.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from soutien.registers.agenda import queries as agenda
from soutien.registers.psychologists import changes
from soutien.registers.waiting import queries as waiting
from soutien.steps.elsewhere import AHEAD, FIRST_SESSION, IN_PERSON
from soutien.steps.hold import release_expired_holds
from soutien.steps.turns import reached_by
from soutien.steps.wait import expire_offers, offer_freed_slot

# One question names this many psychologists at most; SQLite takes some 32,000.
AT_ONCE = 500
# After so many seconds of offering, no further offer is begun in this round.
ROUND_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    released: int = 0
    ended: int = 0
    offered: int = 0


class FreedSlots:
    """Remembers how far it has looked. One a process; not shared between threads."""

    def __init__(self, *, seconds: float = ROUND_SECONDS) -> None:
        self._seconds = seconds
        self._position: changes.Position | None = None
        # Psychologists whom the round before had no time for.
        self._left: set[int] = set()

    def round(self, at: datetime) -> Round:
        """End, look, offer."""
        try:
            released = release_expired_holds(at=at)
            ended = expire_offers(at=at)
            return Round(released, ended, self._offer(at))
        except Exception:
            self._position = None
            raise

    def _offer(self, at: datetime) -> int:
        written = self._written()
        waits = waiting.not_looked_around(everybody=written is None)
        # Before looking: who enters the queue from now on is looked for in the next round.
        waiting.looked_around([wait.pk for wait in waits], at=at)
        reached = reached_by(waits, at) | (written or set()) | self._left
        left = deque(_earliest_first(reached, at))
        ends, offered = time.monotonic() + self._seconds, 0
        # At least one where one can be: a process that makes one round only comes forward too.
        while left and (not offered or time.monotonic() < ends):
            if offer_freed_slot(psychologist_id=left[0], at=at) is None:
                left.popleft()
            else:
                offered += 1
        self._left = set(left)
        return offered

    def _written(self) -> set[int] | None:
        """Whose agenda or entry was written since the last round; None when anybody's may be."""
        read = changes.since(self._position) if self._position else None
        if read is None:
            self._position = changes.now()
            return None
        self._position, written = read
        return {*written.agenda, *written.directory}


def _earliest_first(psychologist_ids: Iterable[int], at: datetime) -> list[int]:
    """Those who are free for a first session, the earliest first: whoever is first in the queue
    is then offered the earliest."""
    ids, starts = sorted(psychologist_ids), []
    for start in range(0, len(ids), AT_ONCE):
        free = agenda.first_free(
            ids[start : start + AT_ONCE],
            since=at,
            until=at + AHEAD,
            kind=FIRST_SESSION,
            now=at,
            modality=IN_PERSON,
            count=1,
        )
        starts += [(slots[0].starts_at, key) for key, slots in free.items() if slots]
    return [key for _starts_at, key in sorted(starts)]
