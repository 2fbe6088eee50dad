"""``soutien whatif``: two laws on the same people, as pages to print, a CSV and a JSON."""

from __future__ import annotations

import argparse
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from soutien.doors.cli.nation import DONE, NEEDS, bar, complain, positive
from soutien.doors.environment import law_dates
from soutien.rules.terms import Law, TermError, load_law

if TYPE_CHECKING:
    from soutien.batch.scenario import Scenario

PEOPLE = 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which scenario, on whom, and where to."""
    parser.add_argument("scenario", type=Path, help="a .toml file (docs/whatif.md)")
    parser.add_argument("target", type=Path, metavar="OUT", help="a folder for the report")
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--nation", type=Path, metavar="DIR", help="of soutien nation, or one's own")
    whom.add_argument(
        "--people", type=positive, default=PEOPLE, help=f"make up so many people ({PEOPLE:,})"
    )
    parser.add_argument(
        "--threads", type=positive, default=os.cpu_count() or 1, help="how many cores (all)"
    )


def run(args: argparse.Namespace) -> int:
    """0 done, 2 and a sentence when it cannot start."""
    try:
        from soutien.batch.nation import Nation
        from soutien.batch.nation_files import write_nation
        from soutien.batch.reading import InputError
        from soutien.batch.scenario import ScenarioError, read_scenario
    except ImportError:
        return complain("whatif", NEEDS)
    try:
        law = load_law(law_dates())
        scenario = read_scenario(args.scenario, law)
        if args.nation:
            return _compare(args, scenario, law, args.nation)
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "nation"
            write_nation(Nation(args.people, 1, law), made, bar)
            (made / "nation.json").write_text("{}", "utf-8")
            return _compare(args, scenario, law, made)
    except (ScenarioError, InputError, TermError) as error:
        return complain("whatif", str(error))
    except OSError as error:
        return complain("whatif", f"{error.filename or args.scenario}: {error.strerror}")


def _compare(args: argparse.Namespace, scenario: Scenario, law: Law, folder: Path) -> int:
    from soutien.batch.ready import ready
    from soutien.batch.report import told, write_report
    from soutien.batch.whatif import compare

    nation = ready(folder, law, bar)
    today = datetime.now(ZoneInfo("Europe/Paris")).date()
    found = told(compare(nation, scenario, law, args.threads, bar), nation, scenario, law, today)
    for path in write_report(found, law, args.target):
        print(path)
    if nation.rejected:
        print(f"{nation.rejected:,} rows were not understood: soutien batch decide names them.")
    return DONE
