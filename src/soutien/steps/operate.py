"""What the operator does to the whole: copies it, puts a copy back, changes its keys.

The commands do it; here is the line of it. Nobody's data is named, and no secret: a file's name,
a key's id.
"""

from __future__ import annotations

from datetime import datetime

from soutien.steps.actor import Actor
from soutien.steps.permissions import allow
from soutien.steps.trace import act, record

# What becomes of a key: it opens, it seals, rows are sealed again with it, it opens no more.
ADDED, SEALS, ROTATED, ROTATED_IN_PART, RETIRED = (
    "added",
    "seals",
    "rotated",
    "rotated_in_part",
    "retired",
)


@act("audit.backup.made")
def note_backup(*, actor: Actor, name: str, at: datetime) -> None:
    """Everything was copied into a file of this name."""
    allow(actor, "note_backup")
    record(actor, "audit.backup.made", at=at, object_id=name)


@act("audit.backup.restored")
def note_restore(*, actor: Actor, name: str, at: datetime) -> None:
    """Everything here comes from a backup of this name; later lines are of this database."""
    allow(actor, "note_restore")
    record(actor, "audit.backup.restored", at=at, object_id=name)


@act("audit.key.changed")
def note_key(*, actor: Actor, key_id: str, what: str, at: datetime) -> None:
    """What becomes of a key, by its id."""
    allow(actor, "note_key")
    record(actor, "audit.key.changed", at=at, object_id=key_id, reason=what)
