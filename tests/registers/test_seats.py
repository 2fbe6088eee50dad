"""One bead more than the law's number cannot be written; each twin sees it go in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests import factories
from tests.registers.protections import without

from soutien.registers.care import queries
from soutien.registers.care.models import Seat, Year

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
# Any number would do: the law's own comes with each call.
CAP = 3


@pytest.fixture
def practice(db):
    return factories.place(factories.psychologist())


@pytest.fixture
def camille(db):
    return factories.person(at=AT)


@pytest.fixture
def booked(practice, camille):
    """Makes bookings of Camille, one a week."""
    weeks = iter(range(52))

    def make():
        starts_at = AT + timedelta(weeks=next(weeks))
        return factories.booking(practice, who=camille, starts_at=starts_at)

    return make


def test_seats_are_taken_from_the_first_to_the_cap_and_not_beyond(camille, booked):
    year = queries.lock_year(camille.pk, 2026)
    for number in range(1, CAP + 1):
        taken = queries.take_seat(year, cap=CAP, kind="follow_up", booking_id=booked().pk)
        assert taken.number == number
    with pytest.raises(queries.YearFull) as refusal:
        queries.take_seat(year, cap=CAP, kind="follow_up", booking_id=booked().pk)
    assert refusal.value.cap == CAP
    assert queries.count_seats(year.pk) == (CAP, 0)
    assert queries.take_seat(year, cap=None, kind="follow_up", booking_id=booked().pk).number == 4


def test_a_cancelled_booking_gives_its_seat_to_the_next(camille, booked):
    year = queries.lock_year(camille.pk, 2026)
    bookings = [booked() for _ in range(CAP)]
    for booking in bookings:
        queries.take_seat(year, cap=CAP, kind="follow_up", booking_id=booking.pk)
    assert queries.give_back(bookings[1].pk)
    assert not queries.give_back(bookings[1].pk)
    assert queries.take_seat(year, cap=CAP, kind="follow_up", booking_id=booked().pk).number == 2


def test_seats_taken_under_a_higher_cap_leave_none_under_a_lower_one(camille, booked):
    year = queries.lock_year(camille.pk, 2026)
    for _ in range(CAP + 2):
        last = queries.take_seat(year, cap=CAP + 2, kind="follow_up", booking_id=booked().pk)
    first = queries.seats(year.pk)[0]
    assert first.booking_id is not None
    queries.give_back(first.booking_id)
    assert last.number == CAP + 2
    with pytest.raises(queries.YearFull):
        queries.take_seat(year, cap=CAP, kind="follow_up", booking_id=booked().pk)


def test_the_decision_uses_the_seat_once_and_for_good(camille, practice, booked):
    year = queries.lock_year(camille.pk, 2026)
    booking = booked()
    queries.take_seat(year, cap=CAP, kind="follow_up", booking_id=booking.pk)
    session = factories.care_session(camille, practice, held_on=date(2026, 1, 5))
    assert queries.use_seat(booking.pk, session.pk)
    for again in (
        lambda: queries.use_seat(booking.pk, session.pk),
        lambda: queries.give_back(booking.pk),
    ):
        with pytest.raises(queries.SeatUsed):
            again()
    assert queries.seats_of_person(camille.pk, 2026) == [
        (queries.seats(year.pk)[0].id, 1, "follow_up", True, booking.pk, session.pk)
    ]
    assert not queries.use_seat(booked().pk, session.pk)


def test_a_session_that_was_never_booked_takes_a_used_seat(camille, practice):
    year = queries.lock_year(camille.pk, 2026)
    session = factories.care_session(camille, practice, held_on=date(2026, 1, 5))
    seat = queries.take_seat(
        year, cap=CAP, kind="follow_up", care_session_id=session.pk, used=True
    )
    assert (seat.number, seat.used) == (1, True)
    assert queries.count_seats(year.pk).taken == 1


def test_a_year_is_made_once(camille):
    assert queries.year_of(camille.pk, 2026) == queries.lock_year(camille.pk, 2026)
    assert queries.lock_year(camille.pk, 2027) == queries.year_of(camille.pk, 2027)
    assert Year.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.year(camille, 2026)


@pytest.mark.django_db(transaction=True)
def test_a_year_is_locked_in_a_transaction_only():
    someone = factories.person(at=AT)
    with pytest.raises(transaction.TransactionManagementError, match="atomic"):
        queries.lock_year(someone.pk, 2026)


def test_a_seat_above_the_cap_cannot_be_written(camille, booked):
    year = factories.year(camille, 2026)
    for number in (0, CAP + 1):
        with pytest.raises(IntegrityError, match="care_seat_within_cap"), transaction.atomic():
            factories.seat(year, number, CAP, booked())
    factories.seat(year, CAP + 1, None, booked())


def test_a_seat_is_not_taken_twice(camille, booked):
    year = factories.year(camille, 2026)
    factories.seat(year, 1, CAP, booked())
    with pytest.raises(IntegrityError, match="year"), transaction.atomic():
        factories.seat(year, 1, CAP, booked())


def test_a_seat_has_a_booking_or_a_session(camille):
    year = factories.year(camille, 2026)
    with pytest.raises(IntegrityError, match="care_seat_has_owner"), transaction.atomic():
        Seat.objects.create(year=year, number=1, cap=CAP, kind="follow_up")


def test_one_booking_takes_one_seat(camille, booked):
    year = factories.year(camille, 2026)
    booking = booked()
    factories.seat(year, 1, CAP, booking)
    with pytest.raises(IntegrityError, match="booking_id"), transaction.atomic():
        factories.seat(year, 2, CAP, booking)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "number"), [("care_seat_within_cap", CAP + 1), ("care_seat_once", 1)]
)
def test_twin_without_the_constraint_the_seat_too_many_goes_in(name, number):
    where = factories.place(factories.psychologist())
    someone = factories.person(at=AT)
    year = factories.year(someone, 2026)
    with without(Seat, name):
        for week, taken in enumerate((1, number)):
            starts_at = AT + timedelta(weeks=week)
            booking = factories.booking(where, who=someone, starts_at=starts_at)
            factories.seat(year, taken, CAP, booking)
        assert Seat.objects.count() == 2
    factories.seat(year, 1, CAP, booking)
    other = factories.booking(where, who=someone, starts_at=AT + timedelta(weeks=5))
    with pytest.raises(IntegrityError):
        factories.seat(year, number, CAP, other)
