"""Giving a program a key to one's account, and taking it back. It opens what the account opens."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from soutien.registers.accounts import queries as accounts
from soutien.registers.api_keys import queries as api_keys
from soutien.registers.api_keys.models import ApiKey
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import NEEDS_SECOND_FACTOR, allow, relations
from soutien.steps.trace import act, record

# What a key may be used for: read one's own data, book, claim.
SCOPES = ("read", "book", "claim")
KEYS_AT_ONCE = 20
LONGEST = timedelta(days=366)


@act("api_keys.key.made")
def make_api_key(
    *,
    actor: Actor,
    account_id: int,
    name: str,
    scopes: Collection[str],
    valid_before: datetime,
    at: datetime,
) -> tuple[ApiKey, str]:
    """A key and its text, which nobody can read again.

    Refuses ``second_factor_first`` to a role that needs one and a session without it,
    ``key_unclear`` (no name, no scope, too long a time) and ``keys_enough``.
    """
    allow(actor, "make_api_key", relations(actor, account_id=account_id))
    account = accounts.lock(account_id)
    proved = actor.second_factor or actor.role == "system"
    if account.role in NEEDS_SECOND_FACTOR and not proved:
        raise Refusal("second_factor_first")
    fields = [
        *([] if name.strip() else ["name"]),
        *([] if scopes and set(scopes) <= set(SCOPES) else ["scopes"]),
        *([] if at < valid_before <= at + LONGEST else ["days"]),
    ]
    if fields:
        raise Refusal("key_unclear", fields=tuple(fields))
    if len(api_keys.of_account(account_id, at=at)) >= KEYS_AT_ONCE:
        raise Refusal("keys_enough", count=KEYS_AT_ONCE)
    row, text = api_keys.make(
        account_id=account_id,
        name=name.strip(),
        scopes=set(scopes),
        second_factor=proved,
        at=at,
        valid_before=valid_before,
    )
    record(actor, "api_keys.key.made", at=at, object_id=row.pk, person_id=account.person_id)
    return row, text


@act("api_keys.key.revoked")
def revoke_api_key(*, actor: Actor, key_id: uuid.UUID, at: datetime) -> ApiKey:
    """End a key at once, by its public id. Revoked twice, it answers the same."""
    row = api_keys.by_public_id(key_id)
    if row is None:
        raise Refusal("not_found")
    allow(actor, "revoke_api_key", relations(actor, account_id=row.account_id))
    if api_keys.revoke(row, at=at):
        record(
            actor,
            "api_keys.key.revoked",
            at=at,
            object_id=row.pk,
            person_id=row.account.person_id,
        )
    return row
