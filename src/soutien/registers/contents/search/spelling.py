"""What a word that no page has was meant to be: the nearest words that pages do have."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator
from uuid import UUID

import numpy as np

from soutien.registers.contents.models import LANGUAGES, IndexState, KnownWord
from soutien.registers.contents.search.numbers import Ids

# Words this long may hold two slips, shorter ones one; the shortest none.
ONE_SLIP_FROM, TWO_SLIPS_FROM = 4, 7
SHOWN = 5
# Words that begin alike, looked at to find the one that most pages have.
BEGINNINGS = 40


class Words:
    """The words of one language, with what tells at once that two cannot be near."""

    def __init__(self, language: str) -> None:
        rows = list(
            KnownWord.objects.filter(language=language)
            .order_by("word")
            .values_list("word", "written")
        )
        self.words = [word for word, _written in rows]
        self.written = dict(rows)
        self.lengths: Ids = np.array([len(word) for word in self.words], dtype=np.int64)
        self.letters: Ids = np.array([_letters(word) for word in self.words], dtype=np.int64)

    def beginning(self, start: str) -> list[str]:
        """Words that begin so, a few."""
        first = bisect_left(self.words, start)
        last = bisect_left(self.words, start + "\x7f", lo=first)
        return self.words[first:last][:BEGINNINGS]

    def near(self, word: str, slips: int) -> Iterator[str]:
        """Words that may be this near: their length and letters do not exclude it."""
        close = np.abs(self.lengths - len(word)) <= slips
        differ = np.bitwise_count(self.letters ^ _letters(word))
        for place in np.flatnonzero(close & (differ <= 2 * slips)):
            yield self.words[place]


def _letters(word: str) -> int:
    """Which letters a word has, as bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % 32)
    return bits


class Vocabulary:
    """The words of every language, read again when something is published."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token: UUID | None = None
        self._known: dict[str, Words] = {}

    def of(self, language: str) -> Words:
        """The words of a language."""
        token = IndexState.objects.values_list("token", flat=True).first()
        with self._lock:
            if token != self._token:
                self._known.clear()
                self._token = token
            if language not in self._known:
                assert language in LANGUAGES
                self._known[language] = Words(language)
            return self._known[language]


VOCABULARY = Vocabulary()


def meant(
    word: str,
    language: str,
    edits_from: Callable[[str], Callable[[str], int]],
    sounds: Callable[[str], str],
) -> list[tuple[str, str]]:
    """Known words that a folded word may be, the likeliest first, each as it is written.

    ``edits_from`` and ``sounds`` are those of the towns' names: slips, and what a French
    speaker hears.
    """
    if len(word) < ONE_SLIP_FROM or any(c.isdigit() for c in word):
        return []
    known = VOCABULARY.of(language)
    slips = 1 if len(word) < TWO_SLIPS_FROM else 2
    edits, heard = edits_from(word), sounds(word)
    found: list[tuple[float, str]] = []
    # What sounds alike may be written with one slip more.
    for other in known.near(word, slips + 1):
        count = edits(other)
        if count > slips + 1:
            continue
        alike = sounds(other) == heard
        if count <= slips or (alike and count <= slips + 1):
            found.append((count - alike + 0.25 * (other[0] != word[0]), other))
    return [(other, known.written[other]) for _cost, other in sorted(found)[:SHOWN]]
