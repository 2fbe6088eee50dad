"""A paper care sheet in the hands of an agent: typed, its amounts twice, decided or sent back."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from soutien.registers.claims import papers
from soutien.registers.claims.papers import ENTERED, OPEN, RETURNED, PaperSheet
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.keying import Amounts, agreed
from soutien.steps.actor import Actor
from soutien.steps.entitled import fund_that_may
from soutien.steps.errors import Refusal
from soutien.steps.nir import read as read_nir
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.received import Entered, enter
from soutien.steps.trace import act, announce, looking, record
from soutien.steps.transcribed import (
    PaperLineView,
    PaperView,
    Typed,
    amounts_of,
    foreseen,
    found,
    lines_of,
    paper_line,
    paper_view,
    reasons_of,
    refuse_unclear,
    whole,
)

LISTED = 200


@act("claims.paper.typed")
def type_paper(
    *, actor: Actor, typed: Typed, at: datetime, replaces: uuid.UUID | None = None
) -> PaperSheet:
    """Begin a paper sheet: all that it says, amounts included. Nothing is decided yet.

    ``replaces`` is the public id of the one that was sent back and that this one mends. Refuses
    ``insured_unknown`` alike for nobody and for somebody of another fund, ``paper_nobody``,
    ``paper_place_unclear``, ``received_ahead``, ``paper_lines``, ``paper_known``.
    """
    former = _paper(replaces) if replaces else None
    person, place = found(_read(typed))
    if person is not None:
        allow(actor, "type_paper", relations(actor, fund_code=fund_that_may(actor, person)))
    else:
        allow(actor, "type_paper", relations(actor, fund_code=actor.fund_code))
        raise Refusal("insured_unknown", fields=("nir",))
    refuse_unclear(typed, place, at)
    assert place is not None
    if former is not None and (former.state != RETURNED or former.person_id != person.pk):
        raise Refusal("paper_ended")
    if former is not None and papers.replacing(former.pk) is not None:
        raise Refusal("paper_ended")
    if typed.number and papers.known(typed.number):
        raise Refusal("paper_known", fields=("number",))
    paper = papers.add(
        number=typed.number,
        fund_code=actor.fund_code,
        person=person,
        psychologist_id=place.psychologist_id,
        place=place,
        received_on=typed.received_on,
        begun_at=at,
        replaces=former,
    )
    papers.typed(paper, typed.content(), amounts_only=False, account=actor.account_id, at=at)
    record(actor, "claims.paper.typed", at=at, object_id=paper.pk, person_id=person.pk)
    return paper


@act("claims.paper.typed")
def retype_paper(*, actor: Actor, paper_id: uuid.UUID, typed: Typed, at: datetime) -> PaperSheet:
    """Type a paper whole once more: what was misread is put right, and nothing typed is lost.

    Refuses as ``type_paper``, and ``paper_ended``.
    """
    paper = _mine(actor, "retype_paper", paper_id)
    person, place = found(_read(typed))
    if person is None or not fund_that_may(actor, person):
        raise Refusal("insured_unknown", fields=("nir",))
    refuse_unclear(typed, place, at)
    paper = _open(paper)
    other = papers.known(typed.number) if typed.number else None
    if other is not None and other.pk != paper.pk:
        raise Refusal("paper_known", fields=("number",))
    _rewrite(paper, typed, person.pk, place)
    papers.typed(paper, typed.content(), amounts_only=False, account=actor.account_id, at=at)
    record(actor, "claims.paper.typed", at=at, object_id=paper.pk, person_id=person.pk)
    return paper


@act("claims.paper.checked")
def type_amounts(*, actor: Actor, paper_id: uuid.UUID, amounts: Amounts, at: datetime) -> bool:
    """Type the amounts once more, without seeing the first ones; whether they agree now.

    A difference is kept and shown. Refuses ``paper_ended`` and ``paper_lines``.
    """
    paper = _open(_mine(actor, "type_amounts", paper_id))
    typings = papers.typings_of(paper.pk)
    told = amounts_of(typings)
    if len(amounts) != len(told[-1]):
        raise Refusal("paper_lines", fields=("amount_1",))
    papers.typed(paper, {"amounts": amounts}, amounts_only=True, account=actor.account_id, at=at)
    record(actor, "claims.paper.checked", at=at, object_id=paper.pk, person_id=paper.person_id)
    return agreed([*told, amounts]) is not None


@act("claims.paper.returned")
def return_paper(*, actor: Actor, paper_id: uuid.UUID, at: datetime) -> PaperSheet:
    """Send a sheet back to its psychologist, with why (R-072): another one is to come.

    Sent back twice, it is once. Refuses ``paper_unchecked`` before amounts agree, and
    ``paper_right`` for a sheet that the law accepts.
    """
    paper = _mine(actor, "return_paper", paper_id)
    if paper.state == RETURNED:
        return paper
    paper = _open(paper)
    if agreed(amounts_of(papers.typings_of(paper.pk))) is None:
        raise Refusal("paper_unchecked")
    reasons = reasons_of(foreseen(paper, whole(paper), at))
    if not reasons:
        raise Refusal("paper_right")
    _end(paper, RETURNED, actor, at, reasons=reasons)
    record(actor, "claims.paper.returned", at=at, object_id=paper.pk, person_id=paper.person_id)
    announce("claims.paper.returned", at=at, paper=paper.pk)
    return paper


@act("claims.claim.entered")
def decide_paper(*, actor: Actor, paper_id: uuid.UUID, at: datetime) -> tuple[Entered, ...]:
    """Make a claim of each line and decide it: what became of each. A refusal is a decision.

    Decided already, it says the same. Refuses ``paper_unchecked`` before amounts agree,
    ``paper_clash`` when a line is known otherwise; then nothing is written.
    """
    paper = _mine(actor, "decide_paper", paper_id)
    if paper.state == ENTERED:
        return ()
    paper = _open(paper)
    if agreed(amounts_of(papers.typings_of(paper.pk))) is None:
        raise Refusal("paper_unchecked")
    told: dict[int, Entered] = {}
    entering = enter(lines_of(paper, whole(paper)), told, at)
    if len(entering) < len(told):
        raise Refusal("paper_clash")
    for line in entering:
        record(
            actor,
            "claims.claim.entered",
            at=at,
            object_id=line.claim_id,
            person_id=line.person.pk,
        )
    _end(paper, ENTERED, actor, at, care_sheet_id=entering[0].sheet_id)
    return tuple(told[number] for number in sorted(told))


@looking("claims.paper.opened")
def open_paper_sheet(*, actor: Actor, paper_id: uuid.UUID, at: datetime) -> PaperView:
    """A paper as it was typed, where amounts differ, and what the law says of it."""
    paper = _mine(actor, "open_paper_sheet", paper_id)
    record(actor, "claims.paper.opened", at=at, object_id=paper.pk, person_id=paper.person_id)
    return paper_view(paper, at)


@looking("claims.paper.listed")
def list_paper_sheets(
    *, actor: Actor, at: datetime, states: tuple[str, ...] = (OPEN, RETURNED)
) -> tuple[PaperLineView, ...]:
    """The papers of the actor's fund that are not decided, the oldest first."""
    allow(actor, "list_paper_sheets", relations(actor, fund_code=actor.fund_code))
    rows = list(papers.of_fund(actor.fund_code, states)[:LISTED])
    people_told = [row.person_id for row in rows]
    record(actor, "claims.paper.listed", at=at, object_id=len(rows), people=people_told)
    return tuple(paper_line(row) for row in rows)


