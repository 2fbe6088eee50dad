"""Is this process well, and may it be sent people? Asked by a load balancer or a monitor.

The answers are short and say no more than that: whoever asks may be anybody.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from soutien.registers.audit import queries as audit
from soutien.registers.outbox import queries as outbox

# Letters later than that are told; people may still book, so the process stays in use.
LATE = timedelta(minutes=15)
OK, AWAY = 200, 503
log = logging.getLogger(__name__)


def database_version() -> str:
    """The version of the database that answers. Raises DatabaseError when none does."""
    sqlite = connection.vendor == "sqlite"
    query = "SELECT sqlite_version()" if sqlite else "SHOW server_version"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return str(cursor.fetchone()[0])


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 and ``ok`` when the database answers, else 503 and ``failing``.

    The reason goes to the log only: whoever asks may be anybody.
    """
    database: dict[str, str | bool] = {"engine": connection.vendor, "version": "", "ok": False}
    try:
        database |= {"version": database_version(), "ok": True}
    except (DatabaseError, sqlite3.Error, OSError):
        log.exception("The database does not answer.")
    answer = {
        "status": "ok" if database["ok"] else "failing",
        "database": database,
        "version": version("soutien"),
    }
    return JsonResponse(answer, status=200 if database["ok"] else 503)


class NotReady(Exception):
    """What a process lacks to be sent people."""


def database_ready() -> None:
    """The database answers."""
    database_version()


def migrations_ready() -> None:
    """Every migration of this version is applied: tables are as the code knows them."""
    if _migrated:
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("Some migrations are not applied: soutien manage migrate.")
    # Tables do not lose a migration while a process runs.
    _migrated.append(True)


_migrated: list[bool] = []


def disk_ready() -> None:
    """Something can be written where the product keeps its files."""
    path = Path(settings.HOME) / f".ready-{os.getpid()}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(b"ready")
    path.unlink(missing_ok=True)


def journal_ready() -> None:
    """The journal can be added to: the ends of its lanes are there."""
    if not audit.heads():
        raise NotReady("The journal has no lane.")


def outbox_in_time() -> None:
    """Letters leave: none waits for long after it was due."""
    late = outbox.waiting().filter(deliver_after__lt=timezone.now() - LATE).exists()
    if late:
        raise NotReady("Letters wait: is the worker running?")


NEEDED: dict[str, Callable[[], None]] = {
    "database": database_ready,
    "migrations": migrations_ready,
    "disk": disk_ready,
    "journal": journal_ready,
}
# Told, and no reason to send people away.
TOLD: dict[str, Callable[[], None]] = {"outbox": outbox_in_time}


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when people may be sent here: database, migrations, disk, journal; else 503.

    Late letters are told and do not count: without pages nobody could book at all.
    """
    found = {name: _holds(name, check) for name, check in (NEEDED | TOLD).items()}
    well = all(found[name] for name in NEEDED)
    checks = {name: "ok" if good else "failing" for name, good in found.items()}
    answer = {"status": "ready" if well else "failing", "checks": checks}
    return JsonResponse(answer, status=OK if well else AWAY)


def _holds(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except NotReady as lack:
        log.warning("Not ready, %s: %s", name, lack)
        return False
    except (Error, sqlite3.Error, OSError):
        log.exception("Not ready: %s", name)
        return False
    return True
