"""What the claims of the demo are owed, and what its own fund and its own insurer paid of it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import NamedTuple
from zoneinfo import ZoneInfo

from soutien.doors.cli.demo_data import identifiers
from soutien.doors.cli.demo_data.accounts import (
    FUND_AGENT,
    FUND_COLLEAGUE,
    INSURER,
    INSURER_COLLEAGUE,
    PSYCHOLOGIST,
)
from soutien.doors.cli.demo_data.storing import pour, store
from soutien.registers.accounts.models import Account
from soutien.registers.claims.models import Decision, Event
from soutien.registers.insurance.models import PartDecision
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.queries import Holder, Move, Transaction
from soutien.registers.payments.models import (
    CLOSED,
    IN_FORCE,
    PAID,
    RECONCILED,
    RELEASED,
    RETURNED,
    BankDetail,
    BankLine,
    Order,
    OrderAct,
    PayerAccount,
    Payment,
)
from soutien.registers.people import rights
from soutien.rules.codes import word
from soutien.rules.life import Mark
from soutien.rules.owed import Shares, owed

ZONE = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
ORDERS_ON = 1  # Tuesday
# An insurer says what it pays, then both order what was decided since.
DECIDED_FOR = 2 * DAY
ACCOUNT_CLOSED = "AC04"


class Posted(NamedTuple):
    """One payer's part of one accepted claim."""

    decision: Decision
    move: Move


@dataclass
class PayerDesk:
    """A payer of the demo, with the two people who pay."""

    payer: str
    name: str
    prepares: Account
    releases: Account

    @property
    def side(self) -> str:
        """``fund`` or ``insurer``."""
        return self.payer.partition(":")[0]


def store_payments(decided: Sequence[Decision], at: datetime) -> None:
    """Owe what was accepted; the demo's two payers paid what was decided some days ago.

    A transfer of the fund's last order came back: a psychologist's account is closed.
    """
    posted = _owe([decision for decision in decided if decision.accepted])
    numbers = count(1)
    for number, desk in enumerate(_desks()):
        PayerAccount.objects.create(
            payer=desk.payer, name=desk.name, iban=identifiers.iban(number)
        )
        mine = [one for one in posted if one.move.debit.key == desk.payer]
        _Payments(desk, mine, at, numbers).store()


def _desks() -> list[PayerDesk]:
    def account(email: str) -> Account:
        return Account.objects.get_by_natural_key(email)

    found = []
    for kind, first, second in (
        ("fund", FUND_AGENT, FUND_COLLEAGUE),
        ("insurer", INSURER, INSURER_COLLEAGUE),
    ):
        one, other = account(first.email), account(second.email)
        code = one.fund_code if kind == "fund" else one.insurer_code
        found.append(PayerDesk(f"{kind}:{code}", one.display_name, one, other))
    return found


def _owe(accepted: Sequence[Decision]) -> list[Posted]:
    """What decisions make payers owe, as steps/decisions.py posts it."""
    days = {
        decision.claim_id: (decision.claim.person_id, decision.claim.care_session.held_on)
        for decision in accepted
    }
    insurers = rights.insurers_on(days.values())
    transactions, posted = [], []
    for decision in accepted:
        claim = decision.claim
        shares = Shares(
            decision.amo_cents,
            decision.amc_cents,
            decision.third_party,
            claim.care_sheet.amc_third_party,
        )
        parties = ledger.Parties(
            claim.person_id,
            claim.psychologist_id,
            claim.fund_code,
            insurers.get(days[decision.claim_id], ""),
        )
        moves = ledger.moves(owed(shares), parties)
        decided_at = decision.decided_at
        transactions.append(
            Transaction("decided", decision.pk, moves, _day(decided_at), decided_at, claim.pk)
        )
        posted += [Posted(decision, move) for move in moves]
    ledger.post(transactions)
    return posted


