"""What a file of sessions may say, column by column, and how one cell is read (docs/batch.md).

A cell is text; numbers, days and booleans of a typed file are read as they would be written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from enum import IntEnum, IntFlag
from typing import NamedTuple

from soutien.rules.calendar import NEVER, NO_DAY
from soutien.rules.codes import (
    ActCode,
    ExemptionKind,
    Kind,
    LinkedTo,
    Modality,
    Practice,
    Programme,
    PsychiatricKind,
    Referrer,
    Regime,
    Status,
    word,
)

TO_DECIDE = 0
UNKNOWN = -1
MOST_CENTS = 10_000_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_YES_NO = {"true": 1, "false": 0, "1": 1, "0": 0, "yes": 1, "no": 0}


class CellError(Exception):
    """A cell that is not understood; the message is the code of its reason."""


def day(text: str) -> int:
    """A civil day ``YYYY-MM-DD`` as its ordinal."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text).toordinal()
        except ValueError:
            pass
    raise CellError("not_a_day")


def yes_no(text: str) -> int:
    """true or false; 1, 0, yes and no are understood too."""
    if text.lower() in _YES_NO:
        return _YES_NO[text.lower()]
    raise CellError("not_yes_or_no")


def cents(text: str) -> int:
    """A whole number of cents, zero or more; a ten-million-cent session is a mistake."""
    if text.isascii() and text.isdigit() and int(text) <= MOST_CENTS:
        return int(text)
    raise CellError("not_cents")


def _spellings(codes: Iterable[IntEnum | IntFlag]) -> dict[str, int]:
    plain = {word(code): int(code) for code in codes}
    return plain | {text.replace("_", "-"): code for text, code in plain.items()}


def one_of(codes: Iterable[IntEnum | IntFlag], other: int | None = None) -> Callable[[str], int]:
    """Reads one word of a list; ``other`` is what any other word means."""
    known = _spellings(codes)

    def read(text: str) -> int:
        found = known.get(text.lower(), other)
        if found is None:
            raise CellError("unknown_word")
        return found

    return read


def _bounds(text: str) -> tuple[int, int]:
    parts = text.split("/")
    if len(parts) != len(("start", "end")):
        raise CellError("not_a_period")
    starts_on, ends_on = day(parts[0]), day(parts[1]) if parts[1] else NEVER
    if ends_on < starts_on:
        raise CellError("ends_before_it_starts")
    return starts_on, ends_on


def periods(text: str) -> list[int]:
    """``2024-01-01/2024-12-31 2025-02-01/``: kind 0, first day, last day of each."""
    return [number for part in text.split() for number in (0, *_bounds(part))]


def periods_of(codes: Iterable[IntEnum | IntFlag]) -> Callable[[str], list[int]]:
    """Reads ``css:2024-01-01/2024-12-31 ald:2020-05-01/``: kind, first day, last day of each."""
    known = _spellings(codes)

    def read(text: str) -> list[int]:
        numbers = []
        for part in text.split():
            kind, colon, rest = part.partition(":")
            if not colon:
                raise CellError("not_a_period")
            if kind.lower() not in known:
                raise CellError("unknown_word")
            numbers += [known[kind.lower()], *_bounds(rest)]
        return numbers

    return read


def agreements(text: str) -> list[int]:
    """``2022-04-05/`` or ``2022-04-05//2024-01-31``: first, last, day a resignation came."""
    numbers = []
    for part in text.split():
        bounds, resigned = part, NO_DAY
        if part.count("/") > 1:
            bounds, _, received = part.rpartition("/")
            resigned = day(received)
        numbers += [*_bounds(bounds), resigned]
    return numbers


class Column(NamedTuple):
    """One column: how a cell is read, and what an empty one means (None: it must be there)."""

    read: Callable[[str], int] | Callable[[str], list[int]]
    empty: int | list[int] | None
    only_to_decide: bool = False


def _codes(kind: Iterable[IntEnum]) -> list[IntEnum]:
    """The codes that a file may write: 'none' and 'other' are never written."""
    return [code for code in kind if code.name not in {"NONE", "OTHER"}]


ACT_CODES = (ActCode.EEP, ActCode.APS, ActCode.PSS)
# The two texts of a row that are compared and never read.
NAMES = ("person", "psychologist")
COLUMNS: dict[str, Column] = {
    "held_on": Column(day, None),
    "kind": Column(one_of(Kind), None),
    "status": Column(one_of(Status), TO_DECIDE),
    "programme": Column(one_of(Programme), int(Programme.MON_SOUTIEN_PSY)),
    "birth_date": Column(day, None, only_to_decide=True),
    "regime": Column(one_of(Regime), None, only_to_decide=True),
    "price_cents": Column(cents, None, only_to_decide=True),
    "modality": Column(one_of(Modality), None, only_to_decide=True),
    "act_code": Column(one_of(ACT_CODES, int(ActCode.OTHER)), int(ActCode.NONE)),
    "received_on": Column(day, NO_DAY),
    "linked_to": Column(one_of(_codes(LinkedTo)), int(LinkedTo.NONE)),
    "third_party_requested": Column(yes_no, 0),
    "prescribed": Column(yes_no, 0),
    "performed": Column(yes_no, 1),
    "sheet_complete": Column(yes_no, 1),
    "amc": Column(yes_no, 0),
    "practice": Column(one_of(Practice), int(Practice.LIBERAL)),
    "referrer": Column(one_of(_codes(Referrer), int(Referrer.OTHER)), int(Referrer.NONE)),
    "referral_day": Column(day, NO_DAY),
    "exemptions": Column(periods_of(ExemptionKind), []),
    "psychiatric": Column(periods_of(PsychiatricKind), []),
    "agreements": Column(agreements, []),
    "suspensions": Column(periods, []),
}
LISTS = tuple(name for name, column in COLUMNS.items() if isinstance(column.empty, list))
DAYS = ("held_on", "birth_date", "received_on", "referral_day")
ALWAYS = (*NAMES, "held_on", "kind")


def written(value: object) -> str:
    """A cell of any file as text; CellError when bytes are not UTF-8."""
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CellError("not_text") from error
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip().strip('"').strip()
