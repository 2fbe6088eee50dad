"""Two decisions on one claim, side by side: what the later one says otherwise, and why."""

from __future__ import annotations

import uuid
from datetime import datetime

from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.ledger import queries as ledger
from soutien.rules.codes import word
from soutien.rules.difference import Difference, Owing, Proof, difference, wording
from soutien.rules.life import Cause
from soutien.rules.owed import Payee, Payer
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import looking, record


@looking("claims.claim.compared")
def compare_decisions(
    *,
    actor: Actor,
    at: datetime,
    reference: str = "",
    claim_public_id: uuid.UUID | None = None,
    sequence: int | None = None,
) -> Difference:
    """What a decision on a claim (the last unless told) differs by from the one before it.

    The claim is told by its reference or by its public id. Refuses ``not_found`` for a claim that
    was decided once only, or whose later decision people must still confirm.
    """
    claim = _claim(actor, reference, claim_public_id)
    decided = claims.decisions_of(claim.pk)
    later = next((row for row in decided[1:] if row.sequence == sequence), None)
    later = later or (decided[-1] if len(decided) > 1 and sequence is None else None)
    if later is None or (later.to_confirm and actor.side != "fund_agent"):
        raise Refusal("not_found")
    former = next(row for row in decided if row.sequence == later.sequence - 1)
    record(actor, "claims.claim.compared", at=at, object_id=claim.pk, person_id=claim.person_id)
    dues = tuple(_owing(claim, move) for move in ledger.posted_for(later.pk))
    return difference(_proof(former), _proof(later), dues)


def _owing(claim: Claim, move: ledger.Move) -> Owing:
    """What a decision moved, and what of it was paid or ordered and is not given back yet."""
    undue = 0
    if move.cents < 0:
        account_id = ledger.account_of(move.credit)
        parts = ledger.parts_of(account_id, [claim.pk]) if account_id is not None else []
        paid = sum(
            part.ordered_cents - part.owed_cents for part in parts if part.payer == move.debit.key
        )
        undue = min(max(paid, 0), -move.cents)
    return Owing(Payer(move.debit.kind), Payee(move.credit.kind), move.cents, undue)


def _proof(decision: Decision) -> Proof:
    """A decision's row as its proof; without facts once its person is forgotten."""
    facts = decision.facts or {"session": {}, "past": {}}
    return Proof(
        outcome={name: getattr(decision, name) for name in wording()["outcome"]},
        session=facts["session"],
        past=facts["past"],
        terms=decision.terms,
        law_version=decision.law_version,
        cause=gather.code(Cause, decision.cause or word(Cause.FIRST)),
    )


def _claim(actor: Actor, reference: str, public_id: uuid.UUID | None) -> Claim:
    by_reference = claims.by_reference(reference) if reference else None
    found = claims.by_public_id(public_id) if public_id else by_reference
    if found is None:
        raise Refusal("not_found")
    ties = relations(
        actor,
        person_id=found.person_id,
        psychologist_id=found.psychologist_id,
        fund_code=found.fund_code,
    )
    allow(actor, "compare_decisions", ties)
    return found
