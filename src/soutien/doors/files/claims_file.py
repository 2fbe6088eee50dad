"""Reads a file of paper care sheets: JSON lines, or a CSV whose first line names the columns.

Described in docs/claims-file.md. A line is read strictly or refused: nothing is guessed of what
somebody is paid. What a report shows of a refused line never names the person.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeVar

from soutien.doors.files.lines import (
    RawLines,
    Unreadable,
    columns_found,
    columns_of,
    header_cells,
    missing_columns,
    no_such_number,
)
from soutien.rules.codes import Kind, LinkedTo, Modality, word
from soutien.rules.identifiers import nir_fault, rpps_fault, written
from soutien.steps.received import Written

NEEDED = (
    *("sheet", "nir", "birth_date", "psychologist", "held_on"),
    *("act_code", "price_cents", "received_on"),
)
OPTIONAL = (
    *("linked_to", "prescribed", "amo_third_party", "signed_by_person"),
    *("signed_by_psychologist", "finess"),
)
ACTS = {
    "EEP": (Kind.EVALUATION, Modality.IN_PERSON),
    "APS": (Kind.FOLLOW_UP, Modality.IN_PERSON),
    "PSS": (Kind.FOLLOW_UP, Modality.REMOTE),
}
LINKS = {word(link): link for link in LinkedTo if link is not LinkedTo.NONE}
SHEET_LENGTH, PRICE_DIGITS = 20, 7
_Word = TypeVar("_Word")
_YES_NO = {"true": True, "1": True, "false": False, "0": False}


class Line(NamedTuple):
    """A line that was read, with its number in the file."""

    number: int
    written: Written


class ClaimsFile:
    """The lines of a file, each read or refused. Raises FileError for no such file."""

    def __init__(self, lines: RawLines) -> None:
        self._lines = lines
        first = lines.header()
        self._json = first.lstrip().startswith(b"{")
        self._first: bytes | None = first if self._json else None
        self._places: Mapping[str, int] = {}
        self._separator = ","
        if not self._json:
            self._read_header(header_cells(first, lines.path.name))

    def _read_header(self, header: str) -> None:
        self._separator = ";" if header.count(";") > header.count(",") else ","
        cells = columns_of(header, self._separator, self._lines.path.name)
        wanted: dict[str, tuple[str, ...]] = dict.fromkeys((*NEEDED, *OPTIONAL), ())
        self._places = columns_found(cells, wanted, self._lines.path.name)
        missing = [name for name in NEEDED if name not in self._places]
        if missing:
            raise missing_columns(missing, cells, self._lines.path.name)

    def __iter__(self) -> Iterator[Line | Unreadable]:
        if self._first is not None:
            yield self._one(self._first)
        for raw in self._lines:
            if raw.strip():
                yield self._one(raw)

    def _one(self, raw: bytes) -> Line | Unreadable:
        try:
            return Line(self._lines.number, _written(self._fields(raw)))
        except Unreadable as refused:
            return refused

    def _fields(self, raw: bytes) -> dict[str, str]:
        try:
            text = raw.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise Unreadable("", "", "is no UTF-8 text") from None
        if "\0" in text:
            raise Unreadable("", "", "holds a sign that no text holds")
        return _of_json(text) if self._json else self._of_csv(text)

    def _of_csv(self, text: str) -> dict[str, str]:
        try:
            cells = next(csv.reader([text], delimiter=self._separator, strict=True))
        except (csv.Error, StopIteration):
            raise Unreadable("", "", "is no line of a CSV: a quote is not closed") from None
        if len(cells) <= max(self._places.values()):
            raise Unreadable("", "", f"has {len(cells)} cells, fewer than the first line")
        return {name: cells[place].strip() for name, place in self._places.items()}


def _of_json(text: str) -> dict[str, str]:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise Unreadable("", "", "is no JSON object on one line") from None
    if not isinstance(value, dict):
        raise Unreadable("", "", "is no JSON object on one line")
    for name in value:
        if name not in (*NEEDED, *OPTIONAL):
            raise Unreadable("", "", "names a field that is not known: see docs/claims-file.md")
    return {name: _as_text(name, item) for name, item in value.items() if item is not None}


def _as_text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value).strip()
    raise Unreadable(name, "", "is neither a text, a whole number, true nor false")


def _written(fields: Mapping[str, str]) -> Written:
    for name in NEEDED:
        if not fields.get(name):
            raise Unreadable(name, "", "is missing")
    kind, modality = _code(fields, "act_code", ACTS)
    return Written(
        sheet=_sheet(fields["sheet"]),
        nir=_nir(fields["nir"]),
        birth_date=_day(fields, "birth_date", shown=False),
        psychologist=_rpps(fields["psychologist"]),
        held_on=_day(fields, "held_on"),
        kind=kind,
        modality=modality,
        price_cents=_cents(fields["price_cents"]),
        received_on=_day(fields, "received_on"),
        linked_to=_code(fields, "linked_to", LINKS) if fields.get("linked_to") else LinkedTo.NONE,
        prescribed=_yes(fields, "prescribed", default=False),
        amo_third_party=_yes(fields, "amo_third_party", default=False),
        signed_by_person=_yes(fields, "signed_by_person", default=True),
        signed_by_psychologist=_yes(fields, "signed_by_psychologist", default=True),
        finess=fields.get("finess", ""),
    )


def _code(fields: Mapping[str, str], name: str, known: Mapping[str, _Word]) -> _Word:
    if fields[name] not in known:
        raise Unreadable(name, fields[name], f"is unknown: write one of {', '.join(known)}")
    return known[fields[name]]


def _sheet(text: str) -> str:
    if len(text) > SHEET_LENGTH or not text.isprintable():
        raise Unreadable("sheet", text, f"is longer than {SHEET_LENGTH} characters")
    return text


def _nir(text: str) -> str:
    number = written(text)
    if nir_fault(number):
        raise Unreadable("nir", "", "cannot be a social security number with its key")
    return number


def _rpps(text: str) -> str:
    fault = rpps_fault(text)
    if fault is not None:
        raise Unreadable("psychologist", text, no_such_number("RPPS", fault))
    return text


def _day(fields: Mapping[str, str], name: str, *, shown: bool = True) -> date:
    try:
        return date.fromisoformat(fields[name])
    except ValueError:
        value = fields[name] if shown else ""
        raise Unreadable(name, value, "is not a day: write it as 2026-11-22") from None


def _cents(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= PRICE_DIGITS):
        raise Unreadable("price_cents", text, "is not a whole number of cents, zero or more")
    return int(text)


def _yes(fields: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = fields.get(name, "").lower()
    if not text:
        return default
    if text not in _YES_NO:
        raise Unreadable(name, text, "is neither true nor false")
    return _YES_NO[text]
