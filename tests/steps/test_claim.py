"""Sending a care sheet: the decision, its proof, and the seat."""

from __future__ import annotations

from datetime import date

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import AUTUMN, DAY, MONDAY

from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.outbox.models import Letter
from soutien.rules.codes import Coverage, Reason, ThirdParty
from soutien.rules.terms import load_law
from soutien.steps.actor import Actor
from soutien.steps.claim import send_care_sheet

pytestmark = pytest.mark.django_db


def evaluation(where: scene.Practice, who: object, day: date = MONDAY) -> object:
    return scene.closed(where, scene.booked(where, who, day=day, kind="evaluation"))


def test_an_accepted_claim_uses_the_seat_and_keeps_its_proof():
    where, who = scene.practice(), scene.insured()
    claim = scene.sent(where, evaluation(where, who))
    decision = scene.decided(claim)
    assert (decision.accepted, decision.reasons) == (True, 0)
    assert decision.coverage == Coverage.STANDARD_60_40
    assert (decision.amo_cents, decision.amc_cents, decision.patient_cents) == (3000, 2000, 0)
    assert decision.third_party == ThirdParty.NONE
    assert (decision.used_before, decision.used_after, decision.sessions_left) == (0, 1, 11)
    assert decision.law_version == load_law().version
    assert decision.facts["session"]["price_cents"] == 5000
    assert decision.facts["past"]["used_this_year"] == 0
    assert decision.terms["sessions_per_year_max"] == 12
    assert scene.seats(who) == (1, 0)
    assert claim.reference.startswith("D26-")
    assert claim.fund_code == "019990069"
    assert Entry.objects.filter(event="claims.claim.sent", person_id=who.pk).count() == 1
    assert Letter.objects.filter(kind="claims.claim.decided").count() == 1


def test_sent_twice_it_is_the_same_claim():
    where, who = scene.practice(), scene.insured()
    session = evaluation(where, who)
    assert scene.sent(where, session) == scene.sent(where, session, days_later=3)
    assert Claim.objects.count() == Decision.objects.count() == 1
    assert Letter.objects.filter(kind="claims.claim.decided").count() == 1


def test_the_person_sends_the_sheet_when_everything_was_paid_on_the_spot():
    where, who = scene.practice(), scene.insured()
    sheet = scene.sheet_of(evaluation(where, who))
    claim = send_care_sheet(
        actor=scene.of(who),
        care_sheet_id=sheet.public_id,
        received_on=MONDAY + 2 * DAY,
        at=scene.at(MONDAY + 2 * DAY),
    )
    assert claim.sent_by == "person"


def test_a_third_party_sheet_is_sent_by_the_psychologist():
    where, who = scene.practice(), scene.insured()
    sheet = scene.sheet_of(evaluation(where, who, AUTUMN))
    with refused("sent_by_psychologist"):
        send_care_sheet(
            actor=scene.of(who),
            care_sheet_id=sheet.public_id,
            received_on=AUTUMN + DAY,
            at=scene.at(AUTUMN + DAY),
        )


def test_since_october_the_person_pays_the_rest_only():
    where, who = scene.practice(), scene.insured()
    decision = scene.paid(where, who, day=AUTUMN, kind="evaluation")
    assert decision.third_party == ThirdParty.AMO
    assert decision.patient_upfront_cents == 2000


def test_a_refused_claim_gives_its_seat_back():
    where, who = scene.practice(), scene.insured()
    session = evaluation(where, who)
    # The suspension is learnt after the sheet was issued.
    factories.suspension(where.place.psychologist, valid_from=MONDAY)
    decision = scene.decided(scene.sent(where, session))
    assert (decision.accepted, decision.to_confirm) == (False, False)
    assert decision.reasons == Reason.CONVENTION_SUSPENDED
    assert scene.seats(who) == (0, 0)


