"""The tables of the product, and their rows in one writing for both databases."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from soutien.doors.backups.envelope import BackupRefused

ROWS_AT_ONCE = 2000
# Rebuilt from the list of migrations, which the backup keeps in its own words.
NOT_KEPT = frozenset({"django_migrations"})
# SQLite's full-text index and the tables it keeps itself in: filled again from the rows restored.
INDEX = "contents_words"
KINDS = {
    "AutoField": "number",
    "BigAutoField": "number",
    "SmallAutoField": "number",
    "IntegerField": "number",
    "BigIntegerField": "number",
    "SmallIntegerField": "number",
    "PositiveIntegerField": "number",
    "PositiveBigIntegerField": "number",
    "PositiveSmallIntegerField": "number",
    "BooleanField": "truth",
    "FloatField": "real",
    "CharField": "text",
    "TextField": "text",
    "SlugField": "text",
    "BinaryField": "bytes",
    "UUIDField": "uuid",
    "DateTimeField": "moment",
    "DateField": "day",
    "JSONField": "json",
}


class Column(NamedTuple):
    """A column and what it holds: one of the values of KINDS."""

    name: str
    kind: str


class Table(NamedTuple):
    """A table: its columns, those that make its key, and whether the database numbers its rows."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    numbered: bool


class Proof(NamedTuple):
    """What a table amounts to: rows, the digest of all of them in order, the last number given."""

    rows: int
    sha256: str
    last_number: int | None


def tables() -> list[Table]:
    """Every table of the product, by name. Raises BackupRefused when the database has others."""
    found = sorted(
        (
            _table(model)
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy
        ),
        key=lambda table: table.name,
    )
    known = {table.name for table in found} | NOT_KEPT
    there = {name for name in connection.introspection.table_names() if not _of_index(name)}
    strangers = sorted(there - known)
    if strangers:
        raise BackupRefused(
            f"The database holds tables that the product does not know: {', '.join(strangers)}. "
            "They would be missing from the backup: move them to a database of their own."
        )
    return found


def _of_index(name: str) -> bool:
    return connection.vendor == "sqlite" and (name == INDEX or name.startswith(f"{INDEX}_"))


def as_told(told: dict[str, Any]) -> Table:
    """A table as a backup describes it."""
    columns = tuple(Column(name, kind) for name, kind in told["columns"])
    return Table(told["name"], columns, tuple(told["key"]), told["numbered"])


def described(table: Table) -> dict[str, Any]:
    """A table as a backup describes it."""
    return {
        "name": table.name,
        "columns": [list(column) for column in table.columns],
        "key": list(table.key),
        "numbered": table.numbered,
    }


def rows(table: Table) -> Iterator[bytes]:
    """Every row as one line of JSON, in the order of the key, few at a time in memory."""
    told = [_TOLD[column.kind] for column in table.columns]
    names = ", ".join(_quoted(column.name) for column in table.columns)
    kinds = dict(table.columns)
    # One order in both databases, whatever language the server sorts in.
    binary = ' COLLATE "C"' if connection.vendor == "postgresql" else ""
    order = ", ".join(
        f"{_quoted(name)}{binary if kinds[name] == 'text' else ''}" for name in table.key
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {_quoted(table.name)} ORDER BY {order}")
        while batch := cursor.fetchmany(ROWS_AT_ONCE):
            for row in batch:
                yield _line(
                    [
                        None if value is None else tell(value)
                        for tell, value in zip(told, row, strict=True)
                    ]
                )


def count(table: Table) -> int:
    """How many rows there are."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_quoted(table.name)}")
        return int(cursor.fetchone()[0])


def proof(table: Table, seen: Callable[[int], None] = lambda _rows: None) -> Proof:
    """What the table amounts to now."""
    digest, number = hashlib.sha256(), 0
    for number, line in enumerate(rows(table), start=1):
        digest.update(line)
        if number % ROWS_AT_ONCE == 0:
            seen(ROWS_AT_ONCE)
    seen(number % ROWS_AT_ONCE)
    return Proof(number, digest.hexdigest(), last_number(table))


def last_number(table: Table) -> int | None:
    """The last number the database gave to a row, whether the row is still there or not."""
    if not table.numbered:
        return None
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            found = cursor.fetchone()
            return int(found[0]) if found else 0
        cursor.execute(f"SELECT last_value, is_called FROM {_sequence(table)}")
        value, called = cursor.fetchone()
        return int(value) if called else 0


def set_last_number(table: Table, number: int) -> None:
    """The next row gets a number after this one."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table.name])
            if number:
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table.name, number]
                )
            return
        cursor.execute(
            f"SELECT setval('{_sequence(table)}', %s, %s)", [max(number, 1), number > 0]
        )


def write(table: Table, lines: Iterable[bytes]) -> None:
    """Put rows in a table, as ``rows`` told them."""
    kinds = [column.kind for column in table.columns]
    readers = _READ[connection.vendor]
    read = [readers.get(kind, _as_it_is) for kind in kinds]
    values = (
        [None if value is None else make(value) for make, value in zip(read, row, strict=True)]
        for row in map(json.loads, lines)
    )
    names = ", ".join(_quoted(column.name) for column in table.columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {_quoted(table.name)} ({names}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(kinds))
        insert = f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({marks})"
        while batch := list(islice(values, ROWS_AT_ONCE)):
            cursor.executemany(insert, batch)


def _table(model: type[models.Model]) -> Table:
    table: Any = model._meta
    columns = tuple(
        Column(str(field.column), _kind(field)) for field in table.local_concrete_fields
    )
    fields = getattr(table.pk, "fields", None) or (table.pk,)
    key = tuple(str(field.column) for field in fields)
    numbered = isinstance(table.pk, models.AutoField | models.BigAutoField)
    return Table(str(table.db_table), columns, key, numbered)


def _kind(field: Any) -> str:
    told = field
    while told.remote_field is not None:
        told = told.target_field
    kind = KINDS.get(told.get_internal_type())
    if kind is None:
        raise BackupRefused(
            f"{field.model._meta.db_table}.{field.column} is a {told.get_internal_type()}, which "
            "no backup knows how to keep: add it to KINDS in soutien.doors.backups.tables."
        )
    return kind


def _line(values: Sequence[Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _sequence(table: Table) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_serial_sequence(%s, %s)", [_quoted(table.name), table.key[0]]
        )
        return str(cursor.fetchone()[0])


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _moment(value: datetime) -> str:
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value.isoformat(sep=" ")


def _json(value: Any) -> str:
    found = json.loads(value) if isinstance(value, str) else value
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _uuid(value: UUID | str) -> str:
    return value.hex if isinstance(value, UUID) else value


def _as_it_is(value: Any) -> Any:
    return value


_TOLD: dict[str, Callable[[Any], Any]] = {
    "number": _as_it_is,
    "truth": bool,
    "real": float,
    "text": _as_it_is,
    "bytes": lambda value: b64encode(bytes(value)).decode(),
    "uuid": _uuid,
    "moment": _moment,
    "day": date.isoformat,
    "json": _json,
}
_READ: dict[str, dict[str, Callable[[Any], Any]]] = {
    "sqlite": {"bytes": b64decode},
    "postgresql": {
        "bytes": b64decode,
        "uuid": UUID,
        "moment": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
        "day": date.fromisoformat,
    },
}
