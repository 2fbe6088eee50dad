"""Keeping what a correction replaces, and showing it to the person it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet

from soutien.registers.corrections.models import FormerValue


def keep(person_id: int, values: Mapping[str, str], *, by: str, at: datetime) -> dict[str, int]:
    """One line for each value that was replaced; their keys, by field."""
    return {
        field: FormerValue.objects.create(
            person_id=person_id, field=field, value=value, replaced_at=at, replaced_by=by
        ).pk
        for field, value in values.items()
    }


def by_id(key: int) -> FormerValue | None:
    """One line with its person; None once it was removed."""
    return FormerValue.objects.select_related("person").filter(pk=key).first()


def of_person(person_id: int) -> QuerySet[FormerValue]:
    """What was corrected, newest first."""
    return FormerValue.objects.filter(person_id=person_id).order_by("-id")


def forget(person_id: int) -> int:
    """Remove the lines of somebody who was forgotten. Raises IntegrityError before."""
    return FormerValue.objects.filter(person_id=person_id).delete()[0]
