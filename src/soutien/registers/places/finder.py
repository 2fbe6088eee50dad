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
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import accumulate
from re import escape, finditer
from typing import NamedTuple

from soutien.registers.places.clues import Name, clues, form, read, score
from soutien.registers.places.spelling import edits_from, lean, one_edit_apart, skeletons, sounds
from soutien.registers.places.table import Table, table


class Costs(NamedTuple):
    """What each damage is worth. Tuned on seeds that bench/towns.py does not report."""

    population: float = 0.35
    article: float = 1.0
    former: float = 4.0
    inside: float = 4.0
    prefix: float = 1.3
    prefix_letter: float = 0.55
    prefix_most: float = 5.0
    first_words: float = 1.5
    one_edit: float = 2.5
    two_edits: float = 6.0
    first_letter: float = 0.2
    small_words: float = 2.0
    heard: float = 1.6
    heard_edit: float = 2.0
    heard_spelling: float = 0.5
    near: float = 3.5


COSTS = Costs()
_FEW_LETTERS = 4
_LETTERS_FOR_AN_EDIT = 3
_PAIRS_LOST = 3
"""Letter pairs that the worst single edit, a swap, takes away."""
_FEWEST_LETTERS = 2
_LETTERS_OF_A_LEAN_NAME = 3
_PREFIXES_KEPT = 80
_FORMER_KEPT = 20
_INSIDE_KEPT = 20
_MANY_TOWNS = 300
_MOST_EDITS = 2
_MOST_SPELLED = 4
_COLUMNS = 6
_WORD_BITS = 64
_IN_A_KEY = frozenset("abcdefghijklmnopqrstuvwxyz0123456789\n")
_LONGEST_KEY = 60
_CONSIDERED = 12
_TWO = 2
Found = dict[int, float]


class Index:
    """What fuzzy search needs, built piece by piece on first use."""

    def __init__(self, known: Table) -> None:
        self.known = known
        self.lines = "\n" + "\n".join(known.keys) + "\n"
        self.starts = list(accumulate((len(key) + 1 for key in known.keys), initial=0))
        mean = sum(known.populations) / len(known.populations)
        self.priors = [math.log(population + mean) for population in known.populations]
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

    @cached_property
    def by_lean(self) -> dict[str, list[int]]:
        """Names without their small words -> numbers, for the names that have some."""
        found: dict[str, list[int]] = defaultdict(list)
        keys = lean("\n".join(self.known.plain_names)).split("\n")
        for number, (key, whole) in enumerate(zip(keys, self.known.keys, strict=True)):
            if len(key) < len(whole):
                found[key].append(number)
        return dict(found)

    @cached_property
    def plain_lines(self) -> tuple[str, list[int]]:
        """The plain names, one a line, and where each line starts."""
        names = self.known.plain_names
        return "\n".join(names), list(accumulate((len(name) + 1 for name in names), initial=0))

    def name(self, number: int) -> Name:
        known = self.known
        return Name(
            known.keys[number],
            known.plain_names[number],
            known.names[number].lower(),
            self.heard[number],
            self.priors[number],
        )

    def pair(self, letters: str) -> int:
        """Bits of the towns whose key has these two letters in a row ("\\n" is an edge)."""
        bits = self._pairs.get(letters)
        if bits is None:
            if not _IN_A_KEY.issuperset(letters):
                return 0
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

    def columns(self, key: str) -> tuple[list[int], int]:
        """How many letter pairs of `key` each town has, in binary down the columns; and of how
        many different ones.
        """
        marked = f"\n{key}\n"
        columns = [0] * _COLUMNS
        pairs = {marked[i : i + 2] for i in range(len(marked) - 1)}
        for letters in pairs:
            carry = self.pair(letters)
            for i in range(_COLUMNS):
                column = columns[i]
                columns[i] = column ^ carry
                carry &= column
                if not carry:
                    break
        return columns, len(pairs)


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
        if word:
            while word:
                low = word & -word
                found.append(index * _WORD_BITS + low.bit_length() - 1)
                word ^= low
    return found


@lru_cache(maxsize=1)
def index() -> Index:
    return Index(table())


def key_costs(key: str, spaced: str = "", costs: Costs = COSTS) -> Found:
    """Number of a town -> cost, for the towns that a glued name may mean (no population yet).

    `spaced` is the same name with its spaces, if known.
    """
    looked = index()
    found: Found = {}
    _keep(found, looked.known.by_key.get(key, ()), 0.0)
    _note_articles(looked.known, key, costs, found)
    _note_heard(looked, key, costs, found)
    if len(key) >= _FEWEST_LETTERS:
        _note_edits(looked, key, costs, found)
    _note_beginnings(looked, key, spaced, costs, found)
    return found


def _keep(found: Found, numbers: Iterable[int], cost: float) -> None:
    """Notes a cost for towns, unless a lower one is known."""
    for number in numbers:
        if cost < found.get(number, math.inf):
            found[number] = cost


def _note_articles(known: Table, key: str, costs: Costs, found: Found) -> None:
    for article in ("l", "le", "la", "les"):
        _keep(found, known.by_key.get(article + key, ()), costs.article)
        if key.startswith(article):
            _keep(found, known.by_key.get(key[len(article) :], ()), costs.article)


@lru_cache(maxsize=512)
def _largest_with_prefix(key: str) -> list[int]:
    return heapq.nsmallest(_PREFIXES_KEPT, table().with_prefix(key))


