"""Sessions end: on purpose, by themselves, everywhere at once; and nobody ends another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.web.person.practice import person_with_account
from tests.doors.web.signing_in.mailbox import lines_of
from tests.signing_in import next_code, totp_key

from soutien.registers.accounts import factors
from soutien.registers.accounts.models import Account, OpenSession, Role
from soutien.steps.enter import KEPT_AFTER, forget_old_sign_ins

pytestmark = pytest.mark.django_db
PASSWORD = "quatre mots bien courts"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def person() -> Account:
    return person_with_account(timezone.now())[1]


def signed_in(account: Account, agent: str = FIREFOX) -> Client:
    """A browser that signed in as its owner does."""
    client = Client(headers={"user-agent": agent})
    client.post("/connexion", {"username": account.email, "password": "password"})
    if factors.has_any(account.pk):
        client.post("/connexion/code", {"code": next_code(account)})
    return client


def is_in(client: Client) -> bool:
    return client.get("/securite").status_code == 200


def test_every_browser_is_listed_in_words(person: Account) -> None:
    client = signed_in(person)
    signed_in(person, SAFARI)
    signed_in(person, "curl/8")
    page = client.get("/securite").content.decode()
    for device in ("Firefox, Windows", "Safari, iPhone", "que nous ne reconnaissons pas"):
        assert device in page
    assert page.count("cet appareil") == 1


def test_one_browser_is_signed_out_from_another_at_once(person: Account) -> None:
    desk, phone = signed_in(person), signed_in(person, SAFARI)
    session = OpenSession.objects.get(device="safari/iphone")
    assert desk.post(f"/securite/appareils/{session.public_id}").status_code == 302
    assert not is_in(phone)
    assert is_in(desk)
    assert "ended done" in lines_of("accounts.session.ended")


def test_all_others_are_signed_out_and_this_one_stays(person: Account) -> None:
    desk, *others = (signed_in(person) for _browser in range(4))
    stranger = signed_in(person_with_account(timezone.now())[1])
    assert desk.post("/securite/appareils").status_code == 302
    assert [is_in(client) for client in (desk, *others, stranger)] == [True, *[False] * 3, True]


def test_a_while_after_the_proof_ending_sessions_asks_for_it_again(person: Account) -> None:
    desk, phone = signed_in(person), signed_in(person, SAFARI)
    session = OpenSession.objects.get(device="safari/iphone")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        for path in (f"/securite/appareils/{session.public_id}", "/securite/appareils"):
            asked = desk.post(path)["Location"]
            assert asked == "/securite/confirmer?next=%2Fsecurite"
            assert is_in(phone)
        desk.post("/securite/confirmer", {"password": "password"})
        desk.post(f"/securite/appareils/{session.public_id}")
        assert not is_in(phone)


def test_nobody_ends_the_session_of_somebody_else(person: Account) -> None:
    signed_in(person)
    session = OpenSession.objects.get()
    stranger = signed_in(person_with_account(timezone.now())[1])
    path = f"/securite/appareils/{session.public_id}"
    assert stranger.post(path).status_code == 404
    assert Client().post(path)["Location"].startswith("/connexion")
    session.refresh_from_db()
    assert session.ended_at is None


def test_signing_out_ends_it_for_a_copy_of_the_cookie_too(person: Account) -> None:
    client, thief = signed_in(person), Client()
    thief.cookies.update(client.cookies)
    assert is_in(thief)
    assert client.post("/deconnexion")["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(thief)
    assert "signed_out done" in lines_of("accounts.session.ended")


@pytest.mark.parametrize(
    ("role", "rests", "lasts"),
    [
        (Role.PERSON, timedelta(hours=2), timedelta(hours=12)),
        (Role.ADMINISTRATOR, timedelta(hours=1), timedelta(hours=10)),
    ],
)
def test_a_session_rests_and_lasts_no_longer_than_its_role_may(
    role: str, rests: timedelta, lasts: timedelta
) -> None:
    account = make.account(role)
    if role == Role.ADMINISTRATOR:
        totp_key(account)
    start = timezone.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False):
        idle, busy = signed_in(account), signed_in_later(account)
    with time_machine.travel(start + rests - timedelta(seconds=1), tick=False):
        assert is_in(busy)
    with time_machine.travel(start + rests, tick=False):
        assert not is_in(idle)
    moment = start + rests
    while moment < start + lasts - timedelta(minutes=30):
        with time_machine.travel(moment, tick=False):
            assert is_in(busy), moment - start
        moment += timedelta(minutes=30)
    with time_machine.travel(start + lasts, tick=False):
        assert not is_in(busy)
    ends = lines_of("accounts.session.ended")
    assert "idle done" in ends
    # A person's cookie ends by itself at that very moment.
    assert ("too_old done" in ends) == (role == Role.ADMINISTRATOR)


def signed_in_later(account: Account) -> Client:
    """A second browser; a code of the same moment would be refused."""
    client = Client()
    client.post("/connexion", {"username": account.email, "password": "password"})
    if factors.has_any(account.pk):
        client.post("/connexion/code", {"code": next_code(account)})
    return client


def test_a_session_that_nobody_wrote_down_is_none(person: Account) -> None:
    client = signed_in(person)
    OpenSession.objects.all().delete()
    assert not is_in(client)


def test_a_session_of_another_account_is_none(person: Account) -> None:
    client = signed_in(person)
    other = person_with_account(timezone.now())[1]
    OpenSession.objects.update(account=other)
    assert not is_in(client)


def test_a_closed_account_is_out_at_once(person: Account) -> None:
    client = signed_in(person)
    Account.objects.filter(pk=person.pk).update(is_active=False)
    assert not is_in(client)


def test_what_a_visitor_did_before_does_not_come_along(person: Account) -> None:
    client = Client()
    session = client.session
    session["visitor_person"] = person.person_id
    session["acting_for"] = "someone"
    session.save()
    client.cookies["soutien"] = str(session.session_key)
    client.post("/connexion", {"username": person.email, "password": "password"})
    assert "visitor_person" not in client.session
    assert "acting_for" not in client.session


def test_another_password_signs_the_others_out_and_not_this_one(person: Account) -> None:
    desk, phone = signed_in(person), signed_in(person, SAFARI)
    before = desk.session.session_key
    assert desk.post("/securite/mot-de-passe", {"password": PASSWORD}).status_code == 302
    assert desk.session.session_key != before
    assert is_in(desk)
    assert not is_in(phone)
    assert "done" in lines_of("accounts.password.changed")[0]


def test_what_is_confirmed_once_needs_no_cookie_of_its_own(person: Account) -> None:
    client = signed_in(person)
    client.post("/securite/mot-de-passe", {"password": PASSWORD})
    assert set(client.cookies) == {"soutien", "soutien-form", "soutien-known"}
    assert "Votre mot de passe est changé" in client.get("/securite").content.decode()
    assert "Votre mot de passe est changé" not in client.get("/securite").content.decode()


def test_a_page_that_is_seen_again_soon_writes_nothing(person: Account) -> None:
    start = timezone.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False):
        client = signed_in(person)
    for seconds, seen in ((30, 0), (60, 60), (90, 60), (119, 60), (120, 120)):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            assert is_in(client)
        assert OpenSession.objects.get().last_seen_at == start + timedelta(seconds=seen)


def test_what_was_over_long_ago_is_removed_and_nothing_else(person: Account) -> None:
    signed_in(person)
    now = timezone.now()
    assert forget_old_sign_ins(at=now + KEPT_AFTER) == 0
    assert forget_old_sign_ins(at=now + KEPT_AFTER + timedelta(hours=13)) == 1
    assert not OpenSession.objects.exists()


def test_a_page_left_open_is_told_how_long_its_session_holds(person: Account) -> None:
    desk, start = signed_in(person), timezone.now()
    asked = "/session"
    page = desk.get("/mon-annee").content.decode()
    assert 'data-asks="/session"' in page and 'id="session-over"' in page
    assert "session_end.js" not in Client().get("/").content.decode()
    assert Client().get(asked).json() == {"left": 0}
    assert desk.get(asked).json()["left"] > 119 * 60
    assert desk.get(asked)["Cache-Control"] == Client().get(asked)["Cache-Control"]
    assert "no-store" in desk.get(asked)["Cache-Control"]
    with time_machine.travel(start + timedelta(minutes=100)):
        assert 19 * 60 < desk.get(asked).json()["left"] <= 20 * 60


def test_a_page_that_asks_by_itself_keeps_no_session_open(person: Account) -> None:
    desk, start = signed_in(person), timezone.now()
    for minutes in (50, 100, 119):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert desk.get("/session").json()["left"] > 0
    with time_machine.travel(start + timedelta(minutes=121)):
        assert desk.get("/session").json() == {"left": 0}
        assert not is_in(desk)


def test_who_still_has_to_protect_the_account_is_told_too() -> None:
    half = Client()
    account = make.account(Role.PSYCHOLOGIST)
    half.post("/connexion", {"username": account.email, "password": "password"})
    assert half.get("/session").json()["left"] > 0
