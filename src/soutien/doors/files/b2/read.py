"""Records of 128 characters as invoices. Whatever is wrong is told with its record and column."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, BinaryIO, NamedTuple

from soutien.doors.files.b2.invoice import Act, Invoice, Supplement
from soutien.doors.files.b2.layout import (
    HEAD_SPAN,
    LAYOUTS,
    RECORD,
    SILENT,
    Field,
    Sort,
)
from soutien.doors.files.b2.write import ALLOWED, CENTURY, LINES_MAX, totals_of

_LONGEST = 4 * RECORD
_SUPPLEMENT_MARK = slice(38, 39)


class Fault(NamedTuple):
    """What is wrong, and where: the record and the column, both from 1."""

    record: int
    column: int
    said: str

    def __str__(self) -> str:
        return f"record {self.record}, column {self.column}: {self.said}"


class Unreadable(ValueError):
    """One record cannot be taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The records of a file, each without its end of line; none is read beyond reason."""
    while line := file.readline(_LONGEST):
        yield line.rstrip(b"\r\n")


def read(lines: Iterable[bytes]) -> Iterator[Invoice | Fault]:
    """The invoices of a file in order, and the faults of those that cannot be taken.

    A record that belongs nowhere, or an invoice with a fault, is told and left out; the next
    invoice begins at the next record of type 2.
    """
    invoice: _Open | None = None
    for number, line in enumerate(lines, 1):
        try:
            kind, told = _taken(number, line)
            if kind == "2":
                if invoice is not None:
                    yield Fault(number, 1, "the invoice before has no record of type 5")
                invoice = _Open(number, line, told)
                continue
            if invoice is None:
                raise Unreadable(Fault(number, 1, f"a record of type {kind} outside an invoice"))
            done = invoice.add(number, kind, line, told)
        except Unreadable as error:
            yield error.fault
            invoice = None
            continue
        if done is not None:
            yield done
            invoice = None
    if invoice is not None:
        yield Fault(invoice.began, 1, "the invoice has no record of type 5")


class _Open:
    """An invoice of which the end was not read yet."""

    def __init__(self, began: int, line: bytes, told: dict[str, Any]) -> None:
        self.began, self.head, self.told = began, line[HEAD_SPAN], told
        self.supplements: list[Supplement] = []
        self.acts: list[Act] = []

    def add(self, number: int, kind: str, line: bytes, told: dict[str, Any]) -> Invoice | None:
        """The invoice once its end is read."""
        if line[HEAD_SPAN] != self.head:
            at = next(
                column
                for column in range(HEAD_SPAN.start, HEAD_SPAN.stop)
                if line[column] != self.head[column - HEAD_SPAN.start]
            )
            raise Unreadable(Fault(number, at + 1, "not the head of this invoice's record 2"))
        body = {name: value for name, value in told.items() if name not in _HEAD_NAMES}
        if kind == "2S":
            if self.acts:
                raise Unreadable(Fault(number, 1, "a record 2S after the first act"))
            if body.pop("mark") != "S":
                raise Unreadable(Fault(number, 39, "no record 2S"))
            self.supplements.append(Supplement(**body))
            return None
        if kind == "4":
            if len(self.acts) == LINES_MAX:
                raise Unreadable(Fault(number, 1, f"more than {LINES_MAX} lines"))
            self.acts.append(Act(**body))
            return None
        return self._closed(number, body)

    def _closed(self, number: int, end: dict[str, Any]) -> Invoice:
        invoice = Invoice(
            **self.told,
            acts=tuple(self.acts),
            supplements=tuple(self.supplements),
            editor=end.pop("editor"),
        )
        if not invoice.acts:
            raise Unreadable(Fault(number, 39, "the invoice has no line"))
        for name, summed in totals_of(invoice).items():
            if end[name] != summed:
                column = next(field.column for field in LAYOUTS["5"] if field.name == name)
                said = f"{name} says {end[name]}, and the lines say {summed}"
                raise Unreadable(Fault(number, column, said))
        return invoice


def _taken(number: int, line: bytes) -> tuple[str, dict[str, Any]]:
    """The type of a record, and its fields. Raises Unreadable at the first that is wrong."""
    if len(line) != RECORD:
        column = min(len(line), RECORD) + 1
        raise Unreadable(Fault(number, column, f"{len(line)} characters, not {RECORD}"))
    try:
        text = line.decode("ascii")
    except UnicodeDecodeError as error:
        raise Unreadable(Fault(number, error.start + 1, "not a sign of the format")) from error
    if not ALLOWED.fullmatch(text):
        at = next(index for index, sign in enumerate(text) if not ALLOWED.fullmatch(sign))
        raise Unreadable(Fault(number, at + 1, "not a sign of the format: A to Z, 0 to 9, blank"))
    kind = "2S" if text[0] == "2" and text[_SUPPLEMENT_MARK] == "S" else text[0]
    if kind not in LAYOUTS:
        said = f"records of type {kind} are not read: 2, 2S, 4 and 5 are"
        raise Unreadable(Fault(number, 1, said))
    for column in SILENT[kind]:
        if text[column - 1] not in " 0":
            raise Unreadable(Fault(number, column, "nothing is known to stand here"))
    told = {field.name: _value(number, field, text[field.span]) for field in LAYOUTS[kind]}
    return kind, told


def _value(number: int, field: Field, text: str) -> Any:
    if field.sort is Sort.WORD:
        return text.rstrip()
    if not text.strip():
        text = "0" * field.length
    if not text.isdigit():
        at = next(index for index, sign in enumerate(text) if not sign.isdigit())
        raise Unreadable(Fault(number, field.column + at, f"{field.name} takes figures"))
    if field.sort is Sort.NUMBER:
        return int(text)
    if text == "0" * field.length:
        return None
    with contextlib.suppress(ValueError):
        return date(CENTURY + int(text[:2]), int(text[2:4]), int(text[4:]))
    raise Unreadable(Fault(number, field.column, f"{field.name} is no day: AAMMJJ"))


_HEAD_NAMES = frozenset({"biller", "insured", "insured_key", "rank", "number"})
