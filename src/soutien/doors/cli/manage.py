"""Passes its arguments on to Django's own commands, for example `soutien manage migrate`."""

from __future__ import annotations

import argparse
import os


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND …")


def run(args: argparse.Namespace) -> int:
    """Runs one of Django's commands with the product's settings."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soutien.doors.settings")
    execute_from_command_line(["soutien manage", *args.words])
    return 0
