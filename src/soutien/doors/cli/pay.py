"""Payments, on the side of the bank: which account pays, the file that leaves, what comes back.

soutien pay payer PAYER --name "CPAM" --iban FR76…  the account a payer pays from
soutien pay export NUMBER -o FILE  a released order as SEPA pain.001, checked before it leaves
soutien pay read PAYER FILE…       camt.054 and pain.002, however often and in whatever order
soutien pay gaps PAYER             where the bank and the orders differ; 1 when anywhere

Orders are prepared and released on the pages of the payer's agents, by two people.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

DONE, FAILED = 0, 1
_PAYER = re.compile(r"(fund|insurer):[0-9A-Za-z]{1,20}")


def _payer(text: str) -> str:
    if not _PAYER.fullmatch(text):
        raise argparse.ArgumentTypeError("a payer is fund:CODE or insurer:CODE")
    return text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from soutien.doors.files.transfers import VERSIONS

    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    payer = acts.add_parser("payer", help="write down the account a payer pays from")
    payer.add_argument("payer", type=_payer)
    payer.add_argument("--name", required=True, help="as the bank knows it")
    payer.add_argument("--iban", required=True)
    export = acts.add_parser("export", help="the file of a released order")
    export.add_argument("number", help="of the order, as its page shows it")
    export.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    export.add_argument("--version", choices=VERSIONS, default=VERSIONS[0])
    read = acts.add_parser("read", help="read files of the bank")
    read.add_argument("payer", type=_payer)
    read.add_argument("files", nargs="+", type=Path, metavar="FILE")
    gaps = acts.add_parser("gaps", help="where the bank and the orders differ")
    gaps.add_argument("payer", type=_payer)
    gaps.add_argument("--json", action="store_true", help="print one list for programs")


def run(args: argparse.Namespace) -> int:
    """Does what was asked. 1 when it was refused, with the reason, or when there are gaps."""
    from soutien.doors.cli.framework import start

    start()
    from soutien.doors.files.lines import FileError
    from soutien.doors.files.transfers import FileRefused
    from soutien.steps.errors import Refusal

    acts: dict[str, Callable[[argparse.Namespace, datetime], int]] = {
        "payer": _keep,
        "export": _export,
        "read": _read,
        "gaps": _gaps,
    }
    try:
        return acts[args.act](args, datetime.now(UTC))
    except Refusal as refusal:
        print(f"{refusal.sentence('en')} {refusal.remedy('en')}", file=sys.stderr)
    except (FileError, FileRefused, OSError) as error:
        print(error, file=sys.stderr)
    return FAILED


def _keep(args: argparse.Namespace, at: datetime) -> int:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.pay import keep_payer

    keep_payer(actor=SYSTEM, payer=args.payer, name=args.name, iban=args.iban, at=at)
    print(f"{args.payer} pays from this account from now on.")
    return DONE


def _export(args: argparse.Namespace, at: datetime) -> int:
    from soutien.doors.files.transfers import pain_001
    from soutien.registers.payments.queries import order_by_number
    from soutien.steps.actor import SYSTEM
    from soutien.steps.errors import Refusal
    from soutien.steps.pay import export_order

    order = order_by_number(args.number)
    if order is None:
        raise Refusal("not_found")
    told = export_order(actor=SYSTEM, order_id=order.public_id, at=at)
    args.output.write_bytes(pain_001(told, args.version))
    # Names and account numbers are in it.
    args.output.chmod(0o600)
    print(f"{args.output}: {len(told.transfers)} transfers, {args.version}.")
    return DONE


def _read(args: argparse.Namespace, at: datetime) -> int:
    from soutien.doors.files.bank_lines import read
    from soutien.steps.actor import SYSTEM
    from soutien.steps.reconcile import read_bank_lines

    for path in args.files:
        found = read_bank_lines(
            actor=SYSTEM, payer=args.payer, words=read(path.read_bytes()), at=at
        )
        said = ", ".join(f"{count} {kind}" for kind, count in sorted(found.kinds.items()))
        print(f"{path}: {said or 'nothing new'}; {found.known} known before.")
    return DONE


def _gaps(args: argparse.Namespace, at: datetime) -> int:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.reconcile import list_gaps

    found = list_gaps(actor=SYSTEM, payer=args.payer, at=at)
    if args.json:
        print(json.dumps([gap._asdict() for gap in found], default=str))
    else:
        for gap in found:
            amounts = f"{gap.expected_cents:>8} ordered {gap.found_cents:>8} found, in cents"
            print(f"{gap.on}  {gap.kind:12} {gap.number:28} {amounts} {gap.reason}".rstrip())
    return FAILED if found else DONE
