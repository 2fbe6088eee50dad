"""Ranks the towns that a text may mean.

Each way a name can be damaged gives candidates and a cost: what the damage is worth, in
natural logarithms of odds. A town's rank is its cost less a share of the logarithm of its
population: between two towns that explain a text equally well, the larger comes first. Towns
named exactly as typed always come first.

Only the ways that need an index have one:
- written as typed, or the beginning of the name: a sorted list;
- one or two letters lost, added, wrong or swapped: for each pair of letters, one large integer
  with a bit for each town that has the pair; adding these integers in binary columns counts the
  pairs that the text shares with all 35,000 names at once, in some tens of microseconds;
- heard alike: names grouped by their consonants, then compared by ear.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections import defaultdict
from functools import cached_property, lru_cache
from itertools import accumulate
from re import escape, finditer
from typing import NamedTuple

from soutien.registers.places.table import Table, table
from soutien.registers.places.spelling import edits, skeletons, sounds


class Costs(NamedTuple):
    """What each damage is worth. Tuned on seeds that bench/towns.py does not report."""

    population: float = 0.6
    article: float = 1.0
    inside: float = 4.0
    prefix: float = 2.0
    prefix_letter: float = 0.1
    one_edit: float = 2.5
    two_edits: float = 6.0
    first_letter: float = 1.0
    heard: float = 2.0
    heard_one_edit: float = 4.0
    heard_two_edits: float = 7.0


COSTS = Costs()
_FEW_LETTERS = 4
_PREFIXES_KEPT = 60
_COLUMNS = 6
_WORD_BITS = 64


class Index:
    """What fuzzy search needs, built piece by piece on first use."""

    def __init__(self, known: Table) -> None:
        self.known = known
        self.lines = "\n" + "\n".join(known.keys) + "\n"
        self.starts = list(accumulate((len(key) + 1 for key in known.keys), initial=0))
        self.priors = [math.log(population + 50) for population in known.populations]
        self._pairs: dict[str, int] = {}
        by_length: dict[int, list[int]] = defaultdict(list)
        for number, key in enumerate(known.keys):
            by_length[len(key)].append(number)
        self._by_length = {length: self._bits(found) for length, found in by_length.items()}

    def _bits(self, numbers: list[int]) -> int:
        marks = bytearray(len(self.known.keys) // _WORD_BITS * 8 + 8)
        for number in numbers:
            marks[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(marks, "little")

    @cached_property
    def heard(self) -> list[str]:
        return sounds("\n".join(self.known.keys)).split("\n")

    @cached_property
    def by_skeleton(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, bones in enumerate(skeletons("\n".join(self.heard)).split("\n")):
            found[bones].append(number)
        return dict(found)

    def pair(self, letters: str) -> int:
        """Bits of the towns whose key has these two letters in a row ("\\n" is an edge)."""
        bits = self._pairs.get(letters)
        if bits is None:
            starts = self.starts
            numbers = [
                bisect_right(starts, match.start()) - 1
                for match in finditer(escape(letters), self.lines)
            ]
            bits = self._pairs[letters] = self._bits(numbers)
        return bits

    def lengths(self, shortest: int, longest: int) -> int:
        bits = 0
        for length in range(shortest, longest + 1):
            bits |= self._by_length.get(length, 0)
        return bits

    def sharing(self, key: str, shared: int, shared_at_worst: int, slack: int) -> list[list[int]]:
        """Towns sharing `shared` letter pairs with `key`, then those sharing fewer."""
        marked = f"\n{key}\n"
        columns = [0] * _COLUMNS
        for letters in {marked[i : i + 2] for i in range(len(marked) - 1)}:
            carry = self.pair(letters)
            for i in range(_COLUMNS):
                column = columns[i]
                columns[i] = column ^ carry
                carry &= column
                if not carry:
                    break
        within = self.lengths(len(key) - slack, len(key) + slack)
        enough = _at_least(columns, shared, within)
        fewer = _at_least(columns, shared_at_worst, within) & ~enough
        return [_numbers(enough), _numbers(fewer)]


def _at_least(columns: list[int], threshold: int, within: int) -> int:
    """Bits, among `within`, of the towns whose count is `threshold` or more."""
    more, equal = 0, within
    for i in range(_COLUMNS - 1, -1, -1):
        if threshold >> i & 1:
            equal &= columns[i]
        else:
            over = equal & columns[i]
            more |= over
            equal ^= over
    return more | equal


def _numbers(bits: int) -> list[int]:
    """The positions of the set bits, in order."""
    found = []
    words = memoryview(bits.to_bytes((bits.bit_length() + 63) // 64 * 8, "little")).cast("Q")
    for index, word in enumerate(words):
        while word:
            low = word & -word
            found.append(index * _WORD_BITS + low.bit_length() - 1)
            word ^= low
    return found


@lru_cache(maxsize=1)
def index() -> Index:
    return Index(table())


def key_costs(key: str, costs: Costs = COSTS) -> dict[int, float]:
    """Number of a town -> cost, for the towns that a glued name may mean (no population yet)."""
    looked = index()
    known = looked.known
    found: dict[int, float] = {}

    def note(number: int, cost: float) -> None:
        if cost < found.get(number, math.inf):
            found[number] = cost

    for number in known.by_key.get(key, ()):
        found[number] = 0.0
    for article in ("l", "le", "la", "les"):
        for number in known.by_key.get(article + key, ()):
            note(number, costs.article)
        if key.startswith(article):
            for number in known.by_key.get(key[len(article) :], ()):
                note(number, costs.article)
    for number in heapq.nsmallest(_PREFIXES_KEPT, known.with_prefix(key)):
        missing = len(known.keys[number]) - len(key)
        if missing:
            note(number, costs.prefix + costs.prefix_letter * missing)
    heard = sounds(key)
    for number in looked.by_skeleton.get(skeletons(heard), ()):
        off = edits(heard, looked.heard[number], 2)
        if off <= 2:
            note(number, (costs.heard, costs.heard_one_edit, costs.heard_two_edits)[off])
    if len(key) >= 2:
        _note_edits(looked, key, costs, note)
    return found


def _note_edits(looked: Index, key: str, costs: Costs, note) -> None:
    keys = looked.known.keys
    most = 1 if len(key) <= _FEW_LETTERS else 2
    length = len(key)
    for numbers in looked.sharing(key, max(1, length - 2), max(1, length - 4), most):
        close = False
        for number in numbers:
            name = keys[number]
            off = edits(key, name, most)
            if 0 < off <= most:
                cost = costs.one_edit if off == 1 else costs.two_edits
                if name[0] != key[0]:
                    cost += costs.first_letter
                note(number, cost)
                close = close or off == 1
        if close:
            return


def ranked(found: dict[int, float], limit: int, costs: Costs = COSTS) -> list[int]:
    priors = index().priors
    share = costs.population

    def rank(number: int) -> tuple[bool, float, int]:
        cost = found[number]
        return cost > 0, cost - share * priors[number], number

    return heapq.nsmallest(limit, found, key=rank)
