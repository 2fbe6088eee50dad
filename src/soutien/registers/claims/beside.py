"""What stands beside claims: the person's days and year, the psychologist's days and year."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, QuerySet

from soutien.registers.claims.models import Decision
from soutien.registers.claims.queries import counting

# SQLite takes some ten thousands of values in one question.
_ASKED_AT_ONCE = 5_000


class Decided(NamedTuple):
    """A claim with its session and its last word."""

    claim_id: int
    person_id: int
    psychologist_id: int
    held_on: date
    kind: str
    modality: str
    price_cents: int
    insee: str
    accepted: bool
    cause: str
    sessions_left: int | None


class SessionsOfDay(NamedTuple):
    """How many sessions of a kind a psychologist had accepted on a day."""

    psychologist_id: int
    held_on: date
    kind: str
    modality: str
    number: int


_COLUMNS = (
    *("claim_id", "claim__person_id", "claim__psychologist_id", "claim__care_session__held_on"),
    *("claim__care_session__kind", "claim__care_session__modality"),
    *("claim__care_session__price_cents", "claim__care_session__place__insee"),
    *("accepted", "cause", "sessions_left"),
)


def decided_between(fund_code: str, since: datetime, before: datetime, most: int) -> list[Decided]:
    """The claims a fund received from a moment until another, newest first; no more than so many.

    What people must still confirm is left out: its day has not come.
    """
    rows = counting().filter(
        claim__fund_code=fund_code,
        claim__received_at__gte=since,
        claim__received_at__lt=before,
        to_confirm=False,
    )
    ordered = rows.order_by("-claim__received_at", "-claim_id")
    return [Decided._make(row) for row in ordered.values_list(*_COLUMNS)[:most]]


def decided_claim(claim_id: int) -> list[Decided]:
    """One claim in the same words; empty before it is decided."""
    rows = counting().filter(claim_id=claim_id, to_confirm=False)
    return [Decided._make(row) for row in rows.values_list(*_COLUMNS)]


def of_people(person_ids: Collection[int], since: date, before: date) -> list[Decided]:
    """All claims of these people whose sessions were held in a stretch of days."""
    found: list[Decided] = []
    for part in _parts(person_ids):
        rows = _held(since, before).filter(claim__person__in=part)
        found += [Decided._make(row) for row in rows.values_list(*_COLUMNS)]
    return found


def days_of(psychologist_ids: Collection[int], since: date, before: date) -> list[SessionsOfDay]:
    """The accepted sessions of these psychologists, counted by day and kind."""
    found: list[SessionsOfDay] = []
    for part in _parts(psychologist_ids):
        rows = (
            _held(since, before)
            .filter(accepted=True, claim__psychologist__in=part)
            .order_by()
            .values_list(
                "claim__psychologist_id",
                "claim__care_session__held_on",
                "claim__care_session__kind",
                "claim__care_session__modality",
            )
            .annotate(number=Count("pk"))
        )
        found += [SessionsOfDay._make(row) for row in rows]
    return found


def _held(since: date, before: date) -> QuerySet[Decision]:
    return counting().filter(
        to_confirm=False,
        claim__care_session__held_on__gte=since,
        claim__care_session__held_on__lt=before,
    )


def _parts(keys: Collection[int]) -> Iterator[list[int]]:
    wanted = sorted(set(keys))
    for first in range(0, len(wanted), _ASKED_AT_ONCE):
        yield wanted[first : first + _ASKED_AT_ONCE]
