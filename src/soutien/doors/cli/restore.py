"""Fills an empty database from a backup: all of it, checked before and compared after, or nothing.

The database is the one DATABASE_URL names, SQLite or PostgreSQL, whichever the backup was made on.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from soutien.doors.cli.backup import add_keys, shown
from soutien.doors.environment import SettingError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    parser.add_argument(
        "--replace", action="store_true", help="throw away what the database holds"
    )
    add_keys(parser)
    parser.add_argument("--json", action="store_true", help="print one object for programs")


def run(args: argparse.Namespace) -> int:
    """Restores. 1 when it is refused, or when somebody should look at what was restored."""
    from soutien.doors.cli.framework import start

    start()
    from soutien.doors.backups.content import opened
    from soutien.doors.backups.envelope import BackupRefused, kind_of
    from soutien.doors.backups.keeping import secrets_from
    from soutien.doors.backups.restoring import restore

    try:
        with opened(args.file) as file:
            asked_for = kind_of(file)
        secrets = secrets_from(
            key_file=args.key_file,
            passphrase_file=args.passphrase_file,
            twice=False,
            asked_for=asked_for,
        )
        with shown("restoring", hidden=args.json) as seen:
            done = restore(args.file, secrets, replace=args.replace, seen=seen)
    except BackupRefused as refusal:
        raise SettingError(str(refusal)) from refusal
    warnings = [*done.warnings, *_noted(args.file.name)]
    told = {"file": str(args.file), "rows": done.rows, "warnings": warnings}
    print(json.dumps(told, indent=2) if args.json else _sentence(done.rows))
    for warning in warnings:
        print(f"soutien: {warning}", file=sys.stderr)
    return 1 if warnings else 0


def _noted(name: str) -> list[str]:
    """Leave a line of the restore; a warning when the journal that was restored takes none."""
    from soutien.registers.audit.queries import JournalDamaged
    from soutien.steps.actor import SYSTEM
    from soutien.steps.operate import note_restore

    try:
        note_restore(actor=SYSTEM, name=name, at=datetime.now(UTC))
    except JournalDamaged as damaged:
        return [f"The journal has no line of this restore. {damaged}"]
    return []


def _sentence(rows: int) -> str:
    return f"{rows:,} rows restored and compared: the database is as the backup was."
