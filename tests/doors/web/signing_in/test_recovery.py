"""Lost telephone, lost paper: the pages that bring an account back, slowly and aloud."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from tests import factories as make
from tests.doors.web.person.practice import person_with_account
from tests.doors.web.signing_in.mailbox import mails, path_in
from tests.signing_in import next_code, totp_key

from soutien.registers.accounts import factors
from soutien.registers.accounts.models import Account, OpenSession, Recovery, Role
from soutien.registers.api_keys import queries as api_keys
from soutien.steps.link_times import RECOVERY_WAITS

pytestmark = pytest.mark.django_db
NEW = "quatre mots faciles à dire"
FRIDAY = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(FRIDAY, tick=False) as travelled:
        yield travelled


@pytest.fixture
def lost(clock: time_machine.Coordinates) -> Account:
    account = person_with_account(FRIDAY)[1]
    totp_key(account)
    return account


def begun(client: Client, account: Account) -> str:
    """From the second factor nobody has to the recovery that waits; the path that stops it."""
    client.post("/connexion", {"username": account.email, "password": "password"})
    assert "/connexion/perdu" in client.get("/connexion/code").content.decode()
    answer = client.post("/connexion/perdu", {"email": account.email})
    assert answer["Location"] == "/connexion/lien-envoye"
    [mail] = mails()
    page = client.get(path_in(mail)).content.decode()
    assert "Commencer la récupération" in page and not Recovery.objects.exists()
    assert "27 novembre 2026" in client.post(path_in(mail)).content.decode()
    assert client.get(path_in(mail)).status_code == 404
    told = mails()
    assert {one.to for one in told} >= {account.email}
    return path_in(told[0])


def test_an_account_comes_back_after_seven_days(
    client: Client, lost: Account, clock: time_machine.Coordinates
) -> None:
    begun(client, lost)
    clock.shift(RECOVERY_WAITS["mail"] - timedelta(minutes=1))
    assert mails() == []
    clock.shift(timedelta(minutes=1))
    [mail] = mails()
    path = path_in(mail)
    assert 'name="password"' in client.get(path).content.decode()
    assert client.post(path, {"password": "court"}).status_code == 422
    assert factors.has_any(lost.pk)
    answer = client.post(path, {"password": NEW})
    assert answer.status_code == 302
    assert client.get("/securite").status_code == 200
    assert OpenSession.objects.get(ended_at=None).how == "recovery"
    assert not factors.has_any(lost.pk)
    assert client.get(path).status_code == 404
    assert (
        Client().post("/connexion", {"username": lost.email, "password": NEW}).status_code == 302
    )
    assert any("récupéré" in one.body for one in mails())


def test_the_mail_that_tells_of_it_stops_it(
    client: Client, lost: Account, clock: time_machine.Coordinates
) -> None:
    stop = begun(client, lost)
    other = Client()
    assert "Arrêter la récupération" in other.get(stop).content.decode()
    assert Recovery.objects.get().state == "waiting"
    assert "est arrêtée" in other.post(stop).content.decode()
    assert other.get(stop).status_code == 404
    mails()
    clock.shift(RECOVERY_WAITS["mail"])
    assert mails() == []
    assert factors.has_any(lost.pk)


def test_the_address_that_stops_does_not_finish(client: Client, lost: Account) -> None:
    token = begun(client, lost).rsplit("/", 1)[-1]
    assert client.get(f"/connexion/retrouver/{token}").status_code == 404
    assert client.get(f"/connexion/perdu/{token}").status_code == 404


def test_entering_with_a_code_after_all_stops_it(client: Client, lost: Account) -> None:
    begun(client, lost)
    browser = Client()
    browser.post("/connexion", {"username": lost.email, "password": "password"})
    browser.post("/connexion/code", {"code": next_code(lost)})
    assert Recovery.objects.get().ended_why == "factor_used"


def test_the_page_says_the_same_of_any_address_and_the_mail_what_is(
    client: Client, lost: Account
) -> None:
    answers = {
        client.post("/connexion/perdu", {"email": email})["Location"]
        for email in (lost.email, "nobody@example.org")
    }
    assert answers == {"/connexion/lien-envoye"}
    assert {"pas de compte" in one.body for one in mails()} == {True, False}


@pytest.mark.parametrize(
    ("role", "factor", "told"),
    [
        (Role.FUND_AGENT, True, "un courriel seul ne suffit pas"),
        (Role.PERSON, False, "pas de seconde preuve à perdre"),
    ],
)
def test_what_a_mailbox_does_not_begin_is_told(
    client: Client, clock: time_machine.Coordinates, role: Role, factor: bool, told: str
) -> None:
    tie = (
        {"fund_code": make.FUND} if role == Role.FUND_AGENT else {"person": make.person(at=FRIDAY)}
    )
    account = make.account(role, **tie)
    if factor:
        totp_key(account)
    client.post("/connexion/perdu", {"email": account.email})
    [mail] = mails()
    answer = client.post(path_in(mail))
    assert answer.status_code == 409
    # The apostrophes of refusals are straight, and escaped.
    assert told.split("'")[0] in answer.content.decode()
    assert not Recovery.objects.exists()


def test_a_new_password_offers_to_end_the_keys_of_programs(
    client: Client, clock: time_machine.Coordinates
) -> None:
    account = person_with_account(FRIDAY)[1]
    client.force_login(account)
    page = client.get("/securite/mot-de-passe").content.decode()
    assert "end_keys" not in page
    api_keys.make(
        account_id=account.pk, name="p", scopes=["read"], second_factor=False, at=FRIDAY,
        valid_before=FRIDAY + timedelta(days=9),
    )  # fmt: skip
    assert "end_keys" in client.get("/securite/mot-de-passe").content.decode()
    client.post("/securite/mot-de-passe", {"password": NEW})
    assert len(api_keys.of_account(account.pk, at=FRIDAY)) == 1
    client.post("/securite/mot-de-passe", {"password": f"{NEW} encore", "end_keys": "yes"})
    assert api_keys.of_account(account.pk, at=FRIDAY) == []
