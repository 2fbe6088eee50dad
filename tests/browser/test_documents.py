"""« Mes documents » in a real browser: added, downloaded and removed by keyboard; no script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests.doors.web.documents.papers import a_paper, a_pdf
from tests.doors.web.person.practice import person_with_account
from tests.doors.web.psychologist.practice import Practice, practice
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Account

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def now() -> Iterator[datetime]:
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    with time_machine.travel(friday):
        yield friday


@pytest.fixture
def ada(now: datetime) -> Account:
    return person_with_account(now)[1]


def test_a_letter_is_added_downloaded_and_removed_by_keyboard(
    ada: Account, any_page: Page
) -> None:
    page = any_page
    sign_in(page, ada)
    page.goto("/mon-annee")
    page.get_by_role("link", name="Mes documents").click()
    page.get_by_label("Courrier du médecin").focus()
    page.keyboard.press("Space")
    letter = {"name": "ada.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
    page.get_by_label("Le fichier").set_input_files(letter)  # type: ignore[arg-type]
    page.get_by_role("button", name="Ajouter ce document").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Le document est ajouté.").wait_for()
    with page.expect_download() as waited:
        page.get_by_role("link", name="Télécharger").click()
    assert waited.value.suggested_filename == "document.pdf"
    page.locator("main summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Retirer ce document").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Aucun document pour le moment.").wait_for()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_for_everybody(
    ada: Account,
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], None],
    width: int,
) -> None:
    assert ada.person is not None
    a_paper(ada.person)
    page = open_page(width=width, dark=False)
    sign_in(page, ada)
    page.goto("/mes-documents")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    screenshot(page, f"my-documents-{width}")
    page.goto("/en/mes-documents")
    assert "Nobody else." in page.locator("main").inner_text()


@pytest.fixture
def here() -> Iterator[Practice]:
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    with time_machine.travel(friday):
        yield practice(friday)


@pytest.mark.parametrize(("width", "dark"), [(320, False), (390, True), (1280, False)])
def test_the_psychologist_reads_the_papers_of_a_visit(
    here: Practice,
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    width: int,
    dark: bool,
) -> None:
    who = here.patient()
    booked = here.booking(who, begins_in_h=48)
    page = open_page(width=width, dark=dark)
    sign_in(page, here.account)
    page.goto(f"/cabinet/rendez-vous/{booked.public_id}")
    page.get_by_role("link", name="Documents de la personne").click()
    page.get_by_text("La personne n’a ajouté aucun document.").wait_for()
    assert_accessible(page)
    a_paper(who)
    page.reload()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Whose they are stands on the page of the visit, not in this title or address.
    assert who.family_name not in page.title() + page.url
    with page.expect_download() as waited:
        page.get_by_role("link", name="Télécharger").focus()
        page.keyboard.press("Enter")
    assert waited.value.suggested_filename == "document.pdf"
    page.goto(page.url.replace("/cabinet", "/en/cabinet"))
    page.get_by_text("They come from the person").wait_for()
