"""Is this process well? Asked by a load balancer or a monitor, so it is short and says no more."""

from __future__ import annotations

import logging
import sqlite3
from importlib.metadata import version

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

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
