"""Runs the daily and hourly jobs, each of their moments once, however many schedulers there are.

Days and hours are those of Paris. After a time when nothing ran, the last moment of each job is
made up for, once.

soutien scheduler              run what is due, until it is stopped
soutien scheduler --list       the jobs: when, when last, when next
soutien scheduler --run JOB    run a job now, due or not
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from typing import Any

from soutien.doors.cli.deliver import seconds
from soutien.doors.environment import SettingError

DEFAULT_SECONDS = 30.0
log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="the jobs: when, when last, when next")
    what.add_argument("--run", metavar="JOB", help="run a job now, due or not")
    what.add_argument("--once", action="store_true", help="run what is due now, then stop")
    parser.add_argument("--json", action="store_true", help="with --list: one object for programs")
    parser.add_argument(
        "--every",
        type=seconds,
        default=DEFAULT_SECONDS,
        metavar="SECONDS",
        help=f"how often to look (default: {DEFAULT_SECONDS:g})",
    )


def run(args: argparse.Namespace) -> int:
    """Does what was asked. 1 when a job failed, or is failing in the list."""
    from soutien.doors.cli.framework import start

    start()
    if args.list:
        return _list(as_json=args.json)
    if args.run:
        return _run(args.run)
    from soutien.doors.jobs.running import run_due

    if args.once:
        for name, counted in run_due().items():
            print(f"{name}: {counted}")
        return 0
    return _go_on(args.every)


def standing_rows(at: datetime) -> list[dict[str, Any]]:
    """How each job stands, for programs."""
    from soutien.doors.jobs.running import standings

    return [
        {
            "job": one.name,
            "summary": one.job.summary,
            "when": str(one.job.when),
            "last_done": one.last_done_at.isoformat() if one.last_done_at else None,
            "counted": one.run.counted if one.run else None,
            "next": one.next_at.isoformat(),
            "failing": one.failing,
            "trouble": one.run.trouble if one.run and one.failing else "",
        }
        for one in standings(at)
    ]


def job_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The same for people, one line each."""
    lines = []
    for row in rows:
        last = f"last done {_moment(row['last_done'])}" if row["last_done"] else "never done"
        failing = f"  FAILING: {row['trouble']}" if row["failing"] else ""
        lines.append(
            f"{row['job']:14} {row['when']:16} {last:34} next {_moment(row['next'])}  "
            f"{row['summary']}{failing}"
        )
    return lines


def _moment(iso: str) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _list(*, as_json: bool) -> int:
    rows = standing_rows(datetime.now(UTC))
    print(json.dumps(rows, indent=2) if as_json else "\n".join(job_lines(rows)))
    return 1 if any(row["failing"] for row in rows) else 0


def _run(name: str) -> int:
    from soutien.doors.jobs.running import run_now
    from soutien.doors.jobs.table import JOBS

    if name not in JOBS:
        raise SettingError(f"There is no job {name!r}. What there is: {', '.join(JOBS)}.")
    counted = run_now(name)
    if counted is None:
        print(f"soutien: the job {name} failed; the log says why.", file=sys.stderr)
        return 1
    print(f"{name}: {counted}")
    return 0


def _go_on(every: float) -> int:
    from django.db import close_old_connections

    from soutien.doors.jobs.running import run_due

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    # Everything is in place from here on: whoever waits for it may go on.
    log.info("The scheduler %s looks every %g s.", os.getpid(), every)
    while not stop.is_set():
        try:
            close_old_connections()
            run_due()
        except Exception:
            # A database that went away: the next look begins again what was begun.
            log.exception("This look was not finished; the scheduler goes on with the next.")
        stop.wait(every)
    return 0
