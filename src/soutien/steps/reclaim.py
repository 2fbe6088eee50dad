"""What was paid and is owed no more: listed by age, asked back, recorded once it came."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Event
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.queries import Move, Owed, Transaction
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import BankLine
from soutien.registers.people import queries as people
from soutien.registers.psychologists import queries as psychologists
from soutien.rules.codes import word
from soutien.rules.delays import by_age
from soutien.rules.life import Cause, Mark
from soutien.rules.owed import Payer
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.marked import Lowered, lowered, payer_of, side_of
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.shown import name_of
from soutien.steps.trace import act, looking, record

ZONE = "Europe/Paris"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Debt:
    """What somebody must give back of one claim. ``kind`` is person or psychologist.

    ``lowered`` is the decision that made it owed no more, where one did.
    """

    claim_id: uuid.UUID
    reference: str
    kind: str
    name: str
    held_on: date
    cents: int
    since: date
    lowered: Lowered | None


@dataclass(frozen=True, slots=True)
class CameIn:
    """Money that came to the payer's bank and that nothing explains yet."""

    line_id: int
    booked_on: date
    cents: int


@dataclass(frozen=True, slots=True)
class Debts:
    """What is owed back to a payer, the oldest first; its sums by age; what came in.

    ``iban`` is the payer's account, which debtors pay to; empty where it is not recorded.
    """

    payer_name: str
    iban: str
    lines: tuple[Debt, ...]
    by_age: tuple[int, ...]
    came_in: tuple[CameIn, ...]


@looking("payments.undue.listed")
def list_undue(*, actor: Actor, at: datetime) -> Debts:
    """What was paid by the actor's payer and is owed no more, by whom and since when."""
    allow(actor, "list_undue", _ties(actor))
    payer, on = payer_of(actor), gather.civil_day(at, ZONE)
    lines = _debts(payer, on)
    account = payments.payer_account(payer)
    asked = claims.with_sheets([one.claim_id for one, _since in lines])
    of = {claim.pk: claim for claim in asked}
    whose = people.in_keys([one.key for one, _since in lines if one.kind == "person"])
    names = psychologists.names([one.key for one, _since in lines if one.kind != "person"])
    why = lowered(of, side_of(payer))
    if actor.insurer_code:
        # Why the fund decided otherwise may tell of health or of means.
        why = {claim_id: one._replace(cause=Cause.FIRST) for claim_id, one in why.items()}
    record(
        actor,
        "payments.undue.listed",
        at=at,
        object_id=payer,
        people=[claim.person_id for claim in asked],
    )
    return Debts(
        payer_name=account.name if account else "",
        iban=account.iban if account else "",
        lines=tuple(
            Debt(
                of[one.claim_id].public_id,
                of[one.claim_id].reference,
                one.kind,
                name_of(whose[one.key]) if one.kind == "person" else names[one.key],
                of[one.claim_id].care_session.held_on,
                -one.cents,
                since,
                why.get(one.claim_id),
            )
            for one, since in lines
        ),
        by_age=by_age(((on - since).days, -one.cents) for one, since in lines),
        came_in=tuple(
            CameIn(line.pk, line.booked_on, line.cents) for line in payments.came_in(payer)
        ),
    )


@act("payments.undue.recovered")
def record_recovery(
    *, actor: Actor, claim_id: uuid.UUID, kind: str, line_id: int, at: datetime
) -> BankLine:
    """Say that money which came to the bank gives an undue sum back; said again, it is the same.

    Refuses ``recovery_nothing_came`` for a line that is not there, and ``recovery_too_much``
    where nothing, or less, is owed back.
    """
    allow(actor, "record_recovery", _ties(actor))
    payer = payer_of(actor)
    payments.lock_payer(payer)
    came = payments.line_that_came(payer, line_id)
    if came is None:
        raise Refusal("recovery_nothing_came")
    claim = claims.by_public_id(claim_id)
    known = payments.recovery_of(came)
    if known is not None:
        return known
    on = gather.civil_day(at, ZONE)
    debt = [
        one
        for one, _since in _debts(payer, on)
        if claim is not None and (one.claim_id, one.kind) == (claim.pk, kind)
    ]
    if not debt or came.cents > -debt[0].cents:
        raise Refusal("recovery_too_much")
    line = payments.add_recovery(came, at=at)
    ledger.post([_given_back(debt[0], line, payer, on, at)])
    claims.note([_paid_back(debt[0], line, actor, at)])
    person_id = claim.person_id if claim is not None else None
    record(actor, "payments.undue.recovered", at=at, object_id=line.pk, person_id=person_id)
    return line


def _debts(payer: str, on: date) -> Sequence[tuple[Owed, date]]:
    """What is owed back to a payer and since when, the oldest first."""
    bearing = _bearing(payer)
    due = [one for one in ledger.owed_by(bearing, before=on + DAY) if one.cents < 0]
    lowered = ledger.lowered_on(bearing, [one.claim_id for one in due])
    dated = [(one, lowered.get((one.claim_id, one.account_id), one.since)) for one in due]
    return sorted(dated, key=lambda pair: (pair[1], pair[0].claim_id, pair[0].account_id))


def _given_back(debt: Owed, line: BankLine, payer: str, on: date, at: datetime) -> Transaction:
    payee = ledger.Holder(debt.kind, debt.key)
    move = Move(ledger.beside("unexplained", _bearing(payer)), payee, line.cents)
    return Transaction("recovered", line.pk, [move], on, at, debt.claim_id)


def _paid_back(debt: Owed, line: BankLine, actor: Actor, at: datetime) -> Event:
    return Event(
        claim_id=debt.claim_id,
        mark=word(Mark.PAID_BACK),
        payer=word(side_of(line.payer)),
        cents=line.cents,
        reference=f"bank/{line.pk}",
        happened_at=at,
        role=actor.role,
    )


def _bearing(payer: str) -> ledger.Holder:
    side, _, code = payer.partition(":")
    return ledger.payer(Payer(side), code)


def _ties(actor: Actor) -> Ties:
    return relations(actor, fund_code=actor.fund_code, insurer_code=actor.insurer_code)
