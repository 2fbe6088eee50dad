"""What an accountant takes away, page by page: claims, and every decision on them. No name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from soutien.registers.claims import accounting
from soutien.rules.codes import Coverage, Reason, word, words
from soutien.steps.actor import Actor
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import looking, record

# The columns, in order, and whether each is a whole number, a day, a moment, a yes or a word.
COLUMNS: dict[str, type] = {
    "reference": str,
    "care_sheet": str,
    "received_on": date,
    "held_on": date,
    "act_code": str,
    "rpps": str,
    "fund_code": str,
    "sent_by": str,
    "sequence": int,
    "decided_at": datetime,
    "accepted": bool,
    "reasons": str,
    "coverage": str,
    "price_cents": int,
    "amo_cents": int,
    "local_regime_cents": int,
    "amc_cents": int,
    "patient_cents": int,
    "patient_upfront_cents": int,
}
CLAIMS, DECISIONS = "claims", "decisions"


class AccountingPage(NamedTuple):
    """Rows in the order of COLUMNS, and beyond which number the next page begins, if any."""

    rows: tuple[tuple[Any, ...], ...]
    after: int | None


@looking("claims.accounting.read")
def open_accounting(
    *,
    actor: Actor,
    what: str,
    since: date,
    before: date,
    at: datetime,
    fund_code: str = "",
    after: int = 0,
    size: int = 5_000,
) -> AccountingPage:
    """Claims with the decision that counts (``claims``), or every decision (``decisions``).

    Of claims received on these days: a psychologist's own, or all of a fund's or of every fund.
    """
    ties = relations(actor, psychologist_id=actor.psychologist_id)
    allow(actor, "open_accounting", ties)
    found = accounting.decisions(
        since=since,
        before=before,
        latest=what == CLAIMS,
        fund_code=fund_code,
        psychologist_id=actor.psychologist_id,
        after=after,
        size=size,
    )
    people = sorted({row["person_id"] for row in found})
    record(actor, "claims.accounting.read", at=at, object_id=len(found), people=people)
    last = found[-1]["id"] if len(found) == size else None
    return AccountingPage(tuple(_told(row) for row in found), last)


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    coverage = Coverage(row["coverage"])
    told = row | {
        "reasons": " ".join(words(Reason(row["reasons"]))),
        "coverage": word(coverage) if coverage else "",
    }
    return tuple(told[name] for name in COLUMNS)
