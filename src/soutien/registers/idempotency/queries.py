"""Taking a key, and answering under it. The unique constraint says who is first."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from soutien.registers.idempotency.models import Ask
from soutien.sealing import ForRow


class Wish(NamedTuple):
    """What is asked: digests of who asks, under which key, and of what was sent."""

    owner: str
    key: str
    what: str
    body: str


def take(
    wish: Wish, *, at: datetime, lease: timedelta, kept: timedelta
) -> tuple[Ask, uuid.UUID | None]:
    """The row of a key, and the attempt that is ours when it is ours to do.

    It is when nobody asked under the key, when what was kept is over, or when whoever was at the
    very same thing never ended. Otherwise the row tells what is the matter.
    """
    attempt = uuid.uuid4()
    fresh: dict[str, Any] = {
        "what": wish.what,
        "body": wish.body,
        "began_at": at,
        "free_at": at + lease,
        "ends_at": at + kept,
        "attempt": attempt,
    }
    row, made = Ask.objects.get_or_create(owner=wish.owner, key=wish.key, defaults=fresh)
    if made:
        return row, attempt
    given_up = not row.done and row.free_at <= at and same(row, wish)
    if row.ends_at > at and not given_up:
        return row, None
    # Of many who come after it, one takes it: the attempt changes under the others.
    taken = Ask.objects.filter(pk=row.pk, attempt=row.attempt, done=row.done).update(
        **fresh, done=False, status=None, answer=ForRow("", (row.public_id,))
    )
    return Ask.objects.get(pk=row.pk), attempt if taken else None


def answered(wish: Wish, *, at: datetime) -> Ask | None:
    """The row of a key that was answered for the very same thing."""
    row = Ask.objects.filter(owner=wish.owner, key=wish.key, done=True, ends_at__gt=at).first()
    return row if row and same(row, wish) else None


def same(row: Ask, wish: Wish) -> bool:
    """Whether a key was used for the very same thing."""
    return (row.what, row.body) == (wish.what, wish.body)


def answer(row: Ask, attempt: uuid.UUID, *, status: int, text: str) -> bool:
    """Keep the answer of an attempt; false when the key is no longer its own."""
    return bool(
        Ask.objects.filter(pk=row.pk, attempt=attempt, done=False).update(
            done=True, status=status, answer=ForRow(text, (row.public_id,))
        )
    )


def give_up(row: Ask, attempt: uuid.UUID) -> None:
    """The attempt did nothing: its key is free."""
    Ask.objects.filter(pk=row.pk, attempt=attempt, done=False).delete()


def forget_over(at: datetime) -> int:
    """Remove what is kept no longer; how many."""
    return Ask.objects.filter(ends_at__lte=at).delete()[0]
