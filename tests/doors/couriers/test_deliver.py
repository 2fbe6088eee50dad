"""Each letter arrives once, whatever stops, and none is ever lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.doors.couriers.post_office import Carrier, Clock, Office, killed
from tests.steps import scene
from tests.steps.scene import MONDAY, at

from soutien.doors.couriers import deliver
from soutien.doors.couriers.mailbox import LocalMailbox
from soutien.doors.couriers.message import MAIL, TEXT, NeverSent, NotSent
from soutien.registers.outbox import queries as outbox
from soutien.registers.outbox.models import Dispatch, Letter, LocalMessage

pytestmark = pytest.mark.django_db
BOOKED_AT = at(MONDAY - timedelta(days=7)) + timedelta(minutes=3)


@pytest.fixture
def office() -> Office:
    """Open just after somebody booked, with that one letter to deliver."""
    scene.booked(
        scene.practice(email="cabinet@example.org"), scene.insured(), day=MONDAY, kind="evaluation"
    )
    Letter.objects.exclude(kind="agenda.booking.confirmed").delete()
    return Office(Clock(BOOKED_AT))


def letter() -> Letter:
    return Letter.objects.get(kind="agenda.booking.confirmed")


def test_a_booking_is_told_to_both_once(office: Office) -> None:
    done = office.turn()
    assert (done.delivered, done.sent) == (1, 2)
    assert [message.recipient for message in office.mail.messages] == ["person", "psychologist"]
    assert letter().delivered_at == BOOKED_AT
    office.turns(3, hours=1)
    assert len(office.mail.out) == 2


POINTS: list[tuple[Any, str, bool]] = [
    (outbox, "lease", True),
    (outbox, "keep", True),
    (deliver, "_send_all", False),
    (outbox, "begin", False),
    (outbox, "begin", True),
    (Carrier, "send", False),
    (Carrier, "send", True),
    (outbox, "sent", False),
    (outbox, "sent", True),
    (outbox, "delivered", False),
    (outbox, "delivered", True),
]
NAMES = [f"{'after' if after else 'before'} {name}" for _owner, name, after in POINTS]


@pytest.mark.parametrize(("owner", "name", "after"), POINTS, ids=NAMES)
def test_a_courier_killed_anywhere_loses_and_doubles_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, after: bool
) -> None:
    with killed(monkeypatch, owner, name, after=after):
        office.turn()
    office.clock.on(minutes=6)
    office.turns(2, minutes=6)
    assert len(office.mail.to("person")) == len(office.mail.to("psychologist")) == 1
    assert letter().delivered_at is not None


@pytest.mark.parametrize(("owner", "name", "after"), POINTS, ids=NAMES)
def test_by_a_bare_mail_server_one_copy_too_many_at_most(
    office: Office, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, after: bool
) -> None:
    office.mail.tells = False
    with killed(monkeypatch, owner, name, after=after):
        office.turn()
    office.clock.on(minutes=6)
    office.turns(2, minutes=6)
    # Killed between the sending and the note of it, and only there, nobody can know.
    doubled = (name, after) in {("send", True), ("sent", False)}
    assert len(office.mail.to("person")) == 1 + doubled
    assert len(office.mail.to("psychologist")) == 1
    keys = [key for key, message in office.mail.out if message.recipient == "person"]
    assert len(set(keys)) == 1
    assert letter().delivered_at is not None


def test_without_its_note_the_same_mail_would_leave_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: what the register of dispatches is for."""
    office.mail.tells = False
    with killed(monkeypatch, outbox, "delivered", after=False):
        office.turn()
    Dispatch.objects.all().delete()
    office.clock.on(minutes=6)
    office.turn()
    assert len(office.mail.to("person")) == 2


