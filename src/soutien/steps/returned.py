"""What payers answer to invoices, line by line, beside what was decided here.

A line is read by a dialect (``doors.files.returns``); here it meets its claim. Nothing is posted:
who keeps the accounts takes these results, and ``key`` tells the same line when it comes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Decision
from soutien.steps.actor import Actor
from soutien.steps.permissions import allow
from soutien.steps.trace import looking, record


class Says(Enum):
    """What a payer says of an invoice. Paid says an amount, the others say why not, or not yet."""

    PAID = "paid"
    REFUSED = "refused"
    WITHHELD = "withheld"
    DISPUTED = "disputed"


class PayerLine(NamedTuple):
    """One line of a payer's return, whatever its dialect. Amounts are whole cents.

    ``key`` is the same each time the same line is read, in whatever file: that is how a repeated
    one is known. ``amo`` and ``amc`` say of which parts it speaks.
    """

    key: str
    says: Says
    amo: bool
    amc: bool
    invoice: str
    insured: str
    billed_amo_cents: int
    billed_amc_cents: int
    paid_amo_cents: int
    paid_amc_cents: int
    invoiced_on: date | None
    accounted_on: date | None
    code: str = ""
    label: str = ""
    lot: str = ""
    payer: str = ""


class Gap(Enum):
    """How a line stands to what was decided here."""

    NONE = "as_decided"
    UNKNOWN = "no_such_invoice"
    ANOTHER = "another_person"
    REFUSED_HERE = "refused_here"
    BILLED_OTHERWISE = "billed_otherwise"
    LESS = "paid_less"
    MORE = "paid_more"


@dataclass(frozen=True, slots=True)
class Returned:
    """A line with its claim; ``claim_id`` is None where the line is of no claim of ours."""

    line: PayerLine
    gap: Gap
    claim_id: int | None = None
    claim_public_id: UUID | None = None
    reference: str = ""
    amo_cents: int = 0
    amc_cents: int = 0


def _invoice_number(claim_id: int) -> str:
    """The number of a claim's invoice: nine figures, one invoice a claim.

    A payer refuses an invoice as a whole: no session waits for another one's mistake.
    """
    return f"{claim_id:09d}"


@looking("claims.returns.read")
def read_returns(
    *, actor: Actor, lines: Sequence[PayerLine], at: datetime
) -> tuple[Returned, ...]:
    """Each line once, in order, with its claim and how it stands to our decision."""
    allow(actor, "read_returns")
    once = list({line.key: line for line in lines}.values())
    numbers = {int(line.invoice) for line in once if line.invoice.isdigit()}
    found = claims.invoiced(numbers)
    read = tuple(_met(line, found) for line in once)
    people = {found[one.claim_id].claim.person_id for one in read if one.claim_id is not None}
    record(actor, "claims.returns.read", at=at, object_id=len(once), people=sorted(people))
    return read


def _met(line: PayerLine, found: dict[int, Decision]) -> Returned:
    decision = found.get(int(line.invoice)) if line.invoice.isdigit() else None
    if decision is None:
        return Returned(line, Gap.UNKNOWN)
    claim = decision.claim
    if claim.person.nir != line.insured:
        return Returned(line, Gap.ANOTHER)
    return Returned(
        line,
        _gap(line, decision),
        claim_id=claim.pk,
        claim_public_id=claim.public_id,
        reference=claim.reference,
        amo_cents=decision.amo_cents,
        amc_cents=decision.amc_cents,
    )


def _gap(line: PayerLine, decision: Decision) -> Gap:
    if not decision.accepted:
        return Gap.REFUSED_HERE
    ours = (decision.amo_cents * line.amo, decision.amc_cents * line.amc)
    if (line.billed_amo_cents * line.amo, line.billed_amc_cents * line.amc) != ours:
        return Gap.BILLED_OTHERWISE
    if line.says is not Says.PAID:
        return Gap.NONE
    paid = line.paid_amo_cents * line.amo + line.paid_amc_cents * line.amc
    if paid == sum(ours):
        return Gap.NONE
    return Gap.LESS if paid < sum(ours) else Gap.MORE


class Billed(NamedTuple):
    """A claim as it is invoiced to its payer, in our words."""

    number: str
    reference: str
    am_number: str
    nir: str
    birth_date: str
    fund_code: str
    held_on: date
    act_code: str
    coverage: int
    price_cents: int
    amo_cents: int
    amc_cents: int


@looking("claims.invoices.read")
def list_invoices(
    *, actor: Actor, fund_code: str, since: date, before: date, at: datetime
) -> tuple[Billed, ...]:
    """The accepted claims that a fund received on these days, where it pays the psychologist."""
    allow(actor, "list_invoices")
    rows = claims.to_invoice(fund_code, since=since, before=before)
    acts = claims.act_codes([decision.claim.care_session_id for decision in rows])
    people = sorted({decision.claim.person_id for decision in rows})
    record(actor, "claims.invoices.read", at=at, object_id=fund_code, people=people)
    return tuple(_billed(decision.claim, decision, acts) for decision in rows)


def _billed(claim: Claim, decision: Decision, acts: dict[int, str]) -> Billed:
    return Billed(
        number=_invoice_number(claim.pk),
        reference=claim.reference,
        am_number=claim.psychologist.am_number,
        nir=claim.person.nir,
        birth_date=claim.person.birth_date,
        fund_code=claim.fund_code,
        held_on=claim.care_session.held_on,
        act_code=acts[claim.care_session_id],
        coverage=decision.coverage,
        price_cents=decision.price_cents,
        amo_cents=decision.amo_cents,
        amc_cents=decision.amc_cents,
    )
