"""Money over a long life: claimed, corrected, ordered, paid, returned, recovered, to the cent.

Short here; ``SOUTIEN_PROOF=full`` asks for 100,000 histories and 1,000,000 claims: docs/proofs.md.
Each history is booked twice: by the product's own postings, and by amounts counted apart.
"""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime

import pytest
from tests import factories

from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.models import Entry
from soutien.registers.ledger.queries import Holder, Move, Parties, Transaction
from soutien.rules.codes import ThirdParty
from soutien.rules.money import share_cents
from soutien.rules.owed import Payer, Shares, owed, paid_on_the_spot

FULL = os.environ.get("SOUTIEN_PROOF") == "full"
HISTORIES = 100_000 if FULL else 2_000
STORED = 400 if FULL else 40
CLAIMS = 1_000_000 if FULL else 50_000
ON, AT = date(2026, 11, 2), datetime(2026, 11, 2, 10, tzinfo=UTC)
PRICES = (3000, 4000, 5000)
ADVANCES = (ThirdParty.NONE, ThirdParty.AMO, ThirdParty.FULL)


class Books:
    """Sums of accounts, kept from what is posted; and the amounts of the claim, kept apart."""

    def __init__(self, dice: random.Random, parties: Parties, claim: int | None) -> None:
        self.dice, self.parties, self.claim = dice, parties, claim
        self.sums: Counter[Holder] = Counter()
        self.posted: list[Transaction] = []
        self.borne: tuple[Move, ...] = ()
        self.price = dice.choice(PRICES)
        self.told: dict[tuple[Holder, Holder], int] = {}
        self.on_the_way: list[tuple[Holder, Holder, int]] = []
        self.arrived: list[tuple[Holder, Holder, int]] = []

    def post(self, why: str, moves: tuple[Move, ...], cause: int) -> None:
        transaction = Transaction(why, cause, moves, ON, AT, self.claim)
        self.posted.append(transaction)
        moved = 0
        for move in moves:
            self.sums[move.credit] += move.cents
            self.sums[move.debit] -= move.cents
            moved += move.cents
        assert sum(self.sums.values()) == 0
        assert len(moves) < 5 and all(move.debit != move.credit for move in moves)

    def decide(self, cause: int) -> None:
        """A first decision, a correction, a right opened late, a refusal that undoes it all."""
        accepted = self.dice.random() < 0.85
        full, advance = self.dice.random() < 0.3, self.dice.choice(ADVANCES[:2])
        amo = self.price if full else share_cents(self.price, self.dice.choice((60, 90)))
        amc = (self.price - amo) if self.dice.random() < 0.8 else 0
        third_party = ThirdParty.FULL if full else advance
        shares = Shares(amo, amc, int(third_party), self.dice.random() < 0.2)
        dues = owed(shares) if accepted else ()
        assert sum(due.cents for due in dues) == (amo + amc if accepted else 0)
        assert 0 <= paid_on_the_spot(self.price, dues) <= self.price
        after = ledger.moves(dues, self.parties)
        moves = ledger.corrections(self.borne, after)
        self.post("corrected" if self.posted else "decided", moves, cause)
        self.borne = after
        self.told = {move[:2]: move.cents for move in after}

    def due(self) -> dict[tuple[Holder, Holder], int]:
        """Owed by each payer to each payee, less what is on its way or arrived."""
        left = Counter(self.told)
        for bearing, payee, cents in (*self.on_the_way, *self.arrived):
            left[bearing, payee] -= cents
        return left

    def order(self, cause: int) -> None:
        for (bearing, payee), cents in self.due().items():
            if cents > 0:
                self.post(
                    "ordered", (Move(payee, ledger.beside("transit", bearing), cents),), cause
                )
                self.on_the_way.append((bearing, payee, cents))

    def settle(self, why: str, cause: int) -> None:
        """The bank carried it out, or sent it back."""
        if not self.on_the_way:
            return
        bearing, payee, cents = self.on_the_way.pop()
        transit, bank = (ledger.beside(kind, bearing) for kind in ("transit", "bank"))
        self.post("paid", (Move(transit, bank, cents),), cause)
        if why == "paid":
            self.arrived.append((bearing, payee, cents))
        else:
            self.post("returned", (Move(bank, payee, cents),), cause)

    def recover(self, cause: int) -> None:
        """What was paid and is owed no longer comes back."""
        for (bearing, payee), cents in self.due().items():
            if cents < 0:
                self.post(
                    "recovered", (Move(ledger.beside("bank", bearing), payee, -cents),), cause
                )
                self.arrived.append((bearing, payee, cents))

    def live(self) -> None:
        self.decide(1)
        for cause in range(2, 2 + self.dice.randrange(12)):
            act = self.dice.randrange(5)
            if act == 0:
                self.decide(cause)
            elif act == 1:
                self.order(cause)
            elif act == 2:
                self.settle("paid", cause)
            elif act == 3:
                self.settle("returned", cause)
            else:
                self.recover(cause)
            self.agree()

    def agree(self) -> None:
        """Every account holds what the amounts counted apart say."""
        expected: Counter[Holder] = Counter()
        for (bearing, _payee), cents in self.told.items():
            expected[bearing] -= cents
        for (_bearing, payee), cents in self.due().items():
            expected[payee] += cents
        for bearing, _payee, cents in self.on_the_way:
            expected[ledger.beside("transit", bearing)] += cents
        for bearing, _payee, cents in self.arrived:
            expected[ledger.beside("bank", bearing)] += cents
        assert {key: cents for key, cents in self.sums.items() if cents} == {
            key: cents for key, cents in expected.items() if cents
        }


