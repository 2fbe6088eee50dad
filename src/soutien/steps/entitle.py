"""An agent of the fund sees, opens, ends or corrects a right, always on some evidence.

Nothing is decided again here: what would change is listed, and decided by its own step.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from soutien.registers.documents import queries as documents
from soutien.registers.people import queries as people
from soutien.registers.people import rights as periods
from soutien.registers.people.models import Person
from soutien.registers.people.rights import Row
from soutien.registers.rights import queries as seen
from soutien.registers.rights.models import ACCEPTED, OPEN, REFUSED, Declaration
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.entitled import (
    ZONE,
    Certificate,
    Declared,
    Evidence,
    Held,
    Late,
    Right,
    Seen,
    announce_change,
    declared_view,
    former_css_until,
    fund_that_may,
    held,
    late_claims,
    locked,
    note,
    refuse_unclear,
    refuse_unclear_evidence,
    right_of,
    seen_of,
    write,
)
from soutien.steps.errors import Refusal
from soutien.steps.nir import read as read_nir
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.shown import name_of
from soutien.steps.trace import act, announce, looking, record


@dataclass(frozen=True, slots=True)
class RightsView:
    """Somebody's rights, where each comes from, what was declared and what would change."""

    person_id: int
    person_public_id: uuid.UUID
    person_name: str
    birth_date: str
    nir: str
    rights: tuple[Held, ...]
    former_css_until: date | None
    history: tuple[Seen, ...]
    declared: tuple[Declared, ...]
    late: tuple[Late, ...]


@looking("rights.person.found")
def find_insured(*, actor: Actor, nir: str, at: datetime) -> uuid.UUID:
    """Whose number it is, by their public id; only for their fund, or while no fund has them.

    Refuses ``insured_unknown`` alike for nobody and for somebody of another fund.
    """
    allow(actor, "find_insured", relations(actor, fund_code=actor.fund_code))
    person = people.by_nir(read_nir(nir))
    found = person is not None and bool(actor.fund_code) and fund_that_may(actor, person) != ""
    record(
        actor,
        "rights.person.found",
        at=at,
        object_id=person.pk if person and found else 0,
        person_id=person.pk if person and found else None,
        reason="" if found else "insured_unknown",
    )
    if person is None or not found:
        raise Refusal("insured_unknown", fields=("nir",))
    return person.public_id


@looking("rights.person.opened")
def open_rights(*, actor: Actor, person_public_id: uuid.UUID, at: datetime) -> RightsView:
    """Somebody's rights for an agent of their fund."""
    person = _known(person_public_id)
    allow(actor, "open_rights", _ties(actor, person))
    record(actor, "rights.person.opened", at=at, object_id=person.pk, person_id=person.pk)
    on = gather.civil_day(at, ZONE)
    declared = [row for row in seen.declared_by(person.pk) if row.state == OPEN]
    return RightsView(
        person_id=person.pk,
        person_public_id=person.public_id,
        person_name=name_of(person),
        birth_date=person.birth_date,
        nir=person.nir,
        rights=held(person, on),
        former_css_until=former_css_until(person, on),
        history=tuple(seen_of(row) for row in seen.of_person(person.pk)),
        declared=tuple(
            declared_view(row, person) for row in declared if row.fund_code == actor.fund_code
        ),
        late=late_claims(person.pk),
    )


@act("rights.right.opened")
def open_right(
    *, actor: Actor, person_public_id: uuid.UUID, right: Right, evidence: Evidence, at: datetime
) -> bool:
    """Write a right that was seen; false when it stands word for word.

    Refuses ``right_unclear``, ``right_overlaps`` and ``evidence_unclear``.
    """
    person = _known(person_public_id)
    allow(actor, "open_right", _ties(actor, person))
    refuse_unclear_evidence(evidence, at)
    person = locked(person.pk)
    row = write(actor, person, right, evidence, at=at)
    if row is None:
        return False
    record(actor, "rights.right.opened", at=at, object_id=row.public_id, person_id=person.pk)
    announce_change(person.pk, at)
    return True


@act("rights.right.ended")
def end_right(
    *, actor: Actor, right_id: uuid.UUID, ends_on: date, evidence: Evidence, at: datetime
) -> bool:
    """A right ends on a day, its last; false when it does already.

    Refuses ``right_unclear`` before its first day, ``right_overlaps`` and ``evidence_unclear``.
    """
    row = _right(right_id)
    allow(actor, "end_right", _ties(actor, row.person))
    refuse_unclear_evidence(evidence, at)
    locked(row.person_id)
    row = _right(right_id)
    before = right_of(row)
    now = Right.of({**before.told(), "ends_on": ends_on.isoformat()})
    return _changed(actor, row, before, now, "ended", evidence, at)


