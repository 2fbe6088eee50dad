"""Says how the product stands: what waits and since when, the jobs, what failed and what to do."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one object for programs")


def run(args: argparse.Namespace) -> int:
    """Prints it. 1 when somebody should look at something."""
    from soutien.doors.cli.framework import start

    start()
    from soutien.doors.cli.scheduler import job_lines, standing_rows
    from soutien.doors.operating import state

    at = datetime.now(UTC)
    told = state(at) | {"jobs": standing_rows(at)}
    if args.json:
        print(json.dumps(told, indent=2))
    else:
        print("\n".join([*_lines(told), "", "Jobs", *job_lines(told["jobs"]), ""]))
        print("\n".join(told["wrong"]) or "All is well.")
    return 1 if told["wrong"] else 0


def _lines(told: dict[str, Any]) -> list[str]:
    letters = told["letters"]
    lines = [
        f"Letters: {letters['waiting']} wait, {letters['due']} of them are due "
        f"(the oldest for {letters['oldest_due_seconds']} s), {letters['failed']} failed and are "
        f"tried again, {letters['parked']} are parked.",
        f"Holds that should have ended: {told['holds_not_released']}. "
        f"Calendars that cannot be read: {told['calendars_not_read']}.",
    ]
    for letter in letters["to_look_at"]:
        state = "parked" if letter["parked"] else "tried again"
        lines.append(
            f"  {letter['number']}  {letter['kind']}  {state} after {letter['attempts']}: "
            f"{letter['reason']}. To do: {letter['to_do']}."
        )
    return lines