def test_a_hundred_thousand_histories_stay_balanced_after_every_transaction() -> None:
    dice = random.Random(20261122)
    whys: Counter[str] = Counter()
    for number in range(HISTORIES):
        books = Books(dice, Parties(number, number % 700, f"{number % 7:09}", "01"), None)
        books.live()
        whys.update(one.why for one in books.posted)
    assert {"decided", "corrected", "ordered", "paid", "returned", "recovered"} <= set(whys)
    assert min(whys.values()) > HISTORIES // 20


def test_twin_a_cent_lost_on_the_way_is_seen() -> None:
    dice = random.Random(1)
    books = Books(dice, Parties(1, 1, "019990000", "01"), None)
    books.decide(1)
    books.sums[ledger.psychologist(1)] += 1
    with pytest.raises(AssertionError):
        books.agree()
        books.post("ordered", (), 2)


@pytest.mark.django_db
def test_the_tables_hold_what_the_histories_say_and_sum_to_zero() -> None:
    dice = random.Random(7)
    who, at_work = factories.person(at=AT), factories.psychologist()
    expected: Counter[Holder] = Counter()
    cause = 0
    for _ in range(STORED):
        books = Books(dice, Parties(who.pk, at_work.pk, factories.FUND, "01"), None)
        books.live()
        expected.update(books.sums)
        for one in books.posted:
            cause += 1
            ledger.post([one._replace(cause=cause)])
    accounts = ledger.accounts_for(expected)
    stored = ledger.balances(list(accounts.values()))
    assert {holder: stored[accounts[holder]] for holder in expected} == dict(expected)
    assert Entry.objects.count() > 2 * STORED


def test_a_million_claims_lose_no_cent() -> None:
    """Every price and rate, also those that divide into no whole cent."""
    dice = random.Random(3)
    totals: dict[str, int] = defaultdict(int)
    for _ in range(CLAIMS):
        price, rate = dice.randrange(1, 10_000), dice.randrange(101)
        amo = share_cents(price, rate)
        amc = price - amo if dice.random() < 0.8 else 0
        shares = Shares(amo, amc, dice.randrange(3), dice.random() < 0.5)
        totals["price"] += price
        totals["borne"] += price - amo - amc
        for due in owed(shares):
            totals[due.payer] += due.cents
    parts = totals[Payer.FUND] + totals[Payer.INSURER] + totals["borne"]
    assert totals["price"] - parts == 0