def test_killed_twice_in_the_dark_a_bare_mail_is_parked_for_a_person_to_look_at(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.mail.tells = False
    for _time in range(2):
        with killed(monkeypatch, Carrier, "send", after=True):
            office.turn()
        office.clock.on(minutes=6)
    done = office.turn()
    assert len(office.mail.to("person")) == 2
    assert letter().trouble == "perhaps_sent_twice"
    assert done.parked == [letter().pk]


def test_the_local_mailbox_keeps_each_message_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = LocalMailbox()
    for owner, name, after in ((LocalMailbox, "send", True), (outbox, "delivered", False)):
        with killed(monkeypatch, owner, name, after=after):
            deliver.deliver_due({MAIL: box, TEXT: box}, clock=office.clock)
        office.clock.on(minutes=6)
    deliver.deliver_due({MAIL: box, TEXT: box}, clock=office.clock)
    assert LocalMessage.objects.count() == 2
    assert letter().delivered_at is not None


def test_a_message_that_does_not_leave_waits_longer_each_time_and_then_is_parked(
    office: Office,
) -> None:
    office.mail.trouble = [NotSent("mail_server_unreachable") for _ in range(40)]
    waited = []
    for _attempt in deliver.DELAYS:
        before = office.clock.at
        assert office.turn().failed == 1
        assert office.turn().seen == 0
        waited.append(letter().deliver_after - before)
        office.clock.at = letter().deliver_after
    assert waited == list(deliver.DELAYS)
    assert office.turn().parked == [letter().pk]
    assert letter().trouble == "mail_server_unreachable"
    office.clock.on(hours=30)
    assert office.turn().seen == 0
    office.mail.trouble = []
    assert outbox.unpark(at=office.clock.at) == 1
    assert office.turn().delivered == 1
    assert len(office.mail.out) == 2


def test_a_refused_address_is_parked_and_keeps_nobody_else_from_hearing(office: Office) -> None:
    office.mail.trouble = [NeverSent("mail_address_refused")]
    assert office.turn().parked == [letter().pk]
    assert [message.recipient for message in office.mail.messages] == ["psychologist"]
    assert [found.trouble for found in outbox.parked()] == ["mail_address_refused"]


def test_an_error_nobody_thought_of_is_told_by_its_kind_alone(office: Office) -> None:
    office.mail.trouble = [RuntimeError("to camille@example.org")]
    office.turn()
    assert letter().trouble == "RuntimeError"


def test_a_kind_nobody_knows_is_kept_until_somebody_does(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = outbox.announce(kind="moon.landed", payload={"moon": 1}, at=BOOKED_AT)
    assert office.turn().parked == [strange.pk]
    assert outbox.parked()[0].trouble == "unknown_kind: moon.landed"
    assert deliver.take_up_what_is_known_now(BOOKED_AT) == 0
    monkeypatch.setattr(deliver, "WRITERS", {"moon.landed": lambda task: []})
    assert deliver.take_up_what_is_known_now(BOOKED_AT) == 1
    assert office.turn().delivered == 1


def test_a_letter_that_stops_every_courier_is_parked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _attempt in range(len(deliver.DELAYS) + 1):
        with killed(monkeypatch, deliver, "_send_all", after=False):
            office.turn()
        office.clock.on(minutes=6)
    office.turn()
    assert letter().trouble == "couriers_stop_at_it"


def test_a_courier_who_slept_beyond_its_lease_touches_nothing(office: Office) -> None:
    sleeper = uuid4()
    [taken] = outbox.lease(BOOKED_AT, by=sleeper, until=BOOKED_AT + timedelta(minutes=5))
    office.clock.on(minutes=6)
    office.turn()
    with pytest.raises(outbox.LeaseLost):
        outbox.keep(taken.pk, by=sleeper, until=office.clock.at)
    assert not outbox.delivered(taken.pk, at=office.clock.at, by=sleeper)
    assert not outbox.park(taken.pk, at=office.clock.at, by=sleeper, trouble="x")


def test_nobody_else_takes_a_letter_while_it_is_leased(office: Office) -> None:
    outbox.lease(BOOKED_AT, by=uuid4(), until=BOOKED_AT + timedelta(minutes=5))
    assert office.turn().seen == 0
    office.clock.on(minutes=5)
    assert office.turn().seen == 1
