"""The demo's own providers, from the sign-in page to the person's own."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from tests import factories as make

from soutien.doors.identity_providers import pretend_providers
from soutien.doors.web.identity.views import QUESTIONS_FROM
from soutien.doors.web.limits import spend
from soutien.registers.accounts.models import Account, Role
from soutien.registers.audit.models import Entry
from soutien.registers.identities.models import ExternalIdentity, Held

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
ADDRESS = "http://testserver"
CITIZEN, CARD, DESK = "citoyen-simule", "soignant-simule", "agent-simule"


@pytest.fixture(autouse=True)
def demo(settings: Any) -> None:
    settings.DEMO = True
    settings.ADDRESS = ADDRESS
    settings.IDENTITY_PROVIDERS = pretend_providers(address=ADDRESS, secret="a secret of the demo")


@pytest.fixture
def camille() -> Account:
    who = make.person(at=AT, with_nir=True, family_name="Exemple")
    return Account.objects.create_user(
        "camille@example.org", "secret", role=Role.PERSON, person=who, display_name="Camille"
    )


def signed_in(client: Client, account: Account) -> None:
    """With the password, as anybody would."""
    client.post("/connexion", {"username": account.email, "password": "secret"})
    assert int(client.session["_auth_user_id"]) == account.pk


def chosen(client: Client, name: str, key: str, start: str = "") -> Any:
    """What the browser is led to after choosing an identity; it has followed nothing yet."""
    sent = client.get(start or f"/identite/{name}")
    assert sent.status_code == 302, sent.content[:500]
    asked = {
        field: values[0] for field, values in parse_qs(urlsplit(sent["Location"]).query).items()
    }
    page = client.get(sent["Location"])
    assert page.status_code == 200
    back = client.post(urlsplit(sent["Location"]).path, asked | {"identity": key})
    assert back.status_code == 302
    return client.get(back["Location"])


def test_a_person_signs_in_and_is_linked(client: Client, camille: Account) -> None:
    page = chosen(client, CITIZEN, camille.person.public_id.hex)
    assert (page.status_code, page["Location"]) == (302, "/mon-annee")
    assert int(client.session["_auth_user_id"]) == camille.pk
    assert ExternalIdentity.objects.get().account_id == camille.pk
    assert "second_factor_at" not in client.session
    # Nothing of the sign-in is left behind, and the token is not readable in the session.
    assert not Held.objects.exists()
    assert not re.search(r"eyJ[\w-]+\.eyJ", str(dict(client.session)))


def test_signing_out_ends_the_session_there_too(client: Client, camille: Account) -> None:
    chosen(client, CITIZEN, camille.person.public_id.hex)
    page = client.post("/deconnexion")
    assert "_auth_user_id" not in client.session
    address = page["Refresh"].removeprefix("0; url=")
    assert urlsplit(address).path == f"/dev/fournisseur/{CITIZEN}/logout"
    back = client.get(address)
    assert back.status_code == 302
    assert back["Location"].startswith(f"{ADDRESS}/identite/{CITIZEN}/au-revoir?state=")
    assert client.get(back["Location"])["Location"] == "/"
    # Said once: the token is gone.
    assert "Refresh" not in client.post("/deconnexion")


def test_somebody_new_chooses_to_open_an_account(client: Client, camille: Account) -> None:
    page = chosen(client, CITIZEN, "stranger")
    assert page.status_code == 200
    assert "Dominique NOUVEAU" in page.content.decode()
    assert "_auth_user_id" not in client.session
    opened = client.post("/compte/avec-identite")
    assert (opened.status_code, opened["Location"]) == (302, "/mon-annee")
    account = Account.objects.get(pk=client.session["_auth_user_id"])
    assert account.display_name == "Dominique NOUVEAU"
    assert "Refresh" in client.post("/deconnexion")
    again = client.post("/compte/avec-identite")
    assert again.status_code == 409


def test_a_psychologist_signs_in_with_two_factors_done(client: Client) -> None:
    partner = make.psychologist(under_agreement_from=date(2022, 4, 5))
    Account.objects.create_user(
        "psy@example.org", "secret", role=Role.PSYCHOLOGIST, psychologist=partner
    )
    page = chosen(client, CARD, partner.public_id.hex)
    assert (page.status_code, page["Location"]) == (302, "/cabinet")
    assert "second_factor_at" in client.session


@pytest.mark.parametrize(("key", "words"), [("doctor", "psychologue"), ("outside", "RPPS")])
def test_other_cards_are_refused_gently(client: Client, key: str, words: str) -> None:
    page = chosen(client, CARD, key)
    assert page.status_code == 409
    assert words in page.content.decode()
    assert "_auth_user_id" not in client.session
    assert Entry.objects.filter(event="identities.answer.refused").count() == 1


def agent() -> Account:
    return Account.objects.create_user(
        "agent@example.org",
        "secret",
        role=Role.FUND_AGENT,
        fund_code="019990069",
        display_name="CPAM d'exemple",
    )


def test_an_agent_signs_in(client: Client) -> None:
    made = agent()
    page = chosen(client, DESK, made.public_id.hex)
    assert page.status_code == 302
    assert int(client.session["_auth_user_id"]) == made.pk
    assert "second_factor_at" in client.session


@pytest.mark.parametrize("key", ["nobody", "one-factor"])
def test_agents_without_access_or_second_factor_are_refused(client: Client, key: str) -> None:
    agent()
    assert chosen(client, DESK, key).status_code == 409
    assert "_auth_user_id" not in client.session
    assert Account.objects.count() == 1


def test_whoever_does_not_go_on_is_told_it_is_fine(client: Client) -> None:
    page = chosen(client, CITIZEN, "")
    assert page.status_code == 409
    assert "pas grave" in page.content.decode()


def test_linking_asks_before_it_links(client: Client) -> None:
    who = make.person(at=AT, family_name="Nouveau", birth_date="1988-02-09")
    account = Account.objects.create_user(
        "dominique@example.org", "secret", role=Role.PERSON, person=who
    )
    signed_in(client, account)
    assert client.get("/securite/identites").status_code == 200
    page = chosen(client, CITIZEN, "stranger", start=f"/securite/identites/{CITIZEN}")
    assert page["Location"] == "/securite/identites/relier"
    assert not ExternalIdentity.objects.exists()
    assert "Dominique NOUVEAU" in client.get(page["Location"]).content.decode()
    assert client.post(page["Location"]).status_code == 302
    linked = ExternalIdentity.objects.get()
    assert linked.account_id == account.pk
    assert client.post(f"/securite/identites/{linked.public_id}/retirer").status_code == 302
    assert not ExternalIdentity.objects.exists()


def test_a_link_asked_in_one_account_is_not_made_in_another(client: Client) -> None:
    first, second = (
        Account.objects.create_user(
            f"{name}@example.org",
            "secret",
            role=Role.PERSON,
            person=make.person(at=AT, birth_date="1988-02-09"),
        )
        for name in ("one", "two")
    )
    signed_in(client, first)
    sent = client.get(f"/securite/identites/{CITIZEN}")
    asked = {
        field: values[0] for field, values in parse_qs(urlsplit(sent["Location"]).query).items()
    }
    back = client.post(urlsplit(sent["Location"]).path, asked | {"identity": "stranger"})
    # Somebody else signs in with this browser meanwhile.
    client.post("/deconnexion")
    signed_in(client, second)
    assert client.get(back["Location"]).status_code == 409
    assert client.post("/securite/identites/relier").status_code == 409
    assert not ExternalIdentity.objects.exists()


def test_the_answer_comes_back_to_the_address_of_the_site(client: Client) -> None:
    other = client.get(f"/identite/{CITIZEN}?next=/mon-annee", headers={"host": "127.0.0.1"})
    assert other["Location"] == f"{ADDRESS}/identite/{CITIZEN}?next=%2Fmon-annee&ici=1"
    # Behind a proxy that hides the host people see, it does not go round for ever.
    again = client.get(f"/identite/{CITIZEN}?ici=1", headers={"host": "127.0.0.1"})
    assert urlsplit(again["Location"]).path == f"/dev/fournisseur/{CITIZEN}/authorize"


def test_the_page_asked_for_comes_after_and_never_somebody_elses(
    client: Client, camille: Account
) -> None:
    key = camille.person.public_id.hex
    page = chosen(client, CITIZEN, key, start=f"/identite/{CITIZEN}?next=/securite/identites")
    assert page["Location"] == "/securite/identites"
    client.logout()
    page = chosen(
        client, CITIZEN, key, start=f"/identite/{CITIZEN}?next=https://evil.example.org/"
    )
    assert page["Location"] == "/mon-annee"


def test_english_goes_along(client: Client) -> None:
    page = chosen(client, CITIZEN, "stranger", start=f"/en/identite/{CITIZEN}")
    assert "first time here" in page.content.decode()


def test_outside_the_demo_nothing_of_it_exists(client: Client, settings: Any) -> None:
    settings.DEMO = False
    base = f"/dev/fournisseur/{CITIZEN}"
    for path in ("authorize", "logout", "jwks", "token", "userinfo"):
        assert client.get(f"{base}/{path}").status_code == 404
    assert client.get(f"{base}/.well-known/openid-configuration").status_code == 404
    settings.IDENTITY_PROVIDERS = {}
    assert client.get(f"/identite/{CITIZEN}").status_code == 404
    assert "que vous avez déjà" not in client.get("/connexion").content.decode()


def test_the_demo_says_on_the_sign_in_page_that_nothing_is_real(client: Client) -> None:
    text = client.get("/connexion").content.decode()
    assert f"/identite/{CITIZEN}" in text
    assert "simulés" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://evil.example.org/"},
        {"client_id": "another"},
        {"response_type": "token"},
        {"code_challenge_method": "plain"},
        {"nonce": "short"},
        {"scope": "email"},
    ],
)
def test_the_pretended_provider_is_as_strict_as_a_real_one(
    client: Client, wrong: dict[str, str]
) -> None:
    sent = client.get(f"/identite/{CITIZEN}")
    path = urlsplit(sent["Location"]).path
    asked = {
        field: values[0] for field, values in parse_qs(urlsplit(sent["Location"]).query).items()
    }
    assert client.get(path, asked).status_code == 200
    assert client.get(path, asked | wrong).status_code == 400


def test_linking_and_unlinking_ask_for_the_proof_again_after_a_while(
    client: Client, camille: Account, settings: Any
) -> None:
    chosen(client, CITIZEN, camille.person.public_id.hex)
    linked = ExternalIdentity.objects.get()
    settings.PROOF_LASTS = timedelta(0)
    page = client.post(f"/securite/identites/{linked.public_id}/retirer")
    assert page["Location"].startswith("/securite/confirmer")
    assert client.get(f"/securite/identites/{CITIZEN}")["Location"].startswith(
        "/securite/confirmer"
    )
    assert ExternalIdentity.objects.exists()


def test_one_place_does_not_ask_without_end(client: Client) -> None:
    with time_machine.travel(AT, tick=False):
        for _each in range(QUESTIONS_FROM.most - 1):
            spend(QUESTIONS_FROM, "127.0.0.1", at=AT)
        assert client.get(f"/identite/{CITIZEN}").status_code == 302
        assert client.get(f"/identite/{CITIZEN}").status_code == 429


@pytest.mark.parametrize(
    ("said", "goes_on"),
    [
        ("cross-site", False),
        ("same-site", False),
        ("same-origin", True),
        ("none", True),
        ("", True),
    ],
)
def test_a_page_of_another_site_begins_no_sign_in(
    client: Client, said: str, goes_on: bool
) -> None:
    asked = client.get(f"/identite/{CITIZEN}", headers={"sec-fetch-site": said} if said else {})
    assert (asked["Location"] == "/connexion") is not goes_on
    assert Held.objects.exists() is goes_on
