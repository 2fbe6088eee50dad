"""Who stands in for a psychologist, and on which days."""

from __future__ import annotations

import uuid
from datetime import date

from django.db.models import F, QuerySet

from soutien.registers.psychologists.models import Psychologist, Replacement


def replaced_on(replacing_id: int, on: date) -> QuerySet[Replacement]:
    """Whom a psychologist replaces on a day, the longest-standing first."""
    return (
        Replacement.objects.filter(
            replacing_id=replacing_id, valid_from__lte=on, valid_before__gt=on
        )
        .select_related("replaced")
        .order_by("valid_from", "id")
    )


def replacements_of(replaced_id: int, since: date) -> QuerySet[Replacement]:
    """Who replaces a psychologist from a day on; what was taken back before it began is not."""
    return (
        Replacement.objects.filter(valid_before__gt=F("valid_from"), replaced_id=replaced_id)
        .filter(valid_before__gt=since)
        .select_related("replacing")
        .order_by("valid_from", "id")
    )


def lock(public_id: uuid.UUID) -> Replacement | None:
    """One replacement, locked until the transaction ends."""
    return Replacement.objects.select_for_update().filter(public_id=public_id).first()


def by_rpps(rpps: str) -> Psychologist | None:
    """The psychologist of a number."""
    return Psychologist.objects.filter(rpps=rpps).first()
