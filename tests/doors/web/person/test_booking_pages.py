"""Booking in three screens: kept, typed, read back, booked; and what happens when it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from tests import factories as make
from tests.doors.web.person.practice import (
    TYPED,
    Practice,
    booked,
    person_with_account,
    practice,
)

from soutien.registers.agenda.models import Booking
from soutien.registers.people.models import Person
from soutien.steps.hold import HOLD

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MONDAY_NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MONDAY_TEN = MONDAY_NINE + timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def room(clock: time_machine.Coordinates) -> Practice:
    return practice()


def test_the_first_screen_tells_when_who_where_and_what_it_costs(
    client: Client, room: Practice
) -> None:
    page = client.get(room.address(MONDAY_NINE)).content.decode()
    for told in ("lundi 23 novembre 2026", "09:00", "Ada Modèle", "1 rue de l&#x27;Exemple"):
        assert told in page
    assert "50\u00a0€" in page
    assert "20\u00a0€" in page
    assert "Première séance, au cabinet" in page


def test_french_words_in_the_address_are_understood(client: Client, room: Practice) -> None:
    address = f"/reserver/{room.psychologist.public_id}?lieu={room.place.pk}&debut="
    assert client.get(address + "2026-11-23T08:00:00Z").status_code == 200


def test_the_hour_is_told_on_the_clock_of_the_place(
    client: Client, clock: time_machine.Coordinates
) -> None:
    room = practice(time_zone="Indian/Reunion", insee="97411", town_name="Saint-Denis")
    page = client.get(room.address(datetime(2026, 11, 23, 5, 0, tzinfo=UTC))).content.decode()
    assert "09:00" in page
    assert "heure de La Réunion" in page


@pytest.mark.parametrize("query", ["", "?place=1", "?place=1&starts=demain", "?starts=2026-11-23"])
def test_an_address_without_a_time_leads_to_all_times(
    client: Client, room: Practice, query: str
) -> None:
    answer = client.get(f"/reserver/{room.psychologist.public_id}{query}")
    assert answer["Location"] == f"/psychologues/{room.psychologist.public_id}"


def test_somebody_books_without_an_account(client: Client, room: Practice) -> None:
    who = room.hold(client, MONDAY_NINE)
    assert Booking.objects.get().status == "held"
    assert "Votre place est gardée jusqu’à 09:10" in client.get(who).content.decode()
    answer = client.post(who, TYPED | {"discreet": "on"})
    check = answer["Location"]
    page = client.get(check).content.decode()
    for told in ("Noé d’Exemple", "17 mai 1990", "noe@example.org", "lundi 23 novembre 2026"):
        assert told in page
    page_of_booking = client.post(check)["Location"]
    kept = Booking.objects.get()
    assert (kept.status, kept.person is not None) == ("confirmed", True)
    person = Person.objects.get()
    assert (person.given_name, person.discreet, person.birth_date) == ("Noé", True, "1990-05-17")
    page = client.get(page_of_booking).content.decode()
    assert "réservé" in page
    assert "04 65 71 00 00" in page
    assert client.get("/mon-annee").status_code == 200


def test_nothing_about_the_person_stands_in_an_address_or_a_title(
    client: Client, room: Practice
) -> None:
    for address in (room.address(MONDAY_NINE), room.book(client, MONDAY_NINE)):
        assert "Ada" not in address
        title = client.get(address).content.decode().split("<title>")[1].split("</title>")[0]
        assert title == "Soutien · Rendez-vous"


def test_what_was_typed_is_sealed_in_the_session(client: Client, room: Practice) -> None:
    client.post(room.hold(client, MONDAY_NINE), TYPED)
    kept = dict(client.session)
    assert kept["typed_identity"]
    assert "Noé" not in str(kept)
    assert "noe@" not in str(kept)


def test_every_screen_may_be_sent_twice(client: Client, room: Practice) -> None:
    who = room.hold(client, MONDAY_NINE)
    assert room.hold(client, MONDAY_NINE) == who
    assert Booking.objects.count() == 1
    check = client.post(who, TYPED)["Location"]
    assert client.post(who, TYPED)["Location"] == check
    appointment = client.post(check)["Location"]
    assert client.post(check)["Location"] == appointment
    assert client.get(who)["Location"] == appointment
    assert Booking.objects.count() == 1
    assert Person.objects.count() == 1


def test_another_time_gives_the_first_one_back(client: Client, room: Practice) -> None:
    room.hold(client, MONDAY_NINE)
    room.hold(client, MONDAY_TEN)
    assert sorted(Booking.objects.values_list("status", flat=True)) == ["cancelled", "held"]


def test_what_was_typed_is_kept_for_another_time(client: Client, room: Practice) -> None:
    client.post(room.hold(client, MONDAY_NINE), TYPED)
    page = client.get(room.hold(client, MONDAY_TEN)).content.decode()
    assert 'value="noe@example.org"' in page
    assert 'value="17/05/1990"' in page


def test_what_is_missing_is_said_at_its_field_and_on_top(client: Client, room: Practice) -> None:
    answer = client.post(room.hold(client, MONDAY_NINE), {"whom": "self", "given_name": "Noé"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("Il manque le nom de famille.") == 2
    assert page.count("Il manque une adresse de courriel ou un téléphone.") == 2
    assert 'value="Noé"' in page
    assert 'href="#id_family_name"' in page


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("birth_date", "31 02 1990", "Nous ne reconnaissons pas ce jour."),
        ("birth_date", "17 05 1790", "Vérifiez l’année de naissance."),
        ("birth_date", "17 05 2090", "Vérifiez l’année de naissance."),
        ("birth_date", "20 11 2024", "Le dispositif commence à 3 ans."),
        ("email", "noe", "Cette adresse n’est pas complète."),
        ("phone", "12", "Ce numéro n’est pas complet."),
    ],
)
def test_what_cannot_be_is_said_in_words(
    client: Client, room: Practice, field: str, text: str, told: str
) -> None:
    answer = client.post(room.hold(client, MONDAY_NINE), TYPED | {field: text})
    assert answer.status_code == 422
    assert told in answer.content.decode()


@pytest.mark.parametrize(
    "text", ["17/05/1990", "17051990", "17 mai 1990", "1990-05-17", "17 May 1990", "17.5.1990"]
)
def test_a_day_of_birth_is_read_as_people_write_it(
    client: Client, room: Practice, text: str
) -> None:
    check = client.post(room.hold(client, MONDAY_NINE), TYPED | {"birth_date": text})["Location"]
    assert "17 mai 1990" in client.get(check).content.decode()


def test_a_telephone_is_enough_to_be_reached(client: Client, room: Practice) -> None:
    typed = TYPED | {"email": "", "phone": "06 39 98 00 00"}
    assert client.post(room.hold(client, MONDAY_NINE), typed).status_code == 302


def test_a_parent_is_told_about_the_agreement_of_both(client: Client, room: Practice) -> None:
    typed = TYPED | {"whom": "child", "birth_date": "7 mars 2018"}
    check = client.post(room.hold(client, MONDAY_NINE), typed)["Location"]
    page = client.get(check).content.decode()
    assert "votre enfant" in page
    assert "L’accord écrit des deux parents est demandé avant la première séance." in page


def test_an_adult_is_nobody_s_child(client: Client, room: Practice) -> None:
    answer = client.post(room.hold(client, MONDAY_NINE), TYPED | {"whom": "child"})
    assert "Ce jour est celui d’un adulte." in answer.content.decode()


def test_a_time_taken_meanwhile_is_told_with_the_nearest_ones(
    client: Client, room: Practice
) -> None:
    make.booking(room.place, starts_at=MONDAY_NINE, who=make.person(at=NOW))
    for answer in (
        client.get(room.address(MONDAY_NINE)),
        client.post(f"/reserver/{room.psychologist.public_id}", room.asked(MONDAY_NINE)),
    ):
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Cette heure vient d’être prise" in page
        assert page.count('class="button quiet" href="/reserver/') == 3
        assert "lundi 23 novembre 2026 à 10:00" in page


def test_a_time_the_agenda_never_opened_is_told(client: Client, room: Practice) -> None:
    answer = client.get(room.address(MONDAY_NINE + timedelta(minutes=7)))
    assert answer.status_code == 409
    assert "Cette heure n’est plus libre" in answer.content.decode()


def test_a_time_of_yesterday_is_told(client: Client, room: Practice) -> None:
    answer = client.get(room.address(NOW - timedelta(days=1)))
    assert answer.status_code == 409
    assert "Cette heure est passée" in answer.content.decode()


def test_a_place_of_somebody_else_is_not_found(client: Client, room: Practice) -> None:
    other = practice()
    address = room.address(MONDAY_NINE).replace(
        f"place={room.place.pk}", f"place={other.place.pk}"
    )
    assert client.get(address).status_code == 404


def test_a_hold_that_ran_out_may_still_be_booked_while_nobody_took_it(
    client: Client, room: Practice, clock: time_machine.Coordinates
) -> None:
    who = room.hold(client, MONDAY_NINE)
    clock.shift(HOLD + timedelta(minutes=1))
    assert "Nous ne gardons plus cette heure." in client.get(who).content.decode()
    check = client.post(who, TYPED)["Location"]
    assert client.post(check)["Location"].startswith("/rendez-vous/")


def test_a_hold_that_ran_out_and_was_taken_is_told_with_the_nearest_ones(
    client: Client, room: Practice, clock: time_machine.Coordinates
) -> None:
    who = room.hold(client, MONDAY_NINE)
    check = client.post(who, TYPED)["Location"]
    clock.shift(HOLD + timedelta(minutes=1))
    room.book(Client(), MONDAY_NINE)
    for answer in (client.get(who), client.get(check), client.post(check)):
        assert answer.status_code == 409
        assert "Cette heure vient d’être prise" in answer.content.decode()
    page = client.get(room.hold(client, MONDAY_TEN)).content.decode()
    assert 'value="noe@example.org"' in page


def test_only_the_browser_that_keeps_a_time_sees_its_screens(
    client: Client, room: Practice
) -> None:
    who = room.hold(client, MONDAY_NINE)
    assert Client().get(who).status_code == 404
    assert Client().post(who.replace("/vous", "/verifier")).status_code == 404


def test_somebody_signed_in_types_nothing(client: Client, room: Practice) -> None:
    person, account = person_with_account(NOW)
    client.force_login(account)
    assert (
        "Garder cette heure pour Camille" in client.get(room.address(MONDAY_NINE)).content.decode()
    )
    who = room.hold(client, MONDAY_NINE, **{"for": "me"})
    check = client.get(who)["Location"]
    assert check.endswith("/verifier")
    assert "Camille Exemple" in client.get(check).content.decode()
    client.post(check)
    assert Booking.objects.get().person_id == person.pk
    assert Person.objects.count() == 1


def test_somebody_signed_in_books_for_their_child(client: Client, room: Practice) -> None:
    person, account = person_with_account(NOW)
    client.force_login(account)
    who = room.hold(client, MONDAY_NINE, **{"for": "somebody"})
    typed = TYPED | {"whom": "child", "birth_date": "7 mars 2018", "given_name": "Lou"}
    appointment = client.post(client.post(who, typed)["Location"])["Location"]
    assert client.get(appointment).status_code == 200
    assert Booking.objects.get().person_id != person.pk
    assert "visitor_person" not in client.session


def test_a_second_evaluation_in_a_year_leads_to_a_follow_up(
    client: Client, room: Practice
) -> None:
    person, account = person_with_account(NOW)
    booked(room, person, datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "evaluation")
    client.force_login(account)
    form = room.asked(MONDAY_NINE, **{"for": "me"})
    answer = client.post(f"/reserver/{room.psychologist.public_id}", form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Il n&#x27;y en a qu&#x27;une par an" in page
    assert f"/mon-annee/avec/{room.psychologist.public_id}" in page


def test_a_follow_up_is_booked_by_video(client: Client, room: Practice) -> None:
    person, account = person_with_account(NOW)
    booked(room, person, MONDAY_NINE, "evaluation")
    client.force_login(account)
    page = client.get(f"/mon-annee/avec/{room.psychologist.public_id}").content.decode()
    assert "kind=follow_up" in page
    tuesday = MONDAY_NINE + timedelta(days=1)
    page = client.get(room.address(tuesday, kind="follow_up")).content.decode()
    assert "En visio" in page
    how = {"kind": "follow_up", "modality": "remote", "for": "me"}
    check = client.get(room.hold(client, tuesday, **how))["Location"]
    assert "Séance de suivi, en visio" in client.get(check).content.decode()
    client.post(check)
    assert Booking.objects.filter(kind="follow_up", modality="remote", status="confirmed").exists()


def test_a_follow_up_before_any_evaluation_is_refused(client: Client, room: Practice) -> None:
    form = room.asked(MONDAY_NINE, kind="follow_up")
    answer = client.post(f"/reserver/{room.psychologist.public_id}", form)
    assert answer.status_code == 409
    assert "Réservez d&#x27;abord une première séance" in answer.content.decode()


def test_an_evaluation_is_never_asked_for_by_video(client: Client, room: Practice) -> None:
    room.hold(client, MONDAY_NINE, modality="remote")
    assert Booking.objects.get().modality == "in_person"


def test_the_cost_is_told_from_the_rights_of_somebody_known(
    client: Client, room: Practice
) -> None:
    person, account = person_with_account(NOW)
    make.exemption(person, "css", valid_from=date(2026, 1, 1))
    client.force_login(account)
    address = room.address(MONDAY_NINE)
    check = client.get(room.hold(client, MONDAY_NINE, **{"for": "me"}))["Location"]
    for page in (client.get(address).content.decode(), client.get(check).content.decode()):
        assert "D’après vos droits" in page
        assert "20\u00a0€" not in page


def test_the_cost_is_the_usual_one_while_rights_are_unknown(
    client: Client, room: Practice
) -> None:
    client.force_login(make.account("person", person=make.person(at=NOW)))
    page = client.get(room.address(MONDAY_NINE)).content.decode()
    assert "C’est le cas le plus fréquent" in page
    assert "20\u00a0€" in page
