"""The bank's files beside the orders: every gap is told, none is invented, nothing counts twice.

Short here; ``SOUTIEN_PROOF=full``: 5,000 claims and 1,000 files of transfers (docs/proofs.md).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import replace

import pytest
from tests import factories, paying
from tests.paying import AT, DAY, ON, PAYER, Movement, camt_054, pain_002

from soutien.doors.files.bank_lines import read
from soutien.doors.files.transfers import VERSIONS, pain_001
from soutien.registers.ledger import queries as ledger
from soutien.registers.payments import queries as payments
from soutien.steps.actor import SYSTEM
from soutien.steps.pay import Transfer, Transfers
from soutien.steps.reconcile import list_gaps, read_bank_lines

FULL = os.environ.get("SOUTIEN_PROOF") == "full"
CLAIMS = 5_000 if FULL else 400
FILES = 20
TRANSFERS = 1_000 if FULL else 24
MISSING = 3
NAMES = (
    "Éloïse d’Œuvray",
    "Ana-María Ñíguez",
    "Łukasz Ångström",
    "李 雷",
    "O'Neil & fils <SARL>",
    "",
)


def told(contents: list[bytes]) -> int:
    """Read these files; how many lines were new."""
    return sum(
        sum(read_bank_lines(actor=SYSTEM, payer=PAYER, words=read(content), at=AT).kinds.values())
        for content in contents
    )


@pytest.mark.django_db
def test_every_gap_is_reported_none_invented_and_read_again_nothing_changes() -> None:
    dice = random.Random(20261122)
    place = factories.place(factories.psychologist())
    paying.paying_account()
    paying.confirmed(psychologist=place.psychologist)
    paying.owed_claims(place, factories.person(at=AT), CLAIMS)
    order = paying.ordered(paying.agent(), paying.agent())
    transfers = payments.transfers_of(order.pk)
    assert len(transfers) == CLAIMS

    dice.shuffle(transfers)
    refused, wrong = CLAIMS // 100, max(2, CLAIMS // 200)
    planted = {one.number: "rejected" for one in transfers[:refused]}
    planted |= {one.number: "wrong_amount" for one in transfers[refused : refused + wrong]}
    planted |= {
        one.number: "missing" for one in transfers[refused + wrong : refused + wrong + MISSING]
    }
    booked = []
    for one in transfers:
        found = planted.get(one.number, "")
        if found in {"rejected", "missing"}:
            continue
        booked.append(Movement(one.number, one.cents - (100 if found else 0)))
    dice.shuffle(booked)
    size = -(-len(booked) // FILES)
    parts = [booked[start : start + size] for start in range(0, len(booked), size)]
    files = [camt_054(part) for part in parts]
    files.append(
        pain_002(
            Movement(n, 0, reason="MS03") for n, kind in planted.items() if kind == "rejected"
        )
    )

    assert told(files) == CLAIMS - MISSING
    books = paying.books()
    gaps = list_gaps(actor=SYSTEM, payer=PAYER, at=AT + 9 * DAY)
    assert {gap.number: gap.kind for gap in gaps} == planted
    assert Counter(gap.kind for gap in gaps) == {
        "rejected": refused,
        "wrong_amount": wrong,
        "missing": MISSING,
    }

    # The same ten times, split, shuffled, joined, and with a line repeated: nothing changes.
    again = list(files)
    for _ in range(10 if FULL else 2):
        dice.shuffle(again)
        assert told(again) == 0
    for part in parts[:3]:
        middle = len(part) // 2
        dice.shuffle(part)
        assert told([camt_054(part[:middle]), camt_054([*part[middle:], *part[:2], part[0]])]) == 0
    assert told([camt_054(booked)]) == 0
    assert paying.books() == books

    sums = ledger.balances(
        list(
            ledger.accounts_for(
                [paying.BEARING, ledger.beside("transit", paying.BEARING)]
            ).values()
        )
    )
    # In transit: what is missing, and the euro that each wrong amount left there.
    assert sorted(sums.values()) == [-3000 * CLAIMS, 3000 * MISSING + 100 * wrong]


def made_up(dice: random.Random, number: int) -> Transfers:
    """An order of made-up transfers, whose names hold what names hold."""
    return Transfers(
        number=f"V261102{number:08X}",
        payer_name="Caisse d’assurance maladie d’exemple",
        payer_iban=paying.IBANS[2],
        execution_on=ON + DAY,
        prepared_at=AT,
        transfers=tuple(
            Transfer(
                f"V261102{number:08X}-{line:06}",
                dice.choice(NAMES) * dice.choice((1, 1, 9)),
                dice.choice(paying.IBANS),
                dice.randrange(1, 10 ** dice.randrange(1, 9)),
                f"D26-{line:06}",
            )
            for line in range(dice.randrange(1, 30))
        ),
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_every_file_of_transfers_is_valid_adds_up_and_is_the_same_again(version: str) -> None:
    dice = random.Random(5)
    for number in range(TRANSFERS // len(VERSIONS)):
        order = made_up(dice, number)
        # It is checked against the schema before it is given out.
        text = pain_001(order, version).decode()
        cents = sum(one.cents for one in order.transfers)
        assert text.count(f"<CtrlSum>{cents // 100}.{cents % 100:02}</CtrlSum>") >= 1
        assert all(f">{one.number}<" in text for one in order.transfers)
        assert text.isascii()
    assert pain_001(order, version).decode() == text


def test_a_file_that_no_bank_would_take_is_not_given_out() -> None:
    order = made_up(random.Random(1), 1)
    wrong = replace(order.transfers[0], iban="NONE OF THE KIND")
    with pytest.raises(ValueError, match="pattern"):
        pain_001(replace(order, transfers=(wrong,)))
