"""A table for accountants: ``soutien accounts claims|decisions FILE``.

claims     claims received on some days, with the decision that counts
decisions  every decision on them, those that were replaced too

FILE ends with .csv or .parquet. No name is in it: a claim has its reference.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

DONE, FAILED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien accounts`` understands."""
    parser.add_argument("what", choices=["claims", "decisions"])
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="the file to write; never over one"
    )
    parser.add_argument("--since", metavar="DAY", type=date.fromisoformat, required=True)
    parser.add_argument(
        "--before", metavar="DAY", type=date.fromisoformat, required=True, help="not included"
    )
    parser.add_argument("--fund", metavar="CODE", default="", help="one fund's (every fund's)")


def run(args: argparse.Namespace) -> int:
    """Write the table. A bar is shown on a terminal."""
    from soutien.doors.cli import framework

    framework.start()
    from tqdm import tqdm

    from soutien.doors.files.accounting_file import FILES, NoParquet
    from soutien.steps.accounting import COLUMNS, open_accounting
    from soutien.steps.actor import SYSTEM

    sort = args.file.suffix.removeprefix(".")
    if sort not in FILES:
        print(
            f"soutien accounts: {args.file} ends with neither .csv nor .parquet", file=sys.stderr
        )
        return FAILED
    after: int | None = 0
    total = 0
    try:
        with FILES[sort](args.file, COLUMNS) as file, tqdm(unit=" rows", disable=None) as bar:
            while after is not None:
                page = open_accounting(
                    actor=SYSTEM,
                    what=args.what,
                    since=args.since,
                    before=args.before,
                    fund_code=args.fund,
                    after=after,
                    at=datetime.now(UTC),
                )
                file.write(page.rows)
                bar.update(len(page.rows))
                # A bar that is not shown does not count.
                total += len(page.rows)
                after = page.after
    except (OSError, NoParquet) as error:
        print(f"soutien accounts: {error}.", file=sys.stderr)
        return FAILED
    print(f"{total} rows in {args.file}.")
    return DONE
