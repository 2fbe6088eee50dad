"""Private feeds: neutral, the same bytes for the same data, and gone once taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar, Event
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, at, of

from soutien.registers.accounts.models import Account, Role
from soutien.registers.audit.models import Entry
from soutien.registers.calendars.models import Feed, OutsideCalendar
from soutien.steps.actor import Actor
from soutien.steps.book import cancel_booking
from soutien.steps.move import move_booking
from soutien.steps.share import follow_calendar, share_calendar, stop_sharing

pytestmark = pytest.mark.django_db
NOW = at(MONDAY - 6 * DAY)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def shared(actor: Actor, language: str = "fr") -> str:
    """The path of a new feed."""
    return f"/calendriers/{share_calendar(actor=actor, language=language, at=NOW)}.ics"


def events_of(content: bytes) -> list[Event]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_a_psychologist_reads_times_and_places_and_nobody_s_name(client: Client) -> None:
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    answer = client.get(shared(where.actor))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    assert b"\r\nX-PUBLISHED-TTL:PT1H\r\n" in answer.content
    [event] = events_of(answer.content)
    assert event["summary"] == "Rendez-vous"
    assert event["location"] == "1 rue de l'Exemple, 69001 Lyon"
    assert event["uid"] == str(booking.public_id)
    assert "description" not in event
    text = answer.content.decode()
    for word in (who.given_name, who.family_name, who.email, who.phone, "psy", "evaluation"):
        assert word.lower() not in text.lower()
    assert "/rendez-vous/" not in text


def test_a_person_reads_their_own_and_discreetly_when_they_asked(client: Client) -> None:
    who, where = scene.insured(), scene.practice()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    path = shared(of(who), "en")
    assert "Dominique" in client.get(path).content.decode()
    who.discreet = True
    who.save()
    [event] = events_of(client.get(path).content)
    assert event["summary"] == "Appointment"
    assert "description" not in event


def test_a_feed_holds_nobody_else_s(client: Client) -> None:
    where, other = scene.practice(), scene.practice()
    scene.booked(where, scene.insured(), day=MONDAY, kind="evaluation")
    assert events_of(client.get(shared(other.actor)).content) == []
    assert events_of(client.get(shared(of(scene.insured()))).content) == []


def test_uid_stays_and_sequence_grows_until_it_is_taken_out(client: Client) -> None:
    who, where = scene.insured(), scene.practice()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    path = shared(of(who))
    [before] = events_of(client.get(path).content)
    move_booking(
        actor=of(who),
        booking_id=booking.public_id,
        place_id=booking.place_id,
        starts_at=at(MONDAY, 11),
        at=NOW,
    )
    [after] = events_of(client.get(path).content)
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["dtstamp"].dt > before["dtstamp"].dt
    cancel_booking(actor=of(who), booking_id=booking.public_id, at=NOW)
    assert events_of(client.get(path).content) == []


def test_the_same_data_gives_the_same_bytes_and_is_not_sent_again(
    client: Client, clock: time_machine.Coordinates
) -> None:
    who, where = scene.insured(), scene.practice()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    path = shared(of(who))
    first = client.get(path)
    clock.shift(timedelta(hours=5))
    assert client.get(path).content == first.content
    assert client.get(path, headers={"if-none-match": first["ETag"]}).status_code == 304
    since = {"if-modified-since": first["Last-Modified"]}
    assert client.get(path, headers=since).status_code == 304
    cancel_booking(actor=of(who), booking_id=booking.public_id, at=NOW + timedelta(hours=5))
    for asked in (since, {"if-none-match": first["ETag"]}):
        assert client.get(path, headers=asked).status_code == 200


def test_an_address_taken_back_no_longer_opens(client: Client) -> None:
    where = scene.practice()
    first, second = shared(where.actor), shared(where.actor)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert stop_sharing(actor=where.actor, at=NOW)
    assert client.get(second).status_code == 404
    assert not stop_sharing(actor=where.actor, at=NOW)


def test_a_token_is_long_random_and_kept_as_its_digest_only() -> None:
    actor = scene.practice().actor
    tokens = {share_calendar(actor=actor, language="fr", at=NOW) for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 43 for token in tokens)
    kept = {value for row in Feed.objects.values() for value in row.values()}
    assert not tokens & {str(value) for value in kept}
    assert Feed.objects.filter(revoked_at__isnull=True).count() == 1


@pytest.mark.parametrize("token", ["x", "a" * 43, "..%2f..", "%00", "é"])
def test_a_token_nobody_gave_is_not_found(client: Client, token: str) -> None:
    assert client.get(f"/calendriers/{token}.ics").status_code == 404


def test_who_may_share_and_follow() -> None:
    for role in ("anonymous", "fund_agent", "administrator"):
        with refused("not_allowed"):
            share_calendar(actor=Actor(role), language="fr", at=NOW)
    with refused("not_allowed"):
        follow_calendar(actor=of(scene.insured()), address="https://example.org/a", at=NOW)


def test_opening_reading_and_closing_leave_a_trace_and_nothing_new_does_not(
    client: Client,
) -> None:
    where = scene.practice()
    path = shared(where.actor)
    tag = client.get(path)["ETag"]
    assert client.get(path, headers={"if-none-match": tag}).status_code == 304
    stop_sharing(actor=where.actor, at=NOW)
    events = list(Entry.objects.order_by("pk").values_list("event", flat=True))
    assert events == ["calendars.feed.opened", "calendars.feed.read", "calendars.feed.closed"]


# --- the pages ---------------------------------------------------------------------------------


def signed_in(client: Client, **fields: object) -> Account:
    account = factories.account(**fields)  # type: ignore[arg-type]
    client.force_login(account)
    return account


def test_the_address_is_shown_once(client: Client) -> None:
    where = scene.practice()
    signed_in(client, role=Role.PSYCHOLOGIST, psychologist_id=where.psychologist_id)
    page = "/cabinet/calendriers"
    assert "Créer mon adresse privée" in client.get(page).content.decode()
    shown = client.post(page, {"share": "1"}).content.decode()
    [address] = re.findall(r"http://testserver(/calendriers/[^<\"]+\.ics)<", shown)
    assert f'href="webcal://testserver{address}"' in shown
    assert client.get(address).status_code == 200
    assert address not in client.get(page).content.decode()
    assert client.post(page, {"stop": "1"})["Location"] == page
    assert client.get(address).status_code == 404


def test_a_person_has_the_same_page_for_their_own(client: Client) -> None:
    who = scene.insured()
    signed_in(client, role=Role.PERSON, person=who)
    shown = client.post("/mon-annee/calendrier", {"share": "1"}).content.decode()
    assert "/calendriers/" in shown
    assert "ferme mes heures" not in shown
    assert Feed.objects.get().person_id == who.pk


def test_a_calendar_is_followed_and_forgotten(client: Client) -> None:
    where = scene.practice()
    signed_in(client, role=Role.PSYCHOLOGIST, psychologist_id=where.psychologist_id)
    page = "/cabinet/calendriers"
    secret = "webcal://agenda.example/private-1234/basic.ics"
    assert client.post(page, {"follow": "1", "address": secret})["Location"] == page
    followed = OutsideCalendar.objects.get()
    assert followed.address == "https://agenda.example/private-1234/basic.ics"
    shown = client.get(page).content.decode()
    assert "agenda.example" in shown
    assert "private-1234" not in shown
    OutsideCalendar.objects.update(trouble="too_large", trouble_since=NOW)
    assert "trop long" in client.get(page).content.decode()
    OutsideCalendar.objects.update(trouble="", read_at=NOW, busy_times=3)
    assert "3 moments pris" in client.get(page).content.decode()
    client.post(page, {"forget": "1"})
    assert not OutsideCalendar.objects.exists()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "Il manque l’adresse"),
        ("http://example.org/a.ics", "doit commencer par https"),
        ("file:///etc/passwd", "doit commencer par https"),
        ("https://user:word@example.org/", "ne peut pas être lue"),
        ("https://" + "x" * 5000, "trop longue"),
        ("%", "doit commencer par https"),
        ("😀", "doit commencer par https"),
    ],
)
def test_an_address_that_cannot_be_read_is_told_so(
    client: Client, address: str, words: str
) -> None:
    where = scene.practice()
    signed_in(client, role=Role.PSYCHOLOGIST, psychologist_id=where.psychologist_id)
    answer = client.post("/cabinet/calendriers", {"follow": "1", "address": address})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not OutsideCalendar.objects.exists()


@pytest.mark.parametrize("page", ["/cabinet/calendriers", "/mon-annee/calendrier"])
def test_strangers_are_sent_to_sign_in_and_others_find_nothing(client: Client, page: str) -> None:
    assert "/connexion" in client.get(page)["Location"]
    signed_in(client, role=Role.FUND_AGENT, fund_code=factories.FUND)
    assert client.get(page).status_code == 404
    assert client.post(page, {"share": "1"}).status_code == 404


def test_the_day_moves_on_and_the_past_goes(
    client: Client, clock: time_machine.Coordinates
) -> None:
    who, where = scene.insured(), scene.practice()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    path = shared(of(who))
    clock.move_to(datetime(2026, 4, 1, tzinfo=UTC))
    assert len(events_of(client.get(path).content)) == 1
    clock.move_to(datetime(2026, 6, 1, tzinfo=UTC))
    assert events_of(client.get(path).content) == []


def test_only_calendars_at_listed_hosts_are_followed(client: Client, settings: Any) -> None:
    settings.CALENDAR_HOSTS = ["agenda.example"]
    where = scene.practice()
    signed_in(client, role=Role.PSYCHOLOGIST, psychologist_id=where.psychologist_id)
    page = "/cabinet/calendriers"
    refused = client.post(page, {"follow": "1", "address": "https://other.example/a.ics"})
    assert refused.status_code == 422
    assert "seuls ces sites peuvent être suivis : agenda.example." in refused.content.decode()
    assert not OutsideCalendar.objects.exists()
    client.post(page, {"follow": "1", "address": "https://agenda.example/a.ics"})
    assert OutsideCalendar.objects.exists()
