"""Appending to the journal, in the transaction of the act, and reading it back."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from soutien.bulk import Rows
from soutien.registers.audit.models import LANES, LANES_MAX, Entry, Head, Named
from soutien.sealing import chain
from soutien.sealing.chain import ChainKey
from soutien.sealing.keyring import journal_secrets

DONE, REFUSED = "done", "refused"
# Rows of one statement: a demo or a night's work may bring thousands.
ROWS_AT_ONCE = 500
OBJECT_ID_LENGTH = 40
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COLUMNS = (
    "at",
    "actor_role",
    "actor_account",
    "on_behalf_of",
    "event",
    "object_kind",
    "object_id",
    "person_id",
    "reason",
    "result",
)
# Below it, one statement is quicker than two.
COPIED_FROM = 20
_HEAD = "SELECT lane, sequence, link, key_id, seal FROM audit_head"
_MOVE = "UPDATE audit_head SET sequence = %s, link = %s, key_id = %s, seal = %s WHERE lane = %s"
_ENTRY = f"INSERT INTO audit_entry (id, {', '.join(COLUMNS)}, key_id, link) VALUES "
_NAMED = "INSERT INTO audit_named (entry_id, person_id) VALUES "
_ENTRY_ROW = "(" + ", ".join(["%s"] * (len(COLUMNS) + 3)) + ")"

logger = logging.getLogger(__name__)


class JournalDamaged(Exception):
    """No lane of the journal can be trusted any more: nothing may be done without a trace."""


class Line(NamedTuple):
    """What a line tells. ``people`` are those of a list that was looked at."""

    at: datetime
    actor_role: str
    actor_account: int | None
    event: str
    object_kind: str
    object_id: str
    person_id: int | None = None
    people: tuple[int, ...] = ()
    on_behalf_of: int | None = None
    reason: str = ""
    result: str = DONE


class _NewEntry(NamedTuple):
    id: int
    at: datetime
    actor_role: str
    actor_account: int | None
    on_behalf_of: int | None
    event: str
    object_kind: str
    object_id: str
    person_id: int | None
    reason: str
    result: str
    key_id: bytes
    link: bytes


_ENTRIES: Rows[_NewEntry] = Rows(Entry, _NewEntry)


class LaneHead(NamedTuple):
    """Where a lane ends, as its head says."""

    lane: int
    sequence: int
    link: bytes
    key_id: bytes
    seal: bytes

    def holds(self, keys: Mapping[bytes, ChainKey]) -> bool:
        """Whether the seal is that of this very head. False when its key is not known."""
        key = keys.get(self.key_id)
        return key is not None and chain.same(
            chain.seal_of_head(key, self.lane, self.sequence, self.link), self.seal
        )


def keys() -> dict[bytes, ChainKey]:
    """The keys that lines may have been chained with, by id."""
    return chain.keyring(journal_secrets()[1])


def content(lane: int, sequence: int, line: Line, key_id: bytes) -> bytes:
    """The bytes that the link of a line covers: every column, its place and its people."""
    return chain.content(
        (
            lane,
            sequence,
            (line.at - EPOCH) // MICROSECOND,
            line.actor_role,
            line.actor_account,
            line.on_behalf_of,
            line.event,
            line.object_kind,
            line.object_id,
            line.person_id,
            line.people,
            line.reason,
            line.result,
            key_id.hex(),
        )
    )


def append(lines: Sequence[Line], *, lane: int | None = None) -> list[int]:
    """Write lines at the end of one lane, in order; their ids.

    Two statements on PostgreSQL for a few lines, three for up to 500: take a lane nobody has, then
    move its head and insert. A rollback takes back both, so there is never a gap. Raises
    JournalDamaged when no head can be trusted.
    """
    ids: list[int] = []
    with transaction.atomic(savepoint=False):
        for first in range(0, len(lines), ROWS_AT_ONCE):
            ids += _append(lines[first : first + ROWS_AT_ONCE], _free_lane(lane))
    return ids


def write(
    *,
    at: datetime,
    actor_role: str,
    actor_account: int | None,
    event: str,
    object_kind: str,
    object_id: str | int,
    person_id: int | None = None,
    people: Collection[int] = (),
    on_behalf_of: int | None = None,
    reason: str = "",
    result: str = DONE,
) -> int:
    """One line of the journal. ``event`` reads ``register.object.verb``; words of codes only."""
    line = Line(
        at=at,
        actor_role=actor_role,
        actor_account=actor_account,
        event=event,
        object_kind=object_kind,
        object_id=str(object_id)[:OBJECT_ID_LENGTH],
        person_id=person_id,
        people=tuple(sorted(set(people))),
        on_behalf_of=on_behalf_of,
        reason=reason,
        result=result,
    )
    return append([line])[0]


def heads() -> list[LaneHead]:
    """Where every lane ends."""
    rows = Head.objects.order_by("lane").values_list("lane", "sequence", "link", "key_id", "seal")
    return [_head(row) for row in rows]


def begin_lanes() -> None:
    """Make the heads of an empty journal; those that are there stay as they are."""
    there = set(Head.objects.values_list("lane", flat=True))
    Head.objects.bulk_create(
        Head(**first_head(lane)._asdict()) for lane in range(LANES) if lane not in there
    )


def first_head(lane: int) -> LaneHead:
    """The head of a lane without a line."""
    key = chain.chain_key(journal_secrets()[0])
    seal = chain.seal_of_head(key, lane, 0, chain.BEGINNING)
    return LaneHead(lane, 0, chain.BEGINNING, key.key_id, seal)


def about_person(person_id: int) -> QuerySet[Entry]:
    """Who did or saw what of a person, alone or in a list, newest first."""
    named = Named.objects.filter(person_id=person_id).values("entry_id")
    return Entry.objects.filter(Q(person_id=person_id) | Q(pk__in=named)).order_by("-at", "-id")


def about_object(object_kind: str, object_id: int | str) -> QuerySet[Entry]:
    """Who did or saw what of one thing, oldest first."""
    return about_objects({object_kind: object_id})


def of_kinds(object_kinds: Collection[str]) -> QuerySet[Entry]:
    """Every line about things of these kinds, oldest first."""
    return Entry.objects.filter(object_kind__in=object_kinds).order_by("at", "id")


def about_objects(things: Mapping[str, int | str]) -> QuerySet[Entry]:
    """The same of several things at once, given by their kind; never what was refused."""
    wanted = Q()
    for object_kind, object_id in things.items():
        wanted |= Q(object_kind=object_kind, object_id=str(object_id))
    return Entry.objects.filter(wanted, result=DONE).order_by("at", "id")


def _append(lines: Sequence[Line], head: LaneHead) -> list[int]:
    key = chain.chain_key(journal_secrets()[0])
    last, sequence = head.link, head.sequence
    entries: list[tuple[Any, ...]] = []
    named: list[tuple[int, int]] = []
    for line in lines:
        sequence += 1
        entry_id = sequence * LANES_MAX + head.lane
        last = chain.link(key, last, content(head.lane, sequence, line, key.key_id))
        entries.append((entry_id, *(getattr(line, name) for name in COLUMNS), key.key_id, last))
        named += [(entry_id, person_id) for person_id in line.people]
    seal = chain.seal_of_head(key, head.lane, sequence, last)
    move = (sequence, last, key.key_id, seal, head.lane)
    _STATEMENTS[connection.vendor](move, entries, named)
    return [row[0] for row in entries]


def _postgresql(
    move: tuple[Any, ...], entries: list[tuple[Any, ...]], named: list[tuple[int, int]]
) -> None:
    """One statement: the head moves and the lines appear, or neither. Many lines are copied."""
    if len(entries) >= COPIED_FROM and not named:
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, move)
        _ENTRIES.write([_NewEntry._make(row) for row in entries])
        return
    statement, values = f"WITH moved AS ({_MOVE}) ", [*move]
    if named:
        rows = ", ".join(["(%s, %s)"] * len(named))
        statement = f"WITH moved AS ({_MOVE}), named AS ({_NAMED}{rows}) "
        values += [value for row in named for value in row]
    statement += _ENTRY + ", ".join([_ENTRY_ROW] * len(entries))
    values += [value for row in entries for value in row]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _sqlite(
    move: tuple[Any, ...], entries: list[tuple[Any, ...]], named: list[tuple[int, int]]
) -> None:
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, move)
        cursor.executemany(
            _ENTRY + _ENTRY_ROW, [(row[0], adapt(row[1]), *row[2:]) for row in entries]
        )
        if named:
            cursor.executemany(_NAMED + "(%s, %s)", named)


_STATEMENTS: dict[str, Callable[..., None]] = {"postgresql": _postgresql, "sqlite": _sqlite}


def _free_lane(wanted: int | None) -> LaneHead:
    """The first lane that nobody has and whose head holds, kept until the transaction ends.

    When all are taken it waits for one: the lines are a transaction's last statements, so nobody
    who has a lane waits for anything else. A damaged head is left as it is, as evidence.
    """
    known = keys()
    left = set(range(LANES)) if wanted is None else {wanted}
    while left:
        head = _taken(left) if wanted is None else None
        # random: those who wait spread over the lanes.
        head = head or _waited_for(random.choice([*left]))
        if head is None:
            break
        if head.holds(known):
            return head
        left.discard(head.lane)
    logger.critical("The journal is damaged: run `soutien audit verify`.")
    raise JournalDamaged(
        "No head of the journal is sealed with a key that is given here. Run `soutien audit "
        "verify`; after a change of SOUTIEN_SEALING_KEY, keep the former one in "
        "SOUTIEN_SEALING_KEYS_OLD or SOUTIEN_JOURNAL_KEYS_OLD."
    )


def _taken(lanes: Collection[int]) -> LaneHead | None:
    """The first of these lanes that is free right now."""
    among = f"WHERE lane IN ({', '.join(map(str, lanes))})" if len(lanes) < LANES else ""
    return _locked(f"{among} ORDER BY lane LIMIT 1", "FOR UPDATE SKIP LOCKED")


def _waited_for(lane: int) -> LaneHead | None:
    return _locked(f"WHERE lane = {lane}", "FOR UPDATE")


def _locked(which: str, lock: str) -> LaneHead | None:
    if connection.vendor == "sqlite":
        # One writer at a time: the transaction has the whole database.
        lock = ""
    with connection.cursor() as cursor:
        cursor.execute(f"{_HEAD} {which} {lock}")
        row = cursor.fetchone()
    return None if row is None else _head(row)


def _head(row: Sequence[Any]) -> LaneHead:
    lane, sequence, link, key_id, seal = row
    return LaneHead(lane, sequence, bytes(link), bytes(key_id), bytes(seal))
