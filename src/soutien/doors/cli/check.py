"""Says whether this installation is fit to serve people, and what to do where it is not."""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="what is doubtful is wrong too")
    parser.add_argument("--json", action="store_true", help="print one object for programs")


def run(args: argparse.Namespace) -> int:
    """Prints what was looked at. 1 when something is wrong."""
    from soutien.doors.cli.framework import start

    start()
    from soutien.doors.deployment_check import DOUBTFUL, WRONG, all_found

    found = all_found()
    if args.json:
        print(json.dumps([one._asdict() for one in found], indent=2))
    else:
        for one in found:
            print(f"{one.state:9} {one.what:11} {one.said}")
    refused = {WRONG, DOUBTFUL} if args.strict else {WRONG}
    return 1 if any(one.state in refused for one in found) else 0
