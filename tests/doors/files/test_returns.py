"""Payers' returns: each line beside its claim, once, whatever it says and however it comes."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.doors.files.test_b2 import made
from tests.steps import scene
from tests.steps.scene import AUTUMN, DAY, at

from soutien.doors.cli.main import main
from soutien.doors.files import returns
from soutien.doors.files.b2.layout import RECORD
from soutien.doors.files.b2.read import Fault, lines_of
from soutien.doors.files.returns import b2_return, played
from soutien.registers.audit.models import Entry
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.psychologists.models import Psychologist
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.errors import Refusal
from soutien.steps.returned import Gap, PayerLine, Says, read_returns

ON = date(2026, 12, 1)
LINE = b"2" + b"019990069   " + b"13" + b"000000042" + b"261124" + b"290050012345677"
LINE += b"00003000" + b"00002000" + b"00003000" + b"00002000" + b"   " + b" " * 37
LINE += b"007" + b"261201"
LINE = LINE.ljust(RECORD)


def test_a_line_typed_by_hand_is_read() -> None:
    [line] = b2_return.read([LINE])
    assert isinstance(line, PayerLine)
    assert (line.says, line.amo, line.amc) == (Says.PAID, True, True)
    assert (line.invoice, line.insured, line.lot) == ("000000042", "290050012345677", "007")
    assert (line.paid_amo_cents, line.paid_amc_cents) == (3000, 2000)
    assert (line.invoiced_on, line.accounted_on) == (date(2026, 11, 24), ON)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (LINE[:-1], 128),
        (LINE + b" ", 129),
        (b"3" + LINE[1:], 1),
        (LINE[:13] + b"41" + LINE[15:], 14),
        (LINE[:13] + b"14" + LINE[15:], 14),
        (LINE[:24] + b"269999" + LINE[30:], 25),
        (LINE[:61] + b"0000A000" + LINE[69:], 62),
        (LINE[:13] + b"23" + LINE[15:], 62),
        (LINE[:80] + b"\xe9" + LINE[81:], 81),
    ],
)
def test_a_line_that_cannot_be_read_says_where_and_stops_nothing(line: bytes, column: int) -> None:
    found = list(b2_return.read([line, LINE]))
    assert isinstance(found[0], Fault)
    assert (found[0].record, found[0].column) == (1, column)
    assert isinstance(found[1], PayerLine)


@settings(max_examples=300, deadline=1000)
@given(some.one_of(some.binary(max_size=600), some.binary(min_size=RECORD, max_size=RECORD)))
def test_any_bytes_are_read_to_their_end(whatever: bytes) -> None:
    list(b2_return.read(lines_of(io.BytesIO(whatever))))


def test_dialects_are_named_and_others_may_be_installed(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert returns.reader("b2-return") is b2_return.read
    with pytest.raises(returns.UnknownDialect, match="b2-return can be read"):
        returns.reader("576")
    other = SimpleNamespace(read=lambda lines: iter(()))
    entry = SimpleNamespace(name="576", load=lambda: other)
    monkeypatch.setattr(returns, "entry_points", lambda **_words: [entry])
    assert returns.dialects() == ["576", "b2-return"]
    assert returns.reader("576") is other.read


def test_a_payer_played_does_each_thing_and_the_same_again() -> None:
    chance = Random(7)
    invoices = [made(chance, number) for number in range(1000)]
    habits = played.Habits(refuses=10, pays_wrong=10, withholds=10, repeats=10, pays_half=10)
    answer = played.played(invoices, habits, on=ON, seed=3)
    assert answer == played.played(invoices, habits, on=ON, seed=3)
    assert answer != played.played(invoices, habits, on=ON, seed=4)
    lines = [line for line in b2_return.read(answer.at_once) if isinstance(line, PayerLine)]
    assert len(lines) == len(answer.at_once)
    said = Counter(line.says for line in lines)
    assert said[Says.REFUSED] > 50
    assert said[Says.WITHHELD] == len(answer.later) > 50
    repeated = [key for key, times in Counter(line.key for line in lines).items() if times > 1]
    assert len(repeated) > 50
    assert {line.invoice for line in lines} == {invoice.number for invoice in invoices}
    billed = {one.number: one.amo_cents for one in invoices}
    assert all(line.paid_amo_cents <= billed[line.invoice] for line in lines)


@pytest.fixture
def claims(db: None) -> list[Claim]:
    """Three sessions of one person, decided and paid to the psychologist."""
    here, who = scene.practice(), scene.insured()
    Psychologist.objects.filter(pk=here.psychologist_id).update(am_number="691234567")
    days = [AUTUMN - 7 * DAY, AUTUMN, AUTUMN + 7 * DAY]
    kinds = ["evaluation", "follow_up", "follow_up"]
    planned = zip(days, kinds, strict=True)
    booked = [scene.booked(here, who, day=day, kind=kind) for day, kind in planned]
    return [scene.sent(here, scene.closed(here, booking)) for booking in booked]


def test_a_claim_goes_out_as_an_invoice_and_comes_back_beside_itself(  # type: ignore[no-untyped-def]
    claims: list[Claim], tmp_path, capsys
) -> None:
    file, folder = tmp_path / "invoices.b2", tmp_path / "returns"
    asked = ["--fund", "019990069", "--since", "2026-01-01", "--before", "2027-01-01"]
    assert main(["b2", "write", str(file), *asked]) == 0
    assert "3 invoices written" in capsys.readouterr().out
    assert file.stat().st_mode & 0o077 == 0
    assert main(["b2", "write", str(file), *asked]) == 1
    assert main(["b2", "check", str(file)]) == 0
    assert (
        "3 invoices, fees 150.00 EUR, of which AMO 90.00 EUR; 0 faults." in capsys.readouterr().out
    )
    assert main(["b2", "read", str(file)]) == 0
    assert '"code": "EEP"' in capsys.readouterr().out
    every = [
        "--refuses",
        "0",
        "--pays-wrong",
        "0",
        "--withholds",
        "0",
        "--repeats",
        "100",
        "--pays-half",
        "0",
    ]
    assert main(["payer", "simulate", str(file), str(folder), *every, "--on", "2026-12-01"]) == 0
    capsys.readouterr()
    assert main(["payer", "read", str(folder / "return-01.txt")]) == 0
    assert capsys.readouterr().out == "3 as_decided; 0 faults.\n"
    assert Entry.objects.filter(event="claims.returns.read").count() == 1
    assert main(["payer", "read", str(file)]) == 1


def test_how_a_line_stands_to_what_was_decided(claims: list[Claim]) -> None:
    claim = claims[0]
    decided = Decision.objects.get(claim=claim)
    [read] = b2_return.read([LINE])
    assert isinstance(read, PayerLine)
    ours = read._replace(
        invoice=f"{claim.pk:09d}",
        insured=claim.person.nir,
        billed_amo_cents=decided.amo_cents,
        billed_amc_cents=decided.amc_cents,
        paid_amo_cents=decided.amo_cents,
        paid_amc_cents=decided.amc_cents,
    )
    only_amo = {"amc": False, "billed_amc_cents": 0, "paid_amc_cents": 0}
    refused = {"says": Says.REFUSED, "paid_amo_cents": 0, "paid_amc_cents": 0}
    cases = [
        (Gap.NONE, ours),
        (Gap.NONE, ours._replace(**only_amo)),
        (Gap.NONE, ours._replace(**refused)),
        (Gap.LESS, ours._replace(paid_amo_cents=1)),
        (Gap.MORE, ours._replace(paid_amo_cents=decided.amo_cents + 1)),
        (Gap.BILLED_OTHERWISE, ours._replace(billed_amo_cents=1)),
        (Gap.ANOTHER, ours._replace(insured="1" * 15)),
        (Gap.UNKNOWN, ours._replace(invoice="999999999")),
        (Gap.UNKNOWN, ours._replace(invoice="AB")),
    ]
    lines = [line._replace(key=str(number)) for number, (_gap, line) in enumerate(cases)]
    found = read_returns(actor=SYSTEM, lines=[*lines, *lines], at=at(ON))
    assert [one.gap for one in found] == [gap for gap, _line in cases]
    assert found[0].reference == claim.reference
    with pytest.raises(Refusal):
        read_returns(actor=Actor("person", person_id=claim.person_id), lines=lines, at=at(ON))
