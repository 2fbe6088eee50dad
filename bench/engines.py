"""A measurement on both engines: PostgreSQL on a server started here, then SQLite."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from contextlib import ExitStack

# Written safely to the disk, unlike the server of the tests.
SAFELY = ("fsync", "synchronous_commit", "full_page_writes")


def ready(url: str, home: str) -> None:
    """Django over an empty migrated database, for the rest of this process."""
    os.environ |= {
        "DATABASE_URL": url,
        "SOUTIEN_HOME": home,
        "SOUTIEN_SECRET_KEY": "for the bench only, long enough to please Django's checks",
        "SOUTIEN_SEALING_KEY": "for the bench only, long enough",
        "SOUTIEN_HTTPS": "0",
        "SOUTIEN_RATES": "0",
        "DJANGO_SETTINGS_MODULE": "soutien.doors.settings",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def run_both(module: str, *, quick: bool) -> int:
    """``module`` once for each engine, with the same options and ``--engine``.

    Each in a process of its own, since Django knows one database. ``quick`` is for a server that
    does not write safely to disk.
    """
    from tests import postgres

    print(f"{platform.machine()}, {os.cpu_count()} cores, CPython {platform.python_version()}")
    if not quick:
        postgres.QUICK |= dict.fromkeys(SAFELY, "on")
    safely = "not written safely" if quick else "written safely to disk"
    with ExitStack() as stack:
        found = stack.enter_context(postgres.server())
        print(f"PostgreSQL {found.version}, {found.origin}, {safely}")
        code = _run(module, f"PostgreSQL {found.version}", found.url)
        home = stack.enter_context(tempfile.TemporaryDirectory())
        return code or _run(module, "SQLite, WAL", f"sqlite:///{home}/bench.sqlite3")


def _run(module: str, engine: str, url: str) -> int:
    words = [sys.executable, "-m", module, *sys.argv[1:], "--engine", engine]
    return subprocess.call(words, env=os.environ | {"DATABASE_URL": url})
