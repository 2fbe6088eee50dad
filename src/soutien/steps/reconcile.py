"""What the bank says is put beside what was ordered: to the cent, and once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.queries import Move, Statement, Transaction
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import (
    PAID,
    RECONCILED,
    REJECTED,
    RETURNED,
    UNEXPLAINED,
    BankLine,
    Payment,
)
from soutien.registers.payments.queries import Gap
from soutien.rules.owed import Payer
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.marked import note_lines, note_reconciled
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.trace import act, looking, record

ZONE = "Europe/Paris"
# Days after which the bank should have spoken of a transfer.
PATIENCE = timedelta(days=3)
# The account is closed, unknown, blocked, or takes no such transfer: nothing more goes there.
DEAD_ACCOUNTS = frozenset({"AC01", "AC04", "AC06", "AG01", "MD07"})


@dataclass(frozen=True, slots=True)
class BankWord:
    """One movement as a file of the bank tells it. ``number`` is ours, where the bank gives it."""

    fingerprint: str
    number: str
    cents: int
    incoming: bool
    booked_on: date
    rejected: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a file brought: lines that are new by kind, lines known before, orders now settled."""

    kinds: dict[str, int]
    known: int
    reconciled: int


@act("payments.lines.read")
def read_bank_lines(*, actor: Actor, payer: str, words: Sequence[BankWord], at: datetime) -> Read:
    """Post what the bank says. A line read before, in whatever file, changes nothing.

    Refuses ``payer_unknown``. What nothing explains is posted as such, never guessed.
    """
    allow(actor, "read_bank_lines", _ties(actor, payer))
    if payments.lock_payer(payer) is None:
        raise Refusal("payer_unknown")
    told = {word.fingerprint: word for word in words}
    known = payments.known_fingerprints(payer, told)
    transfers = payments.transfers_by_number(payer, {word.number for word in words})
    # What the bank refuses and we never ordered moved nothing.
    new = {
        mark: word
        for mark, word in told.items()
        if mark not in known and (not word.rejected or word.number in transfers)
    }
    lines = payments.add_lines(
        _line(payer, word, transfers.get(word.number), at) for word in new.values()
    )
    ledger.post(
        _posting(line, transfers.get(word.number), at)
        for line, word in zip(lines, new.values(), strict=True)
    )
    dead = [
        transfers[word.number].bank_detail_id
        for word in new.values()
        if word.reason in DEAD_ACCOUNTS and word.number in transfers
    ]
    payments.close_details(dead, at=at)
    named = {one.pk: one for one in transfers.values()}
    note_lines(lines, named, role=actor.role, at=at)
    settled = payments.settled_orders(payer)
    for order_id in settled:
        payments.add_act(order_id, RECONCILED, at=at, account_id=None)
    note_reconciled(payments.paid_of(settled), role=actor.role, at=at)
    record(actor, "payments.lines.read", at=at, object_id=payer)
    kinds: dict[str, int] = {}
    for line in lines:
        kinds[line.kind] = kinds.get(line.kind, 0) + 1
    return Read(kinds, len(words) - len(new), len(settled))


@looking("payments.gaps.listed")
def list_gaps(*, actor: Actor, payer: str, at: datetime) -> list[Gap]:
    """Every place where the bank and the orders of a payer differ, oldest first."""
    allow(actor, "list_gaps", _ties(actor, payer))
    found = payments.gaps(payer, missing_before=gather.civil_day(at, ZONE) - PATIENCE)
    record(actor, "payments.gaps.listed", at=at, object_id=payer)
    return found


@looking("payments.statement.opened")
def open_statement(*, actor: Actor, since: date, before: date, at: datetime) -> Statement:
    """One's own account, as a person, a psychologist or a payer, over a period of days."""
    if actor.side == "person":
        whose = relations(actor, person_id=actor.about_person_id)
        holder = ledger.person(actor.about_person_id or 0)
    elif actor.side == "psychologist":
        whose = relations(actor, psychologist_id=actor.psychologist_id)
        holder = ledger.psychologist(actor.psychologist_id or 0)
    else:
        whose = relations(actor, fund_code=actor.fund_code, insurer_code=actor.insurer_code)
        holder = (
            ledger.payer(Payer.INSURER, actor.insurer_code)
            if actor.insurer_code
            else ledger.payer(Payer.FUND, actor.fund_code)
        )
    allow(actor, "open_statement", whose)
    account_id = ledger.account_of(holder)
    record(
        actor,
        "payments.statement.opened",
        at=at,
        object_id=f"of {actor.side}",
        person_id=actor.about_person_id if actor.side == "person" else None,
    )
    if account_id is None:
        return Statement(0, [], 0)
    return ledger.statement(account_id, since=since, before=before)


def _ties(actor: Actor, payer: str) -> Ties:
    side, _, code = payer.partition(":")
    if side == Payer.FUND.value:
        return relations(actor, fund_code=code)
    return relations(actor, insurer_code=code)


def _line(payer: str, word: BankWord, payment: Payment | None, at: datetime) -> BankLine:
    kind = PAID
    if payment is None:
        kind = UNEXPLAINED
    elif word.rejected:
        kind = REJECTED
    elif word.incoming:
        kind = RETURNED
    return BankLine(
        fingerprint=word.fingerprint,
        payer=payer,
        kind=kind,
        incoming=word.incoming,
        payment=payment,
        cents=payment.cents if payment is not None and word.rejected else word.cents,
        booked_on=word.booked_on,
        reason=word.reason,
        read_at=at,
    )


def _posting(line: BankLine, payment: Payment | None, at: datetime) -> Transaction:
    """What a line of the bank moves: exactly its cents, whatever was ordered."""
    side, _, code = line.payer.partition(":")
    bearing = ledger.payer(Payer(side), code)
    bank, transit = ledger.beside("bank", bearing), ledger.beside("transit", bearing)
    if payment is None:
        unexplained = ledger.beside("unexplained", bearing)
        move = Move(bank, unexplained, line.cents if line.incoming else -line.cents)
        return Transaction("received", line.pk, [move], line.booked_on, at, None)
    payee = ledger.holder_of(payment.account)
    why, move = {
        PAID: ("paid", Move(transit, bank, line.cents)),
        RETURNED: ("returned", Move(bank, payee, line.cents)),
        # No money left the bank: it is what was ordered that is owed again.
        REJECTED: ("rejected", Move(transit, payee, line.cents)),
    }[line.kind]
    return Transaction(why, line.pk, [move], line.booked_on, at, payment.claim_id)
