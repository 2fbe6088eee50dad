"""Taking a protection of the database away, so that a test is seen to need it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models
from tests.append_only import append_only_set_aside

# What migrations add beside the models: constraint or trigger name, and its table.
OVERLAPS = {
    "agenda_booking_psychologist_once": "agenda_booking",
    "agenda_booking_person_once": "agenda_booking",
    "agenda_booking_over_once": "agenda_booking",
    "people_affiliation_once": "people_affiliation",
    "people_cover_once": "people_cover",
    "psychologists_agreement_once": "psychologists_agreement",
    "people_guardianship_once": "people_guardianship",
    "psychologists_replacement_once": "psychologists_replacement",
}
HOURS = {"agenda_booking_twelve_hours": "agenda_booking"}
APPEND_ONLY = ("audit_entry", "claims_caresheet", "claims_claim", "claims_decision")


def take_away(name: str, table: str) -> None:
    """Drop an overlap or length protection until the end of the test's transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        else:
            cursor.execute(f"DROP TRIGGER {name}_insert")
            cursor.execute(f"DROP TRIGGER {name}_update")


@contextmanager
def append_only_taken_away() -> Iterator[None]:
    """Drop the append-only protections for the block."""
    with append_only_set_aside(connection):
        yield


@contextmanager
def without(model: type[models.Model], *names: str) -> Iterator[None]:
    """Drop declared constraints for the block, committed; empties the table before they return.

    For tests with real transactions: SQLite rewrites the table to do it.
    """
    declared = model._meta.constraints
    constraints = [found for found in declared if found.name in names]
    assert len(constraints) == len(names)
    # What is rewritten on SQLite is the table as the model declares it.
    model._meta.constraints = [found for found in declared if found.name not in names]
    triggers = triggers_of(model._meta.db_table)
    for constraint in constraints:
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        model._default_manager.all().delete()
        model._meta.constraints = declared
        for constraint in constraints:
            with connection.schema_editor() as editor:
                editor.add_constraint(model, constraint)
        with connection.cursor() as cursor:
            for name in triggers.keys() - triggers_of(model._meta.db_table).keys():
                cursor.execute(triggers[name])


def triggers_of(table: str) -> dict[str, str]:
    """On SQLite the triggers that go with a table when it is rewritten; nothing on PostgreSQL."""
    if connection.vendor != "sqlite":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
        )
        return dict(cursor.fetchall())


@contextmanager
def without_in_postgresql(table: str, *names: str) -> Iterator[None]:
    """Drop constraints of a PostgreSQL table for the block, committed; empties it before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND conname = ANY(%s)",
            [table, list(names)],
        )
        definitions: dict[str, Any] = dict(cursor.fetchall())
        assert set(definitions) == set(names)
        for name in names:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
            for name, definition in definitions.items():
                cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