@act("rights.right.corrected")
def correct_right(
    *, actor: Actor, right_id: uuid.UUID, right: Right, evidence: Evidence, at: datetime
) -> bool:
    """Write a right as it should have been; what it said before is kept. False for the same.

    Refuses ``right_unclear``, ``right_overlaps`` and ``evidence_unclear``.
    """
    row = _right(right_id)
    allow(actor, "correct_right", _ties(actor, row.person))
    refuse_unclear_evidence(evidence, at)
    locked(row.person_id)
    row = _right(right_id)
    before = right_of(row)
    if right.right != before.right:
        raise Refusal("right_unclear", fields=("right",))
    return _changed(actor, row, before, right, "corrected", evidence, at)


@act("rights.right.withdrawn")
def withdraw_right(*, actor: Actor, right_id: uuid.UUID, evidence: Evidence, at: datetime) -> bool:
    """Take out a right that never was; the line that says so stays. False when it is gone."""
    row = periods.by_public_id(right_id)
    if row is None:
        raise Refusal("not_found")
    allow(actor, "withdraw_right", _ties(actor, row.person))
    refuse_unclear_evidence(evidence, at)
    person = locked(row.person_id)
    gone = periods.by_public_id(right_id)
    if gone is None:
        return False
    note(actor, person, right_id, "withdrawn", right_of(gone), None, evidence, at=at)
    gone.delete()
    record(actor, "rights.right.withdrawn", at=at, object_id=right_id, person_id=person.pk)
    announce_change(person.pk, at)
    return True


@looking("rights.declaration.listed")
def list_declarations(*, actor: Actor, at: datetime) -> tuple[Declared, ...]:
    """What people declared to the actor's fund, and nobody answered; the oldest first."""
    allow(actor, "list_declarations", relations(actor, fund_code=actor.fund_code))
    found = list(seen.declared_to(actor.fund_code))
    record(
        actor,
        "rights.declaration.listed",
        at=at,
        object_id=len(found),
        people=[row.person_id for row in found],
    )
    return tuple(declared_view(row, row.person) for row in found)


@act("rights.declaration.answered")
def answer_declaration(
    *, actor: Actor, public_id: uuid.UUID, accepted: bool, reason: str, at: datetime
) -> bool:
    """Open the right as it was declared, on the paper that was added, or say why not.

    Answered alike before: false. Refuses ``declaration_reason`` without one,
    ``declaration_answered``, ``right_overlaps``.
    """
    found = seen.declaration_by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    allow(actor, "answer_declaration", _of_the_fund(actor, found))
    said = " ".join(reason.split())
    if not accepted and not said:
        raise Refusal("declaration_reason", fields=("reason",))
    person = locked(found.person_id)
    declaration = seen.lock_declaration(found.pk)
    state = ACCEPTED if accepted else REFUSED
    if declaration.state == state:
        return False
    if declaration.state != OPEN:
        raise Refusal("declaration_answered")
    if accepted:
        evidence = Evidence("certificate", document=declaration.document)
        write(actor, person, Right.of(declaration.content), evidence, at=at)
    seen.end(declaration, state, at=at, by=actor.account_id, reason=said)
    record(
        actor,
        "rights.declaration.answered",
        at=at,
        object_id=declaration.pk,
        person_id=person.pk,
        reason=state,
    )
    announce("rights.declaration.answered", at=at, declaration=declaration.pk)
    return True


@looking("rights.certificate.opened")
def open_certificate(*, actor: Actor, declaration_id: uuid.UUID, at: datetime) -> Certificate:
    """The certificate that was added to a declaration: this paper, and no other of theirs."""
    found = seen.declaration_by_public_id(declaration_id)
    if found is None or found.document is None:
        raise Refusal("not_found")
    allow(actor, "open_certificate", _of_the_fund(actor, found))
    paper = documents.by_public_id(found.document)
    if paper is None or paper.kind != "rights_statement":
        raise Refusal("not_found")
    record(
        actor, "rights.certificate.opened", at=at, object_id=paper.pk, person_id=found.person_id
    )
    return Certificate(paper.content_type, documents.content_of(paper))


def _changed(
    actor: Actor, row: Row, before: Right, now: Right, done: str, evidence: Evidence, at: datetime
) -> bool:
    if now == before:
        return False
    refuse_unclear(now)
    try:
        with transaction.atomic():
            periods.alter(row, **now.columns())
    except IntegrityError as error:
        raise Refusal("right_overlaps", day=now.valid_from, fields=("valid_from",)) from error
    note(actor, row.person, row.public_id, done, before, now, evidence, at=at)
    event = f"rights.right.{done}"
    record(actor, event, at=at, object_id=row.public_id, person_id=row.person_id)
    announce_change(row.person_id, at)
    return True


def _known(public_id: uuid.UUID) -> Person:
    person = people.by_public_id(public_id)
    if person is None or person.forgotten_at is not None:
        raise Refusal("not_found")
    return person


def _right(public_id: uuid.UUID) -> Row:
    row = periods.by_public_id(public_id)
    if row is None:
        raise Refusal("not_found")
    return row


def _ties(actor: Actor, person: Person) -> Ties:
    return relations(actor, person_id=person.pk, fund_code=fund_that_may(actor, person))


def _of_the_fund(actor: Actor, declaration: Declaration) -> Ties:
    return relations(actor, person_id=declaration.person_id, fund_code=declaration.fund_code)
