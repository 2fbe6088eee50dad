"""What keeps an entry true: psychologists asked and answering, and what visitors report."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, Sum

from soutien.registers.psychologists.models import (
    AvailabilityReports,
    ConfirmationRequest,
    Psychologist,
)
from soutien.registers.psychologists.queries import LISTED


def due(
    *,
    on: date,
    confirmed_by: date,
    silent_before: date,
    asked_by: date,
    silent_asked_by: date,
    limit: int,
) -> list[int]:
    """Who is listed on a day, can be written to, and has not said lately what is so.

    Confirmed last on ``confirmed_by`` or before (or never), and asked last on ``asked_by`` or
    before; on ``silent_asked_by`` or before those confirmed before ``silent_before``.
    Not those who said until when they have no place. The longest unconfirmed come first.
    """
    days: dict[str, Any] = {
        name: connection.ops.adapt_datefield_value(day)
        for name, day in {
            "on": on,
            "confirmed": confirmed_by,
            "silent": silent_before,
            "asked": asked_by,
            "silent_asked": silent_asked_by,
        }.items()
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person.id FROM psychologists_psychologist person "
            "WHERE person.email <> '' AND person.full_until IS NULL "
            "AND (person.confirmed_on IS NULL OR person.confirmed_on <= %(confirmed)s) "
            "AND NOT EXISTS (SELECT 1 FROM psychologists_confirmationrequest request "
            "WHERE request.psychologist_id = person.id AND request.asked_on > "
            "CASE WHEN person.confirmed_on >= %(silent)s THEN %(asked)s "
            f"ELSE %(silent_asked)s END) AND {LISTED} "
            "ORDER BY person.confirmed_on IS NOT NULL, person.confirmed_on, person.id "
            "LIMIT %(limit)s",
            days | {"limit": limit},
        )
        return [key for (key,) in cursor.fetchall()]


def ask(psychologist_ids: Iterable[int], *, reason: str, on: date) -> list[ConfirmationRequest]:
    """One request for each of those who were not asked that day yet; the requests made."""
    rows = [
        ConfirmationRequest(psychologist_id=key, reason=reason, asked_on=on)
        for key in psychologist_ids
    ]
    ConfirmationRequest.objects.bulk_create(rows, ignore_conflicts=True)
    made = ConfirmationRequest.objects.filter(public_id__in=[row.public_id for row in rows])
    return list(made.order_by("pk"))


def asked_since(psychologist_id: int, day: date) -> bool:
    """Whether the psychologist was asked on a day or later."""
    return ConfirmationRequest.objects.filter(
        psychologist=psychologist_id, asked_on__gte=day
    ).exists()


def request_of(public_id: uuid.UUID, *, lock: bool = False) -> ConfirmationRequest | None:
    """The request of a link, with its psychologist; both locked when ``lock``."""
    rows = ConfirmationRequest.objects.select_related("psychologist")
    rows = rows.select_for_update() if lock else rows
    return rows.filter(public_id=public_id).first()


def answered(
    request: ConfirmationRequest, *, answer: str, full_until: date | None, on: date, at: datetime
) -> None:
    """Keep an answer, and make the entry say it."""
    request.answer, request.answered_at = answer, at
    request.save(update_fields=["answer", "answered_at"])
    Psychologist.objects.filter(pk=request.psychologist_id).update(
        confirmed_on=on,
        doubted_on=None,
        full_until=full_until,
        accepts_new_patients=answer == "open",
    )


def returning(*, on: date, limit: int) -> list[int]:
    """Who said they would take people again on a day that has come."""
    rows = Psychologist.objects.filter(full_until__lte=on).order_by("full_until", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def opened_again(psychologist_ids: Collection[int]) -> None:
    """They take people again."""
    Psychologist.objects.filter(pk__in=psychologist_ids).update(
        full_until=None, accepts_new_patients=True
    )


def doubt_unanswered(*, asked_before: date, on: date) -> list[int]:
    """Mark the entries whose psychologist did not answer when visitors' reports made us ask.

    Who has confirmed since, or is marked already, is left as is. The psychologists marked.
    """
    unanswered = ConfirmationRequest.objects.filter(
        Q(psychologist__confirmed_on__isnull=True)
        | Q(psychologist__confirmed_on__lt=F("asked_on")),
        psychologist__doubted_on__isnull=True,
        reason="reports",
        asked_on__lt=asked_before,
        answered_at__isnull=True,
    )
    ids = sorted(set(unanswered.values_list("psychologist_id", flat=True)))
    Psychologist.objects.filter(pk__in=ids).update(doubted_on=on)
    return ids


def add_report(psychologist_id: int, *, kind: str, on: date) -> None:
    """One more visitor said it that day."""
    row, made = AvailabilityReports.objects.get_or_create(
        psychologist_id=psychologist_id, kind=kind, reported_on=on
    )
    if not made:
        AvailabilityReports.objects.filter(pk=row.pk).update(times=F("times") + 1)


def reports_since(psychologist_id: int, day: date) -> int:
    """How many reports there were on a day and later, of all kinds."""
    rows = AvailabilityReports.objects.filter(psychologist=psychologist_id, reported_on__gte=day)
    return rows.aggregate(times=Sum("times"))["times"] or 0
