"""Rows that come by the thousand, as plain values: COPY on PostgreSQL, one executemany on SQLite.

For work where making models and compiling their INSERT took longer than the database's writing.
Constraints and triggers stand as for any row, and columns not given are what the model says.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any, Generic, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=tuple[Any, ...])


class _Plan(NamedTuple):
    """How the rows of one table are written on one engine."""

    statement: str
    # What stands in the columns that the rows do not give: alike in all, or made for each.
    alike: tuple[Any, ...]
    made: tuple[Callable[[], Any], ...]
    # What an engine is given in place of what Python holds, column by column.
    adapted: tuple[tuple[int, Callable[[Any], Any]], ...]


class Rows(Generic[Row]):
    """How rows of a table are written; ``shape`` is a named tuple of the columns that they give.

    A column of JSON is given its text, a sealed one its sealed bytes.
    """

    def __init__(self, model: type[models.Model], shape: type[Row]) -> None:
        self.model = model
        self.columns: tuple[str, ...] = shape._fields  # type: ignore[attr-defined]
        self._plans: dict[str, _Plan] = {}

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows, in their order. Raises IntegrityError as any INSERT does."""
        if not rows:
            return
        plan = self._plans.get(connection.vendor)
        if plan is None:
            plan = self._plans.setdefault(connection.vendor, self._planned())
        whole = [
            (*row, *made, *plan.alike)
            for row, made in zip(rows, _each_made(plan.made, len(rows)), strict=True)
        ]
        (_copy if connection.vendor == "postgresql" else _insert)(plan, whole)

    def _planned(self) -> _Plan:
        by_column = {field.column: field for field in self.model._meta.local_concrete_fields}
        given = [by_column.pop(name) for name in self.columns]
        # The database numbers those that are not numbered.
        left = [field for field in by_column.values() if not field.primary_key]
        made = [field for field in left if field.has_default() and callable(field.default)]
        alike = [field for field in left if field not in made]
        columns = [str(field.column) for field in (*given, *made, *alike)]
        return _Plan(
            _statement(self.model._meta.db_table, columns),
            tuple(map(_unsaid, alike)),
            tuple(field.default for field in made),
            tuple(
                (place, adapt)
                for place, field in enumerate((*given, *made))
                if (adapt := _adapts(field)) is not None
            ),
        )


class Among(models.Func):
    """A condition: a column of whole numbers or texts is one of these, given as one value.

    ``filter(Among("person_id", keys))`` is ``filter(person_id__in=keys)``, which binds each of
    them, and on SQLite not more than some ten thousands.
    """

    output_field = models.BooleanField()

    def __init__(self, column: str, keys: Iterable[int | str]) -> None:
        super().__init__(models.F(column))
        self.keys = list(keys)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_words: Any, **_more: Any
    ) -> tuple[str, tuple[Any, ...]]:
        if not self.keys:
            raise EmptyResultSet
        column, values = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            numbered = isinstance(self.keys[0], int)
            # Its text is made quicker than the driver looks at each.
            given = f"{{{','.join(map(str, self.keys))}}}" if numbered else self.keys
            kind = "bigint[]" if numbered else "text[]"
            return f"{column} = ANY(%s::{kind})", (*values, given)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*values, json.dumps(self.keys))


def numbers(model: type[models.Model], count: int) -> list[int]:
    """As many keys of a table as asked, which no other row will have; for rows written next.

    On SQLite the transaction has the whole file: nobody else writes before these rows.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Numbers are for the rows of the transaction at hand.")
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
    return list(range(last + 1, last + 1 + count))


def _each_made(makers: tuple[Callable[[], Any], ...], count: int) -> Iterable[tuple[Any, ...]]:
    if not makers:
        return repeat((), count)
    return (tuple(make() for make in makers) for _ in range(count))


def _statement(table: str, columns: Sequence[str]) -> str:
    quote = connection.ops.quote_name
    named = f"{quote(table)} ({', '.join(map(quote, columns))})"
    if connection.vendor == "postgresql":
        return f"COPY {named} FROM STDIN"
    return f"INSERT INTO {named} VALUES ({', '.join(['%s'] * len(columns))})"


def _unsaid(field: models.Field[Any, Any]) -> Any:
    """What a column holds of a row that says nothing of it."""
    if field.null and not field.has_default():
        return None
    if field.get_internal_type() == "BinaryField":
        return b""
    return field.get_db_prep_save(field.get_default(), connection)


def _adapts(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """What a column of SQLite is given for a value; PostgreSQL's driver knows them all."""
    if connection.vendor == "postgresql":
        return None
    adapters: dict[str, Callable[[Any], Any]] = {
        "DateField": connection.ops.adapt_datefield_value,
        "DateTimeField": connection.ops.adapt_datetimefield_value,
        "UUIDField": _digits,
    }
    return adapters.get(field.get_internal_type())


def _digits(value: uuid.UUID | None) -> str | None:
    return None if value is None else value.hex


def _copy(plan: _Plan, rows: list[tuple[Any, ...]]) -> None:
    connection.validate_no_broken_transaction()
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(plan.statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _insert(plan: _Plan, rows: list[tuple[Any, ...]]) -> None:
    for place, adapt in plan.adapted:
        # The same day or moment comes back all the time.
        known = {value: adapt(value) for value in {row[place] for row in rows}}
        rows = [(*row[:place], known[row[place]], *row[place + 1 :]) for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(plan.statement, rows)
