"""Writes everything into one encrypted file while the product runs, or checks such a file.

soutien backup FILE                a new file
soutien backup DIRECTORY --keep 7  a new file in a directory, and only the latest seven stay
soutien backup --verify FILE       read a whole backup, without any database
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from soutien.doors.environment import SettingError

MEBIBYTE = 1 << 20


def at_least_one(text: str) -> int:
    """A number of backups, from the command line."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def add_keys(parser: argparse.ArgumentParser) -> None:
    """The options that say what opens a backup."""
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE", help="its key (default: SOUTIEN_BACKUP_KEY_FILE)"
    )
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="a file with its passphrase"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup, or a directory")
    parser.add_argument("--verify", action="store_true", help="read the backup, write nothing")
    parser.add_argument(
        "--keep", type=at_least_one, metavar="N", help="of a directory, keep the latest N"
    )
    add_keys(parser)
    parser.add_argument("--json", action="store_true", help="print one object for programs")


@contextmanager
def shown(title: str, *, hidden: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr for each thing that is told of: what, how many rows, of how many."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=hidden) as progress:
        bars: dict[str, Any] = {}

        def seen(what: str, now: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what or title, total=total)
            progress.update(bars[what], completed=now)

        yield seen


def run(args: argparse.Namespace) -> int:
    """Makes or checks a backup. 1 when it is refused."""
    from soutien.doors.backups.envelope import BackupRefused

    try:
        told = _verify(args) if args.verify else _make(args)
    except BackupRefused as refusal:
        raise SettingError(str(refusal)) from refusal
    print(json.dumps(told, indent=2) if args.json else _sentence(told))
    return 0


def _make(args: argparse.Namespace) -> dict[str, Any]:
    from soutien.doors.cli.framework import start

    start()
    from soutien.doors.backups.keeping import secrets_from
    from soutien.doors.backups.making import keep_latest, make, name_at
    from soutien.steps.actor import SYSTEM
    from soutien.steps.operate import note_backup

    if args.keep and not args.file.is_dir():
        raise SettingError(f"--keep needs a directory of backups, and {args.file} is none.")
    secrets = secrets_from(
        key_file=args.key_file, passphrase_file=args.passphrase_file, twice=True
    )
    at = datetime.now(UTC)
    path = args.file / name_at(at) if args.file.is_dir() else args.file
    with shown("writing", hidden=args.json) as seen:
        made = make(
            path,
            secrets,
            made_at=at,
            version=version("soutien"),
            seen=lambda now, total: seen("writing", now, total),
        )
    note_backup(actor=SYSTEM, name=path.name, at=at)
    removed = keep_latest(args.file, args.keep) if args.keep else []
    return {
        "file": str(path),
        "rows": made.rows,
        "bytes": made.bytes,
        "removed": [str(former) for former in removed],
    }


def _verify(args: argparse.Namespace) -> dict[str, Any]:
    from soutien.doors.backups.content import checked, opened
    from soutien.doors.backups.envelope import kind_of
    from soutien.doors.backups.keeping import secrets_from

    with opened(args.file) as file:
        asked_for = kind_of(file)
    secrets = secrets_from(
        key_file=args.key_file,
        passphrase_file=args.passphrase_file,
        twice=False,
        asked_for=asked_for,
    )
    with shown("checking", hidden=args.json) as seen:
        found = checked(args.file, secrets, seen=lambda now, total: seen("checking", now, total))
    return {
        "file": str(args.file),
        "rows": found.manifest.rows,
        "bytes": args.file.stat().st_size,
        "version": found.manifest.version,
        "engine": found.manifest.engine,
        "made_at": found.manifest.made_at,
        "tables": {name: proof.rows for name, proof in found.proofs.items()},
        "sealed_with": found.sealed_with,
    }


def _sentence(told: dict[str, Any]) -> str:
    size = f"{told['bytes'] / MEBIBYTE:.1f} MiB"
    if "made_at" not in told:
        lines = [f"{told['rows']:,} rows written to {told['file']} ({size})."]
        lines += [f"Removed: {former}" for former in told["removed"]]
        return "\n".join(lines)
    keys = ", ".join(told["sealed_with"]) or "none"
    return (
        f"{told['file']} is whole: {told['rows']:,} rows of {len(told['tables'])} tables "
        f"({size}), made on {told['made_at']} by version {told['version']} on "
        f"{told['engine']}.\nSealing keys its texts need: {keys}."
    )
