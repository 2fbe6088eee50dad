"""« Mes données » in a real browser: read, answered, corrected, by anybody and on any screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests.doors.web.person.practice import person_with_account
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Account
from soutien.registers.corrections import queries as corrections

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATHS = {
    "my-data": "/mes-donnees",
    "my-consents": "/mes-donnees/accords",
    "my-contact": "/mes-donnees/coordonnees",
    "my-identity": "/mes-donnees/identite",
    "my-correction": "/mes-donnees/identite/demande",
    "my-erasure": "/mes-donnees/effacer",
}


@pytest.fixture
def now() -> Iterator[datetime]:
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    with time_machine.travel(friday):
        yield friday


@pytest.fixture
def ada(now: datetime) -> Account:
    who, account = person_with_account(now)
    corrections.keep(who.pk, {"phone": "0639981234"}, by="person", at=now)
    return account


def test_one_says_no_then_yes_and_reads_what_one_said(ada: Account, any_page: Page) -> None:
    page = any_page
    sign_in(page, ada)
    page.goto("/mon-annee")
    page.get_by_role("link", name="Mes données", exact=True).click()
    page.get_by_role("link", name="Mes accords").click()
    title = "Être contacté pour une recherche"
    page.get_by_role("button", name=f"Oui {title}").click()
    assert "C’est noté." in page.locator("main").inner_text()
    page.get_by_role("button", name=f"Non {title}").click()
    card = page.locator(".card", has_text=title)
    assert "Vous avez dit non." in card.inner_text()
    card.locator("summary").click()
    assert card.locator("li").count() == 2


def test_a_contact_is_changed(ada: Account, any_page: Page) -> None:
    page = any_page
    sign_in(page, ada)
    page.goto("/mes-donnees/coordonnees")
    page.fill("[name=email]", "apres@example.org")
    page.get_by_role("button", name="Garder ces coordonnées").click()
    page.wait_for_url("**/mes-donnees")
    assert "apres@example.org" in page.locator("main").inner_text()


def test_everything_is_taken_away(ada: Account, browser_page: Page) -> None:
    page = browser_page
    sign_in(page, ada)
    page.goto("/mes-donnees")
    for label, ending in (("(PDF)", "pdf"), ("(JSON)", "json"), ("(zip)", "zip")):
        with page.expect_download() as found:
            page.get_by_role("link", name=label).click()
        assert found.value.suggested_filename == f"mes-donnees.{ending}"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_anybody_can_read_them(
    ada: Account,
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], None],
    width: int,
    dark: bool,
) -> None:
    page = open_page(width=width, dark=dark)
    sign_in(page, ada)
    for name, path in PATHS.items():
        page.goto(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if width == 390 and not dark and name in {"my-data", "my-consents"}:
            screenshot(page, name)
    page.goto("/en/mes-donnees/accords")
    assert "Nothing is ticked beforehand." in page.locator("main").inner_text()
