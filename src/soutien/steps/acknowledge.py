"""The receipt of a care sheet that reached the fund, on paper or sent here, and its reference."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from soutien.registers.claims import papers
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet
from soutien.registers.claims.papers import ENTERED, RETURNED, PaperSheet
from soutien.rules.answer import Answer
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.shown import name_of
from soutien.steps.trace import looking, record
from soutien.steps.transcribed import foreseen, whole


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A session on the sheet; ``accepted`` is None while nothing may be said of it."""

    held_on: date
    price_cents: int
    reference: str = ""
    claim_public_id: uuid.UUID | None = None
    accepted: bool | None = None
    amo_cents: int = 0
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the fund received, and where it stands: ``typed``, ``returned`` or ``decided``.

    ``reasons`` are the bits with which a paper went back.
    """

    public_id: uuid.UUID
    reference: str
    number: str
    on_paper: bool
    received_on: date
    state: str
    person_name: str
    psychologist_name: str
    lines: tuple[ReceiptLine, ...]
    reasons: int = 0


@looking("claims.receipt.opened")
def open_receipt(*, actor: Actor, public_id: uuid.UUID, at: datetime) -> Receipt:
    """The receipt of a paper or of a sheet sent here, by either's public id.

    Refuses ``not_found`` for a sheet that no fund has.
    """
    paper = papers.by_public_id(public_id)
    sheet = paper.care_sheet if paper else claims.sheet_by_public_id(public_id)
    if paper is None and sheet is None:
        raise Refusal("not_found")
    paper = paper or papers.of_sheet(sheet.pk if sheet else 0)
    allow(actor, "open_receipt", _ties(actor, paper, sheet))
    lines = _decided(sheet) if sheet is not None else _typed(paper, at)
    if not lines:
        raise Refusal("not_found")
    person_id = paper.person_id if paper else sheet.person_id if sheet else None
    record(actor, "claims.receipt.opened", at=at, object_id=public_id, person_id=person_id)
    return _of_paper(paper, lines) if paper else _of_sheet(sheet, lines)


@looking("claims.receipt.found")
def find_receipt(*, actor: Actor, reference: str, at: datetime) -> uuid.UUID:
    """The receipt with a reference, or of the claim or the sheet that has it.

    Refuses ``receipt_unknown`` alike for one that is not there and one that is not the actor's.
    """
    asked = reference.strip().upper()
    claim = claims.by_reference(asked)
    paper = papers.by_reference(asked)
    sheet = claims.sheet_by_number(asked) if claim is None else claim.care_sheet
    may = paper is not None or sheet is not None
    ties = _ties(actor, paper, sheet) if may else relations(actor)
    try:
        allow(actor, "find_receipt", ties)
    except Refusal as error:
        raise Refusal("receipt_unknown", fields=("reference",)) from error
    if paper is None and sheet is None:
        raise Refusal("receipt_unknown", fields=("reference",))
    found = paper or sheet
    assert found is not None
    record(
        actor,
        "claims.receipt.found",
        at=at,
        object_id=found.public_id,
        person_id=found.person_id,
    )
    return found.public_id


def _ties(actor: Actor, paper: PaperSheet | None, sheet: CareSheet | None) -> Ties:
    whose = paper or sheet
    assert whose is not None
    fund_code = paper.fund_code if paper else ""
    if not fund_code and actor.fund_code and claims.sheet_received(whose.pk, actor.fund_code):
        fund_code = actor.fund_code
    return relations(
        actor,
        person_id=whose.person_id,
        psychologist_id=whose.psychologist_id,
        fund_code=fund_code,
    )


def _decided(sheet: CareSheet) -> tuple[ReceiptLine, ...]:
    """The lines of a sheet that became claims, with their last word where it may be said."""
    found = []
    prices = {line.care_session_id: line.price_cents for line in claims.lines_of(sheet.pk)}
    held = {line.care_session_id: line.care_session for line in claims.lines_of(sheet.pk)}
    for claim in claims.claims_of_sheet(sheet.pk):
        last = claims.latest_decision(claim.pk)
        said = last is not None and not last.to_confirm
        found.append(
            ReceiptLine(
                held[claim.care_session_id].held_on,
                prices[claim.care_session_id],
                claim.reference,
                claim.public_id,
                last.accepted if last and said else None,
                last.amo_cents if last and said else 0,
            )
        )
    return tuple(found)


def _typed(paper: PaperSheet | None, at: datetime) -> tuple[ReceiptLine, ...]:
    """The lines of a paper that is not decided; of one sent back, with what was wrong."""
    assert paper is not None
    typed = whole(paper)
    if paper.state != RETURNED:
        return tuple(ReceiptLine(act.held_on, act.price_cents) for act in typed.acts)
    return tuple(
        ReceiptLine(line.act.held_on, line.act.price_cents, answer=line.answer)
        for line in foreseen(paper, typed, at)
    )


def _of_paper(paper: PaperSheet, lines: tuple[ReceiptLine, ...]) -> Receipt:
    states = {ENTERED: "decided", RETURNED: "returned"}
    return Receipt(
        public_id=paper.public_id,
        reference=paper.reference,
        number=paper.number,
        on_paper=True,
        received_on=paper.received_on,
        state=states.get(paper.state, "typed"),
        person_name=name_of(paper.person),
        psychologist_name=f"{paper.psychologist.given_name} {paper.psychologist.family_name}",
        lines=lines,
        reasons=paper.reasons,
    )


def _of_sheet(sheet: CareSheet | None, lines: tuple[ReceiptLine, ...]) -> Receipt:
    assert sheet is not None
    return Receipt(
        public_id=sheet.public_id,
        reference=sheet.number,
        number=sheet.number,
        on_paper=False,
        received_on=claims.claims_of_sheet(sheet.pk)[0].received_on,
        state="decided",
        person_name=name_of(sheet.person),
        psychologist_name=f"{sheet.psychologist.given_name} {sheet.psychologist.family_name}",
        lines=lines,
    )
