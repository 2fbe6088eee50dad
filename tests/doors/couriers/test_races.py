"""Several couriers at once, really in parallel: each letter leaves once; the twin doubles."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from tests.doors.couriers.post_office import Carrier, Clock
from tests.registers.test_races import race
from tests.steps import scene
from tests.steps.scene import MONDAY, at

from soutien.doors.couriers import calendars, deliver
from soutien.doors.couriers.mailbox import LocalMailbox
from soutien.doors.couriers.message import MAIL, PERSON, Message
from soutien.doors.couriers.outside import Fetched
from soutien.registers.outbox import queries as outbox
from soutien.registers.outbox.models import Dispatch, Letter, LocalMessage
from soutien.steps.remind import plan_reminder
from soutien.steps.share import follow_calendar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
COURIERS, LETTERS = 6, 40
NOW = at(MONDAY)


def letters(number: int = LETTERS) -> None:
    """So many letters that each become one mail."""
    for serial in range(number):
        outbox.announce(kind="care.session.held", payload={"care_session": serial}, at=NOW)


class Slow(Carrier):
    """Takes out by hand: nobody remembers what left."""

    def __init__(self) -> None:
        super().__init__(tells=False)
        self.lock = threading.Lock()

    def send(self, message: Any, key: Any) -> None:
        with self.lock:
            self.out.append((key, message))


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each letter is one mail to one address."""

    def write(task: Any) -> list[Message]:
        return [Message(MAIL, PERSON, f"{task.letter.pk}@example.org", "Bonjour.\n")]

    monkeypatch.setattr(deliver, "WRITERS", {"care.session.held": write})


def empty(carrier: Any) -> int:
    """Rounds until nothing is due; how many letters this courier had in its hands."""
    seen = 0
    while done := deliver.deliver_due({MAIL: carrier}, clock=Clock(NOW), limit=3).seen:
        seen += done
    return seen


@pytest.mark.usefixtures("writer")
def test_several_couriers_deliver_each_letter_once() -> None:
    letters()
    carrier = Slow()
    seen = race([lambda: empty(carrier)] * COURIERS)
    assert sum(seen) == LETTERS
    assert len(carrier.out) == LETTERS
    assert len({key for key, _message in carrier.out}) == LETTERS
    assert Letter.objects.filter(delivered_at__isnull=True).count() == 0
    assert Dispatch.objects.filter(sent_at__isnull=True).count() == 0


@pytest.mark.usefixtures("writer")
def test_without_leases_the_same_letters_leave_several_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin: letters taken by reading alone, as hasty programs do."""
    letters()
    carrier = Slow()
    together = threading.Barrier(COURIERS)

    def read_only(at: Any, *, by: Any, until: Any, limit: int) -> list[Letter]:
        found = outbox.due(at, limit)
        together.wait(timeout=30)
        Letter.objects.filter(pk__in=[letter.pk for letter in found]).update(
            leased_by=by, leased_until=until
        )
        return found

    monkeypatch.setattr(outbox, "lease", read_only)
    monkeypatch.setattr(outbox, "keep", lambda *args, **words: None)
    monkeypatch.setattr(outbox, "begin", begun_without_a_word)

    def one_round() -> deliver.Round:
        return deliver.deliver_due({MAIL: carrier}, clock=Clock(NOW), limit=LETTERS)

    race([one_round] * COURIERS)
    assert len(carrier.out) > LETTERS


def begun_without_a_word(letter: Letter, **words: Any) -> Dispatch:
    """A dispatch that nobody wrote down."""
    return Dispatch(letter=letter, begun_times=1)


@pytest.mark.usefixtures("writer")
def test_two_who_hold_one_letter_leave_one_message_in_a_box_that_can_tell() -> None:
    """A courier asleep beyond its lease, awake in the middle of another's sending."""
    letters(1)
    box = LocalMailbox()
    [letter] = Letter.objects.all()
    message = deliver.WRITERS["care.session.held"](type("Task", (), {"letter": letter})())[0]
    key = uuid.uuid5(letter.public_id, "mail/person")
    race([lambda: box.send(message, key)] * COURIERS)
    assert LocalMessage.objects.count() == 1


def test_a_courier_passes_over_what_another_is_taking() -> None:
    letters(4)
    first: list[list[int]] = []
    taken, released = threading.Event(), threading.Event()

    def slow_taker() -> int:
        with transaction.atomic():
            found = outbox.lease(NOW, by=uuid.uuid4(), until=NOW + timedelta(minutes=5), limit=2)
            first.append([letter.pk for letter in found])
            taken.set()
            released.wait(timeout=30)
        return len(found)

    def other_taker() -> list[int]:
        taken.wait(timeout=30)
        found = outbox.lease(NOW, by=uuid.uuid4(), until=NOW + timedelta(minutes=5), limit=4)
        released.set()
        return [letter.pk for letter in found]

    _count, others = race([slow_taker, other_taker])
    assert len(others) == 2
    assert not set(others) & set(first[0])


def test_a_calendar_is_read_by_one_courier_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for _serial in range(5):
        where = scene.practice()
        follow_calendar(actor=where.actor, address="https://example.org/a.ics", at=NOW)
    read: list[str] = []

    def fetch(address: str, **words: Any) -> Fetched:
        read.append(address)
        return Fetched(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "")

    monkeypatch.setattr(calendars, "fetch", fetch)
    tried = race([lambda: calendars.read_due(clock=Clock(NOW))] * COURIERS)
    assert sum(tried) == len(read) == 5


def test_a_reminder_planned_by_several_at_once_is_there_once() -> None:
    booking = scene.booked(scene.practice(), scene.insured(), day=MONDAY, kind="evaluation")
    asked_at = booking.created_at + timedelta(hours=1)
    race([lambda: plan_reminder(booking_id=booking.pk, at=asked_at)] * COURIERS)
    assert Letter.objects.filter(kind="agenda.reminder.due").count() == 1
    assert connection.vendor == "postgresql"
