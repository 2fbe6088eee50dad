"""The pages of the waiting list and of requests: discreet, opened by their link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from tests import factories as make
from tests.doors.web.person.practice import Practice, person_with_account, practice

from soutien.doors.waiting_links import OFFER, REQUEST, WAIT, public_id_of, waiting_path
from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Booking, OpeningException, OpeningRule
from soutien.registers.people.models import Person
from soutien.registers.waiting.models import Offer, Request, Wait
from soutien.steps.request import ASKED_A_DAY
from soutien.steps.wait import expire_offers, offer_freed_slot

pytestmark = pytest.mark.django_db

JOIN = {
    "place": "Lyon",
    "radius": "10",
    "public": "",
    "follow_ups": "",
    "language": "",
    "since": "",
    "need": "heavy",
    "called": "Alix",
    "email": "alix@example.org",
    "phone": "",
    "before": "",
}
COMES = {
    "whom": "self",
    "given_name": "Alix",
    "family_name": "d’Exemple",
    "birth_date": "17 05 1990",
    "email": "alix@example.org",
    "phone": "",
}
ASK = {"called": "Noé", "phone": "06 39 98 00 07", "email": "", "call_times": ["evening"]}


@pytest.fixture
def now() -> Iterator[datetime]:
    """A Friday morning of November."""
    friday = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    with time_machine.travel(friday, tick=False):
        yield friday


@pytest.fixture
def room(now: datetime) -> Practice:
    """A psychologist whose weekly hours are all gone."""
    made = practice()
    OpeningRule.objects.all().delete()
    return made


def frees(room: Practice, now: datetime, *, days: int = 3, hour: int = 14) -> OpeningException:
    """One hour more, at a wall hour of the place."""
    day = (now + timedelta(days=days)).date()
    return make.special_opening(
        room.place, day, starts_at_minute=hour * 60, ends_at_minute=hour * 60 + 60
    )


def join(client: Client, **told: object) -> str:
    """Join; the address of the place in the queue."""
    answer = client.post("/attendre", JOIN | told)
    assert answer.status_code == 302, re.findall(r"field-error.*?</div>", answer.content.decode())
    return str(answer["Location"])


def offered(room: Practice, now: datetime) -> str:
    """The address of the offer just made."""
    offer = offer_freed_slot(psychologist_id=room.psychologist.pk, at=now)
    assert offer is not None
    return waiting_path(OFFER, offer.public_id)


def text_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    found = answer.content.decode()
    return re.sub(r"\s+", " ", found[found.index("<main") : found.index("</main>")])


def test_danger_is_said_before_anything_is_asked(client: Client, room: Practice):
    text = text_of(client, "/attendre")
    assert text.index("tel:3114") < text.index("<form")
    assert text.index("tel:15") < text.index('name="need"')
    assert text.index("sms:114") < text.index('name="need"')
    assert "Personne ne lit votre réponse" in text


def test_the_wishes_of_the_search_come_along(client: Client, room: Practice):
    text = text_of(client, "/attendre?place=Lyon&radius=25&public=child&when=evening&town=69123")
    assert 'value="Lyon"' in text
    assert '<option value="25" selected' in text
    assert '<option value="child" selected' in text
    assert re.search(r'value="evening"[^>]* checked', text)
    assert "<details open" in text


def test_one_joins_and_sees_ones_place_by_its_link(client: Client, room: Practice):
    path = join(client, when=["morning", "saturday"], public="adult")
    other = Client()
    text = text_of(other, path)
    assert "Vous êtes sur la liste d’attente" in text
    assert "à moins de 10 km de Lyon (Rhône)" in text
    assert "pour un adulte, le matin, le samedi" in text
    wait = Wait.objects.get()
    assert (wait.need, wait.name, wait.psychologist_id) == ("heavy", "Alix", None)
    for word in ("heavy", "lourd", "psych"):
        assert word not in text.lower().split("quelqu’un répond jour et nuit")[0]


def test_what_is_missing_is_said_at_its_field(client: Client, room: Practice):
    answer = client.post("/attendre", JOIN | {"need": "", "called": "", "email": ""})
    text = answer.content.decode()
    assert answer.status_code == 422
    for words in (
        "Choisissez ce qui se rapproche le plus.",
        "Indiquez comment vous appeler.",
        "Il manque une adresse de courriel ou un téléphone.",
    ):
        assert words in text
    assert not Wait.objects.exists()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"place": "zzzzqqqq"}, "Nous ne trouvons pas ce lieu"),
        ({"place": "x" * 5000}, "C’est un peu long"),
        ({"before": "2026-11-20"}, "Indiquez un jour plus lointain"),
        ({"before": "2026-12-01", "since": "2026-12-05"}, "Indiquez un jour plus lointain"),
        ({"before": "32/13/2026"}, "Indiquez un jour, un mois et une année"),
        ({"phone": "12"}, "Ce numéro n’est pas complet"),
        ({"need": "urgent"}, "need"),
        ({"radius": "99999"}, "radius"),
        ({"email": "💐"}, "Cette adresse n’est pas complète"),
    ],
)
def test_bad_input_is_told_and_nothing_is_lost(
    client: Client, room: Practice, told: dict[str, str], words: str
):
    answer = client.post("/attendre", JOIN | told)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Alix" in answer.content.decode()
    assert not Wait.objects.exists()


def test_hours_free_already_are_shown_and_only_sooner_ones_are_waited_for(
    client: Client, room: Practice, now: datetime
):
    frees(room, now, days=12)
    text = text_of(client, "/attendre?place=Lyon")
    assert "Ces heures sont libres maintenant" in text
    assert "mercredi 2 décembre 2026 à 14:00" in text
    assert 'value="2026-12-02"' in text
    one = text_of(client, f"/attendre/{room.psychologist.public_id}")
    assert "Attendre une place chez Ada Modèle" in one
    assert 'value="2026-12-02"' in one


def test_one_waits_for_one_psychologist(client: Client, room: Practice):
    path = f"/attendre/{room.psychologist.public_id}"
    answer = client.post(path, {key: JOIN[key] for key in ("need", "called", "email", "phone")})
    assert answer.status_code == 302
    assert "une première séance avec Ada Modèle" in text_of(client, answer["Location"])
    room.psychologist.accepts_new_patients = False
    room.psychologist.save()
    assert client.get(path).status_code == 409
    assert client.get("/attendre/00000000-0000-0000-0000-000000000000").status_code == 404


def test_an_offer_is_taken_by_its_link_and_becomes_an_appointment(
    client: Client, room: Practice, now: datetime
):
    join(client)
    frees(room, now)
    path = offered(room, now)
    text = text_of(Client(), path)
    assert "Une place s’est libérée près de chez vous." in text
    assert "Jusqu’à 13:00" in text
    assert "lundi 23 novembre 2026" in text
    assert 'value="alix@example.org"' in text
    assert Offer.objects.get().status == "open"
    phone = Client()
    answer = phone.post(path, COMES | {"take": "1"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/rendez-vous/")
    assert Booking.objects.get().status == "confirmed"
    assert Wait.objects.get().status == "booked"
    assert phone.get("/mon-annee").status_code == 200
    assert phone.get(path)["Location"] == answer["Location"]
    assert Client().get(path)["Location"] == answer["Location"]


def test_an_offer_whose_booking_is_refused_is_not_taken(
    client: Client, room: Practice, now: datetime
):
    join(client)
    frees(room, now)
    path = offered(room, now)
    answer = Client().post(path, COMES | {"birth_date": "01 01 2025", "take": "1"})
    assert answer.status_code == 422
    assert Offer.objects.get().status == "open"
    Booking.objects.update(status="cancelled", ended_at=now, ended_by="psychologist")
    answer = Client().post(path, COMES | {"take": "1"})
    assert answer.status_code == 409
    assert Offer.objects.get().status == "open"
    assert Wait.objects.get().status == "waiting"
    assert not Person.objects.exists()


def test_a_known_person_takes_it_with_one_button(client: Client, room: Practice, now: datetime):
    who, account = person_with_account(now)
    client.force_login(account)
    assert 'value="Camille"' in text_of(client, "/attendre")
    join(client, called="Camille", email=who.email)
    frees(room, now)
    path = offered(room, now)
    assert "Qui vient" not in text_of(client, path)
    answer = client.post(path, {"take": "1"})
    assert answer["Location"].startswith("/rendez-vous/")
    assert Booking.objects.get().person == who


def test_left_to_somebody_else_the_place_is_kept(client: Client, room: Practice, now: datetime):
    place = join(client)
    frees(room, now)
    path = offered(room, now)
    assert client.post(path, {"leave": "1"})["Location"] == path
    assert "Votre place sur la liste est gardée" in text_of(client, path)
    assert "Vous êtes sur la liste d’attente" in text_of(client, place)
    assert Booking.objects.get().status == "cancelled"


def test_an_offer_that_ran_out_says_so_and_that_nothing_is_lost(
    client: Client, room: Practice, now: datetime
):
    join(client)
    join(client, email="lou@example.org")
    frees(room, now)
    path = offered(room, now)
    with time_machine.travel(now + timedelta(hours=4), tick=False):
        assert "cette heure est encore libre" in text_of(client, path)
        expire_offers(at=now + timedelta(hours=4))
        offered(room, now + timedelta(hours=4))
        text = text_of(client, path)
        assert "Cette heure n’est plus gardée pour vous" in text
        assert "<button" not in text
        assert client.post(path, COMES | {"take": "1"}).status_code == 409


def test_a_place_is_left_after_being_asked_once(client: Client, room: Practice):
    path = join(client)
    assert "Quitter la liste d’attente ?" in text_of(client, f"{path}?quitter")
    client.post(path, {"leave": "1"})
    assert "Vous n’êtes plus sur la liste d’attente" in text_of(client, path)


def test_who_is_asked_answers_with_one_button(client: Client, room: Practice, now: datetime):
    path = join(client)
    Wait.objects.update(status="asked", asked_at=now)
    assert "Attendez-vous encore ?" in text_of(client, path)
    client.post(path, {"keep": "1"})
    assert Wait.objects.get().status == "waiting"


@pytest.mark.parametrize("page", ["attente", "offre", "demande"])
def test_a_forged_link_opens_nothing(client: Client, room: Practice, page: str):
    wait_path = join(client)
    token = wait_path.rsplit("/", 1)[1]
    for forged in (
        "x",
        token[:-1] + ("B" if token.endswith("A") else "A"),
        "00000000-0000-0000-0000-000000000000",
    ):
        assert client.get(f"/{page}/{forged}").status_code == 404
    if page != "attente":
        assert client.get(f"/{page}/{token}").status_code == 404


def test_links_say_nothing_and_differ_by_kind(client: Client, room: Practice):
    join(client)
    wait = Wait.objects.get()
    paths = {waiting_path(page, wait.public_id) for page in (WAIT, OFFER, REQUEST)}
    assert len(paths) == 3
    assert not any(str(wait.public_id) in path for path in paths)
    token = waiting_path(WAIT, wait.public_id).rsplit("/", 1)[1]
    assert public_id_of(WAIT, token) == wait.public_id
    assert public_id_of(OFFER, token) is None


@pytest.mark.parametrize("address", ["/attendre", "/rappel/{id}", "/attendre/{id}"])
def test_titles_and_caches_are_discreet(client: Client, room: Practice, address: str):
    answer = client.get(address.format(id=room.psychologist.public_id))
    assert "<title>Soutien · Rendez-vous</title>" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_one_asks_to_be_called_back_without_saying_why(client: Client, room: Practice):
    path = f"/rappel/{room.psychologist.public_id}"
    assert "Vous n’avez pas à dire pourquoi" in text_of(client, path)
    answer = client.post(path, ASK)
    state = text_of(client, answer["Location"])
    assert "Ada Modèle a reçu votre demande." in state
    assert "en fin de journée" in state
    assert Request.objects.get().call_times == "evening"
    assert client.post(path, ASK | {"phone": ""}).status_code == 422


def test_one_browser_asks_a_few_times_a_day(client: Client, room: Practice):
    path = f"/rappel/{room.psychologist.public_id}"
    for _ in range(ASKED_A_DAY):
        assert client.post(path, ASK).status_code == 302
    answer = client.post(path, ASK)
    assert answer.status_code == 429
    assert "appelez directement un cabinet" in answer.content.decode()
    assert Client().post(path, ASK).status_code == 302


@pytest.fixture
def desk(room: Practice) -> Client:
    """The psychologist, signed in."""
    client = Client()
    client.force_login(make.account(Role.PSYCHOLOGIST, psychologist=room.psychologist))
    return client


def asked(room: Practice) -> Request:
    Client().post(f"/rappel/{room.psychologist.public_id}", ASK)
    return Request.objects.latest("pk")


def test_the_inbox_holds_requests_and_who_waits_oldest_first(
    desk: Client, room: Practice, now: datetime
):
    assert "Personne n’attend de réponse." in text_of(desk, "/cabinet/demandes")
    path = f"/attendre/{room.psychologist.public_id}"
    Client().post(path, {key: JOIN[key] for key in ("need", "called", "email", "phone")})
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        asked(room)
        text = text_of(desk, "/cabinet/demandes")
    assert text.index("Alix") < text.index("Noé")
    assert "tel:06 39 98 00 07" in text
    assert "lourd" not in text


def test_a_request_is_answered(desk: Client, room: Practice):
    request = asked(room)
    path = f"/cabinet/demandes/{request.public_id}"
    answer = desk.post(path, {"answered": "1"}, follow=True)
    assert "vous avez répondu à Noé" in answer.content.decode()
    again = desk.post(path, {"answered": "1"}, follow=True)
    assert "Cette demande a déjà une réponse." in again.content.decode()
    state = text_of(Client(), waiting_path(REQUEST, request.public_id))
    assert "Vous avez une réponse" in state


def test_a_polite_refusal_shows_who_has_room(desk: Client, room: Practice, now: datetime):
    other = practice(latitude=45.76, longitude=4.84)
    request = asked(room)
    path = f"/cabinet/demandes/{request.public_id}"
    assert "les trois psychologues les plus proches" in text_of(desk, f"{path}?refuser")
    desk.post(path, {"refused": "1"})
    state = text_of(Client(), waiting_path(REQUEST, request.public_id))
    assert "Ils ont de la place, tout près" in state
    assert f"/reserver/{other.psychologist.public_id}?place={other.place.pk}" in state


def test_a_first_session_is_booked_by_telephone(desk: Client, room: Practice, now: datetime):
    frees(room, now)
    request = asked(room)
    path = f"/cabinet/demandes/{request.public_id}"
    text = text_of(desk, path)
    [time] = re.findall(r'<option value="(\d+@[^"]+)"', text)
    told = {key: COMES[key] for key in ("family_name", "birth_date")}
    answer = desk.post(
        path, told | {"given_name": "Noé", "phone": "0639980007", "time": time, "book": "1"}
    )
    assert answer["Location"] == "/cabinet/2026-11-23"
    booking = Booking.objects.get()
    assert (booking.status, booking.kind) == ("confirmed", "evaluation")
    assert booking.person is not None
    assert booking.person.given_name == "Noé"
    request.refresh_from_db()
    assert (request.status, request.booking) == ("booked", booking)


def test_what_somebody_asked_for_goes_with_them_into_a_telephone_booking(
    desk: Client, room: Practice, now: datetime
):
    frees(room, now)
    Client().post(f"/en/rappel/{room.psychologist.public_id}", ASK | {"discreet": "on"})
    path = f"/cabinet/demandes/{Request.objects.get().public_id}"
    text = text_of(desk, path)
    assert re.search(r'name="discreet"[^>]* checked', text)
    assert "écrit en anglais" in text
    [time] = re.findall(r'<option value="(\d+@[^"]+)"', text)
    desk.post(path, COMES | {"discreet": "on", "time": time, "book": "1"})
    person = Person.objects.get()
    assert (person.language, person.discreet) == ("en", True)


def test_a_telephone_booking_with_something_missing_books_nothing(
    desk: Client, room: Practice, now: datetime
):
    frees(room, now)
    request = asked(room)
    path = f"/cabinet/demandes/{request.public_id}"
    answer = desk.post(path, {"given_name": "Noé", "time": "1@x", "book": "1"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Cette heure n’est plus libre" in text
    assert "Il manque le nom de famille." in text
    assert not Booking.objects.exists()


def test_a_psychologist_answers_who_waits_for_them(desk: Client, room: Practice):
    join_path = f"/attendre/{room.psychologist.public_id}"
    place = Client().post(
        join_path, {key: JOIN[key] for key in ("need", "called", "email", "phone")}
    )["Location"]
    wait = Wait.objects.get()
    path = f"/cabinet/demandes/{wait.public_id}"
    text = text_of(desk, path)
    assert "sur votre liste d’attente" in text
    assert "J’ai répondu" not in text
    desk.post(path, {"refused": "1"})
    assert "Ada Modèle n’a pas de place en ce moment" in text_of(Client(), place)


@pytest.mark.parametrize("role", [Role.PERSON, Role.FUND_AGENT, Role.ADMINISTRATOR])
def test_the_inbox_is_not_there_for_others(room: Practice, role: str):
    client = Client()
    assert client.get("/cabinet/demandes").status_code == 302
    account: Account = make.account(role)
    client.force_login(account)
    assert client.get("/cabinet/demandes").status_code == 404
    other = make.account(Role.PSYCHOLOGIST, psychologist=make.psychologist())
    client.force_login(other)
    request = asked(room)
    assert client.get(f"/cabinet/demandes/{request.public_id}").status_code == 302
    client.post(f"/cabinet/demandes/{request.public_id}", {"refused": "1"})
    request.refresh_from_db()
    assert request.status == "open"


def test_everything_is_there_in_english(client: Client, room: Practice, now: datetime):
    answer = client.post("/en/attendre", JOIN)
    assert "You are on the waiting list" in text_of(client, answer["Location"])
    frees(room, now)
    offer_path = "/en" + offered(room, now).removeprefix("/en")
    text = text_of(client, offer_path)
    assert "A place has become free near you." in text
    assert "Until 13:00" in text
    assert Wait.objects.get().language == "en"


def test_the_search_and_the_psychologists_page_lead_there(client: Client, room: Practice):
    page = client.get(f"/psychologues/{room.psychologist.public_id}").content.decode()
    assert f"/attendre/{room.psychologist.public_id}" in page
    assert f"/rappel/{room.psychologist.public_id}" in page
    found = client.get("/trouver?place=Lyon&radius=25").content.decode()
    assert "/attendre?place=Lyon&amp;radius=25" in found
