"""A person gives a program a key, on a phone and on a desk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone
from tests import factories as make

from soutien.registers.accounts.models import Role

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = 390
PICTURES = os.environ.get("SOUTIEN_PICTURES", "")


@pytest.mark.parametrize(("width", "dark"), [(PHONE, False), (1280, False), (320, True)])
def test_a_key_is_made_copied_and_removed(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    width: int,
    dark: bool,
) -> None:
    account = make.account(Role.PERSON, person=make.person(at=timezone.now()))
    browser = Client()
    browser.force_login(account)
    page = open_page(width=width, dark=dark, script=width != PHONE)
    page.goto("/aide")
    page.context.add_cookies(
        [
            {"name": name, "value": kept.value, "url": page.url}
            for name, kept in browser.cookies.items()
        ]
    )
    page.goto("/securite")
    page.get_by_role("link", name="Gérer les clés pour programmes").click()
    page.get_by_label("Nom du programme").fill("Mon agenda")
    page.get_by_label("lire mon année").check()
    page.get_by_label("prendre, déplacer").check()
    page.get_by_role("button", name="Créer cette clé").click()
    shown = page.locator("code").inner_text()
    assert re.fullmatch(r"soutien_[\w-]{40,}", shown.replace("\n", ""))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if width != PHONE:
        # What checks it is a script itself.
        assert_accessible(page)
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"api-keys-{width}.png", full_page=True)
    page.get_by_role("button", name="Retirer cette clé").click()
    page.get_by_text("n’ouvre plus rien").wait_for()
    page.get_by_text("Aucune : personne").wait_for()
