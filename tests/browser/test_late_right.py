"""A CSS right that came late: an agent takes it, and the past is decided again."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import practice
from tests.signing_in import sign_in

from soutien.doors import rights_service
from soutien.registers.accounts.models import Role
from soutien.steps.entitled import Right
from soutien.steps.verified import Said

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SOUTIEN_PICTURES", "")


class Knows:
    """A service that knows the CSS of everybody since January, and their scheme."""

    def ask(self, *, nir: str, birth_date: date, on: date) -> Said:
        scheme = Right("scheme", date(2022, 1, 1), regime="general", fund_code=make.FUND)
        css = Right("exemption", date(on.year, 1, 1), date(on.year, 12, 31), kind="css")
        return Said(bool(nir and birth_date), (scheme, css))


def looked_at(page: Page, name: str) -> None:
    """Fits its screen, passes axe, and leaves a picture where SOUTIEN_PICTURES says."""
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    ), name
    found = Axe().run(page)
    assert not found.response["violations"], (name, found.generate_report())
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_a_css_that_came_late_is_taken_and_the_person_reads_the_difference(
    open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights_service, "service", lambda: Knows())
    here = practice(timezone.now().replace(microsecond=0))
    who = here.patient()
    claim = here.claim(here.sheet(who))
    page = open_page(width=1280)
    sign_in(page, here.agent)
    page.goto(f"/caisse/droits/{who.public_id}")
    page.get_by_role("button", name="Interroger le service des droits").click()
    looked_at(page, "rights-checks")
    page.locator("table a").first.click()
    assert page.get_by_text("Le service dit un droit que nous n’avons pas").count()
    looked_at(page, "rights-check")
    page.get_by_role("button", name="Prendre la réponse").click()
    assert page.get_by_text("1 demande est décidée à nouveau").count()
    assert page.get_by_text("Demandes décidées autrement").count()
    looked_at(page, "rights-check-taken")

    mine = open_page(width=390, dark=True)
    sign_in(mine, make.account(Role.PERSON, person=who))
    mine.goto("/mes-droits")
    assert mine.get_by_text("Complémentaire santé solidaire").count()
    mine.goto(f"/mes-demandes/{claim.public_id}")
    looked_at(mine, "rights-late-person")
    assert mine.get_by_text("Ce qui a changé dans la décision").count()
