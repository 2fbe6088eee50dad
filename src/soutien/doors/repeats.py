"""What is asked twice is done once: by programs under their own key, by forms under a hidden one.

The key is taken before anything is done, and the answer is kept in the very transaction of what
was done: there is never one without the other. Whoever comes meanwhile is told to wait; whoever
comes after has the same answer for a day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from django.utils.crypto import salted_hmac

from soutien.registers.idempotency import queries as idempotency
from soutien.registers.idempotency.queries import Wish
from soutien.steps.errors import Refusal
from soutien.steps.trace import one_transaction

# Longer than any act takes. A process that was killed holds its key no longer than this.
LEASE = timedelta(seconds=60)
KEPT = timedelta(hours=24)
LONGEST_WHAT = 200


class Told(NamedTuple):
    """An answer as it is kept. ``kept`` is false for one that may be another next time."""

    status: int
    text: str
    kept: bool = True


class _Undone(Exception):
    """The act is not to be kept: whatever it wrote is taken back, its key is free."""

    def __init__(self, told: Told | None = None) -> None:
        self.told = told


def wish_of(*, owner: str, key: str, what: str, body: bytes) -> Wish:
    """Digests: neither who asked nor what was sent can be read from them."""
    return Wish(
        owner=_digest("owner", owner),
        key=_digest("key", key),
        what=what if len(what) <= LONGEST_WHAT else sha256(what.encode()).hexdigest(),
        body=_digest("body", sha256(body).hexdigest()),
    )


def once(wish: Wish, act: Callable[[], Told], *, at: datetime) -> tuple[Told, bool]:
    """The answer of an act, and whether it was done before.

    Raises Refusal: ``key_reused`` when the key stands for something else, ``still_running``
    (with ``seconds``) while somebody is at it.
    """
    row, attempt = idempotency.take(wish, at=at, lease=LEASE, kept=KEPT)
    if attempt is None:
        if not idempotency.same(row, wish):
            raise Refusal("key_reused")
        if not row.done:
            raise Refusal("still_running", seconds=1)
        assert row.status is not None
        return Told(row.status, str(row.answer)), True
    try:
        with one_transaction():
            told = act()
            if not told.kept:
                raise _Undone(told)
            if not idempotency.answer(row, attempt, status=told.status, text=told.text):
                # We took so long that somebody else is at it: they answer, not we.
                raise _Undone
    except _Undone as undone:
        idempotency.give_up(row, attempt)
        if undone.told is None:
            raise Refusal("still_running", seconds=1) from undone
        return undone.told, False
    except BaseException:
        idempotency.give_up(row, attempt)
        raise
    return told, False


def kept_answer(wish: Wish, *, at: datetime) -> str | None:
    """The text that was answered under a key; None while nothing was."""
    row = idempotency.answered(wish, at=at)
    return str(row.answer) if row else None


def _digest(kind: str, text: str) -> str:
    return salted_hmac(f"soutien.repeats.{kind}", text, algorithm="sha256").hexdigest()
