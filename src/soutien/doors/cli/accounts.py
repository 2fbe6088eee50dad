"""Tables for accountants: ``soutien accounts claims|decisions FILE``, ``statement ACCOUNT``.

claims     claims received on some days, with the decision that counts
decisions  every decision on them, those that were replaced too
statement  an account of the ledger, entry by entry, and what is open by age

FILE ends with .csv or .parquet. No name is told: a claim has its reference.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

DONE, FAILED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien accounts`` understands."""
    parser.add_argument("what", choices=["claims", "decisions", "statement"])
    parser.add_argument(
        "file",
        metavar="FILE|ACCOUNT",
        type=Path,
        help="the file to write, never over one; or the account: fund:CODE, psychologist:RPPS, …",
    )
    parser.add_argument("--since", metavar="DAY", type=date.fromisoformat, required=True)
    parser.add_argument(
        "--before", metavar="DAY", type=date.fromisoformat, required=True, help="not included"
    )
    parser.add_argument("--fund", metavar="CODE", default="", help="one fund's (every fund's)")


def run(args: argparse.Namespace) -> int:
    """Write the table, or print the account. A bar is shown on a terminal."""
    from soutien.doors.cli import framework

    framework.start()
    if args.what == "statement":
        return statement(args)
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


def statement(args: argparse.Namespace) -> int:
    """Print an account over the period."""
    from soutien.rules.money import euros
    from soutien.steps.accounting import AGES, open_ledger
    from soutien.steps.actor import SYSTEM
    from soutien.steps.errors import Refusal

    account = str(args.file)
    try:
        told, ageing = open_ledger(
            actor=SYSTEM,
            account=account,
            since=args.since,
            before=args.before,
            at=datetime.now(UTC),
        )
    except Refusal as refusal:
        print(f"soutien accounts: {account}: {refusal.sentence('en')}", file=sys.stderr)
        return FAILED
    print(f"{account}, from {args.since} to the day before {args.before}")
    print(f"{'before':64}{euros(told.opening_cents, 'en'):>15}")
    for line in told.lines:
        print(
            f"{line.posted_on}  {line.why:13} {line.reference:12} {line.other_kind:13}"
            f"{euros(line.cents, 'en'):>13}{euros(line.balance_cents, 'en'):>15}"
        )
    print(f"{'at the end':64}{euros(told.closing_cents, 'en'):>15}")
    since = ("0", *map(str, AGES))
    until = (*(f" to {age - 1}" for age in AGES), " and more")
    print("Open today, by age in days:")
    for first, last, cents in zip(since, until, ageing, strict=True):
        print(f"  {first + last:20}{euros(cents, 'en'):>15}")
    return DONE
