"""A page that has nothing wrong says nothing in the console: neither errors nor warnings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    "/",
    "/est-ce-pour-moi",
    "/est-ce-pour-moi/facile#a1",
    "/comprendre",
    "/combien",
    "/trouver?place=craponne",
    "/aide",
    "/la-loi",
    "/la-loi/changements",
    "/connexion",
    "/en/",
)


def test_no_page_warns_in_the_console(open_page: Callable[..., Page]) -> None:
    page = open_page(width=390)
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"warning", "error"}:
            said.append(f"{page.url}: {message.text}")

    page.on("console", note)
    for path in PAGES:
        answer = page.goto(path)
        assert answer is None or answer.ok, path
        page.wait_for_load_state("networkidle")
    assert said == []