def test_a_psychiatric_refusal_waits_for_a_person_and_keeps_its_seat():
    where, who = scene.practice(), scene.insured()
    factories.psychiatric_situation(who, "psychiatric_ald", valid_from=date(2025, 1, 1))
    decision = scene.decided(scene.sent(where, evaluation(where, who)))
    assert (decision.accepted, decision.to_confirm) == (False, True)
    assert decision.reasons == Reason.NON_INCLUSION_PSYCHIATRIC
    assert scene.seats(who) == (0, 1)


def test_a_follow_up_sent_before_its_evaluation_is_refused_by_the_law():
    where, who = scene.practice(), scene.insured()
    evaluation(where, who)
    follow_up = scene.closed(where, scene.booked(where, who, day=MONDAY + DAY))
    decision = scene.decided(scene.sent(where, follow_up))
    assert decision.reasons == Reason.EVALUATION_MISSING


def test_the_letter_that_serves_best_is_the_one_shown_to_the_law():
    where, who = scene.practice(), scene.insured()
    day = date(2024, 3, 4)
    for written_on, referrer in (
        (date(2023, 1, 10), "gp"),
        (date(2024, 2, 5), "gp"),
        (date(2024, 3, 1), "psychotherapist"),
        (date(2024, 3, 20), "gp"),
    ):
        factories.referral(who, written_on=written_on, referrer=referrer)
    assert scene.paid(where, who, day=day, kind="evaluation").accepted
    assert scene.paid(where, who, day=day + 7 * DAY).accepted


def test_a_session_without_a_booking_takes_a_free_seat():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=MONDAY, kind="evaluation")
    session = factories.care_session(who, where.place, held_on=MONDAY + DAY)
    factories.care_sheet(session, act_code="APS")
    assert scene.decided(scene.sent(where, session)).accepted
    assert scene.seats(who) == (2, 0)


def test_a_paid_session_displaces_the_latest_reservation_of_a_full_year():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=MONDAY, kind="evaluation")
    last = [scene.booked(where, who, day=MONDAY + week * 7 * DAY) for week in range(1, 12)][-1]
    assert scene.seats(who) == (1, 11)
    session = factories.care_session(who, where.place, held_on=MONDAY + DAY)
    factories.care_sheet(session, act_code="APS")
    assert scene.decided(scene.sent(where, session)).accepted
    assert scene.seats(who) == (2, 10)
    assert Letter.objects.get(kind="care.seat.displaced").payload["booking"] == last.pk
    assert Booking.objects.get(pk=last.pk).status == "confirmed"


def test_a_sheet_received_tomorrow_is_refused_today():
    where, who = scene.practice(), scene.insured()
    sheet = scene.sheet_of(evaluation(where, who))
    with refused("received_ahead"):
        send_care_sheet(
            actor=where.actor,
            care_sheet_id=sheet.public_id,
            received_on=MONDAY + DAY,
            at=scene.at(MONDAY, 20),
        )


def test_today_is_the_day_at_the_place_of_care():
    where = scene.practice(time_zone="Pacific/Noumea", insee="98818")
    who = scene.insured()
    # 8 in the morning of the 2nd in Noumea is 21:00 of the 1st, UTC.
    booking = scene.booked(where, who, day=MONDAY - DAY, hour=21, kind="evaluation")
    sheet = scene.sheet_of(scene.closed(where, booking))
    assert (sheet.issued_on, booking.civil_day) == (MONDAY, MONDAY)
    claim = send_care_sheet(
        actor=where.actor, care_sheet_id=sheet.public_id, received_on=MONDAY, at=booking.ends_at
    )
    assert scene.decided(claim).accepted


def test_nobody_else_sends_a_sheet():
    where, who = scene.practice(), scene.insured()
    sheet = scene.sheet_of(evaluation(where, who))
    others = (
        scene.of(scene.insured()),
        scene.practice().actor,
        Actor("fund_agent", fund_code="019990069"),
        Actor("administrator"),
    )
    for actor in others:
        with refused("not_allowed"):
            send_care_sheet(
                actor=actor,
                care_sheet_id=sheet.public_id,
                received_on=MONDAY,
                at=scene.at(MONDAY, 20),
            )
