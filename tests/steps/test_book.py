"""Holding, confirming and cancelling an appointment."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import AUTUMN, CAMILLE, DAY, MONDAY, at

from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.care.models import Seat
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.book import Identity, cancel_booking, confirm_booking
from soutien.steps.errors import Refusal
from soutien.steps.hold import HOLD, hold_slot, release_expired_holds

pytestmark = pytest.mark.django_db


def browser_holds(where: scene.Practice, *, hour: int) -> Booking:
    return hold_slot(
        actor=ANONYMOUS,
        psychologist_id=where.psychologist_id,
        place_id=where.place.pk,
        starts_at=at(MONDAY, hour),
        kind="evaluation",
        modality="in_person",
        at=at(MONDAY - 7 * DAY),
        holder="a browser",
    )


def test_a_free_time_is_held_for_a_few_minutes_and_leaves_its_two_lines():
    where = scene.practice()
    booking = scene.held(where)
    assert (booking.status, booking.kind, booking.civil_day) == ("held", "evaluation", MONDAY)
    assert booking.held_until == booking.created_at + HOLD
    assert Entry.objects.get().event == "agenda.booking.held"
    assert Letter.objects.get().deliver_after == booking.held_until


def test_a_time_just_taken_is_refused_gently_with_the_three_nearest():
    where = scene.practice()
    scene.held(where, hour=10)
    with refused("slot_taken") as caught:
        scene.held(where, hour=10)
    refusal = caught.value
    assert [slot.starts_at for slot in refusal.context["nearest"]] == [
        at(MONDAY, 8),
        at(MONDAY, 9),
        at(MONDAY, 11),
    ]
    assert "Quelqu'un vient de réserver cette heure." in refusal.sentence("fr")
    assert "Somebody has just booked this time." in refusal.sentence("en")
    assert refusal.http_status == 409
    assert refusal.reference


def test_a_time_outside_the_agenda_is_refused():
    where = scene.practice()
    with refused("slot_not_open") as caught:
        scene.held(where, hour=20)
    assert len(caught.value.context["nearest"]) == 3


def test_a_time_in_the_past_is_refused_and_no_past_time_is_offered():
    where = scene.practice()
    now = at(MONDAY, 10)
    with refused("slot_past") as caught:
        scene.held(where, hour=9, asked_at=now)
    assert all(slot.starts_at > now for slot in caught.value.context["nearest"])


def test_a_hold_that_ran_out_does_not_block():
    where = scene.practice()
    first = scene.held(where)
    later = first.created_at + HOLD
    second = scene.held(where, asked_at=later)
    first.refresh_from_db()
    assert (first.status, second.status) == ("expired", "held")


def test_the_first_session_is_never_by_video():
    where = scene.practice()
    with refused("evaluation_in_person"):
        scene.held(where, modality="remote")


def test_who_takes_nobody_new_still_sees_patients():
    where = scene.practice(accepts_new_patients=False)
    with refused("no_new_patients"):
        scene.held(where)
    who = scene.insured()
    factories.care_session(who, where.place, held_on=date(2025, 12, 1), **factories.EVALUATION)
    assert scene.held(where, scene.of(who)).person_id == who.pk


def test_a_psychologist_who_takes_nobody_new_still_books_whom_they_choose():
    where = scene.practice(accepts_new_patients=False)
    held = scene.held(where, where.actor)
    booking = confirm_booking(
        actor=where.actor, booking_id=held.public_id, identity=CAMILLE, at=held.created_at
    )
    assert (booking.status, booking.person_id) == ("confirmed", Person.objects.get().pk)
    # Another psychologist is a visitor like others.
    with refused("not_allowed"):
        scene.held(where, scene.practice().actor, hour=10)


@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Noumea", "America/Guadeloupe"])
@pytest.mark.parametrize("far", ["9999-12-31T23:59", "9999-12-31T08:00", "9999-12-30T08:00"])
def test_a_time_at_the_end_of_the_calendar_is_refused_gently(zone: str, far: str):
    where = scene.practice(time_zone=zone)
    with pytest.raises(Refusal) as caught:
        hold_slot(
            actor=ANONYMOUS,
            psychologist_id=where.psychologist_id,
            place_id=where.place.pk,
            starts_at=datetime.fromisoformat(far).replace(tzinfo=UTC),
            kind="evaluation",
            modality="in_person",
            at=at(MONDAY),
        )
    assert caught.value.code in ("slot_too_far", "slot_not_open")
    assert len(caught.value.context["nearest"]) <= 3


def test_a_psychologist_has_no_time_on_the_last_day_of_the_calendar():
    where = scene.practice()
    with refused("slot_not_open"):
        scene.held(where, where.actor, day=date.max, hour=23, asked_at=at(MONDAY))


def test_a_hold_asks_in_few_messages():
    """BEGIN and COMMIT apart; SQLite has no way to go, and is asked one question after another."""
    where = scene.practice()
    browser_holds(where, hour=8)
    with CaptureQueriesContext(connection) as queries:
        browser_holds(where, hour=9)
    asked = [query["sql"] for query in queries if 'SAVEPOINT "' not in query["sql"]]
    assert len(asked) <= (5 if connection.vendor == "postgresql" else 13), asked


def test_no_time_is_held_with_who_is_no_longer_a_partner_that_day():
    where = scene.practice(under_agreement_from=None)
    factories.agreement(
        where.place.psychologist, valid_from=date(2024, 1, 1), valid_before=MONDAY - DAY
    )
    with refused("not_under_agreement"):
        scene.held(where)


def test_a_place_of_somebody_else_is_not_found():
    where, elsewhere = scene.practice(), scene.practice()
    with refused("not_found"):
        hold_slot(
            actor=ANONYMOUS,
            psychologist_id=where.psychologist_id,
            place_id=elsewhere.place.pk,
            starts_at=at(MONDAY),
            kind="evaluation",
            modality="in_person",
            at=at(MONDAY - DAY),
        )


def test_nobody_holds_in_the_name_of_somebody_else():
    where, who = scene.practice(), scene.insured()
    for actor in (ANONYMOUS, scene.of(scene.insured()), scene.practice().actor, where.actor):
        with refused("not_allowed"):
            scene.held(where, actor, person_id=who.pk)


def test_a_psychologist_books_the_next_session_of_a_patient():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    booking = scene.held(
        where, where.actor, day=MONDAY + 7 * DAY, kind="follow_up", person_id=who.pk
    )
    confirmed = confirm_booking(
        actor=where.actor, booking_id=booking.public_id, at=booking.created_at
    )
    assert confirmed.person_id == who.pk
    assert scene.seats(who) == (0, 2)


def test_confirming_creates_the_person_and_reserves_a_seat():
    where = scene.practice()
    held = scene.held(where)
    booking = confirm_booking(
        actor=ANONYMOUS, booking_id=held.public_id, identity=CAMILLE, at=held.created_at
    )
    person = Person.objects.get()
    assert (booking.status, booking.person_id, booking.held_until) == (
        "confirmed",
        person.pk,
        None,
    )
    assert (person.given_name, person.birth_date) == ("Camille", "1990-05-17")
    seat = Seat.objects.get()
    assert (seat.number, seat.cap, seat.used, seat.booking_id) == (1, 12, False, booking.pk)
    assert Entry.objects.filter(event="agenda.booking.confirmed", person_id=person.pk).count() == 1
    assert Letter.objects.filter(kind="agenda.booking.confirmed").count() == 1


def test_confirmed_twice_it_answers_the_same_and_does_nothing():
    where = scene.practice()
    held = scene.held(where)
    first, second = (
        confirm_booking(
            actor=ANONYMOUS, booking_id=held.public_id, identity=CAMILLE, at=held.created_at
        )
        for _ in range(2)
    )
    assert (first.pk, first.person_id) == (second.pk, second.person_id)
    assert Person.objects.count() == Seat.objects.count() == 1
    assert Letter.objects.filter(kind="agenda.booking.confirmed").count() == 1


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        (None, "identity_missing"),
        (Identity("", "Exemple", date(1990, 5, 17), email="a@example.org"), "identity_missing"),
        (Identity("Camille", "Exemple", date(1990, 5, 17)), "identity_missing"),
        (
            Identity("Camille", "Exemple", date(2026, 5, 17), phone="0639980000"),
            "birth_date_ahead",
        ),
    ],
)
def test_what_is_missing_to_receive_somebody_is_asked_for(identity: Identity | None, code: str):
    held = scene.held(scene.practice())
    with refused(code) as caught:
        confirm_booking(
            actor=ANONYMOUS, booking_id=held.public_id, identity=identity, at=held.created_at
        )
    assert caught.value.context["fields"]
    assert Person.objects.count() == 0


def test_a_child_too_young_is_refused_with_the_age_of_the_terms():
    held = scene.held(scene.practice(sees_children=True))
    baby = Identity("Lou", "Exemple", date(2024, 5, 17), email="lou@example.org")
    with refused("too_young") as caught:
        confirm_booking(
            actor=ANONYMOUS, booking_id=held.public_id, identity=baby, at=held.created_at
        )
    assert "{" not in caught.value.sentence("fr")
    assert Person.objects.count() == 0


def test_slow_typing_is_forgiven_while_nobody_else_wants_the_time():
    held = scene.held(scene.practice())
    late = held.created_at + HOLD + timedelta(hours=1)
    assert release_expired_holds(at=late) == 1
    booking = confirm_booking(
        actor=ANONYMOUS, booking_id=held.public_id, identity=CAMILLE, at=late
    )
    assert booking.status == "confirmed"


def test_slow_typing_loses_to_who_took_the_time_meanwhile():
    where = scene.practice()
    held = scene.held(where)
    late = held.created_at + HOLD
    scene.held(where, asked_at=late)
    with refused("slot_taken") as caught:
        confirm_booking(actor=ANONYMOUS, booking_id=held.public_id, identity=CAMILLE, at=late)
    assert len(caught.value.context["nearest"]) == 3
    assert Person.objects.count() == Seat.objects.count() == 0


def test_a_second_evaluation_in_the_year_is_refused_with_the_way_out():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    with refused("evaluation_exists") as caught:
        scene.booked(scene.practice(), who, day=MONDAY + 7 * DAY, kind="evaluation")
    assert "séance de suivi" in caught.value.remedy("fr")


def test_a_follow_up_needs_an_evaluation_before_it():
    where, who = scene.practice(), scene.insured()
    with refused("evaluation_needed"):
        scene.booked(where, who, day=MONDAY)


def test_one_session_a_day_whoever_the_psychologist():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    scene.booked(where, who, day=MONDAY + DAY)
    for other in (where, scene.practice()):
        with refused("same_day"):
            scene.booked(other, who, day=MONDAY + DAY, hour=12)


def test_two_holds_at_one_time_by_one_person_are_refused_at_confirmation():
    who = scene.insured()
    first, second = (scene.held(scene.practice(), kind="evaluation", hour=9) for _ in range(2))
    confirm_booking(actor=scene.of(who), booking_id=first.public_id, at=first.created_at)
    with pytest.raises(Refusal):
        confirm_booking(actor=scene.of(who), booking_id=second.public_id, at=second.created_at)
    assert scene.seats(who) == (0, 1)


def test_the_thirteenth_session_of_the_year_is_refused_with_the_day_it_restarts():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    for week in range(1, 12):
        scene.booked(where, who, day=MONDAY + week * 7 * DAY)
    with refused("year_full") as caught:
        scene.booked(where, who, day=MONDAY + 84 * DAY)
    assert caught.value.context["cap"] == 12
    assert "1er janvier 2027" in caught.value.sentence("fr")
    assert "1 January 2027" in caught.value.sentence("en")
    assert scene.seats(who) == (0, 12)


def test_the_cap_is_that_of_the_day_of_the_session():
    where, who = scene.practice(), scene.insured()
    monday = date(2024, 2, 5)
    factories.referral(who, written_on=date(2024, 1, 10))
    scene.booked(where, who, day=monday, kind="evaluation")
    for week in range(1, 8):
        scene.booked(where, who, day=monday + week * 7 * DAY)
    with refused("year_full") as caught:
        scene.booked(where, who, day=date(2024, 6, 14))
    assert caught.value.context["cap"] == 8
    assert scene.booked(where, who, day=date(2024, 6, 15)).status == "confirmed"


def test_the_year_restarts_on_the_first_of_january_without_a_new_evaluation():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=date(2025, 12, 1), kind="evaluation")
    booking = scene.booked(where, who, day=date(2026, 1, 5))
    assert booking.status == "confirmed"
    assert scene.seats(who) == (0, 1)
    assert scene.seats(who, 2025) == (1, 0)


def test_cancelling_gives_the_time_and_the_seat_back():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    for _ in range(2):
        cancelled = cancel_booking(
            actor=scene.of(who), booking_id=booking.public_id, at=at(MONDAY, 8)
        )
        assert (cancelled.status, cancelled.ended_by) == ("cancelled", "person")
    assert scene.seats(who) == (0, 0)
    assert Letter.objects.filter(kind="agenda.booking.cancelled").count() == 1
    assert scene.held(where, asked_at=at(MONDAY - DAY)).status == "held"


def test_a_session_that_began_is_not_cancelled():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    with refused("booking_over"):
        cancel_booking(actor=scene.of(who), booking_id=booking.public_id, at=booking.starts_at)
    assert scene.seats(who) == (0, 1)


def test_a_cancelled_appointment_is_not_confirmed_again():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    cancel_booking(actor=where.actor, booking_id=booking.public_id, at=at(MONDAY - DAY))
    with refused("booking_ended"):
        confirm_booking(actor=scene.of(who), booking_id=booking.public_id, at=at(MONDAY - DAY))


def test_an_unknown_link_is_not_found():
    with refused("not_found"):
        confirm_booking(actor=ANONYMOUS, booking_id=uuid.uuid4(), identity=CAMILLE, at=at(MONDAY))


def test_another_psychologist_and_a_fund_agent_do_not_cancel():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    for actor in (scene.practice().actor, Actor("fund_agent", fund_code="019990069")):
        with refused("not_allowed"):
            cancel_booking(actor=actor, booking_id=booking.public_id, at=at(MONDAY - DAY))


@pytest.mark.parametrize(
    ("time_zone", "insee", "starts", "civil_day"),
    [
        # Reunion is four hours ahead of UTC, Guadeloupe four behind, New Caledonia eleven ahead.
        ("Indian/Reunion", "97411", at(MONDAY, 5), MONDAY),
        ("America/Guadeloupe", "97105", at(MONDAY, 21), MONDAY),
        ("Pacific/Noumea", "98818", at(MONDAY - DAY, 22), MONDAY),
    ],
)
def test_the_day_of_a_session_is_the_day_at_the_place_of_care(
    time_zone: str, insee: str, starts: object, civil_day: date
):
    where = scene.practice(time_zone=time_zone, insee=insee)
    booking = hold_slot(
        actor=ANONYMOUS,
        psychologist_id=where.psychologist_id,
        place_id=where.place.pk,
        starts_at=starts,
        kind="evaluation",
        modality="in_person",
        at=at(MONDAY - 5 * DAY),
    )
    assert booking.civil_day == civil_day


def test_ten_in_the_morning_stays_ten_when_the_clocks_change():
    where = scene.practice()
    before = scene.held(where, day=date(2026, 3, 28), hour=9)
    after = scene.held(where, day=date(2026, 3, 29), hour=8)
    assert before.civil_day == date(2026, 3, 28)
    assert after.starts_at - before.starts_at == timedelta(hours=23)


def test_expired_holds_are_counted_once_and_leave_a_line():
    where = scene.practice()
    scene.held(where, day=AUTUMN)
    scene.held(where, day=AUTUMN, hour=10)
    later = at(AUTUMN)
    assert release_expired_holds(at=later) == 2
    assert release_expired_holds(at=later) == 0
    assert Entry.objects.filter(event="agenda.booking.expired").count() == 2
    assert set(Booking.objects.values_list("status", flat=True)) == {"expired"}
