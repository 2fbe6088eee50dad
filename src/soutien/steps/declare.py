"""A person reads their own rights, and tells their fund of one that is not written here.

A declaration opens nothing: an agent who saw the paper does.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime

from soutien.registers.documents import queries as documents
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.rights import queries as seen
from soutien.registers.rights.models import OPEN, WITHDRAWN
from soutien.rules.answer import Answer
from soutien.rules.codes import Kind, LinkedTo
from soutien.rules.estimate import Situation, estimate
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.entitled import (
    ZONE,
    Declared,
    Held,
    Late,
    Right,
    declared_view,
    ending_soon,
    former_css_until,
    held,
    late_claims,
    locked,
    refuse_unclear,
    situation,
)
from soutien.steps.errors import Refusal
from soutien.steps.insured import Allowance, allowance_of
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, looking, record

# More than anybody has to tell at once.
DECLARATIONS_AT_ONCE = 5
_LINKED = {"ald": LinkedTo.ALD, "maternity": LinkedTo.MATERNITY, "at_mp": LinkedTo.AT_MP}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a session would cost; ``kind`` is the ground it would be linked to, if any."""

    kind: str
    price_cents: int
    upfront_cents: int
    amo_cents: int
    amc_cents: int
    final_cents: int


@dataclass(frozen=True, slots=True)
class OwnRights:
    """One's rights, what they make of a session's price, what was declared, what would change."""

    given_name: str
    rights: tuple[Held, ...]
    ending: tuple[Right, ...]
    former_css_until: date | None
    costs: tuple[Cost, ...]
    declared: tuple[Declared, ...]
    papers: tuple[uuid.UUID, ...]
    late: tuple[Late, ...]
    allowance: Allowance | None = None


@looking("rights.person.opened")
def open_own_rights(*, actor: Actor, person_id: int, at: datetime) -> OwnRights:
    """A person's own rights, or a child's, and what a session costs with them today."""
    allow(actor, "open_own_rights", relations(actor, person_id=person_id))
    person = people.with_rights(person_id)
    record(actor, "rights.person.opened", at=at, object_id=person_id, person_id=person_id)
    on = gather.civil_day(at, ZONE)
    papers = documents.live(person_id).filter(kind="rights_statement")
    return OwnRights(
        given_name=person.given_name,
        rights=held(person, on),
        ending=tuple(ending_soon(person, on)),
        former_css_until=former_css_until(person, on),
        costs=_costs(person, on),
        declared=tuple(declared_view(row, person) for row in seen.declared_by(person_id)),
        papers=tuple(paper.public_id for paper in papers),
        late=late_claims(person_id),
        allowance=allowance_of(person, on),
    )


@act("rights.declaration.made")
def declare_right(
    *,
    actor: Actor,
    person_id: int,
    right: Right,
    document: uuid.UUID | None,
    at: datetime,
) -> uuid.UUID:
    """Tell one's fund of a right, with a certificate among one's papers or without.

    The same told again is one. Refuses ``right_unclear``, ``declaration_no_fund``,
    ``declarations_enough`` and ``not_found`` for a paper that is not theirs.
    """
    allow(actor, "declare_right", relations(actor, person_id=person_id))
    refuse_unclear(right)
    _refuse_another_paper(person_id, document)
    person = locked(person_id)
    waiting = [row for row in seen.declared_by(person_id) if row.state == OPEN]
    for row in waiting:
        if Right.of(row.content) == right and row.document == document:
            return row.public_id
    if len(waiting) >= DECLARATIONS_AT_ONCE:
        raise Refusal("declarations_enough", count=DECLARATIONS_AT_ONCE)
    made = seen.declare(
        person_id,
        fund_code=_fund_of_today(person, at),
        content=right.told(),
        document=document,
        declared_at=at,
        declared_by=actor.role,
    )
    record(actor, "rights.declaration.made", at=at, object_id=made.pk, person_id=person_id)
    return made.public_id


@act("rights.declaration.withdrawn")
def withdraw_declaration(*, actor: Actor, public_id: uuid.UUID, at: datetime) -> bool:
    """The person does not say it any more; false when it was answered or withdrawn before."""
    found = seen.declaration_by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    allow(actor, "withdraw_declaration", relations(actor, person_id=found.person_id))
    declaration = seen.lock_declaration(found.pk)
    if declaration.state != OPEN:
        return False
    seen.end(declaration, WITHDRAWN, at=at, by=actor.account_id)
    record(
        actor,
        "rights.declaration.withdrawn",
        at=at,
        object_id=declaration.pk,
        person_id=declaration.person_id,
    )
    return True


def _refuse_another_paper(person_id: int, document: uuid.UUID | None) -> None:
    """Only a certificate of one's own goes to the fund."""
    if document is None:
        return
    paper = documents.by_public_id(document)
    if paper is None or paper.person_id != person_id or paper.kind != "rights_statement":
        raise Refusal("not_found")


def _fund_of_today(person: Person, at: datetime) -> str:
    scheme = gather.in_force(person.affiliations.all(), gather.civil_day(at, ZONE))
    if scheme is None or not scheme.fund_code:
        raise Refusal("declaration_no_fund")
    return scheme.fund_code


def _costs(person: Person, on: date) -> tuple[Cost, ...]:
    """A follow-up of today as it is, then linked to each ground that needs a link."""
    as_it_is = situation(person, on)
    open_kinds = {row.kind for row in person.exemptions.all() if gather.in_force([row], on)}
    linked = [kind for kind in _LINKED if kind in open_kinds]
    return (
        _cost("", as_it_is, on),
        *(_cost(kind, replace(as_it_is, linked_to=_LINKED[kind]), on) for kind in linked),
    )


def _cost(kind: str, told: Situation, on: date) -> Cost:
    answered: Answer = estimate(
        on, told, gather.law(), kind=Kind.FOLLOW_UP, profile=gather.PROFILE
    )
    decided = answered.decision
    return Cost(
        kind,
        decided.price_cents,
        decided.patient_upfront_cents,
        decided.amo_cents,
        decided.amc_cents,
        decided.patient_cents,
    )
