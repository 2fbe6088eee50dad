"""A closed session is told anew: one more entry, the sheet again, what the fund has stays."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from tests import factories as make
from tests.steps.refusals import refused
from tests.steps.scene import (
    DAY,
    HOUR,
    MONDAY,
    SIGNED,
    Practice,
    at,
    booked,
    closed,
    decided,
    insured,
    line_of,
    paid,
    practice,
    seats,
    sent,
    sheet_of,
)

from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.care import queries as care
from soutien.registers.care.models import CareSession
from soutien.registers.claims.models import CareSheet
from soutien.registers.people.models import Person
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.claim import send_care_sheet
from soutien.steps.look import open_day, open_year
from soutien.steps.meet import Course, Signatures, correct_session
from soutien.steps.views import SessionState, SessionView

pytestmark = pytest.mark.django_db
CAP = gather.terms_on(MONDAY).sessions_per_year_max


@pytest.fixture
def here() -> Practice:
    return practice()


@pytest.fixture
def who() -> Person:
    return insured()


def corrected(here: Practice, booking: Booking, **told: object) -> CareSession:
    values: dict[str, object] = {
        "actor": here.actor,
        "corrected_for": "attendance",
        "performed": True,
        "modality": "in_person",
        "signatures": SIGNED,
        "at": booking.ends_at + 2 * HOUR,
    }
    return correct_session(booking_id=booking.public_id, **(values | told))  # type: ignore[arg-type]


def year_of(who: Person) -> tuple[SessionView, ...]:
    actor = Actor("person", account_id=1, person_id=who.pk)
    view = open_year(actor=actor, person_id=who.pk, civil_year=2026, on=MONDAY, at=at(MONDAY))
    return view.sessions


def test_a_session_says_how_long_it_took_or_who_did_not_come(here: Practice, who: Person):
    held = closed(
        here, booked(here, who, day=MONDAY, kind="evaluation"), course=Course(minutes=50)
    )
    assert (held.duration_minutes, held.missed_by, held.told_on) == (50, "", None)
    day = MONDAY + 7 * DAY
    told = Course(missed_by="person", told_on=day - DAY)
    missed = closed(here, booked(here, who, day=day), performed=False, course=told)
    assert (missed.duration_minutes, missed.missed_by) == (None, "person")
    assert missed.told_on == day - DAY


def test_what_cannot_be_is_refused(here: Practice, who: Person):
    booking = booked(here, who, day=MONDAY, kind="evaluation")
    for minutes in (4, 241):
        with refused("minutes_unlikely"):
            closed(here, booking, course=Course(minutes=minutes))
    with refused("told_after"):
        closed(here, booking, performed=False, course=Course(told_on=MONDAY + DAY))
    with refused("not_closed_yet"):
        corrected(here, booking)
    assert not CareSession.objects.exists()


def test_held_becomes_missed_before_its_sheet_was_sent(here: Practice, who: Person):
    booking = booked(here, who, day=MONDAY, kind="evaluation")
    former = closed(here, booking)
    old_sheet = sheet_of(former)
    after = corrected(here, booking, performed=False, course=Course(missed_by="person"))
    assert (after.corrects_id, after.sent_as_id, after.performed) == (former.pk, None, False)
    assert seats(who) == (0, 0)
    [seen] = year_of(who)
    assert (seen.state, seen.corrected, seen.care_sheet_public_id) == (
        SessionState.MISSED,
        True,
        None,
    )
    assert make.reread(booking).status == "missed"
    with refused("sheet_replaced"):
        send_care_sheet(
            actor=here.actor,
            care_sheet_id=old_sheet.public_id,
            received_on=MONDAY + DAY,
            at=at(MONDAY + DAY),
        )
    assert make.reread(former).performed and CareSheet.objects.count() == 1


def test_missed_becomes_held_with_its_seat_and_a_sheet_that_is_paid(here: Practice, who: Person):
    booking = booked(here, who, day=MONDAY, kind="evaluation")
    closed(here, booking, performed=False)
    assert seats(who) == (0, 0)
    with refused("signature_missing"):
        corrected(here, booking, signatures=Signatures(person=False, psychologist=True))
    session = corrected(here, booking, course=Course(minutes=60))
    assert seats(who) == (0, 1) and make.reread(booking).status == "fulfilled"
    assert decided(sent(here, session)).accepted
    assert seats(who) == (1, 0)


def test_the_law_is_asked_again(here: Practice, who: Person):
    paid(here, who, day=MONDAY, kind="evaluation")
    day = MONDAY + 7 * DAY
    booking = booked(here, who, day=day)
    closed(here, booking, performed=False)
    other = practice()
    # Somebody else held a session on that very day meanwhile.
    session = make.care_session(who, other.place, held_on=day, kind="follow_up")
    make.decision(make.claim(make.care_sheet(session), received_on=day))
    with refused("law_refuses"):
        corrected(here, booking)
    assert [row.performed for row in care.sessions_of_person(who.pk, since=day)] == [False, True]


def test_by_video_instead_of_in_person_is_a_new_sheet(here: Practice, who: Person):
    paid(here, who, day=MONDAY, kind="evaluation")
    booking = booked(here, who, day=MONDAY + 7 * DAY)
    former = line_of(closed(here, booking))
    told = {"corrected_for": "modality", "modality": "remote"}
    session = corrected(here, booking, **told)
    again = line_of(session)
    assert (former.act_code, again.act_code) == ("APS", "PSS")
    assert former.care_sheet.number != again.care_sheet.number
    assert seats(who) == (1, 1)
    # The same again writes nothing.
    lines = Entry.objects.count()
    assert corrected(here, booking, **told).pk == session.pk
    assert Entry.objects.count() == lines and CareSheet.objects.count() == 3


def test_what_the_fund_has_goes_on_counting_until_it_has_a_corrected_sheet(
    here: Practice, who: Person
):
    booking = booked(here, who, day=MONDAY, kind="evaluation")
    former = closed(here, booking)
    decision = decided(sent(here, former))
    once = corrected(here, booking, performed=False)
    twice = corrected(here, booking, performed=False, course=Course(missed_by="psychologist"))
    assert (once.sent_as_id, twice.sent_as_id, twice.corrects_id) == (
        former.pk,
        former.pk,
        once.pk,
    )
    assert seats(who) == (1, 0) and CareSheet.objects.count() == 1
    [seen] = year_of(who)
    assert (seen.state, seen.sheet_to_correct) == (SessionState.PAID, True)
    assert seen.claim_public_id == decision.claim.public_id
    # The year still counts what was paid, once.
    follow_up = paid(here, who, day=MONDAY + 7 * DAY)
    assert follow_up.accepted and follow_up.used_before == 1
    [line] = open_day(
        actor=here.actor, psychologist_id=here.psychologist_id, day=MONDAY, at=at(MONDAY, 20)
    ).lines
    assert line.session == seen


def test_a_year_full_of_appointments_lets_a_session_be_told_as_held(here: Practice, who: Person):
    booking = booked(here, who, day=MONDAY, kind="evaluation")
    closed(here, booking, performed=False)
    booked(here, who, day=MONDAY + DAY, kind="evaluation")
    for week in range(1, CAP):
        booked(here, who, day=MONDAY + 7 * week * DAY)
    assert seats(who) == (0, CAP)
    session = corrected(here, booking)
    assert seats(who) == (0, CAP)
    assert decided(sent(here, session)).accepted
    assert seats(who) == (1, CAP - 1)


def test_only_the_practice_corrects(here: Practice, who: Person):
    booking = booked(here, who, day=MONDAY, kind="evaluation")
    closed(here, booking)
    own = Actor("person", account_id=1, person_id=who.pk)
    fund = Actor("fund_agent", account_id=1, fund_code=make.FUND)
    for actor in (own, practice().actor, fund):
        with refused("not_allowed"):
            corrected(here, booking, actor=actor)
    replacing = Actor("replacement", account_id=1, psychologist_id=here.psychologist_id)
    assert corrected(here, booking, actor=replacing, course=Course(minutes=45)).duration_minutes


def test_a_session_has_one_correction_and_a_booking_one_beginning(here: Practice, who: Person):
    booking = booked(here, who, day=MONDAY, kind="evaluation")
    former = closed(here, booking)
    corrected(here, booking, course=Course(minutes=45))
    copied = {
        "person": who,
        "psychologist_id": here.psychologist_id,
        "place": here.place,
        "booking": booking,
        "held_on": MONDAY,
        "kind": "evaluation",
        "modality": "in_person",
        "price_cents": 5000,
        "recorded_at": at(MONDAY),
    }
    for wrong in (
        {"corrects": former, "corrected_for": "other"},
        {},
        {"booking": None, "corrected_for": "other"},
        {"booking": None, "sent_as": former},
        {"booking": None, "duration_minutes": 4},
        {"booking": None, "missed_by": "person"},
        {"booking": None, "performed": False, "missed_by": "weather"},
        {"booking": None, "performed": False, "told_on": MONDAY + DAY},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            CareSession.objects.create(**(copied | wrong))


def test_the_share_by_video_is_watched_over_the_year(here: Practice, who: Person):
    paid(here, who, day=MONDAY, kind="evaluation")
    for week in range(1, 5):
        booking = booked(here, who, day=MONDAY + 7 * week * DAY)
        closed(here, booking, modality="remote" if week < 3 else "in_person")
    missed = booked(here, who, day=MONDAY + 35 * DAY)
    closed(here, missed, modality="remote", performed=False)
    other = practice()
    make.care_session(who, other.place, held_on=MONDAY + 36 * DAY, kind="follow_up")
    before = make.care_session(who, here.place, held_on=date(2025, 12, 30), kind="follow_up")
    assert before.held_on.year == 2025
    share = open_day(
        actor=here.actor, psychologist_id=here.psychologist_id, day=MONDAY, at=at(MONDAY)
    ).remote
    assert share is not None
    assert (share.remote, share.held, share.percent, share.owed) == (2, 5, 40, 5)
    # Told anew as in person, it counts no more as remote.
    first = Booking.objects.get(civil_day=MONDAY + 7 * DAY)
    corrected(here, first, corrected_for="modality")
    assert care.held_in_year(here.psychologist_id, 2026) == (1, 5)


def test_the_sheet_names_who_held_it_in_the_psychologist_s_place(here: Practice, who: Person):
    colleague = make.psychologist(given_name="Inès", family_name="Relève")
    account = make.account(Role.PSYCHOLOGIST, psychologist=colleague)
    in_place = Actor("replacement", account.pk, psychologist_id=here.psychologist_id)
    booking = booked(here, who, day=MONDAY, kind="evaluation")
    session = closed(here, booking, actor=in_place)
    named = {"name": "Inès Relève", "identifier": colleague.am_number or colleague.rpps}

    def told(session: CareSession) -> object:
        return json.loads(sheet_of(session).printed)["replacement"]

    assert told(session) == named
    # Told anew by the psychologist, it was still held by the other one.
    again = corrected(here, booking, corrected_for="duration", course=Course(50))
    assert told(again) == named
    own = closed(here, booked(here, who, day=MONDAY + 7 * DAY))
    assert told(own) is None
