"""An appointment by its address: seen, put in a calendar, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar, Event
from tests import factories as make
from tests.doors.web.person.practice import Practice, practice

from soutien.doors.booking_links import booking_path, public_id_of, token_of
from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking
from soutien.registers.care.models import Seat

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MONDAY_NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def room(clock: time_machine.Coordinates) -> Practice:
    return practice()


def event_of(page: bytes) -> Event:
    """The one event of a calendar file."""
    calendar = Calendar.from_ical(page)
    assert calendar["method"] == "PUBLISH"
    (event,) = calendar.walk("VEVENT")
    return event


def test_the_address_alone_opens_the_appointment(client: Client, room: Practice) -> None:
    address = room.book(client, MONDAY_NINE)
    elsewhere = Client()
    page = elsewhere.get(address).content.decode()
    assert "lundi 23 novembre 2026" in page
    assert "Noé" not in page
    assert "Voir mon année" not in page
    assert "Voir mon année" in client.get(address).content.decode()


def test_a_psychologist_who_is_given_the_address_sees_what_anybody_sees(
    client: Client, room: Practice
) -> None:
    address = room.book(client, MONDAY_NINE)
    other = Client()
    other.force_login(make.account(Role.PSYCHOLOGIST, psychologist=practice().psychologist))
    assert other.get(address).status_code == 200


@pytest.mark.parametrize("page", ["", ".ics", "/annuler"])
def test_an_address_nobody_signed_is_not_found(client: Client, room: Practice, page: str) -> None:
    token = room.book(client, MONDAY_NINE).split("/")[2]
    for wrong in (token[:-1], token.split(".")[0], "x", f"{token}x", f"a{token}"):
        assert client.get(f"/rendez-vous/{wrong}{page}").status_code == 404


def test_a_token_is_the_public_id_signed(client: Client, room: Practice) -> None:
    room.book(client, MONDAY_NINE)
    public_id = Booking.objects.get().public_id
    token = token_of(public_id)
    assert str(public_id) not in token
    assert public_id_of(token) == public_id
    assert booking_path(public_id) == f"/rendez-vous/{token}"


def test_a_time_that_is_only_kept_is_no_appointment(client: Client, room: Practice) -> None:
    room.hold(client, MONDAY_NINE)
    assert client.get(booking_path(Booking.objects.get().public_id)).status_code == 404


def test_the_calendar_file_is_neutral(client: Client, room: Practice) -> None:
    answer = client.get(room.book(client, MONDAY_NINE) + ".ics")
    assert answer["Content-Type"].startswith("text/calendar")
    assert answer["Content-Disposition"] == 'attachment; filename="rendez-vous.ics"'
    event = event_of(answer.content)
    assert event["summary"] == "Rendez-vous"
    assert event["dtstart"].dt == MONDAY_NINE
    assert event["dtend"].dt == MONDAY_NINE + timedelta(hours=1)
    assert "Ada Modèle" in event["description"]
    assert "psy" not in answer.content.decode().lower().replace(
        Booking.objects.get().public_id.hex, ""
    )


def test_a_discreet_calendar_file_names_nobody(client: Client, room: Practice) -> None:
    room.place.label = "Cabinet de psychologie"
    room.place.save()
    answer = client.get(room.book(client, MONDAY_NINE, discreet="on") + ".ics")
    event = event_of(answer.content)
    assert event["location"] == "1 rue de l'Exemple, 69001 Lyon"
    assert "description" not in event
    assert "Ada" not in answer.content.decode()


def test_the_calendar_file_speaks_the_reader_s_language(client: Client, room: Practice) -> None:
    address = room.book(client, MONDAY_NINE)
    event = event_of(client.get(f"/en{address}.ics").content)
    assert event["summary"] == "Appointment"


def test_cancelling_asks_once_and_gives_the_seat_back(client: Client, room: Practice) -> None:
    address = room.book(client, MONDAY_NINE)
    before = event_of(client.get(address + ".ics").content)
    assert Seat.objects.count() == 1
    assert "Annuler ce rendez-vous ?" in client.get(address + "/annuler").content.decode()
    assert Booking.objects.get().status == "confirmed"
    for _ in range(2):
        assert client.post(address + "/annuler")["Location"] == address
    assert Booking.objects.get().status == "cancelled"
    assert not Seat.objects.exists()
    assert "annulé" in client.get(address).content.decode()
    assert client.get(address + "/annuler")["Location"] == address
    after = event_of(client.get(address + ".ics").content)
    assert (after["uid"], after["status"]) == (before["uid"], "CANCELLED")
    assert after["sequence"] > before["sequence"]


def test_a_session_that_has_begun_is_no_longer_cancelled(
    client: Client, room: Practice, clock: time_machine.Coordinates
) -> None:
    address = room.book(client, MONDAY_NINE)
    clock.move_to(MONDAY_NINE + timedelta(minutes=1))
    assert "Annuler" not in client.get(address).content.decode()
    for answer in (client.get(address + "/annuler"), client.post(address + "/annuler")):
        assert answer.status_code == 409
        assert "Appelez le cabinet." in answer.content.decode()
    assert Booking.objects.get().status == "confirmed"