class _Payments:
    """What one payer ordered each week, and what its bank said two days later."""

    def __init__(
        self, desk: PayerDesk, posted: Sequence[Posted], at: datetime, numbers: Iterator[int]
    ) -> None:
        self.desk, self.numbers = desk, numbers
        self.weeks: dict[date, list[Posted]] = defaultdict(list)
        for one in sorted(posted, key=lambda one: one.decision.decided_at):
            prepared_on = _ordered_on(_day(one.decision.decided_at) + DECIDED_FOR)
            if _at(prepared_on + 3 * DAY, 8) <= at:
                self.weeks[prepared_on].append(one)

    def store(self) -> None:
        """Write each table in its order."""
        if not self.weeks:
            return
        if self.desk.side == "insurer":
            store(self._parts())
        posted = [one for week in self.weeks.values() for one in week]
        holders = ledger.accounts_for({one.move.credit for one in posted})
        details = self._details()
        orders = {on: self._order(on, week) for on, week in self.weeks.items()}
        store(orders.values())
        pour(act for on, order in orders.items() for act in _acts(order, on, self.desk))
        payments = [
            Payment(
                order=orders[on],
                number=f"{orders[on].number}-{number:06}",
                claim=one.decision.claim,
                account_id=holders[one.move.credit],
                bank_detail=details[one.move.credit],
                cents=one.move.cents,
                payer=self.desk.payer,
                attempt=1,
            )
            for on, week in self.weeks.items()
            for number, one in enumerate(week, 1)
        ]
        store(payments)
        returned = self._returned(payments)
        lines = [_line(payment, PAID) for payment in payments]
        lines += [_line(payment, RETURNED) for payment in returned]
        store(lines)
        payees = dict(zip(payments, (one.move.credit for one in posted), strict=True))
        bearing = posted[0].move.debit
        ledger.post(_transactions(lines, payees, bearing))
        pour(self._events(lines, returned))
        for payment in returned:
            payment.bank_detail.state, payment.bank_detail.ended_at = CLOSED, _read_at(payment)
            payment.bank_detail.save()

    def _returned(self, payments: Sequence[Payment]) -> list[Payment]:
        """Of the fund's last order, one transfer: the account of a psychologist is closed.

        Not of the one who has an account in the demo, and of one with little in that order.
        """
        if self.desk.side != "fund":
            return []
        last = [one for one in payments if one.order is payments[-1].order]
        known = Account.objects.get_by_natural_key(PSYCHOLOGIST.email).psychologist_id
        of_each = Counter(one.bank_detail.psychologist_id for one in last)
        others = [one for one in last if one.bank_detail.psychologist_id not in (None, known)]
        return sorted(others, key=lambda one: of_each[one.bank_detail.psychologist_id])[:1]

    def _order(self, on: date, week: Sequence[Posted]) -> Order:
        return Order(
            number=f"V{on:%y%m%d}{next(self.numbers):08X}",
            payer=self.desk.payer,
            cut_off_on=on - DAY,
            execution_on=on + DAY,
            cents=sum(one.move.cents for one in week),
            payments=len(week),
            prepared_at=_at(on, 10),
            prepared_by=self.desk.prepares.pk,
        )

    def _details(self) -> dict[Holder, BankDetail]:
        """Where each is paid, given when they were first owed something."""
        found: dict[Holder, BankDetail] = {}
        kept = self._kept()
        for one in (one for week in self.weeks.values() for one in week):
            payee, claim = one.move.credit, one.decision.claim
            if payee in found or payee in kept:
                found.setdefault(payee, kept.get(payee) or found[payee])
                continue
            person = claim.person if payee.kind == "person" else None
            owner = person or claim.psychologist
            given_at = one.decision.decided_at - DAY
            found[payee] = BankDetail(
                person=person,
                psychologist=None if person else claim.psychologist,
                iban=identifiers.iban(int(payee.key), of=payee.kind),
                holder_name=f"{owner.given_name} {owner.family_name}",
                fund_code=claim.fund_code,
                state=IN_FORCE,
                given_at=given_at,
                answered_at=given_at + timedelta(hours=5),
                answered_by=self.desk.releases.pk,
            )
        store(detail for payee, detail in found.items() if payee not in kept)
        return found

    def _kept(self) -> dict[Holder, BankDetail]:
        """What another payer's payments brought already."""
        rows = BankDetail.objects.filter(state__in=[IN_FORCE, CLOSED])
        return {
            ledger.person(row.person_id)
            if row.person_id
            else ledger.psychologist(row.psychologist_id or 0): row
            for row in rows
        }

    def _parts(self) -> Iterator[PartDecision]:
        """The insurer said yes to what it paid."""
        for one in (one for week in self.weeks.values() for one in week):
            decision = one.decision
            yield PartDecision(
                claim=decision.claim,
                decision=decision,
                insurer_code=self.desk.prepares.insurer_code,
                accepted=True,
                remainder_cents=decision.price_cents - decision.amo_cents,
                amc_cents=one.move.cents,
                decided_at=decision.decided_at + DAY,
                decided_by=self.desk.prepares.role,
                account=self.desk.prepares.pk,
            )

    def _events(self, lines: Sequence[BankLine], returned: Sequence[Payment]) -> Iterator[Event]:
        """What steps/marked.py tells among what happened to each claim."""
        for line in lines:
            payment = line.payment
            assert payment is not None
            said = f"{payment.number}/{line.pk}"
            if line.kind == RETURNED:
                yield self._event(payment, Mark.RETURNED, payment.cents, said, line.read_at)
                continue
            ordered_at = payment.order.prepared_at
            yield self._event(payment, Mark.ORDERED, payment.cents, payment.number, ordered_at)
            yield self._event(payment, Mark.PAID, payment.cents, said, line.read_at)
            if payment not in returned:
                yield self._event(payment, Mark.RECONCILED, 0, payment.number, line.read_at)

    def _event(
        self, payment: Payment, mark: Mark, cents: int, reference: str, at: datetime
    ) -> Event:
        return Event(
            claim_id=payment.claim_id,
            mark=word(mark),
            payer=self.desk.side,
            cents=cents,
            reference=reference,
            happened_at=at,
            role=self.desk.prepares.role,
        )


