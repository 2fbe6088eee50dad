"""Requests to be called back, the inbox, and answers that never leave somebody without a door."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import CAMILLE, DAY, HOUR, MONDAY, at

from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.registers.waiting.models import Offer, Request, Wait
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.book import confirm_booking
from soutien.steps.contact import Contact
from soutien.steps.hold import hold_slot
from soutien.steps.request import (
    ASKED_A_DAY,
    FORGOTTEN_AFTER,
    RECEIVED_A_DAY,
    STILL_WAITING_AFTER,
    UNANSWERED_AFTER,
    answer_request,
    answer_wait,
    forget_old_requests,
    open_inbox,
    open_request,
    request_call_back,
)
from soutien.steps.turns import STEADY
from soutien.steps.wait import join_waiting_list, offer_freed_slot

pytestmark = pytest.mark.django_db

NOW = at(MONDAY, 10)
NOE = Contact("Noé", phone="06 39 98 00 07")


def asked(
    where: scene.Practice, *, when: object = NOW, browser: str = "", **more: object
) -> Request:
    """Somebody asks to be called back."""
    return request_call_back(
        actor=ANONYMOUS,
        psychologist_id=where.place.psychologist.public_id,
        contact=NOE,
        browser=browser or uuid.uuid4().hex,
        at=when,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def waits_for(where: scene.Practice, *, when: object = NOW, name: str = "Lou") -> Wait:
    """Somebody waits for one psychologist."""
    return join_waiting_list(
        actor=ANONYMOUS,
        contact=Contact(name, email=f"{name.lower()}@example.org"),
        need=STEADY,
        at=when,  # type: ignore[arg-type]
        psychologist_id=where.place.psychologist.public_id,
    )


def by_telephone(where: scene.Practice) -> Booking:
    """The psychologist books a first session for somebody new."""
    held = hold_slot(
        actor=where.actor,
        psychologist_id=where.psychologist_id,
        place_id=where.place.pk,
        starts_at=at(MONDAY + DAY, 9),
        kind="evaluation",
        modality="in_person",
        at=NOW,
    )
    return confirm_booking(actor=where.actor, booking_id=held.public_id, identity=CAMILLE, at=NOW)


def inbox(where: scene.Practice) -> list[tuple[str, str]]:
    lines = open_inbox(actor=where.actor, psychologist_id=where.psychologist_id, at=NOW)
    return [(line.kind, line.name) for line in lines]


def test_requests_and_waiting_people_are_one_list_oldest_first():
    where, elsewhere = scene.practice(), scene.practice()
    waits_for(where, when=NOW - DAY)
    asked(where, call_times=("evening", "morning"))
    waits_for(where, when=NOW + HOUR, name="Max")
    asked(elsewhere)
    assert inbox(where) == [("wait", "Lou"), ("request", "Noé"), ("wait", "Max")]
    lines = open_inbox(actor=where.actor, psychologist_id=where.psychologist_id, at=NOW)
    assert lines[1].call_times == ("morning", "evening")
    assert "steady" not in repr(lines)
    assert Entry.objects.filter(event="waiting.inbox.opened").count() == 2


def test_only_the_psychologist_opens_and_answers_their_inbox():
    where, other = scene.practice(), scene.practice()
    request, wait = asked(where), waits_for(where)
    for actor in (other.actor, ANONYMOUS, Actor("administrator"), Actor("person", person_id=1)):
        with refused("not_allowed"):
            open_inbox(actor=actor, psychologist_id=where.psychologist_id, at=NOW)
        with refused("not_allowed"):
            answer_request(actor=actor, request_id=request.public_id, outcome="answered", at=NOW)
        with refused("not_allowed"):
            answer_wait(actor=actor, wait_id=wait.public_id, outcome="refused", at=NOW)


def test_answered_it_leaves_the_inbox_and_twice_is_once():
    where = scene.practice()
    request = asked(where)
    for _ in range(2):
        answer_request(actor=where.actor, request_id=request.public_id, outcome="answered", at=NOW)
    assert inbox(where) == []
    assert Letter.objects.filter(kind="waiting.request.answered").count() == 1
    with refused("request_over"):
        answer_request(actor=where.actor, request_id=request.public_id, outcome="refused", at=NOW)


def test_a_refusal_holds_the_three_nearest_with_a_free_first_session():
    where = scene.practice()
    full = scene.practice(latitude=45.759, longitude=4.833)
    factories.closing(full.place.psychologist, MONDAY)
    full.place.psychologist.agreements.update(valid_before=MONDAY)
    near = [scene.practice(latitude=45.76 + step / 100, longitude=4.83) for step in range(5)]
    scene.practice(latitude=45.7581, longitude=4.832, accepts_new_patients=False)
    request = asked(where)
    answer_request(actor=where.actor, request_id=request.public_id, outcome="refused", at=NOW)
    view = open_request(actor=ANONYMOUS, request_id=request.public_id, at=NOW)
    assert [one.place_id for one in view.alternatives] == [one.place.pk for one in near[:3]]
    assert all(one.slot.starts_at > NOW for one in view.alternatives)
    assert [one.distance_m for one in view.alternatives] == sorted(
        one.distance_m for one in view.alternatives
    )


def test_alternatives_that_filled_up_since_are_left_out():
    where, near = scene.practice(), scene.practice()
    request = asked(where)
    answer_request(actor=where.actor, request_id=request.public_id, outcome="refused", at=NOW)
    near.place.psychologist.agreements.update(valid_before=date(2026, 3, 3))
    view = open_request(actor=ANONYMOUS, request_id=request.public_id, at=NOW + 2 * DAY)
    assert view.alternatives == ()


def test_a_refusal_with_nobody_around_is_still_told():
    where = scene.practice()
    request = asked(where)
    answer_request(actor=where.actor, request_id=request.public_id, outcome="refused", at=NOW)
    view = open_request(actor=ANONYMOUS, request_id=request.public_id, at=NOW)
    assert (view.status, view.alternatives) == ("refused", ())


def test_booked_by_telephone_it_is_an_appointment_and_a_person():
    where = scene.practice()
    request, booking = asked(where), by_telephone(where)
    answered = answer_request(
        actor=where.actor,
        request_id=request.public_id,
        outcome="booked",
        booking_id=booking.public_id,
        at=NOW,
    )
    assert answered.booking == booking
    assert booking.person is not None
    assert booking.person.given_name == "Camille"


def test_a_booking_of_another_agenda_answers_nothing():
    where, other = scene.practice(), scene.practice()
    request, booking = asked(where), by_telephone(other)
    for booking_id in (booking.public_id, None, uuid.uuid4()):
        with refused("booking_of_another"):
            answer_request(
                actor=where.actor,
                request_id=request.public_id,
                outcome="booked",
                booking_id=booking_id,
                at=NOW,
            )


def test_a_psychologist_holds_for_somebody_new_in_their_own_agenda_only():
    where, other = scene.practice(), scene.practice()
    with refused("not_allowed"):
        hold_slot(
            actor=where.actor,
            psychologist_id=other.psychologist_id,
            place_id=other.place.pk,
            starts_at=at(MONDAY + DAY, 9),
            kind="evaluation",
            modality="in_person",
            at=NOW,
        )


def test_who_waits_is_booked_or_refused_and_gives_the_offered_time_back():
    where, near = scene.practice(), scene.practice()
    wait = waits_for(where)
    offer = offer_freed_slot(psychologist_id=where.psychologist_id, at=NOW)
    assert offer is not None
    assert open_inbox(actor=where.actor, psychologist_id=where.psychologist_id, at=NOW)[0].offered
    answer_wait(actor=where.actor, wait_id=wait.public_id, outcome="refused", at=NOW)
    answer_wait(actor=where.actor, wait_id=wait.public_id, outcome="refused", at=NOW)
    wait.refresh_from_db()
    assert (wait.status, wait.alternatives) == ("refused", [near.place.pk])
    assert Offer.objects.get().status == "withdrawn"
    assert Booking.objects.get().status == "cancelled"
    with refused("request_over"):
        answer_wait(
            actor=where.actor,
            wait_id=wait.public_id,
            outcome="booked",
            booking_id=uuid.uuid4(),
            at=NOW,
        )
    other = waits_for(where, name="Max")
    answer_wait(
        actor=where.actor,
        wait_id=other.public_id,
        outcome="booked",
        booking_id=by_telephone(where).public_id,
        at=NOW,
    )
    assert inbox(where) == []


def test_a_browser_and_an_inbox_take_so_many_requests_a_day():
    where = scene.practice()
    for _ in range(ASKED_A_DAY):
        asked(scene.practice(), browser="b" * 64)
    with refused("asked_enough"):
        asked(where, browser="b" * 64)
    asked(scene.practice(), browser="b" * 64, when=NOW + DAY)
    for _ in range(RECEIVED_A_DAY):
        asked(where)
    with refused("inbox_full"):
        asked(where)


def test_nobody_asks_who_is_not_there_nor_without_a_way_to_be_reached():
    where = scene.practice()
    with refused("contact_missing"):
        request_call_back(
            actor=ANONYMOUS,
            psychologist_id=where.place.psychologist.public_id,
            contact=Contact("Noé"),
            browser="b",
            at=NOW,
        )
    where.place.psychologist.agreements.update(valid_before=MONDAY)
    with refused("not_found"):
        asked(where)


def test_what_is_over_is_erased_some_days_later_and_leaves_its_trace_only():
    where = scene.practice()
    request, wait = asked(where), waits_for(where)
    asked(where)
    answer_request(actor=where.actor, request_id=request.public_id, outcome="answered", at=NOW)
    offer_freed_slot(psychologist_id=where.psychologist_id, at=NOW)
    answer_wait(actor=where.actor, wait_id=wait.public_id, outcome="refused", at=NOW)
    assert forget_old_requests(at=NOW + FORGOTTEN_AFTER - HOUR) == 0
    assert forget_old_requests(at=NOW + FORGOTTEN_AFTER) == 2
    assert not Request.objects.filter(pk=request.pk).exists()
    assert not Wait.objects.exists()
    assert not Offer.objects.exists()
    assert Entry.objects.filter(event="waiting.request.forgotten").exists()


def test_a_request_nobody_answers_ends_aloud_with_another_door():
    where, near = scene.practice(), scene.practice()
    request = asked(where)
    forget_old_requests(at=NOW + UNANSWERED_AFTER)
    request.refresh_from_db()
    assert (request.status, request.alternatives) == ("unanswered", [near.place.pk])
    assert Letter.objects.filter(kind="waiting.request.unanswered").count() == 1


def test_who_never_says_whether_they_still_wait_is_told_before_it_ends():
    where = scene.practice()
    wait = waits_for(where)
    Wait.objects.update(status="asked", asked_at=NOW)
    forget_old_requests(at=NOW + STILL_WAITING_AFTER - HOUR)
    wait.refresh_from_db()
    assert wait.status == "asked"
    forget_old_requests(at=NOW + STILL_WAITING_AFTER)
    wait.refresh_from_db()
    assert wait.status == "unanswered"
    assert Letter.objects.filter(kind="waiting.wait.unanswered").count() == 1
