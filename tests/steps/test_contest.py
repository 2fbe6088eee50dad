"""Not agreeing with a decision: said in a word, answered, and looked at again by another."""

from __future__ import annotations

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, at

from soutien.registers.claims.models import Claim, Contest, Decision
from soutien.registers.outbox.models import Letter
from soutien.registers.psychologists.models import Suspension
from soutien.rules.contest import Ground, Verdict
from soutien.rules.life import State
from soutien.steps.actor import Actor
from soutien.steps.contest import answer_contest, contest_decision
from soutien.steps.decide_again import cancel_claim
from soutien.steps.decisions import life_of

pytestmark = pytest.mark.django_db
FUND = "019990069"
WHEN = at(MONDAY + 20 * DAY)


def agent() -> Actor:
    account = factories.account(role="fund_agent", fund_code=FUND)
    return Actor("fund_agent", account_id=account.pk, fund_code=FUND)


def a_refusal(where: scene.Practice, who: object) -> Claim:
    """An evaluation refused since the psychologist is said to be suspended."""
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    factories.suspension(where.place.psychologist, valid_from=MONDAY)
    claim = scene.sent(where, session)
    assert not scene.decided(claim).accepted
    return claim


def contested(claim: Claim, actor: Actor, days: int = 0) -> Contest:
    return contest_decision(
        actor=actor,
        claim_public_id=claim.public_id,
        ground=Ground.TEXT_DOES_NOT_APPLY,
        at=WHEN + days * DAY,
    )


def answered(contest: Contest, actor: Actor, verdict: Verdict, days: int = 1) -> Decision:
    return answer_contest(
        actor=actor,
        contest_public_id=contest.public_id,
        verdict=verdict,
        at=WHEN + days * DAY,
    )


def test_a_contest_is_made_once_and_both_are_told():
    where, who = scene.practice(), scene.insured()
    claim = a_refusal(where, who)
    first = contested(claim, scene.of(who))
    assert contested(claim, scene.of(who), 1) == first
    assert Contest.objects.count() == 1
    assert life_of(claim.pk).state is State.CONTESTED
    assert Letter.objects.filter(kind="claims.contest.made").count() == 1
    answered(first, agent(), Verdict.TEXT_APPLIES)
    assert life_of(claim.pk).state is State.REFUSED
    assert Letter.objects.filter(kind="claims.contest.answered").count() == 1


def test_accepted_once_what_was_wrong_is_mended_the_law_decides_again():
    where, who = scene.practice(), scene.insured()
    claim, reader = a_refusal(where, who), agent()
    contest = contested(claim, scene.of(who))
    with refused("law_says_the_same"):
        answered(contest, reader, Verdict.ACCEPT)
    assert not Letter.objects.filter(kind="claims.contest.answered").exists()
    Suspension.objects.all().delete()
    decision = answered(contest, reader, Verdict.ACCEPT, 2)
    assert (decision.accepted, decision.cause) == (True, "contest_accepted")
    assert scene.seats(who) == (1, 0)
    assert life_of(claim.pk).state is State.TO_PAY
    assert answered(contest, reader, Verdict.ACCEPT, 3) == decision
    with refused("contest_answered"):
        answered(contest, reader, Verdict.TEXT_APPLIES, 3)


def test_a_second_look_is_another_persons_and_there_is_no_third():
    where, who = scene.practice(), scene.insured()
    claim, reader = a_refusal(where, who), agent()
    answered(contested(claim, scene.of(who)), reader, Verdict.NOTHING_SHOWS_IT)
    second = contested(claim, scene.of(who), 2)
    assert second.look == 2
    with refused("needs_another_reader"):
        answered(second, reader, Verdict.TEXT_APPLIES, 3)
    answered(second, agent(), Verdict.TEXT_APPLIES, 3)
    with refused("looked_at_twice"):
        contested(claim, scene.of(who), 4)


def test_nobody_else_contests_or_answers():
    where, who = scene.practice(), scene.insured()
    claim = a_refusal(where, who)
    for actor in (scene.of(scene.insured()), scene.practice().actor, agent()):
        with refused("not_allowed"):
            contested(claim, actor)
    contest = contested(claim, where.actor)
    for actor in (scene.of(who), Actor("fund_agent", account_id=1, fund_code="019980000")):
        with refused("not_allowed"):
            answered(contest, actor, Verdict.ACCEPT)


def test_a_claim_taken_back_is_not_contested():
    where, who = scene.practice(), scene.insured()
    claim = a_refusal(where, who)
    cancel_claim(actor=where.actor, claim_public_id=claim.public_id, at=WHEN)
    with refused("not_contested"):
        contested(claim, scene.of(who), 1)
