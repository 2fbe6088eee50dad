"""What a psychologist saw on paper: a consent, a refusal, a statement, who decides alone.

And what they decide about the time of an appointment that waits.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.guardians import models
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Holder
from soutien.rules.consent import ALONE, CARE, TEXTS, text_of
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.authority import lock_child, settle
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.trace import act, announce, record

# Of one batch of the clock.
BATCH = 200


@act("guardians.paper.recorded")
def record_paper(
    *,
    actor: Actor,
    booking_id: uuid.UUID,
    holder_id: uuid.UUID,
    matter: str,
    given: bool,
    signed_on: date,
    original_seen: bool,
    at: datetime,
) -> None:
    """Write down what a holder signed on paper, and that the original was seen.

    Refuses ``paper_unseen``, ``period_wrong`` for a day to come, and ``consent_first``.
    """
    booking, holder = _found(booking_id, holder_id)
    allow(actor, "record_paper", _ties(actor, booking))
    if not original_seen:
        raise Refusal("paper_unseen", fields=("original_seen",))
    if matter not in TEXTS or signed_on > gather.civil_day(at, booking.place.time_zone):
        raise Refusal("period_wrong", fields=("signed_on",))
    lock_child(holder.child_id)
    agreed = guardians.said([holder.child_id], booking.psychologist_id).get((holder.pk, CARE))
    if matter == ALONE and given and not (agreed and agreed.signature.given):
        raise Refusal("consent_first")
    signature = guardians.sign(
        holder,
        booking.psychologist_id,
        matter=matter,
        given=given,
        text_version=text_of(matter).version,
        name=f"{holder.given_name} {holder.family_name}",
        how=models.PAPER,
        signed_on=signed_on,
        recorded_by=actor.role,
        recorded_by_account=actor.account_id,
        at=at,
    )
    if signature is None:
        return
    settle(holder.child_id, booking.psychologist_id, at)
    record(
        actor,
        "guardians.paper.recorded",
        at=at,
        object_id=signature.pk,
        person_id=holder.child_id,
        reason="yes" if given else "no",
    )
    announce("guardians.signature.given", at=at, signature=signature.pk)


@act("guardians.holder.proved")
def record_proof(
    *, actor: Actor, booking_id: uuid.UUID, holder_id: uuid.UUID, proof: str, at: datetime
) -> None:
    """Write down the paper that says what a holder is: its date or number, as it was seen.

    Who decides alone decides from then on; whoever it is may act for the child from an account.
    """
    booking, holder = _found(booking_id, holder_id)
    allow(actor, "record_proof", _ties(actor, booking))
    if not proof.strip():
        raise Refusal("proof_missing", fields=("proof",))
    lock_child(holder.child_id)
    guardians.prove(holder, proof=proof.strip(), account_id=actor.account_id, at=at)
    settle(holder.child_id, booking.psychologist_id, at)
    record(actor, "guardians.holder.proved", at=at, object_id=holder.pk, person_id=holder.child_id)


@act("guardians.wait.kept")
def keep_time(*, actor: Actor, booking_id: uuid.UUID, at: datetime) -> None:
    """Keep the time of an appointment that waits, until it begins: papers come with the child."""
    booking = agenda.by_public_id(booking_id)
    if booking is None:
        raise Refusal("not_found")
    allow(actor, "keep_time", _ties(actor, booking))
    wait = guardians.waits([booking.pk]).get(booking.pk)
    if wait is None:
        raise Refusal("not_found")
    guardians.keep_until(wait, booking.starts_at)
    record(actor, "guardians.wait.kept", at=at, object_id=booking.pk, person_id=booking.person_id)


@act("guardians.wait.over")
def end_unconsented(*, at: datetime) -> int:
    """Give back the times whose consents did not come; how many. Both sides are told.

    An appointment that has begun, or ended otherwise, only stops waiting.
    """
    allow(SYSTEM, "end_unconsented")
    given_back = 0
    for wait in guardians.waits_over(at, limit=BATCH):
        booking = agenda.lock(wait.booking_id)
        waited = booking.status == "confirmed" and booking.starts_at > at
        ended_for = models.OVER if waited else models.GONE
        if not guardians.end_wait(wait, ended_for=ended_for, at=at) or not waited:
            continue
        booking.status, booking.ended_at, booking.ended_by = "cancelled", at, "time"
        booking.save(update_fields=["status", "ended_at", "ended_by"])
        care.give_back(booking.pk)
        record(
            SYSTEM,
            "guardians.wait.over",
            at=at,
            object_id=booking.pk,
            person_id=booking.person_id,
        )
        announce("agenda.booking.cancelled", at=at, booking=booking.pk)
        given_back += 1
    return given_back


def _found(booking_id: uuid.UUID, holder_id: uuid.UUID) -> tuple[Booking, Holder]:
    """The appointment, and a holder of its child."""
    booking, holder = agenda.by_public_id(booking_id), guardians.holder(holder_id)
    if booking is None or holder is None or holder.child_id != booking.person_id:
        raise Refusal("not_found")
    return booking, holder


def _ties(actor: Actor, booking: Booking) -> Ties:
    return relations(actor, person_id=booking.person_id, psychologist_id=booking.psychologist_id)
