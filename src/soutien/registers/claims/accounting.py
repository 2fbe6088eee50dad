"""Claims and decisions as an accountant reads them: by period, page by page, without a name."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from soutien.registers.claims.models import Decision
from soutien.registers.claims.queries import act_codes

# What an accountant reads of a decision, and what it is called there.
_COLUMNS = {
    "reference": F("claim__reference"),
    "received_on": F("claim__received_on"),
    "held_on": F("claim__care_session__held_on"),
    "care_sheet": F("claim__care_sheet__number"),
    "rpps": F("claim__psychologist__rpps"),
    "fund_code": F("claim__fund_code"),
    "sent_by": F("claim__sent_by"),
}
_OWN = (
    *("sequence", "decided_at", "accepted", "reasons", "coverage", "price_cents", "amo_cents"),
    *("local_regime_cents", "amc_cents", "patient_cents", "patient_upfront_cents"),
)


def decisions(
    *,
    since: date,
    before: date,
    latest: bool,
    fund_code: str = "",
    psychologist_id: int | None = None,
    after: int = 0,
    size: int = 5_000,
) -> list[dict[str, Any]]:
    """Decisions on claims received on these days, in their order, from beyond number ``after``.

    ``latest`` keeps the one that counts of each claim. ``id`` and ``person_id`` are for who
    asks, not for the accountant.
    """
    found = Decision.objects.filter(
        claim__received_on__gte=since, claim__received_on__lt=before, id__gt=after
    )
    if latest:
        found = _that_count(found)
    if fund_code:
        found = found.filter(claim__fund_code=fund_code)
    if psychologist_id is not None:
        found = found.filter(claim__psychologist=psychologist_id)
    asked = found.order_by("id").values(
        "id", *_OWN, **_COLUMNS, session=F("claim__care_session"), person_id=F("claim__person")
    )
    rows: list[dict[str, Any]] = list(asked[:size])
    acts = act_codes([row["session"] for row in rows])
    for row in rows:
        row["act_code"] = acts.get(row.pop("session"), "")
    return rows


def _that_count(found: QuerySet[Decision]) -> QuerySet[Decision]:
    later = Decision.objects.filter(claim=OuterRef("claim"), sequence__gt=OuterRef("sequence"))
    return found.filter(~Exists(later))
