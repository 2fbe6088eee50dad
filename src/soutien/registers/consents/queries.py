"""Saying yes or no, and asking what was said last."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from soutien.registers.consents.models import Consent
from soutien.rules.purposes import PURPOSES


def say(
    person_id: int, purpose: str, *, given: bool, text_version: int, said_by: str, at: datetime
) -> Consent | None:
    """One more line; None when the last one says the same to the same text."""
    last = latest(person_id).get(purpose)
    if last is not None and (last.given, last.text_version) == (given, text_version):
        return None
    return Consent.objects.create(
        person_id=person_id,
        purpose=purpose,
        given=given,
        text_version=text_version,
        said_by=said_by,
        said_at=at,
    )


def of_person(person_id: int) -> QuerySet[Consent]:
    """All that a person said, newest first."""
    return Consent.objects.filter(person_id=person_id).order_by("-id")


def latest(person_id: int) -> dict[str, Consent]:
    """The last word on each purpose; nothing on what was never answered."""
    return {line.purpose: line for line in of_person(person_id).reverse()}


def allows(person_id: int, purpose: str) -> bool:
    """Whether this may be done now: the last word, else what holds until there is one."""
    last = latest(person_id).get(purpose)
    return PURPOSES[purpose].stands_unless_refused if last is None else last.given
