"""Starts Django for the commands that need it."""

from __future__ import annotations

import os


def start() -> None:
    """Reads the settings and loads the tables. Raises SettingError when a setting is wrong."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soutien.doors.settings")
    django.setup()
