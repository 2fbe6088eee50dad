"""Real parallel connections: one booking wins, the year is never overbooked; the twins fail.

Each contender is a thread with a connection of its own; all start at once.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests import factories
from tests.registers.protections import without_in_postgresql

from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.queries import TimeTaken, book
from soutien.registers.care.models import Seat
from soutien.registers.care.queries import YearFull, lock_year, take_seat, year_of

pytestmark = pytest.mark.django_db(transaction=True)

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONTENDERS = 16
RESERVATIONS = 24
CAP = 12


def race(runners: list[Callable[[], Any]]) -> list[Any]:
    """Run all at once; what each returned or raised, in order."""
    start = threading.Barrier(len(runners))
    results: list[Any] = [None] * len(runners)

    def run(position: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            results[position] = runners[position]()
        except Exception as error:
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(runners))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def overlapping_bookings(
    write: Callable[..., Any], number: int = CONTENDERS
) -> list[Callable[[], Any]]:
    """Contenders for one psychologist, each a person of their own, all sharing some minutes."""
    where = factories.place(factories.psychologist())
    people = [factories.person(at=AT) for _ in range(number)]

    def contender(position: int) -> Callable[[], Any]:
        starts_at = NINE + timedelta(minutes=3 * position)
        return lambda: write(
            psychologist_id=where.psychologist_id,
            place_id=where.pk,
            person_id=people[position].pk,
            kind="evaluation",
            modality="in_person",
            starts_at=starts_at,
            ends_at=starts_at + HOUR,
            civil_day=NINE.date(),
            status="confirmed",
            created_at=AT,
        )

    return [contender(position) for position in range(number)]


def reservations(reserve: Callable[[int, int], Any], number: int) -> list[Callable[[], Any]]:
    """Contenders for one person's year, each with a booking of its own."""
    where = factories.place(factories.psychologist())
    who = factories.person(at=AT)
    bookings = [
        factories.booking(where, who=who, starts_at=AT + timedelta(days=day))
        for day in range(number)
    ]
    return [lambda booking=booking: reserve(who.pk, booking.pk) for booking in bookings]


def reserve(person_id: int, booking_id: int) -> Seat:
    """What the steps do: lock the year, then take its next seat."""
    with transaction.atomic():
        year = lock_year(person_id, 2026)
        return take_seat(year, cap=CAP, kind="follow_up", booking_id=booking_id)


def reserve_without_lock(person_id: int, booking_id: int) -> Seat:
    """The same, by a hasty programmer: only the constraints are left."""
    year = year_of(person_id, 2026)
    return take_seat(year, cap=CAP, kind="follow_up", booking_id=booking_id)


def count_then_insert(person_id: int, booking_id: int) -> Seat:
    """What other products do: count, think a moment, insert."""
    with transaction.atomic():
        year = year_of(person_id, 2026)
        taken = Seat.objects.filter(year=year).count()
        if taken >= CAP:
            raise YearFull(year, CAP)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        return Seat.objects.create(
            year=year, number=taken + 1, cap=CAP, kind="follow_up", booking_id=booking_id
        )


@pytest.mark.race
def test_of_sixteen_overlapping_bookings_exactly_one_wins():
    results = race(overlapping_bookings(book))
    assert kinds(results) == {"Booking": 1, "TimeTaken": CONTENDERS - 1}
    assert Booking.objects.count() == 1


@pytest.mark.race
def test_the_constraint_alone_lets_exactly_one_win():
    """Without the queue some contenders are killed as deadlocked; still never two go in."""
    results = race(overlapping_bookings(lambda **values: Booking.objects.create(**values)))
    assert Booking.objects.count() == 1
    assert sum(isinstance(result, DatabaseError) for result in results) == CONTENDERS - 1


@pytest.mark.race
def test_twin_without_the_constraint_several_bookings_win():
    with without_in_postgresql("agenda_booking", "agenda_booking_psychologist_once"):
        results = race(overlapping_bookings(book))
        assert kinds(results)["Booking"] > 1
        assert Booking.objects.count() > 1


@pytest.mark.race
def test_one_person_booking_everywhere_at_once_gets_one_chair():
    who = factories.person(at=AT)
    places = [factories.place(factories.psychologist()) for _ in range(CONTENDERS)]
    results = race(
        [
            lambda where=where: book(
                psychologist_id=where.psychologist_id,
                place_id=where.pk,
                person_id=who.pk,
                kind="evaluation",
                modality="in_person",
                starts_at=NINE,
                ends_at=NINE + HOUR,
                civil_day=NINE.date(),
                status="confirmed",
                created_at=AT,
            )
            for where in places
        ]
    )
    assert kinds(results) == {"Booking": 1, "TimeTaken": CONTENDERS - 1}


@pytest.mark.race
def test_of_twenty_four_reservations_exactly_the_cap_gets_a_seat():
    results = race(reservations(reserve, RESERVATIONS))
    assert kinds(results) == {"Seat": CAP, "YearFull": RESERVATIONS - CAP}
    numbers = Seat.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, CAP + 1))


@pytest.mark.race
def test_without_the_lock_the_constraints_still_keep_the_year_within_its_cap():
    results = race(reservations(reserve_without_lock, RESERVATIONS))
    assert 1 <= Seat.objects.count() <= CAP
    assert set(kinds(results)) <= {"Seat", "YearFull", "IntegrityError"}


@pytest.mark.race
def test_twin_without_lock_and_constraints_the_year_is_overbooked():
    with without_in_postgresql("care_seat", "care_seat_once", "care_seat_within_cap"):
        race(reservations(count_then_insert, RESERVATIONS))
        assert Seat.objects.count() > CAP


def test_on_either_engine_eight_bookings_at_once_leave_one():
    results = race(overlapping_bookings(book, 8))
    assert kinds(results) == {"Booking": 1, "TimeTaken": 7}
    assert isinstance(next(r for r in results if not isinstance(r, Booking)), TimeTaken)


def test_on_either_engine_sixteen_reservations_at_once_keep_within_the_cap():
    results = race(reservations(reserve, CAP + 4))
    assert kinds(results) == {"Seat": CAP, "YearFull": 4}
