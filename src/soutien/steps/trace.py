"""The two lines every step leaves: who did what (audit), and who must be told (outbox)."""

from __future__ import annotations

import uuid
from datetime import datetime

from soutien.registers.audit import queries as audit
from soutien.registers.outbox import queries as outbox
from soutien.steps.actor import Actor


def record(
    actor: Actor,
    event: str,
    *,
    at: datetime,
    object_id: int | uuid.UUID | str,
    person_id: int | None = None,
    reason: str = "",
) -> None:
    """One line in the audit, ``register.object.verb``; words of codes and keys only."""
    audit.write(
        at=at,
        actor_role=actor.role,
        actor_account=actor.account_id,
        event=event,
        object_kind=event.rsplit(".", 1)[0],
        object_id=str(object_id),
        person_id=person_id,
        reason=reason,
    )


def announce(
    kind: str,
    *,
    at: datetime,
    not_before: datetime | None = None,
    once: str = "",
    **keys: int | uuid.UUID | str,
) -> None:
    """One letter in the outbox, keys only; couriers deliver it from ``not_before`` on.

    Left again under the same name ``once``, it is there once.
    """
    outbox.announce(kind=kind, payload=keys, at=at, deliver_after=not_before, once=once)
