"""``soutien offer``: bring the free times to the people on the waiting list, round after round.

Each round ends the holds and offers that ran out, offers what is free to the person whose turn it
is, and once a day erases what has long been over. Several may run at once. With --once it makes
one round, for a timer of the system.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

from soutien.doors.cli import framework

DONE, FAILED, WRONG_USE = 0, 1, 2
EVERY, EVERY_MAX = 20.0, 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``soutien offer`` understands."""
    parser.add_argument("--once", action="store_true", help="make one round and stop")
    parser.add_argument(
        "--every",
        type=float,
        default=EVERY,
        metavar="SECONDS",
        help=f"from one round to the next ({EVERY:g} unless told, {EVERY_MAX:g} at most)",
    )


def run(args: argparse.Namespace) -> int:
    """Make rounds until interrupted; 1 when the only round failed."""
    if not 0 < args.every <= EVERY_MAX:
        print(
            f"soutien offer: --every takes from 1 to {EVERY_MAX:g} seconds: a freed time is "
            "offered within a minute.",
            file=sys.stderr,
        )
        return WRONG_USE
    framework.start()
    from django.db import DatabaseError

    from soutien.doors.freed_slots import FreedSlots

    watch = FreedSlots()
    while True:
        try:
            done = watch.round(datetime.now(UTC))
        except DatabaseError as error:
            print(
                "soutien offer: the registers cannot be read or written "
                f"({str(error).splitlines()[0]}). Create them with `soutien manage migrate`.",
                file=sys.stderr,
            )
            if args.once:
                return FAILED
        else:
            if args.once or done.offered:
                print(
                    f"{done.offered} offered, {done.ended} ended, {done.released} holds released, "
                    f"{done.forgotten} forgotten"
                )
                sys.stdout.flush()
        if args.once:
            return DONE
        time.sleep(args.every)
