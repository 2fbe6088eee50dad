"""Makes, lists and replaces the keys that seal identifying text, while the product runs.

soutien keys new                 print a new secret
soutien keys new --file FILE     put a new one in a key file: it opens, and does not seal yet
soutien keys list                which rows were sealed with which key
soutien keys use KEY             let a key of the file seal from now on
soutien keys rotate              seal every row again with the key that seals
soutien keys retire KEY          take a key that no row needs out of the file
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soutien.doors.environment import SettingError

if TYPE_CHECKING:
    from soutien.sealing.columns import Use
    from soutien.sealing.keyfile import KeyFile

BATCH_MAX = 5000
BACKUP_KEY_FILE = "SOUTIEN_BACKUP_KEY_FILE"
CURRENT, OPENS, RETIRED, UNKNOWN = "seals", "opens", "retired", "not among the keys given"


def batch(text: str) -> int:
    """Rows read at a time, from the command line."""
    if not text.isdecimal() or not 1 <= int(text) <= BATCH_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {BATCH_MAX}")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    new = acts.add_parser("new", help="make a key")
    new.add_argument("--file", type=Path, metavar="FILE", help="the key file to put it in")
    listed = acts.add_parser("list", help="the keys, and how many rows each sealed")
    listed.add_argument("--json", action="store_true", help="print one object for programs")
    use = acts.add_parser("use", help="let a key of the file seal")
    use.add_argument("key", metavar="KEY", help="its id, as `soutien keys list` shows it")
    rotate = acts.add_parser("rotate", help="seal every row again with the key that seals")
    rotate.add_argument("--json", action="store_true", help="print one object for programs")
    rotate.add_argument(
        "--batch", type=batch, default=200, metavar="ROWS", help="rows read at a time"
    )
    retire = acts.add_parser("retire", help="take a key that no row needs out of the file")
    retire.add_argument("key", metavar="KEY", help="its id, as `soutien keys list` shows it")


def run(args: argparse.Namespace) -> int:
    """Does what was asked. 1 when a rotation leaves rows, or a key is still needed."""
    from soutien.sealing.keyfile import SealingError

    try:
        if args.act == "new":
            return _new(args.file)
        from soutien.doors.cli.framework import start

        start()
        acts = {"list": _list, "rotate": _rotate, "use": _use, "retire": _retire}
        return acts[args.act](args)
    except SealingError as error:
        raise SettingError(str(error)) from error


def _new(path: Path | None) -> int:
    from soutien.sealing.keyfile import KeyFile, new_secret, read_key_file

    secret = new_secret()
    if path is None:
        print(secret)
        return 0
    path = path.absolute()
    fresh = not path.exists()
    kept = KeyFile([], []) if fresh else read_key_file(path)
    file = KeyFile([*kept.live, secret], kept.retired)
    if _in_use(path) and not fresh:
        from soutien.doors.cli.framework import start

        start()
        # Tables are read from here on, and not before.
        from soutien.steps.operate import ADDED

        _changed(path, file, _id(secret), ADDED)
    else:
        _written(path, file)
    if fresh:
        print(f"Key {_id(secret)} seals and opens. Set SOUTIEN_SEALING_KEY_FILE={path}")
        print(f"or, when it is for backups, SOUTIEN_BACKUP_KEY_FILE={path}")
        print("Keep a copy of this file elsewhere: without it, nothing opens.")
    else:
        print(f"Key {_id(secret)} opens, and processes know it within a second. Then:")
        print(f"  soutien keys use {_id(secret)}")
    return 0


def _use(args: argparse.Namespace) -> int:
    from soutien.sealing.keyfile import KeyFile
    from soutien.steps.operate import SEALS

    path, kept = _key_file()
    secret = _named(args.key, kept.live)
    others = [other for other in kept.live if other != secret]
    _changed(path, KeyFile([secret, *others], kept.retired), args.key, SEALS)
    print(f"Key {args.key} seals from now on. Next:  soutien keys rotate")
    return 0


def _retire(args: argparse.Namespace) -> int:
    from django.conf import settings

    from soutien.sealing.columns import uses
    from soutien.sealing.keyfile import KeyFile
    from soutien.steps.operate import RETIRED

    needed = [use for use in uses() if use.key_id.hex() == args.key]
    if needed:
        print(
            f"soutien: key {args.key} is still needed by {sum(use.rows for use in needed)} "
            f"texts ({', '.join(f'{use.table}.{use.column}' for use in needed)}). First:  "
            "soutien keys rotate",
            file=sys.stderr,
        )
        return 1
    if not settings.SEALING_KEY_FILE:
        _named(args.key, [*settings.SEALING_KEYS_OLD], refused=settings.SEALING_KEY)
        print(
            f"No row needs key {args.key}. Move its secret from SOUTIEN_SEALING_KEYS_OLD to "
            "SOUTIEN_JOURNAL_KEYS_OLD, where it still proves the journal."
        )
        return 0
    path, kept = _key_file()
    secret = _named(args.key, kept.live[1:], refused=kept.live[0])
    live = [other for other in kept.live if other != secret]
    _changed(path, KeyFile(live, [*kept.retired, secret]), args.key, RETIRED)
    print(f"Key {args.key} opens nothing any more; it still proves the journal.")
    return 0


def _list(args: argparse.Namespace) -> int:
    from soutien.sealing.columns import uses

    rows = _with_their_state(uses())
    if args.json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        print(f"{row['key']}  {row['state']}")
        for name, count in row["texts"].items():
            print(f"    {count:>10,}  {name}")
        if not row["texts"]:
            print("             0")
    return 0


def _with_their_state(found: list[Use]) -> list[dict[str, Any]]:
    """Every key that is given or used, the one that seals first."""
    from django.conf import settings

    from soutien.sealing.keyfile import read_key_file
    from soutien.sealing.keyring import keyring

    ring = keyring()
    states = dict.fromkeys(ring.keys, OPENS) | {ring.current.key_id: CURRENT}
    for use in found:
        states.setdefault(use.key_id, UNKNOWN)
    if settings.SEALING_KEY_FILE:
        for secret in read_key_file(Path(settings.SEALING_KEY_FILE)).retired:
            states.setdefault(bytes.fromhex(_id(secret)), RETIRED)
    return [
        {
            "key": key_id.hex(),
            "state": state,
            "texts": {
                f"{use.table}.{use.column}": use.rows for use in found if use.key_id == key_id
            },
        }
        for key_id, state in states.items()
    ]


def _rotate(args: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    from soutien.sealing.keyring import keyring
    from soutien.sealing.rotation import rotate, to_do
    from soutien.steps.operate import ROTATED, ROTATED_IN_PART

    started = time.monotonic()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=args.json) as progress:
        bars = {
            table: progress.add_task(table, total=rows, rate="")
            for table, rows in to_do().items()
            if rows
        }

        def report(table: str, rows: int) -> None:
            if table in bars:
                progress.advance(bars[table], rows)
                speed = progress.tasks[bars[table]].speed
                progress.update(bars[table], rate=f"{speed:,.0f} rows/s" if speed else "")

        outcome = rotate(report=report, batch=args.batch)
    _note(keyring().current.key_id.hex(), ROTATED_IN_PART if outcome.left else ROTATED)
    seconds = time.monotonic() - started
    told: dict[str, Any] = {
        "key": keyring().current.key_id.hex(),
        "rows": outcome.done,
        "overtaken": outcome.overtaken,
        "left": outcome.left,
        "unopened": list(outcome.unopened),
        "seconds": round(seconds, 1),
        "rows_per_second": round(outcome.done / seconds),
    }
    print(json.dumps(told, indent=2) if args.json else _sentence(told))
    return 1 if outcome.left else 0


def _sentence(told: dict[str, Any]) -> str:
    lines = [
        f"{told['rows']:,} rows sealed again with key {told['key']} in {told['seconds']} s "
        f"({told['rows_per_second']:,} a second)."
    ]
    if told["overtaken"]:
        lines.append(f"{told['overtaken']:,} were written meanwhile, and read again.")
    if told["unopened"]:
        lines.append("These do not open, and stay as they are; restore them from a backup:")
        lines += [f"  {place}" for place in told["unopened"]]
    if told["left"]:
        lines.append(
            f"{told['left']:,} rows still need another key. When all open, a process still seals "
            "with a former key: restart it, and rotate again."
        )
    return "\n".join(lines)


def _in_use(path: Path) -> bool:
    """Whether the product runs with this file, as the environment says."""
    named = (os.environ.get(name, "") for name in ("SOUTIEN_SEALING_KEY_FILE", BACKUP_KEY_FILE))
    return any(name.strip() and Path(name.strip()).absolute() == path for name in named)


def _changed(path: Path, file: KeyFile, key: str, what: str) -> None:
    """Write the file and its line of the journal: both, or neither."""
    from django.db import transaction

    with transaction.atomic():
        _note(key, what)
        _written(path, file)


def _note(key: str, what: str) -> None:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.operate import note_key

    note_key(actor=SYSTEM, key_id=key, what=what, at=datetime.now(UTC))


def _key_file() -> tuple[Path, KeyFile]:
    from django.conf import settings

    from soutien.sealing.keyfile import read_key_file

    if not settings.SEALING_KEY_FILE:
        raise SettingError(
            "The keys are in the environment, where only you can change them: put the secret "
            "first in SOUTIEN_SEALING_KEY, the former one in SOUTIEN_SEALING_KEYS_OLD, and "
            "restart. With a file (SOUTIEN_SEALING_KEY_FILE) this command does it."
        )
    path = Path(settings.SEALING_KEY_FILE)
    return path, read_key_file(path)


def _named(key: str, secrets: list[str], *, refused: str = "") -> str:
    """The secret whose id this is. Raises SettingError when there is none."""
    if refused and _id(refused) == key:
        raise SettingError(f"Key {key} is the one that seals: let another one seal first.")
    for secret in secrets:
        if _id(secret) == key:
            return secret
    raise SettingError(f"There is no key {key}. What there is:  soutien keys list")


def _id(secret: str) -> str:
    from soutien.sealing.keyring import key_of

    return key_of(secret).key_id.hex()


def _written(path: Path, kept: KeyFile) -> None:
    from soutien.sealing.keyfile import write_key_file

    try:
        write_key_file(path, kept)
    except OSError as error:
        raise SettingError(
            f"The key file {path} cannot be written ({error.strerror}): run this as its owner."
        ) from error
