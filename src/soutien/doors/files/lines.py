"""What all readers share: raw lines, columns found by name, and lines told as refused."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from soutien.registers.places.spelling import glued, plain
from soutien.rules.identifiers import Fault
from soutien.steps.said import Refused

# No line of the files we know has a tenth of it: longer, the file is something else.
LONGEST_LINE_BYTES = 65_536
SHOWN_CHARACTERS = 40
_TOLD_BYTES = 1 << 20
_BOM = b"\xef\xbb\xbf"
_OTHER_FILES = {
    b"PK\x03\x04": "a zip archive or a spreadsheet: unzip it, or save it as CSV UTF-8",
    b"\x1f\x8b": "compressed with gzip: decompress it first",
    b"\xff\xfe": "UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it as UTF-8",
    b"%PDF": "a PDF: ask for the text file",
}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_FORM_OF = {"RPPS": "eleven digits", "FINESS": "nine characters", "SIRET": "fourteen digits"}
_SAID_OF = {
    Fault.LENGTH: "it has not {form}",
    Fault.CHARACTERS: "it holds a sign that is no digit",
    Fault.KEY: "its last digit, the key, does not go with the others",
}
# A spreadsheet would run what starts so as a formula.
_FORMULA = ("=", "+", "-", "@")


class FileError(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


class Unreadable(Exception):
    """One line cannot be taken."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, value, reason

    def at(self, line: int) -> Refused:
        """The line as the report tells it."""
        return Refused(line, self.column, shortened(self.value), self.reason)


def no_such_number(kind: str, fault: Fault) -> str:
    """Why a value is no RPPS, FINESS or SIRET number, as the report tells it."""
    return f"is no {kind} number: {_SAID_OF[fault].format(form=_FORM_OF[kind])}"


def shortened(value: str) -> str:
    """A value as a report may show it: short, printable, and no formula for a spreadsheet."""
    shown = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if len(shown) > SHOWN_CHARACTERS:
        shown = f"{shown[: SHOWN_CHARACTERS - 1]}…"
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def unprintable(value: str) -> bool:
    """Whether a text holds what no name or address holds."""
    return _UNPRINTABLE.search(value) is not None


class RawLines:
    """The lines of a file as bytes with their numbers; ``watch`` is told of bytes as they go.

    Raises FileError for what is plainly no text file of lines, OSError when it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = path.stat().st_size
        self.number = 0
        self.watch: Callable[[int], object] = lambda count: None
        self._untold_bytes = 0
        self._file: BinaryIO = path.open("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def header(self) -> bytes:
        """The first line, without the invisible mark that some programs put before it."""
        start = self._next()
        for beginning, kind in _OTHER_FILES.items():
            if start.startswith(beginning):
                raise FileError(f"{self.path.name} is {kind}.")
        if not start.strip():
            raise FileError(f"{self.path.name} is empty: its first line must name the columns.")
        if len(start) >= LONGEST_LINE_BYTES:
            raise FileError(f"{self.path.name} has no lines: it is no file of this kind.")
        return start.removeprefix(_BOM)

    def __iter__(self) -> Iterator[bytes]:
        """The lines after the header; one that is far too long comes cut, and only once."""
        while line := self._next():
            yield line
        self.watch(self._untold_bytes)
        self._untold_bytes = 0

    def _next(self) -> bytes:
        line = rest = self._file.readline(LONGEST_LINE_BYTES)
        self.number += bool(line)
        self._untold_bytes += len(line)
        if self._untold_bytes >= _TOLD_BYTES:
            self.watch(self._untold_bytes)
            self._untold_bytes = 0
        while len(rest) == LONGEST_LINE_BYTES and not rest.endswith(b"\n"):
            rest = self._file.readline(LONGEST_LINE_BYTES)
            self._untold_bytes += len(rest)
        return line


def key_of(name: str) -> str:
    """A column name as it is compared: without case, accents, spaces, signs."""
    return glued(plain(name.strip()))


def header_cells(raw: bytes, file_name: str) -> str:
    """The header as text. Raises FileError when it is no UTF-8."""
    try:
        return raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise FileError(
            f"The first line of {file_name} is not UTF-8 text. Save the file as UTF-8."
        ) from None


def columns_of(header: str, separator: str, file_name: str) -> list[str]:
    """The names of the columns. Raises FileError when the header is no line of a CSV."""
    try:
        return next(csv.reader([header], delimiter=separator), [])
    except csv.Error:
        raise FileError(
            f"The first line of {file_name} cannot be read as a line of a CSV. Save the file as "
            "CSV, each line on a line of its own."
        ) from None


def columns_found(
    cells: Sequence[str], wanted: Mapping[str, Sequence[str]], file_name: str
) -> dict[str, int]:
    """The place of each wanted column that the header names, under any of its names.

    Raises FileError when a column stands there twice.
    """
    names = {key_of(name): ours for ours, names in wanted.items() for name in (ours, *names)}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        ours = names.get(key_of(cell))
        if ours is None:
            continue
        if ours in found:
            raise FileError(
                f"{file_name} has the column {cell.strip()!r} twice (or under two names). "
                "Keep one of them."
            )
        found[ours] = place
    return found


def missing_columns(names: Sequence[str], cells: Sequence[str], file_name: str) -> FileError:
    """What to say when columns are missing, with the nearest ones that are there."""
    told = []
    for name in names:
        near = difflib.get_close_matches(name, [cell.strip() for cell in cells], n=1)
        told.append(f"{name!r}" + (f" (there is {near[0]!r})" if near else ""))
    which = "the column" if len(told) == 1 else "the columns"
    return FileError(
        f"{file_name} misses {which} {', '.join(told)}. Nothing was read. The columns are "
        "described in docs/imports.md."
    )
