"""Invoices as records of 128 characters. What the format cannot say is refused, never cut."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from soutien.doors.files.b2.invoice import Act, Invoice, Supplement
from soutien.doors.files.b2.layout import LAYOUTS, RECORD, Field, Sort

ALLOWED = re.compile(r"[A-Z0-9 ]*")
_MARK = unicodedata.combining
_OTHER = re.compile(r"[^A-Z0-9]+")
# Two figures for the year: the programme and its invoices are of this century.
CENTURY = 2000
LINES_MAX = 999


class Unwritable(ValueError):
    """The format has no room or no sign for what the invoice says; the message names it."""


def spelled(words: str) -> str:
    """A name as the format takes it: upper case, no accent, a blank for any other sign."""
    whole = words.upper().replace("Œ", "OE").replace("Æ", "AE")
    letters = (sign for sign in unicodedata.normalize("NFKD", whole) if not _MARK(sign))
    return _OTHER.sub(" ", "".join(letters)).strip()


def numeric_finess(number: str) -> str:
    """The FINESS of Corsica in figures: 2A0002689 is 200102689, 2B is 2002…"""
    if number[:2] in ("2A", "2B"):
        return ("2001" if number[1] == "A" else "2002") + number[4:]
    return number


def records(invoice: Invoice) -> Iterator[str]:
    """The records of an invoice: its head, what the head has no room for, its acts, its end."""
    if not 1 <= len(invoice.acts) <= LINES_MAX:
        raise Unwritable(f"an invoice has 1 to {LINES_MAX} lines, not {len(invoice.acts)}")
    head = {name: getattr(invoice, name) for name in _HEAD_NAMES}
    told: dict[str, Any] = {field.name: getattr(invoice, field.name) for field in LAYOUTS["2"]}
    yield _record("2", told)
    for supplement in invoice.supplements:
        yield _record("2S", head | asdict(supplement) | {"mark": "S"})
    for act in invoice.acts:
        if act.amo_cents + act.amc_cents > act.fee_cents:
            raise Unwritable(f"the parts of the act of {act.on} are more than its fee")
        yield _record("4", head | asdict(act))
    yield _record("5", head | totals_of(invoice) | {"editor": invoice.editor})


def totals_of(invoice: Invoice) -> dict[str, int]:
    """What the last record sums up; nothing here is of a hospital."""
    return {
        "lines": len(invoice.acts),
        "hospital_base_cents": 0,
        "hospital_amo_cents": 0,
        "fee_cents": invoice.fee_cents,
        "amo_cents": invoice.amo_cents,
        "insured_cents": invoice.insured_cents,
        "hospital_amc_cents": 0,
        "amc_cents": invoice.amc_cents,
        "hospital_billed_cents": 0,
    }


def _record(kind: str, told: Mapping[str, Any]) -> str:
    signs = [" "] * RECORD
    signs[0] = kind[0]
    for field in LAYOUTS[kind]:
        signs[field.span] = _written(field, told[field.name])
    return "".join(signs)


def _written(field: Field, value: Any) -> str:
    if field.sort is Sort.DAY:
        return "0" * field.length if value is None else _day(field, value)
    if field.sort is Sort.NUMBER:
        if not 0 <= value < 10**field.length:
            raise Unwritable(
                f"{field.name} has {field.length} figures, and {value} is not of them"
            )
        return f"{value:0{field.length}d}"
    if len(value) > field.length or not ALLOWED.fullmatch(value) or value != value.rstrip():
        raise Unwritable(
            f"{field.name} has {field.length} signs, A to Z, 0 to 9 and blanks: "
            f"{len(value)} were given"
        )
    return f"{value:<{field.length}}"


def _day(field: Field, day: date) -> str:
    if not CENTURY <= day.year < CENTURY + 100:
        raise Unwritable(f"{field.name} is of another century")
    return f"{day:%y%m%d}"


_HEAD_NAMES = ("biller", "insured", "insured_key", "rank", "number")
__all__ = ["Act", "Invoice", "Supplement", "Unwritable", "numeric_finess", "records", "spelled"]
