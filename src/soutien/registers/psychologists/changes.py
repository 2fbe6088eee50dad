"""What was written since a process last looked, so that what it keeps in memory is never stale.

Triggers leave one line a write (docs/decisions/0012-earliest-place.md). A reader keeps a
Position and asks what came after it: exactly the lines it has not seen, once each, also those of
transactions that committed late.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

AGENDA, DIRECTORY, BOTH = "agenda", "directory", "both"

# Lines are numbered before their transaction commits, so on PostgreSQL a lower number may appear
# later. What a snapshot could not see was written by a transaction at or after its xmin.
_POSTGRESQL = """
    SELECT change.id, change.mark, change.psychologist_id, change.topic, seen.xmin
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) seen
    LEFT JOIN psychologists_change change ON change.id = %s OR change.mark >= %s
"""
_POSTGRESQL_FIRST = """
    SELECT change.id, change.mark, change.psychologist_id, change.topic, seen.xmin
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) seen
    LEFT JOIN (SELECT * FROM psychologists_change ORDER BY id LIMIT 1) change ON true
"""
# SQLite has one writer at a time: the order of the numbers is that of the commits.
_SQLITE = """
    SELECT id, mark, psychologist_id, topic, 0 FROM psychologists_change WHERE id = %s OR id > %s
"""
_SQLITE_FIRST = """
    SELECT id, mark, psychologist_id, topic, (SELECT max(id) FROM psychologists_change)
    FROM psychologists_change ORDER BY id LIMIT 1
"""


class Position(NamedTuple):
    """How far a process has read.

    ``first`` and ``mark`` are the oldest line when it began: while that line is there, none was
    forgotten. ``after`` is the last line read on SQLite, on PostgreSQL the oldest transaction
    that was still running; ``seen`` are the lines of it and later ones already read.
    """

    first: int
    mark: int
    after: int
    seen: frozenset[int] = frozenset()


class Changes(NamedTuple):
    """The psychologists whose directory entry, or agenda, was written since the last look."""

    directory: frozenset[int]
    agenda: frozenset[int]


def now() -> Position | None:
    """Where to begin: look here first, read the tables after. None when the log is empty."""
    first_line = _POSTGRESQL_FIRST if connection.vendor == "postgresql" else _SQLITE_FIRST
    with connection.cursor() as cursor:
        cursor.execute(first_line)
        rows = cursor.fetchall()
    if not rows or rows[0][0] is None:
        return None
    first, mark, _psychologist_id, _topic, after = rows[0]
    return Position(first, mark, after)


def since(position: Position) -> tuple[Position, Changes] | None:
    """What came after a position, and the next one; None when lines were forgotten in between.

    Then anything may have changed: whoever asked starts afresh, with ``now``.
    """
    on_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL if on_postgresql else _SQLITE, [position.first, position.after])
        rows = cursor.fetchall()
    if not any(row[0] == position.first and row[1] == position.mark for row in rows):
        return None
    if on_postgresql:
        after = rows[0][4]
        new = [r for r in rows if r[1] >= position.after and r[0] not in position.seen]
        seen = frozenset(row[0] for row in rows if row[1] >= after)
    else:
        new = [row for row in rows if row[0] > position.after]
        after, seen = max(row[0] for row in rows), frozenset()
        after = max(after, position.after)
    if not new and after == position.after:
        return position, _NOTHING
    return position._replace(after=after, seen=seen), Changes(
        _concerned(new, DIRECTORY), _concerned(new, AGENDA)
    )


_NOTHING = Changes(frozenset(), frozenset())


def _concerned(rows: Iterable[tuple[int, int, int, str, int]], topic: str) -> frozenset[int]:
    return frozenset(row[2] for row in rows if row[3] in (topic, BOTH))
