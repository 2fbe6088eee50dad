"""Tables that are written once: change and removal are refused, whoever asks.

On SQLite a trigger is lost when a later migration remakes its table: such a migration ends with
``protect``. There is no switch: see docs/decisions/0009-append-only-tables.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import migrations

# table: its unique keys, which INSERT OR REPLACE of SQLite would use to overwrite a row.
Tables = Mapping[str, tuple[str, ...]]


def append_only(tables: Tables) -> migrations.RunPython:
    """The operation of a migration."""

    def forwards(_apps: Any, schema_editor: Any) -> None:
        protect(schema_editor, tables)

    def backwards(_apps: Any, schema_editor: Any) -> None:
        lift(schema_editor, tables)

    return migrations.RunPython(forwards, backwards)


def protect(schema_editor: Any, tables: Tables) -> None:
    """Refuse, from now on."""
    for table, keys in tables.items():
        postgresql = schema_editor.connection.vendor == "postgresql"
        for statement in _postgresql(table) if postgresql else _sqlite(table, keys):
            schema_editor.execute(statement, params=None)


def lift(schema_editor: Any, tables: Tables) -> None:
    """Refuse no more: for a migration that goes back."""
    for table in tables:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_append_only()")
            continue
        for event in ("update", "delete", "insert"):
            schema_editor.execute(f"DROP TRIGGER {table}_append_only_{event}")


def _postgresql(table: str) -> list[str]:
    return [
        f"""
        CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{table}_append_only'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()
        """,
    ]


def _sqlite(table: str, keys: tuple[str, ...]) -> list[str]:
    refused = f"BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END"
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in key.split(", ")) + ")"
        for key in keys
    )
    return [
        f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} {refused}",
        f"CREATE TRIGGER {table}_append_only_delete BEFORE DELETE ON {table} {refused}",
        f"CREATE TRIGGER {table}_append_only_insert BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refused}",
    ]
