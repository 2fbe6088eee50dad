"""Did who holds parental authority agree to a child's care? (R-035, R-036)

The texts that are read and signed keep their version, as in ``purposes.py``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from enum import IntEnum
from importlib.resources import files
from typing import NamedTuple

from soutien.rules.calendar import add_years

# Both parents hold parental authority unless a paper says that one person decides alone.
BOTH = 2
CARE, ALONE = "care", "alone"


class Capacity(NamedTuple):
    """As what somebody agrees. ``alone``: no other signature is needed, once a paper was seen."""

    code: str
    alone: bool


CAPACITIES: Mapping[str, Capacity] = {
    code: Capacity(code, alone)
    for code, alone in (
        ("parent", False),
        ("sole_authority", True),
        ("tutor", True),
        ("judge", True),
    )
}


class Word(IntEnum):
    """The last word of a holder."""

    NONE = 0
    YES = 1
    NO = 2


class Held(NamedTuple):
    """One holder: whether they decide alone, by a paper that was seen, and what they said.

    ``statement`` is 1 when they signed that the other one could not be told (R-036).
    """

    alone: int
    paper_seen: int
    word: int
    statement: int


class State(IntEnum):
    """What stands between a child and the first session."""

    NOT_NEEDED = 0  # of age on that day, or the law of that day asked somebody else
    COMPLETE = 1
    BY_STATEMENT = 2  # one agreed, and answers for the other who could not be told
    PAPER_TO_SEE = 3  # one who decides alone agreed; nobody saw the paper yet
    ONE_MISSING = 4
    NONE_YET = 5
    REFUSED = 6


ENOUGH = frozenset({State.NOT_NEEDED, State.COMPLETE, State.BY_STATEMENT})


def consent_state(
    day: int, born_on: int, majority_age_years: int, sought: int, holders: Sequence[Held]
) -> State:
    """What is there and what is missing, for care on a day.

    Who decides alone, by a paper that was seen, outweighs everybody else. Otherwise one refusal
    is enough: only people can settle it, or a judge.
    """
    if not sought or day >= add_years(born_on, majority_age_years):
        return State.NOT_NEEDED
    deciding = [holder for holder in holders if holder.alone and holder.paper_seen]
    if deciding:
        return _of_all([holder.word for holder in deciding], len(deciding))
    if any(holder.word == Word.NO for holder in holders):
        return State.REFUSED
    agreed = [holder for holder in holders if holder.word == Word.YES]
    if any(holder.alone for holder in agreed):
        return State.PAPER_TO_SEE
    if any(holder.statement for holder in agreed) and len(agreed) < BOTH:
        return State.BY_STATEMENT
    return _of_all([holder.word for holder in agreed], BOTH)


def _of_all(words: Sequence[int], needed: int) -> State:
    if Word.NO in words:
        return State.REFUSED
    agreed = sum(word == Word.YES for word in words)
    if agreed >= needed:
        return State.COMPLETE
    return State.ONE_MISSING if agreed else State.NONE_YET


class Text(NamedTuple):
    """One version of what is read and signed, in both languages, paragraph by paragraph."""

    version: int
    valid_from: date
    title: Mapping[str, str]
    says: Mapping[str, tuple[str, ...]]


def _read() -> Mapping[str, tuple[Text, ...]]:
    data = tomllib.loads((files("soutien.rules") / "consent.toml").read_text("utf-8"))
    return {
        matter: tuple(
            Text(
                version=text["version"],
                valid_from=text["valid_from"],
                title={"fr": text["title_fr"], "en": text["title_en"]},
                says={"fr": tuple(text["says_fr"]), "en": tuple(text["says_en"])},
            )
            for text in told["texts"]
        )
        for matter, told in data.items()
    }


TEXTS: Mapping[str, tuple[Text, ...]] = _read()


def text_of(matter: str, version: int | None = None) -> Text:
    """The text that is shown now, or the one that was read then. Raises KeyError."""
    if version is None:
        return TEXTS[matter][-1]
    found = {text.version: text for text in TEXTS[matter]}
    return found[version]
