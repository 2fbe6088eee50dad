"""Paper claims by the file, and what changed between two decisions.

soutien claims enter FILE            decide each line of a file of paper care sheets
soutien claims difference REFERENCE  print what two decisions on one claim differ by

``enter`` may be run again: a sheet entered before is told as such and nothing is paid twice. A
line that cannot be entered stops no other. The file is described in docs/claims-file.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soutien.doors.cli import framework
from soutien.doors.cli.side_by_side import SideBySide
from soutien.doors.tabular import TableWriter

if TYPE_CHECKING:
    from soutien.doors.files.claims_file import Line
    from soutien.steps.received import Entered, Written

DONE, FAILED, WRONG_USE = 0, 1, 2
# One transaction each: long enough to be quick, short enough to let the counter pass between.
LINES_AT_ONCE = 500
# What became of a line that was not entered, in words; those of the file itself say their own.
WHY = {
    "already_entered": "was entered before",
    "person_unknown": "nobody here has this number and this day of birth",
    "psychologist_unknown": "no psychologist here has this RPPS number",
    "place_unclear": "give the FINESS of one place of this psychologist",
    "received_ahead": "was received on a day that has not come",
    "sheet_differs": "another session stands on the sheet of this number",
    "sheet_replaced": "its session was told anew: the sheet that replaces it must be sent",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien claims`` understands."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="enter|difference")
    enter = parts.add_parser("enter", help="decide each line of a file of paper care sheets")
    enter.add_argument("file", metavar="FILE", type=Path, help="JSON lines or CSV, UTF-8")
    enter.add_argument(
        "--report", metavar="FILE", type=Path, help="write the lines not entered to a CSV"
    )
    difference = parts.add_parser("difference", help="what two decisions on a claim differ by")
    difference.add_argument("reference", metavar="REFERENCE", help="of the claim: D26-000123")
    difference.add_argument(
        "--lang", choices=["fr", "en"], default="fr", help="the language of the words"
    )


def run(args: argparse.Namespace) -> int:
    """Do one of the two; sentences about what is wrong go to stderr."""
    framework.start()
    from django.db import DatabaseError

    try:
        return enter(args) if args.part == "enter" else difference(args)
    except DatabaseError as error:
        print(
            f"soutien claims: the registers refuse ({str(error).splitlines()[0]}). What was "
            "entered before stays; run it again.",
            file=sys.stderr,
        )
        return FAILED


def enter(args: argparse.Namespace) -> int:
    """Enter a file part by part, and tell what came of it."""
    from soutien.doors.files.claims_file import ClaimsFile
    from soutien.doors.files.lines import FileError, RawLines, Unreadable

    try:
        with ExitStack() as opened:
            lines = opened.enter_context(RawLines(args.file))
            entering = opened.enter_context(SideBySide(_entered))
            told = _Told(opened, args.report, entering)
            file = ClaimsFile(lines)
            progress = _progress(opened, lines)
            waiting: list[Line] = []
            for item in file:
                if isinstance(item, Unreadable):
                    told.refused(*item.at(lines.number))
                else:
                    waiting.append(item)
                if len(waiting) >= LINES_AT_ONCE * entering.at_once:
                    told.decide(waiting)
                    waiting = []
            told.decide(waiting)
            progress.close()
            told.print(args.file.name)
    except OSError as error:
        print(
            f"soutien claims: cannot open {error.filename or args.file}: {error.strerror}.",
            file=sys.stderr,
        )
        return WRONG_USE
    except FileError as error:
        print(f"soutien claims: {error}", file=sys.stderr)
        return WRONG_USE
    return DONE


def difference(args: argparse.Namespace) -> int:
    """Print the last decision on a claim beside the one it replaces."""
    from soutien.rules.difference import told
    from soutien.steps.actor import SYSTEM
    from soutien.steps.compare import compare_decisions
    from soutien.steps.errors import Refusal
    from soutien.steps.gather import law

    try:
        found = compare_decisions(actor=SYSTEM, reference=args.reference, at=datetime.now(UTC))
    except Refusal as refusal:
        print(f"soutien claims: {refusal.sentence('en')} [{refusal.reference}]", file=sys.stderr)
        return FAILED
    for line in told(found, law(), args.lang):
        print(line)
    return DONE


def _entered(lines: Sequence[Written]) -> Sequence[Entered]:
    from soutien.steps.actor import SYSTEM
    from soutien.steps.receive import receive_claims

    return receive_claims(actor=SYSTEM, lines=lines, at=datetime.now(UTC))


class _Told:
    """What came of the lines, counted, and written down where somebody asked for it."""

    def __init__(self, opened: ExitStack, report: Path | None, entering: SideBySide) -> None:
        self._entering = entering
        self._counts: Counter[str] = Counter()
        self._table: TableWriter | None = None
        self._path, self._started = report, time.perf_counter()
        if report is not None:
            file = opened.enter_context(report.open("w", encoding="utf-8", newline=""))
            self._table = TableWriter(file)
            self._table.writerow(("line", "column", "value", "reason"))

    def refused(self, number: int, column: str, value: str, reason: str) -> None:
        """A line that cannot be read."""
        self._counts["refused"] += 1
        if self._table is not None:
            self._table.writerow((number, column, value, reason))

    def decide(self, lines: list[Line]) -> None:
        """Enter a part."""
        from soutien.steps.received import ENTERED, KNOWN

        if not lines:
            return
        answers = self._entering.enter([line.written for line in lines])
        for line, answer in zip(lines, answers, strict=True):
            if answer.code == ENTERED:
                self._counts["accepted" if answer.accepted else "not accepted"] += 1
            elif answer.code == KNOWN:
                self._counts["entered before"] += 1
            else:
                self.refused(line.number, "", line.written.sheet, WHY[answer.code])

    def print(self, name: str) -> None:
        """The whole in a few lines."""
        seconds = time.perf_counter() - self._started
        total = sum(self._counts.values())
        print(f"{name}: {total:,} lines in {seconds:.1f} s")
        for what in ("accepted", "not accepted", "entered before", "refused"):
            note = f"  ({self._path})" if what == "refused" and self._path else ""
            print(f"  {what:15}{self._counts[what]:>10,}{note if self._counts[what] else ''}")


def _progress(opened: ExitStack, lines: Any) -> Any:
    from tqdm import tqdm

    bar = opened.enter_context(
        tqdm(
            total=lines.size_bytes,
            unit="B",
            unit_scale=True,
            disable=not sys.stderr.isatty(),
            desc=lines.path.name,
        )
    )
    lines.watch = bar.update
    return bar
