"""The picture of the README is taken by a test, from a page that passes its checks."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from soutien.doors.cli import demo_data

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# A picture shows the whole made-up country; without one, a corner of it proves the same.
SMALL = demo_data.Scale(psychologists=300, people=20)


def test_a_search_near_a_town_shows_psychologists_and_their_free_hours(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], None],
) -> None:
    pictured = os.environ.get("SOUTIEN_SCREENSHOTS") == "1"
    scale = demo_data.Scale() if pictured else SMALL
    demo_data.load(at=datetime.now(UTC), progress=lambda *_: None, scale=scale)
    page = open_page(width=1280, height=860)
    page.goto("/trouver?place=Craponne")
    assert page.locator("h1").count() == 1
    assert page.locator("main").get_by_text("Craponne").count()
    assert page.locator("main a[href*='/psychologues/']").count()
    assert_accessible(page)
    screenshot(page, "search")
