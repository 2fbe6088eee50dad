"""Every sealed column and blind index there is, as the models themselves say it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, models

from soutien.sealing.box import KEY_ID_DIGITS
from soutien.sealing.field import BlindIndexField, SealedTextField
from soutien.sealing.keyring import KEY_ID_BYTES


class SealedTable(NamedTuple):
    """A table with what is sealed in it, and what is indexed blindly."""

    model: type[models.Model]
    sealed: tuple[SealedTextField, ...]
    indexes: tuple[BlindIndexField, ...]

    @property
    def name(self) -> str:
        return self.model._meta.db_table


class Use(NamedTuple):
    """How many rows of a column hold something made with a key."""

    table: str
    column: str
    key_id: bytes
    rows: int


def sealed_tables() -> list[SealedTable]:
    """All tables with sealed columns or blind indexes, by name."""
    found = []
    for model in apps.get_models():
        fields = model._meta.local_concrete_fields
        table = SealedTable(
            model,
            tuple(field for field in fields if isinstance(field, SealedTextField)),
            tuple(field for field in fields if isinstance(field, BlindIndexField)),
        )
        if table.sealed or table.indexes:
            found.append(table)
    return sorted(found, key=lambda table: table.name)


def uses() -> list[Use]:
    """Which key each column's rows were made with, counted in the database."""
    return [use for table in sealed_tables() for use in uses_of(table)]


def uses_of(table: SealedTable) -> list[Use]:
    """The same for one table."""
    found = []
    for field in (*table.sealed, *table.indexes):
        sealed = isinstance(field, SealedTextField)
        name = connection.ops.quote_name(column_of(field))
        key = key_of_sealed(name) if sealed else key_of_index(name)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {key}, count(*) FROM {connection.ops.quote_name(table.name)} "
                f"WHERE length({name}) > 0 GROUP BY 1 ORDER BY 1"
            )
            for written, rows in cursor.fetchall():
                key_id = bytes(written) if sealed else bytes.fromhex(written)
                found.append(Use(table.name, column_of(field), key_id, rows))
    return found


def column_of(field: models.Field[Any, Any]) -> str:
    """The name of a field's column."""
    return str(field.column)


def key_of_sealed(column: str) -> str:
    """In SQL, the id of the key that sealed what a column holds."""
    return f"substr({column}, 2, {KEY_ID_BYTES})"


def key_of_index(column: str) -> str:
    """In SQL, the id of the key of a blind index."""
    return f"substr({column}, 1, {KEY_ID_DIGITS})"
