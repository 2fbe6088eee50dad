"""A file of an insurer's members: CSV, one membership a line, columns found by their names.

UTF-8, with or without its mark; semicolons, commas or tabs. Described in docs/imports.md. A line
that cannot be taken is told by its number and a word, never by what it held.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from soutien.registers.places.spelling import glued, plain
from soutien.rules.identifiers import nir_fault, written
from soutien.steps.insured import MemberSaid

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("numero", "numeroadherent", "number"),
    "family_name": ("nom", "nomdefamille", "familyname"),
    "given_name": ("prenom", "givenname"),
    "birth_date": ("naissance", "datedenaissance", "birthdate"),
    "nir": ("nir", "numerodesecuritesociale"),
    "contract_code": ("contrat", "codecontrat", "contract"),
    "valid_from": ("debut", "datededebut", "from"),
    "ends_on": ("fin", "datedefin", "to"),
}
REQUIRED = ("number", "family_name", "birth_date", "contract_code", "valid_from")
LONGEST_CELL = 120
_SEPARATORS = ";,\t"
Taken = MemberSaid | tuple[int, str]


class NoMembers(Exception):
    """The file as a whole cannot be read."""


def read_members(lines: Iterable[bytes]) -> Iterator[Taken]:
    """Each line as a member, or its number and why not. Raises NoMembers without columns."""
    rows = iter(lines)
    try:
        header = next(rows).decode("utf-8-sig").rstrip("\r\n")
        separator = max(_SEPARATORS, key=header.count)
        places = _places(_cells(header, separator))
    except (StopIteration, UnicodeDecodeError, csv.Error) as wrong:
        raise NoMembers from wrong
    for number, raw in enumerate(rows, start=2):
        if raw.strip():
            yield _read(number, raw, separator, places)


def _places(names: list[str]) -> dict[str, int]:
    known = {name: ours for ours, names in COLUMNS.items() for name in names}
    places = {
        known[key]: place
        for place, name in enumerate(names)
        if (key := glued(plain(name))) in known
    }
    if not set(REQUIRED) <= places.keys():
        raise NoMembers
    return places


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader(io.StringIO(line), delimiter=separator), [])


def _read(number: int, raw: bytes, separator: str, places: Mapping[str, int]) -> Taken:
    try:
        cells = _cells(raw.decode("utf-8"), separator)
    except (UnicodeDecodeError, csv.Error):
        return number, "unreadable"
    told = {
        name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()
    }
    if any(len(cell) > LONGEST_CELL or "\0" in cell for cell in told.values()):
        return number, "unreadable"
    for name in REQUIRED:
        if not told[name]:
            return number, f"no_{name}"
    days = {name: _day(told.get(name, "")) for name in ("birth_date", "valid_from", "ends_on")}
    born_on, since, until = days["birth_date"], days["valid_from"], days["ends_on"]
    if born_on is None or since is None or (told.get("ends_on") and until is None):
        return number, "day"
    if until is not None and until < since:
        return number, "period"
    nir = written(told.get("nir", ""))
    if nir and nir_fault(nir) is not None:
        return number, "nir"
    return MemberSaid(
        number=told["number"],
        family_name=told["family_name"],
        given_name=told.get("given_name", ""),
        birth_date=born_on,
        nir=nir,
        contract_code=told["contract_code"][:20],
        valid_from=since,
        ends_on=until,
    )


def _day(text: str) -> date | None:
    """2026-11-22, 22/11/2026 or 22112026."""
    digits = [part for part in text.replace("-", "/").split("/") if part.isascii()]
    try:
        if len(digits) == len("ymd"):
            first, month, last = map(int, digits)
            return date(first, month, last) if len(digits[0]) > 2 else date(last, month, first)  # noqa: PLR2004
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except (ValueError, OverflowError, IndexError):
        return None
