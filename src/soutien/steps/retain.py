"""Removing what was kept long enough, a batch at a time. Looking first: steps/keeping.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from soutien.steps.actor import SYSTEM
from soutien.steps.keeping import JOBS, due
from soutien.steps.permissions import allow
from soutien.steps.trace import act, record

BATCH = 200
# Kinds whose rows are people.
FORGETTING = frozenset({"visitors", "care_records"})


@act("people.data.expired")
def remove_expired(
    *, kind: str, at: datetime, chosen: Mapping[str, int] | None = None, batch: int = BATCH
) -> int:
    """Remove one batch of a kind whose term is over; how many. Zero: nothing is left to remove.

    ``chosen`` are the terms of the operator, in months, by kind. One line says how many rows of
    which kind went; each person who was forgotten has a line of their own.
    """
    allow(SYSTEM, "remove_expired")
    keys = due(kind, at, chosen or {}, limit=batch)
    if not keys:
        return 0
    JOBS[kind].remove(keys, at)
    if kind in FORGETTING:
        for person_id in keys:
            record(
                SYSTEM,
                "people.person.forgotten",
                at=at,
                object_id=person_id,
                person_id=person_id,
                reason=kind,
            )
    else:
        record(SYSTEM, "people.data.expired", at=at, object_id=len(keys), reason=kind)
    return len(keys)
