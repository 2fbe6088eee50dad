"""Keeping what was seen of a right, what people declare, and what a service answered."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from soutien.registers.rights.models import OPEN, Check, Declaration, Entry


def keep(**fields: Any) -> Entry:
    """One line: an act on a right, on what evidence, who saw it."""
    return Entry.objects.create(**fields)


def of_person(person_id: int) -> QuerySet[Entry]:
    """What was done to somebody's rights, newest first."""
    return Entry.objects.filter(person_id=person_id).order_by("-id")


def latest_of(subjects: Collection[uuid.UUID]) -> dict[uuid.UUID, Entry]:
    """The last line of each of these rights."""
    return {row.subject: row for row in Entry.objects.filter(subject__in=subjects).order_by("id")}


def declare(person_id: int, **fields: Any) -> Declaration:
    """A right that somebody says to have."""
    return Declaration.objects.create(person_id=person_id, **fields)


def declaration_by_public_id(public_id: uuid.UUID) -> Declaration | None:
    """A declaration with its person."""
    return Declaration.objects.select_related("person").filter(public_id=public_id).first()


def declaration_by_id(key: int) -> Declaration | None:
    """The declaration of a letter, with its person; None once it was removed."""
    return Declaration.objects.select_related("person").filter(pk=key).first()


def lock_declaration(key: int) -> Declaration:
    """The declaration as it is now, kept so until the transaction ends."""
    return Declaration.objects.select_for_update().get(pk=key)


def declared_by(person_id: int) -> QuerySet[Declaration]:
    """What somebody declared, newest first."""
    return Declaration.objects.filter(person_id=person_id).order_by("-id")


def declared_to(fund_code: str) -> QuerySet[Declaration]:
    """What waits for an answer of a fund, the oldest first."""
    found = Declaration.objects.select_related("person").filter(fund_code=fund_code, state=OPEN)
    return found.order_by("declared_at", "id")


def end(
    declaration: Declaration, state: str, *, at: datetime, by: int | None, reason: str = ""
) -> None:
    """Answered or withdrawn: it is not changed any more."""
    declaration.state, declaration.ended_at = state, at
    declaration.ended_by_account, declaration.reason = by, reason
    declaration.save(update_fields=["state", "ended_at", "ended_by_account", "reason"])


def add_check(person_id: int, **fields: Any) -> Check:
    """What the service answered."""
    return Check.objects.create(person_id=person_id, **fields)


def last_check(person_id: int) -> Check | None:
    """The service's last answer about somebody."""
    return Check.objects.filter(person_id=person_id).order_by("-id").first()


def check_by_public_id(public_id: uuid.UUID) -> Check | None:
    """A check with its person."""
    return Check.objects.select_related("person").filter(public_id=public_id).first()


def lock_check(public_id: uuid.UUID) -> Check | None:
    """A check as it is now, kept so until the transaction ends."""
    return Check.objects.select_for_update().filter(public_id=public_id).first()


def to_settle(fund_code: str) -> QuerySet[Check]:
    """Differences that an agent of a fund has to look at, the oldest first."""
    found = Check.objects.select_related("person").filter(
        fund_code=fund_code, outcome="differs", settled_at__isnull=True
    )
    return found.order_by("asked_at", "id")


def asked_since(person_ids: Collection[int], since: datetime) -> set[int]:
    """Those of these people about whom the service answered since a moment."""
    found = Check.objects.filter(person_id__in=person_ids, asked_at__gte=since)
    return set(found.exclude(outcome="silent").values_list("person_id", flat=True))


def settle(check: Check, how: str, *, at: datetime, by: int | None) -> None:
    """Looked at, and taken or kept."""
    check.settled_at, check.settled_how, check.settled_by_account = at, how, by
    check.save(update_fields=["settled_at", "settled_how", "settled_by_account"])


def forget(person_id: int) -> int:
    """Remove the lines of somebody who was forgotten. Raises IntegrityError before."""
    Declaration.objects.filter(person_id=person_id).delete()
    Check.objects.filter(person_id=person_id).delete()
    return Entry.objects.filter(person_id=person_id).delete()[0]
