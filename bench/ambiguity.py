"""How well anybody could do: what a damaged name leaves undecided.

Whoever knew which damage was done, with which odds, and how the towns were drawn, would answer
with the towns most likely to have given the text. `Bound` counts how often that would be right:
no finder can do better on average. Sound-alikes are left out: their rules overlap too much to
be turned round.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from heapq import nlargest

from bench.damages import first_two_thirds, saint_shortened, words_glued

from soutien.registers.places.gazetteer import Town, all_towns
from soutien.registers.places.spelling import edits_from, plain

Trace = tuple[str, float]
ANY = "?"


def _lost(name: str) -> list[Trace]:
    places = [i for i, sign in enumerate(name) if sign.isalpha()]
    return [(name[:i] + name[i + 1 :], 1 / len(places)) for i in places]


def _swapped(name: str) -> list[Trace]:
    pairs = [
        i for i, (a, b) in enumerate(zip(name, name[1:], strict=False))
        if a.isalpha() and b.isalpha() and a != b
    ]  # fmt: skip
    return [(name[:i] + name[i + 1] + name[i] + name[i + 2 :], 1 / len(pairs)) for i in pairs]


def _wrong(name: str) -> list[Trace]:
    places = [i for i, sign in enumerate(name) if sign.isalpha()]
    return [(name[:i] + ANY + name[i + 1 :], 1 / len(places)) for i in places]


def _with_holes(text: str) -> list[str]:
    return [text[:i] + ANY + text[i + 1 :] for i in range(len(text))]


def _itself(text: str) -> list[str]:
    return [text]


class _FirstChoice:
    """Dice that always fall on the same side, for damages whose choices do not matter here."""

    def choice(self, choices: Iterable[str]) -> str:
        return next(iter(choices))


def _once(damage: Callable[..., str | None]) -> Callable[[str], list[Trace]]:
    def traces(name: str) -> list[Trace]:
        text = damage(name, _FirstChoice())
        return [] if text is None else [(_simply(text), 1.0)]

    return traces


def _simply(text: str) -> str:
    return re.sub(r"[ .\-]+", " ", text.lower()).strip()


GIVEN_BY: dict[str, tuple[Callable[[str], list[Trace]], Callable[[str], list[str]]]] = {
    "letter lost": (lambda name: _lost(name.lower()), _itself),
    "swap": (lambda name: _swapped(name.lower()), _itself),
    "wrong letter": (lambda name: _wrong(name.lower()), _with_holes),
    '"st"': (_once(saint_shortened), _itself),
    "glued": (_once(words_glued), _itself),
    "first two thirds": (_once(first_two_thirds), _itself),
}
_SIMPLIFIED = frozenset(['"st"', "glued", "first two thirds"])


class Bound:
    """The towns that each damaged text may come from, for one kind of damage and one draw."""

    def __init__(self, kind: str, by_population: bool) -> None:
        traces, self._keys = GIVEN_BY[kind]
        self._simplified = kind in _SIMPLIFIED
        self._from: dict[str, list[tuple[Town, float]]] = defaultdict(list)
        for town in all_towns():
            weight = town.population if by_population else min(town.population, 1)
            for text, odds in traces(town.name):
                self._from[text].append((town, odds * weight))

    def shares(self, text: str, most: int) -> tuple[float, float, float, float]:
        """Odds of being right for the best answer and the best `most`: the town, its name."""
        read = _simply(text) if self._simplified else text.lower()
        towns: defaultdict[str, float] = defaultdict(float)
        names: defaultdict[str, float] = defaultdict(float)
        for key in self._keys(read):
            for town, odds in self._from.get(key, ()):
                towns[town.insee] += odds
                names[plain(town.name)] += odds
        whole = sum(towns.values())
        first, five = (sum(nlargest(k, towns.values())) / whole for k in (1, most))
        name, names_five = (sum(nlargest(k, names.values())) / whole for k in (1, most))
        return first, five, name, names_five


def rivals(text: str, town: Town, names: list[str]) -> tuple[bool, bool]:
    """Whether another name is the text itself, and whether another takes fewer edits than the
    right one; both folded.
    """
    folded, right = plain(text), plain(town.name)
    edits = edits_from(folded)
    distance = edits(right)
    near = [
        name for name in names
        if abs(len(name) - len(folded)) < distance and name != right and edits(name) < distance
    ]  # fmt: skip
    return folded in near, bool(near)
