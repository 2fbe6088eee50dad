"""Delivers what waits to be told: mails and texts; and reads the calendars that are followed.

Several may run at once. --parked lists what nobody could deliver, --again tries it once more.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from soutien.doors.environment import SettingError

# Doors do not import each other: the couriers are named, as the settings are.
COURIERS = "soutien.doors.couriers.work"
DEFAULT_SECONDS, LONGEST_SECONDS = 15.0, 3600.0
ALL = "all"


def seconds(text: str) -> float:
    """A time to rest from the command line."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds up to {LONGEST_SECONDS:g}"
        )
    return value


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
        "--with-parent", action="store_true", help="end when the program that started it ends"
    )
    parser.add_argument("--parked", action="store_true", help="list what is parked, and why")
    parser.add_argument(
        "--again",
        nargs="+",
        metavar="LETTER",
        help=f"try parked letters again: their numbers, or {ALL!r}",
    )


def run(args: argparse.Namespace) -> int:
    """Delivers until it is interrupted. With --once, 1 when something could not be delivered."""
    from soutien.doors.cli.framework import start

    start()
    courier = import_module(COURIERS)
    if args.parked:
        print("\n".join(courier.parked_lines()) or "Nothing is parked.")
        return 0
    if args.again:
        print(f"{courier.again(_numbers(args.again))} to be tried again.")
        return 0
    code: int = courier.work(
        once=args.once,
        every=args.every,
        with_parent=args.with_parent,
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )
    return code


def _numbers(words: list[str]) -> list[int] | None:
    """The letters named; None for all."""
    if words == [ALL]:
        return None
    if not all(word.isdecimal() for word in words):
        raise SettingError(f"--again takes the numbers that --parked shows, or {ALL!r}.")
    return [int(word) for word in words]
