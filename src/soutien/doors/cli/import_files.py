"""Read a file of psychologists into the registers: ``soutien import rpps FILE``.

rpps      the open RPPS file, PS_LibreAcces_Personne_activite: who is a psychologist, and where
partners  a CSV of the psychologists under agreement: who is a partner, since when, and where
members   a CSV of an insurer's members, with --insurer CODE and --whole

The same file twice changes nothing. A line that cannot be taken is told in the report and stops
nothing. What psychologists wrote themselves is never overwritten. See docs/imports.md.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from zoneinfo import ZoneInfo

from soutien.doors.cli import framework
from soutien.doors.tabular import TableWriter

if TYPE_CHECKING:
    from tqdm import tqdm

    from soutien.doors.files.lines import RawLines
    from soutien.steps.said import Outcome, Refused

DONE, FAILED, WRONG_USE = 0, 1, 2
# One transaction each: long enough to be quick, short enough to let bookings pass between two.
LINES_AT_ONCE = 1000
PARTNERS_AT_ONCE = 200
_DAY_IN_NAME = re.compile(
    r"(?<![0-9])(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])(?:[0-9]{4,6})?(?![0-9])"
)
_ZONE = ZoneInfo("Europe/Paris")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien import`` understands."""
    parser.add_argument("kind", choices=["rpps", "partners", "members"], help="what the file is")
    parser.add_argument("file", metavar="FILE", type=Path, help="the file, as text")
    parser.add_argument(
        "--report", metavar="FILE", type=Path, help="write the refused lines to a CSV"
    )
    parser.add_argument(
        "--changes", metavar="FILE", type=Path, help="write who was added, changed, gone to a CSV"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would change, and change nothing"
    )
    parser.add_argument(
        "--date",
        metavar="DAY",
        type=date.fromisoformat,
        help="the day the file tells about (that in its name, or today)",
    )
    parser.add_argument(
        "--insurer", metavar="CODE", default="", help="of members: the insurer's number"
    )
    parser.add_argument(
        "--whole",
        action="store_true",
        help="of members: whoever is not in the file is a member no more",
    )
    parser.add_argument(
        "--allow-losses",
        action="store_true",
        help="hide those who are gone even when they are many",
    )


def run(args: argparse.Namespace) -> int:
    """Import, and tell what came of it. Refused lines are no failure."""
    framework.start()
    if args.kind == "members":
        return _members(args)
    from django.db import DatabaseError

    from soutien.doors.files.lines import FileError, RawLines
    from soutien.steps.errors import Refusal

    try:
        with ExitStack() as opened:
            lines = opened.enter_context(RawLines(args.file))
            told = Told(
                _table(opened, args.report, ("line", "column", "value", "reason")),
                _table(opened, args.changes, ("rpps", "what", "field", "before", "after")),
            )
            reading = Reading(args, lines, told)
            read = reading.rpps if args.kind == "rpps" else reading.partners
            code = read()
    except OSError as error:
        return _wrong(f"cannot open {error.filename or args.file}: {error.strerror}.")
    except FileError as error:
        return _wrong(str(error))
    except Refusal as refusal:
        print(
            f"soutien import: {refusal.sentence('en')} {refusal.remedy('en')} "
            f"[{refusal.reference}]",
            file=sys.stderr,
        )
        return FAILED
    except DatabaseError as error:
        print(
            f"soutien import: the registers refuse ({str(error).splitlines()[0]}). Create them "
            "with `soutien manage migrate`. What was imported before stays; run it again.",
            file=sys.stderr,
        )
        return FAILED
    return code


def _members(args: argparse.Namespace) -> int:
    """A file of an insurer's members, some lines a transaction."""
    import hashlib

    from soutien.doors.files.members_file import NoMembers
    from soutien.doors.members_import import import_members
    from soutien.steps.actor import SYSTEM
    from soutien.steps.errors import Refusal

    if not args.insurer:
        return _wrong("a file of members needs --insurer CODE.")
    now = datetime.now(UTC)
    try:
        with args.file.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            read = import_members(
                _watched(file, args.file),
                actor=SYSTEM,
                insurer_code=args.insurer,
                digest=digest,
                whole=args.whole,
                as_of=args.date or now.astimezone(_ZONE).date(),
                at=now,
            )
    except OSError as error:
        return _wrong(f"cannot open {error.filename or args.file}: {error.strerror}.")
    except NoMembers:
        told = Refusal("members_file_wrong")
        return _wrong(f"{told.sentence('en')} {told.remedy('en')}")
    if args.report is not None:
        with ExitStack() as opened:
            table = _table(opened, args.report, ("line", "reason"))
            lines = read.refused_lines.order_by("number")
            table.writerows(lines.values_list("number", "reason"))
    print(f"{args.file.name}: {read.lines:,} lines of members of {args.insurer}")
    for what in ("added", "changed", "same", "gone", "refused"):
        print(f"  {what:10}{getattr(read, what):>10,}")
    return DONE


