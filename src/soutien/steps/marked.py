"""What payments do to claims, told among what happened to them: a part of steps that pay.

A claim's life takes no more than was ordered: what the bank moved beyond is a gap, told apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Event
from soutien.registers.insurance import queries as insurance
from soutien.registers.ledger.queries import Owed
from soutien.registers.payments.models import PAID, RECOVERED, BankLine, Payment
from soutien.rules import owed
from soutien.rules.codes import word
from soutien.rules.life import Cause, Happened, Mark, Payer, State, life, may
from soutien.steps import decisions, gather
from soutien.steps.actor import Actor

History = list[Happened]


class Lowered(NamedTuple):
    """The decision that made one payer owe less: when, why, and its part before and after.

    ``cause`` is FIRST when the insurer itself decided otherwise.
    """

    decided_at: datetime
    cause: Cause
    before_cents: int
    after_cents: int


def payer_of(actor: Actor) -> str:
    """The payer an agent works for, as the ledger names it."""
    if actor.insurer_code:
        return f"{owed.Payer.INSURER.value}:{actor.insurer_code}"
    return f"{owed.Payer.FUND.value}:{actor.fund_code}"


def side_of(payer: str) -> Payer:
    """Which of the two a payer is: ``fund:…`` or ``insurer:…``."""
    fund = payer.partition(":")[0] == owed.Payer.FUND.value
    return Payer.FUND if fund else Payer.INSURER


def histories(claim_ids: Collection[int], payer: Payer) -> dict[int, History]:
    """What happened to each of these claims for one payer, in order; none is missing."""
    decided, events = claims.told_of(claim_ids)
    parts = insurance.parts_of_claims(claim_ids) if payer is Payer.INSURER else {}
    return {
        claim_id: decisions.happened(
            decided[claim_id], events[claim_id], payer, parts.get(claim_id, ())
        )
        for claim_id in claim_ids
    }


def lowered(claim_ids: Collection[int], payer: Payer) -> dict[int, Lowered]:
    """The last decision that made a payer owe less for each of these claims that has one."""
    decided, _events = claims.told_of(claim_ids)
    parts = insurance.parts_of_claims(claim_ids) if payer is Payer.INSURER else {}
    found = {}
    for claim_id in claim_ids:
        told = [
            (row.decided_at, row.cause, row.amo_cents if payer is Payer.FUND else row.amc_cents)
            for row in decided[claim_id]
        ]
        told += [(row.decided_at, "", row.amc_cents) for row in parts.get(claim_id, ())]
        ordered = sorted(told, key=lambda one: one[0])
        for (_at, _why, before), (at, cause, after) in pairwise(ordered):
            if after < before:
                why = gather.code(Cause, cause or word(Cause.FIRST))
                found[claim_id] = Lowered(at, why, before, after)
    return found


def may_be_ordered(payer: str, due: Iterable[Owed]) -> list[Owed]:
    """Of what is owed, what may be ordered today: not while it is contested.

    Of an insurer, what it said yes to, on the fund's decision that counts.
    """
    found = list(due)
    side = side_of(payer)
    wanted = {one.claim_id for one in found}
    if side is Payer.INSURER:
        wanted &= insurance.agreed(wanted, claims.last_decisions(wanted))
    known = histories(wanted, side)
    taken = []
    for one in found:
        if one.claim_id in known and may(known[one.claim_id], Mark.ORDERED, one.cents):
            known[one.claim_id].append(Happened(Mark.ORDERED, one.cents))
            taken.append(one)
    return taken


def still_right(payer: str, transfers: Collection[Payment], owed: Iterable[Owed]) -> bool:
    """Whether nothing that happened since these were prepared forbids that they leave.

    Nothing is contested or waits to be confirmed, an insurer still says yes on the fund's
    decision that counts, and nothing is undue in what is ``owed`` beside them.
    """
    side, wanted = side_of(payer), {one.claim_id for one in transfers}
    if side is Payer.INSURER and insurance.agreed(wanted, claims.last_decisions(wanted)) != wanted:
        return False
    states = {life(told, trusted=None).state for told in histories(wanted, side).values()}
    if states & {State.CONTESTED, State.TO_CONFIRM}:
        return False
    undue = {(one.account_id, one.claim_id) for one in owed if one.cents < 0}
    return not any((one.account_id, one.claim_id) in undue for one in transfers)


def note_transfers(mark: Mark, transfers: Iterable[Payment], *, role: str, at: datetime) -> None:
    """Tell that these transfers were ordered, withdrawn or reconciled."""
    claims.note([_event(mark, one, one.cents, one.number, role, at) for one in transfers])


def note_lines(
    lines: Iterable[BankLine], transfers: Mapping[int, Payment], *, role: str, at: datetime
) -> None:
    """Tell what the bank said of transfers, up to what each of them held."""
    told = [line for line in lines if line.payment_id in transfers and line.kind != RECOVERED]
    known = _so_far([transfers[line.payment_id or 0] for line in told])
    new = []
    for line in told:
        one = transfers[line.payment_id or 0]
        held = life(known[one.number]).account
        paid = line.kind == PAID
        mark = Mark.PAID if paid else Mark.RETURNED
        room = held.ordered_cents if paid else held.ordered_cents + held.paid_cents
        if cents := min(line.cents, room):
            known[one.number].append(Happened(mark, cents))
            new.append(_event(mark, one, cents, f"{one.number}/{line.pk}", role, at))
    claims.note(new)


def note_reconciled(transfers: Collection[Payment], *, role: str, at: datetime) -> None:
    """Tell of each claim of a settled order that the bank and the order agree on it."""
    by_side: dict[str, list[Payment]] = defaultdict(list)
    for one in transfers:
        by_side[one.payer].append(one)
    for payer, ones in by_side.items():
        known = histories({one.claim_id for one in ones}, side_of(payer))
        agreed = [one for one in ones if may(known[one.claim_id], Mark.RECONCILED)]
        note_transfers(Mark.RECONCILED, agreed, role=role, at=at)


def _so_far(transfers: Collection[Payment]) -> dict[str, History]:
    """What happened to each transfer, as if it were alone: ordered first."""
    found = {
        one.number: [
            Happened(Mark.DECIDED, one.cents, accepted=True),
            Happened(Mark.ORDERED, one.cents),
        ]
        for one in transfers
    }
    _decided, events = claims.told_of({one.claim_id for one in transfers})
    for event in (event for of_claim in events.values() for event in of_claim):
        number, _, line = event.reference.partition("/")
        if line and number in found:
            found[number].append(Happened(gather.code(Mark, event.mark), event.cents))
    return found


def _event(mark: Mark, one: Payment, cents: int, reference: str, role: str, at: datetime) -> Event:
    reconciled = mark is Mark.RECONCILED
    return Event(
        claim_id=one.claim_id,
        mark=word(mark),
        payer=word(side_of(one.payer)),
        cents=0 if reconciled else cents,
        reference=reference,
        happened_at=at,
        role=role,
    )
