"""Counting tries: one statement counts and answers, so that no two processes miss one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection

from soutien.registers.limits.models import Window

_COUNT = """
INSERT INTO limits_window (name, "key", began_at, ends_at, tries)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (name, "key", began_at)
DO UPDATE SET tries = limits_window.tries + excluded.tries
RETURNING tries
"""


def count(name: str, key: str, *, period: timedelta, at: datetime, tries: int = 1) -> int:
    """So many tries more: how many there were in this stretch, these among them."""
    began_at, ends_at = stretch(period, at)
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [name, key, adapt(began_at), adapt(ends_at), tries])
        return int(cursor.fetchone()[0])


def counted(name: str, key: str, *, period: timedelta, at: datetime) -> int:
    """How many tries there were in this stretch, without counting one more."""
    began_at, _ends_at = stretch(period, at)
    found = Window.objects.filter(name=name, key=key, began_at=began_at)
    return found.values_list("tries", flat=True).first() or 0


def forget(name: str, key: str) -> None:
    """Start counting again: what was tried turned out well."""
    Window.objects.filter(name=name, key=key).delete()


def forget_past(at: datetime) -> int:
    """Stretches that are over count for nothing: remove them; how many."""
    return Window.objects.filter(ends_at__lte=at).delete()[0]


def stretch(period: timedelta, at: datetime) -> tuple[datetime, datetime]:
    """The stretch that a moment is in: they follow each other from the same origin for all."""
    seconds = int(period.total_seconds())
    begins = int(at.timestamp()) // seconds * seconds
    return datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(begins + seconds, UTC)
