"""What a backup says, line by line, and the reading that believes nothing.

First the manifest; then each table: its name, its rows as lists, what they amount to; last the
witnesses: what the registers themselves say of their state. A line that starts with ``[`` is a
row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from soutien.doors.backups.envelope import BackupRefused, Secrets, lines
from soutien.doors.backups.tables import Proof, Table, as_told

FORM = 1


class Manifest(NamedTuple):
    """What the backup is of: version, database, moment, migrations and tables."""

    version: str
    engine: str
    made_at: str
    migrations: list[list[str]]
    tables: dict[str, Table]
    rows: int


class Checked(NamedTuple):
    """A backup read to its end: all of it is as it was written."""

    manifest: Manifest
    proofs: dict[str, Proof]
    witnesses: dict[str, Any]
    sealed_with: dict[str, int]


def checked(
    path: Path, secrets: Secrets, *, seen: Callable[[int, int], None] = lambda _now, _all: None
) -> Checked:
    """Read a whole backup; nothing is kept. Raises BackupRefused with the reason."""
    proofs: dict[str, Proof] = {}
    with opened(path) as file:
        parts = _Parts(lines(file, secrets))
        manifest = parts.manifest()
        done = 0
        for table, rows in parts.tables(manifest):
            digest, number = hashlib.sha256(), 0
            for line in rows:
                digest.update(line)
                number += 1
            done += number
            seen(done, manifest.rows)
            told = parts.proof
            if (told.rows, told.sha256) != (number, digest.hexdigest()):
                raise BackupRefused(f"The rows of {table.name} do not amount to what was noted.")
            proofs[table.name] = told
        last = parts.end()
    return Checked(manifest, proofs, last["witnesses"], last["sealed_with"])


def each_table(path: Path, secrets: Secrets) -> Iterator[tuple[Table, Iterator[bytes]]]:
    """Every table with its rows, in the order of the backup."""
    with opened(path) as file:
        parts = _Parts(lines(file, secrets))
        yield from parts.tables(parts.manifest())
        parts.end()


def opened(path: Path) -> Any:
    """The file, to read. Raises BackupRefused when it cannot be."""
    try:
        return path.open("rb")
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read ({error.strerror}).") from error


class _Parts:
    """The lines of a backup, taken in the only order there is."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.proof = Proof(0, "", None)

    def manifest(self) -> Manifest:
        told = self._told("form")
        if told["form"] != FORM:
            raise BackupRefused(
                f"The backup has form {told['form']}, and this version reads {FORM}: use the "
                "version that made it, or a newer one."
            )
        found = {one["name"]: as_told(one) for one in told["tables"]}
        return Manifest(
            told["version"],
            told["engine"],
            told["made_at"],
            told["migrations"],
            found,
            told["rows"],
        )

    def tables(self, manifest: Manifest) -> Iterator[tuple[Table, Iterator[bytes]]]:
        for name, table in manifest.tables.items():
            if self._told("table")["table"] != name:
                raise BackupRefused(f"The backup does not hold {name} where it should.")
            rows = self._rows()
            yield table, rows
            for _left in rows:
                pass

    def end(self) -> dict[str, Any]:
        told = self._told("witnesses")
        if next(self._lines, None) is not None:
            raise BackupRefused("The backup goes on after its end.")
        return told

    def _rows(self) -> Iterator[bytes]:
        for line in self._lines:
            if not line.startswith(b"["):
                told = json.loads(line)
                self.proof = Proof(told["end"], told["sha256"], told["last_number"])
                return
            yield line + b"\n"
        raise BackupRefused("The backup ends in the middle of a table.")

    def _told(self, name: str) -> dict[str, Any]:
        found = json.loads(next(self._lines, b"{}"))
        if name not in found:
            raise BackupRefused(f"The backup does not say {name!r} where it should.")
        return dict(found)


def line_of(told: dict[str, Any]) -> bytes:
    """One line that is no row."""
    return (json.dumps(told, ensure_ascii=False, sort_keys=True) + "\n").encode()


def same(one: Iterable[Any], other: Iterable[Any]) -> bool:
    """Whether two lists of migrations are the same, whatever their order."""
    return sorted(map(tuple, one)) == sorted(map(tuple, other))
