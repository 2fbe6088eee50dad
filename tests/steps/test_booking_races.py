"""Real parallel people on PostgreSQL: cancelled or held, two plans, a move and a hold; the twins.

A gate holds everybody between the check and the write, so that only the last word counts.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests import factories
from tests.registers.protections import without_in_postgresql
from tests.registers.test_races import kinds, race
from tests.steps import scene
from tests.steps.scene import ANONYMOUS, DAY, MONDAY, at
from tests.steps.test_move import browser_holds, over, patient
from tests.steps.test_plan import proposed
from tests.steps.test_races import codes, gate

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.care.models import CareSession, Seat
from soutien.registers.people.models import Person
from soutien.steps.book import cancel_booking
from soutien.steps.errors import Refusal
from soutien.steps.hold import HOLDS_AT_ONCE
from soutien.steps.meet import close_session
from soutien.steps.move import move_booking
from soutien.steps.plan import book_plan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
CAP = 12
TIMES = 100 if os.environ.get("SOUTIEN_PROOF") == "full" else 30
WEEK = 7 * DAY


def cancel_and_close(
    where: scene.Practice, booking: Booking, who: Person
) -> list[Callable[[], Any]]:
    """The person cancels at the last second; the psychologist, whose clock is ahead, closes."""
    return [
        lambda: cancel_booking(
            actor=scene.of(who),
            booking_id=booking.public_id,
            at=booking.starts_at - scene.HOUR / 60,
        ),
        lambda: close_session(
            actor=where.actor,
            booking_id=booking.public_id,
            performed=True,
            modality="in_person",
            signatures=scene.SIGNED,
            at=booking.starts_at,
        ),
    ]


def test_cancelled_or_held_each_time_exactly_one_is_true():
    where, seen = scene.practice(), Counter[str]()
    for number in range(TIMES):
        who = scene.insured()
        day = MONDAY + (number // 8) * DAY
        booking = scene.booked(where, who, day=day, hour=7 + number % 8, kind="evaluation")
        results = race(cancel_and_close(where, booking, who))
        assert codes(results) == {"booking_ended"}
        [won] = [result for result in results if not isinstance(result, Refusal)]
        status = factories.reread(booking).status
        assert status == ("fulfilled" if isinstance(won, CareSession) else "cancelled")
        assert scene.seats(who) == ((0, 1) if status == "fulfilled" else (0, 0))
        assert CareSession.objects.filter(booking=booking).exists() is (status == "fulfilled")
        seen[status] += 1
    assert sum(seen.values()) == TIMES


def test_twin_without_the_lock_a_session_is_cancelled_and_held(monkeypatch: pytest.MonkeyPatch):
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    monkeypatch.setattr(agenda, "lock", lambda booking_id: Booking.objects.get(pk=booking_id))
    original = Booking.save

    def slowly(self: Booking, **words: Any) -> None:
        """Everybody has read the row before anybody writes it."""
        time.sleep(0.5)
        original(self, **words)

    monkeypatch.setattr(Booking, "save", slowly)
    results = race(cancel_and_close(where, booking, who))
    assert codes(results) == set()
    assert kinds(results) == {"Booking": 1, "CareSession": 1}


def two_plans() -> tuple[Person, list[Callable[[], Any]]]:
    """One person, a whole year planned with each of two psychologists, on different days."""
    who = scene.insured()
    plans = []
    for day in (MONDAY, MONDAY + DAY):
        where = scene.practice()
        chosen = proposed(where, who, day).chosen
        plans.append(
            lambda where=where, chosen=chosen: book_plan(
                actor=scene.of(who),
                person_id=who.pk,
                psychologist_id=where.psychologist_id,
                chosen=chosen,
                at=at(MONDAY - WEEK),
            )
        )
    return who, plans


def test_of_two_plans_of_one_person_exactly_one_is_booked_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
):
    for _ in range(5):
        who, plans = two_plans()
        with gate(monkeypatch, care, "lock_year", 2):
            results = race(plans)
        assert kinds(results) == {"list": 1, "Refusal": 1}
        assert codes(results) == {"plan_refused"}
        booked = Booking.objects.filter(person=who)
        assert booked.count() == CAP
        assert len(set(booked.values_list("plan"))) == 1
        assert Seat.objects.filter(year__person=who).count() == CAP


def test_twin_without_the_lock_and_the_constraints_both_plans_are_booked(
    monkeypatch: pytest.MonkeyPatch,
):
    who, plans = two_plans()
    care.year_of(who.pk, MONDAY.year)

    def take_the_next(year: Any, *, cap: int | None, kind: str, booking_id: int) -> Seat:
        taken = Seat.objects.filter(year=year).count()
        return Seat.objects.create(
            year=year, number=taken + 1, cap=cap, kind=kind, booking_id=booking_id
        )

    monkeypatch.setattr(agenda, "_turns", lambda *_: [])
    monkeypatch.setattr(care, "lock_year", care.year_of)
    monkeypatch.setattr(care, "take_seat", take_the_next)
    with (
        without_in_postgresql("care_seat", "care_seat_once", "care_seat_within_cap"),
        gate(monkeypatch, agenda, "planned_at", 2),
    ):
        results = race(plans)
        assert kinds(results) == {"list": 2}
        assert Seat.objects.filter(year__person=who).count() == 2 * CAP


def move_and_hold(where: scene.Practice, booking: Booking, who: Person) -> list[Callable[[], Any]]:
    """A person moves to a time that a visitor asks to keep at the same moment."""
    return [
        lambda: move_booking(
            actor=scene.of(who),
            booking_id=booking.public_id,
            place_id=where.place.pk,
            starts_at=at(MONDAY + DAY, 10),
            at=at(MONDAY - WEEK),
        ),
        lambda: browser_holds(where, "visitor", day=MONDAY + DAY, hour=10),
    ]


def test_moved_or_held_exactly_one_has_the_time(monkeypatch: pytest.MonkeyPatch):
    winners = Counter[bool]()
    for _ in range(10):
        where, who = scene.practice(), scene.insured()
        booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
        with gate(monkeypatch, agenda, "_turns", 2):
            results = race(move_and_hold(where, booking, who))
        assert kinds(results) == {"Booking": 1, "Refusal": 1}
        assert codes(results) == {"slot_taken"}
        row = factories.reread(booking)
        moved = isinstance(results[0], Booking)
        assert row.starts_at == (at(MONDAY + DAY, 10) if moved else at(MONDAY, 9))
        assert row.times_moved == int(moved)
        assert scene.seats(who) == (0, 1)
        winners[moved] += 1
    assert sum(winners.values()) == 10


def test_twin_without_constraint_and_queue_both_have_the_time(monkeypatch: pytest.MonkeyPatch):
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    monkeypatch.setattr(agenda, "_turns", lambda *_: [])
    with (
        without_in_postgresql("agenda_booking", "agenda_booking_psychologist_once"),
        gate(monkeypatch, agenda, "_turns", 2),
    ):
        results = race(move_and_hold(where, booking, who))
        assert kinds(results) == {"Booking": 2}
        Seat.objects.all().delete()


def test_two_moves_of_one_appointment_into_another_year_keep_one_seat():
    """One link in two hands: the years are locked in one order, the last move counts."""
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=at(MONDAY).date().replace(month=11), kind="evaluation")
    booking = scene.booked(where, who, day=MONDAY.replace(month=12, day=28))
    days = (MONDAY.replace(year=2027, month=1, day=4), MONDAY.replace(month=12, day=29))
    results = race(
        [
            lambda day=day: move_booking(
                actor=ANONYMOUS,
                booking_id=booking.public_id,
                place_id=where.place.pk,
                starts_at=at(day),
                at=booking.created_at,
            )
            for day in days
        ]
    )
    assert kinds(results) == {"Booking": 2}
    row = factories.reread(booking)
    assert row.times_moved == 2
    seat = Seat.objects.get(booking=booking)
    assert seat.year.civil_year == row.civil_day.year


def test_of_eight_holds_of_one_browser_at_once_two_are_kept():
    where = scene.practice()
    results = race(
        [lambda hour=hour: browser_holds(where, "browser", hour=hour) for hour in range(7, 15)]
    )
    assert kinds(results) == {"Booking": 8}
    assert Booking.objects.filter(status="held").count() == HOLDS_AT_ONCE


def test_of_six_laid_over_one_time_at_once_one_is_booked():
    where = scene.practice()
    scene.booked(where, patient(where), day=MONDAY + WEEK)
    others = [patient(where, hour=hour) for hour in range(10, 16)]
    results = race([lambda who=who: over(where, who) for who in others])
    assert kinds(results) == {"Booking": 1, "Refusal": 5}
    assert codes(results) == {"overbooked_already"}
