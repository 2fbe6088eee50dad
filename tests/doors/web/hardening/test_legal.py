"""The small print is whole: who, where, which cookies, how accessible, on which terms."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from tests.proof import town

from soutien.doors.web.public.legal_pages import DECLARED_ON, VERSIONS

FILLED = {
    "address": "1 rue de l’Exemple, 69290 Craponne",
    "contact": "contact@example.org",
    "publisher": "Camille Exemple",
    "host": "Hôte d’exemple, certifié HDS",
    "data_protection": "dpd@example.org",
}
PAGES = {
    "/mentions-legales": ("address", "contact", "publisher", "host"),
    "/donnees-personnelles": ("data_protection",),
    "/accessibilite": ("contact",),
    "/conditions": ("contact",),
}
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", PAGES)
def test_each_page_says_whom_to_turn_to_or_that_it_is_not_said(settings: Any, path: str):
    assert "non renseigné par qui tient ce site" in Client().get(path).content.decode()
    assert "not filled in by whoever" in Client().get(f"/en{path}").content.decode()
    settings.OPERATOR = FILLED
    page = Client().get(path).content.decode()
    assert "non renseigné" not in page
    for name in PAGES[path]:
        assert FILLED[name] in page


def test_the_page_of_cookies_knows_every_cookie_that_there_is(settings: Any):
    """Three are said to be there: booking, a form and signing in set no other."""
    client, found = Client(), set()
    client.get("/connexion")
    found |= set(client.cookies)
    client.force_login(town.account_of(town.insured()))
    found |= set(client.cookies)
    assert found <= {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    page = Client().get("/donnees-personnelles").content.decode()
    said = page[page.index('id="cookies"') :]
    assert said[: said.index("</section>")].count("<li>") == 3


def test_the_terms_have_versions_in_order_and_show_the_last():
    assert [version.number for version in VERSIONS] == list(range(len(VERSIONS), 0, -1))
    assert all(newer.since > older.since for newer, older in pairwise(VERSIONS))
    page = Client().get("/conditions").content.decode()
    assert f"Version {VERSIONS[0].number}, depuis le" in page


def test_the_declaration_of_accessibility_has_its_day_its_method_and_a_contact():
    page = Client().get("/accessibilite").content.decode()
    assert date(2026, 1, 1) < DECLARED_ON
    assert re.search(r"Établie le .*2026", page)
    assert "RGAA 4.1" in page


@pytest.mark.parametrize("path", ["/", "/aide", "/rien"])
def test_every_page_leads_to_the_terms(path: str):
    assert 'href="/conditions"' in Client(raise_request_exception=False).get(path).content.decode()
