"""The database refuses two things at one time; each twin drops the protection and sees it in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories
from tests.registers.protections import HOURS, OVERLAPS, take_away

from soutien.registers.agenda.models import LIVE, Booking
from soutien.registers.agenda.queries import TimeTaken, refusing_overlaps

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
JANUARY, APRIL, JULY, OCTOBER = (date(2026, month, 1) for month in (1, 4, 7, 10))


@pytest.fixture
def practice():
    return factories.place(factories.psychologist())


@pytest.fixture
def camille():
    return factories.person(at=AT)


def refused(name: str, write: Callable[[], Any]) -> None:
    """The write raises IntegrityError with the protection's name, and undoes only itself."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


def test_two_bookings_of_one_psychologist_that_share_a_minute_are_refused(practice, camille):
    factories.booking(practice, who=camille, starts_at=NINE)
    for minutes in (-59, -30, 0, 30, 59):
        starts_at = NINE + timedelta(minutes=minutes)
        refused(
            "agenda_booking_psychologist_once",
            lambda starts_at=starts_at: factories.booking(
                practice, who=factories.person(at=AT), starts_at=starts_at
            ),
        )


def test_twin_without_the_protection_the_second_booking_goes_in(practice, camille):
    take_away("agenda_booking_psychologist_once", "agenda_booking")
    factories.booking(practice, who=camille, starts_at=NINE)
    factories.booking(practice, who=factories.person(at=AT), starts_at=NINE)
    assert Booking.objects.count() == 2


def test_bookings_may_touch(practice, camille):
    for hours in (0, 1, -1):
        factories.booking(practice, who=camille, starts_at=NINE + hours * HOUR)


def test_a_booking_inside_or_around_another_is_refused(practice, camille):
    factories.booking(practice, who=camille, starts_at=NINE, ends_at=NINE + 3 * HOUR)
    other = factories.person(at=AT)
    for starts_at, ends_at in ((NINE + HOUR, NINE + 2 * HOUR), (NINE - HOUR, NINE + 4 * HOUR)):
        refused(
            "agenda_booking_psychologist_once",
            lambda starts_at=starts_at, ends_at=ends_at: factories.booking(
                practice, who=other, starts_at=starts_at, ends_at=ends_at
            ),
        )


@pytest.mark.parametrize("first", LIVE)
@pytest.mark.parametrize("second", LIVE)
def test_every_live_status_occupies_its_time(practice, camille, first, second):
    factories.booking(practice, who=camille, starts_at=NINE, status=first)
    refused(
        "agenda_booking_psychologist_once",
        lambda: factories.booking(
            practice, who=factories.person(at=AT), starts_at=NINE, status=second
        ),
    )


@pytest.mark.parametrize("ended", ["cancelled", "expired"])
def test_what_was_given_up_leaves_its_time_free(practice, camille, ended):
    factories.booking(practice, who=camille, starts_at=NINE, status=ended)
    factories.booking(practice, who=camille, starts_at=NINE)
    factories.booking(practice, who=camille, starts_at=NINE, status=ended)


def test_a_booking_cannot_be_moved_or_brought_back_onto_another(practice, camille):
    factories.booking(practice, who=factories.person(at=AT), starts_at=NINE)
    later = factories.booking(practice, who=camille, starts_at=NINE + HOUR)
    cancelled = factories.booking(
        practice, who=factories.person(at=AT), starts_at=NINE, status="cancelled"
    )
    for row, change in (
        (later, {"starts_at": NINE + HOUR / 2}),
        (cancelled, {"status": "confirmed"}),
    ):
        refused(
            "agenda_booking_psychologist_once",
            lambda row=row, change=change: Booking.objects.filter(pk=row.pk).update(**change),
        )
    Booking.objects.filter(pk=later.pk).update(ends_at=later.ends_at + HOUR)


def test_twin_without_the_protection_a_booking_is_moved_onto_another(practice, camille):
    take_away("agenda_booking_psychologist_once", "agenda_booking")
    take_away("agenda_booking_person_once", "agenda_booking")
    factories.booking(practice, who=camille, starts_at=NINE)
    later = factories.booking(practice, who=camille, starts_at=NINE + HOUR)
    assert Booking.objects.filter(pk=later.pk).update(starts_at=NINE + HOUR / 2) == 1


def test_a_person_is_not_in_two_chairs(practice, camille):
    factories.booking(practice, who=camille, starts_at=NINE)
    elsewhere = factories.place(factories.psychologist())
    refused(
        "agenda_booking_person_once",
        lambda: factories.booking(elsewhere, who=camille, starts_at=NINE + HOUR / 2),
    )
    held = factories.booking(elsewhere, starts_at=NINE, status="held")
    refused(
        "agenda_booking_person_once",
        lambda: Booking.objects.filter(pk=held.pk).update(person=camille, status="confirmed"),
    )


def test_twin_without_the_protection_a_person_sits_in_two_chairs(practice, camille):
    take_away("agenda_booking_person_once", "agenda_booking")
    factories.booking(practice, who=camille, starts_at=NINE)
    factories.booking(factories.place(factories.psychologist()), who=camille, starts_at=NINE)