def _watched(file: Any, path: Path) -> Iterator[bytes]:
    """The lines of a file, with a bar while somebody looks."""
    from tqdm import tqdm

    with tqdm(
        total=path.stat().st_size,
        unit="B",
        unit_scale=True,
        disable=not sys.stderr.isatty(),
        desc=path.name,
    ) as bar:
        for line in file:
            bar.update(len(line))
            yield line


def day_of(name: str, today: date) -> date:
    """The day in a file's name (``…_202611220723.txt``, ``2026-11-22.csv``), else today."""
    for found in _DAY_IN_NAME.finditer(name):
        try:
            day = date(*map(int, found.groups()))
        except ValueError:
            continue
        if day <= today:
            return day
    return today


class Told:
    """What came of the lines, counted, and written down where somebody asked for it.

    Grows with the psychologists that change, not with the lines.
    """

    def __init__(self, report: Any, changes: Any) -> None:
        self._report, self._changes = report, changes
        self.refused = 0
        self.fields: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self._people: dict[str, set[int]] = {
            what: set() for what in ("added", "returned", "changed", "gone", "placeless")
        }

    def add(self, outcome: Outcome) -> None:
        """Counts and writes down a part."""
        for change in outcome.changes:
            if self._changes is not None:
                self._changes.writerow([*change[:3], *map(_cell, change[3:])])
            if change.what == "kept":
                self.kept[change.field] += 1
                continue
            self._people[change.what].add(int(change.rpps))
            if change.what == "changed":
                self.fields[change.field] += 1
        self.refuse(outcome.refused)

    def refuse(self, refused: Iterable[Refused]) -> None:
        """Counts and writes down refused lines."""
        for line in refused:
            self.refused += 1
            if self._report is not None:
                self._report.writerow(line)

    def counts(self, met: int) -> dict[str, int]:
        """How many people of each kind; who is added is not also changed."""
        added = self._people["added"]
        returned = self._people["returned"] - added
        changed = self._people["changed"] - added - returned
        gone = self._people["gone"]
        return {
            "added": len(added),
            "returned": len(returned),
            "changed": len(changed),
            "unchanged": met - len(added) - len(returned) - len(changed - gone),
            "gone": len(gone),
            "refused": self.refused,
            "placeless": len(self._people["placeless"]),
        }


