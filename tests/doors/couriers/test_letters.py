"""What letters say, and above all what they do not."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage as ParsedMail
from email.parser import BytesParser
from email.policy import default
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as django_mail
from django.test import override_settings
from icalendar import Calendar, Event
from tests import factories
from tests.doors.couriers.post_office import Carrier, Clock, Office
from tests.steps import scene
from tests.steps.scene import DAY, MONDAY, at, of

from soutien.doors.booking_links import booking_path
from soutien.doors.couriers.mail import composed
from soutien.doors.couriers.message import MAIL, TEXT, Message
from soutien.doors.couriers.sms import LONGEST, in_gsm, mobile, places
from soutien.doors.couriers.writers import WRITERS
from soutien.registers.agenda.models import Booking
from soutien.registers.outbox import queries as outbox
from soutien.registers.people.models import Person
from soutien.steps.book import cancel_booking
from soutien.steps.move import move_booking

pytestmark = pytest.mark.django_db

BEFORE = at(MONDAY - 7 * DAY) + timedelta(minutes=5)
FORBIDDEN = (
    *("psy", "soutien", "santé", "sante", "séance", "seance", "session", "thérap", "therap"),
    *("soin", "remboursement", "reimburs", "patient", "entretien", "évaluation", "evaluation"),
    *("dispositif", "programme", "médecin", "doctor", "anxi", "dépress", "nir"),
)
NAMES = ("Dominique", "Modèle", "Exemple-")
OUTSIDE = {"ADDRESS": "https://rdv.example", "MAIL_FROM": "bonjour@soutien-psy.example"}
DISCREET = "agenda@rdv.example"


@pytest.fixture(autouse=True)
def settings_of_life() -> Any:
    with override_settings(
        **OUTSIDE, MAIL_FROM_DISCREET=DISCREET, OPERATOR_NAME="Mon soutien psy Lyon"
    ):
        yield


def told(moment: datetime = BEFORE) -> Office:
    """All that is due by a moment, delivered."""
    office = Office(Clock(moment))
    office.turns(2)
    return office


def known(**fields: Any) -> Person:
    who = scene.insured()
    for name, value in fields.items():
        setattr(who, name, value)
    who.save()
    return who


def first_session(who: Person, **fields: Any) -> tuple[scene.Practice, Booking]:
    where = scene.practice(email="cabinet@example.org", **fields)
    return where, scene.booked(where, who, day=MONDAY, kind="evaluation")


def read(message: Message) -> ParsedMail:
    """The mail as its reader's program has it."""
    raw = composed(message, uuid4()).message().as_bytes()
    return BytesParser(policy=default).parsebytes(raw)


def event_of(message: Message) -> Event:
    calendar = Calendar.from_ical(message.calendar)
    assert calendar["method"] == message.method
    (event,) = calendar.walk("VEVENT")
    return event


def everything(message: Message) -> str:
    """All that can be read of a mail by whoever sees its mailbox, links aside."""
    parsed = read(message) if message.channel == MAIL else None
    parts = [message.body]
    if parsed is not None:
        parts += [f"{name}: {value}" for name, value in parsed.items()]
        parts += [part.get_content() for part in parsed.walk() if not part.is_multipart()]
    words = [
        word
        for part in parts
        for word in Calendar.to_ical(Calendar()).decode().join(["", part]).split()
        if not word.startswith("https://rdv.example/")
    ]
    return " ".join(words)


def every_letter_to(who: Person) -> list[Message]:
    """From the booking to the decision, with a move, a reminder and a cancelling."""
    where, booking = first_session(who)
    found = told().mail.messages + told().text.messages
    office = Office(Clock(BEFORE))
    office.turns(1)
    move_booking(
        actor=of(who),
        booking_id=booking.public_id,
        place_id=booking.place_id,
        starts_at=at(MONDAY, 10),
        at=BEFORE,
    )
    office.turns(2, days=6)
    booking.refresh_from_db()
    claim = scene.sent(where, scene.closed(where, booking))
    office.clock.at = claim.received_at + timedelta(days=1)
    office.turns(2)
    following = scene.booked(where, who, day=MONDAY + 14 * DAY)
    office.clock.at = following.created_at + timedelta(minutes=5)
    office.turns(1)
    outbox.announce(
        kind="care.seat.displaced", payload={"booking": following.pk}, at=office.clock.at
    )
    office.turns(1)
    cancel_booking(actor=where.actor, booking_id=following.public_id, at=office.clock.at)
    office.turns(2)
    found += office.mail.messages + office.text.messages
    return [message for message in found if message.recipient == "person"]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("reached_by", ["mail", "text"])
