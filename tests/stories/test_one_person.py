"""Whole journeys, each told as a sentence."""

from __future__ import annotations

from datetime import date

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import AUTUMN, CAMILLE, DAY, MONDAY, RIGHTS, at

from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.rules.codes import ThirdParty
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.book import confirm_booking
from soutien.steps.claim import send_care_sheet
from soutien.steps.find import Wishes, find_psychologists
from soutien.steps.hold import hold_slot
from soutien.steps.look import list_claims, open_claim, open_day, open_year
from soutien.steps.meet import OpenExemption, Rights

pytestmark = pytest.mark.django_db
NIR = factories.made_up_nir(777)


def test_somebody_looks_for_help_at_night_and_a_month_later_the_year_says_what_was_paid():
    where = scene.practice()
    night = at(AUTUMN - 8 * DAY, 23)

    # Camille, whom nobody here knows, finds a psychologist and takes the first free time.
    card = find_psychologists(
        near=factories.LYON, radius_km=10, wishes=Wishes(public="adult"), at=night
    ).cards[0]
    slot = card.slots[0]
    held = hold_slot(
        actor=ANONYMOUS,
        psychologist_id=card.psychologist_id,
        place_id=slot.place_id,
        starts_at=slot.starts_at,
        kind="evaluation",
        modality=slot.modality,
        at=night,
    )
    booking = confirm_booking(
        actor=ANONYMOUS, booking_id=held.public_id, identity=CAMILLE, at=night
    )
    camille = Actor("person", person_id=booking.person_id)

    # Before the session, the psychologist reads in one line what it will be and what is missing.
    (line,) = open_day(
        actor=where.actor,
        psychologist_id=where.psychologist_id,
        day=booking.civil_day,
        at=booking.starts_at,
    ).lines
    assert (line.number, line.nir_known, line.rights_known) == (1, False, False)

    # The session takes place; the sheet is issued with the papers Camille brought, and sent.
    session = scene.closed(where, booking, rights=RIGHTS, nir=NIR)
    claim = scene.sent(where, session)

    # The fund reads a decision it can explain; nobody else's fund can.
    fund = Actor("fund_agent", fund_code=RIGHTS.fund_code)
    view = open_claim(actor=fund, claim_public_id=claim.public_id, at=at(AUTUMN, 18))
    assert (view.accepted, view.amo_cents, view.amc_cents) == (True, 3000, 2000)
    assert view.explanation("fr")
    assert list_claims(actor=fund, at=at(AUTUMN, 18)).total == 1

    # Camille sees one bead filled, eleven to come, and what was paid.
    year = open_year(
        actor=camille,
        person_id=booking.person_id,
        civil_year=2026,
        on=AUTUMN + 30 * DAY,
        at=at(AUTUMN + 30 * DAY),
    )
    assert (year.count.used, year.count.reserved, year.count.left) == (1, 0, 11)
    assert [(seen.state, seen.amo_cents, seen.patient_cents) for seen in year.sessions] == [
        ("paid", 3000, 0)
    ]

    # Every act left its line, and whoever must be told will be.
    events = list(Entry.objects.order_by("id").values_list("event", flat=True))
    assert events == [
        "agenda.booking.held",
        "agenda.booking.confirmed",
        "agenda.day.opened",
        "care.session.held",
        "claims.claim.sent",
        "claims.claim.opened",
        "claims.list.opened",
        "care.year.opened",
    ]
    assert list(Letter.objects.order_by("id").values_list("kind", flat=True)) == [
        "agenda.hold.ends",
        "agenda.booking.confirmed",
        "care.session.held",
        "claims.claim.decided",
    ]


def test_somebody_with_the_solidarity_cover_pays_nothing_at_any_time():
    where = scene.practice()
    held = scene.held(where)
    booking = confirm_booking(
        actor=ANONYMOUS, booking_id=held.public_id, identity=CAMILLE, at=held.created_at
    )
    rights = Rights(
        "general",
        amc=False,
        fund_code="019990069",
        exemptions=(OpenExemption("css", date(2026, 12, 31)),),
    )
    decision = scene.decided(
        scene.sent(where, scene.closed(where, booking, rights=rights, nir=NIR))
    )
    assert decision.third_party == ThirdParty.FULL
    assert (decision.amo_cents, decision.patient_cents, decision.patient_upfront_cents) == (
        5000,
        0,
        0,
    )


def test_the_thirteenth_session_of_the_year_is_refused_at_booking_with_the_day_it_restarts():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=MONDAY, kind="evaluation")
    for week in range(1, 7):
        assert scene.paid(where, who, day=MONDAY + week * 7 * DAY).accepted
    for week in range(7, 12):
        scene.booked(where, who, day=MONDAY + week * 7 * DAY)
    assert scene.seats(who) == (7, 5)
    with refused("year_full") as caught:
        scene.held(where, scene.of(who), day=MONDAY + 90 * DAY, kind="follow_up")
    assert caught.value.context["restarts_on"] == date(2027, 1, 1)
    assert scene.booked(where, who, day=date(2027, 1, 4)).status == "confirmed"


def test_a_missed_session_gives_its_place_in_the_year_back_and_costs_nothing():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=MONDAY, kind="evaluation")
    bookings = [scene.booked(where, who, day=MONDAY + week * 7 * DAY) for week in range(1, 12)]
    scene.closed(where, bookings[0], performed=False)
    assert scene.seats(who) == (1, 10)
    assert scene.booked(where, who, day=MONDAY + 90 * DAY).status == "confirmed"


def test_changing_psychologist_keeps_the_count_and_asks_for_no_second_evaluation():
    former, new, who = scene.practice(), scene.practice(), scene.insured()
    scene.paid(former, who, day=MONDAY, kind="evaluation")
    scene.paid(former, who, day=MONDAY + 7 * DAY)
    with refused("evaluation_exists"):
        scene.held(new, scene.of(who), day=MONDAY + 14 * DAY, kind="evaluation")
    booking = scene.booked(new, who, day=MONDAY + 14 * DAY)
    (line,) = open_day(
        actor=new.actor,
        psychologist_id=new.psychologist_id,
        day=MONDAY + 14 * DAY,
        at=booking.starts_at,
    ).lines
    assert (line.number, line.count.used if line.count else None) == (3, 2)
    decision = scene.decided(scene.sent(new, scene.closed(new, booking)))
    assert (decision.accepted, decision.sessions_left) == (True, 9)
    assert scene.seats(who) == (3, 0)


def test_in_spring_the_person_paid_on_the_spot_and_sends_the_sheet():
    where, who = scene.practice(), scene.insured()
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    claim = send_care_sheet(
        actor=scene.of(who),
        care_sheet_id=scene.sheet_of(session).public_id,
        received_on=MONDAY + 3 * DAY,
        at=at(MONDAY + 3 * DAY),
    )
    decision = scene.decided(claim)
    assert (decision.patient_upfront_cents, decision.patient_cents) == (5000, 0)
    assert Person.objects.count() == 1
