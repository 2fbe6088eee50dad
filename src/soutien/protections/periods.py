"""Of one owner, or of two in whichever order, no two periods of days overlap.

For tables with ``valid_from`` and ``valid_before``, which may be open. The message holds the same
name on both engines. On SQLite a trigger is lost when a later migration remakes its table: such a
migration ends with ``protect``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import migrations


class Once(NamedTuple):
    """A protection: its name, its table, the column of the owner or those of both."""

    name: str
    table: str
    owners: tuple[str, ...]


def once_at_a_time(*protections: Once) -> migrations.RunPython:
    """The operation of a migration."""

    def forwards(_apps: Any, schema_editor: Any) -> None:
        protect(schema_editor, *protections)

    def backwards(_apps: Any, schema_editor: Any) -> None:
        lift(schema_editor, *protections)

    return migrations.RunPython(forwards, backwards)


def protect(schema_editor: Any, *protections: Once) -> None:
    """Refuse, from now on."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for one in protections:
        statements = [_postgresql(one)] if postgresql else _sqlite(one)
        for statement in statements:
            schema_editor.execute(statement, params=None)


def lift(schema_editor: Any, *protections: Once) -> None:
    """Refuse no more: for a migration that goes back."""
    for one in protections:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE {one.table} DROP CONSTRAINT {one.name}")
            continue
        for event in ("insert", "update"):
            schema_editor.execute(f"DROP TRIGGER {one.name}_{event}")


def _postgresql(one: Once) -> str:
    columns = ", ".join(one.owners)
    pair = f"LEAST({columns}) WITH =, GREATEST({columns}) WITH ="
    same = pair if len(one.owners) > 1 else f"{columns} WITH ="
    return f"""
        ALTER TABLE {one.table} ADD CONSTRAINT {one.name} EXCLUDE USING gist (
            {same}, daterange(valid_from, valid_before, '[)') WITH &&
        )
    """


def _sqlite(one: Once) -> list[str]:
    return [
        # A period without a day overlaps nothing.
        f"""
        CREATE TRIGGER {one.name}_{event.split()[0].lower()} BEFORE {event} ON {one.table}
        WHEN (NEW.valid_before IS NULL OR NEW.valid_before > NEW.valid_from) AND EXISTS (
            SELECT 1 FROM {one.table} other
            WHERE {_same_owners(one.owners)}
              AND (other.valid_before IS NULL OR other.valid_before > other.valid_from)
              AND (NEW.valid_before IS NULL OR other.valid_from < NEW.valid_before)
              AND (other.valid_before IS NULL OR other.valid_before > NEW.valid_from)
              AND other.id <> NEW.id
        )
        BEGIN SELECT RAISE(ABORT, '{one.name}'); END
        """
        for event in ("INSERT", f"UPDATE OF {', '.join(one.owners)}, valid_from, valid_before")
    ]


def _same_owners(owners: tuple[str, ...]) -> str:
    if len(owners) == 1:
        return f"other.{owners[0]} = NEW.{owners[0]}"
    theirs, ours = (", ".join(f"{row}.{name}" for name in owners) for row in ("other", "NEW"))
    return f"min({theirs}) = min({ours}) AND max({theirs}) = max({ours})"
