"""Invoices in the B2 format: ``soutien b2 write|read|check``.

write  the accepted claims that a fund received on some days and pays psychologists for
read   the invoices of a file, as JSON, one a line
check  say what is wrong with a file, with record and column

The records of invoices only: what surrounds them on the way to a payer is its own matter.
See docs/exchange-files.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

DONE, FAILED = 0, 1
SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien b2`` understands."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    write = acts.add_parser("write", help="write the invoices of a fund")
    write.add_argument("file", metavar="FILE", type=Path, help="the file to write; never over one")
    write.add_argument(
        "--fund", metavar="CODE", required=True, help="the fund's code, nine digits"
    )
    write.add_argument("--since", metavar="DAY", type=date.fromisoformat, required=True)
    write.add_argument(
        "--before", metavar="DAY", type=date.fromisoformat, required=True, help="not included"
    )
    for name, words in (
        ("read", "print the invoices, one a line"),
        ("check", "say what is wrong"),
    ):
        act = acts.add_parser(name, help=words)
        act.add_argument("file", metavar="FILE", type=Path)


def run(args: argparse.Namespace) -> int:
    """Write, read or check. A fault is told on stderr, and fails."""
    try:
        return {"write": _write, "read": _read, "check": _check}[args.act](args)
    except OSError as error:
        print(f"soutien b2: {error.filename or args.file}: {error.strerror}.", file=sys.stderr)
        return FAILED


def _write(args: argparse.Namespace) -> int:
    from soutien.doors.cli import framework

    framework.start()
    from soutien.doors.files.b2.of_claims import invoice_of
    from soutien.doors.files.b2.write import Unwritable, records
    from soutien.steps.actor import SYSTEM
    from soutien.steps.returned import list_invoices

    billed = list_invoices(
        actor=SYSTEM,
        fund_code=args.fund,
        since=args.since,
        before=args.before,
        at=datetime.now(UTC),
    )
    written = left = 0
    # Named people and health: for the owner of the file alone.
    with args.file.open("xb") as file:
        args.file.chmod(0o600)
        for claim in billed:
            try:
                lines = list(records(invoice_of(claim)))
            except Unwritable as error:
                left += 1
                print(f"{claim.reference}: left out, {error}", file=sys.stderr)
                continue
            file.writelines(f"{line}\r\n".encode("ascii") for line in lines)
            written += 1
    print(f"{written} invoices written to {args.file}, {left} left out.")
    return FAILED if left else DONE


def _read(args: argparse.Namespace) -> int:
    from soutien.doors.files.b2.read import Fault, lines_of, read

    faults = 0
    with args.file.open("rb") as file:
        for found in read(lines_of(file)):
            if isinstance(found, Fault):
                faults += 1
                print(f"{args.file}: {found}", file=sys.stderr)
            else:
                print(json.dumps(asdict(found), default=str))
    return FAILED if faults else DONE


def _check(args: argparse.Namespace) -> int:
    from soutien.doors.files.b2.read import Fault, lines_of, read

    faults = invoices = fees = amo = 0
    with args.file.open("rb") as file:
        for found in read(lines_of(file)):
            if isinstance(found, Fault):
                faults += 1
                if faults <= SHOWN:
                    print(f"{args.file}: {found}", file=sys.stderr)
            else:
                invoices, fees, amo = invoices + 1, fees + found.fee_cents, amo + found.amo_cents
    print(
        f"{invoices} invoices, fees {_euros(fees)}, of which AMO {_euros(amo)}; {faults} faults."
    )
    return FAILED if faults else DONE


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d} EUR"
