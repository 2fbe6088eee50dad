"""Does all that is due at once: offers freed times, delivers mails and texts, reads calendars.

Several may run at once, on one machine or many. SIGTERM ends the message at hand and stops it;
killed, it loses nothing: another one, or the next, goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from soutien.doors.cli.deliver import COURIERS, DEFAULT_SECONDS, seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="one turn, then stop")
    parser.add_argument(
        "--every",
        type=seconds,
        default=DEFAULT_SECONDS,
        metavar="SECONDS",
        help=f"rest between turns (default: {DEFAULT_SECONDS:g})",
    )
    parser.add_argument(
        "--with-jobs", action="store_true", help="run the scheduler's jobs too, in this process"
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the program that started it ends"
    )


def run(args: argparse.Namespace) -> int:
    """Works until it is stopped. With --once, 1 when something could not be delivered."""
    from soutien.doors.cli.framework import start

    start()
    code: int = import_module(COURIERS).work(
        once=args.once,
        every=args.every,
        with_parent=args.with_parent,
        with_jobs=args.with_jobs,
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )
    return code
