"""Leaving a letter in the transaction of the act, and what the couriers ask later."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from soutien.registers.outbox.models import Letter


def announce(
    *,
    kind: str,
    payload: Mapping[str, int | uuid.UUID | str],
    at: datetime,
    deliver_after: datetime | None = None,
) -> Letter:
    """Leave a letter to deliver from ``deliver_after`` on (at once when not given).

    The payload holds keys: whole numbers and UUIDs. Anything else raises ValueError, so that no
    name and no word on health can travel by this way.
    """
    keys = {name: _key(name, value) for name, value in payload.items()}
    return Letter.objects.create(
        kind=kind, payload=keys, created_at=at, deliver_after=deliver_after or at
    )


def due(at: datetime, limit: int = 100) -> list[Letter]:
    """Letters to deliver now, oldest first; on PostgreSQL each courier locks its own."""
    letters = Letter.objects.select_for_update(skip_locked=True).filter(
        delivered_at__isnull=True, deliver_after__lte=at
    )
    return list(letters.order_by("deliver_after", "id")[:limit])


def delivered(letter_id: int, *, at: datetime) -> None:
    """The letter arrived."""
    Letter.objects.filter(pk=letter_id).update(delivered_at=at, attempts=F("attempts") + 1)


def try_again(letter_id: int, *, after: datetime) -> None:
    """The letter did not arrive: it is due again from ``after`` on."""
    Letter.objects.filter(pk=letter_id).update(deliver_after=after, attempts=F("attempts") + 1)


def _key(name: str, value: Any) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise ValueError(
            f"The payload's {name!r} is neither a whole number nor a UUID: a letter holds keys "
            "only; the courier reads the rest when it delivers."
        ) from None
