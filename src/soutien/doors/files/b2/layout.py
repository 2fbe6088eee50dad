"""Where each field of a B2 record stands. Columns count from 1, as the norm counts them."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

RECORD = 128


class Sort(Enum):
    """How a field is written: words from the left, numbers from the right with zeros."""

    WORD = "word"
    NUMBER = "number"
    DAY = "day"


class Field(NamedTuple):
    """One field; its record says nothing in the columns that no field names."""

    name: str
    column: int
    length: int
    sort: Sort = Sort.WORD

    @property
    def span(self) -> slice:
        return slice(self.column - 1, self.column - 1 + self.length)


_W, _N, _D = Sort.WORD, Sort.NUMBER, Sort.DAY
_HEAD = (
    Field("biller", 2, 9),
    Field("insured", 12, 13),
    Field("insured_key", 25, 2),
    Field("rank", 27, 3, _N),
    Field("number", 30, 9),
)
HEAD_SPAN = slice(1, 38)
INVOICE = (
    *_HEAD,
    Field("operation", 39, 1),
    Field("entry_number", 40, 9, _N),
    Field("regime", 49, 2),
    Field("caisse", 51, 3),
    Field("centre", 54, 4),
    Field("proof_of_rights", 58, 1),
    Field("support_from", 59, 6, _D),
    Field("support_to", 65, 6, _D),
    Field("nature", 77, 2),
    Field("exemption", 79, 1),
    Field("accident", 86, 9),
    Field("separate_amc", 95, 1),
    Field("birth_date", 96, 6),
    Field("birth_rank", 102, 1),
    Field("entered_on", 103, 6, _D),
    Field("left_on", 109, 6, _D),
    Field("left_at_hour", 115, 2),
    Field("contract", 117, 2),
    Field("complementary_body", 119, 10),
)
SUPPLEMENT = (
    *_HEAD,
    Field("mark", 39, 1),
    Field("sequence", 40, 2, _N),
    Field("payee", 48, 2),
    Field("nir", 50, 13),
    Field("nir_key", 63, 2),
    Field("doctor_flag", 71, 1),
    Field("doctor_family_name", 72, 25),
    Field("doctor_given_name", 97, 15),
    Field("doctor_number", 112, 9),
    Field("care_path", 121, 1),
)
ACT = (
    *_HEAD,
    Field("treatment", 39, 2),
    Field("discipline", 41, 3),
    Field("prescriber", 44, 9),
    Field("origin", 53, 1),
    Field("exemption", 54, 1),
    Field("prescriber_speciality", 55, 2),
    Field("executor", 57, 9),
    Field("zone", 66, 2),
    Field("executor_speciality", 68, 2),
    Field("on", 70, 6, _D),
    Field("code", 76, 5),
    Field("quantity", 81, 2, _N),
    Field("coefficient_hundredths", 83, 6, _N),
    Field("count", 89, 2, _N),
    Field("unit_price_cents", 91, 7, _N),
    Field("base_cents", 98, 7, _N),
    Field("rate_percent", 105, 3, _N),
    Field("amo_cents", 108, 7, _N),
    Field("fee_cents", 115, 7, _N),
    Field("qualifier", 122, 1),
    Field("amc_cents", 123, 6, _N),
)
END = (
    *_HEAD,
    Field("lines", 39, 3, _N),
    Field("hospital_base_cents", 42, 8, _N),
    Field("hospital_amo_cents", 50, 8, _N),
    Field("fee_cents", 58, 8, _N),
    Field("amo_cents", 66, 8, _N),
    Field("insured_cents", 74, 8, _N),
    Field("hospital_amc_cents", 82, 8, _N),
    Field("amc_cents", 90, 8, _N),
    Field("hospital_billed_cents", 115, 8, _N),
    Field("editor", 123, 4),
)
# The columns that no field names must say nothing: blanks or zeros.
LAYOUTS = {"2": INVOICE, "2S": SUPPLEMENT, "4": ACT, "5": END}


def silent(fields: tuple[Field, ...]) -> tuple[int, ...]:
    """The columns of a record that no field names, the type left out."""
    named = {field.column + shift for field in fields for shift in range(field.length)} | {1}
    return tuple(column for column in range(1, RECORD + 1) if column not in named)


SILENT = {kind: silent(fields) for kind, fields in LAYOUTS.items()}
