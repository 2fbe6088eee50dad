"""Signing in with an identity held elsewhere, in a real browser: person, psychologist, agent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from tests import factories as make

from soutien.doors.identity_providers import pretend_providers
from soutien.registers.accounts.models import Account, Role
from soutien.registers.identities.models import ExternalIdentity

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG_AGO = date(2022, 4, 5)
SMALLEST = 320


@pytest.fixture(autouse=True)
def demo(settings: Any, live_server: Any) -> None:
    settings.DEMO = True
    settings.ADDRESS = live_server.url
    settings.IDENTITY_PROVIDERS = pretend_providers(
        address=live_server.url, secret="a secret of the demo"
    )


@pytest.fixture
def camille() -> Account:
    who = make.person(at=timezone.now(), with_nir=True, family_name="Exemple")
    make.affiliation(who, valid_from=LONG_AGO)
    return Account.objects.create_user(
        "camille@example.org", "secret", role=Role.PERSON, person=who, display_name="Camille"
    )


def become(page: Page, service: str, name: str) -> None:
    """From the sign-in page, by a simulated service, as one of its people."""
    page.goto("/connexion")
    if "FranceConnect" not in service:
        page.get_by_text("Vous êtes psychologue, ou agent").click()
    page.get_by_role("link", name=f"Continuer avec {service}").click()
    card = page.locator("main form", has=page.get_by_role("button", name=name))
    card.get_by_role("button").click()


def test_a_person_sees_their_own_year_and_signs_out_everywhere(
    any_page: Page, camille: Account
) -> None:
    become(any_page, "FranceConnect simulé", "Camille Exemple")
    any_page.wait_for_url("**/mon-annee")
    assert ExternalIdentity.objects.get().account_id == camille.pk
    # Signing out passes by the service, and comes back home by itself.
    any_page.get_by_role("button", name="Se déconnecter").first.click()
    any_page.wait_for_url(lambda url: urlsplit(url).path == "/")
    any_page.goto("/mon-annee")
    assert "/connexion" in any_page.url


def test_a_psychologist_comes_with_their_card(browser_page: Page) -> None:
    partner = make.psychologist(
        under_agreement_from=LONG_AGO, given_name="Dominique", family_name="Modèle"
    )
    make.place(partner)
    Account.objects.create_user(
        "psy@example.org", "secret", role=Role.PSYCHOLOGIST, psychologist=partner
    )
    become(browser_page, "Pro Santé Connect simulé", "Dominique Modèle")
    browser_page.wait_for_url("**/cabinet")


def test_an_agent_comes_with_their_desk(browser_page: Page) -> None:
    Account.objects.create_user(
        "agent@example.org",
        "secret",
        role=Role.FUND_AGENT,
        fund_code="019990069",
        display_name="Caisse d’exemple",
    )
    browser_page.goto("/connexion")
    browser_page.get_by_text("Vous êtes psychologue, ou agent").click()
    browser_page.get_by_role("link", name="Continuer avec ProConnect simulé").click()
    browser_page.get_by_role("button", name="Être cette personne Caisse d’exemple").first.click()
    browser_page.wait_for_url("**/caisse**")


def test_a_doctor_is_told_gently(browser_page: Page, page_complaints: list[str]) -> None:
    become(browser_page, "Pro Santé Connect simulé", "Claude Médecin")
    assert browser_page.get_by_text("n'est pas celle d'un psychologue").count()
    browser_page.get_by_role("link", name="Revenir à la connexion").click()
    assert urlsplit(browser_page.url).path == "/connexion"
    # A refusal is an error in the console.
    assert len(page_complaints) == 1 and "409" in page_complaints[0]
    page_complaints.clear()


@pytest.mark.parametrize("width", [SMALLEST, 390, 1280])
def test_every_page_of_it_can_be_read_by_all(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    page_complaints: list[str],
    screenshot: Callable[[Page, str], None],
    camille: Account,
    width: int,
    tmp_path: Any,
) -> None:
    page = open_page(width=width, dark=width == SMALLEST)

    def looked_at(name: str) -> None:
        assert_accessible(page)
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), name
        screenshot(page, f"identity-{name}-{width}")

    page.goto("/connexion")
    looked_at("sign-in")
    page.get_by_role("link", name="Continuer avec FranceConnect simulé").click()
    looked_at("pretend")
    page.get_by_role("button", name="Être cette personne Dominique Nouveau").click()
    looked_at("not-known")
    become(page, "Pro Santé Connect simulé", "Alix Ailleurs")
    looked_at("refused")
    page_complaints.clear()
    become(page, "FranceConnect simulé", "Camille Exemple")
    page.goto("/securite")
    page.get_by_role("link", name="Mes identités").click()
    looked_at("own")
    page.get_by_role("button", name="Retirer ce lien").click()
    page.get_by_role("link", name="FranceConnect simulé").click()
    page.get_by_role("button", name="Être cette personne Camille Exemple").click()
    looked_at("confirm")
    page.get_by_role("button", name="Relier à mon compte").click()
    assert page.get_by_role("button", name="Retirer ce lien").count() == 1
