"""Acting for a child in a real browser: chosen from a plain list, said on every page."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from tests import factories as make
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Account, Role

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SOUTIEN_PICTURES", "")
SAID = "Vous agissez pour Léa"


@pytest.fixture
def parent() -> Account:
    """A parent of two, with a file of their own."""
    now = timezone.now()
    parent = make.person(at=now, given_name="Nadia", family_name="d’Exemple")
    born = str(now.year - 11)
    for given_name in ("Léa", "Maximilien-Théophraste"):
        child = make.person(
            at=now,
            given_name=given_name,
            family_name="d’Exemple-de-la-Tour-du-Pin",
            birth_date=f"{born}-05-17",
        )
        make.guardianship(parent, child, valid_from=now.date())
    return make.account(Role.PERSON, person=parent, display_name="Nadia d’Exemple")


def looked_at(page: Page, name: str) -> None:
    """Fits its screen, passes axe, and leaves a picture where SOUTIEN_PICTURES says."""
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_parent_chooses_a_child_and_every_page_says_so(
    open_page: Callable[..., Page], parent: Account, width: int
):
    page = open_page(width=width, dark=width == 390)
    sign_in(page, parent)
    page.goto("/agir-pour")
    looked_at(page, f"acting-choice-{width}")
    page.get_by_role("button", name="Léa").click()
    assert page.url.endswith("/mon-annee")
    assert page.get_by_text(SAID).is_visible()
    assert page.get_by_role("heading", level=1).inner_text().startswith("L’année")
    looked_at(page, f"acting-year-{width}")
    for path in ("/", "/trouver?place=Lyon", "/aide", "/en/mon-annee"):
        page.goto(path)
        said = "You act for Léa" if path.startswith("/en") else SAID
        assert page.get_by_text(said).is_visible(), path
    page.goto("/mon-annee")
    page.get_by_role("link", name="Changer").click()
    page.get_by_role("button", name="Pour moi").click()
    assert not page.get_by_text(SAID).count()


def test_it_works_without_script_and_by_keyboard(open_page: Callable[..., Page], parent: Account):
    page = open_page(width=390, script=False)
    sign_in(page, parent)
    page.goto("/mon-annee")
    page.get_by_role("link", name="Agir pour un enfant").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/agir-pour")
    page.get_by_role("button", name="Léa").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/mon-annee")
    assert page.get_by_text(SAID).is_visible()


def test_whoever_has_no_child_reads_how_to_be_tied(open_page: Callable[..., Page]):
    who = make.person(at=timezone.now())
    page = open_page(width=390)
    sign_in(page, make.account(Role.PERSON, person=who))
    page.goto("/agir-pour")
    assert page.get_by_text("Aucun enfant n’est lié à votre compte.").is_visible()
    looked_at(page, "acting-nobody-390")
