"""Real parallel people: one seat left goes to one booking, one time to one person; the twins fail.

The table-level races are in tests/registers/test_races.py; these go through the whole steps. A
gate holds everybody between the check and the write, so that only the last word counts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests import factories
from tests.registers.protections import without_in_postgresql
from tests.registers.test_races import kinds, race
from tests.steps import scene
from tests.steps.scene import DAY, MONDAY, at

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.care.models import Seat
from soutien.registers.claims.models import Claim
from soutien.registers.people.models import Person
from soutien.steps.actor import ANONYMOUS
from soutien.steps.book import confirm_booking
from soutien.steps.claim import send_care_sheet
from soutien.steps.errors import Refusal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HOLDERS, CONFIRMERS, CAP = 16, 20, 12


def codes(results: list[Any]) -> set[str]:
    return {result.code for result in results if isinstance(result, Refusal)}


@contextmanager
def gate(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, number: int) -> Iterator[None]:
    """Everybody waits for everybody just before ``module.name`` runs."""
    together = threading.Barrier(number)
    original = getattr(module, name)

    def waiting(*args: Any, **words: Any) -> Any:
        together.wait(timeout=30)
        return original(*args, **words)

    with monkeypatch.context() as patched:
        patched.setattr(module, name, waiting)
        yield


def holders(number: int = HOLDERS) -> list[Callable[[], Any]]:
    """So many people for one time of one psychologist."""
    where = scene.practice()
    return [lambda: scene.held(where) for _ in range(number)]


def last_seat(number: int = CONFIRMERS) -> tuple[Person, list[Callable[[], Any]]]:
    """One person's year with one seat left, and so many held times, each on a day of its own."""
    who, where = scene.insured(), scene.practice()
    first = factories.booking(
        where.place, who=who, starts_at=at(MONDAY), status="fulfilled", **factories.EVALUATION
    )
    session = factories.care_session(
        who, where.place, held_on=MONDAY, booking=first, **factories.EVALUATION
    )
    claim = factories.claim(factories.care_sheet(session), received_on=MONDAY)
    factories.decision(claim)
    year = factories.year(who, 2026)
    factories.seat(year, 1, CAP, first, used=True, care_session=session)
    for place in range(2, CAP):
        booked = factories.booking(where.place, who=who, starts_at=at(MONDAY + place * DAY))
        factories.seat(year, place, CAP, booked)
    held = [
        scene.held(scene.practice(), scene.of(who), day=MONDAY + (30 + n) * DAY, kind="follow_up")
        for n in range(number)
    ]
    return who, [
        lambda booking=booking: confirm_booking(
            actor=scene.of(who), booking_id=booking.public_id, at=booking.created_at
        )
        for booking in held
    ]


def test_of_sixteen_people_who_take_one_time_exactly_one_has_it(
    monkeypatch: pytest.MonkeyPatch,
):
    with gate(monkeypatch, agenda, "book", HOLDERS):
        results = race(holders())
    assert kinds(results) == {"Booking": 1, "Refusal": HOLDERS - 1}
    assert codes(results) == {"slot_taken"}
    assert all(len(r.context["nearest"]) == 3 for r in results if isinstance(r, Refusal))
    assert Booking.objects.count() == 1


def test_twin_without_constraint_and_queue_several_have_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(agenda, "_turns", lambda *_: [])
    with (
        without_in_postgresql("agenda_booking", "agenda_booking_psychologist_once"),
        gate(monkeypatch, agenda, "book", HOLDERS),
    ):
        results = race(holders())
        assert kinds(results)["Booking"] > 1


def test_of_twenty_bookings_for_the_last_seat_of_a_year_exactly_one_is_confirmed(
    monkeypatch: pytest.MonkeyPatch,
):
    who, runners = last_seat()
    with gate(monkeypatch, care, "lock_year", CONFIRMERS):
        results = race(runners)
    assert kinds(results) == {"Booking": 1, "Refusal": CONFIRMERS - 1}
    assert codes(results) == {"year_full"}
    assert Seat.objects.filter(year__person=who).count() == CAP
    assert Booking.objects.filter(person=who, status="held").count() == CONFIRMERS - 1


def test_twin_without_lock_queue_and_constraints_the_year_is_overbooked(
    monkeypatch: pytest.MonkeyPatch,
):
    who, runners = last_seat()

    def take_the_next(year: Any, *, cap: int | None, kind: str, booking_id: int) -> Seat:
        """Count, think a moment, insert."""
        taken = Seat.objects.filter(year=year).count()
        time.sleep(0.05)
        return Seat.objects.create(
            year=year, number=taken + 1, cap=cap, kind=kind, booking_id=booking_id
        )

    monkeypatch.setattr(agenda, "_turns", lambda *_: [])
    monkeypatch.setattr(care, "lock_year", care.year_of)
    monkeypatch.setattr(care, "take_seat", take_the_next)
    with (
        without_in_postgresql("care_seat", "care_seat_once", "care_seat_within_cap"),
        gate(monkeypatch, care, "lock_year", CONFIRMERS),
    ):
        race(runners)
        assert Seat.objects.filter(year__person=who).count() > CAP


def test_twin_without_the_lock_the_database_alone_keeps_the_year_within_its_cap(
    monkeypatch: pytest.MonkeyPatch,
):
    who, runners = last_seat()
    monkeypatch.setattr(agenda, "_turns", lambda *_: [])
    monkeypatch.setattr(care, "lock_year", care.year_of)
    with gate(monkeypatch, care, "lock_year", CONFIRMERS):
        race(runners)
    assert Seat.objects.filter(year__person=who).count() == CAP


def test_confirmed_by_sixteen_hands_at_once_it_is_one_appointment_and_one_person():
    held = scene.held(scene.practice())
    results = race(
        [
            lambda: confirm_booking(
                actor=ANONYMOUS,
                booking_id=held.public_id,
                identity=scene.CAMILLE,
                at=held.created_at,
            )
            for _ in range(HOLDERS)
        ]
    )
    assert kinds(results) == {"Booking": HOLDERS}
    assert Person.objects.count() == Seat.objects.count() == 1


def test_sent_by_sixteen_hands_at_once_it_is_one_claim():
    where, who = scene.practice(), scene.insured()
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    sheet = scene.sheet_of(session)
    results = race(
        [
            lambda: send_care_sheet(
                actor=where.actor,
                care_sheet_id=sheet.public_id,
                received_on=MONDAY,
                at=at(MONDAY, 16),
            )
            for _ in range(HOLDERS)
        ]
    )
    assert kinds(results) == {"Claim": HOLDERS}
    assert Claim.objects.count() == 1
    assert scene.seats(who) == (1, 0)


def test_holds_that_ran_out_and_confirmations_never_wait_for_each_other():
    """Each confirms one time and ends the others' holds: taken in two orders, they would hang."""
    where = scene.practice()
    held = [scene.held(where, hour=hour) for hour in range(8, 16)]
    late = held[0].created_at + DAY
    results = race(
        [
            lambda booking=booking: confirm_booking(
                actor=ANONYMOUS, booking_id=booking.public_id, identity=scene.CAMILLE, at=late
            )
            for booking in held
        ]
    )
    assert kinds(results) == {"Booking": len(held)}