def test_a_discreet_letter_leaks_nothing(language: str, reached_by: str) -> None:
    fields = {"email": ""} if reached_by == "text" else {}
    letters = every_letter_to(known(discreet=True, language=language, **fields))
    assert len(letters) >= (6 if reached_by == "mail" else 5)
    for message in letters:
        text = everything(message)
        found = [word for word in FORBIDDEN if word in text.lower()]
        assert not found, f"{found} in {text}"
        assert not [name for name in NAMES if name in text], text
        assert "Lyon" not in message.sender_name
        if message.channel == MAIL:
            assert message.sender == DISCREET
            assert message.sender_name in {"Rendez-vous", "Appointment"}


def test_the_leaks_would_be_seen() -> None:
    """The twin: the same letters to somebody who did not ask for discretion."""
    texts = " ".join(everything(message) for message in every_letter_to(known()))
    assert "psy" in texts.lower()
    assert "Dominique" in texts


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_clinical_is_written_to_anybody(language: str) -> None:
    with override_settings(OPERATOR_NAME="Rdv", MAIL_FROM="bonjour@rdv.example"):
        letters = every_letter_to(known(language=language))
    for message in letters:
        assert not [word for word in FORBIDDEN if word in everything(message).lower()]


def test_a_confirmation_says_when_where_with_whom_and_how_to_cancel() -> None:
    _where, booking = first_session(known())
    [message] = told().mail.to("person")
    assert message.subject == "Votre rendez-vous du lundi 2 mars 2026 à 10:00"
    for words in ("lundi 2 mars 2026 à 10:00", "Dominique", "1 rue de l'Exemple, 69001 Lyon"):
        assert words in message.body
    assert f"https://rdv.example{booking_path(booking.public_id)}" in message.body


def test_the_psychologist_is_told_when_and_never_who() -> None:
    who = known(given_name="Zébulon")
    first_session(who)
    [message] = told().mail.to("psychologist")
    assert (message.to, message.calendar) == ("cabinet@example.org", b"")
    assert "https://rdv.example/cabinet/2026-03-02" in message.body
    assert "Zébulon" not in everything(message)
    assert who.family_name not in everything(message)


def test_what_psychologists_do_themselves_they_are_not_told() -> None:
    where, booking = first_session(known())
    told()
    cancel_booking(actor=where.actor, booking_id=booking.public_id, at=BEFORE)
    office = told(BEFORE + timedelta(minutes=1))
    assert not office.mail.to("psychologist")
    [message] = office.mail.to("person")
    assert "ne peut pas avoir lieu" in message.body


def test_an_appointment_one_cancels_oneself_is_confirmed_to_both() -> None:
    who = known()
    _where, booking = first_session(who)
    told()
    cancel_booking(actor=of(who), booking_id=booking.public_id, at=BEFORE)
    office = told(BEFORE + timedelta(minutes=1))
    assert "comme demandé" in office.mail.to("person")[0].body
    assert "annulé" in office.mail.to("psychologist")[0].subject


def test_a_time_that_was_only_kept_is_nobody_s_news() -> None:
    who = known()
    booking = scene.held(scene.practice(), of(who))
    cancel_booking(actor=of(who), booking_id=booking.public_id, at=BEFORE)
    assert not told().mail.out


def test_an_appointment_cancelled_before_it_was_told_is_never_told_as_standing() -> None:
    who = known()
    _where, booking = first_session(who)
    cancel_booking(actor=of(who), booking_id=booking.public_id, at=BEFORE)
    subjects = [message.subject for message in told().mail.to("person")]
    assert subjects == ["Votre rendez-vous du lundi 2 mars 2026 à 10:00 est annulé"]


def test_several_moves_in_a_row_are_told_once() -> None:
    who = known()
    _where, booking = first_session(who)
    told()
    for hour in (10, 11):
        move_booking(
            actor=of(who),
            booking_id=booking.public_id,
            place_id=booking.place_id,
            starts_at=at(MONDAY, hour),
            at=BEFORE,
        )
    [message] = told(BEFORE + timedelta(minutes=1)).mail.to("person")
    assert message.subject == "Votre rendez-vous a changé d’heure : lundi 2 mars 2026 à 12:00"


def test_the_calendar_follows_by_uid_and_sequence() -> None:
    who = known()
    where, booking = first_session(who)
    [made] = told().mail.to("person")
    move_booking(
        actor=of(who),
        booking_id=booking.public_id,
        place_id=booking.place_id,
        starts_at=at(MONDAY, 10),
        at=BEFORE + timedelta(minutes=1),
    )
    [moved] = told(BEFORE + timedelta(minutes=2)).mail.to("person")
    cancel_booking(
        actor=where.actor, booking_id=booking.public_id, at=BEFORE + timedelta(minutes=3)
    )
    [cancelled] = told(BEFORE + timedelta(minutes=4)).mail.to("person")
    events = [event_of(message) for message in (made, moved, cancelled)]
    assert [message.method for message in (made, moved, cancelled)] == [
        "REQUEST",
        "REQUEST",
        "CANCEL",
    ]
    assert {event["uid"] for event in events} == {str(booking.public_id)}
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert [event["dtstart"].dt for event in events] == [
        at(MONDAY, 9),
        at(MONDAY, 10),
        at(MONDAY, 10),
    ]
    stamps = [event["dtstamp"].dt for event in events]
    assert stamps == sorted(stamps)
    assert events[2]["status"] == "CANCELLED"


