"""What the tables of the waiting list refuse on both engines, and what they never show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories

from soutien.registers.waiting import queries as waiting
from soutien.registers.waiting.models import Offer, Request, Wait

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def wait(**fields: Any) -> Wait:
    """A place in the queue around Lyon."""
    values: dict[str, Any] = {
        "latitude": factories.LYON[0],
        "longitude": factories.LYON[1],
        "radius_km": 10,
        "need": "steady",
        "name": "Alix",
        "email": "alix@example.org",
        "joined_at": NOW,
    }
    return waiting.add_wait(**(values | fields))


def offer(to: Wait, **fields: Any) -> Offer:
    """An open offer of a held time."""
    place = factories.place(factories.psychologist())
    booking = factories.booking(place, starts_at=NOW + DAY, status="held", **factories.EVALUATION)
    values: dict[str, Any] = {"made_at": NOW, "answer_before": NOW + timedelta(hours=3)}
    return waiting.make_offer(to, booking=booking, **(values | fields))


def request(**fields: Any) -> Request:
    """An open request."""
    values: dict[str, Any] = {
        "name": "Noé",
        "phone": "0639980007",
        "browser": "b",
        "created_at": NOW,
    }
    owner = fields.pop("psychologist", None) or factories.psychologist()
    return waiting.add_request(psychologist=owner, **(values | fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"latitude": None},
        {"latitude": None, "longitude": None, "radius_km": None},
        {"radius_km": 0},
        {"radius_km": 101},
        {"status": "lost", "ended_at": NOW},
        {"status": "left"},
        {"ended_at": NOW},
        {"public": "cats"},
        {"email": "", "phone": ""},
        {"status": "asked"},
    ],
    ids=str,
)
def test_a_wait_that_makes_no_sense_is_refused(fields: dict[str, Any]):
    with pytest.raises(IntegrityError), transaction.atomic():
        wait(**fields)


def test_a_wait_is_around_a_place_or_for_one_psychologist_never_both():
    owner = factories.psychologist()
    wait(psychologist=owner, latitude=None, longitude=None, radius_km=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        wait(psychologist=owner)


def test_one_open_offer_a_wait_an_address_and_a_telephone():
    first = wait(phone="0639980001")
    made = offer(first)
    same_address = wait(email=" ALIX@example.org")
    same_phone = wait(email="other@example.org", phone="+33639980001")
    for somebody in (first, same_address, same_phone):
        with pytest.raises(IntegrityError), transaction.atomic():
            offer(somebody)
    Offer.objects.filter(pk=made.pk).update(status="ignored", ended_at=NOW)
    offer(first)


def test_offers_to_people_without_an_address_do_not_meet_on_nothing():
    offer(wait(email="", phone="0639980001"))
    offer(wait(email="", phone="0639980002"))
    offer(wait(email="a@example.org"))
    offer(wait(email="b@example.org"))


@pytest.mark.parametrize(
    "fields",
    [{"answer_before": NOW}, {"status": "taken"}, {"ended_at": NOW}, {"status": "kept"}],
    ids=str,
)
def test_an_offer_that_makes_no_sense_is_refused(fields: dict[str, Any]):
    with pytest.raises(IntegrityError), transaction.atomic():
        offer(wait(), **fields)


@pytest.mark.parametrize(
    "fields",
    [{"status": "answered"}, {"ended_at": NOW}, {"status": "booked", "ended_at": NOW}],
    ids=str,
)
def test_a_request_that_makes_no_sense_is_refused(fields: dict[str, Any]):
    with pytest.raises(IntegrityError), transaction.atomic():
        request(**fields)


def test_names_addresses_and_needs_are_sealed_and_indexes_say_nothing():
    wait(need="hard", name="Zélie", email="zelie@example.org", phone="0639980003")
    request(name="Zélie")
    for sql in ("SELECT * FROM waiting_wait", "SELECT * FROM waiting_request"):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            [row] = cursor.fetchall()
        for value in row:
            shown = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for secret in ("hard", "Zélie", "zelie@", "0639980003"):
                assert secret.encode() not in shown


def test_an_address_and_a_number_are_the_same_however_written():
    assert waiting.email_index(" Lou@Example.ORG") == waiting.email_index("lou@example.org")
    numbers = ("06 39 98 00 01", "0639980001", "+33 6 39 98 00 01", "0033639980001")
    assert len({waiting.phone_index(number) for number in numbers}) == 1
    assert waiting.email_index("  ") == waiting.phone_index("") == ""


def test_those_who_have_an_offer_are_not_among_those_who_wait():
    somebody = wait()
    offer(wait(email="busy@example.org"))
    wait(email="busy@example.org")
    wait(email="asked@example.org", status="asked", asked_at=NOW)
    box = {"south": 45.0, "north": 46.0, "west": 4.0, "east": 5.0}
    assert waiting.waiting_for(0, [box]) == [somebody]
    assert waiting.not_looked_around() == [somebody]
    waiting.looked_around([somebody.pk], at=NOW)
    assert waiting.not_looked_around() == []
    assert waiting.not_looked_around(everybody=True) == [somebody]


def test_what_ended_long_ago_is_erased_and_the_rest_is_not():
    gone = wait(status="left", ended_at=NOW)
    made = offer(gone, status="declined", ended_at=NOW)
    recent = wait(status="left", ended_at=NOW + DAY)
    ended, open_one = request(status="refused", ended_at=NOW), request()
    assert waiting.forget(ended_before=NOW) == ([ended.pk], [gone.pk])
    assert list(Wait.objects.all()) == [recent]
    assert list(Request.objects.all()) == [open_one]
    assert not Offer.objects.filter(pk=made.pk).exists()