def test_holds_without_a_person_do_not_disturb_one_another(practice):
    factories.booking(practice, starts_at=NINE, status="held")
    elsewhere = factories.place(factories.psychologist())
    factories.booking(elsewhere, starts_at=NINE, status="held")


def test_no_booking_lasts_longer_than_twelve_hours(practice, camille):
    factories.booking(practice, who=camille, starts_at=NINE, ends_at=NINE + 12 * HOUR)
    refused(
        "agenda_booking_twelve_hours",
        lambda: factories.booking(
            practice,
            who=camille,
            starts_at=NINE + 24 * HOUR,
            ends_at=NINE + 36 * HOUR + timedelta(seconds=1),
        ),
    )


def test_twin_without_the_protection_a_booking_lasts_a_day(practice, camille):
    take_away("agenda_booking_twelve_hours", "agenda_booking")
    factories.booking(practice, who=camille, starts_at=NINE, ends_at=NINE + 24 * HOUR)


def test_the_steps_hear_whose_time_is_taken(practice, camille):
    booked = factories.booking(practice, who=camille, starts_at=NINE)
    elsewhere = factories.place(factories.psychologist())
    for where, who, whose in (
        (practice, factories.person(at=AT), "psychologist"),
        (elsewhere, camille, "person"),
    ):
        with (
            pytest.raises(TimeTaken) as refusal,
            refusing_overlaps(where.psychologist_id, who.pk),
        ):
            factories.booking(where, who=who, starts_at=NINE)
        assert refusal.value.whose == whose
    with pytest.raises(IntegrityError), refusing_overlaps(practice.psychologist_id):
        factories.booking(practice, starts_at=NINE + HOUR, public_id=booked.public_id)
    assert Booking.objects.count() == 1


PERIODS = {
    "people_affiliation_once": lambda: (factories.affiliation, factories.person(at=AT)),
    "people_cover_once": lambda: (factories.cover, factories.person(at=AT)),
    "psychologists_agreement_once": lambda: (factories.agreement, factories.psychologist()),
}


@pytest.mark.parametrize("name", PERIODS)
def test_periods_of_one_owner_do_not_overlap(name):
    make, owner = PERIODS[name]()
    make(owner, valid_from=APRIL, valid_before=JULY)
    for valid_from, valid_before in (
        (JANUARY, None),
        (JANUARY, APRIL + timedelta(days=1)),
        (APRIL, JULY),
        (APRIL + timedelta(days=1), JULY - timedelta(days=1)),
        (JULY - timedelta(days=1), None),
    ):
        refused(
            name,
            lambda valid_from=valid_from, valid_before=valid_before: make(
                owner, valid_from=valid_from, valid_before=valid_before
            ),
        )
    make(owner, valid_from=JANUARY, valid_before=APRIL)
    last = make(owner, valid_from=JULY)
    refused(name, lambda: make(owner, valid_from=OCTOBER))
    refused(
        name,
        lambda: (
            type(last)
            ._default_manager.filter(pk=last.pk)
            .update(valid_from=JULY - timedelta(days=1))
        ),
    )
    type(last)._default_manager.filter(pk=last.pk).update(valid_before=OCTOBER)
    make(owner, valid_from=OCTOBER)
    _make, somebody_else = PERIODS[name]()
    make(somebody_else, valid_from=JANUARY)


@pytest.mark.parametrize("name", PERIODS)
def test_twin_without_the_protection_periods_overlap(name):
    take_away(name, OVERLAPS[name])
    make, owner = PERIODS[name]()
    make(owner, valid_from=JANUARY)
    last = make(owner, valid_from=APRIL)
    assert type(last)._default_manager.count() == 2
    assert type(last)._default_manager.filter(pk=last.pk).update(valid_from=JANUARY) == 1


@pytest.mark.parametrize("name", PERIODS)
def test_a_period_is_never_empty_or_backwards(name):
    make, owner = PERIODS[name]()
    for valid_before in (APRIL, JANUARY):
        with pytest.raises(IntegrityError), transaction.atomic():
            make(owner, valid_from=APRIL, valid_before=valid_before)


def test_every_protection_stands_after_all_migrations():
    """On SQLite a table remade by a later migration loses its triggers: here it is seen."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT conname FROM pg_constraint UNION "
                "SELECT tgname FROM pg_trigger WHERE tgenabled = 'O'"
            )
            wanted = {*OVERLAPS, *HOURS} | {
                f"{table}_append_only"
                for table in ("audit_entry", "claims_caresheet", "claims_claim", "claims_decision")
            }
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            wanted = {
                f"{name}_{event}" for name in (*OVERLAPS, *HOURS) for event in ("insert", "update")
            } | {
                f"{table}_append_only_{event}"
                for table in ("audit_entry", "claims_caresheet", "claims_claim", "claims_decision")
                for event in ("insert", "update", "delete")
            }
        standing = {name for (name,) in cursor.fetchall()}
    assert wanted <= standing, f"missing: {sorted(wanted - standing)}"
