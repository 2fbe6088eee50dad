"""``soutien indicators``: open data on a nation by year and group, without small groups."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from soutien.doors.cli.nation import DONE, NEEDS, bar, complain, positive
from soutien.doors.environment import law_dates
from soutien.rules.terms import TermError, load_law


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of which nation, and where to."""
    parser.add_argument("nation", type=Path, metavar="IN", help="of soutien nation, or one's own")
    parser.add_argument("target", type=Path, metavar="OUT", help="a folder for the files")
    parser.add_argument("--from", dest="first", type=positive, help="the first year")
    parser.add_argument("--to", dest="last", type=positive, help="the last year")
    parser.add_argument(
        "--threads", type=positive, default=os.cpu_count() or 1, help="how many cores (all)"
    )


def run(args: argparse.Namespace) -> int:
    """0 done, 2 and a sentence when it cannot start."""
    try:
        from soutien.batch.indicators import indicators, write_indicators, years_of
        from soutien.batch.reading import InputError
        from soutien.batch.ready import ready
    except ImportError:
        return complain("indicators", NEEDS)
    try:
        law = load_law(law_dates())
        nation = ready(args.nation, law, bar)
        years = years_of(nation, law, args.first, args.last)
        table = indicators(nation, law, years, args.threads, bar)
        for path in write_indicators(table, args.target):
            print(path)
    except (InputError, TermError) as error:
        return complain("indicators", str(error))
    except OSError as error:
        return complain("indicators", f"{error.filename or args.nation}: {error.strerror}")
    return DONE
