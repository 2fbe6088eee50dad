"""A care sheet reaches the fund, and the law decides: once, with its proof kept."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from soutien.registers.care import queries as care
from soutien.registers.care.models import Year
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet, Claim, Decision, Review, SheetLine
from soutien.rules.answer import answer
from soutien.rules.codes import word
from soutien.rules.life import Cause
from soutien.rules.review import Ground, Standing, standing, verdict_of
from soutien.steps import decisions, gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, announce, record


@act("claims.claim.sent")
def send_care_sheet(
    *, actor: Actor, care_sheet_id: uuid.UUID, received_on: date, at: datetime
) -> Claim:
    """Make a claim of each line of a care sheet and decide it; the claim of the first line.

    ``care_sheet_id`` is the public id. Sent twice, it answers with the same claim. A refusal by
    the law is a decision, not an exception; refused here are only who may not send it, and a
    day that has not come.
    """
    sheet = _sheet(actor, care_sheet_id)
    lines = claims.lines_of(sheet.pk)
    if received_on > gather.civil_day(at, lines[0].care_session.place.time_zone):
        raise Refusal("received_ahead", fields=("received_on",))
    # Before the years are locked nothing is certain: another may be sending the same sheet.
    days = sorted({line.care_session.held_on.year for line in lines})
    years = {civil_year: care.lock_year(sheet.person_id, civil_year) for civil_year in days}
    sent = claims.claims_of_sheet(sheet.pk)
    if sent:
        return sent[0]
    if claims.replaced(sheet.pk) or any(care.corrected(line.care_session_id) for line in lines):
        raise Refusal("sheet_replaced")
    if sheet.amo_third_party and actor.side == "person":
        raise Refusal("sent_by_psychologist")
    return [
        _receive(actor, line, years[line.care_session.held_on.year], received_on, at)
        for line in lines
    ][0]


def _receive(actor: Actor, line: SheetLine, year: Year, received_on: date, at: datetime) -> Claim:
    """The claim of one line, decided with all that was paid before it, its own sheet included."""
    sheet, session = line.care_sheet, line.care_session
    answered = answer(decisions.dossier(line, received_on), gather.law())
    claim = Claim.objects.create(
        reference=f"D{received_on:%y}-{line.pk:06d}",
        care_sheet=sheet,
        person_id=sheet.person_id,
        psychologist_id=sheet.psychologist_id,
        care_session=session,
        fund_code=decisions.fund_code(session),
        sent_by=actor.side,
        received_on=received_on,
        received_at=at,
    )
    decision = decisions.row(claim, answered, at)
    decision.save()
    decisions.post([decision], at)
    displaced = decisions.settle_the_seat(year, session, decision)
    record(actor, "claims.claim.sent", at=at, object_id=claim.pk, person_id=claim.person_id)
    announce("claims.claim.decided", at=at, claim=claim.pk, decision=decision.pk)
    if displaced is not None:
        announce("care.seat.displaced", at=at, booking=displaced, claim=claim.pk)
    return claim


@act("claims.claim.reviewed")
def review_refusal(
    *, actor: Actor, claim_public_id: uuid.UUID, ground: Ground, at: datetime
) -> Decision:
    """Say of a refusal to be confirmed whether it is right, and why; the decision that counts.

    It takes two people to refuse, and one to lift (R-022): then the law decides again without the
    psychiatric situation. The same said twice by the same person answers the same.
    """
    claim = _claim(actor, claim_public_id)
    session = claim.care_session
    # Two who read at once must not both believe that they are the first, or the last.
    year = care.lock_year(claim.person_id, session.held_on.year)
    decision, said = claims.latest_decision(claim.pk), claims.reviews_of(claim.pk)
    mine = {review.ground for review in said if review.account_id == actor.account_id}
    if decision is not None and word(ground) in mine:
        return decision
    if decision is None or not decision.to_confirm:
        raise Refusal("not_to_confirm")
    if mine or actor.account_id is None:
        raise Refusal("needs_another_reader")
    said.append(
        Review.objects.create(
            decision=decision,
            sequence=1 + len(said),
            ground=word(ground),
            role=actor.role,
            account_id=actor.account_id,
            reviewed_at=at,
        )
    )
    found = standing([verdict_of(gather.code(Ground, review.ground)) for review in said])
    record(actor, "claims.claim.reviewed", at=at, object_id=claim.pk, person_id=claim.person_id)
    if found is Standing.WAITING:
        return decision
    confirmed = found is Standing.CONFIRMED
    final = _upheld(decision, at) if confirmed else _lifted(claim, decision, at)
    final.save()
    decisions.post_again(final, at)
    displaced = decisions.settle_the_seat(year, session, final, again=True)
    announce("claims.claim.decided", at=at, claim=claim.pk, decision=final.pk)
    if displaced is not None:
        announce("care.seat.displaced", at=at, booking=displaced, claim=claim.pk)
    return final


def _claim(actor: Actor, public_id: uuid.UUID) -> Claim:
    found = claims.by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    ties = relations(actor, person_id=found.person_id, fund_code=found.fund_code)
    allow(actor, "review_refusal", ties)
    return found


def _upheld(refusal: Decision, at: datetime) -> Decision:
    """The same refusal, which may now be said."""
    return decisions.kept(refusal, at, Cause.READ_BY_PEOPLE, to_confirm=False)


def _lifted(claim: Claim, refusal: Decision, at: datetime) -> Decision:
    """The law again, as if nothing psychiatric were known."""
    dossier = decisions.dossier(decisions.line_of(claim), claim.received_on)
    answered = answer(decisions.unbarred(dossier), gather.law())
    return decisions.row(claim, answered, at, replaces=refusal, cause=Cause.READ_BY_PEOPLE)


def _sheet(actor: Actor, public_id: uuid.UUID) -> CareSheet:
    found = claims.sheet_by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    ties = relations(actor, person_id=found.person_id, psychologist_id=found.psychologist_id)
    allow(actor, "send_care_sheet", ties)
    return found
