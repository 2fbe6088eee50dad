"""What somebody looks for: words, phrases in quotes, choices. Any text at all can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from soutien.registers.contents import words

MOST_WORDS = 8
MOST_PHRASE = 12
LONGEST_TEXT = 200
_QUOTED = re.compile(r"[\"“”«»„]([^\"“”«»„]*)[\"“”«»„]")


@dataclass(frozen=True, slots=True)
class Term:
    """One word asked for: as typed, folded, and its stem."""

    typed: str
    folded: str
    stem: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: every word and every phrase of it is wanted."""

    language: str
    terms: tuple[Term, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether no word is asked for: then everything answers."""
        return not self.terms and not self.phrases

    def with_word(self, place: int, folded: str, typed: str) -> Asked:
        """The same question with another word in one place."""
        mended = Term(typed, folded, words.stem(folded, self.language))
        return replace(self, terms=(*self.terms[:place], mended, *self.terms[place + 1 :]))


@dataclass(frozen=True, slots=True)
class Choices:
    """What else is wanted. An empty choice leaves everything in."""

    in_title: bool = True
    in_text: bool = True
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    place: str = ""
    since: datetime | None = None
    before: datetime | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose pages are looked at: a town's own, and those of the national set when it shares."""

    town_ids: tuple[int, ...]
    language: str
    at: datetime
    # Category by number: what it is called in an address. Others are not counted.
    categories: dict[int, str] = field(default_factory=dict)


def read(text: str, language: str, *, exact: bool = False) -> Asked:
    """The words and phrases of what was typed; ``exact`` takes it all as one phrase."""
    text = text[:LONGEST_TEXT]
    if exact:
        whole = tuple(words.written(text))[:MOST_PHRASE]
        return Asked(language, phrases=(whole,) if whole else ())
    quoted = [tuple(words.written(found))[:MOST_PHRASE] for found in _QUOTED.findall(text)]
    typed = [found[0] for found in words.WORD.finditer(_QUOTED.sub(" ", text))]
    told = {words.fold(word): word for word in typed}
    folded = [word for word in told if word]
    wanted = [word for word in folded if not words.small(word, language)] or folded
    return Asked(
        language,
        tuple(Term(told[w], w, words.stem(w, language)) for w in wanted[:MOST_WORDS]),
        tuple(dict.fromkeys(phrase for phrase in quoted if phrase))[:MOST_WORDS],
    )
