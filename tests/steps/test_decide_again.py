"""Deciding again: nothing is rewritten, the seat follows, and each decision says why."""

from __future__ import annotations

from datetime import date

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import AUTUMN, DAY, MONDAY, at

from soutien.registers.audit.models import Entry
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Decision, Event
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.models import Entry as LedgerEntry
from soutien.registers.outbox.models import Letter
from soutien.rules.codes import Coverage, Reason
from soutien.rules.difference import dues_in_words
from soutien.rules.life import Cause, Payer, State
from soutien.rules.review import Ground
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.claim import review_refusal
from soutien.steps.compare import compare_decisions
from soutien.steps.decide_again import cancel_claim, decide_again, decide_person_again
from soutien.steps.decisions import life_of
from soutien.steps.gather import code
from soutien.steps.meet import correct_session

pytestmark = pytest.mark.django_db
AGENT = Actor("fund_agent", fund_code="019990069")
LATER = at(AUTUMN, 12)


def evaluated(where: scene.Practice, who: object, day: date = MONDAY) -> Claim:
    """An evaluation held, sent and accepted."""
    claim = scene.sent(
        where, scene.closed(where, scene.booked(where, who, day=day, kind="evaluation"))
    )
    assert scene.decided(claim).accepted
    return claim


def borne(claim: Claim) -> dict[tuple[str, str], int]:
    """What payers bear for a claim, as the ledger has it: (payer, payee) and cents."""
    moves = ledger.standing([claim.pk])[claim.pk]
    return {(move.debit.kind, move.credit.kind): move.cents for move in moves}


def again(claim: Claim, cause: Cause = Cause.AGENT_CORRECTED, actor: Actor = AGENT) -> Decision:
    return decide_again(actor=actor, claim_public_id=claim.public_id, cause=cause, at=LATER)


def test_a_right_opened_late_makes_a_decision_that_replaces_the_first():
    where, who = scene.practice(), scene.insured()
    claim = evaluated(where, who)
    first = scene.decided(claim)
    factories.exemption(who, "css", valid_from=date(2026, 1, 1))
    changed = decide_person_again(
        actor=SYSTEM, person_id=who.pk, cause=Cause.RIGHT_OPENED_LATE, at=LATER
    )
    assert [(row.replaces_id, row.cause, row.sequence) for row in changed] == [
        (first.pk, "right_opened_late", 2)
    ]
    assert scene.decided(claim) == changed[0]
    assert (changed[0].coverage, changed[0].amo_cents) == (Coverage.FULL_COVERAGE_CSS, 5000)
    assert (first.amo_cents, scene.seats(who)) == (3000, (1, 0))
    # Paid on the spot in spring: the fund now owes the person the whole, the insurer nothing.
    assert borne(claim) == {("fund", "person"): 5000}
    assert set(LedgerEntry.objects.values_list("why", flat=True)) == {"decided", "corrected"}
    assert Letter.objects.filter(kind="claims.claim.decided").count() == 2
    assert Entry.objects.get(event="claims.claim.decided_again").reason == "right_opened_late"


def test_decided_again_without_anything_new_writes_nothing():
    where, who = scene.practice(), scene.insured()
    claim = evaluated(where, who)
    assert again(claim) == scene.decided(claim)
    assert Decision.objects.count() == 1
    assert Letter.objects.filter(kind="claims.claim.decided").count() == 1


def test_a_session_corrected_to_missed_is_refused_and_frees_its_seat():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    claim = scene.sent(where, scene.closed(where, booking))
    correct_session(
        actor=where.actor,
        booking_id=booking.public_id,
        corrected_for="attendance",
        performed=False,
        modality="in_person",
        signatures=scene.SIGNED,
        at=LATER,
    )
    decision = again(claim, Cause.SESSION_CORRECTED)
    assert decision.reasons == Reason.ACT_NOT_PERFORMED
    assert borne(claim) == {}
    assert scene.seats(who) == (0, 0)


def test_a_claim_taken_back_frees_its_seat_and_owes_nothing():
    where, who = scene.practice(), scene.insured()
    claim = evaluated(where, who)
    cancelled = cancel_claim(actor=where.actor, claim_public_id=claim.public_id, at=LATER)
    assert (cancelled.accepted, cancelled.reasons, cancelled.cause) == (False, 0, "cancelled")
    assert (cancelled.amo_cents, cancelled.used_before, cancelled.used_after) == (0, 1, 0)
    assert life_of(claim.pk).state is State.CANCELLED
    assert borne(claim) == {}
    assert scene.seats(who) == (0, 0)
    repeated = cancel_claim(actor=where.actor, claim_public_id=claim.public_id, at=LATER)
    assert repeated == cancelled
    assert Decision.objects.count() == 2


