"""Proves the journal: who saw or changed what. Nothing of it can be altered without a trace.

soutien audit verify                   read every line; name each damage and its place
soutien audit verify --heads FILE      and hold it against the heads exported before
soutien audit operations               backups, restores and keys: what was done, and when
soutien audit key                      make the key that signs heads, outside the database
soutien audit key --public             print its public half
soutien audit head                     where each lane ends now
soutien audit head --export FILE       add that, signed, to a file to be kept elsewhere
soutien audit check-head FILE --public-key KEY   check such a file; needs no database
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soutien.doors.environment import SettingError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from soutien.registers.audit.damage import Damage
    from soutien.registers.audit.reading import Exported, Found

SHOWN = 50
# What the operator did to everything at once: about nobody in particular.
OPERATIONS = ("audit.backup", "audit.key")
SAID = {
    "changed": "changed: not what was written",
    "missing": "taken out",
    "inserted": "put in: never written there",
    "moved": "moved here from another place",
    "truncated": "the end was cut off",
    "head": "the head of the lane was altered",
    "no_lane": "the head of the lane was removed",
    "unknown_key": "chained with a key that is not given (SOUTIEN_JOURNAL_KEYS_OLD)",
    "not_a_line": "cannot be read, or people hang on no line",
    "rewritten": "written anew since the exported head",
    "forgotten": "gone since the exported head: an older state was put back",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    verify = acts.add_parser("verify", help="read the whole journal and find every damage")
    verify.add_argument("--heads", type=Path, metavar="FILE", help="heads exported before")
    verify.add_argument(
        "--public-key", type=Path, metavar="KEY", help="public key of those heads (default: ours)"
    )
    verify.add_argument("--json", action="store_true", help="print one object for programs")
    done = acts.add_parser("operations", help="backups, restores and keys")
    done.add_argument("--json", action="store_true", help="print one object a line")
    head = acts.add_parser("head", help="where each lane ends now")
    head.add_argument("--sign", action="store_true", help="print it signed, as one line")
    head.add_argument("--export", type=Path, metavar="FILE", help="add it, signed, to a file")
    key = acts.add_parser("key", help="make the key that signs heads")
    key.add_argument("--public", action="store_true", help="print the public half of ours")
    check = acts.add_parser("check-head", help="check exported heads with the public key alone")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--public-key", type=Path, metavar="KEY", required=True)


def run(args: argparse.Namespace) -> int:
    """Does what was asked. 1 when the journal or an export does not hold."""
    from soutien.doors.journal_heads import Wrong
    from soutien.sealing.signing import SigningError

    acts: dict[str, Callable[[argparse.Namespace], int]] = {
        "verify": _verify,
        "operations": _operations,
        "head": _head,
        "key": _key,
        "check-head": _check,
    }
    try:
        if args.act != "check-head":
            from soutien.doors.cli.framework import start

            start()
        return acts[args.act](args)
    except SigningError as error:
        raise SettingError(str(error)) from error
    except OSError as error:
        raise SettingError(f"{error.filename}: {error.strerror}.") from error
    except Wrong as wrong:
        file = args.file if args.act == "check-head" else args.heads
        print(f"soutien: {file}: {wrong}", file=sys.stderr)
        return 1


def _verify(args: argparse.Namespace) -> int:
    from soutien.registers.audit import reading

    exported = _exported(args)
    started = time.monotonic()
    with _progress(reading.lines_expected()) as advance:
        found = reading.verify(exported=exported, progress=advance)
    seconds = time.monotonic() - started
    rate = round(found.lines / seconds) if seconds else 0
    if args.json:
        print(json.dumps(_as_object(found, exported, seconds, rate)))
    else:
        for damage in found.damages[:SHOWN]:
            print(sentence(damage))
        if len(found.damages) > SHOWN:
            print(f"… and {len(found.damages) - SHOWN:,} more: --json tells them all.")
        held = f", held against {len(exported):,} exported heads" if exported else ""
        print(f"{found.lines:,} lines read in {seconds:.1f} s ({rate:,} a second){held}.")
        print(
            f"The journal is damaged in {len(found.damages):,} places."
            if found.damages
            else "The journal is whole: nothing was changed, removed, inserted or moved."
        )
    return 1 if found.damages else 0


def sentence(damage: Damage) -> str:
    """« Lane 3, line 17 (2026-03-02 10:00:00 UTC): changed: not what was written. »"""
    one = damage.first == damage.last
    lines = f"line {damage.first:,}" if one else f"lines {damage.first:,} to {damage.last:,}"
    at = f" ({damage.at:%Y-%m-%d %H:%M:%S} UTC)" if damage.at else ""
    return f"Lane {damage.lane}, {lines}{at}: {SAID[damage.kind]}."


def _as_object(
    found: Found, exported: list[Exported], seconds: float, rate: int
) -> dict[str, Any]:
    return {
        "whole": not found.damages,
        "lines": found.lines,
        "seconds": round(seconds, 3),
        "lines_per_second": rate,
        "heads_checked": len(exported),
        "damages": [
            {
                "kind": str(damage.kind),
                "lane": damage.lane,
                "first": damage.first,
                "last": damage.last,
                "at": damage.at.isoformat() if damage.at else None,
                "sentence": sentence(damage),
            }
            for damage in found.damages
        ],
    }


def _operations(args: argparse.Namespace) -> int:
    from soutien.registers.audit.queries import of_kinds

    for line in of_kinds(OPERATIONS):
        told = {"at": line.at.isoformat(), "event": line.event, "what": line.object_id}
        told |= {"reason": line.reason, "result": line.result}
        at = f"{line.at:%Y-%m-%d %H:%M:%S} UTC"
        words = (at, line.event, line.object_id, line.reason)
        print(json.dumps(told) if args.json else "  ".join(filter(None, words)))
    return 0


def _exported(args: argparse.Namespace) -> list[Exported]:
    """The heads of the file given, their signatures checked."""
    from soutien.doors import journal_heads
    from soutien.registers.audit.reading import Exported

    if args.heads is None:
        return []
    key = _public_key(args.public_key)
    return [Exported(one.at, one.ends) for one in journal_heads.read(args.heads, key)]


def _public_key(path: Path | None) -> Ed25519PublicKey:
    from soutien.sealing import signing

    if path is not None:
        return signing.read_public_key(path)
    return signing.read_key(_key_path()).public_key()


def _key_path() -> Path:
    from django.conf import settings

    return Path(settings.JOURNAL_SIGNING_KEY)


def _head(args: argparse.Namespace) -> int:
    from soutien.doors import journal_heads
    from soutien.registers.audit.queries import heads, keys
    from soutien.sealing import signing

    at, known = datetime.now(UTC), keys()
    if broken := [head.lane for head in heads() if not head.holds(known)]:
        print(
            f"soutien: the head of lane {broken[0]} does not hold. Nothing is exported; see  "
            "soutien audit verify",
            file=sys.stderr,
        )
        return 1
    ends = journal_heads.ends_now()
    if args.export is not None:
        journal_heads.append(args.export, at, ends, signing.read_key(_key_path()))
        print(f"{journal_heads.total(ends.values()):,} lines; {args.export} has one line more.")
    elif args.sign:
        print(journal_heads.written(at, ends, signing.read_key(_key_path())))
    else:
        for lane, (sequence, link) in ends.items():
            print(f"{lane:>4} {sequence:>14,}  {link.hex()}")
    return 0


def _key(args: argparse.Namespace) -> int:
    from soutien.sealing import signing

    path = _key_path()
    if args.public:
        print(signing.public_pem(signing.read_key(path)), end="")
        return 0
    key = signing.make_key(path)
    print(f"Made {path}. Keep a copy elsewhere, and give this to whoever checks:")
    print(signing.public_pem(key), end="")
    return 0


def _check(args: argparse.Namespace) -> int:
    from soutien.doors import journal_heads
    from soutien.sealing import signing

    count, last = 0, None
    for heads in journal_heads.read(args.file, signing.read_public_key(args.public_key)):
        count, last = count + 1, heads
    if last is None:
        print(f"soutien: {args.file} holds no heads.", file=sys.stderr)
        return 1
    lines = journal_heads.total(last.ends.values())
    print(f"{count:,} heads, all signed and in order; the last of {last.at:%Y-%m-%d %H:%M} UTC,")
    print(f"with {lines:,} lines.")
    return 0


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal; silent elsewhere."""
    if not sys.stderr.isatty():
        yield lambda lines: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("lines", total=total)
        yield lambda lines: progress.advance(task, lines)
