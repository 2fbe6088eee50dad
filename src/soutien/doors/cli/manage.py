"""Passes its arguments on to Django's own commands, for example `soutien manage migrate`."""

from __future__ import annotations

import os
from collections.abc import Sequence


def pass_on(words: Sequence[str]) -> int:
    """Runs one of Django's commands with the product's settings."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soutien.doors.settings")
    execute_from_command_line(["soutien manage", *words])
    return 0