def test_the_file_is_a_valid_invitation_with_folded_lines() -> None:
    who = known()
    where, booking = first_session(who)
    where.place.label = "Cabinet de l’Été, deuxième étage à gauche, sonner deux fois très fort"
    where.place.save()
    [message] = told().mail.to("person")
    lines = message.calendar.split(b"\r\n")
    assert b"\n" not in message.calendar.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode("utf-8")
    event = event_of(message)
    assert str(event["organizer"]) == "mailto:bonjour@soutien-psy.example"
    assert str(event["attendee"]) == f"mailto:{who.email}"
    assert event["attendee"].params["RSVP"] == "FALSE"
    assert message.calendar == told_again(booking)


def told_again(booking: Booking) -> bytes:
    """The same letter, written by another courier a day later."""
    [letter] = outbox.waiting().model.objects.filter(kind="agenda.booking.confirmed")
    type(letter).objects.filter(pk=letter.pk).update(delivered_at=None)
    letter.dispatches.all().delete()
    [message] = told(BEFORE + timedelta(days=1)).mail.to("person")
    return message.calendar


def test_a_mail_carries_its_key_and_its_file(mailoutbox: Any) -> None:
    first_session(known())
    [message] = told().mail.to("person")
    key = uuid4()
    parsed = BytesParser(policy=default).parsebytes(composed(message, key).message().as_bytes())
    assert parsed["Message-ID"] == f"<{key}@soutien-psy.example>"
    assert parsed["Auto-Submitted"] == "auto-generated"
    types = [part.get_content_type() for part in parsed.walk()]
    assert types.count("text/calendar") == 2
    [attached] = list(parsed.iter_attachments())
    assert attached.get_filename() == "rendez-vous.ics"
    assert django_mail.outbox == []


def test_who_has_no_mail_address_is_told_by_text() -> None:
    first_session(known(email="", phone="06 39 98 00 01"))
    office = told()
    [message] = office.text.messages
    assert message.to == "0639980001"
    assert message.body.startswith("Rendez-vous noté : lun. 2 mars à 10:00. https://")
    assert not office.mail.to("person")


def test_who_has_only_a_landline_is_not_sent_a_text() -> None:
    first_session(known(email="", phone="0478000000"))
    assert not told().text.out


def test_no_text_leaves_where_nobody_takes_them() -> None:
    from soutien.doors.couriers.deliver import deliver_due

    first_session(known(email="", phone="0639980001"))
    carrier = Carrier()
    done = deliver_due({MAIL: carrier}, clock=Clock(BEFORE))
    assert done.delivered >= 1
    assert [message.recipient for message in carrier.messages] == ["psychologist"]


def test_every_text_is_one_text() -> None:
    for language in ("fr", "en"):
        who = known(email="", language=language)
        for message in every_letter_to(who):
            assert message.channel == TEXT
            assert places(message.body) <= LONGEST
            assert message.body == in_gsm(message.body)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("août à l’hôtel, « ça » œ", 'aout à l\'hotel, " ca " oe'),
        ("déjà vu…", "déjà vu..."),
        ("10\u00a0h\u202f30", "10 h 30"),
        ("€", "€"),
    ],
)
def test_texts_keep_to_their_alphabet(given: str, expected: str) -> None:
    assert in_gsm(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("06 39 98 00 01", "0639980001"),
        ("+33 6 39 98 00 01", "0639980001"),
        ("0033639980001", "0639980001"),
        ("+262 692 00 00 01", "0692000001"),
        ("+33478000000", ""),
        ("0478000000", ""),
        ("+41 79 000 00 00", "+41790000000"),
        ("", ""),
        ("12", ""),
    ],
)
def test_mobile_numbers_are_told_from_landlines(given: str, expected: str) -> None:
    assert mobile(given) == expected


def test_every_kind_that_steps_announce_has_a_writer() -> None:
    from tests.house.sources import PACKAGE

    source = "".join(path.read_text() for path in (PACKAGE / "steps").glob("*.py"))
    for kind in ("agenda.booking.confirmed", "agenda.booking.moved", "claims.claim.decided"):
        assert f'"{kind}"' in source
        assert kind in WRITERS


def test_a_person_without_an_account_is_led_to_the_page_of_the_appointment() -> None:
    who = known()
    where, booking = first_session(who)
    told()
    scene.sent(where, scene.closed(where, booking))
    office = told(at(MONDAY + 2 * DAY))
    bodies = [message.body for message in office.mail.to("person")]
    assert len(bodies) == 2
    assert all(booking_path(booking.public_id) in body for body in bodies)
    factories.account("person", person=who)
