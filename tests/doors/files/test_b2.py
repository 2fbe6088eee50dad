"""B2 invoices: 128 characters, sums that hold, and the same read again as was written."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from soutien.doors.files.b2.invoice import Act, Invoice, Supplement
from soutien.doors.files.b2.layout import LAYOUTS, RECORD
from soutien.doors.files.b2.read import Fault, lines_of, read
from soutien.doors.files.b2.write import Unwritable, numeric_finess, records, spelled

INVOICES = 10_000 if os.environ.get("SOUTIEN_PROOF") == "full" else 500
PRICES = (3000, 4000, 5000)
GROUNDS = (("10", "0", "00"), ("13", "0", "00"), ("10", "4", "00"), ("10", "0", "89"))


def digits(chance: Random, many: int) -> str:
    return "".join(chance.choices("0123456789", k=many))


def made(chance: Random, number: int) -> Invoice:
    """An invoice as a psychologist's: a few sessions, one insured, one ground."""
    nature, exemption, contract = chance.choice(GROUNDS)
    full = exemption == "4" or contract == "89"
    biller, rate = digits(chance, 9), 100 if full else 90 if nature == "13" else 60
    acts = []
    for _line in range(chance.randint(1, 8)):
        fee = chance.choice(PRICES)
        amo = fee * rate // 100
        acts.append(
            Act(
                on=date(2022, 4, 5) + timedelta(days=chance.randrange(2000)),
                code=chance.choice(("EEP", "APS", "PSS")),
                fee_cents=fee,
                amo_cents=amo,
                amc_cents=(fee - amo) * chance.randint(0, 1),
                unit_price_cents=fee,
                base_cents=fee,
                rate_percent=rate,
                executor=biller,
                prescriber=chance.choice(("", digits(chance, 9))),
            )
        )
    corsican = chance.random() < 0.05
    insured = f"{chance.choice('12')}{digits(chance, 4)}" + (
        f"2{chance.choice('AB')}{digits(chance, 6)}" if corsican else digits(chance, 8)
    )
    supplement = Supplement(nir=insured, nir_key=digits(chance, 2), doctor_family_name="D AMICO")
    return Invoice(
        biller=biller,
        insured=insured,
        insured_key=digits(chance, 2),
        number=f"{number:09d}",
        regime="01",
        caisse=digits(chance, 3),
        centre=digits(chance, 4),
        nature=nature,
        birth_date=digits(chance, 6),
        acts=tuple(acts),
        exemption=exemption,
        contract=contract,
        supplements=(supplement,) if chance.random() < 0.3 else (),
    )


def file_of(invoices: Iterable[Invoice]) -> bytes:
    return b"".join(
        f"{record}\r\n".encode("ascii") for invoice in invoices for record in records(invoice)
    )


def test_ten_thousand_invoices_are_read_again_as_they_were_written() -> None:
    chance = Random(3130)
    invoices = [made(chance, number) for number in range(INVOICES)]
    written = file_of(invoices)
    lines = list(lines_of(io.BytesIO(written)))
    assert len(lines) == sum(2 + len(one.acts) + len(one.supplements) for one in invoices)
    assert {len(line) for line in lines} == {RECORD}
    assert re.fullmatch(rb"[A-Z0-9 \r\n]*", written)
    ends = [line for line in lines if line[:1] == b"5"]
    for invoice, end in zip(invoices, ends, strict=True):
        # Columns 58, 66, 74 and 90 of the norm, summed here without our layout.
        sums = [sum(getattr(act, name) for act in invoice.acts) for name in SUMMED]
        assert [int(end[at : at + 8]) for at in (57, 65, 89)] == sums
        assert int(end[73:81]) == sums[0] - sums[1]
    assert list(read(lines)) == invoices


SUMMED = ("fee_cents", "amo_cents", "amc_cents")


def test_a_record_written_by_hand_is_read() -> None:
    """The columns as the norm numbers them, typed here one by one."""
    head = "123456789" + " " + "2900500123456" + "77" + "000" + "000000042"
    act = "4" + head + "00" + "000" + "000000000" + "0" + "0" + "00" + "123456789" + "00" + "00"
    act += "261123" + "APS  " + "01" + "000100" + "01" + "0005000" + "0005000" + "060"
    act += "0003000" + "0005000" + " " + "002000"
    first = "2" + head + "1" + "000000001" + "01" + "999" + "0069" + "0" + "000000" * 2
    first += " " * 6 + "10" + "0" + " " * 6 + " " * 9 + " " + "900517" + "1" + "0" * 12 + "00"
    first += "00" + " " * 10
    last = "5" + head + "001" + "0" * 16 + "00005000" + "00003000" + "00002000" + "0" * 8
    last += "00002000" + " " * 17 + "0" * 8 + "    " + "  "
    [invoice] = read(record.encode() for record in (first, act, last))
    assert isinstance(invoice, Invoice)
    assert (invoice.biller, invoice.number, invoice.regime) == ("123456789", "000000042", "01")
    assert (invoice.acts[0].on, invoice.acts[0].code) == (date(2026, 11, 23), "APS")
    assert (invoice.fee_cents, invoice.amo_cents, invoice.amc_cents) == (5000, 3000, 2000)
    assert invoice.birth_date == "900517"


