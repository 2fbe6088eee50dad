"""A town's portal in a real browser: an editor writes and schedules, a visitor searches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests import factories as make
from tests.signing_in import sign_in

from soutien.doors.cli.demo_data.portal import store_portal

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    "/portail",
    "/portail/craponne",
    "/portail/craponne/recherche?q=sommeil&quoi=event&quoi=page",
    "/portail/craponne/recherche?q=je+veux+mourir",
    "/portail/craponne/recherche?q=xyzzy",
    "/portail/craponne/conseil-municipal",
    "/portail/craponne/mon-soutien-psy-a-craponne",
    "/en/portail/craponne/sleeping-better",
    "/bloc?lieu=Craponne",
)


@pytest.fixture(autouse=True)
def portal(transactional_db: None) -> None:
    store_portal(datetime.now(UTC))


def test_axe_finds_nothing_on_any_page_of_a_portal(
    open_page: Callable[..., Page], assert_accessible: Callable[[Page], None]
) -> None:
    for width, dark in ((320, False), (1280, True)):
        page = open_page(width=width, dark=dark)
        for path in PAGES:
            page.goto(path)
            assert_accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_visitor_searches_with_each_choice(open_page: Callable[..., Page]) -> None:
    page = open_page(width=1280)
    page.goto("/portail/craponne")
    page.get_by_label("Que cherchez-vous ?").fill("someil")
    page.keyboard.press("Enter")
    page.get_by_text("Voici ce que nous trouvons pour sommeil").wait_for()
    page.get_by_text("Préciser la recherche").click()
    page.get_by_label("Agenda").check()
    page.wait_for_url("**quoi=event**")
    page.get_by_role("heading", name="1 résultat").wait_for()
    page.get_by_role("link", name="Atelier sommeil et relaxation").click()
    page.get_by_role("heading", name="Atelier sommeil et relaxation").wait_for()


def test_an_editor_writes_previews_schedules_and_corrects(
    open_page: Callable[..., Page], assert_accessible: Callable[[Page], None]
) -> None:
    editor = make.account("town_editor", town_code="69069")
    page = open_page(width=1280)
    sign_in(page, editor)
    page.goto("/redaction")
    assert_accessible(page)
    page.get_by_role("link", name="Actualité", exact=True).click()
    page.get_by_label("Titre").fill("La fête de la lumière")
    page.get_by_label("Texte").press_sequentially("Un **lumignon** par fenêtre.")
    # Beside the text, while it is written.
    page.locator("#apercu strong", has_text="lumignon").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Le brouillon est enregistré.").wait_for()
    page.get_by_label("Publier le").fill("2090-12-08T18:00")
    page.get_by_role("button", name="Publier la dernière version").click()
    page.get_by_text("La page sera en ligne au moment choisi.").wait_for()
    page.get_by_label("Texte").fill("Deux lumignons par fenêtre.")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("C’est enregistré.").wait_for()
    page.get_by_role("link", name="2 versions").click()
    page.locator("ins", has_text="Deux lumignons").wait_for()
    assert_accessible(page)
