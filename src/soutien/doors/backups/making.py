"""Making a backup of one moment, while everybody goes on writing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from soutien.doors.backups.content import FORM, line_of
from soutien.doors.backups.envelope import (
    CHUNK_BYTES,
    HEADER_BYTES_MAX,
    MAGIC,
    BackupRefused,
    Secrets,
    Writer,
)
from soutien.doors.backups.tables import (
    ROWS_AT_ONCE,
    Table,
    count,
    described,
    last_number,
    rows,
    tables,
)
from soutien.doors.backups.witnesses import testimony
from soutien.sealing.columns import uses

PREFIX, SUFFIX = "soutien-", ".backup"


class Made(NamedTuple):
    """What was made: how many rows and bytes."""

    rows: int
    bytes: int


def make(
    path: Path,
    secrets: Secrets,
    *,
    made_at: datetime,
    version: str,
    chunk_bytes: int = CHUNK_BYTES,
    seen: Callable[[int, int], None] = lambda _now, _all: None,
) -> Made:
    """Write a backup of this moment to a new file, readable by its owner alone.

    It is there whole or not at all. Raises BackupRefused when the file exists already.
    """
    with _new_file(path) as file:
        writer = Writer(file, secrets, chunk_bytes)
        try:
            with snapshot():
                done = _content(writer, made_at, version, seen)
        except DatabaseError as error:
            raise BackupRefused(
                f"The database cannot be read whole: {str(error).strip()}. Are its tables those "
                "of this version?  soutien manage migrate"
            ) from error
        writer.close()
        written = file.tell()
    return Made(done, written)


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read in the block is of one moment; nobody waits."""
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    database: Any = connection
    database.ensure_connection()
    mode, database.transaction_mode = database.transaction_mode, "DEFERRED"
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        database.transaction_mode = mode


def name_at(moment: datetime) -> str:
    """The name of a backup in a directory of backups: they sort by time."""
    return f"{PREFIX}{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"


def keep_latest(folder: Path, number: int) -> list[Path]:
    """Remove all but the latest backups of a directory; those removed.

    Only files with our name that begin like a backup are ever touched.
    """
    ours = sorted(path for path in folder.glob(f"{PREFIX}*{SUFFIX}") if _is_ours(path))
    removed = ours[:-number]
    for path in removed:
        path.unlink()
    return removed


def migrations() -> list[list[str]]:
    """The migrations of the database, in order."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted([app, name] for app, name in applied)


def _content(
    writer: Writer, made_at: datetime, version: str, seen: Callable[[int, int], None]
) -> int:
    found = tables()
    total, done = sum(map(count, found)), 0
    manifest = {
        "form": FORM,
        "version": version,
        "engine": connection.vendor,
        "made_at": made_at.astimezone(UTC).isoformat(),
        "migrations": migrations(),
        "tables": [described(table) for table in found],
        "rows": total,
    }
    writer.write(line_of(manifest))
    for table in found:
        done += _rows(writer, table, partial(_further, seen, done, total))
    sealed: dict[str, int] = {}
    for use in uses():
        sealed[use.key_id.hex()] = sealed.get(use.key_id.hex(), 0) + use.rows
    writer.write(line_of({"witnesses": testimony(), "sealed_with": sealed}))
    return done


def _further(seen: Callable[[int, int], None], before: int, total: int, now: int) -> None:
    seen(before + now, total)


def _rows(writer: Writer, table: Table, seen: Callable[[int], None]) -> int:
    writer.write(line_of({"table": table.name}))
    digest, number = hashlib.sha256(), 0
    for number, line in enumerate(rows(table), start=1):
        digest.update(line)
        writer.write(line)
        if number % ROWS_AT_ONCE == 0:
            seen(number)
    seen(number)
    told = {"end": number, "sha256": digest.hexdigest(), "last_number": last_number(table)}
    writer.write(line_of(told))
    return number


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if path.exists():
        raise BackupRefused(f"{path} exists already: give another name, or take it away first.")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written ({error.strerror}).") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # A name taken meanwhile stays whose it is.
        os.link(draft, path)
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        draft.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    if not path.is_file() or path.stat().st_size < HEADER_BYTES_MAX // 16:
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC
