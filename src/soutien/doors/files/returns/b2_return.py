"""One public dialect of returns: 128 characters a line, type 2, paid or refused a part each."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from datetime import date

from soutien.doors.files.b2.layout import RECORD, Field, Sort
from soutien.doors.files.b2.read import Fault, Unreadable
from soutien.doors.files.b2.write import ALLOWED, CENTURY
from soutien.steps.returned import PayerLine, Says

_N, _D = Sort.NUMBER, Sort.DAY
TYPE = "2"
FIELDS = (
    Field("payer", 2, 12),
    Field("kind", 14, 2),
    Field("invoice", 16, 9),
    Field("invoiced_on", 25, 6, _D),
    Field("insured", 31, 15),
    Field("billed_amo_cents", 46, 8, _N),
    Field("billed_amc_cents", 54, 8, _N),
    Field("paid_amo_cents", 62, 8, _N),
    Field("paid_amc_cents", 70, 8, _N),
    Field("code", 78, 3),
    Field("label", 81, 37),
    Field("lot", 118, 3),
    Field("accounted_on", 121, 6, _D),
)
SAYS = {"1": Says.PAID, "2": Says.REFUSED, "3": Says.WITHHELD, "6": Says.DISPUTED}
# The second figure: the obligatory part, the complementary one, or both.
PARTS = {"1": (True, False), "2": (False, True), "3": (True, True)}


def read(lines: Iterable[bytes]) -> Iterator[PayerLine | Fault]:
    """Each line read, or what is wrong with it; a wrong line stops nothing."""
    for number, line in enumerate(lines, 1):
        try:
            yield _read(number, line)
        except Unreadable as error:
            yield error.fault


def written(line: PayerLine) -> bytes:
    """The line as this dialect has it; what a payer, or one who plays it, writes."""
    first = next(key for key, says in SAYS.items() if says is line.says)
    second = next(key for key, parts in PARTS.items() if parts == (line.amo, line.amc))
    told = line._asdict() | {"kind": first + second}
    signs = [" "] * RECORD
    signs[0] = TYPE
    for field in FIELDS:
        value = told[field.name]
        if field.sort is Sort.NUMBER:
            text = f"{value:0{field.length}d}"
        elif field.sort is Sort.DAY:
            text = f"{value:%y%m%d}" if value else "0" * field.length
        else:
            text = f"{value[: field.length]:<{field.length}}"
        signs[field.span] = text
    return "".join(signs).encode("ascii")


def key_of(line: bytes) -> str:
    """The same for the same line, in whatever file it comes, without its end."""
    return hashlib.sha256(b"b2-return\n" + line).hexdigest()


def _read(number: int, line: bytes) -> PayerLine:
    if len(line) != RECORD:
        column = min(len(line), RECORD) + 1
        raise Unreadable(Fault(number, column, f"{len(line)} characters, not {RECORD}"))
    text = line.decode("ascii", "replace")
    for column, sign in enumerate(text, 1):
        if not ALLOWED.fullmatch(sign):
            raise Unreadable(Fault(number, column, "not a sign of the format"))
    if text[0] != TYPE:
        raise Unreadable(Fault(number, 1, f"lines of type {text[0]} are not read: {TYPE} is"))
    words = {field.name: text[field.span].rstrip() for field in FIELDS}
    says, parts = SAYS.get(words["kind"][:1]), PARTS.get(words["kind"][1:])
    if says is None or parts is None:
        raise Unreadable(Fault(number, 14, f"no type of return {words['kind']!r} is known"))
    cents = {
        field.name: _number(number, field, words[field.name])
        for field in FIELDS
        if field.sort is Sort.NUMBER
    }
    days = {
        field.name: _day(number, field, words[field.name])
        for field in FIELDS
        if field.sort is Sort.DAY
    }
    if says is not Says.PAID and cents["paid_amo_cents"] + cents["paid_amc_cents"]:
        raise Unreadable(Fault(number, 62, "an amount is paid on a line that is not"))
    return PayerLine(
        key=key_of(line),
        says=says,
        amo=parts[0],
        amc=parts[1],
        invoice=words["invoice"],
        insured=words["insured"],
        code=words["code"],
        label=words["label"],
        lot=words["lot"],
        payer=words["payer"],
        billed_amo_cents=cents["billed_amo_cents"],
        billed_amc_cents=cents["billed_amc_cents"],
        paid_amo_cents=cents["paid_amo_cents"],
        paid_amc_cents=cents["paid_amc_cents"],
        invoiced_on=days["invoiced_on"],
        accounted_on=days["accounted_on"],
    )


def _number(record: int, field: Field, text: str) -> int:
    if not text:
        return 0
    if len(text) == field.length and text.isdigit():
        return int(text)
    raise Unreadable(Fault(record, field.column, f"{field.name} takes {field.length} figures"))


def _day(record: int, field: Field, text: str) -> date | None:
    if not text.strip("0"):
        return None
    with contextlib.suppress(ValueError):
        return date(CENTURY + int(text[:2]), int(text[2:4]), int(text[4:]))
    raise Unreadable(Fault(record, field.column, f"{field.name} is no day: AAMMJJ"))
