"""Not agreeing with a decision, and the fund's answer: in a word on each side, and two looks."""

from __future__ import annotations

import uuid
from datetime import datetime

from soutien.registers.care import queries as care
from soutien.registers.claims import contests
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Contest, ContestAnswer, Decision, Event
from soutien.rules.codes import word
from soutien.rules.contest import LOOKS_MAX, Ground, Verdict
from soutien.rules.life import Cause, Mark
from soutien.steps import decisions
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, announce, record


@act("claims.contest.made")
def contest_decision(
    *, actor: Actor, claim_public_id: uuid.UUID, ground: Ground, at: datetime
) -> Contest:
    """Say that the last decision on a claim is wrong, and why in a word.

    While one is open, saying it again answers the same. Refuses ``not_contested`` for a claim
    taken back or not answered yet, ``looked_at_twice`` once two people of the fund answered.
    """
    claim = claims.by_public_id(claim_public_id)
    if claim is None:
        raise Refusal("not_found")
    ties = relations(actor, person_id=claim.person_id, psychologist_id=claim.psychologist_id)
    allow(actor, "contest_decision", ties)
    care.lock_year(claim.person_id, claim.care_session.held_on.year)
    decision = claims.latest_decision(claim.pk)
    if decision is None or decision.to_confirm or decision.cause == word(Cause.CANCELLED):
        raise Refusal("not_contested")
    made = [row for row in contests.contests_of(claim.pk) if row.decision_id == decision.pk]
    if made and not hasattr(made[-1], "answer"):
        return made[-1]
    if len(made) >= LOOKS_MAX:
        raise Refusal("looked_at_twice")
    contest = Contest.objects.create(
        claim=claim,
        decision=decision,
        look=len(made) + 1,
        ground=word(ground),
        role=actor.role,
        contested_at=at,
    )
    _note(contest, Mark.CONTESTED, actor, at)
    person_id = claim.person_id
    record(actor, "claims.contest.made", at=at, object_id=contest.pk, person_id=person_id)
    announce("claims.contest.made", at=at, claim=claim.pk, contest=contest.pk)
    return contest


@act("claims.contest.answered")
def answer_contest(
    *, actor: Actor, contest_public_id: uuid.UUID, verdict: Verdict, at: datetime
) -> Decision:
    """Answer a contest; the decision that counts then. The same answered twice is once.

    Accepted, the law decides again with all that is known now: refuses ``law_says_the_same`` while
    nothing was mended that would change its answer. A second look is another person's.
    """
    contest = _contest(actor, contest_public_id)
    claim = contest.claim
    year = care.lock_year(claim.person_id, claim.care_session.held_on.year)
    former = claims.latest_decision(claim.pk)
    made = contests.contests_of(claim.pk)
    answered = {row.pk: row.answer for row in made if hasattr(row, "answer")}
    if former is None or actor.account_id is None:
        raise Refusal("not_allowed")
    if contest.pk in answered:
        if answered[contest.pk].verdict == word(verdict):
            return former
        raise Refusal("contest_answered")
    if any(answer.account_id == actor.account_id for answer in answered.values()):
        raise Refusal("needs_another_reader")
    ContestAnswer.objects.create(
        contest=contest,
        verdict=word(verdict),
        role=actor.role,
        account_id=actor.account_id,
        answered_at=at,
    )
    person_id = claim.person_id
    record(actor, "claims.contest.answered", at=at, object_id=contest.pk, person_id=person_id)
    announce("claims.contest.answered", at=at, claim=claim.pk, contest=contest.pk)
    if verdict is not Verdict.ACCEPT:
        _note(contest, Mark.CONTEST_ANSWERED, actor, at)
        return former
    later = decisions.asked_again(claim, former, Cause.CONTEST_ACCEPTED, at)
    if decisions.says_the_same(former, later):
        raise Refusal("law_says_the_same")
    later.save()
    decisions.post_again(later, at)
    displaced = decisions.settle_the_seat(year, claim.care_session, later, again=True)
    if displaced is not None:
        announce("care.seat.displaced", at=at, booking=displaced, claim=claim.pk)
    return later


def _contest(actor: Actor, public_id: uuid.UUID) -> Contest:
    found = contests.by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    claim: Claim = found.claim
    ties = relations(actor, person_id=claim.person_id, fund_code=claim.fund_code)
    allow(actor, "answer_contest", ties)
    return found


def _note(contest: Contest, mark: Mark, actor: Actor, at: datetime) -> None:
    """Tell it among what happened to the claim."""
    event = Event(
        claim_id=contest.claim_id,
        mark=word(mark),
        reference=f"contest {contest.pk}",
        happened_at=at,
        role=actor.role,
    )
    claims.note([event])