def _read(typed: Typed) -> Typed:
    """The same with its number checked by its key."""
    return replace(typed, nir=read_nir(typed.nir))


def _paper(public_id: uuid.UUID) -> PaperSheet:
    paper = papers.by_public_id(public_id)
    if paper is None:
        raise Refusal("not_found")
    return paper


def _mine(actor: Actor, step: str, public_id: uuid.UUID) -> PaperSheet:
    paper = _paper(public_id)
    allow(actor, step, _ties(actor, paper))
    return paper


def _ties(actor: Actor, paper: PaperSheet) -> Ties:
    return relations(actor, person_id=paper.person_id, fund_code=paper.fund_code)


def _open(paper: PaperSheet) -> PaperSheet:
    """The paper locked, if it is still to be typed or decided."""
    now = papers.locked(paper.pk)
    if now.state != OPEN:
        raise Refusal("paper_ended")
    return now


def _rewrite(paper: PaperSheet, typed: Typed, person_id: int, place: PracticePlace | None) -> None:
    assert place is not None
    paper.person_id, paper.place = person_id, place
    paper.psychologist_id = place.psychologist_id
    paper.received_on = typed.received_on
    paper.number = typed.number or paper.reference
    paper.save()


def _end(paper: PaperSheet, state: str, actor: Actor, at: datetime, **fields: int) -> None:
    paper.state, paper.ended_at, paper.ended_by_account = state, at, actor.account_id
    for name, value in fields.items():
        setattr(paper, name, value)
    paper.save()
