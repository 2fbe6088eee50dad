"""An insurer refuses its part with a reason: the person and the psychologist both read it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import practice
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Role
from soutien.registers.people.models import Cover

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SOUTIEN_PICTURES", "")
CODE = "0099900001"
WHY = "La cotisation n’est pas à jour."


def looked_at(page: Page, name: str) -> None:
    """Fits its screen, passes axe, and leaves a picture where SOUTIEN_PICTURES says."""
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    ), name
    found = Axe().run(page)
    assert not found.response["violations"], (name, found.generate_report())
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_an_insurer_that_refuses_says_why_to_the_person_and_the_psychologist(
    open_page: Callable[..., Page],
) -> None:
    here = practice(timezone.now().replace(microsecond=0))
    who = here.patient()
    Cover.objects.filter(person=who).update(insurer_code=CODE)
    sheet = here.sheet(who)
    claim = here.claim(sheet)
    insurer = open_page(width=1280)
    sign_in(insurer, make.account(Role.INSURER_AGENT, insurer_code=CODE))
    insurer.goto("/complementaire")
    looked_at(insurer, "insurer-parts")
    insurer.locator("table a").first.click()
    insurer.get_by_label(WHY).check()
    insurer.get_by_role("button", name="Refuser").click()
    assert insurer.get_by_text("C’est refusé").count()
    looked_at(insurer, "insurer-part")

    mine = open_page(width=390, dark=True)
    sign_in(mine, make.account(Role.PERSON, person=who))
    mine.goto(f"/mes-demandes/{claim.public_id}")
    assert mine.get_by_text("Votre complémentaire a refusé sa part").count()
    assert mine.get_by_text(WHY).count()
    looked_at(mine, "insurer-refused-person")

    practice_page = open_page(width=1280)
    sign_in(practice_page, here.account)
    practice_page.goto(f"/feuilles/{sheet.public_id}")
    assert practice_page.get_by_text("La complémentaire refuse sa part").count()
    assert practice_page.get_by_text(WHY).count()
    looked_at(practice_page, "insurer-refused-psychologist")
