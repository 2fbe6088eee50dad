"""Every table that is written once, as the engine itself lists them: what they refuse, tried.

The tables are read from the catalogue, so that one added tomorrow is tried too; those known today
are named, so that one whose triggers were lost (SQLite loses them when a table is remade) is seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories as make
from tests.append_only import append_only_set_aside

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
KNOWN = {
    *("audit_entry", "audit_head", "audit_named", "care_caresession"),
    *("claims_caresheet", "claims_claim", "claims_decision", "claims_review"),
    *("claims_papertyping", "claims_sheetline"),
    *("consents_consent", "corrections_formervalue", "guardians_signature"),
    *("measures_outcome", "measures_questionnaire", "measures_review"),
    *("writings_answer", "writings_handover", "writings_signature", "writings_version"),
    "writings_writing",
}
# What each engine must have a trigger for: SQLite overwrites by INSERT, PostgreSQL by TRUNCATE.
EVENTS = {"sqlite": {"update", "delete", "insert"}, "postgresql": {"update", "delete", "truncate"}}
BITS = {8: "delete", 16: "update", 32: "truncate"}
# The end of a lane moves forward, and only so (tests/registers/test_append_only.py).
MOVES = {("audit_head", "sequence")}

# What the engine looks at when a row comes or goes: a signature, a paper whose person is known.
NEEDED = {
    "writings_handover": ("writings_signature",),
    "claims_papertyping": ("claims_papersheet",),
}
ASIDE = {name for needed in NEEDED.values() for name in needed}


def rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def standing() -> dict[str, set[str]]:
    """Each table with a protection that is on, and what it is asked about."""
    found: dict[str, set[str]] = defaultdict(set)
    if connection.vendor == "sqlite":
        for table, name in rows("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"):
            start, here, event = name.partition("_append_only_")
            if here and start == table:
                found[table].add(event)
        return found
    for table, kinds in rows(
        "SELECT tgrelid::regclass::text, tgtype FROM pg_trigger WHERE NOT tgisinternal "
        r"AND tgenabled IN ('O', 'A') AND tgname LIKE '%\_append\_only%'"
    ):
        found[table] |= {event for bit, event in BITS.items() if kinds & bit}
    return found


def columns(table: str) -> dict[str, str]:
    """The columns of a table with their types, but what the engine numbers by itself."""
    if connection.vendor == "sqlite":
        told = rows(f"SELECT name, lower(type) FROM pragma_table_info('{table}')")
    else:
        told = rows(
            "SELECT column_name, data_type FROM information_schema.columns "
            f"WHERE table_schema = 'public' AND table_name = '{table}'"
        )
    return dict(told)


def parents(table: str) -> dict[str, str]:
    """The columns that name a row of another table."""
    if connection.vendor == "sqlite":
        told = rows(f"""SELECT "from", "table" FROM pragma_foreign_key_list('{table}')""")
    else:
        told = rows(
            "SELECT a.attname, c.confrelid::regclass::text FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            f"WHERE c.contype = 'f' AND c.conrelid = '{table}'::regclass"
        )
    return dict(told)


def of_type(kind: str, number: int) -> Any:
    """A value of a type, another for another number."""
    values: dict[str, Callable[[], Any]] = {
        "bool": lambda: bool(number % 2),
        "int": lambda: number,
        "datetime": lambda: AT.replace(minute=number % 60),
        "timestamp": lambda: AT.replace(minute=number % 60),
        "date": lambda: AT.replace(day=number % 28 + 1).date(),
        "uuid": lambda: str(uuid4()),
        "char(32)": lambda: uuid4().hex,
        "blob": lambda: bytes([number % 256]),
        "bytea": lambda: bytes([number % 256]),
        "json": lambda: f'{{"a": {number}}}',
    }
    for start, value in values.items():
        if kind.startswith(start) or (start == "int" and "int" in kind):
            return value()
    # As short as any column.
    return chr(ord("a") + number % 26)


class Undone(Exception):
    """Raised to take back all that a block wrote."""


@contextmanager
def rules_of_content_set_aside(tables: set[str]) -> Iterator[None]:
    """Within the block rows may hold anything, and name rows that are not there; then all goes."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = ON")
            else:
                for table, name in rows(
                    "SELECT conrelid::regclass::text, conname FROM pg_constraint "
                    "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
                ):
                    if table in tables | ASIDE:
                        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            yield
            raise Undone
    except Undone:
        pass
    finally:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints = OFF")


def put(
    table: str, protected: set[str], person_id: int, number: int, made: dict[str, Any]
) -> dict[str, Any]:
    """A row of a table about a person, with the rows it hangs on; what it holds."""
    if table in made:
        return made[table]
    for needed in NEEDED.get(table, ()):
        put(needed, protected, person_id, number, made)
    above, row = parents(table), made.setdefault(table, {})
    for name, kind in columns(table).items():
        if above.get(name) == "people_person":
            row[name] = person_id
        elif above.get(name) in (protected | {*NEEDED.get(table, ())}) - {table}:
            row[name] = put(above[name], protected, person_id, number, made)["id"]
        else:
            row[name] = of_type(kind, number)
    with connection.cursor() as cursor:
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join(["%s"] * len(row))
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", [*row.values()])
    return row


def refuses(table: str, statement: str, *values: Any) -> bool:
    """Whether the table's own protection refuses a statement."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError as refusal:
        return f"{table}_append_only" in str(refusal)
    return False


def changes(table: str, row: dict[str, Any], number: int) -> Iterator[tuple[str, str, Any]]:
    """Each column with another value; what is sealed may be sealed anew, and is left."""
    kinds = columns(table)
    for name in row:
        if kinds[name] not in {"blob", "bytea"} and (table, name) not in MOVES:
            value = of_type(kinds[name], number + 1)
            yield name, f'UPDATE {table} SET "{name}" = %s', value


def test_each_has_all_its_triggers() -> None:
    found = standing()
    assert set(found) >= KNOWN, f"lost: {sorted(KNOWN - set(found))}"
    lacking = {table: EVENTS[connection.vendor] - events for table, events in found.items()}
    assert not any(lacking.values()), lacking


def test_each_refuses_a_change_of_any_column_and_a_removal() -> None:
    tables, person = set(standing()), make.person(at=AT)
    passed = []
    for number, table in enumerate(sorted(tables), 1000):
        with rules_of_content_set_aside(tables):
            row = put(table, tables, person.pk, number, {})
            for name, statement, value in changes(table, row, number):
                if not refuses(table, statement, value):
                    passed.append(f"{table}.{name}")
            if not refuses(table, f"DELETE FROM {table}"):
                passed.append(f"{table}: removal")
    assert not passed


def test_twin_without_their_triggers_each_is_changed_and_removed() -> None:
    tables, person = set(standing()), make.person(at=AT)
    for number, table in enumerate(sorted(tables), 1000):
        with rules_of_content_set_aside(tables), append_only_set_aside(connection):
            if connection.vendor == "postgresql":
                connection.cursor().execute("SET CONSTRAINTS ALL DEFERRED")
            row = put(table, tables, person.pk, number, {})
            for _name, statement, value in changes(table, row, number):
                assert not refuses(table, statement, value), statement
            assert not refuses(table, f"DELETE FROM {table}"), table
            # Before the protections are put back: the rows hang on nothing.
            raise Undone
