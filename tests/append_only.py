"""Lets the tests empty the append-only tables, which the product itself has no way to do.

After a test with real transactions, Django empties every table. The protections of the trace, the
sheets, the claims and the decisions refuse that, as they must; so for the length of that emptying,
in its transaction and in the test database only, they are set aside. No setting, no session
variable and no account of the product can do this: it is DDL, written here, outside the package.
See docs/decisions/0009-append-only-tables.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest
from django.core.management import sql as flush
from django.core.management.commands import flush as flush_command
from django.db import connections, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

from soutien.registers.audit import queries as audit


@contextmanager
def append_only_set_aside(connection: Any) -> Iterator[None]:
    """Within the block, append-only tables may be emptied. Needs a transaction around it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
                r"WHERE tgname LIKE '%\_append\_only'"
            )
            tables = [table for (table,) in cursor.fetchall()]
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
            r"AND name LIKE '%\_append\_only\_%' ESCAPE '\'"
        )
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


# As migrations leave them: no test writes there, and making them again takes longer than a test.
# SQLite empties its full-text index by itself, by a trigger on the rows that it reads.
INDEX = "contents_words"
LEFT_ALONE = frozenset({"django_migrations", "django_content_type", "auth_permission"})


def filled(connection: Any, names: Iterable[str]) -> list[str]:
    """The tables that hold any row: a test writes to a handful of them."""
    looks = (
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(name)})"
        for name in sorted(set(names) - LEFT_ALONE)
        if not name.startswith(INDEX)
    )
    found: list[str] = []
    with connection.cursor() as cursor:
        # SQLite takes 500 parts of a compound question at most.
        while part := list(islice(looks, 200)):
            cursor.execute(" UNION ALL ".join(part))
            found += [name for (name,) in cursor.fetchall()]
    return found


def may_set_all_aside(connection: Any) -> bool:
    """Only a superuser of PostgreSQL may set foreign keys and triggers aside for a transaction."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def empty(connection: Any, names: Iterable[str]) -> None:
    """Deletes every row but those left alone, in the caller's transaction."""
    on_postgres = connection.vendor == "postgresql"
    tables = filled(connection, names)
    with connection.cursor() as cursor:
        triggers: list[tuple[str, str]] = []
        if on_postgres:
            cursor.execute("SET LOCAL session_replication_role = replica")
        elif tables:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            marks = ", ".join(["%s"] * len(tables))
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
                f"AND sql LIKE '%DELETE ON%' AND tbl_name IN ({marks}) AND name <> %s",
                [*tables, f"{INDEX}_delete"],
            )
            triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for name in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
        for _name, sql in triggers:
            cursor.execute(sql)
        if on_postgres:
            cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture(scope="session", autouse=True)
def emptying_sets_append_only_aside() -> Iterator[None]:
    """Every emptying of the test database sets the append-only protections aside."""
    emptying = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: Any, sql_list: Iterable[str]) -> None:
        with transaction.atomic(using=self.connection.alias):
            names = self.connection.introspection.table_names()
            if may_set_all_aside(self.connection):
                empty(self.connection, names)
            else:
                with append_only_set_aside(self.connection):
                    emptying(self, sql_list)
            if "audit_head" in names:
                # The lanes of the journal are part of the tables as migrations leave them.
                audit.begin_lanes()

    def told_again(verbosity: int, interactive: bool, db: str, **told: Any) -> None:
        if not may_set_all_aside(connections[db]):
            flush.emit_post_migrate_signal(verbosity, interactive, db, **told)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", execute_sql_flush)
        patch.setattr(flush_command, "emit_post_migrate_signal", told_again)
        yield
