"""A care sheet sent, a claim read, one's own year."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router

from soutien.doors.api.booking import booking_out
from soutien.doors.api.callers import Bearer, KnownRequest
from soutien.doors.api.opening import ACTING_HEADER, KEY_HEADER, opened, problems
from soutien.doors.api.shapes import (
    ClaimOut,
    LineOut,
    SentOut,
    SessionOut,
    YearIn,
    YearOut,
)
from soutien.doors.days import in_french
from soutien.registers.claims import queries as claims
from soutien.rules.explain import Line
from soutien.steps.claim import send_care_sheet
from soutien.steps.errors import Refusal
from soutien.steps.look import open_claim, open_year
from soutien.steps.views import SessionView

router = Router(tags=["claims"], auth=Bearer())
_READS = {"parameters": [ACTING_HEADER]}


@router.post(
    "care-sheets/{uuid:care_sheet}/send",
    response={200: SentOut, **problems(400, 401, 403, 404, 409, 413, 422, 429)},
    url_name="api_send",
    operation_id="send",
    openapi_extra={"parameters": [KEY_HEADER, ACTING_HEADER]},
)
@opened(scope="claim", step="send_care_sheet", acts=True)
def send(request: KnownRequest, care_sheet: UUID) -> SentOut:
    """Send a care sheet to the fund today; it is decided at once."""
    now = timezone.now()
    claim = send_care_sheet(
        actor=request.auth.actor,
        care_sheet_id=care_sheet,
        received_on=timezone.localdate(now),
        at=now,
    )
    return SentOut(
        id=claim.public_id,
        reference=claim.reference,
        received_on=claim.received_on,
        claims=[each.public_id for each in claims.claims_of_sheet(claim.care_sheet_id)],
    )


@router.get(
    "claims/{uuid:claim}",
    response={200: ClaimOut, **problems(401, 403, 404, 422, 429)},
    url_name="api_claim",
    operation_id="claim",
    openapi_extra=_READS,
)
@opened(scope="read", step="open_claim")
def one_claim(request: KnownRequest, claim: UUID) -> ClaimOut:
    """A claim with its decision, its reasons and their texts."""
    view = open_claim(actor=request.auth.actor, claim_public_id=claim, at=timezone.now())
    return ClaimOut(
        id=view.public_id,
        reference=view.reference,
        received_on=view.received_on,
        person_name=view.person_name,
        psychologist_name=view.psychologist_name,
        held_on=view.held_on,
        kind=view.kind,
        modality=view.modality,
        act_code=view.act_code,
        price_cents=view.price_cents,
        care_sheet=view.care_sheet_public_id,
        accepted=view.accepted,
        reasons=list(view.reasons),
        notices=list(view.notices),
        coverage=view.coverage,
        third_party=view.third_party,
        amo_cents=view.amo_cents,
        local_regime_cents=view.local_regime_cents,
        amc_cents=view.amc_cents,
        patient_cents=view.patient_cents,
        patient_upfront_cents=view.patient_upfront_cents,
        sessions_left=view.sessions_left,
        law_version=view.law_version,
        decided_at=view.decided_at,
        explanation=[line_out(line) for line in view.explanation(language())],
    )


@router.get(
    "me/year",
    response={200: YearOut, **problems(401, 403, 422, 429)},
    url_name="api_year",
    operation_id="year",
    openapi_extra=_READS,
)
@opened(scope="read", step="open_year")
def year(request: KnownRequest, asked: Annotated[YearIn, Query()]) -> YearOut:
    """One's own year: appointments, sessions, what is used and left."""
    actor, now = request.auth.actor, timezone.now()
    if actor.about_person_id is None:
        raise Refusal("not_allowed")
    today = timezone.localdate(now)
    view = open_year(
        actor=actor,
        person_id=actor.about_person_id,
        civil_year=asked.year or today.year,
        on=today,
        at=now,
    )
    return YearOut(
        civil_year=view.count.civil_year,
        cap=view.count.cap,
        used=view.count.used,
        reserved=view.count.reserved,
        left=view.count.left,
        refused=view.count.refused,
        restarts_on=view.restarts_on,
        bookings=[booking_out(one, one.psychologist_public_id) for one in view.bookings],
        sessions=[_session(one) for one in view.sessions],
    )


def line_out(line: Line) -> LineOut:
    """A line of an explanation as it is told."""
    return LineOut(**line._asdict() | {"rules": list(line.rules)})


def language() -> str:
    """The language that the request asked for."""
    return "fr" if in_french() else "en"


def _session(view: SessionView) -> SessionOut:
    return SessionOut(
        id=view.public_id,
        held_on=view.held_on,
        kind=view.kind,
        modality=view.modality,
        psychologist_name=view.psychologist_name,
        state=view.state,
        price_cents=view.price_cents,
        amo_cents=view.amo_cents,
        amc_cents=view.amc_cents,
        patient_cents=view.patient_cents,
        care_sheet=view.care_sheet_public_id,
        claim=view.claim_public_id,
    )
