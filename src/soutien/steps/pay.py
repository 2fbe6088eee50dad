"""What is owed is ordered from the bank: prepared by one person, released by another."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.queries import Move, Owed, Transaction
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import (
    RELEASED,
    WITHDRAWN,
    Order,
    PayerAccount,
    Payment,
)
from soutien.registers.payments.queries import OrderRow
from soutien.rules.life import Mark
from soutien.rules.owed import Payer
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.marked import may_be_ordered, note_transfers, payer_of, still_right
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.trace import act, looking, record

ZONE = "Europe/Paris"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MoneyDesk:
    """What a payer has to pay, and what it ordered."""

    payer: str
    known: bool
    to_pay_cents: int
    to_pay: int
    undue_cents: int
    undue: int
    without_account: int
    held_back: int
    orders: list[OrderRow]


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer as the bank is told of it."""

    number: str
    name: str
    iban: str
    cents: int
    reference: str


@dataclass(frozen=True, slots=True)
class Transfers:
    """An order as the bank is told of it: the same each time it is asked for."""

    number: str
    payer_name: str
    payer_iban: str
    execution_on: date
    prepared_at: datetime
    transfers: tuple[Transfer, ...]


@act("payments.payer.kept")
def keep_payer(*, actor: Actor, payer: str, name: str, iban: str, at: datetime) -> PayerAccount:
    """Write down the account that a payer pays from. Refuses ``iban_wrong``."""
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    allow(actor, "keep_payer")
    try:
        number = IBAN(iban, validate_bban=True).compact
    except SchwiftyException:
        raise Refusal("iban_wrong", fields=("iban",)) from None
    kept = payments.keep_payer(payer, name=name, iban=number)
    record(actor, "payments.payer.kept", at=at, object_id=payer)
    return kept


@looking("payments.order.listed")
def open_money_desk(*, actor: Actor, at: datetime) -> MoneyDesk:
    """What the actor's fund or insurer owes today, and its orders, newest first."""
    allow(actor, "open_money_desk", _ties(actor))
    payer = payer_of(actor)
    due = ledger.owed_by(_bearing(payer), before=gather.civil_day(at, ZONE) + DAY)
    owed, undue = [one for one in due if one.cents > 0], [one for one in due if one.cents < 0]
    payable = may_be_ordered(payer, owed)
    accounts = _accounts_of(payable)
    people = [one.key for one in due if one.kind == "person"]
    record(actor, "payments.order.listed", at=at, object_id=payer, people=people)
    return MoneyDesk(
        payer=payer,
        known=payments.payer_account(payer) is not None,
        to_pay_cents=sum(one.cents for one in owed),
        to_pay=len(owed),
        undue_cents=-sum(one.cents for one in undue),
        undue=len(undue),
        without_account=sum((one.kind, one.key) not in accounts for one in payable),
        held_back=len(owed) - len(payable),
        orders=payments.orders_of(payer),
    )


@act("payments.order.prepared")
def prepare_order(*, actor: Actor, cut_off_on: date, execution_on: date, at: datetime) -> Order:
    """One order of all that was owed up to a day to whoever has a confirmed account.

    What is prepared is owed no longer, so two orders never hold it. What is contested waits, and
    what an insurer has not said yes to. Refuses ``payer_unknown`` without an account to pay
    from, and ``order_empty``.
    """
    allow(actor, "prepare_order", _ties(actor))
    payer = payer_of(actor)
    if payments.lock_payer(payer) is None:
        raise Refusal("payer_unknown")
    owed = ledger.owed_by(_bearing(payer), before=cut_off_on + DAY)
    due = may_be_ordered(payer, [one for one in owed if one.cents > 0])
    accounts = _accounts_of(due)
    payable = [one for one in due if (one.kind, one.key) in accounts]
    if not payable or actor.account_id is None:
        raise Refusal("order_empty")
    order = Order(
        number=f"V{at:%y%m%d}{uuid.uuid4().hex[:8].upper()}",
        payer=payer,
        cut_off_on=cut_off_on,
        execution_on=execution_on,
        cents=sum(one.cents for one in payable),
        payments=len(payable),
        prepared_at=at,
        prepared_by=actor.account_id,
    )
    transfers = payments.add_order(order, _transfers(order, payable, accounts))
    whose = {one.account_id: ledger.Holder(one.kind, one.key) for one in payable}
    _post("ordered", transfers, whose, at)
    note_transfers(Mark.ORDERED, transfers, role=actor.role, at=at)
    record(actor, "payments.order.prepared", at=at, object_id=order.public_id)
    return order


