"""What waits for somebody of the fund, the oldest first: small questions to partial indexes.

A claim is decided in the request, so few wait; but few of many, and the page must stay quick when
they are a hundred thousand. Nothing is kept beside the rows: what waits follows from them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from soutien.registers.claims.models import Claim, Decision, Event, Review
from soutien.registers.claims.queries import COUNTED_MOST, standing_lines_of
from soutien.rules.codes import word
from soutien.rules.life import Mark, Payer, State

# What a person must do something about. The rest goes on by itself, or in batches.
WAITS = (State.TO_CONFIRM, State.CONTESTED, State.RETURNED)


class WaitingClaim(NamedTuple):
    """A claim that waits, with since when."""

    claim_id: int
    public_id: uuid.UUID
    reference: str
    person_id: int
    held_on: date
    kind: str
    price_cents: int
    since: datetime


class Queue(NamedTuple):
    """How many wait for one reason, and since when the first of them does.

    Beyond ``COUNTED_MOST`` they are not counted one by one: ``more`` says that there are.
    """

    state: State
    total: int
    oldest: datetime | None
    more: bool = False


class Day(NamedTuple):
    """What came and what was answered in one stretch of time."""

    received: int
    accepted: int
    refused: int


_COLUMNS = (
    *("claim_id", "claim__public_id", "claim__reference", "claim__person_id"),
    *("claim__care_session__held_on", "claim__care_session__kind"),
    *("price", "since"),
)


def queues(fund_code: str, *, account_id: int | None, before: datetime) -> list[Queue]:
    """Each reason to wait with its number and its oldest, of what waits since ``before``."""
    found = []
    for state in WAITS:
        rows = _waiting(state, fund_code, account_id).filter(since__lt=before)
        oldest = rows.order_by("since", "pk").values_list("since", flat=True).first()
        total = rows.order_by()[: COUNTED_MOST + 1].count() if oldest else 0
        found.append(Queue(state, min(total, COUNTED_MOST), oldest, total > COUNTED_MOST))
    return found


def waiting(
    state: State,
    fund_code: str,
    *,
    account_id: int | None,
    before: datetime,
    first: int = 0,
    size: int = 50,
) -> list[WaitingClaim]:
    """What waits for one reason since ``before``, the oldest first, from number ``first``.

    A refusal that this account has read already waits for somebody else, and is left out.
    """
    if not size:
        return []
    rows = _waiting(state, fund_code, account_id).filter(since__lt=before)
    line = standing_lines_of("claim__care_session").values("price_cents")
    priced = rows.annotate(price=Subquery(line[:1]))
    ordered = priced.order_by("since", "pk").values_list(*_COLUMNS)
    return [WaitingClaim._make(row) for row in ordered[first : first + size]]


def next_waiting(
    state: State, fund_code: str, *, account_id: int | None, after: uuid.UUID | None = None
) -> uuid.UUID | None:
    """The address of what waits longest, or longest after a claim that is passed over."""
    rows = _waiting(state, fund_code, account_id).order_by("since", "pk")
    if after is not None:
        passed = rows.filter(claim__public_id=after).values_list("since", "pk").first()
        if passed is not None:
            since, key = passed
            rows = rows.filter(Q(since__gt=since) | Q(since=since, pk__gt=key))
    return rows.values_list("claim__public_id", flat=True).first()


def between(fund_code: str, since: datetime, before: datetime) -> Day:
    """What a fund received, and how first decisions went, from a moment until another."""
    decided = Decision.objects.filter(
        claim__fund_code=fund_code,
        claim__received_at__gte=since,
        claim__received_at__lt=before,
        sequence=1,
        to_confirm=False,
    )
    counted = decided.aggregate(
        yes=Count("pk", filter=Q(accepted=True)), no=Count("pk", filter=Q(accepted=False))
    )
    received = Claim.objects.filter(
        fund_code=fund_code, received_at__gte=since, received_at__lt=before
    )
    return Day(received.count(), counted["yes"], counted["no"])


def _waiting(state: State, fund_code: str, account_id: int | None) -> QuerySet[Any]:
    """The rows that make claims wait, decisions or events: one a claim, with ``since``."""
    if state is State.TO_CONFIRM:
        later = Decision.objects.filter(claim=OuterRef("claim"), sequence__gt=OuterRef("sequence"))
        mine = Review.objects.filter(decision=OuterRef("pk"), account_id=account_id or 0)
        return (
            Decision.objects.filter(to_confirm=True, claim__fund_code=fund_code)
            .filter(~Exists(later), ~Exists(mine))
            .annotate(since=F("decided_at"))
        )
    mark, ends = _ENDED_BY[state]
    after = Event.objects.filter(
        Q(happened_at__gt=OuterRef("happened_at"))
        # Of one file of the bank, in the order of its lines.
        | Q(happened_at=OuterRef("happened_at"), id__gt=OuterRef("pk")),
        claim=OuterRef("claim"),
    )
    ended = after.filter(payer=OuterRef("payer"), mark__in=[word(end) for end in ends])
    again = Event.objects.filter(
        claim=OuterRef("claim"), mark=word(mark), payer=OuterRef("payer"), id__gt=OuterRef("pk")
    )
    decided = Decision.objects.filter(
        claim=OuterRef("claim"), decided_at__gt=OuterRef("happened_at")
    )
    return (
        # What an insurer's bank sends back is the insurer's to mend.
        Event.objects.filter(mark=word(mark), claim__fund_code=fund_code)
        .exclude(payer=word(Payer.INSURER))
        .filter(~Exists(ended), ~Exists(again), ~Exists(decided))
        .annotate(since=F("happened_at"))
    )


# A contest waits for its answer, a transfer that came back for a new order. A later decision
# ends both: it is told anew, and what it owes is ordered like any other.
_ENDED_BY: dict[State, tuple[Mark, Iterable[Mark]]] = {
    State.CONTESTED: (Mark.CONTESTED, (Mark.CONTEST_ANSWERED,)),
    State.RETURNED: (Mark.RETURNED, (Mark.ORDERED, Mark.PAID)),
}
