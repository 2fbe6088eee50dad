"""Reminders come two days before, by day, on the clock of the place, while they still help."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.doors.couriers.post_office import Clock, Office
from tests.steps import scene
from tests.steps.scene import DAY, MONDAY, at, of

from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.steps.book import cancel_booking
from soutien.steps.hours import decent_moment, reminder_moment
from soutien.steps.move import move_booking
from soutien.steps.remind import plan_reminder

REMINDER = "agenda.reminder.due"
PARIS = "Europe/Paris"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "starts", "expected"),
    [
        (PARIS, "2026-03-02T09:00", "2026-02-28T09:00"),
        # 8 in the morning there is not yet decent; nor is 20:30.
        (PARIS, "2026-03-02T07:00", "2026-02-28T08:00"),
        (PARIS, "2026-03-02T19:30", "2026-02-28T18:00"),
        # The clock goes forward on the 29th of March, back on the 25th of October: same wall time.
        (PARIS, "2026-03-30T08:00", "2026-03-28T09:00"),
        (PARIS, "2026-10-26T09:00", "2026-10-24T08:00"),
        ("Indian/Reunion", "2026-03-02T05:00", "2026-02-28T05:00"),
        ("America/Martinique", "2026-03-02T13:00", "2026-02-28T13:00"),
        ("America/Cayenne", "2026-03-02T11:00", "2026-02-28T12:00"),
        # Monday morning in Nouméa is Sunday evening in UTC.
        ("Pacific/Noumea", "2026-03-01T22:00", "2026-02-27T22:00"),
        ("Pacific/Tahiti", "2026-03-02T18:00", "2026-02-28T19:00"),
        # Miquelon changes its clock on days of its own.
        ("America/Miquelon", "2026-03-09T12:00", "2026-03-07T13:00"),
        ("America/Miquelon", "2026-03-09T14:00", "2026-03-07T15:00"),
    ],
)
def test_two_days_before_by_day_on_the_clock_of_the_place(
    zone: str, starts: str, expected: str
) -> None:
    assert reminder_moment(moment(starts), zone) == moment(expected)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        (PARIS, "2026-03-02T10:00", "2026-03-02T10:00"),
        (PARIS, "2026-03-02T20:00", "2026-03-03T08:00"),
        (PARIS, "2026-03-02T03:00", "2026-03-02T08:00"),
        ("Pacific/Noumea", "2026-03-02T10:00", "2026-03-02T22:00"),
    ],
)
def test_nobody_is_written_to_at_night(zone: str, now: str, expected: str) -> None:
    assert decent_moment(moment(now), zone) == moment(expected)


def reminders() -> list[Letter]:
    return list(Letter.objects.filter(kind=REMINDER).order_by("pk"))


@pytest.mark.django_db
def test_a_reminder_is_planned_once_and_traced() -> None:
    booking = scene.booked(scene.practice(), scene.insured(), day=MONDAY, kind="evaluation")
    asked_at = booking.created_at + timedelta(hours=1)
    for _time in range(2):
        assert plan_reminder(booking_id=booking.pk, at=asked_at) == at(MONDAY - 2 * DAY, 9)
    [letter] = reminders()
    assert letter.deliver_after == at(MONDAY - 2 * DAY, 9)
    assert Entry.objects.filter(event="agenda.reminder.planned").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("hours_before", [60, 48, 20, 1])
def test_an_appointment_made_late_needs_no_reminder(hours_before: int) -> None:
    booking = scene.booked(scene.practice(), scene.insured(), day=MONDAY, kind="evaluation")
    asked_at = booking.starts_at - timedelta(hours=hours_before)
    assert plan_reminder(booking_id=booking.pk, at=asked_at) is None
    assert not reminders()


@pytest.fixture
def office(db: None) -> Office:
    return Office(Clock(at(MONDAY - 7 * DAY) + timedelta(minutes=5)))


def told(office: Office) -> list[str]:
    """The reminders among what was sent to the person, by mail and by text."""
    found = [*office.mail.to("person"), *office.text.messages]
    return [
        message.body for message in found if "approche" in message.body or "Rappel" in message.body
    ]


def test_a_reminder_comes_by_mail_and_by_text_at_its_hour(office: Office) -> None:
    scene.booked(scene.practice(), scene.insured(), day=MONDAY, kind="evaluation")
    office.turns(1)
    office.clock.at = at(MONDAY - 2 * DAY, 9) - timedelta(seconds=1)
    office.turn()
    assert told(office) == []
    office.clock.on(seconds=1)
    office.turns(2, hours=1)
    mail, text = told(office)
    assert "lundi 2 mars 2026 à 10:00" in mail
    assert text.startswith("Rappel : rendez-vous lun. 2 mars à 10:00. ")


def test_a_cancelled_appointment_is_never_reminded_of(office: Office) -> None:
    who = scene.insured()
    booking = scene.booked(scene.practice(), who, day=MONDAY, kind="evaluation")
    office.turns(1)
    assert len(reminders()) == 1
    cancel_booking(actor=of(who), booking_id=booking.public_id, at=office.clock.at)
    office.clock.at = at(MONDAY - 2 * DAY, 12)
    office.turns(2)
    assert told(office) == []
    assert reminders()[0].delivered_at is not None


def test_a_moved_appointment_is_reminded_of_at_its_new_time_only(office: Office) -> None:
    who = scene.insured()
    booking = scene.booked(scene.practice(), who, day=MONDAY, kind="evaluation")
    office.turns(1)
    move_booking(
        actor=of(who),
        booking_id=booking.public_id,
        place_id=booking.place_id,
        starts_at=at(MONDAY + 2 * DAY, 12),
        at=office.clock.at,
    )
    office.turns(1)
    office.clock.at = at(MONDAY - 2 * DAY, 15)
    office.turns(2)
    assert told(office) == []
    office.clock.at = at(MONDAY, 12)
    office.turns(2)
    assert len(told(office)) == 2
    assert "mercredi 4 mars 2026 à 13:00" in told(office)[0]


def test_moved_and_moved_back_it_is_reminded_of_once(office: Office) -> None:
    who = scene.insured()
    booking = scene.booked(scene.practice(), who, day=MONDAY, kind="evaluation")
    office.turns(1)
    for hour in (11, 9):
        move_booking(
            actor=of(who),
            booking_id=booking.public_id,
            place_id=booking.place_id,
            starts_at=at(MONDAY, hour),
            at=office.clock.at,
        )
        office.turns(1)
    office.clock.at = at(MONDAY - 2 * DAY, 15)
    office.turns(3)
    assert len(told(office)) == 2


@pytest.mark.parametrize(("hour", "reminded"), [(9, False), (12, True)])
def test_a_courier_who_was_away_reminds_neither_at_night_nor_at_the_last_minute(
    office: Office, hour: int, reminded: bool
) -> None:
    scene.booked(scene.practice(), scene.insured(), day=MONDAY, hour=hour, kind="evaluation")
    office.turns(1)
    office.clock.at = at(MONDAY - DAY, 22)
    # At 9 in the morning, 10 is too near and 13 is not.
    assert office.turn().later == reminded
    assert told(office) == []
    office.clock.at = at(MONDAY, 8)
    office.turns(2)
    assert bool(told(office)) == reminded
    assert reminders()[0].delivered_at is not None


def test_a_reminder_overseas_comes_at_an_hour_of_there(office: Office) -> None:
    where = scene.practice(time_zone="Indian/Reunion", insee="97411")
    booking = scene.booked(where, scene.insured(), day=MONDAY, hour=5, kind="evaluation")
    office.turns(1)
    assert reminders()[0].deliver_after == at(date(2026, 2, 28), 5)
    office.clock.at = reminders()[0].deliver_after
    office.turns(1)
    assert "heure de La Réunion" in told(office)[0]
    assert booking.starts_at == at(MONDAY, 5)
