"""The small print and the pages that say what failed, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import NARROW, WIDE

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("/mentions-legales", "/donnees-personnelles", "/accessibilite", "/conditions")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_small_print_is_readable_by_all(
    open_page: Callable[..., Any], assert_accessible: Callable[[Any], None], dark: bool
) -> None:
    for width in (NARROW, WIDE):
        page = open_page(width=width, dark=dark)
        for path in (*PAGES, "/en/conditions"):
            page.goto(path)
            assert_accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            shoot(page, f"{path.strip('/').replace('/', '-')}-{width}", wanted=not dark)


def test_what_failed_is_readable_by_all(
    open_page: Callable[..., Any],
    assert_accessible: Callable[[Any], None],
    page_complaints: list[str],
) -> None:
    for width in (NARROW, WIDE):
        page = open_page(width=width)
        page.goto("/rien")
        assert page.get_by_text("donnez cette référence").is_visible()
        assert_accessible(page)
        shoot(page, f"404-{width}", wanted=True)
    # A page that is not there is an error in the console too.
    assert all("404" in complaint for complaint in page_complaints)
    page_complaints.clear()


def shoot(page: Any, name: str, *, wanted: bool) -> None:
    """A picture to look at, when somebody asks for it."""
    folder = os.environ.get("SOUTIEN_SHOTS", "")
    if folder and wanted:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