def _note_beginnings(looked: Index, key: str, spaced: str, costs: Costs, found: Found) -> None:
    """Names that go on after the text; the likeliest were typed to about two thirds."""
    known = looked.known
    beginning = known.with_prefix(key)
    if len(beginning) > _MANY_TOWNS:
        beginning = _largest_with_prefix(key)
    typed = len(key)
    for number in beginning:
        missing = len(known.keys[number]) - typed
        if missing:
            off = costs.prefix_letter * abs(missing - typed / 2)
            cost = costs.prefix + min(off, costs.prefix_most)
            if spaced and known.plain_names[number].startswith(spaced):
                cost = min(cost, costs.first_words)
            _keep(found, (number,), cost)
    for former, number in known.formerly(key)[:_FORMER_KEPT]:
        off = 0.0 if former == key else costs.prefix
        _keep(found, (number,), costs.former + off)


def _note_heard(looked: Index, key: str, costs: Costs, found: Found) -> None:
    heard = sounds(key)
    if not 1 <= len(heard) <= _LONGEST_KEY:
        return
    most = min(len(heard) // _LETTERS_FOR_AN_EDIT, _MOST_EDITS)
    by_ear, by_eye = edits_from(heard), edits_from(key)
    for number in looked.by_skeleton.get(skeletons(heard), ()):
        other = looked.heard[number]
        if abs(len(other) - len(heard)) > most:
            continue
        off = 0 if other == heard else by_ear(other)
        if off <= most:
            spelled = min(by_eye(looked.known.keys[number]), _MOST_SPELLED)
            cost = costs.heard + costs.heard_edit * off + costs.heard_spelling * spelled
            _keep(found, (number,), cost)


def _note_edits(looked: Index, key: str, costs: Costs, found: Found) -> None:
    """Names one edit away; two, when nothing else is near and the text is long enough."""
    keys = looked.known.keys
    length = len(key)
    if length > _LONGEST_KEY:
        return
    columns, pairs = looked.columns(key)
    within = looked.lengths(length - 1, length + 1)
    for number in _numbers(_at_least(columns, max(1, pairs - _PAIRS_LOST), within)):
        name = keys[number]
        if one_edit_apart(key, name):
            _keep(found, (number,), costs.one_edit + _start_cost(key, name, costs))
    if length <= _FEW_LETTERS or min(found.values(), default=math.inf) <= costs.near:
        return
    within = looked.lengths(length - _MOST_EDITS, length + _MOST_EDITS)
    by_eye = edits_from(key)
    for number in _numbers(
        _at_least(columns, max(pairs - 2 * _PAIRS_LOST + 1, (pairs + 1) // 2), within)
    ):
        name = keys[number]
        if by_eye(name) <= _MOST_EDITS:
            _keep(found, (number,), costs.two_edits + _start_cost(key, name, costs))


def _start_cost(key: str, name: str, costs: Costs) -> float:
    """People seldom miss the first letter."""
    return costs.first_letter if name[0] != key[0] else 0.0


def lean_costs(words: list[str]) -> Found:
    """Towns named so but for articles and small prepositions, here or there."""
    key = lean(" ".join(words))
    numbers = index().by_lean.get(key, []) if len(key) >= _LETTERS_OF_A_LEAN_NAME else []
    return dict.fromkeys([*numbers, *index().known.by_key.get(key, ())], COSTS.small_words)


def inside_costs(words: list[str], costs: Costs = COSTS) -> Found:
    """Towns that have these words, or begin to, somewhere after their first word."""
    lines, starts = index().plain_lines
    wanted = " " + " ".join(words)
    found: Found = {}
    at = lines.find(wanted)
    while at >= 0 and len(found) < _INSIDE_KEPT:
        found[bisect_right(starts, at) - 1] = costs.inside
        at = lines.find(wanted, at + 1)
    return found


class Meant(NamedTuple):
    """The towns that some words may mean: a rough cost for each, and the key it answers to."""

    words: list[str]
    costs: Found
    keys: dict[int, str]

    def within(self, departement: str) -> Meant:
        where = index().known.departement_of
        kept = {
            number: cost for number, cost in self.costs.items() if where[number] == departement
        }
        return Meant(self.words, kept, self.keys)

    def at_most(self, cost: float) -> Meant:
        kept = {number: found for number, found in self.costs.items() if found <= cost}
        return Meant(self.words, kept, self.keys)

    @property
    def lowest(self) -> float:
        return min(self.costs.values(), default=math.inf)


def considered(meant: Meant, limit: int, lower: str = "") -> list[tuple[int, list[float]]]:
    """The towns worth a close look, each with its clues (see `clues.CLUES`)."""
    looked = index()
    priors, costs = looked.priors, meant.costs
    share = COSTS.population

    def rough(number: int) -> tuple[bool, float, int]:
        cost = costs[number]
        return cost > 0, cost - share * priors[number], number

    best = heapq.nsmallest(limit + _CONSIDERED, costs, key=rough)
    typed = read(meant.words, lower)
    forms = {key: form(key) for key in {meant.keys[number] for number in best}}
    return [
        (number, clues(typed, forms[meant.keys[number]], looked.name(number), costs[number]))
        for number in best
    ]


def ranked(meant: Meant, limit: int, lower: str = "") -> list[int]:
    """The likeliest first; towns named exactly so before all others. `lower` is the text in lower
    case, for its accents.
    """
    if len(meant.costs) < _TWO:
        return list(meant.costs)[:limit]
    costs = meant.costs
    scored = [
        (costs[number] > 0, -score(found), number)
        for number, found in considered(meant, limit, lower)
    ]
    scored.sort()
    return [number for _, _, number in scored[:limit]]
