"""Linking an identity elsewhere to one's own account, and taking the link back."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from soutien.registers.accounts.models import Account
from soutien.registers.identities import queries as identities
from soutien.registers.identities.models import ExternalIdentity
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.identify_times import DECIDE_WITHIN
from soutien.steps.permissions import allow, relations
from soutien.steps.presented import NOWHERE, Presented, link, refuse_unless_theirs
from soutien.steps.trace import act, looking, record


@transaction.atomic
def hold_identity(
    *, actor: Actor, presented: Presented, key: str, browser: str, at: datetime
) -> None:
    """Keep an identity for one browser until its owner says what to do with it."""
    allow(actor, "hold_identity")
    identities.hold(
        key=key,
        browser=browser,
        kind="presented",
        content=presented.kept(),
        at=at,
        ends_at=at + DECIDE_WITHIN,
    )


@transaction.atomic
def open_held_identity(*, actor: Actor, key: str, browser: str, at: datetime) -> Presented:
    """The identity held for this browser. Raises Refusal when it is over."""
    allow(actor, "open_held_identity")
    kept = identities.peek(key=key, browser=browser, kind="presented", at=at)
    if kept is None:
        raise Refusal("identity_answer_old")
    return Presented.of(kept)


@looking("identities.link.listed")
def open_identities(*, actor: Actor, at: datetime) -> list[ExternalIdentity]:
    """The links of one's own account."""
    allow(actor, "open_identities", relations(actor, account_id=actor.account_id))
    found = identities.of_account(actor.account_id or 0)
    record(
        actor,
        "identities.link.listed",
        at=at,
        object_id=actor.account_id or 0,
        person_id=actor.person_id,
    )
    return found


@act("identities.link.made")
def link_identity(*, actor: Actor, key: str, browser: str, at: datetime) -> ExternalIdentity:
    """Link the identity held for this browser to one's own account. Raises Refusal.

    Nothing it says may contradict the account: another day of birth, another RPPS, another fund.
    """
    allow(actor, "link_identity", relations(actor, account_id=actor.account_id))
    kept = identities.take(key=key, browser=browser, kind="presented", at=at)
    if kept is None:
        raise Refusal("identity_answer_old")
    presented = Presented.of(kept)
    account = Account.objects.select_for_update().get(pk=actor.account_id or 0)
    refuse_unless_theirs(account, presented)
    try:
        with transaction.atomic():
            made = link(account, presented, how="by_hand", at=at)
    except IntegrityError as error:
        raise Refusal("identity_taken") from error
    record(
        actor,
        "identities.link.made",
        at=at,
        object_id=made.pk,
        person_id=actor.person_id,
        reason=presented.provider,
    )
    return made


@act("identities.link.removed")
def unlink_identity(*, actor: Actor, identity: uuid.UUID, at: datetime) -> None:
    """Take one of one's own links back, and the traits that came with it. Raises Refusal.

    The last way in stays: without it nobody could sign in to the account any more.
    """
    allow(actor, "unlink_identity", relations(actor, account_id=actor.account_id))
    account = Account.objects.select_for_update().get(pk=actor.account_id or 0)
    own = identities.of_account(account.pk)
    found = next((row for row in own if row.public_id == identity), None)
    if found is None:
        raise Refusal("not_found")
    reachable = not account.email.endswith(NOWHERE)
    if len(own) == 1 and not reachable and not account.has_usable_password():
        raise Refusal("identity_last_way_in")
    identities.remove_link(found.pk)
    record(
        actor,
        "identities.link.removed",
        at=at,
        object_id=found.pk,
        person_id=actor.person_id,
        reason=found.provider,
    )
