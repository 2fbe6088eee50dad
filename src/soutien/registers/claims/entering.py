"""Sheets, claims and decisions that come by the thousand, written together."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from soutien.bulk import Rows
from soutien.registers.claims.models import CareSheet, Claim, Decision, SheetLine
from soutien.sealing import sealed_field

FACTS = sealed_field(Decision, "facts")


class NewSheet(NamedTuple):
    """A sheet on paper: nothing was printed here."""

    id: int
    number: str
    person_id: int
    psychologist_id: int
    issued_on: date
    issued_at: datetime
    amo_third_party: bool
    signed_by_person: bool
    signed_by_psychologist: bool
    complete: bool


class NewLine(NamedTuple):
    """One act of a sheet."""

    id: int
    care_sheet_id: int
    position: int
    care_session_id: int
    act_code: str
    price_cents: int


class NewClaim(NamedTuple):
    """A line that reached the fund."""

    id: int
    reference: str
    care_sheet_id: int
    person_id: int
    psychologist_id: int
    care_session_id: int
    fund_code: str
    sent_by: str
    received_on: date
    received_at: datetime


class NewDecision(NamedTuple):
    """The first decision on a claim; ``facts`` sealed (``sealed_facts``), ``terms`` as JSON."""

    id: int
    claim_id: int
    decided_at: datetime
    facts: bytes
    terms: str
    profile: str
    accepted: bool
    to_confirm: bool
    reasons: int
    notices: int
    coverage: int
    third_party: int
    price_cents: int
    amo_cents: int
    local_regime_cents: int
    amc_cents: int
    patient_cents: int
    patient_upfront_cents: int
    sessions_left: int | None
    used_before: int
    used_after: int
    law_version: str


SHEETS: Rows[NewSheet] = Rows(CareSheet, NewSheet)
LINES: Rows[NewLine] = Rows(SheetLine, NewLine)
CLAIMS: Rows[NewClaim] = Rows(Claim, NewClaim)
DECISIONS: Rows[NewDecision] = Rows(Decision, NewDecision)
