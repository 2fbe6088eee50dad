"""What people see of a year, a day, a sheet and a claim; every look leaves a line."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import AUTUMN, DAY, MONDAY, at

from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.rules.codes import Kind, LinkedTo
from soutien.rules.estimate import Situation
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.ask import what_will_i_pay
from soutien.steps.look import (
    list_claims,
    list_patients,
    open_booking,
    open_care_sheet,
    open_claim,
    open_day,
    open_year,
)
from soutien.steps.views import BeadState, SessionState

pytestmark = pytest.mark.django_db
FUND = Actor("fund_agent", account_id=7, fund_code="019990069")


def year(actor: Actor, who: object, *, on: date = MONDAY + 30 * DAY, civil_year: int = 2026):
    return open_year(actor=actor, person_id=who.pk, civil_year=civil_year, on=on, at=at(on))


def test_the_year_tells_what_is_used_booked_and_left():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=MONDAY, kind="evaluation")
    scene.paid(where, who, day=MONDAY + 7 * DAY)
    scene.closed(where, scene.booked(where, who, day=MONDAY + 14 * DAY), performed=False)
    scene.closed(where, scene.booked(where, who, day=MONDAY + 21 * DAY))
    coming = scene.booked(where, who, day=MONDAY + 60 * DAY)
    view = year(scene.of(who), who)
    count = view.count
    assert (count.cap, count.used, count.reserved, count.left, count.refused) == (12, 2, 2, 8, 1)
    assert [bead.state for bead in count.beads] == [
        *[BeadState.USED] * 2,
        *[BeadState.RESERVED] * 2,
        *[BeadState.FREE] * 8,
    ]
    assert count.beads[0].kind == "evaluation"
    assert [session.state for session in view.sessions] == [
        SessionState.PAID,
        SessionState.PAID,
        SessionState.MISSED,
        SessionState.TO_SEND,
    ]
    assert view.next_booking
    assert view.next_booking.public_id == coming.public_id
    assert view.restarts_on == date(2027, 1, 1)


def test_a_year_under_the_former_law_has_its_own_number_of_beads():
    who = scene.insured()
    assert len(year(scene.of(who), who, civil_year=2023).count.beads) == 8
    assert len(year(scene.of(who), who, civil_year=2027).count.beads) == 12


def test_a_look_leaves_one_line_and_no_letter():
    where, who = scene.practice(), scene.insured()
    year(scene.of(who), who)
    entry = Entry.objects.get()
    assert (entry.event, entry.person_id, entry.actor_role) == (
        "care.year.opened",
        who.pk,
        "person",
    )
    assert not Letter.objects.exists()
    assert where


def test_the_year_is_opened_by_its_person_and_nobody_else():
    """The day tells a psychologist what is left; amounts and other psychologists stay private."""
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    assert year(scene.of(who), who).count.reserved == 1
    others = (where.actor, ANONYMOUS, scene.of(scene.insured()), FUND, Actor("administrator"))
    for actor in others:
        with refused("not_allowed"):
            year(actor, who)


def test_a_refused_look_leaves_no_view_and_one_line_that_says_so():
    who = scene.insured()
    with refused("not_allowed"):
        year(ANONYMOUS, who)
    entry = Entry.objects.get()
    assert (entry.result, entry.reason) == ("refused", "not_allowed")
    assert (entry.event, entry.person_id, entry.actor_role) == (
        "care.year.opened",
        who.pk,
        "anonymous",
    )


def test_the_day_tells_what_the_session_will_be_and_what_is_missing():
    where = scene.practice()
    who = factories.person(at=at(scene.OPENED))
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    view = open_day(
        actor=where.actor, psychologist_id=where.psychologist_id, day=MONDAY, at=at(MONDAY, 7)
    )
    (line,) = view.lines
    assert (line.booking.kind, line.number, line.price_cents) == ("evaluation", 1, 5000)
    assert (line.nir_known, line.rights_known) == (False, False)
    assert [problem.code for problem in line.problems("fr")] == ["no_health_insurance_rights"]
    assert line.count
    assert (line.count.reserved, line.count.left) == (1, 11)
    assert line.booking.seat_kept


def test_the_day_counts_across_psychologists_and_warns_of_rights_that_end():
    where, other, who = scene.practice(), scene.practice(), scene.insured()
    scene.paid(other, who, day=MONDAY, kind="evaluation")
    scene.booked(other, who, day=MONDAY + 7 * DAY)
    scene.booked(where, who, day=MONDAY + 14 * DAY)
    factories.exemption(who, "css", valid_from=scene.OPENED, valid_before=date(2026, 4, 1))
    (line,) = open_day(
        actor=where.actor,
        psychologist_id=where.psychologist_id,
        day=MONDAY + 14 * DAY,
        at=at(MONDAY + 14 * DAY),
    ).lines
    assert line.number == 3
    assert line.problems() == []
    assert [(right.kind, right.ends_on) for right in line.ending] == [("css", date(2026, 3, 31))]
    assert line.upfront_cents == 0


def test_a_day_of_nine_asks_as_many_questions_as_a_day_of_one():
    where = scene.practice()
    asked = []
    for day, hours in ((MONDAY, (9,)), (MONDAY + DAY, range(8, 17))):
        for hour in hours:
            scene.booked(where, scene.insured(), day=day, hour=hour, kind="evaluation")
        scene.held(where, day=day, hour=7)
        with CaptureQueriesContext(connection) as queries:
            lines = open_day(
                actor=where.actor, psychologist_id=where.psychologist_id, day=day, at=at(day, 7)
            ).lines
        assert len(lines) == len(hours)
        assert all(line.number == 1 and line.answer for line in lines)
        asked.append(len(queries))
    assert asked[0] == asked[1] < 30


def test_a_closed_line_shows_its_sheet_instead_of_a_forecast():
    where, who = scene.practice(), scene.insured()
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    (line,) = open_day(
        actor=where.actor, psychologist_id=where.psychologist_id, day=MONDAY, at=at(MONDAY, 20)
    ).lines
    assert line.answer is None
    assert line.session
    assert line.session.state is SessionState.TO_SEND
    assert line.session.care_sheet_public_id == scene.sheet_of(session).public_id


def test_the_day_says_nothing_of_a_psychiatric_situation():
    where, who = scene.practice(), scene.insured()
    factories.psychiatric_situation(who, "psychiatric_ald", valid_from=date(2025, 1, 1))
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    (line,) = open_day(
        actor=where.actor, psychologist_id=where.psychologist_id, day=MONDAY, at=at(MONDAY)
    ).lines
    assert line.problems() == []


def test_a_displaced_session_is_seen_before_it_is_held():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=MONDAY, kind="evaluation")
    days = [MONDAY + week * 7 * DAY for week in range(1, 12)]
    for day in days:
        scene.booked(where, who, day=day)
    session = factories.care_session(who, where.place, held_on=MONDAY + DAY)
    factories.care_sheet(session, act_code="APS")
    scene.sent(where, session)
    (line,) = open_day(
        actor=where.actor, psychologist_id=where.psychologist_id, day=days[-1], at=at(days[-1])
    ).lines
    assert not line.booking.seat_kept
    assert [problem.code for problem in line.problems()] == ["annual_cap_reached"]


def test_the_agenda_of_another_is_not_opened():
    where = scene.practice()
    for actor in (scene.practice().actor, ANONYMOUS, Actor("administrator"), FUND):
        with refused("not_allowed"):
            open_day(actor=actor, psychologist_id=where.psychologist_id, day=MONDAY, at=at(MONDAY))


def test_a_hold_that_ran_out_is_not_on_the_day():
    where = scene.practice()
    held = scene.held(where)

    def lines(moment: object) -> int:
        return len(
            open_day(
                actor=where.actor, psychologist_id=where.psychologist_id, day=MONDAY, at=moment
            ).lines
        )

    assert lines(held.created_at) == 1
    assert lines(held.held_until) == 0


def test_an_appointment_is_opened_by_its_link():
    held = scene.held(scene.practice())
    view = open_booking(actor=ANONYMOUS, public_id=held.public_id, at=held.created_at)
    assert (view.booking_id, view.time_zone) == (held.pk, "Europe/Paris")
    with refused("not_found"):
        open_booking(actor=ANONYMOUS, public_id=uuid.uuid4(), at=held.created_at)
    with refused("not_allowed"):
        open_booking(actor=FUND, public_id=held.public_id, at=held.created_at)


def test_a_claim_is_read_by_its_fund_with_reasons_year_and_trail():
    where, who = scene.practice(), scene.insured()
    claim = scene.sent(
        where, scene.closed(where, scene.booked(where, who, day=AUTUMN, kind="evaluation"))
    )
    view = open_claim(actor=FUND, claim_public_id=claim.public_id, at=at(AUTUMN + DAY, 18))
    assert (view.accepted, view.awaiting, view.coverage) == (True, False, "standard_60_40")
    assert (view.amo_cents, view.amc_cents, view.patient_upfront_cents) == (3000, 2000, 2000)
    told = view.explanation("fr")
    assert told[0].about == "coverage"
    assert {line.about for line in told} >= {"coverage", "amount", "third_party", "left"}
    assert (view.used_before, view.used_after, view.count.used) == (0, 1, 1)
    acts = ["care.session.held", "claims.claim.sent"]
    assert [line.event for line in view.trail] == acts
    view = open_claim(actor=FUND, claim_public_id=claim.public_id, at=at(AUTUMN + DAY, 19))
    assert [line.event for line in view.trail] == [*acts, "claims.claim.opened"]


def test_a_claim_is_not_read_by_another_fund_nor_an_administrator():
    where, who = scene.practice(), scene.insured()
    claim = scene.sent(
        where, scene.closed(where, scene.booked(where, who, day=AUTUMN, kind="evaluation"))
    )
    others = (
        Actor("fund_agent", fund_code="019990075"),
        Actor("fund_agent"),
        Actor("administrator", account_id=1),
        ANONYMOUS,
        scene.practice().actor,
    )
    for actor in others:
        with refused("not_allowed"):
            open_claim(actor=actor, claim_public_id=claim.public_id, at=at(AUTUMN + DAY))


def test_a_reason_to_be_confirmed_is_shown_to_the_fund_only():
    where, who = scene.practice(), scene.insured()
    factories.psychiatric_situation(who, "psychiatric_ald", valid_from=date(2025, 1, 1))
    claim = scene.sent(
        where, scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    )
    for actor in (scene.of(who), where.actor):
        view = open_claim(actor=actor, claim_public_id=claim.public_id, at=at(MONDAY + DAY))
        assert (view.awaiting, view.accepted, view.reasons) == (True, None, ())
        assert view.explanation() == []
        (line,) = list_claims(actor=actor, at=at(MONDAY + DAY)).lines
        assert (line.accepted, line.to_confirm) == (None, True)
    view = open_claim(actor=FUND, claim_public_id=claim.public_id, at=at(MONDAY + DAY))
    assert view.reasons == ("non_inclusion_psychiatric",)
    assert year(scene.of(who), who).sessions[0].state is SessionState.TO_CONFIRM


def test_each_list_holds_the_claims_of_who_asks():
    where, other = scene.practice(), scene.practice()
    first, second = scene.insured(), scene.insured()
    scene.paid(where, first, day=MONDAY, kind="evaluation")
    scene.paid(other, second, day=MONDAY, kind="evaluation")
    totals = [
        list_claims(actor=actor, at=at(MONDAY + DAY)).total
        for actor in (FUND, where.actor, scene.of(first), Actor("fund_agent", fund_code="x"))
    ]
    assert totals == [2, 1, 1, 0]
    for actor in (ANONYMOUS, Actor("fund_agent"), Actor("administrator"), Actor("person")):
        with refused("not_allowed"):
            list_claims(actor=actor, at=at(MONDAY))


def test_a_psychologist_chooses_among_those_they_see_and_nobody_else_may():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    scene.booked(scene.practice(), scene.insured(), day=MONDAY, kind="evaluation")
    mine = where.psychologist_id
    (patient,) = list_patients(actor=where.actor, psychologist_id=mine, at=at(MONDAY))
    assert (patient.public_id, patient.name) == (
        who.public_id,
        f"{who.given_name} {who.family_name}",
    )
    later = at(MONDAY + 500 * DAY)
    assert list_patients(actor=where.actor, psychologist_id=mine, at=later) == ()
    for actor in (scene.practice().actor, scene.of(who), FUND, ANONYMOUS):
        with refused("not_allowed"):
            list_patients(actor=actor, psychologist_id=mine, at=at(MONDAY))


def test_a_sheet_is_opened_by_its_three_readers():
    where, who = scene.practice(), scene.insured()
    session = scene.closed(where, scene.booked(where, who, day=AUTUMN, kind="evaluation"))
    sheet = scene.sheet_of(session)
    with refused("not_allowed"):
        open_care_sheet(actor=FUND, care_sheet_id=sheet.public_id, at=at(AUTUMN))
    claim = scene.sent(where, session)
    for actor in (scene.of(who), where.actor, FUND):
        view = open_care_sheet(actor=actor, care_sheet_id=sheet.public_id, at=at(AUTUMN))
        assert view.printed["patient"]["nir"] == who.nir
        assert (view.sender, view.claim_public_ids) == ("psychologist", (claim.public_id,))
    with refused("not_allowed"):
        open_care_sheet(
            actor=scene.of(scene.insured()), care_sheet_id=sheet.public_id, at=at(AUTUMN)
        )


@pytest.mark.parametrize(
    ("on", "situation", "numbers"),
    [
        (MONDAY, Situation(), (5000, 5000, 0)),
        (AUTUMN, Situation(), (5000, 2000, 0)),
        (AUTUMN, Situation(amc=False), (5000, 2000, 2000)),
        (AUTUMN, Situation(css=True), (5000, 0, 0)),
        (MONDAY, Situation(linked_to=LinkedTo.MATERNITY), (5000, 0, 0)),
    ],
)
def test_what_will_i_pay_gives_three_numbers_with_their_reasons(
    on: date, situation: Situation, numbers: tuple[int, int, int]
):
    estimate = what_will_i_pay(situation=situation, on=on)
    assert (estimate.price_cents, estimate.upfront_cents, estimate.final_cents) == numbers
    assert {line.about for line in estimate.lines("en")} >= {"coverage", "amount"}


def test_what_will_i_pay_for_a_follow_up_before_the_rise():
    estimate = what_will_i_pay(situation=Situation(), on=date(2023, 3, 6), kind=Kind.FOLLOW_UP)
    assert estimate.price_cents == 3000
