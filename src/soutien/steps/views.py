"""What pages are given to show: small frozen values, made by steps/look.py."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from soutien.registers.claims.queries import Tally
from soutien.rules.accompaniment import RemoteShare
from soutien.rules.answer import Answer
from soutien.rules.codes import word
from soutien.rules.explain import Line, explain
from soutien.rules.life import Cause
from soutien.steps.authority import Consents


class BeadState(StrEnum):
    """What became of one of the year's sessions."""

    USED = "used"
    RESERVED = "reserved"
    FREE = "free"


class SessionState(StrEnum):
    """Where a session stands on its way to be paid."""

    MISSED = "missed"
    TO_SEND = "to_send"
    TO_CONFIRM = "to_confirm"
    PAID = "paid"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Bead:
    """One of the sessions the law gives in a year; ``kind`` is empty while it is free."""

    kind: str
    state: BeadState


@dataclass(frozen=True, slots=True)
class Count:
    """A year in numbers and beads. ``cap`` is what the law gives on the day it is looked at."""

    civil_year: int
    cap: int
    used: int
    reserved: int
    left: int
    refused: int
    beads: tuple[Bead, ...]


@dataclass(frozen=True, slots=True)
class BookingView:
    """An appointment. ``seat_kept`` is false when a session already paid took its seat."""

    booking_id: int
    public_id: uuid.UUID
    status: str
    kind: str
    modality: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime | None
    civil_day: date
    time_zone: str
    place_id: int
    place_label: str
    address_line: str
    postcode: str
    town_name: str
    psychologist_id: int
    psychologist_public_id: uuid.UUID
    psychologist_name: str
    psychologist_phone: str
    person_id: int | None
    seat_kept: bool = True


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session on its way to be paid; amounts in cents, zero until it is decided.

    ``sheet_to_correct`` says that the fund has a sheet which tells it otherwise.
    """

    public_id: uuid.UUID
    held_on: date
    kind: str
    modality: str
    psychologist_name: str
    state: SessionState
    price_cents: int
    amo_cents: int = 0
    amc_cents: int = 0
    patient_cents: int = 0
    patient_upfront_cents: int = 0
    care_sheet_public_id: uuid.UUID | None = None
    claim_public_id: uuid.UUID | None = None
    performed: bool = True
    duration_minutes: int | None = None
    missed_by: str = ""
    told_on: date | None = None
    linked_to: str = ""
    prescribed: bool = False
    corrected: bool = False
    sheet_to_correct: bool = False


@dataclass(frozen=True, slots=True)
class YearView:
    """A person's year: its beads, what comes next, and what happened.

    ``before_next`` is what both sides are told before the session that comes first.
    """

    person_id: int
    given_name: str
    count: Count
    restarts_on: date
    bookings: tuple[BookingView, ...]
    sessions: tuple[SessionView, ...]
    before_next: DayLine | None = None

    @property
    def next_booking(self) -> BookingView | None:
        """The appointment that comes first."""
        return next(iter(self.bookings), None)


@dataclass(frozen=True, slots=True)
class EndingRight:
    """A right in force that ends soon: ``affiliation``, ``cover``, or the exemption's kind."""

    kind: str
    ends_on: date


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody a psychologist sees, told apart from another of the same name."""

    public_id: uuid.UUID
    name: str
    born_on: date


@dataclass(frozen=True, slots=True)
class DayLine:
    """One line of a psychologist's day: the appointment, and all there is to know before it.

    ``short_name`` keeps the family name's initial only, for a screen others may see;
    ``number`` is this session's place in the year. ``answer`` is the law's, asked on the session
    as planned; None once it was closed. ``planned`` is what the two foresaw together, of which
    ``held_before`` took place before this session; ``review_due`` says to look back half-way.
    """

    booking: BookingView
    person_name: str
    short_name: str
    birth_date: date | None
    count: Count | None
    number: int | None
    price_cents: int
    upfront_cents: int
    nir_known: bool
    rights_known: bool
    ending: tuple[EndingRight, ...]
    answer: Answer | None
    session: SessionView | None
    planned: int | None = None
    held_before: int = 0
    review_due: bool = False
    person_public_id: uuid.UUID | None = None
    # A child's; None for an adult, and where the law of the day asked somebody else.
    consents: Consents | None = None

    def problems(self, lang: str = "fr") -> list[Line]:
        """What would make the payment fail today, with what to do."""
        told = explain(self.answer, lang) if self.answer else []
        return [line for line in told if line.about == "reason"]

    def notices(self, lang: str = "fr") -> list[Line]:
        """What is worth knowing though it is paid."""
        told = explain(self.answer, lang) if self.answer else []
        return [line for line in told if line.about == "notice"]


@dataclass(frozen=True, slots=True)
class DayView:
    """A psychologist's day at all places.

    ``usual_fund_code`` is the fund of the psychologist's last claim, to suggest for the next;
    ``remote`` is how much of their year was remote (R-058).
    """

    psychologist_id: int
    day: date
    usual_fund_code: str
    lines: tuple[DayLine, ...]
    remote: RemoteShare | None = None


@dataclass(frozen=True, slots=True)
class TrailLine:
    """Who did or saw what of a claim, and when."""

    at: datetime
    event: str
    role: str


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """What one person of the fund said of a refusal; ``mine`` when it was who looks now."""

    at: datetime
    role: str
    ground: str
    mine: bool


@dataclass(frozen=True, slots=True)
class ContestLine:
    """Somebody's disagreement with a decision; ``verdict`` is empty until it is answered."""

    public_id: uuid.UUID
    ground: str
    contested_at: datetime
    verdict: str
    answered_at: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with its decision; ``awaiting`` while a person must still confirm a refusal.

    ``cause`` says why the decision takes the place of another; empty for the first.
    """

    public_id: uuid.UUID
    reference: str
    fund_code: str
    sent_by: str
    received_on: date
    person_id: int
    person_name: str
    birth_date: date
    psychologist_name: str
    psychologist_public_id: uuid.UUID
    held_on: date
    kind: str
    modality: str
    act_code: str
    price_cents: int
    care_sheet_public_id: uuid.UUID
    care_sheet_number: str
    # The printed fields; None of a sheet that came on paper, whose typing is then named.
    care_sheet_printed: Mapping[str, Any] | None
    paper_public_id: uuid.UUID | None
    awaiting: bool
    accepted: bool | None
    reasons: tuple[str, ...]
    coverage: str
    notices: tuple[str, ...]
    third_party: str
    amo_cents: int
    local_regime_cents: int
    amc_cents: int
    patient_cents: int
    patient_upfront_cents: int
    sessions_left: int | None
    used_before: int
    used_after: int
    law_version: str
    decided_at: datetime | None
    answer: Answer | None
    count: Count
    trail: tuple[TrailLine, ...]
    reviews: tuple[ReviewLine, ...] = ()
    cause: str = ""
    contests: tuple[ContestLine, ...] = ()
    may_contest: bool = False

    @property
    def cancelled(self) -> bool:
        """Whether whoever sent it took it back."""
        return self.cause == word(Cause.CANCELLED)

    def explanation(self, lang: str = "fr") -> list[Line]:
        """Each reason and amount with its sentence, its text and what to do."""
        return explain(self.answer, lang) if self.answer else []


@dataclass(frozen=True, slots=True)
class LineToGather:
    """A session whose sheet no fund has yet; ``here`` when it stands on the sheet looked at."""

    session_public_id: uuid.UUID
    held_on: date
    act_code: str
    price_cents: int
    here: bool


@dataclass(frozen=True, slots=True)
class CareSheetView:
    """A care sheet as issued. ``printed`` holds the fields of S 3130; ``sender`` who sends it.

    ``claim_public_ids`` are those of its lines, in their order; none before it is sent.
    ``to_gather``: what may stand on one sheet with it, for the psychologist only.
    """

    public_id: uuid.UUID
    number: str
    issued_on: date
    person_id: int
    psychologist_id: int
    sender: str
    amo_third_party: bool
    amc_third_party: bool
    printed: dict[str, Any]
    claim_public_ids: tuple[uuid.UUID, ...]
    replaced: bool = False
    to_gather: tuple[LineToGather, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim in a list; ``accepted`` is None while it waits for a person to confirm."""

    public_id: uuid.UUID
    reference: str
    received_on: date
    held_on: date
    kind: str
    person_name: str
    accepted: bool | None
    to_confirm: bool
    amo_cents: int


@dataclass(frozen=True, slots=True)
class ClaimList:
    """One page of claims, newest first; ``more`` than ``total`` when it is not counted on."""

    total: int
    more: bool
    page: int
    pages: int
    tally: Tally
    lines: tuple[ClaimLine, ...]