@act("payments.order.released")
def release_order(*, actor: Actor, order_id: uuid.UUID, at: datetime) -> Order:
    """Say, as another person than whoever prepared it, that an order may leave for the bank.

    Released already, it is the same. Refuses ``needs_another_person``, ``order_ended``, and
    ``order_changed`` when a claim of it was contested or decided otherwise since.
    """
    order = _order(actor, "release_order", order_id)
    payments.lock_payer(order.payer)
    done = payments.acts_of(order.pk)
    if RELEASED in done:
        return order
    if WITHDRAWN in done:
        raise Refusal("order_ended")
    if actor.account_id is None or actor.account_id == order.prepared_by:
        raise Refusal("needs_another_person")
    owed = ledger.owed_by(_bearing(order.payer), before=gather.civil_day(at, ZONE) + DAY)
    if not still_right(order.payer, payments.transfers_of(order.pk), owed):
        raise Refusal("order_changed")
    payments.add_act(order.pk, RELEASED, at=at, account_id=actor.account_id)
    record(actor, "payments.order.released", at=at, object_id=order.public_id)
    return order


@act("payments.order.withdrawn")
def withdraw_order(*, actor: Actor, order_id: uuid.UUID, at: datetime) -> Order:
    """Take back an order that nobody released: all of it is owed again. Else ``order_ended``."""
    order = _order(actor, "withdraw_order", order_id)
    payments.lock_payer(order.payer)
    done = payments.acts_of(order.pk)
    if WITHDRAWN in done:
        return order
    if RELEASED in done:
        raise Refusal("order_ended")
    payments.add_act(order.pk, WITHDRAWN, at=at, account_id=actor.account_id)
    transfers = payments.transfers_of(order.pk)
    whose = {one.account_id: ledger.holder_of(one.account) for one in transfers}
    _post("withdrawn", transfers, whose, at)
    note_transfers(Mark.WITHDRAWN, transfers, role=actor.role, at=at)
    record(actor, "payments.order.withdrawn", at=at, object_id=order.public_id)
    return order


@looking("payments.order.exported")
def export_order(*, actor: Actor, order_id: uuid.UUID, at: datetime) -> Transfers:
    """A released order as the bank is told of it. Refuses ``order_not_released``."""
    order = _order(actor, "export_order", order_id)
    paying = payments.payer_account(order.payer)
    if RELEASED not in payments.acts_of(order.pk) or paying is None:
        raise Refusal("order_not_released")
    found = payments.transfers_of(order.pk)
    record(
        actor,
        "payments.order.exported",
        at=at,
        object_id=order.public_id,
        people=[one.claim.person_id for one in found],
    )
    return Transfers(
        number=order.number,
        payer_name=paying.name,
        payer_iban=paying.iban,
        execution_on=order.execution_on,
        prepared_at=order.prepared_at,
        transfers=tuple(
            Transfer(
                one.number,
                one.bank_detail.holder_name,
                one.bank_detail.iban,
                one.cents,
                one.claim.reference,
            )
            for one in found
        ),
    )


def _bearing(payer: str) -> ledger.Holder:
    side, _, code = payer.partition(":")
    return ledger.payer(Payer(side), code)


def _ties(actor: Actor) -> Ties:
    return relations(actor, fund_code=actor.fund_code, insurer_code=actor.insurer_code)


def _order(actor: Actor, step: str, public_id: uuid.UUID) -> Order:
    found = payments.order_by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    side, _, code = found.payer.partition(":")
    of_fund = side == Payer.FUND.value
    ties = relations(actor, fund_code=code) if of_fund else relations(actor, insurer_code=code)
    allow(actor, step, ties)
    return found


def _accounts_of(due: list[Owed]) -> dict[tuple[str, int], int]:
    return payments.details_in_force(
        person_ids=[one.key for one in due if one.kind == "person"],
        psychologist_ids=[one.key for one in due if one.kind == "psychologist"],
    )


def _transfers(
    order: Order, payable: list[Owed], accounts: Mapping[tuple[str, int], int]
) -> list[Payment]:
    before = payments.attempts(order.payer, [one.claim_id for one in payable])
    return [
        Payment(
            order=order,
            number=f"{order.number}-{number:06}",
            claim_id=one.claim_id,
            account_id=one.account_id,
            bank_detail_id=accounts[one.kind, one.key],
            cents=one.cents,
            payer=order.payer,
            attempt=1 + before.get((one.claim_id, one.account_id), 0),
        )
        for number, one in enumerate(payable, 1)
    ]


def _post(
    why: str, transfers: list[Payment], whose: Mapping[int, ledger.Holder], at: datetime
) -> None:
    """Between payees and what is on its way: there when ordered, back when withdrawn."""
    on, sign = gather.civil_day(at, ZONE), 1 if why == "ordered" else -1
    ledger.post(
        Transaction(
            why,
            one.pk,
            [
                Move(
                    whose[one.account_id],
                    ledger.beside("transit", _bearing(one.payer)),
                    sign * one.cents,
                )
            ],
            on,
            at,
            one.claim_id,
        )
        for one in transfers
    )