def _acts(order: Order, on: date, desk: PayerDesk) -> Iterator[OrderAct]:
    yield OrderAct(order=order, act=RELEASED, done_at=_at(on, 14), account=desk.releases.pk)
    yield OrderAct(order=order, act=RECONCILED, done_at=_at(on + 3 * DAY, 8))


def _line(payment: Payment, kind: str) -> BankLine:
    back = kind == RETURNED
    told = f"{payment.number} {kind}"
    return BankLine(
        fingerprint=hashlib.sha256(told.encode()).hexdigest(),
        payer=payment.payer,
        kind=kind,
        incoming=back,
        payment=payment,
        cents=payment.cents,
        booked_on=payment.order.execution_on + (DAY if back else timedelta()),
        reason=ACCOUNT_CLOSED if back else "",
        read_at=_read_at(payment),
    )


def _transactions(
    lines: Sequence[BankLine], payees: dict[Payment, Holder], bearing: Holder
) -> Iterator[Transaction]:
    """Ordered, paid and returned, as steps/pay.py and steps/reconcile.py post them."""
    transit, bank = ledger.beside("transit", bearing), ledger.beside("bank", bearing)
    for line in lines:
        payment = line.payment
        assert payment is not None
        payee, claim_id = payees[payment], payment.claim_id
        if line.kind == RETURNED:
            moves = [Move(bank, payee, line.cents)]
            yield Transaction("returned", line.pk, moves, line.booked_on, line.read_at, claim_id)
            continue
        ordered_at = payment.order.prepared_at
        moves = [Move(payee, transit, payment.cents)]
        yield Transaction("ordered", payment.pk, moves, _day(ordered_at), ordered_at, claim_id)
        moves = [Move(transit, bank, line.cents)]
        yield Transaction("paid", line.pk, moves, line.booked_on, line.read_at, claim_id)


def _read_at(payment: Payment) -> datetime:
    return _at(payment.order.execution_on + 2 * DAY, 8)


def _ordered_on(since: date) -> date:
    return since + (ORDERS_ON - since.weekday()) % 7 * DAY


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _at(on: date, hour: int) -> datetime:
    return datetime.combine(on, time(hour), ZONE)
