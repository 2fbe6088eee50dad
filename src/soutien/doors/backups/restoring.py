"""Restoring: everything is read and checked before anything is written, and compared after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from soutien.doors.backups.content import Checked, Manifest, checked, each_table, same
from soutien.doors.backups.envelope import BackupRefused, Secrets
from soutien.doors.backups.making import migrations
from soutien.doors.backups.tables import (
    Table,
    count,
    proof,
    set_last_number,
    tables,
    write,
)
from soutien.doors.backups.witnesses import damage_of_the_journal, testimony
from soutien.sealing.keyring import keyring

# Filled by the migrations themselves: they do not make a database somebody's.
MADE_BY_MIGRATIONS = frozenset(
    {"django_content_type", "auth_permission", "audit_head", "psychologists_change"}
)
Seen = Callable[[str, int, int], None]


class Restored(NamedTuple):
    """What is there now, and what a person should look at."""

    rows: int
    warnings: tuple[str, ...]


def restore(
    path: Path,
    secrets: Secrets,
    *,
    replace: bool = False,
    seen: Seen = lambda _what, _now, _all: None,
) -> Restored:
    """Fill an empty database from a backup, or none of it.

    Raises BackupRefused, with nothing written, when the backup is damaged or of another version,
    the key is wrong, or the database is not empty (``replace`` empties it, in the transaction
    that fills it).
    """
    found = checked(path, secrets, seen=lambda now, total: seen("checking", now, total))
    _suits(found.manifest, replace=replace)
    _tables_of(found.manifest)
    try:
        with _triggers_set_aside(list(found.manifest.tables.values())):
            _fill(path, secrets, found, seen)
            _compare(found, seen)
    except DatabaseError as error:
        raise BackupRefused(
            f"The database refuses the content of the backup, and nothing was written: {error}"
        ) from error
    _up_to_date()
    return Restored(found.manifest.rows, tuple(_warnings(found)))


def _suits(manifest: Manifest, *, replace: bool) -> None:
    """Whether this database may take the backup. Raises BackupRefused."""
    executor = MigrationExecutor(connection)
    unknown = sorted(set(map(tuple, manifest.migrations)) - set(executor.loader.graph.nodes))
    if unknown:
        raise BackupRefused(
            f"The backup was made by a newer version ({manifest.version}): this one does not know "
            f"{unknown[0][0]}.{unknown[0][1]}. Install that version, then restore."
        )
    if not connection.introspection.table_names():
        return
    if not same(migrations(), manifest.migrations):
        raise BackupRefused(
            "The tables of this database are not of the version of the backup "
            f"({manifest.version}): give an empty database, without tables. The restore makes "
            "them, and brings them up to date."
        )
    filled = [
        table.name for table in tables() if table.name not in MADE_BY_MIGRATIONS and count(table)
    ]
    if filled and not replace:
        raise BackupRefused(
            f"The database is not empty: {len(filled)} tables hold rows, {filled[0]} for one. "
            "Restore into an empty one, or replace all of it with --replace."
        )


def _tables_of(manifest: Manifest) -> None:
    """The tables as they were when the backup was made, when there are none yet."""
    if connection.introspection.table_names():
        return
    executor = MigrationExecutor(connection)
    wanted = {(app, name) for app, name in manifest.migrations}
    nodes = executor.loader.graph.node_map
    executor.migrate(
        [
            (app, name)
            for app, name in sorted(wanted)
            if not any(
                child.key[0] == app and child.key in wanted for child in nodes[app, name].children
            )
        ]
    )


def _up_to_date() -> None:
    """Bring tables of an older version to this one."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)


def _fill(path: Path, secrets: Secrets, found: Checked, seen: Seen) -> None:
    done, total = 0, found.manifest.rows
    for table, rows in each_table(path, secrets):
        write(table, rows)
        done += found.proofs[table.name].rows
        seen("restoring", done, total)
        number = found.proofs[table.name].last_number
        if table.numbered and number is not None:
            set_last_number(table, number)


def _compare(found: Checked, seen: Seen) -> None:
    """Everything is read back: it amounts to what the backup noted. Raises BackupRefused."""
    done, total = 0, found.manifest.rows
    for name, told in found.proofs.items():
        there = proof(found.manifest.tables[name])
        if there != told:
            raise BackupRefused(
                f"{name} does not hold after the restore what the backup says ({there.rows} rows "
                f"instead of {told.rows}, or other content): nothing was written."
            )
        done += there.rows
        seen("comparing", done, total)
    if testimony() != found.witnesses:
        raise BackupRefused("The registers do not say again what they said: nothing was written.")


def _warnings(found: Checked) -> Iterator[str]:
    known = {key_id.hex() for key_id in keyring().keys}
    for key_id, texts in sorted(found.sealed_with.items()):
        if key_id not in known:
            yield (
                f"{texts:,} texts were sealed with key {key_id}, which is not among the keys "
                "given: they will not open until it is (soutien keys list)."
            )
    for damage in damage_of_the_journal():
        yield f"The journal does not hold: {damage}"


@contextmanager
def _triggers_set_aside(wanted: list[Table]) -> Iterator[None]:
    """One transaction in which the tables are emptied and filled without their triggers.

    What the triggers once wrote or refused is in the backup as it was. Constraints and foreign
    keys hold all the same. The triggers are back when the transaction ends, or it never was.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            names = [str(connection.ops.quote_name(table.name)) for table in wanted]
            for name in names:
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            cursor.execute(f"TRUNCATE {', '.join(names)}")
            yield
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for name in names:
                cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        return
    connection.disable_constraint_checking()
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
            for table in wanted:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table.name)}")
            yield
            connection.check_constraints()
            for _name, sql in triggers:
                cursor.execute(sql)
    finally:
        connection.enable_constraint_checking()
