"""Questions to the sessions: which browsers are signed in, since when, and whether they hold.

A session is known by the digest of its key: who reads the table cannot take a session over.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

from django.db.models import QuerySet

from soutien.registers.accounts.models import OpenSession

DEVICE_LENGTH = 40


def digest_of(session_key: str) -> str:
    """What is kept of a session's key."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def begin(
    *,
    account_id: int,
    session_key: str,
    device: str,
    how: str,
    second_factor: bool,
    at: datetime,
    ends_at: datetime,
) -> OpenSession:
    """A browser signed in."""
    return OpenSession.objects.create(
        account_id=account_id,
        key_digest=digest_of(session_key),
        device=device[:DEVICE_LENGTH],
        how=how,
        second_factor=second_factor,
        began_at=at,
        last_seen_at=at,
        ends_at=ends_at,
    )


def by_key(session_key: str) -> OpenSession | None:
    """The session of a key, ended or not."""
    return OpenSession.objects.filter(key_digest=digest_of(session_key)).first()


def by_public_id(public_id: uuid.UUID) -> OpenSession | None:
    """The session of an address, ended or not."""
    return OpenSession.objects.filter(public_id=public_id).first()


def going_on(account_id: int, *, at: datetime) -> QuerySet[OpenSession]:
    """Where an account is signed in, the busiest of late first."""
    found = OpenSession.objects.filter(account_id=account_id, ended_at__isnull=True)
    return found.filter(ends_at__gt=at).order_by("-last_seen_at", "-id")


def seen(session_id: int, *, at: datetime) -> None:
    """A page was asked for with it."""
    OpenSession.objects.filter(pk=session_id, last_seen_at__lt=at).update(last_seen_at=at)


def rename(former_key: str, session_key: str, *, second_factor: bool) -> bool:
    """The same browser under a new key, with or without a second factor by now."""
    found = OpenSession.objects.filter(key_digest=digest_of(former_key), ended_at__isnull=True)
    return bool(found.update(key_digest=digest_of(session_key), second_factor=second_factor))


def end(session_id: int, *, at: datetime, why: str) -> bool:
    """End one; false when it had ended before."""
    found = OpenSession.objects.filter(pk=session_id, ended_at__isnull=True)
    return bool(found.update(ended_at=at, ended_why=why))


def end_all(account_id: int, *, at: datetime, why: str, keep: int | None = None) -> int:
    """End all of an account, but ``keep``; how many."""
    found = OpenSession.objects.filter(account_id=account_id, ended_at__isnull=True)
    kept = found if keep is None else found.exclude(pk=keep)
    return kept.update(ended_at=at, ended_why=why)


def forget_sessions_over(before: datetime) -> int:
    """Remove those that were over before a moment; how many."""
    return OpenSession.objects.filter(ends_at__lt=before).delete()[0]
