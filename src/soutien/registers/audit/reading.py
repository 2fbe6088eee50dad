"""Reading the whole journal once, in bounded memory, while it is being written.

All lanes are read side by side in the order of their numbers. The heads are read before the lines:
what is written meanwhile comes after them and is checked as far as it is met.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection

from soutien.registers.audit.damage import Damage, Kind, Lane, Row, runs
from soutien.registers.audit.models import LANES, LANES_MAX
from soutien.registers.audit.queries import LaneHead, Line, heads, keys

ROWS_AT_ONCE = 5_000
Progress = Callable[[int], None]


class Exported(NamedTuple):
    """Where the lanes ended at a moment, as a file outside the database says."""

    at: datetime
    ends: Mapping[int, tuple[int, bytes]]


class Found(NamedTuple):
    """What a reading found, in order of place; ``lines`` were read."""

    lines: int
    damages: tuple[Damage, ...]


def verify(*, exported: Iterable[Exported] = (), progress: Progress | None = None) -> Found:
    """Read every line; what does not hold, and where. ``progress`` is told lines as they go."""
    known = keys()
    before = {head.lane: head for head in heads()}
    lanes = {number: Lane(number, known, before.get(number)) for number in range(LANES)}
    found: list[Damage] = []
    count = 0
    for rows, orphans in _batches():
        for row in rows:
            number = row.entry_id % LANES_MAX
            if number not in lanes:
                lanes[number] = Lane(number, known)
            lanes[number].read(row)
        for entry_id in orphans:
            place = entry_id // LANES_MAX
            found.append(Damage(Kind.NOT_A_LINE, entry_id % LANES_MAX, place, place))
        count += len(rows)
        if progress:
            progress(len(rows))
    after = {head.lane: head for head in heads()}
    for number, lane in lanes.items():
        lane.end(after.get(number))
        found += lane.found
    found += _against(exported, before)
    return Found(count, tuple(runs(found)))


def lines_expected() -> int:
    """How many lines the heads count: what a progress bar needs."""
    return sum(head.sequence for head in heads())


def _batches() -> Iterator[tuple[list[Row], list[int]]]:
    """The lines in order of their ids, a batch at a time, each with its people.

    Beside them, the ids that people hang on and that are no line.
    """
    at = "CAST(at AS TEXT)" if connection.vendor == "sqlite" else "at"
    statement = (
        f"SELECT id, {at}, actor_role, actor_account, on_behalf_of, event, object_kind, "
        "object_id, person_id, reason, result, key_id, link FROM audit_entry "
        "WHERE id > %s ORDER BY id LIMIT %s"
    )
    last, more = -1, True
    while more:
        with connection.cursor() as cursor:
            cursor.execute(statement, [last, ROWS_AT_ONCE])
            rows = cursor.fetchall()
            more = len(rows) == ROWS_AT_ONCE
            until = rows[-1][0] if more else 2**63 - 1
            cursor.execute(
                "SELECT entry_id, person_id FROM audit_named "
                "WHERE entry_id > %s AND entry_id <= %s ORDER BY entry_id, person_id",
                [last, until],
            )
            people = defaultdict[int, list[int]](list)
            for entry_id, person_id in cursor.fetchall():
                people[entry_id].append(person_id)
        read = [_row(row, people.pop(row[0], ())) for row in rows]
        yield read, [entry_id for entry_id in people if not _written_since(entry_id)]
        last = until


def _written_since(entry_id: int) -> bool:
    """Whether a line appeared between the reading of the lines and that of their people."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM audit_entry WHERE id = %s", [entry_id])
        return cursor.fetchone() is not None


def _row(values: Sequence[Any], people: Sequence[int]) -> Row:
    entry_id, at, role, account, behalf, event, kind, object_id, person, *rest = values
    reason, result, key_id, link = rest
    moment = _moment(at)
    line = moment and Line(
        at=moment,
        actor_role=role,
        actor_account=account,
        event=event,
        object_kind=kind,
        object_id=object_id,
        person_id=person,
        people=tuple(people),
        on_behalf_of=behalf,
        reason=reason,
        result=result,
    )
    return Row(entry_id, line or None, _bytes(key_id), _bytes(link))


def _moment(at: Any) -> datetime | None:
    """The moment in a row: SQLite keeps it as text, which anybody may have written."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return None
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview | bytearray) else b""


def _against(exported: Iterable[Exported], now: Mapping[int, LaneHead]) -> list[Damage]:
    """What the journal no longer holds of the heads that were exported, first place a lane."""
    held = dict.fromkeys(range(LANES), 0)
    found: dict[int, Damage] = {}
    for export in exported:
        links = _links([n * LANES_MAX + lane for lane, (n, _) in export.ends.items() if n])
        for lane, (sequence, link) in export.ends.items():
            if lane in found or not sequence:
                continue
            stored = links.get(sequence * LANES_MAX + lane)
            if stored == link:
                held[lane] = sequence
                continue
            ends = now.get(lane)
            kind = (
                Kind.REWRITTEN
                if stored or (ends and ends.sequence >= sequence)
                else Kind.FORGOTTEN
            )
            found[lane] = Damage(kind, lane, held.get(lane, 0) + 1, sequence, export.at)
    return list(found.values())


def _links(ids: Sequence[int]) -> dict[int, bytes]:
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, link FROM audit_entry WHERE id IN ({marks})", ids)
        return {entry_id: _bytes(link) for entry_id, link in cursor.fetchall()}
