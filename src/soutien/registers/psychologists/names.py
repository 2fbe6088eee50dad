"""The names of the directory in memory: found whatever their order, accents or one slip a word.

Names are kept as ``search_name`` holds them: lower case, no accents, words apart. A word of a
question is read as a word of a name, as its beginning, or as a word one letter away (lost,
added, wrong or two swapped). To find the latter at once, each word of a name is filed under
itself and under itself less each of its letters.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice, pairwise

from soutien.registers.psychologists.models import Psychologist

# What each reading of a word is worth; the least sum comes first.
EXACT, BEGINNING, SLIP = 0.0, 0.4, 1.0
A_LETTER_MISSING = 0.02
ANOTHER_FIRST_LETTER = 0.3
# A word of a question this short is a beginning or a whole word, not a slip of something else.
SHORTEST_WITH_A_SLIP = 3
# A whole name has fewer words; the rest of a longer text is not read.
WORDS_READ = 6
LONGEST_WORD = 40
# Beginnings as short as one letter would otherwise open half of the directory.
BEGINNINGS_READ = 400
# One question names this many psychologists at most.
AT_ONCE = 5000
_WORD = re.compile(r"[^\W_]+")
_AFTER_LETTERS = "\U0010ffff"
# What people write before a name.
TITLES = frozenset(
    {"m", "mr", "mme", "mlle", "madame", "monsieur", "dr", "docteur", "psychologue", "psy"}
)


class Names:
    """Who is called how, partner or not that day. Not thread-safe: lock around each call."""

    def __init__(self) -> None:
        self._complete = False
        self._written: set[int] = set()
        self._name_of: dict[int, str] = {}
        self._called: dict[str, set[int]] = defaultdict(set)
        self._with_word: dict[str, set[str]] = {}
        self._sorted_words: list[str] = []
        self._less_a_letter: dict[str, list[str]] = defaultdict(list)

    def __len__(self) -> int:
        """How many psychologists are known."""
        return len(self._name_of)

    def forget(self, psychologist_ids: Iterable[int]) -> None:
        """Read these again before the next answer."""
        self._written.update(psychologist_ids)

    def matching(self, text: str) -> list[tuple[float, int]]:
        """Psychologists whose name the text may mean, the likeliest first, with what it costs.

        Every word of the text must be found in the name. ``text`` is in lower case, without
        accents; titles before a name are left out.
        """
        self._catch_up()
        written = dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(text))
        words = [word for word in written if word not in TITLES] or list(written)
        found = self._read_as(words[:WORDS_READ])
        for reading in _glued(words[:WORDS_READ]):
            for name, cost in self._read_as(reading, slips=False).items():
                found[name] = min(cost, found.get(name, cost))
        ordered = sorted(found, key=lambda name: (found[name], len(name), name))
        return [
            (found[name], key) for name in ordered for key in sorted(self._called.get(name, ()))
        ]

    def _read_as(self, words: list[str], *, slips: bool = True) -> dict[str, float]:
        """Names that have all these words, and what reading them so is worth."""
        names: dict[str, float] | None = None
        for word in sorted(words, key=len, reverse=True):
            having: dict[str, float] = {}
            for known, cost in self._meant(word, slips=slips):
                for name in self._with_word[known]:
                    if cost < having.get(name, cost + 1) and (names is None or name in names):
                        having[name] = cost
            names = {name: cost + (names or {}).get(name, 0.0) for name, cost in having.items()}
            if not names:
                break
        return names or {}

    def _meant(self, word: str, *, slips: bool) -> Iterator[tuple[str, float]]:
        """Words of names that a word may mean, each with its cost; some may come twice."""
        if word in self._with_word:
            yield word, EXACT
        first = bisect_left(self._sorted_words, word)
        for known in islice(self._sorted_words, first, first + BEGINNINGS_READ):
            if not known.startswith(word):
                break
            yield known, BEGINNING + A_LETTER_MISSING * (len(known) - len(word))
        if slips and len(word) >= SHORTEST_WITH_A_SLIP:
            near = {word, *_less_each_letter(word)}
            for known in {known for key in near for known in self._less_a_letter.get(key, ())}:
                if known != word and _one_slip(word, known):
                    yield known, SLIP + ANOTHER_FIRST_LETTER * (known[0] != word[0])

    def _catch_up(self) -> None:
        """Read everybody the first time, later only who was written."""
        if not self._complete:
            self._read(None)
            self._complete = True
            self._written.clear()
        while self._written:
            some = list(self._written)[:AT_ONCE]
            self._read(some)
            self._written.difference_update(some)

    def _read(self, psychologist_ids: Collection[int] | None) -> None:
        rows = Psychologist.objects.values_list("id", "search_name")
        if psychologist_ids is not None:
            rows = rows.filter(pk__in=psychologist_ids)
            for key in psychologist_ids:
                self._called[self._name_of.pop(key, "")].discard(key)
        known = len(self._with_word)
        for key, name in rows:
            self._name_of[key] = name
            if name not in self._called:
                self._file(name)
            self._called[name].add(key)
        if len(self._with_word) > known:
            self._sorted_words = sorted(self._with_word)

    def _file(self, name: str) -> None:
        """File a new name under its words, and under two that follow each other glued."""
        words = _WORD.findall(name)
        for word in words:
            if word not in self._with_word:
                for key in {word, *_less_each_letter(word)}:
                    self._less_a_letter[key].append(word)
        for word in (*words, *(one + other for one, other in pairwise(words))):
            self._with_word.setdefault(word, set()).add(name)


def _glued(words: list[str]) -> Iterator[list[str]]:
    """The words with two that follow each other made one."""
    for at in range(len(words) - 1):
        yield [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]


def _less_each_letter(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _one_slip(word: str, known: str) -> bool:
    """Whether one letter lost, added, wrong or two swapped make one word of the other."""
    shorter, longer = sorted((word, known), key=len)
    at = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), None)
    if at is None:
        return len(longer) - len(shorter) <= 1
    if len(longer) > len(shorter):
        return shorter[at:] == longer[at + 1 :]
    return (
        shorter[at + 1 :] == longer[at + 1 :]
        or shorter[at : at + 2] == longer[at : at + 2][::-1]
        and shorter[at + 2 :] == longer[at + 2 :]
    )