def one() -> Invoice:
    return made(Random(1), 1)


@pytest.mark.parametrize(
    ("change", "record", "column", "said"),
    [
        (lambda lines: [lines[0][:-1], *lines[1:]], 1, 128, "127 characters"),
        (lambda lines: [lines[0] + b" ", *lines[1:]], 1, 129, "129 characters"),
        (lambda lines: [lines[0], lines[1].lower(), *lines[2:]], 2, 76, "not a sign"),
        (lambda lines: [lines[0], b"\xff" * RECORD, *lines[1:]], 2, 1, "not a sign"),
        (lambda lines: [b"0" * RECORD, *lines], 1, 1, "type 0 are not read"),
        (lambda lines: [lines[0], *lines[2:]], None, 39, "lines says"),
        (lambda lines: lines[1:], 1, 1, "outside an invoice"),
        (lambda lines: lines[:-1], 1, 1, "no record of type 5"),
        (lambda lines: [lines[0], *lines], 2, 1, "has no record of type 5"),
        (lambda lines: [lines[0], b"4" + b"9" * 9 + lines[1][10:], *lines[2:]], 2, None, "head"),
        (lambda lines: [lines[0], put(lines[1], 70, b"269999"), *lines[2:]], 2, 70, "no day"),
        (lambda lines: [lines[0], put(lines[1], 108, b"00A"), *lines[2:]], 2, 110, "figures"),
        (lambda lines: [put(lines[0], 71, b"X"), *lines[1:]], 1, 71, "nothing is known"),
        (lambda lines: [lines[0], put(lines[1], 115, b"0009999"), *lines[2:]], None, 58, "fee_"),
    ],
)
def test_what_is_wrong_is_told_with_its_record_and_column(change, record, column, said) -> None:  # type: ignore[no-untyped-def]
    lines = [line.encode() for line in records(one())]
    faults = [found for found in read(change(lines)) if isinstance(found, Fault)]
    assert faults
    assert said in str(faults[0])
    assert record is None or faults[0].record == record
    assert column is None or faults[0].column == column


def put(line: bytes, column: int, words: bytes) -> bytes:
    return line[: column - 1] + words + line[column - 1 + len(words) :]


def test_after_a_fault_the_next_invoice_is_read() -> None:
    lines = [line.encode() for line in records(one())]
    found = list(read([*lines[:1], b"?", *lines]))
    assert isinstance(found[0], Fault)
    assert found[-1] == one()


def test_what_the_format_has_no_room_for_is_refused_and_never_cut() -> None:
    from dataclasses import replace

    for wrong in (
        {"biller": "1234567890"},
        {"biller": "abc"},
        {"entry_number": 10**9},
        {"acts": ()},
        {"support_from": date(1999, 12, 31)},
        {"acts": (replace(one().acts[0], fee_cents=10**7),)},
        {"acts": (replace(one().acts[0], amo_cents=5001),)},
    ):
        with pytest.raises(Unwritable):
            list(records(replace(one(), **wrong)))  # type: ignore[arg-type]


def test_names_and_numbers_are_spelled_as_the_format_has_them() -> None:
    assert spelled("Œuvré d’Aÿ-Noël") == "OEUVRE D AY NOEL"
    assert numeric_finess("2A0002689") == "200102689"
    assert numeric_finess("2B0002689") == "200202689"
    assert numeric_finess("690000001") == "690000001"


def test_no_two_fields_of_a_record_share_a_column() -> None:
    for fields in LAYOUTS.values():
        columns = [field.column + at for field in fields for at in range(field.length)]
        assert len(columns) == len(set(columns))
        assert max(columns) <= RECORD


@settings(max_examples=300, deadline=1000)
@given(some.binary(max_size=2000))
def test_any_bytes_are_read_to_their_end(whatever: bytes) -> None:
    list(read(lines_of(io.BytesIO(whatever))))


@settings(max_examples=300, deadline=1000)
@given(some.data())
def test_any_damage_is_told_or_harmless(data: some.DataObject) -> None:
    written = bytearray(file_of([one(), made(Random(2), 2)]))
    for _damage in range(data.draw(some.integers(1, 4))):
        written[data.draw(some.integers(0, len(written) - 1))] = data.draw(some.integers(0, 255))
    for found in read(lines_of(io.BytesIO(bytes(written)))):
        assert isinstance(found, Fault) or file_of([found])


def test_a_long_file_of_one_line_does_not_hang() -> None:
    began = time.monotonic()
    assert all(isinstance(found, Fault) for found in read(lines_of(io.BytesIO(b"2" * 2_000_000))))
    assert time.monotonic() - began < 1
