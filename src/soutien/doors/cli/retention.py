"""Removes what was kept long enough, kind by kind, or says what would go.

soutien retention list              each kind: how long, from when, and on whose word
soutien retention run --dry-run     how many rows would go; changes nothing
soutien retention run               remove them, in batches; --kind K for some kinds only
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from soutien.rules.retention import KEPT

    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listed = acts.add_parser("list", help="each kind: how long, from when, on whose word")
    listed.add_argument("--json", action="store_true", help="print one object for programs")
    run_it = acts.add_parser("run", help="remove what was kept long enough")
    run_it.add_argument("--dry-run", action="store_true", help="count, and change nothing")
    run_it.add_argument(
        "--kind", action="append", choices=sorted(KEPT), metavar="KIND", help="only this kind"
    )
    run_it.add_argument("--json", action="store_true", help="print one object for programs")


def run(args: argparse.Namespace) -> int:
    """Does what was asked; always 0, for nothing to remove is no failure."""
    from soutien.doors.cli.framework import start

    start()
    if args.act == "list":
        return _list(as_json=args.json)
    return _run(args)


def _list(*, as_json: bool) -> int:
    from django.conf import settings

    from soutien.rules.retention import KEPT

    lines: dict[str, dict[str, Any]] = {
        kind: {
            "months": kept.term(settings.RETENTION_MONTHS),
            "days": kept.days,
            "from": kept.counted_from["en"],
            "source": kept.source,
            "setting": kept.setting,
            "why": kept.why,
        }
        for kind, kept in KEPT.items()
    }
    if as_json:
        print(json.dumps(lines, indent=1))
        return 0
    for kind, told in lines.items():
        term = f"{told['months']} months" if told["months"] else f"{told['days']} days"
        print(f"{kind:16}  {term:>10} from {told['from']}")
    return 0


def _run(args: argparse.Namespace) -> int:
    from django.conf import settings

    from soutien.rules.retention import KEPT
    from soutien.steps.keeping import count_due
    from soutien.steps.retain import remove_expired

    at, chosen = datetime.now(UTC), settings.RETENTION_MONTHS
    gone: dict[str, int] = {}
    for kind in args.kind or KEPT:
        if args.dry_run:
            gone[kind] = count_due(kind, at, chosen)
            continue
        gone[kind] = 0
        while batch := remove_expired(kind=kind, at=at, chosen=chosen):
            gone[kind] += batch
            print(f"\r{kind}: {gone[kind]}", end="", file=sys.stderr, flush=True)
        if gone[kind]:
            print(file=sys.stderr)
    if args.json:
        print(json.dumps({"dry_run": args.dry_run, "rows": gone}))
        return 0
    verb = "would go" if args.dry_run else "went"
    for kind, rows in gone.items():
        print(f"{kind:16}  {rows:>8} {verb}")
    return 0
