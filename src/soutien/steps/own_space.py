"""An account of one's own over one's own file, when it was a parent who booked or acted.

A psychologist offers it to a young person who is there: the link goes to the young person's own
mailbox. The same way leads somebody who came of age to a file that only a parent had opened.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from soutien.registers.accounts import mail_links
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, LinkKind, Role
from soutien.registers.corrections import queries as corrections
from soutien.registers.people import guardianships
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.family import family_addresses, is_familys
from soutien.steps.link_times import LASTS
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.standing import Reads, has_own_space, who_reads
from soutien.steps.trace import act, announce, looking, record

ZONE = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Space:
    """Whether somebody may have an account of their own, and what parents then see."""

    public_id: uuid.UUID
    given_name: str
    old_enough: bool
    has_account: bool
    reads: Reads


@looking("accounts.space.opened")
def open_space_offer(*, actor: Actor, patient_id: uuid.UUID, at: datetime) -> Space:
    """How it stands, for the psychologist who sees the person. ``patient_id`` is the public id."""
    person = _person(actor, "open_space_offer", patient_id)
    record(actor, "accounts.space.opened", at=at, object_id=person.pk, person_id=person.pk)
    return _space(person, at)


@act("accounts.space.offered")
def offer_own_space(
    *,
    actor: Actor,
    patient_id: uuid.UUID,
    email: str,
    in_person: bool,
    language: str,
    at: datetime,
) -> None:
    """Send the young person, who is there and gave the address, a link to their own file.

    Refuses ``own_space_young``, ``own_space_exists``, ``own_space_in_person``, and
    ``own_space_address`` for a mailbox of a parent or of another account.
    """
    person = _person(actor, "offer_own_space", patient_id)
    space = _space(person, at)
    if not space.old_enough:
        raise Refusal("own_space_young", years=settings.OWN_SPACE_AGE_YEARS)
    if space.has_account:
        raise Refusal("own_space_exists")
    if not in_person:
        raise Refusal("own_space_in_person", fields=("in_person",))
    family = family_addresses(person.pk)
    if is_familys(email, family) or accounts.by_email(email) is not None:
        raise Refusal("own_space_address", fields=("email",))
    link = mail_links.keep_link(
        kind=LinkKind.OWN_SPACE,
        email=email,
        account_id=None,
        person_id=person.pk,
        browser="",
        language=language,
        then="",
        at=at,
        ends_at=at + LASTS[LinkKind.OWN_SPACE],
    )
    record(actor, "accounts.space.offered", at=at, object_id=link.pk, person_id=person.pk)
    announce("accounts.link.asked", at=at, link=link.pk)


@act("accounts.space.taken")
def take_own_space(*, actor: Actor, public_id: uuid.UUID, password: str, at: datetime) -> Account:
    """Open the account by its link, and be reached there alone from now on.

    Whoever acts for the young person is told what they see from then on. Refuses ``link_over``,
    ``account_exists`` and ``own_space_exists``.
    """
    allow(actor, "take_own_space", relations(actor, by_link=True))
    link = mail_links.take(public_id, LinkKind.OWN_SPACE, at=at)
    if link is None or link.person_id is None:
        raise Refusal("link_over")
    # Two links followed at once open one account.
    person = Person.objects.select_for_update().get(pk=link.person_id)
    if accounts.of_person(person.pk) is not None:
        raise Refusal("own_space_exists")
    if accounts.by_email(link.email) is not None:
        raise Refusal("account_exists")
    account = accounts.open_for_person(
        link.email, password=password or None, person_id=person.pk, role=Role.PERSON
    )
    _reached_at(person, link.email, at)
    own = Actor(str(account.role), account_id=account.pk, person_id=person.pk)
    record(own, "accounts.space.taken", at=at, object_id=account.pk, person_id=person.pk)
    today = gather.civil_day(at, ZONE)
    if who_reads(person, today) is Reads.APPOINTMENTS:
        for row in guardianships.of_child(person.pk):
            if row.valid_before is None or row.valid_before > today:
                announce("accounts.space.taken", at=at, guardianship=row.pk)
    return account


def _reached_at(person: Person, email: str, at: datetime) -> None:
    """Letters go to the own mailbox; a parent's number is no way to reach them any more."""
    family = family_addresses(person.pk)
    wanted: dict[str, str | bool] = {"email": email}
    if is_familys(person.phone, family):
        wanted["phone"] = ""
    former = {name: str(getattr(person, name)) for name in wanted}
    former = {name: value for name, value in former.items() if value and value != wanted[name]}
    people.change(person.pk, **wanted)
    lines = corrections.keep(person.pk, former, by=str(Role.PERSON), at=at)
    if "email" in lines:
        announce("people.address.left", at=at, former=lines["email"])


def _space(person: Person, at: datetime) -> Space:
    today = gather.civil_day(at, ZONE)
    return Space(
        public_id=person.public_id,
        given_name=person.given_name,
        old_enough=has_own_space(date.fromisoformat(person.birth_date), today),
        has_account=accounts.of_person(person.pk) is not None,
        reads=who_reads(person, today),
    )


def _person(actor: Actor, step: str, public_id: uuid.UUID) -> Person:
    person = people.by_public_id(public_id)
    if person is None or person.forgotten_at is not None:
        raise Refusal("not_found")
    allow(actor, step, _ties(actor, person.pk))
    return person


def _ties(actor: Actor, person_id: int) -> Ties:
    mine = actor.psychologist_id
    treats = mine is not None and gather.treats(mine, person_id)
    return relations(actor, person_id=person_id, treats=treats)