def test_only_who_sent_a_claim_or_the_fund_takes_it_back():
    where, who = scene.practice(), scene.insured()
    claim = evaluated(where, who)
    for actor in (scene.of(who), scene.practice().actor, Actor("fund_agent", fund_code="1")):
        with refused("not_allowed"):
            cancel_claim(actor=actor, claim_public_id=claim.public_id, at=LATER)
    for cause in (Cause.CANCELLED, Cause.FIRST, Cause.CONTEST_ACCEPTED):
        with refused("not_decided_again"):
            again(claim, cause)
    with refused("not_allowed"):
        again(claim, actor=where.actor)


def test_once_a_payment_left_only_the_fund_takes_a_claim_back():
    where, who = scene.practice(), scene.insured()
    claim = evaluated(where, who)
    ordered = Event(
        claim=claim,
        mark="ordered",
        payer="fund",
        cents=3000,
        reference="O1",
        happened_at=LATER - DAY,
        role="fund_agent",
    )
    assert claims.note([ordered]) == 1
    assert claims.note([ordered]) == 0
    assert life_of(claim.pk).state is State.ORDERED
    assert life_of(claim.pk, Payer.INSURER).state is State.TO_PAY
    with refused("paid_already"):
        cancel_claim(actor=where.actor, claim_public_id=claim.public_id, at=LATER)
    cancel_claim(actor=AGENT, claim_public_id=claim.public_id, at=LATER)
    assert life_of(claim.pk).state is State.TO_RECOVER


def test_what_one_claim_gives_up_goes_to_the_next_by_order_of_receipt():
    where, who = scene.practice(), scene.insured()
    first = evaluated(where, who)
    # Refused: somebody may have one session a day, and one evaluation a year.
    session = factories.care_session(who, where.place, held_on=MONDAY, kind="evaluation")
    factories.care_sheet(session, act_code="EEP")
    second = scene.sent(where, session)
    assert not scene.decided(second).accepted
    cancel_claim(actor=AGENT, claim_public_id=first.public_id, at=LATER)
    changed = decide_person_again(
        actor=AGENT, person_id=who.pk, cause=Cause.ANOTHER_CLAIM, at=LATER + DAY
    )
    assert [(row.claim_id, row.accepted) for row in changed] == [(second.pk, True)]
    assert scene.seats(who) == (1, 0)


def test_an_evaluation_accepted_late_opens_the_follow_ups_refused_before():
    where, who = scene.practice(), scene.insured()
    held = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    follow_up = scene.closed(where, scene.booked(where, who, day=MONDAY + 7 * DAY))
    early = scene.sent(where, follow_up)
    assert scene.decided(early).reasons == Reason.EVALUATION_MISSING
    scene.sent(where, held, days_later=20)
    changed = decide_person_again(
        actor=SYSTEM, person_id=who.pk, cause=Cause.ANOTHER_CLAIM, at=LATER
    )
    assert [(row.claim_id, row.accepted) for row in changed] == [(early.pk, True)]
    assert scene.seats(who) == (2, 0)


def test_what_people_lifted_stays_lifted_when_decided_again():
    where, who = scene.practice(), scene.insured()
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    factories.psychiatric_situation(who, "psychiatric_ald", valid_from=date(2025, 1, 1))
    claim = scene.sent(where, session)
    with refused("not_decided_again"):
        again(claim)
    reader = factories.account(role="fund_agent", fund_code="019990069")
    review_refusal(
        actor=Actor("fund_agent", account_id=reader.pk, fund_code="019990069"),
        claim_public_id=claim.public_id,
        ground=code(Ground, "nothing_shows_it"),
        at=at(MONDAY + 7 * DAY),
    )
    assert scene.decided(claim).cause == "read_by_people"
    factories.exemption(who, "css", valid_from=date(2026, 1, 1))
    decision = again(claim, Cause.RIGHT_OPENED_LATE)
    assert (decision.accepted, decision.coverage) == (True, Coverage.FULL_COVERAGE_CSS)


def test_what_the_person_handed_over_in_autumn_comes_back_to_them():
    where, who = scene.practice(), scene.insured()
    claim = evaluated(where, who, AUTUMN)
    assert borne(claim) == {("fund", "psychologist"): 3000, ("insurer", "person"): 2000}
    factories.exemption(who, "css", valid_from=date(2026, 1, 1))
    later = decide_person_again(
        actor=SYSTEM, person_id=who.pk, cause=Cause.RIGHT_OPENED_LATE, at=LATER + 9 * DAY
    )
    assert borne(claim) == {("fund", "psychologist"): 3000, ("fund", "person"): 2000}
    told = dues_in_words(
        compare_decisions(actor=scene.of(who), claim_public_id=claim.public_id, at=LATER).dues
    )
    # The insurer paid nothing yet: nobody owes it anything.
    assert later and any("La complémentaire ne doit plus 20\u00a0€" in line for line in told)
    assert not any("doit rendre" in line for line in told)
    assert "La caisse doit 20\u00a0€ de plus à la personne." in told
