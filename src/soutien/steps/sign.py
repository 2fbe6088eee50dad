"""What a holder says by their own link: yes, no, or that the other one could not be told.

The link is all they need. It may be answered until it ends; a yes may be taken back after that,
as long as the link was not replaced.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from soutien.registers.guardians import models
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Link, Signature
from soutien.rules.consent import ALONE, CARE, TEXTS, Word, text_of
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.authority import Consents, HolderView, consents_of, lock_child, settle
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation, allow, relations
from soutien.steps.trace import act, announce, looking, record

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a holder's page shows: for whom, with whom, and what they said so far.

    ``over`` is true once the link may no longer be answered. ``alone_fits`` is true where the
    statement that the other one could not be told would help.
    """

    holder: HolderView
    given_name: str
    psychologist_name: str
    consents: Consents
    over: bool
    alone_fits: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature as it stands on paper."""

    matter: str
    given: bool
    text_version: int
    name: str
    capacity: str
    how: str
    signed_on: date
    child_name: str
    child_born_on: date
    psychologist_name: str
    reference: str


@looking("guardians.link.opened")
def open_consent_link(*, actor: Actor, link_id: uuid.UUID, at: datetime) -> Asked:
    """What is asked of a holder, by the public id of their link."""
    link = _link(actor, "open_consent_link", link_id)
    child = link.holder.child
    on = gather.civil_day(at, settings.TIME_ZONE)
    found = consents_of(child, link.psychologist_id, on)
    mine = [each for each in found.holders if each.public_id == link.holder.public_id]
    if not mine:
        raise Refusal("not_found")
    others = [each for each in found.holders if each is not mine[0]]
    record(actor, "guardians.link.opened", at=at, object_id=link.pk, person_id=child.pk)
    return Asked(
        holder=mine[0],
        given_name=child.given_name,
        psychologist_name=f"{link.psychologist.given_name} {link.psychologist.family_name}",
        consents=found,
        over=link.ends_at <= at,
        alone_fits=not mine[0].alone
        and mine[0].word is Word.YES
        and all(each.word is Word.NONE for each in others),
    )


@act("guardians.signature.given")
def sign_consent(
    *,
    actor: Actor,
    link_id: uuid.UUID,
    matter: str,
    given: bool,
    name: str,
    text_version: int,
    at: datetime,
) -> None:
    """Say yes or no by one's own link, under the name that was typed. Said again, it is once.

    Refuses ``name_missing``, ``text_changed`` when another version was read, ``link_too_old``
    for a yes after the link's end, and ``consent_first`` for a statement without a consent.
    """
    link = _link(actor, "sign_consent", link_id)
    if matter not in TEXTS or text_version != text_of(matter).version:
        raise Refusal("text_changed")
    if given and not name.strip():
        raise Refusal("name_missing", fields=("name",))
    if given and link.ends_at <= at:
        raise Refusal("link_too_old")
    lock_child(link.holder.child_id)
    last = guardians.said([link.holder.child_id], link.psychologist_id)
    agreed = last.get((link.holder_id, CARE))
    if matter == ALONE and given and not (agreed and agreed.signature.given):
        raise Refusal("consent_first")
    signature = guardians.sign(
        link.holder,
        link.psychologist_id,
        matter=matter,
        given=given,
        text_version=text_version,
        name=name.strip() or f"{link.holder.given_name} {link.holder.family_name}",
        how=models.LINK,
        signed_on=gather.civil_day(at, settings.TIME_ZONE),
        recorded_by=actor.role,
        recorded_by_account=actor.account_id,
        at=at,
    )
    if signature is not None:
        _tell(actor, signature, at)


@looking("guardians.signature.opened")
def open_signature(
    *, actor: Actor, signature_id: uuid.UUID, at: datetime, link_id: uuid.UUID | None = None
) -> Signed:
    """One signature with its text: for who signed it, by their link, and for its psychologist."""
    row = guardians.signature(signature_id)
    if row is None:
        raise Refusal("not_found")
    link = guardians.link(link_id) if link_id else None
    own = link is not None and link.holder_id == row.holder_id
    ties = relations(
        actor,
        psychologist_id=row.psychologist_id,
        person_id=row.child_id,
        by_link=own,
    )
    allow(actor, "open_signature", ties)
    record(actor, "guardians.signature.opened", at=at, object_id=row.pk, person_id=row.child_id)
    return _signed(row)


def _link(actor: Actor, step: str, public_id: uuid.UUID) -> Link:
    """The link, allowed to whoever holds it."""
    link = guardians.link(public_id)
    if link is None:
        allow(actor, step, {Relation.LINK})
        raise Refusal("not_found")
    allow(actor, step, relations(actor, person_id=link.holder.child_id, by_link=True))
    return link


def _tell(actor: Actor, signature: Signature, at: datetime) -> None:
    """Appointments wait or wait no more; both sides are told."""
    child_id = signature.child_id
    settle(child_id, signature.psychologist_id, at)
    record(
        actor,
        "guardians.signature.given",
        at=at,
        object_id=signature.pk,
        person_id=child_id,
        reason=YES if signature.given else NO,
    )
    announce("guardians.signature.given", at=at, signature=signature.pk)


def _signed(row: Signature) -> Signed:
    child, psychologist = row.child, row.psychologist
    return Signed(
        matter=row.matter,
        given=row.given,
        text_version=row.text_version,
        name=row.name,
        capacity=row.holder.capacity,
        how=row.how,
        signed_on=row.signed_on,
        child_name=f"{child.given_name} {child.family_name}",
        child_born_on=date.fromisoformat(child.birth_date),
        psychologist_name=f"{psychologist.given_name} {psychologist.family_name}",
        reference=row.public_id.hex[:8],
    )
