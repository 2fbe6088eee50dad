"""``soutien batch decide|agree``: every session of a file decided at once, and the proof of it."""

from __future__ import annotations

import argparse
import os
import random
import sys
from pathlib import Path
from typing import Any

from soutien.doors.environment import law_dates
from soutien.rules.codes import Profile, word
from soutien.rules.terms import TermError, load_law

DONE, FAILED, WRONG_USE = 0, 1, 2
SHOWN_DIFFERENCES = 20


def _positive(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Two words: decide a file, or decide some of it again and compare."""
    words = parser.add_subparsers(dest="what", required=True, metavar="decide|agree")
    decide = words.add_parser("decide", help="decide every session of a file or a folder")
    agree = words.add_parser("agree", help="decide a random part again in plain Python")
    for one in (decide, agree):
        one.add_argument("source", type=Path, help="sessions: .parquet, .arrow, .csv or a folder")
        one.add_argument("target", type=Path, help="decisions: .parquet, .arrow or .csv")
        one.add_argument(
            "--profile",
            choices=[word(profile) for profile in Profile],
            default=word(Profile.OPERATIONAL),
            help="what caisses applied (operational), or the strict text (legal)",
        )
        one.add_argument(
            "--ignore",
            action="append",
            default=[],
            metavar="COLUMN",
            help="pass over a column that nobody reads; may be repeated",
        )
        one.add_argument(
            "--rows-at-once", type=_positive, help="how many rows memory holds at a time"
        )
    decide.add_argument(
        "--threads",
        type=_positive,
        default=os.cpu_count() or 1,
        help="how many cores decide (all)",
    )
    agree.add_argument("--people", type=_positive, default=1_000, help="how many people (1000)")
    agree.add_argument("--seed", type=_positive, help="draw the same people again")


def _bar(title: str, rows: int) -> Any:
    from tqdm import tqdm

    return tqdm(
        desc=title,
        total=rows or None,
        unit=" rows",
        unit_scale=True,
        disable=None,
        file=sys.stderr,
    )


def _complain(message: str) -> int:
    print(f"soutien batch: {message}.", file=sys.stderr)
    return WRONG_USE


def run(args: argparse.Namespace) -> int:
    """0 done, 1 when two answers differ, 2 and a sentence when it cannot start."""
    try:
        from soutien.batch.reading import InputError
        from soutien.batch.run import RunError
    except ImportError:
        return _complain(
            "this needs numba and pyarrow: install soutien with its `batch` extra, "
            "pip install 'soutien[batch]'"
        )
    try:
        return _decide(args) if args.what == "decide" else _agree(args)
    except (InputError, RunError) as error:
        return _complain(str(error))
    except TermError as error:
        return _complain(str(error).rstrip("."))
    except OSError as error:
        return _complain(f"{error.filename or args.source}: {error.strerror}")


def _decide(args: argparse.Namespace) -> int:
    from soutien.batch.run import ROWS_AT_ONCE, Job, run

    job = Job(
        source=args.source,
        target=args.target,
        profile=Profile[args.profile.upper()],
        moved=law_dates(),
        rows_at_once=args.rows_at_once or ROWS_AT_ONCE,
        threads=args.threads,
        ignored=frozenset(args.ignore),
    )
    done = run(job, _bar)
    if done.resumed:
        print("Went on where an earlier run was stopped.")
    print(
        f"{done.sessions:,} sessions decided, {done.accepted:,} accepted, "
        f"{done.amo_cents // 100:,}.{done.amo_cents % 100:02} EUR for the Assurance Maladie."
    )
    if done.rejected_cells:
        print(f"{done.rejected_cells:,} problems in rows not decided: {job.rejects}")
    return DONE


def _agree(args: argparse.Namespace) -> int:
    from soutien.batch.agree import agree
    from soutien.batch.reading import Reader
    from soutien.batch.run import ROWS_AT_ONCE

    if not args.target.is_file():
        return _complain(f"there is no file {args.target}")
    seed = random.SystemRandom().randrange(1, 2**32) if args.seed is None else args.seed
    found = agree(
        Reader(args.source, args.rows_at_once or ROWS_AT_ONCE, frozenset(args.ignore)),
        args.target,
        people=args.people,
        seed=seed,
        profile=Profile[args.profile.upper()],
        law=load_law(law_dates()),
    )
    if not found.sessions and not found.differences:
        return _complain(f"{args.target} holds no decision to compare")
    told = f"{found.sessions:,} sessions of {found.people:,} people decided one by one"
    if not found.differences:
        print(f"{told}: no difference (--seed {seed}).")
        return DONE
    print(f"{told}: {len(found.differences):,} differences (--seed {seed}).", file=sys.stderr)
    for row, column, written, decided in found.differences[:SHOWN_DIFFERENCES]:
        print(f"  row {row}, {column}: {written!r} written, {decided!r} decided", file=sys.stderr)
    return FAILED
