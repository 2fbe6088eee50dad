"""Reading one lane of the journal in order: what was done to it, and where.

A line that does not fit is kept in doubt until the lines after it tell what happened: they fit
again when only its columns were changed, fit one number off when a line was put in or taken out
and the rest renumbered, and fit elsewhere when lines were moved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from soutien.registers.audit.models import LANES, LANES_MAX
from soutien.registers.audit.queries import LaneHead, Line, content
from soutien.sealing import chain
from soutien.sealing.chain import ChainKey

# How far a renumbering is followed, and how many lines may be in doubt at once.
SHIFT_MAX, DOUBTS_MAX = 64, 256


class Kind(StrEnum):
    """What was done."""

    CHANGED = "changed"  # the line is not what was written
    MISSING = "missing"  # lines were taken out
    INSERTED = "inserted"  # a line that was never written there
    MOVED = "moved"  # a line of another place
    TRUNCATED = "truncated"  # the last lines were taken away
    HEAD = "head"  # the head of the lane is not what was written
    NO_LANE = "no_lane"  # the head of the lane was taken away
    UNKNOWN_KEY = "unknown_key"  # chained with a key that is not given
    NOT_A_LINE = "not_a_line"  # cannot be read, or belongs to no line
    REWRITTEN = "rewritten"  # not what an exported head says
    FORGOTTEN = "forgotten"  # older than an exported head: a former state was put back


class Damage(NamedTuple):
    """Lines ``first`` to ``last`` of a lane, and the moment of the line or of the one before."""

    kind: Kind
    lane: int
    first: int
    last: int
    at: datetime | None = None


class Row(NamedTuple):
    """A line as it stands in the table. ``line`` is None when its columns cannot be read."""

    entry_id: int
    line: Line | None
    key_id: bytes
    link: bytes

    @property
    def sequence(self) -> int:
        """Its number in its lane."""
        return self.entry_id // LANES_MAX

    @property
    def at(self) -> datetime | None:
        """When it was written, as it says."""
        return self.line.at if self.line else None


class Doubt(NamedTuple):
    """A line that does not fit: its true number would be ``number``, after ``previous``."""

    row: Row
    number: int
    previous: bytes


class Lane:
    """One lane, told its lines in order. What it finds waits in ``found``."""

    def __init__(
        self, lane: int, keys: Mapping[bytes, ChainKey], head: LaneHead | None = None
    ) -> None:
        self.lane = lane
        self.keys = keys
        self.head = head
        self.sequence = 0
        self.last = chain.BEGINNING
        # The link that stands where the head says that the lane ended.
        self.link_of_head = b""
        self.at: datetime | None = None
        self.found: list[Damage] = []
        self.doubts: list[Doubt] = []
        # True numbers run ahead of the stored ones by this, after a renumbering.
        self.shift = 0
        # What was found before the renumbering began, how much of it is sure.
        self.sure = 0
        self.recent: deque[bytes] = deque(maxlen=SHIFT_MAX)

    def read(self, row: Row) -> None:
        """The next line of the lane."""
        number = row.sequence
        if number != self.sequence + 1:
            self._skipped(row, number)
        elif not self._fits(row, number + self.shift, self.last):
            self._doubt(row, number)
        self.sequence, self.last, self.at = number, row.link, row.at or self.at
        self.recent.append(row.link)
        if self.head and number + self.shift == self.head.sequence:
            self.link_of_head = row.link

    def end(self, now: LaneHead | None) -> None:
        """After the last line; ``now`` is the head as it stands after the reading."""
        if self.lane >= LANES:
            self.found = [Damage(Kind.INSERTED, self.lane, 1, self.sequence, self.at)]
            return
        if self.shift and self.head and self.head.sequence == self.sequence:
            # As many lines as there were: they were moved, none taken out or put in.
            self._moved(self.sequence)
        number = self.sequence + self.shift
        beyond = max((one.sequence for one in (self.head, now) if one), default=0)
        self._resolve(beyond)
        head = self.head
        if head is None:
            self._tell(Kind.NO_LANE, 1, max(self.sequence, 1), self.at)
        elif head.key_id not in self.keys:
            self._tell(Kind.UNKNOWN_KEY, head.sequence, head.sequence, self.at)
        elif not head.holds(self.keys):
            self._tell(Kind.HEAD, head.sequence, head.sequence, self.at)
        elif number < head.sequence:
            self._tell(Kind.TRUNCATED, self.sequence + 1, head.sequence - self.shift, self.at)
        elif number > beyond and not self._found_at(self.sequence):
            self._tell(Kind.INSERTED, beyond + 1, self.sequence, self.at)
        elif head.sequence and self.link_of_head != head.link:
            place = head.sequence - self.shift
            if not self._found_at(place):
                self._tell(Kind.CHANGED, place, place, self.at)

    def _found_at(self, number: int) -> bool:
        return any(damage.first <= number <= damage.last for damage in self.found)

    def _tell(self, kind: Kind, first: int, last: int, at: datetime | None) -> None:
        self.found.append(Damage(kind, self.lane, first, last, at))

    def _fits(self, row: Row, number: int, previous: bytes) -> bool:
        expected = self._link(row, number, previous)
        return expected is not None and chain.same(expected, row.link)

    def _link(self, row: Row, number: int, previous: bytes) -> bytes | None:
        key = self.keys.get(row.key_id)
        if key is None or row.line is None:
            return None
        try:
            columns = content(self.lane, number, row.line, row.key_id)
        except (TypeError, ValueError, OverflowError):
            return None
        return chain.link(key, previous, columns)

    def _skipped(self, row: Row, number: int) -> None:
        """Numbers without a line: taken out, or none ever was and the rest was renumbered."""
        skipped = number - self.sequence - 1
        if not self._fits(row, number + self.shift - skipped, self.last):
            self._tell(Kind.MISSING, self.sequence + 1, number - 1, self.at)
            return
        if not self.shift:
            self.sure = len(self.found)
        self._tell(Kind.MOVED, self.sequence + 1, number, row.at)
        self.shift -= skipped

    def _doubt(self, row: Row, number: int) -> None:
        """Ask whether the doubts so far explain this line; else doubt it too."""
        if not (self._relinked(row, number) or self._renumbered(row, number)):
            self.doubts.append(Doubt(row, number + self.shift, self.last))
            if len(self.doubts) > DOUBTS_MAX:
                self._resolve(number)

    def _relinked(self, row: Row, number: int) -> bool:
        """Whether only the link of the line before was changed: what it should be fits."""
        before = self.doubts[-1] if self.doubts else None
        if before is None or before.row.sequence != number - 1:
            return False
        expected = self._link(before.row, before.number, before.previous)
        return expected is not None and self._fits(row, number + self.shift, expected)

    def _renumbered(self, row: Row, number: int) -> bool:
        """Whether lines were put in or taken out before this one, and the rest renumbered."""
        if self.shift and any(self._fits(row, number, link) for link in self.recent):
            self._moved(self.sequence)
            return not self.shift
        for away in range(1, 1 + min(len(self.doubts), SHIFT_MAX)):
            if self.doubts[-away].row.sequence != number - away:
                break
            if self._fits(row, number + self.shift - away, self.doubts[-away].previous):
                at = self.doubts[-away].row.at
                del self.doubts[-away:]
                self._shifted(Damage(Kind.INSERTED, self.lane, number - away, number - 1, at))
                return True
        before = self.doubts[-1] if self.doubts else None
        if before is None or before.row.sequence != number - 1:
            return False
        for away in range(1, SHIFT_MAX + 1):
            if self._fits(row, number + self.shift + away, self.last):
                first, at = before.number, before.row.at
                self.doubts.pop()
                self._shifted(Damage(Kind.MISSING, self.lane, first, first + away - 1, at))
                return True
        return False

    def _shifted(self, damage: Damage) -> None:
        """From here on the numbers are others. Back to the true ones, lines were only moved."""
        count = damage.last - damage.first + 1
        if not self.shift:
            self.sure = len(self.found)
        self.found.append(damage)
        self.shift += count if damage.kind is Kind.MISSING else -count
        if not self.shift:
            self._moved(self.sequence)

    def _moved(self, last: int) -> None:
        """What was found since the renumbering began, up to a line, is one place: lines moved."""
        since = [one for one in self.found[self.sure :] if one.kind is not Kind.NOT_A_LINE]
        first = min(one.first for one in since)
        if last - first > DOUBTS_MAX:
            # Too far apart to be one act: what was told stands.
            return
        self.found[self.sure :] = [Damage(Kind.MOVED, self.lane, first, last, since[0].at)]
        self.doubts = [doubt for doubt in self.doubts if doubt.row.sequence < first]
        self.shift = 0

    def _resolve(self, beyond: int) -> None:
        """Tell what the lines in doubt are, and doubt nothing any more."""
        moved, innocent = self._placed()
        runs: list[Damage] = []
        for doubt in self.doubts:
            if doubt.number in innocent:
                continue
            kind = self._kind(doubt, moved, beyond)
            number = doubt.row.sequence
            if runs and runs[-1].kind is kind and runs[-1].last == number - 1:
                runs[-1] = runs[-1]._replace(last=number)
            else:
                runs.append(Damage(kind, self.lane, number, number, doubt.row.at))
        self.found += runs
        self.doubts = []

    def _kind(self, doubt: Doubt, moved: set[int], beyond: int) -> Kind:
        if doubt.number in moved:
            return Kind.MOVED
        if doubt.row.sequence > beyond:
            return Kind.INSERTED
        if doubt.row.line is None:
            return Kind.NOT_A_LINE
        return Kind.CHANGED if doubt.row.key_id in self.keys else Kind.UNKNOWN_KEY

    def _placed(self) -> tuple[set[int], set[int]]:
        """The numbers whose line belongs to another, and those that only follow a moved one."""
        moved, innocent = set[int](), set[int]()
        # number: the links it may come after. A line that finds its place gives the next one's.
        open_places = [(doubt.number, doubt.previous) for doubt in self.doubts]
        numbers = {number for number, _previous in open_places}
        placed = set[int]()
        while open_places:
            number, previous = open_places.pop()
            for doubt in self.doubts:
                if doubt.number not in placed and self._fits(doubt.row, number, previous):
                    placed.add(doubt.number)
                    (innocent if doubt.number == number else moved).add(doubt.number)
                    if number + 1 in numbers:
                        open_places.append((number + 1, doubt.row.link))
                    break
        return moved, innocent


def runs(found: list[Damage]) -> Iterator[Damage]:
    """Damages in order of place."""
    yield from sorted(found, key=lambda one: (one.lane, one.first, one.last, one.kind))
