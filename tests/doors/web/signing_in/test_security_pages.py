"""« Ma sécurité »: what changes the protection asks for the proof again, and tells its owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.web.person.practice import person_with_account
from tests.doors.web.signing_in.device import Device
from tests.doors.web.signing_in.mailbox import lines_of, mails
from tests.signing_in import next_code, totp_key

from soutien.registers.accounts import factors
from soutien.registers.accounts.models import Account, Role, TotpKey
from soutien.steps import codes

pytestmark = pytest.mark.django_db
SENSITIVE = (
    "/securite/mot-de-passe",
    "/securite/adresse",
    "/securite/application",
    "/securite/cles",
    "/securite/codes",
)


@pytest.fixture
def person() -> Account:
    return person_with_account(timezone.now())[1]


def browser_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.mark.parametrize("path", SENSITIVE)
def test_a_while_later_the_proof_is_asked_again(person: Account, path: str) -> None:
    client = browser_of(person)
    later = timezone.now() + timedelta(minutes=11)
    with time_machine.travel(later):
        assert (
            client.get(path)["Location"] == f"/securite/confirmer?next={path.replace('/', '%2F')}"
        )
        assert client.post(path, {"remove": "1"})["Location"].startswith("/securite/confirmer")
        wrong = client.post("/securite/confirmer", {"password": "wrong", "next": path})
        assert wrong.status_code == 422
        right = client.post("/securite/confirmer", {"password": "password", "next": path})
        assert right["Location"] == path


def test_a_password_is_not_enough_where_there_is_a_second_factor(person: Account) -> None:
    totp_key(person)
    client = browser_of(person)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        client.post("/securite/confirmer", {"password": "password"})
        assert client.get("/securite/codes").status_code == 302
        client.post("/securite/confirmer", {"code": next_code(person)})
        assert client.get("/securite/codes").status_code == 200


@pytest.mark.parametrize("path", ("/securite", *SENSITIVE, "/securite/confirmer"))
def test_nobody_signed_in_is_sent_to_sign_in(path: str) -> None:
    answer = Client().get(path)
    assert answer["Location"].startswith("/connexion?next=")


@pytest.mark.parametrize("path", ("/securite", *SENSITIVE[:2]))
def test_no_page_of_it_is_kept_by_a_browser(person: Account, path: str) -> None:
    assert "no-store" in browser_of(person).get(path)["Cache-Control"]


def test_an_application_is_added_by_its_first_code_and_told_by_mail(person: Account) -> None:
    client = browser_of(person)
    page = client.get("/securite/application")
    secret = page.context["key"].replace(" ", "")
    # The square and the text are the same key, and a second look shows the same.
    assert "<svg" in page.content.decode()
    assert client.get("/securite/application").context["key"] == page.context["key"]
    wrong = client.post("/securite/application", {"code": "000000"})
    assert wrong.status_code == 422
    assert factors.totp_key(person.pk) is None
    before = client.session.session_key
    code = codes.code_of(secret, codes.counter_at(timezone.now()))
    assert client.post("/securite/application", {"code": code})["Location"] == "/securite/codes"
    assert client.session.session_key != before
    key = factors.totp_key(person.pk)
    assert key is not None
    # The code that confirmed it is used up.
    assert not factors.take_counter(key.pk, codes.counter_at(timezone.now()), at=timezone.now())
    [mail] = mails()
    assert "protection a été ajoutée" in mail.body
    assert secret not in mail.body
    assert sorted(lines_of("accounts.factor.added")) == ["code_wrong refused", "totp done"]


def test_a_second_application_does_not_replace_the_first_by_itself(person: Account) -> None:
    key = totp_key(person)
    client = browser_of(person)
    assert client.get("/securite/application")["Location"] == "/securite"
    assert client.post("/securite/application", {"code": "123456"})["Location"] == "/securite"
    assert TotpKey.objects.get().pk == key.pk


def test_a_person_may_remove_the_application_and_its_codes_on_paper_go(person: Account) -> None:
    totp_key(person)
    client = browser_of(person)
    client.post("/securite/codes")
    assert factors.codes_left(person.pk)
    assert client.post("/securite/application", {"remove": "1"})["Location"] == "/securite"
    assert factors.totp_key(person.pk) is None
    assert not factors.codes_left(person.pk)
    assert lines_of("accounts.factor.removed") == ["totp done"]


def test_who_sees_others_keeps_one_and_may_change_it() -> None:
    account, device = make.account(Role.ADMINISTRATOR), Device()
    totp_key(account)
    client = browser_of(account)
    page = client.post("/securite/application", {"remove": "1"}, follow=True)
    assert "garde une double protection" in page.content.decode()
    assert factors.totp_key(account.pk) is not None
    options = client.get("/securite/cles", secure=True).context["options"]
    client.post("/securite/cles", {"name": "Clé", "answer": device.make(options)}, secure=True)
    client.post("/securite/application", {"remove": "1"})
    assert factors.totp_key(account.pk) is None
    passkey = factors.passkeys(account.pk).get()
    client.post(f"/securite/cles/{passkey.public_id}", {"remove": "1"})
    assert factors.passkeys(account.pk).count() == 1


def test_the_passkeys_of_others_are_not_there(person: Account) -> None:
    client, device = browser_of(person), Device()
    options = client.get("/securite/cles", secure=True).context["options"]
    client.post("/securite/cles", {"name": "Clé", "answer": device.make(options)}, secure=True)
    path = f"/securite/cles/{factors.passkeys(person.pk).get().public_id}"
    stranger = browser_of(person_with_account(timezone.now())[1])
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {"remove": "1"}).status_code == 404
    assert stranger.post(path, {"name": "À moi"}).status_code == 404
    assert client.post(path, {"name": ""}).status_code == 422
    assert client.post(path, {"name": "  Clé  du bureau "}).status_code == 302
    assert factors.passkeys(person.pk).get().name == "Clé du bureau"


def test_codes_on_paper_are_shown_once_and_downloaded_from_there_only(person: Account) -> None:
    totp_key(person)
    client = browser_of(person)
    page = client.post("/securite/codes")
    shown = list(page.context["codes"])
    assert "codes" not in (client.get("/securite/codes").context or {})
    file = client.post("/securite/codes.txt", {"codes": " ".join(shown)})
    assert file["Content-Disposition"].startswith("attachment")
    assert all(code in file.content.decode() for code in shown)
    echo = client.post("/securite/codes.txt", {"codes": f"{shown[0]} <script>alert(1)</script>"})
    assert "script" not in echo.content.decode()
    assert client.post("/securite/codes.txt", {"codes": "aaaa-bbbb-cccc"}).status_code == 404


def test_codes_on_paper_come_after_a_second_factor(person: Account) -> None:
    client = browser_of(person)
    assert client.get("/securite/codes")["Location"] == "/securite/protection"
    assert client.post("/securite/codes")["Location"] == "/securite/protection"
    assert not factors.codes_left(person.pk)


def test_who_enters_without_a_password_may_choose_one(person: Account) -> None:
    person.set_unusable_password()
    person.save()
    client = browser_of(person)
    page = client.get("/securite").content.decode()
    assert "Choisir un mot de passe" in page
    form = {"password": "quatre mots bien courts"}
    assert client.post("/securite/mot-de-passe", form).status_code == 302
    assert client.get("/securite").status_code == 200


def test_the_pages_speak_english(person: Account) -> None:
    client = browser_of(person)
    page = client.get("/en/securite").content.decode()
    assert "My security" in page
    assert "sécurité" not in page.replace('href="/securite', "")
