"""A payer's returns: ``soutien payer read|simulate``.

read      each line of a return beside the claim it is of; nothing is posted
simulate  play a payer that accepts, refuses, delays, sends twice and sends half

See docs/exchange-files.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

DONE, FAILED = 0, 1
LINES_AT_ONCE = 5_000
_PARIS = ZoneInfo("Europe/Paris")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien payer`` understands."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    read = acts.add_parser("read", help="read a return, line by line, with its claims")
    read.add_argument("file", metavar="FILE", type=Path)
    read.add_argument("--dialect", default="b2-return", help="how it is written (b2-return)")
    read.add_argument("--json", action="store_true", help="one object a line, for programs")
    play = acts.add_parser("simulate", help="answer a file of B2 invoices as a payer might")
    play.add_argument("invoices", metavar="INVOICES", type=Path, help="a file of B2 invoices")
    play.add_argument("folder", metavar="FOLDER", type=Path, help="where the returns are written")
    play.add_argument("--files", type=int, default=1, help="in how many files (1)")
    play.add_argument("--seed", type=int, default=1, help="the same answers for the same (1)")
    play.add_argument("--on", metavar="DAY", type=date.fromisoformat, help="accounted on (today)")
    for habit in ("refuses", "pays-wrong", "withholds", "repeats", "pays-half"):
        play.add_argument(f"--{habit}", metavar="PERCENT", type=float, help="of the invoices")


def run(args: argparse.Namespace) -> int:
    """Read, or play. A line that cannot be read is told on stderr, and fails."""
    from soutien.doors.files.returns import UnknownDialect

    try:
        return _read(args) if args.act == "read" else _simulate(args)
    except OSError as error:
        print(f"soutien payer: {error.filename}: {error.strerror}.", file=sys.stderr)
    except UnknownDialect as error:
        print(f"soutien payer: {error}.", file=sys.stderr)
    return FAILED


def _read(args: argparse.Namespace) -> int:
    from soutien.doors.cli import framework

    framework.start()
    from soutien.doors.files.b2.read import Fault, lines_of
    from soutien.doors.files.returns import reader
    from soutien.steps.actor import SYSTEM
    from soutien.steps.returned import PayerLine, Returned, read_returns

    gaps: Counter[str] = Counter()
    faults = 0
    seen: set[str] = set()

    def told(one: Returned) -> None:
        gaps[one.gap.value] += 1
        line = one.line
        if args.json:
            said = {"says": line.says.value, "gap": one.gap.value, "claim": one.reference}
            paid = {"paid_amo_cents": line.paid_amo_cents, "paid_amc_cents": line.paid_amc_cents}
            print(json.dumps(said | paid | {"invoice": line.invoice, "key": line.key}))
        elif one.gap.value != "as_decided":
            print(f"invoice {line.invoice} {one.reference}: {line.says.value}, {one.gap.value}")

    with args.file.open("rb") as file:
        found = reader(args.dialect)(lines_of(file))
        while batch := list(islice(found, LINES_AT_ONCE)):
            lines = [one for one in batch if isinstance(one, PayerLine) and one.key not in seen]
            seen.update(line.key for line in lines)
            for one in batch:
                if isinstance(one, Fault):
                    faults += 1
                    print(f"{args.file}: {one}", file=sys.stderr)
            for met in read_returns(actor=SYSTEM, lines=lines, at=datetime.now(UTC)):
                told(met)
    summed = ", ".join(f"{count} {gap}" for gap, count in sorted(gaps.items())) or "no line"
    print(f"{summed}; {faults} faults.", file=sys.stderr if args.json else sys.stdout)
    return FAILED if faults else DONE


def _simulate(args: argparse.Namespace) -> int:
    from soutien.doors.files.b2.invoice import Invoice
    from soutien.doors.files.b2.read import lines_of, read
    from soutien.doors.files.returns.played import Habits, played

    told = {name: getattr(args, name) for name in Habits._fields}
    habits = Habits()._replace(**{name: said for name, said in told.items() if said is not None})
    with args.invoices.open("rb") as file:
        invoices = [found for found in read(lines_of(file)) if isinstance(found, Invoice)]
    on = args.on or datetime.now(_PARIS).date()
    answer = played(invoices, habits, on=on, seed=args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)
    for number in range(args.files):
        _written(
            args.folder / f"return-{number + 1:02d}.txt", answer.at_once[number :: args.files]
        )
    _written(args.folder / "return-later.txt", answer.later)
    print(
        f"{len(invoices)} invoices: {len(answer.at_once)} lines in {args.files} files, "
        f"{len(answer.later)} later, in {args.folder}."
    )
    return DONE


def _written(path: Path, lines: tuple[bytes, ...]) -> None:
    path.write_bytes(b"".join(line + b"\r\n" for line in lines))
    path.chmod(0o600)
