"""What is kept in memory of every entry: numbers to filter and count by, never its words.

Read again as a whole when the token of ``IndexState`` is another one.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from soutien.registers.contents.models import KINDS, LANGUAGES, Entry, IndexState, Version
from soutien.registers.contents.search.engines import engine
from soutien.registers.contents.search.numbers import Ids, Mask, Places

FOR_EVER = 2**62
# What postings may take in one process: then the oldest go.
MOST_BYTES = 48 * 1_048_576


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every entry by its place: ``ids[place]`` is its number, ``where[number]`` its place."""

    ids: Ids
    where: Places
    kinds: Places
    languages: Places
    towns: Ids
    live_from: Ids
    live_before: Ids
    shown_at: Ids
    over_at: Ids
    title_words: Places
    place_of: Places
    place_names: tuple[str, ...]
    # One pair for each category of each entry.
    pair_place: Places
    pair_category: Ids

    def __len__(self) -> int:
        return len(self.ids)

    def places(self, ids: Ids) -> Places:
        """Where these entries stand; those that are not known are left out."""
        known = ids[ids < len(self.where)]
        found: Places = self.where[known]
        return found[found >= 0]

    def mask(self, places: Places) -> Mask:
        """True at these places."""
        mask = np.zeros(len(self), dtype=np.bool_)
        mask[places] = True
        return mask


def seconds(moment: datetime | None, otherwise: int) -> int:
    """A moment as a number."""
    return otherwise if moment is None else int(moment.timestamp())


def read_shelf() -> Shelf:
    """All entries."""
    rows = list(
        Entry.objects.order_by("content_id").values_list(
            *("content_id", "kind", "language", "town_id", "live_from", "live_before"),
            *("starts_at", "ends_at", "title_words", "place"),
        )
    )
    ids = _numbers(row[0] for row in rows)
    where = np.full(int(ids[-1]) + 1 if len(ids) else 1, -1, dtype=np.int64)
    where[ids] = np.arange(len(ids))
    names = sorted({row[9] for row in rows})
    codes = {name: code for code, name in enumerate(names)}
    pairs = _pairs()
    kept = where[pairs[:, 0]] if len(pairs) else np.empty(0, dtype=np.int64)
    return Shelf(
        ids=ids,
        where=where,
        kinds=_numbers(KINDS.index(row[1]) for row in rows),
        languages=_numbers(LANGUAGES.index(row[2]) for row in rows),
        towns=_numbers(row[3] for row in rows),
        live_from=_numbers(seconds(row[4], 0) for row in rows),
        live_before=_numbers(seconds(row[5], FOR_EVER) for row in rows),
        shown_at=_numbers(seconds(row[6] or row[4], 0) for row in rows),
        over_at=_numbers(seconds(row[7] or row[6], FOR_EVER) for row in rows),
        title_words=_numbers(row[8] for row in rows),
        place_of=_numbers(codes[row[9]] for row in rows),
        place_names=tuple(names),
        pair_place=kept,
        pair_category=pairs[:, 1],
    )


def _numbers(values: Iterable[int]) -> Ids:
    return np.array(list(values), dtype=np.int64)


def _pairs() -> Ids:
    through = Version.categories.through._default_manager
    live = Entry.objects.values_list("content_id", "version_id")
    of_version = {version: content for content, version in live}
    rows = through.values_list("version_id", "category_id")
    pairs = [(of_version[v], category) for v, category in rows if v in of_version]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


class Memory:
    """The shelf and the postings read lately, as long as nothing is published."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token: UUID | None = None
        self._shelf: Shelf | None = None
        self._kept: OrderedDict[tuple[str, str, str], Places] = OrderedDict()
        self._bytes = 0

    def shelf(self) -> Shelf:
        """Every entry as it is now."""
        token = IndexState.objects.values_list("token", flat=True).first()
        with self._lock:
            if self._shelf is None or token != self._token:
                self._shelf = read_shelf()
                self._token, self._bytes = token, 0
                self._kept.clear()
            return self._shelf

    def having(self, shelf: Shelf, how: str, column: str, word: str) -> Places:
        """The places of entries that have a word, a phrase or a beginning in a column."""
        key = (how, column, word)
        with self._lock:
            if shelf is self._shelf and (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known
        found = shelf.places(_asked(how, column, word))
        with self._lock:
            if shelf is self._shelf and key not in self._kept:
                self._kept[key] = found
                self._bytes += found.nbytes
                while self._bytes > MOST_BYTES:
                    self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return found


def _asked(how: str, column: str, word: str) -> Ids:
    if how == "phrase":
        return engine().phrase(column, tuple(word.split()))
    if how == "beginning":
        return engine().beginning(column, word)
    return engine().having(column, word)


MEMORY = Memory()
