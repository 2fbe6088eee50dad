"""Writing the trace, in the transaction of the act, and reading it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from soutien.registers.audit.models import Entry


def write(
    *,
    at: datetime,
    actor_role: str,
    actor_account: int | None,
    event: str,
    object_kind: str,
    object_id: str | int,
    person_id: int | None = None,
    reason: str = "",
    result: str = "done",
) -> Entry:
    """One line of the trace. ``event`` reads ``register.object.verb``; words of codes only."""
    return Entry.objects.create(
        at=at,
        actor_role=actor_role,
        actor_account=actor_account,
        event=event,
        object_kind=object_kind,
        object_id=str(object_id),
        person_id=person_id,
        reason=reason,
        result=result,
    )


def about_person(person_id: int) -> QuerySet[Entry]:
    """Who did or saw what of a person, newest first."""
    return Entry.objects.filter(person_id=person_id).order_by("-at", "-id")


def about_object(object_kind: str, object_id: int | str) -> QuerySet[Entry]:
    """Who did or saw what of one thing, oldest first."""
    return Entry.objects.filter(object_kind=object_kind, object_id=str(object_id)).order_by(
        "at", "id"
    )


def about_objects(things: Mapping[str, int | str]) -> QuerySet[Entry]:
    """The same of several things at once, given by their kind."""
    wanted = Q()
    for object_kind, object_id in things.items():
        wanted |= Q(object_kind=object_kind, object_id=str(object_id))
    return Entry.objects.filter(wanted).order_by("at", "id")
