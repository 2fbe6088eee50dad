"""Asking, answering and reading, and what is open, unread or there to be shown."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from soutien.registers.measures.models import (
    DONE,
    NOT_REACHED,
    PAPER,
    PHONE,
    Outcome,
    Questionnaire,
    Review,
)


def ask(
    person_id: int,
    psychologist_id: int,
    booking_id: int,
    *,
    scale: str,
    version: str,
    by_link: bool,
    at: datetime,
    valid_before: datetime,
) -> Questionnaire:
    """One questionnaire more to fill in."""
    return Questionnaire.objects.create(
        person_id=person_id,
        psychologist_id=psychologist_id,
        booking_id=booking_id,
        scale=scale,
        version=version,
        by_link=by_link,
        asked_at=at,
        valid_before=valid_before,
    )


def by_public_id(public_id: uuid.UUID) -> Questionnaire | None:
    """One questionnaire, filled in or not."""
    return Questionnaire.objects.filter(public_id=public_id).first()


def by_id(questionnaire_id: int) -> Questionnaire | None:
    """One questionnaire, by its key."""
    return Questionnaire.objects.filter(pk=questionnaire_id).first()


def stands(row: Questionnaire, at: datetime) -> bool:
    """Whether it may be filled in at a moment."""
    return row.valid_before > at and outcome_of(row.pk) is None


def lock(questionnaire_id: int) -> Questionnaire:
    """One questionnaire, for who is about to fill it in: the next waits."""
    return Questionnaire.objects.select_for_update().get(pk=questionnaire_id)


def open_ones(person_id: int, at: datetime) -> list[Questionnaire]:
    """What a person may fill in at a moment, oldest first."""
    return list(_open(at).filter(person_id=person_id))


def open_before(booking_id: int, at: datetime) -> list[Questionnaire]:
    """What may be filled in before an appointment by who holds its address, oldest first."""
    return list(_open(at).filter(booking_id=booking_id, by_link=True))


def keep(
    person_id: int,
    psychologist_id: int,
    told: Mapping[str, Any],
    *,
    questionnaire_id: int | None = None,
    filled_on: date,
    by: str,
    at: datetime,
) -> Outcome:
    """One outcome more. Raises IntegrityError when its questionnaire has one."""
    return Outcome.objects.create(
        person_id=person_id,
        psychologist_id=psychologist_id,
        questionnaire_id=questionnaire_id,
        told=dict(told),
        way=PAPER if questionnaire_id is None else PHONE,
        filled_on=filled_on,
        recorded_at=at,
        recorded_by=by,
    )


def outcome_of(questionnaire_id: int) -> Outcome | None:
    """What came out of a questionnaire; None before it is filled in."""
    return Outcome.objects.filter(questionnaire_id=questionnaire_id).first()


def outcome_by_public_id(public_id: uuid.UUID) -> Outcome | None:
    """One outcome with its reviews."""
    found = Outcome.objects.filter(public_id=public_id)
    return found.prefetch_related("reviews").first()


def lock_outcome(public_id: uuid.UUID) -> Outcome | None:
    """One outcome, for who is about to say what they did: the next waits."""
    return Outcome.objects.select_for_update().filter(public_id=public_id).first()


def outcome_by_id(outcome_id: int) -> Outcome | None:
    """One outcome with its psychologist and its reviews."""
    found = Outcome.objects.filter(pk=outcome_id).select_related("psychologist")
    return found.prefetch_related("reviews").first()


def outcomes(person_id: int, psychologist_id: int | None = None) -> list[Outcome]:
    """A person's outcomes, or those of a pair, in the order of their days."""
    found = Outcome.objects.filter(person_id=person_id)
    if psychologist_id is not None:
        found = found.filter(psychologist_id=psychologist_id)
    return list(found.prefetch_related("reviews").order_by("filled_on", "id"))


def unread(psychologist_id: int, *, since: datetime) -> list[Outcome]:
    """A psychologist's outcomes that nobody said to have read, the latest first.

    Whom nobody could reach is told again for those since a moment.
    """
    wanted = Q(reviews__isnull=True) | Q(recorded_at__gte=since)
    found = Outcome.objects.filter(wanted, psychologist_id=psychologist_id).distinct()
    found = found.prefetch_related("reviews").order_by("-recorded_at", "-id")
    return [outcome for outcome in found if not is_read(outcome)]


def is_read(outcome: Outcome) -> bool:
    """Whether somebody read it and, where there was something to do, did it."""
    return any(review.done != NOT_REACHED for review in outcome.reviews.all())


def review(outcome: Outcome, done: str, *, by: str, at: datetime) -> Review | None:
    """What was done about an outcome; None when the last word says so already."""
    if done not in DONE:
        raise ValueError(f"{done!r} is none of {', '.join(DONE)}.")
    last = outcome.reviews.order_by("id").last()
    if last is not None and last.done == done:
        return None
    return Review.objects.create(outcome=outcome, done=done, reviewed_by=by, reviewed_at=at)


def reviews_of(outcome: Outcome) -> Sequence[Review]:
    """What was done, in order."""
    return sorted(outcome.reviews.all(), key=lambda row: row.pk)


def forget(person_id: int) -> int:
    """Remove all of somebody who was forgotten. Raises IntegrityError before."""
    gone = Review.objects.filter(outcome__person_id=person_id).delete()[0]
    gone += Outcome.objects.filter(person_id=person_id).delete()[0]
    return gone + Questionnaire.objects.filter(person_id=person_id).delete()[0]


def _open(at: datetime) -> QuerySet[Questionnaire]:
    found = Questionnaire.objects.filter(valid_before__gt=at, outcome__isnull=True)
    return found.select_related("psychologist").order_by("id")
