"""Which pages answer, in which order, and how many there would be with each other choice.

A page answers when it has every word asked for (by its stem) and every phrase (as written). What
counts: where a word stands (title, what the page is about, text) and how rare it is; then whether
the title says nothing else, and whether the page is recent. Both engines are ranked here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from soutien.registers.contents.models import KINDS, LANGUAGES
from soutien.registers.contents.search.asked import Asked, Choices, Scope, Term
from soutien.registers.contents.search.numbers import Mask, Places, Scores
from soutien.registers.contents.search.shelf import MEMORY, Shelf, seconds
from soutien.registers.contents.words import small

IN_TITLE, IN_ABOUT, IN_TEXT = 6.0, 2.0, 1.0
WHOLE_TITLE = 8.0
RECENT, HALF_A_YEAR = 1.5, 182 * 86_400
OVER = -4.0
PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Found:
    """Numbers of the pages to show, how many there are, and how many each choice would leave."""

    ids: tuple[int, ...]
    total: int
    kinds: Mapping[str, int]
    categories: Mapping[str, int]
    places: Mapping[str, int]


NOTHING = Found((), 0, {}, {}, {})


def columns(term: Term, language: str, choices: Choices) -> list[tuple[str, str, float]]:
    """Where a word is looked for, as what, and what it is worth there."""
    found = []
    little = small(term.folded, language)
    if choices.in_title:
        told = ("title_written", term.folded) if little else ("title", term.stem)
        found.append((*told, IN_TITLE))
    if choices.in_text:
        if not little:
            found.append(("about", term.stem, IN_ABOUT))
        told = ("body_written", term.folded) if little else ("body", term.stem)
        found.append((*told, IN_TEXT))
    return found


def scope_mask(shelf: Shelf, scope: Scope) -> Mask:
    """Pages that may be read there and then, in that language."""
    now = seconds(scope.at, 0)
    mask: Mask = (shelf.live_from <= now) & (now < shelf.live_before)
    mask &= shelf.languages == LANGUAGES.index(scope.language)
    mask &= np.isin(shelf.towns, np.array(scope.town_ids, dtype=np.int64))
    return mask


def find(
    asked: Asked, choices: Choices, scope: Scope, *, page: int = 1, any_word: bool = False
) -> Found:
    """The page of answers asked for. ``any_word`` takes pages that have only some of the words."""
    shelf = MEMORY.shelf()
    if not len(shelf) or not (choices.in_title or choices.in_text):
        return NOTHING
    within = scope_mask(shelf, scope)
    worth = np.zeros(len(shelf), dtype=np.float32)
    having = np.zeros(len(shelf), dtype=np.bool_) if any_word else within.copy()
    for term in asked.terms:
        mask = _weighed(shelf, term, asked.language, choices, worth)
        having = having | mask if any_word else having & mask
    for phrase in asked.phrases:
        mask = _phrase(shelf, phrase, choices, worth)
        having = having | mask if any_word else having & mask
    having &= within
    return _chosen(shelf, having, worth, asked, choices, scope, page)


def how_many(term: Term, choices: Choices, scope: Scope) -> int:
    """In how many pages of the scope a word stands."""
    shelf = MEMORY.shelf()
    if not len(shelf):
        return 0
    worth = np.zeros(len(shelf), dtype=np.float32)
    mask = _weighed(shelf, term, scope.language, choices, worth)
    return int(np.count_nonzero(mask & scope_mask(shelf, scope)))


def beginning(start: str, choices: Choices, scope: Scope) -> Mask:
    """Pages of the scope that have a word that begins so."""
    shelf = MEMORY.shelf()
    mask = np.zeros(len(shelf), dtype=np.bool_)
    for column, wanted in (
        ("title_written", choices.in_title),
        ("body_written", choices.in_text),
    ):
        if wanted:
            mask[MEMORY.having(shelf, "beginning", column, start)] = True
    return mask & scope_mask(shelf, scope)


def _weighed(shelf: Shelf, term: Term, language: str, choices: Choices, worth: Scores) -> Mask:
    """Pages with a word; what it is worth is added at each."""
    mask = np.zeros(len(shelf), dtype=np.bool_)
    best = np.zeros(len(shelf), dtype=np.float32)
    # The least worth first: what is worth more takes its place.
    for column, word, value in reversed(columns(term, language, choices)):
        places = MEMORY.having(shelf, "having", column, word)
        mask[places] = True
        best[places] = value
    rare = math.log(1 + len(shelf) / max(1, int(np.count_nonzero(mask))))
    worth += best * np.float32(rare)
    return mask


def _phrase(shelf: Shelf, phrase: tuple[str, ...], choices: Choices, worth: Scores) -> Mask:
    mask = np.zeros(len(shelf), dtype=np.bool_)
    for column, wanted, value in (
        ("body_written", choices.in_text, IN_TEXT),
        ("title_written", choices.in_title, IN_TITLE),
    ):
        if wanted:
            places = MEMORY.having(shelf, "phrase", column, " ".join(phrase))
            mask[places] = True
            worth[places] += np.float32(value * len(phrase))
    return mask


def _chosen(
    shelf: Shelf,
    having: Mask,
    worth: Scores,
    asked: Asked,
    choices: Choices,
    scope: Scope,
    page: int,
) -> Found:
    by_name = {slug: number for number, slug in scope.categories.items()}
    wanted = [by_name[slug] for slug in choices.categories if slug in by_name]
    by_kind = np.isin(shelf.kinds, [KINDS.index(k) for k in choices.kinds if k in KINDS])
    in_category = shelf.mask(shelf.pair_place[np.isin(shelf.pair_category, wanted)])
    there = np.isin(
        shelf.place_of, [i for i, name in enumerate(shelf.place_names) if name == choices.place]
    )
    dated = having & _dates(shelf, choices)
    every = np.ones(len(shelf), dtype=np.bool_)
    kind = by_kind if choices.kinds else every
    category = in_category if choices.categories else every
    place = there if choices.place else every
    left = dated & kind & category & place
    places: Places = np.flatnonzero(left)
    order = _order(shelf, places, worth, asked, choices, scope)
    first = (page - 1) * PER_PAGE
    return Found(
        ids=tuple(int(n) for n in shelf.ids[places[order[first : first + PER_PAGE]]]),
        total=len(places),
        kinds=_counted(shelf.kinds, dated & category & place, dict(enumerate(KINDS)).get),
        categories=_counted_pairs(shelf, dated & kind & place, scope.categories),
        places=_counted(
            shelf.place_of, dated & kind & category, dict(enumerate(shelf.place_names)).get
        ),
    )


def _dates(shelf: Shelf, choices: Choices) -> Mask:
    since, before = seconds(choices.since, -(2**62)), seconds(choices.before, 2**62)
    # What goes on for days is there on each of them.
    last = np.where(shelf.over_at == 2**62, shelf.shown_at, shelf.over_at)
    mask: Mask = (last >= since) & (shelf.shown_at < before)
    return mask


def _order(
    shelf: Shelf,
    places: Places,
    worth: Scores,
    asked: Asked,
    choices: Choices,
    scope: Scope,
) -> Places:
    """The places in the order to show them: what is worth most, then the newest."""
    shown, now = shelf.shown_at[places], seconds(scope.at, 0)
    over = shelf.over_at[places] < now
    if asked.nothing or choices.newest_first:
        # What is still to come first, the next one on top; then what was, the latest on top.
        coming = shown > now
        return np.lexsort((shelf.ids[places], np.abs(shown - now), ~coming | over))
    points = worth[places].astype(np.float64)
    words = len(asked.terms) + sum(map(len, asked.phrases))
    points += np.where(
        worth[places] >= IN_TITLE, WHOLE_TITLE * words / (shelf.title_words[places] + words), 0.0
    )
    points += RECENT * np.exp(-np.abs(now - shown) / HALF_A_YEAR)
    points += np.where(over, OVER, 0.0)
    return np.lexsort((-shelf.ids[places], -shown, -np.round(points, 4)))


def _counted(codes: Places, mask: Mask, named: Callable[[int], str | None]) -> dict[str, int]:
    counts = np.bincount(codes[mask])
    return {
        name: int(counts[code]) for code in np.flatnonzero(counts) if (name := named(int(code)))
    }


def _counted_pairs(shelf: Shelf, mask: Mask, categories: Mapping[int, str]) -> dict[str, int]:
    counts = np.bincount(shelf.pair_category[mask[shelf.pair_place]])
    return {
        slug: int(counts[number])
        for number, slug in categories.items()
        if number < len(counts) and counts[number]
    }
