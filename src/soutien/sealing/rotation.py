"""Sealing everything again with the current key, while the product reads and writes.

Row by row: read, seal anew, and write only if the row still holds the very bytes that were read.
Each row is a statement and a transaction of its own, so nobody waits for the rotation and it waits
for nobody holding anything. What is still to do is read off the rows: killed, it goes on where it
was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import IntegrityError, connection
from django.db.models import Q, QuerySet

from soutien.sealing.box import seal, sealed_with, unseal
from soutien.sealing.columns import (
    SealedTable,
    column_of,
    key_of_index,
    key_of_sealed,
    sealed_tables,
)
from soutien.sealing.field import BlindIndexField, SealedTextField
from soutien.sealing.keyfile import SealingError
from soutien.sealing.keyring import keyring

BATCH = 200
# Rows written meanwhile by a process that still seals with a former key need another turn. When
# these do not suffice, such a process goes on, and so would we.
TURNS_MAX = 5
# Told now and then: the table, and how many rows were done since the last time.
Report = Callable[[str, int], None]


class Outcome(NamedTuple):
    """How many rows were sealed again, were overtaken by somebody's write, and do not open."""

    done: int
    overtaken: int
    unopened: tuple[str, ...]
    left: int


def to_do() -> dict[str, int]:
    """How many rows of each table hold anything of another key than the current one."""
    found = {}
    for table in sealed_tables():
        where, values = _stale(table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {_quoted(table.name)} WHERE {where}", values)
            found[table.name] = cursor.fetchone()[0]
    return found


def rotate(*, report: Report = lambda _table, _rows: None, batch: int = BATCH) -> Outcome:
    """Seal with the current key whatever another sealed, and make its blind indexes again."""
    counts: Counter[str] = Counter()
    unopened: dict[str, None] = {}
    with _quick_commits():
        for _turn in range(TURNS_MAX):
            before = counts["done"] + counts["overtaken"]
            for table in sealed_tables():
                for told in _table(table, batch, unopened):
                    counts.update(told)
                    report(table.name, told["done"])
            if counts["done"] + counts["overtaken"] == before:
                break
    left = sum(to_do().values())
    return Outcome(counts["done"], counts["overtaken"], tuple(unopened), left)


def _table(table: SealedTable, batch: int, unopened: dict[str, None]) -> Iterator[Counter[str]]:
    """One turn over one table, by its key; what each batch came to.

    Indexes first: they are made from texts that their rows still open.
    """
    yield from _indexes(table, batch, unopened)
    for rows in _batches(table, table.sealed, batch):
        told: Counter[str] = Counter()
        for key, *held in rows:
            told[_row(table, key, held, unopened)] += 1
        yield told


def _row(table: SealedTable, key: Any, held: Sequence[Any], unopened: dict[str, None]) -> str:
    named = len(held) - len(table.sealed)
    current = keyring().current.key_id
    changes: list[tuple[str, bytes, bytes]] = []
    own = dict(zip(_row_columns(table), held[:named], strict=True))
    for field, raw in zip(table.sealed, held[named:], strict=True):
        former = bytes(raw) if raw is not None else b""
        if not former or sealed_with(former) == current:
            continue
        row = tuple(own[column_of(column)] for column in field.row_fields)
        try:
            renewed = resealed(field, former, row)
        except SealingError:
            unopened[f"{field.context} of row {key}"] = None
            return "unopened"
        changes.append((column_of(field), former, renewed))
    return _replaced(table, key, changes)


def resealed(field: SealedTextField, sealed: bytes, row: tuple[Any, ...]) -> bytes:
    """The same text under the current key. Raises SealingError when it does not open."""
    return seal(unseal(sealed, field.context, row), field.context, row)


def _indexes(table: SealedTable, batch: int, unopened: dict[str, None]) -> Iterator[Counter[str]]:
    if not table.indexes:
        return
    rows = _stale_indexes(table)
    last: Any = None
    while True:
        more = rows.filter(pk__gt=last) if last is not None else rows
        keys = list(more.values_list("pk", flat=True)[:batch])
        if not keys:
            return
        last = keys[-1]
        told: Counter[str] = Counter()
        for key, held in _opened(table, keys, unopened):
            told[_one_index(table, key, held)] += 1
        # A row counts as done with its texts, not with its indexes as well.
        yield Counter(overtaken=told["overtaken"], done=0 if table.sealed else told["done"])


def _opened(
    table: SealedTable, keys: list[Any], unopened: dict[str, None]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The indexes and their texts of these rows; one that does not open is named and left out."""
    names = {field.attname: None for field in table.indexes}
    names |= {name: None for field in table.indexes for name in field.of.split(",")}
    rows = table.model._base_manager.filter(pk__in=keys).order_by("pk").values_list("pk", *names)
    try:
        found = list(rows)
    except SealingError:
        if len(keys) == 1:
            columns = ", ".join(column_of(field) for field in table.indexes)
            unopened[f"{table.name}.{columns} of row {keys[0]}"] = None
            return
        for key in keys:
            yield from _opened(table, [key], unopened)
        return
    for key, *held in found:
        yield key, dict(zip(names, held, strict=True))


def _one_index(table: SealedTable, key: Any, held: dict[str, Any]) -> str:
    current = keyring().current.key_id.hex()
    return _replaced(
        table,
        key,
        [
            (column_of(field), former, field.index(*map(held.__getitem__, field.of.split(","))))
            for field in table.indexes
            for former in [held[field.attname]]
            if former and not former.startswith(current)
        ],
    )


def _stale_indexes(table: SealedTable) -> QuerySet[Any]:
    current = keyring().current.key_id.hex()
    stale = Q()
    for field in table.indexes:
        name = field.attname
        stale |= Q(**{f"{name}__gt": ""}) & ~Q(**{f"{name}__startswith": current})
    return table.model._base_manager.filter(stale).order_by("pk")


def _replaced(table: SealedTable, key: Any, changes: list[tuple[str, Any, Any]]) -> str:
    """Compare and swap: written only where nobody wrote since it was read."""
    if not changes:
        return "overtaken"
    put = ", ".join(f"{_quoted(column)} = %s" for column, _former, _renewed in changes)
    where = unchanged([column for column, _former, _renewed in changes])
    values = [renewed for _column, _former, renewed in changes]
    values += [key, *(former for _column, former, _renewed in changes)]
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                f"UPDATE {_quoted(table.name)} SET {put} "
                f"WHERE {_quoted(_key_column(table))} = %s AND {where}",
                values,
            )
        except IntegrityError:
            # Two rows with one blind index, each of another key: a person has to look.
            return "refused"
        return "done" if cursor.rowcount else "overtaken"


def unchanged(columns: list[str]) -> str:
    """In SQL, that these columns still hold what was read."""
    return " AND ".join(f"{_quoted(column)} = %s" for column in columns)


def _batches(
    table: SealedTable, fields: Sequence[SealedTextField], batch: int
) -> Iterator[list[Any]]:
    """Rows with anything sealed by another key: key, what names the row, what is sealed."""
    if not fields:
        return
    columns = [_key_column(table), *_row_columns(table), *map(column_of, fields)]
    where, values = _stale(table, fields)
    key = _quoted(_key_column(table))
    last: list[Any] = []
    while True:
        after = f" AND {key} > %s" if last else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(table.name)} "
                f"WHERE ({where}){after} ORDER BY {key} LIMIT {batch:d}",
                [*values, *last],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        last = [rows[-1][0]]
        yield rows


def _stale(
    table: SealedTable, fields: Sequence[SealedTextField | BlindIndexField] | None = None
) -> tuple[str, list[Any]]:
    """In SQL, that a row holds anything made with another key than the current one."""
    current = keyring().current.key_id
    parts, values = [], []
    for field in (*table.sealed, *table.indexes) if fields is None else fields:
        name = _quoted(column_of(field))
        sealed = isinstance(field, SealedTextField)
        key = key_of_sealed(name) if sealed else key_of_index(name)
        parts.append(f"(length({name}) > 0 AND {key} <> %s)")
        values.append(current if sealed else current.hex())
    return " OR ".join(parts), values


def _row_columns(table: SealedTable) -> list[str]:
    names = {column_of(one): None for field in table.sealed for one in field.row_fields}
    return list(names)


def _key_column(table: SealedTable) -> str:
    key = table.model._meta.pk
    assert key is not None
    return column_of(key)


@lru_cache(maxsize=256)
def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


@contextmanager
def _quick_commits() -> Iterator[None]:
    """A row sealed again and lost in a crash is sealed again once more: no need to wait for the
    disk at each. PostgreSQL only; the last batch is waited for."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO on")
            # Whatever was written before is on the disk when this is.
            cursor.execute("SELECT pg_logical_emit_message(true, 'soutien', 'sealed again')")