class Reading:
    """One file, from its first line to the end of the import."""

    def __init__(self, args: argparse.Namespace, lines: RawLines, told: Told) -> None:
        from soutien.steps.said import Seen

        now = datetime.now(UTC)
        self._args, self._lines, self._told = args, lines, told
        self._seen = Seen()
        self._source_on: date = args.date or day_of(lines.path.name, now.astimezone(_ZONE).date())
        self._run_id: int | None = None

    def rpps(self) -> int:
        """The open RPPS file."""
        from soutien.doors.files.lines import Unreadable
        from soutien.doors.files.rpps_file import RppsFile
        from soutien.steps import join

        file = RppsFile(self._lines)
        self._begin()
        waiting: list[Any] = []
        with self._progress():
            for item in file:
                if isinstance(item, Unreadable):
                    self._told.refuse([item.at(self._lines.number)])
                    if number := file.number_of(item):
                        self._seen.doubt(number)
                else:
                    waiting.append(item)
                if len(waiting) >= LINES_AT_ONCE:
                    self._told.add(join.record_register_lines(lines=waiting, **self._common()))
                    waiting = []
            self._told.add(join.record_register_lines(lines=waiting, **self._common()))
        return self._end(
            f"{self._lines.number - 1:,} lines, {file.psychologist_lines:,} of psychologists",
            join.retire_from_register,
        )

    def partners(self) -> int:
        """The file of partners."""
        from soutien.doors.files.partners_file import PartnersFile, gathered
        from soutien.steps import join

        file = PartnersFile(self._lines)
        for name in file.unknown:
            print(
                f"soutien import: the column {name!r} is not known and not read.", file=sys.stderr
            )
        self._begin()
        with self._progress():
            partners = gathered(iter(file))
        self._told.refuse(partners.refused)
        for rpps in partners.doubtful:
            self._seen.doubt(rpps)
        for start in range(0, len(partners.said), PARTNERS_AT_ONCE):
            part = partners.said[start : start + PARTNERS_AT_ONCE]
            self._told.add(join.record_partners(partners=part, **self._common()))
        return self._end(f"{self._lines.number - 1:,} lines", join.retire_from_partners)

    def _common(self) -> dict[str, Any]:
        """What every step of an import is given."""
        from soutien.steps.actor import SYSTEM

        return {
            "actor": SYSTEM,
            "run_id": self._run_id,
            "seen": self._seen,
            "source_on": self._source_on,
            "at": datetime.now(UTC),
        }

    def _begin(self) -> None:
        from soutien.steps import join
        from soutien.steps.actor import SYSTEM

        if not self._args.dry_run:
            self._run_id = join.begin_import(
                actor=SYSTEM,
                kind=self._args.kind,
                file_name=self._lines.path.name,
                source_on=self._source_on,
                at=datetime.now(UTC),
            )

    def _end(self, read: str, retire: Any) -> int:
        """Hides who is gone, brings partners in line, and tells the whole."""
        from soutien.registers.psychologists import entries
        from soutien.steps import join
        from soutien.steps.actor import SYSTEM
        from soutien.steps.errors import Refusal

        refusal: Refusal | None = None
        try:
            self._told.add(retire(losses_allowed=self._args.allow_losses, **self._common()))
        except Refusal as refused:
            if refused.code != "import_too_many_gone":
                raise
            refusal = refused
        if self._run_id is not None:
            after = 0
            while ids := entries.registered_partners(after, PARTNERS_AT_ONCE):
                common = self._common() | {"psychologist_ids": ids}
                del common["seen"]
                self._told.add(join.align_partners(**common))
                after = ids[-1]
            join.finish_import(
                actor=SYSTEM,
                run_id=self._run_id,
                counts=self._told.counts(len(self._seen.people)),
                whole=refusal is None,
                at=datetime.now(UTC),
            )
        self._tell(read)
        if refusal is not None:
            raise refusal
        return DONE

    def _tell(self, read: str) -> None:
        counts = self._told.counts(len(self._seen.people))
        fields = ", ".join(f"{name} {n:,}" for name, n in self._told.fields.most_common())
        kept = ", ".join(f"{name} {n:,}" for name, n in self._told.kept.most_common())
        notes = {"changed": fields, "gone": "kept in history, hidden from the search"}
        if self._args.report is not None:
            notes["refused"] = str(self._args.report)
        print(f"{self._lines.path.name}, as of {self._source_on}: {read}")
        for what in ("added", "returned", "changed", "unchanged", "gone", "refused"):
            if counts[what] or what != "returned":
                note = f"  ({notes[what]})" if counts[what] and notes.get(what) else ""
                print(f"  {what:10}{counts[what]:>10,}{note}")
        if kept:
            print(f"  kept as psychologists wrote, or in use: {kept}")
        if counts["placeless"]:
            print(f"  without a place, so in no search: {counts['placeless']:,}")
        if self._args.dry_run:
            print("Nothing was written (--dry-run).")

    def _progress(self) -> tqdm[Any]:
        from tqdm import tqdm

        bar = tqdm(
            total=self._lines.size_bytes,
            unit="B",
            unit_scale=True,
            disable=not sys.stderr.isatty(),
            desc=self._lines.path.name,
        )
        self._lines.watch = bar.update
        return bar


def _table(opened: ExitStack, path: Path | None, columns: tuple[str, ...]) -> Any:
    """A CSV to write to with its first line, or None when nobody asked for it."""
    if path is None:
        return None
    file: TextIO = opened.enter_context(path.open("w", encoding="utf-8", newline=""))
    table = TableWriter(file)
    table.writerow(columns)
    return table


def _cell(value: str) -> str:
    from soutien.doors.files.lines import shortened

    return shortened(value)


def _wrong(sentence: str) -> int:
    print(f"soutien import: {sentence}", file=sys.stderr)
    return WRONG_USE
