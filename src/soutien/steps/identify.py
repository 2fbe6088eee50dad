"""Signing in with an identity elsewhere: ask, take the answer once, find whose account it is.

The door checks every signature before it calls; here is decided what an identity opens. An
account is found by its link, or linked when the law of likeness says that it is theirs: what is
not certain stays closed, and says how to go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, Role
from soutien.registers.identities import queries as identities
from soutien.registers.identities.models import ExternalIdentity
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.psychologists import queries as psychologists
from soutien.registers.psychologists.models import Psychologist
from soutien.rules.traits import Likeness, likeness
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.identify_times import ANSWER_WITHIN
from soutien.steps.permissions import allow
from soutien.steps.presented import (
    AGENT,
    PERSON,
    PSYCHOLOGIST,
    Presented,
    link,
    nowhere,
    recorded,
    refuse_unless_psychologist,
    refuse_unless_theirs,
    stored_traits,
    whole_traits,
)
from soutien.steps.trace import act, record


@transaction.atomic
def ask_provider(
    *, actor: Actor, state: str, browser: str, question: Mapping[str, Any], at: datetime
) -> None:
    """Keep what was asked of a provider, for the one answer this browser may bring back."""
    allow(actor, "ask_provider")
    identities.hold(
        key=state,
        browser=browser,
        kind="asked",
        content=dict(question),
        at=at,
        ends_at=at + ANSWER_WITHIN,
    )


@transaction.atomic
def take_answer(*, actor: Actor, state: str, browser: str, at: datetime) -> Mapping[str, Any]:
    """What was asked, given once. Raises Refusal for another browser, too late, or again."""
    allow(actor, "take_answer")
    question: Mapping[str, Any] | None = identities.take(
        key=state, browser=browser, kind="asked", at=at
    )
    if question is None:
        raise Refusal("identity_answer_old")
    return question


@transaction.atomic
def refuse_answer(*, actor: Actor, provider: str, reason: str, at: datetime) -> None:
    """An answer that was not believed, or opened nothing: only the line in the journal."""
    allow(actor, "refuse_answer")
    record(
        actor,
        "identities.answer.refused",
        at=at,
        object_id=provider,
        person_id=actor.person_id,
        reason=reason,
        result="refused",
    )


@act("identities.sign_in.opened")
def sign_in_with_identity(*, actor: Actor, presented: Presented, on: date, at: datetime) -> int:
    """The account this identity opens. Raises Refusal when there is none for certain.

    The first time, a person whose strict traits are exactly those of one person here is linked to
    their account, a psychologist to that of their RPPS, an agent to that of their address.
    """
    allow(actor, "sign_in_with_identity")
    known = identities.by_subject(presented.issuer, presented.subject)
    if known is not None:
        account = Account.objects.get(pk=known.account_id)
        refuse_unless_theirs(account, presented)
        _keep_traits(known, account, presented, at)
    else:
        account, how = _FINDERS[presented.kind](presented, on)
        refuse_unless_theirs(account, presented)
        known = _linked(account, presented, how, at)
    record(
        Actor(str(account.role), account_id=account.pk, person_id=account.person_id),
        "identities.sign_in.opened",
        at=at,
        object_id=known.pk,
        person_id=account.person_id,
        reason=known.linked_how,
    )
    return account.pk


@act("identities.account.opened")
def open_account_with_identity(*, actor: Actor, key: str, browser: str, at: datetime) -> int:
    """A new person and their account, from what the provider answered. Raises Refusal.

    Whoever is here already under the same traits signs in another way and links it by hand.
    """
    allow(actor, "open_account_with_identity")
    kept = identities.take(key=key, browser=browser, kind="presented", at=at)
    if kept is None:
        raise Refusal("identity_answer_old")
    presented = Presented.of(kept)
    if presented.kind != PERSON:
        raise Refusal("identity_not_known")
    traits = whole_traits(presented)
    person = people.add_person(
        given_name=traits.given_names[0],
        family_name=presented.usual_name or traits.family_name,
        birth_date=traits.birth_date,
        email=presented.email,
        created_at=at,
    )
    account = _opened(
        Role.PERSON, f"{person.given_name} {person.family_name}", person_id=person.pk
    )
    made = _linked(account, presented, "opened", at)
    record(
        Actor(str(account.role), account_id=account.pk, person_id=person.pk),
        "identities.account.opened",
        at=at,
        object_id=made.pk,
        person_id=person.pk,
    )
    return account.pk


def _person_account(presented: Presented, on: date) -> tuple[Account, str]:
    """The account of the one person with exactly these strict traits; opened if need be."""
    traits = whole_traits(presented)
    exact = [
        row
        for row in people.alike(traits.family_name, traits.birth_date)
        if likeness(recorded(row), traits) is Likeness.EXACT
    ]
    if len(exact) != 1:
        raise Refusal("identity_not_known")
    # Two first sign-ins at once open one account.
    person = Person.objects.select_for_update().get(pk=exact[0].pk)
    found = list(Account.objects.filter(person_id=person.pk).order_by("id"))
    if len(found) > 1:
        raise Refusal("identity_not_known")
    if found:
        return found[0], "exact"
    name = f"{person.given_name} {person.family_name}"
    return _opened(Role.PERSON, name, person_id=person.pk), "exact"


def _psychologist_account(presented: Presented, on: date) -> tuple[Account, str]:
    """The account of the partner with this RPPS; opened if need be."""
    refuse_unless_psychologist(presented)
    partner = Psychologist.objects.select_for_update().filter(rpps=presented.rpps).first()
    if partner is None:
        raise Refusal("identity_not_partner")
    found = list(Account.objects.filter(psychologist_id=partner.pk).order_by("id"))
    own = [row for row in found if row.role == Role.PSYCHOLOGIST]
    if len(own) > 1:
        raise Refusal("identity_not_known")
    if own:
        return own[0], "rpps"
    standing = psychologists.standings([partner.pk])[partner.pk]
    if not any(
        period.valid_from <= on and (period.valid_before is None or on < period.valid_before)
        for period in standing.agreements
    ):
        raise Refusal("identity_not_partner")
    name = f"{partner.given_name} {partner.family_name}"
    return _opened(Role.PSYCHOLOGIST, name, psychologist_id=partner.pk), "rpps"


def _agent_account(presented: Presented, on: date) -> tuple[Account, str]:
    """The account an administrator made for this address. Never a new one."""
    found = accounts.by_email(presented.email)
    if not presented.email or not presented.organisation or found is None:
        raise Refusal("identity_no_agent_account")
    return found, "email"


_FINDERS = {PERSON: _person_account, PSYCHOLOGIST: _psychologist_account, AGENT: _agent_account}


def _opened(role: Role, display_name: str, **tie: int) -> Account:
    """An account that only its identity opens, until its owner adds another way."""
    return Account.objects.create_user(
        nowhere(), None, role=role, display_name=display_name[:120], **tie
    )


def _linked(account: Account, presented: Presented, how: str, at: datetime) -> ExternalIdentity:
    try:
        with transaction.atomic():
            return link(account, presented, how=how, at=at)
    except IntegrityError as error:
        # Somebody linked it a moment ago: asking again finds that link.
        raise Refusal("identity_taken") from error


def _keep_traits(
    known: ExternalIdentity, account: Account, presented: Presented, at: datetime
) -> None:
    """What the provider says today replaces what it said before."""
    if presented.kind != PERSON or account.person_id is None:
        return
    traits = stored_traits(whole_traits(presented))
    before = identities.traits_of_link(known.pk)
    if before is None or any(getattr(before, name) != said for name, said in traits.items()):
        identities.certify(known, person_id=account.person_id, **traits, certified_at=at)
