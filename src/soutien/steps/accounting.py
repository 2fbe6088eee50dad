"""What an accountant takes away: claims and every decision on them page by page, and an account
of the ledger over a period. No name.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import date, datetime
from typing import Any, NamedTuple

from soutien.registers.claims import accounting
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.models import OF_PAYERS
from soutien.registers.ledger.queries import Holder, Statement
from soutien.registers.people import queries as people
from soutien.registers.psychologists import queries as psychologists
from soutien.rules.codes import Coverage, Reason, word, words
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
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
# The days of the ledger are those of the funds; what is open is told by these ages in days.
ZONE, AGES = "Europe/Paris", (30, 60, 90)
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


class LedgerView(NamedTuple):
    """An account over a period, and what is open on it now by age, from less than 30 days."""

    statement: Statement
    ageing: tuple[int, ...]


@looking("payments.ledger.opened")
def open_ledger(
    *, actor: Actor, account: str, since: date, before: date, at: datetime
) -> LedgerView:
    """Any account of the ledger: opening, each entry with the balance after it, closing, ageing.

    ``account`` is ``fund:CODE``, ``insurer:CODE``, one beside it (``transit:fund:CODE``),
    ``psychologist:RPPS`` or ``person:`` and the address of the person. Refuses ``not_found``.
    """
    allow(actor, "open_ledger", relations(actor))
    holder = _holder(account)
    whose = holder.key if holder.kind == "person" else None
    record(
        actor,
        "payments.ledger.opened",
        at=at,
        object_id=account,
        person_id=whose if isinstance(whose, int) else None,
    )
    account_id = ledger.account_of(holder)
    if account_id is None:
        return LedgerView(Statement(0, [], 0), (0,) * (1 + len(AGES)))
    told = ledger.statement(account_id, since=since, before=before)
    ages = ledger.ageing([account_id], on=gather.civil_day(at, ZONE), days=AGES)
    return LedgerView(told, ages[account_id])


def _holder(account: str) -> Holder:
    """Who holds the account of this name. Refuses ``not_found``."""
    kind, _, key = account.partition(":")
    if kind in ("fund", "insurer") and key:
        return Holder(kind, account)
    if kind in OF_PAYERS and key.partition(":")[0] in ("fund", "insurer"):
        return Holder(kind, key)
    if kind == "psychologist":
        for place in psychologists.places_of({key}).get(key, ()):
            return ledger.psychologist(place.psychologist_id)
    if kind == "person":
        with suppress(ValueError):
            if found := people.by_public_id(uuid.UUID(key)):
                return ledger.person(found.pk)
    raise Refusal("not_found")


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    coverage = Coverage(row["coverage"])
    told = row | {
        "reasons": " ".join(words(Reason(row["reasons"]))),
        "coverage": word(coverage) if coverage else "",
    }
    return tuple(told[name] for name in COLUMNS)
