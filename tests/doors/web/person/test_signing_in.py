"""Signing in and out: each role starts on its own page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from tests import factories as make
from tests.doors.web.person.practice import person_with_account
from tests.signing_in import next_code, totp_key

from soutien.doors.cli.demo_data import ACCOUNTS
from soutien.doors.web.signing_in.views import DEMO_PASSWORD
from soutien.registers.accounts.models import Account, Role

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def sign_in(client: Client, account: Account, **more: str) -> str:
    form = {"username": account.email, "password": "password", **more}
    leads_to = str(client.post("/connexion", form)["Location"])
    if leads_to == "/connexion/code":
        return str(client.post(leads_to, {"code": next_code(account)})["Location"])
    return leads_to


@pytest.mark.parametrize(
    ("role", "start"),
    [("psychologist", "/cabinet"), ("fund_agent", "/caisse"), ("administrator", "/")],
)
def test_each_role_starts_on_its_own_page(client: Client, role: str, start: str) -> None:
    account = make.account(role)
    totp_key(account)
    assert sign_in(client, account) == start


def test_a_person_starts_on_their_year(client: Client) -> None:
    _who, account = person_with_account(NOW)
    assert sign_in(client, account) == "/mon-annee"
    assert client.get("/connexion")["Location"] == "/mon-annee"


def test_the_page_asked_for_comes_back(client: Client) -> None:
    _who, account = person_with_account(NOW)
    assert sign_in(client, account, next="/mon-annee?annee=2025") == "/mon-annee?annee=2025"


def test_nobody_is_sent_to_another_site(client: Client) -> None:
    _who, account = person_with_account(NOW)
    assert sign_in(client, account, next="https://example.org/") == "/mon-annee"


def test_capitals_of_the_address_do_not_matter(client: Client) -> None:
    account = make.account(Role.ADMINISTRATOR)
    form = {"username": account.email.upper(), "password": "password"}
    assert client.post("/connexion", form).status_code == 302


def test_a_wrong_password_and_an_unknown_address_read_the_same(client: Client) -> None:
    account = make.account(Role.ADMINISTRATOR)
    pages = [
        client.post("/connexion", {"username": email, "password": "wrong"}).content.decode()
        for email in (account.email, "nobody@example.org")
    ]
    assert all("ne vont pas ensemble" in page for page in pages)


def test_what_is_missing_is_said(client: Client) -> None:
    page = client.post("/connexion", {"username": "", "password": ""}).content.decode()
    assert "Il manque votre adresse de courriel." in page
    assert "Il manque votre mot de passe." in page


def test_signing_out_is_a_post(client: Client) -> None:
    client.force_login(make.account(Role.ADMINISTRATOR))
    assert client.get("/deconnexion").status_code == 405
    assert client.post("/deconnexion")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_demo_accounts_are_shown_in_the_demo_only(client: Client, settings: Any) -> None:
    account = make.account(Role.PSYCHOLOGIST, display_name="Ada Modèle")
    assert account.email not in client.get("/connexion").content.decode()
    settings.DEMO = True
    page = client.get("/connexion").content.decode()
    assert account.email in page
    assert "Ada Modèle" in page


def test_the_demo_s_password_is_the_one_its_command_prints() -> None:
    assert {account.password for account in ACCOUNTS} == {DEMO_PASSWORD}
