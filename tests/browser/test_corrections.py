"""Somebody asks their fund to correct their name, an agent answers, and both read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from tests import factories as make
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Account, Role
from soutien.registers.people.models import Person

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SINCE = date(2022, 4, 5)


@pytest.fixture
def who() -> Person:
    """Somebody whose name stands on a care sheet, badly."""
    now = timezone.now()
    person = make.person(
        at=now,
        given_name="Adda",
        family_name="Modelle",
        birth_date="1990-05-17",
        email="ada@example.org",
        with_nir=True,
    )
    make.affiliation(person, valid_from=SINCE)
    held_on = (now - timedelta(days=9)).date()
    make.care_sheet(make.care_session(person, make.place(make.psychologist()), held_on=held_on))
    return person


@pytest.fixture
def agent() -> Account:
    return make.account(Role.FUND_AGENT, fund_code=make.FUND)


def ask(page: Page, who: Person) -> None:
    sign_in(page, make.account(Role.PERSON, person=who))
    page.goto("/mes-donnees/identite")
    page.get_by_role("link", name="Demander la correction à ma caisse").click()
    page.fill("[name=given_name]", "Ada")
    page.fill("[name=family_name]", "Modèle")
    page.fill("[name=explanation]", "Comme sur mon acte de naissance.")
    page.get_by_role("button", name="Envoyer à ma caisse").click()
    page.wait_for_url("**/mes-donnees/identite/demande")
    assert "La caisse doit répondre" in page.locator("main").inner_text()


def test_a_name_is_corrected_by_the_fund(who: Person, agent: Account, any_page: Page) -> None:
    page = any_page
    ask(page, who)
    page.context.clear_cookies()
    sign_in(page, agent)
    page.goto("/caisse")
    page.get_by_role("link", name="Corrections").click()
    page.get_by_role("link", name="Adda Modelle").click()
    told = page.locator("main").inner_text()
    assert "Modèle" in told and "acte de naissance" in told
    page.get_by_role("button", name="Accepter").click()
    page.wait_for_url("**/caisse/corrections")
    assert "Aucune demande ici" in page.locator("main").inner_text()
    written = make.reread(who)
    assert (written.given_name, written.family_name) == ("Ada", "Modèle")
    page.get_by_role("link", name="Répondues").click()
    assert "Corrigé" in page.locator("main").inner_text()


def test_a_refusal_needs_its_reason_and_the_person_reads_it(
    who: Person, agent: Account, browser_page: Page, page_complaints: list[str]
) -> None:
    page = browser_page
    ask(page, who)
    account = Account.objects.get(person=who)
    page.context.clear_cookies()
    sign_in(page, agent)
    page.goto("/caisse/corrections")
    page.get_by_role("link", name="Adda Modelle").click()
    page.get_by_role("button", name="Refuser").click()
    assert "Il manque la raison du refus" in page.locator("main").inner_text()
    page.fill("[name=reason]", "Envoyez-nous une copie de l’acte.")
    page.get_by_role("button", name="Refuser").click()
    page.wait_for_url("**/caisse/corrections")
    page_complaints[:] = [line for line in page_complaints if "422" not in line]
    page.context.clear_cookies()
    sign_in(page, account)
    page.goto("/mes-donnees")
    assert "Refusé" in page.locator("main").inner_text()
    page.goto("/mes-donnees/identite/demande")
    assert "Envoyez-nous une copie de l’acte." in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Envoyer à ma caisse").count() == 1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_anybody_can_read_them(
    who: Person,
    agent: Account,
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    width: int,
    dark: bool,
) -> None:
    page = open_page(width=width, dark=dark)
    ask(page, who)

    def right() -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    right()
    page.get_by_role("button", name="Retirer ma demande").click()
    page.wait_for_url("**/mes-donnees/identite/demande")
    page.goto("/mes-donnees/identite/demande")
    assert "Demande retirée" in page.locator("main").inner_text()
    right()
    ask_again(page)
    page.context.clear_cookies()
    sign_in(page, agent)
    page.goto("/caisse/corrections")
    right()
    page.get_by_role("link", name="Adda Modelle").click()
    right()


def ask_again(page: Page) -> None:
    page.fill("[name=given_name]", "Ada")
    page.get_by_role("button", name="Envoyer à ma caisse").click()
    page.wait_for_url("**/mes-donnees/identite/demande")
