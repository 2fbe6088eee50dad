"""Keys of accounts: made, found by what a program sends, used, revoked."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime
from hashlib import sha256
from secrets import token_urlsafe

from soutien.registers.api_keys.models import ApiKey

# So that a key left in a file is known for what it is.
PREFIX = "soutien_"
BYTES = 32


def make(
    *,
    account_id: int,
    name: str,
    scopes: Collection[str],
    second_factor: bool,
    at: datetime,
    valid_before: datetime,
) -> tuple[ApiKey, str]:
    """A new key, and its text: the only time that it can be read."""
    text = PREFIX + token_urlsafe(BYTES)
    row = ApiKey.objects.create(
        account_id=account_id,
        digest=digest_of(text),
        name=name,
        scopes=",".join(sorted(scopes)),
        second_factor=second_factor,
        made_at=at,
        valid_before=valid_before,
    )
    return row, text


def digest_of(text: str) -> str:
    """What is kept of a key. It is long and random: a plain digest leads nobody back to it."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def in_force(text: str, *, at: datetime) -> ApiKey | None:
    """The key of this text with its account, while it holds and its account is open."""
    return (
        ApiKey.objects.select_related("account")
        .filter(
            digest=digest_of(text),
            revoked_at=None,
            valid_before__gt=at,
            account__is_active=True,
        )
        .first()
    )


def used(row: ApiKey, *, on: date) -> None:
    """Note the day of its last use: one writing a day."""
    if row.last_used_on is None or row.last_used_on < on:
        ApiKey.objects.filter(pk=row.pk).update(last_used_on=on)


def of_account(account_id: int, *, at: datetime) -> list[ApiKey]:
    """Those that hold, the newest first."""
    return list(
        ApiKey.objects.filter(
            account_id=account_id, revoked_at=None, valid_before__gt=at
        ).order_by("-made_at", "-pk")
    )


def revoke_all(account_id: int, *, at: datetime) -> int:
    """End every key of an account at once; how many."""
    held = ApiKey.objects.filter(account_id=account_id, revoked_at=None, valid_before__gt=at)
    return held.update(revoked_at=at)


def by_public_id(public_id: uuid.UUID) -> ApiKey | None:
    """A key by its public id, with its account."""
    return ApiKey.objects.select_related("account").filter(public_id=public_id).first()


def revoke(row: ApiKey, *, at: datetime) -> bool:
    """End it at once; false when it was ended before."""
    return bool(ApiKey.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=at))
