"""A child's consents, by the appointment: see what is missing, name who must agree, send a link.

Whoever holds the appointment's link, its person, who acts for them and the psychologist may. The
words themselves are taken in ``sign.py``; papers in ``witness.py``.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Holder
from soutien.registers.people.models import Person
from soutien.rules.consent import CAPACITIES, State, Word
from soutien.steps.actor import Actor
from soutien.steps.authority import Consents, consents_of, lock_child
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.trace import act, announce, looking, record


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who must agree. ``reached_like_child``: at the address given for the child."""

    given_name: str
    family_name: str
    capacity: str = "parent"
    proof: str = ""
    email: str = ""
    phone: str = ""
    language: str = "fr"
    reached_like_child: bool = False


@looking("guardians.consents.opened")
def open_child_consents(*, actor: Actor, booking_id: uuid.UUID, at: datetime) -> Consents:
    """What is there and what is missing for an appointment, by its public id.

    Refuses ``not_found`` when it is of nobody yet.
    """
    booking = _booking(booking_id)
    allow(actor, "open_child_consents", _ties(actor, booking))
    child = Person.objects.get(pk=booking.person_id or 0)
    found = consents_of(child, booking.psychologist_id, booking.civil_day)
    if found.state is State.NOT_NEEDED:
        return found
    record(actor, "guardians.consents.opened", at=at, object_id=booking.pk, person_id=child.pk)
    wait = guardians.waits([booking.pk]).get(booking.pk)
    return replace(found, kept_until=wait.kept_until if wait else None)


@act("guardians.holder.named")
def name_holder(*, actor: Actor, booking_id: uuid.UUID, named: Named, at: datetime) -> uuid.UUID:
    """Say who holds parental authority, and send them a link: the link's public id.

    Refuses ``holder_unclear``, ``holder_unreachable``, ``holders_enough`` and, for somebody of
    age, ``consent_not_needed``. A psychologist may name somebody without an address: they sign
    on paper.
    """
    booking = _booking(booking_id)
    allow(actor, "name_holder", _ties(actor, booking))
    _refuse_unclear(named, by_psychologist=actor.psychologist_id is not None)
    child = lock_child(booking.person_id or 0)
    found = consents_of(child, booking.psychologist_id, booking.civil_day)
    if found.state is State.NOT_NEEDED:
        raise Refusal("consent_not_needed")
    if found.full or (found.holders and CAPACITIES[named.capacity].alone):
        raise Refusal("holders_enough")
    like_child = named.reached_like_child and not (named.email or named.phone)
    try:
        holder = guardians.name(
            child.pk,
            given_name=named.given_name.strip(),
            family_name=named.family_name.strip(),
            capacity=named.capacity,
            proof=named.proof.strip(),
            email=child.email if like_child else named.email.strip(),
            phone=child.phone if like_child else named.phone.strip(),
            language=named.language,
            added_at=at,
            added_by=actor.role,
        )
    except guardians.NotTwo as error:
        raise Refusal("holder_alike", fields=("email",)) from error
    record(actor, "guardians.holder.named", at=at, object_id=holder.pk, person_id=child.pk)
    return _send(holder, booking.psychologist_id, at)


@act("guardians.link.made")
def send_consent_link(
    *, actor: Actor, booking_id: uuid.UUID, holder_id: uuid.UUID, at: datetime
) -> uuid.UUID:
    """A new link for a holder, sent to them; the one of before opens nothing any more."""
    booking, holder = _booking(booking_id), _holder(holder_id)
    allow(actor, "send_consent_link", _ties(actor, booking))
    if holder.child_id != booking.person_id:
        raise Refusal("not_found")
    if not holder.email and not holder.phone:
        raise Refusal("holder_unreachable", fields=("email",))
    lock_child(holder.child_id)
    record(actor, "guardians.link.made", at=at, object_id=holder.pk, person_id=holder.child_id)
    return _send(holder, booking.psychologist_id, at)


@act("guardians.holder.removed")
def remove_holder(
    *, actor: Actor, booking_id: uuid.UUID, holder_id: uuid.UUID, at: datetime
) -> None:
    """Take back that somebody must agree; their link opens nothing any more.

    Whoever said something is taken off by the psychologist alone: refuses ``holder_answered``.
    """
    booking, holder = _booking(booking_id), _holder(holder_id)
    allow(actor, "remove_holder", _ties(actor, booking))
    if holder.child_id != booking.person_id:
        raise Refusal("not_found")
    child = lock_child(holder.child_id)
    found = consents_of(child, booking.psychologist_id, booking.civil_day)
    said = [each.word for each in found.holders if each.public_id == holder.public_id]
    if actor.psychologist_id is None and any(word is not Word.NONE for word in said):
        raise Refusal("holder_answered")
    guardians.remove(holder, at)
    record(actor, "guardians.holder.removed", at=at, object_id=holder.pk, person_id=child.pk)


def _send(holder: Holder, psychologist_id: int, at: datetime) -> uuid.UUID:
    ends_at = at + timedelta(days=settings.CONSENT_LINK_DAYS)
    link = guardians.make_link(holder, psychologist_id, at=at, ends_at=ends_at)
    if holder.email or holder.phone:
        announce("guardians.link.made", at=at, consent_link=link.pk)
    return link.public_id


def _booking(public_id: uuid.UUID) -> Booking:
    booking = agenda.by_public_id(public_id)
    if booking is None or booking.person_id is None:
        raise Refusal("not_found")
    return booking


def _holder(public_id: uuid.UUID) -> Holder:
    holder = guardians.holder(public_id)
    if holder is None:
        raise Refusal("not_found")
    return holder


def _ties(actor: Actor, booking: Booking) -> Ties:
    return relations(
        actor,
        person_id=booking.person_id,
        psychologist_id=booking.psychologist_id,
        by_link=True,
    )


def _refuse_unclear(named: Named, *, by_psychologist: bool) -> None:
    """Refuses what says nothing: no name, no way to be reached, no paper where one is needed."""
    missing = [
        field for field in ("given_name", "family_name") if not getattr(named, field).strip()
    ]
    if named.capacity not in CAPACITIES:
        missing.append("capacity")
    elif CAPACITIES[named.capacity].alone and not named.proof.strip():
        missing.append("proof")
    if missing:
        raise Refusal("holder_unclear", fields=tuple(missing))
    reachable = named.email.strip() or named.phone.strip() or named.reached_like_child
    if not reachable and not by_psychologist:
        raise Refusal("holder_unreachable", fields=("email",))
