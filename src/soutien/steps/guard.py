"""Acting for a child: who may, on which proof, until when; and choosing to.

Rights end on the day of majority or on a decision, whichever comes first; see standing.py.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import IntegrityError, transaction

from soutien.registers.guardians import queries as guardians
from soutien.registers.people import guardianships
from soutien.registers.people import queries as people
from soutien.registers.people.guardianships import OF_ADULTS, Guardianship
from soutien.rules.calendar import civil_date, day_number
from soutien.rules.guardianship import comes_of_age_on
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.standing import Ward, wards_of
from soutien.steps.trace import act, looking, record

ENDS_BY_DECISION = frozenset(Guardianship.Ending.values) - {Guardianship.Ending.TERM}


@act("people.guardianship.recorded")
def record_guardianship(
    *,
    actor: Actor,
    guardian_id: int,
    child_id: int,
    kind: str,
    proof: str,
    valid_from: date,
    at: datetime,
    valid_before: date | None = None,
) -> Guardianship:
    """Somebody may act for a child from a day on, as a paper that was seen says; or for an adult.

    ``valid_before`` is the term of a judge's decision: for an adult there always is one. Refuses
    ``guardian_of_oneself``, ``child_of_age`` and ``guardian_already``, and a period or proof that
    says nothing.
    """
    allow(actor, "record_guardianship")
    if guardian_id == child_id:
        raise Refusal("guardian_of_oneself")
    if not proof.strip():
        raise Refusal("proof_missing", fields=("proof",))
    if kind not in Guardianship.Kind.values or (valid_before and valid_before <= valid_from):
        raise Refusal("period_wrong", fields=("valid_before",))
    if kind in OF_ADULTS and valid_before is None:
        raise Refusal("period_wrong", fields=("valid_before",))
    if kind not in OF_ADULTS:
        _refuse_of_age(child_id, valid_from)
    try:
        with transaction.atomic():
            row = Guardianship.objects.create(
                guardian_id=guardian_id,
                child_id=child_id,
                kind=kind,
                proof=proof.strip(),
                valid_from=valid_from,
                valid_before=valid_before,
                ended_for=Guardianship.Ending.TERM if valid_before else "",
                recorded_by=actor.role,
                recorded_by_account=actor.account_id,
                recorded_at=at,
            )
    except IntegrityError as error:
        raise Refusal("guardian_already") from error
    record(actor, "people.guardianship.recorded", at=at, object_id=row.pk, person_id=child_id)
    return row


@act("people.guardianship.ended")
def end_guardianship(
    *,
    actor: Actor,
    guardianship_id: uuid.UUID,
    ended_for: str,
    proof: str,
    ends_on: date,
    at: datetime,
) -> Guardianship:
    """A decision ends a guardianship: on ``ends_on`` nobody acts by it any more.

    Recorded by mistake, it never held. Ended twice the same way, it answers the same; a later
    day than the one known is refused: rights that ended are recorded anew.
    """
    allow(actor, "end_guardianship")
    row = guardianships.lock(guardianship_id)
    if row is None:
        raise Refusal("not_found")
    if ended_for not in ENDS_BY_DECISION or not proof.strip():
        raise Refusal("proof_missing", fields=("proof",))
    mistake = ended_for == Guardianship.Ending.MISTAKE
    over = row.valid_from if mistake else max(ends_on, row.valid_from)
    if (row.valid_before, row.ended_for) == (over, ended_for):
        return row
    if row.valid_before is not None and row.valid_before <= over:
        raise Refusal("period_wrong", fields=("ends_on",))
    row.valid_before, row.ended_for, row.ending_proof = over, ended_for, proof.strip()
    row.save(update_fields=["valid_before", "ended_for", "ending_proof"])
    record(
        actor,
        "people.guardianship.ended",
        at=at,
        object_id=row.pk,
        person_id=row.child_id,
        reason=ended_for,
    )
    return row


@looking("people.guardianship.listed")
def list_wards(*, actor: Actor, on: date, at: datetime) -> tuple[Ward, ...]:
    """The children the actor may act for, to choose one of them."""
    allow(actor, "list_wards", relations(actor, person_id=actor.person_id or 0))
    found = wards_of(actor.person_id, on)
    if found:
        record(
            actor,
            "people.guardianship.listed",
            at=at,
            object_id=actor.person_id or 0,
            people=[ward.person_id for ward in found],
        )
    return found


@act("people.guardianship.used")
def act_for(*, actor: Actor, child_id: uuid.UUID, on: date, at: datetime) -> Ward:
    """Choose a child to act for, by the public id. Refuses ``not_found`` anybody else's child."""
    allow(actor, "act_for", relations(actor, person_id=actor.person_id or 0))
    for ward in wards_of(actor.person_id, on):
        if ward.public_id == child_id:
            record(
                actor,
                "people.guardianship.used",
                at=at,
                object_id=ward.person_id,
                person_id=ward.person_id,
            )
            return ward
    raise Refusal("not_found")


@act("people.guardianship.claimed")
def claim_guardianship(
    *, actor: Actor, link_id: uuid.UUID, on: date, at: datetime
) -> Guardianship:
    """A holder ties their own account to the child, by their link, once their paper was seen.

    The psychologist who saw it is the witness. Refuses ``proof_missing`` before, ``not_found``
    to who did not sign in, and what ``record_guardianship`` refuses.
    """
    link = guardians.link(link_id)
    child_id = link.holder.child_id if link else None
    allow(actor, "claim_guardianship", relations(actor, person_id=child_id, by_link=True))
    if link is None or actor.account_id is None or actor.person_id is None:
        raise Refusal("not_found")
    holder = link.holder
    if holder.proof_seen_at is None:
        raise Refusal("proof_missing")
    if actor.person_id == holder.child_id:
        raise Refusal("guardian_of_oneself")
    _refuse_of_age(holder.child_id, on)
    papers = guardians.papers_of([holder.pk])[holder.pk]
    try:
        with transaction.atomic():
            row = Guardianship.objects.create(
                guardian_id=actor.person_id,
                child_id=holder.child_id,
                kind=holder.capacity,
                proof=holder.proof,
                paper=papers[-1] if papers else None,
                valid_from=on,
                recorded_by="psychologist",
                recorded_by_account=holder.proof_seen_by_account,
                recorded_at=at,
            )
    except IntegrityError as error:
        raise Refusal("guardian_already") from error
    record(
        actor, "people.guardianship.claimed", at=at, object_id=row.pk, person_id=holder.child_id
    )
    return row


def _refuse_of_age(child_id: int, on: date) -> None:
    born_on = date.fromisoformat(people.with_rights(child_id).birth_date)
    majority = gather.terms_on(on).majority_age_years
    of_age = comes_of_age_on(day_number(born_on), majority)
    if day_number(on) >= of_age:
        raise Refusal("child_of_age", day=civil_date(of_age), years=majority)
