"""Keeping what a correction replaces, and what somebody asks their fund to correct."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from soutien.registers.corrections.models import OPEN, FormerValue, Request


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
    Request.objects.filter(person_id=person_id).delete()
    return FormerValue.objects.filter(person_id=person_id).delete()[0]


def ask(person_id: int, **fields: Any) -> Request:
    """A request to the fund. Raises IntegrityError when the person has one open."""
    return Request.objects.create(person_id=person_id, **fields)


def request_by_public_id(public_id: uuid.UUID) -> Request | None:
    """A request with its person."""
    return Request.objects.select_related("person").filter(public_id=public_id).first()


def request_by_id(key: int) -> Request | None:
    """The request of a letter, with its person; None once it was removed."""
    return Request.objects.select_related("person").filter(pk=key).first()


def lock_request(key: int) -> Request:
    """The request as it is now, kept so until the transaction ends."""
    return Request.objects.select_for_update().get(pk=key)


def requests_of_person(person_id: int) -> QuerySet[Request]:
    """What somebody asked their fund to correct, newest first."""
    return Request.objects.filter(person_id=person_id).order_by("-id")


def latest_state(person_id: int) -> str:
    """What became of the last request; empty without one."""
    return requests_of_person(person_id).values_list("state", flat=True).first() or ""


def requests_of_fund(fund_code: str, *, waiting: bool) -> QuerySet[Request]:
    """What waits for an answer of a fund, the oldest first; or what was answered, newest first."""
    found = Request.objects.select_related("person").filter(fund_code=fund_code)
    if waiting:
        return found.filter(state=OPEN).order_by("asked_at", "id")
    return found.exclude(state=OPEN).order_by("-ended_at", "-id")


def end(request: Request, state: str, *, at: datetime, by: int | None, reason: str = "") -> None:
    """Answered or withdrawn: it is not changed any more."""
    request.state, request.ended_at, request.ended_by_account = state, at, by
    request.reason = reason
    request.save(update_fields=["state", "ended_at", "ended_by_account", "reason"])
