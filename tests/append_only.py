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
from typing import Any

import pytest
from django.db import transaction
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


@pytest.fixture(scope="session", autouse=True)
def emptying_sets_append_only_aside() -> Iterator[None]:
    """Every emptying of the test database sets the append-only protections aside."""
    emptying = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: Any, sql_list: Iterable[str]) -> None:
        with (
            transaction.atomic(using=self.connection.alias),
            append_only_set_aside(self.connection),
        ):
            emptying(self, sql_list)
            if "audit_head" in self.connection.introspection.table_names():
                # The lanes of the journal are part of the tables as migrations leave them.
                audit.begin_lanes()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", execute_sql_flush)
        yield
