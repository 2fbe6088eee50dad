"""The browser fixtures see what they must: a page that breaks a promise fails its test."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_page_answers_with_script_and_without(any_page: Page) -> None:
    response = any_page.goto("/health")
    assert response
    assert response.status == 200
    assert '"status": "ok"' in any_page.locator("body").inner_text()


def test_no_script_runs_without_script(scriptless_page: Page) -> None:
    scriptless_page.goto(
        "data:text/html,<title>before</title><script>document.title='after'</script>"
    )
    assert scriptless_page.title() == "before"


def test_an_error_in_the_console_is_a_complaint(
    browser_page: Page, page_complaints: list[str]
) -> None:
    browser_page.goto("/health")
    browser_page.evaluate("console.error('broken')")
    browser_page.evaluate("setTimeout(() => { throw new Error('thrown') }, 0)")
    browser_page.wait_for_timeout(100)
    assert [text.split(" (")[0] for text in page_complaints] == [
        "console: broken",
        "script: thrown",
    ]
    page_complaints.clear()


def test_a_request_to_another_host_is_a_complaint(
    browser_page: Page, page_complaints: list[str]
) -> None:
    browser_page.goto("data:text/html,<img src='http://tracker.invalid/pixel.png'>")
    assert "third party: http://tracker.invalid/pixel.png" in page_complaints
    page_complaints.clear()


def test_a_page_that_some_cannot_read_is_refused(
    browser_page: Page, assert_accessible: Callable[[Page], None]
) -> None:
    browser_page.goto("data:text/html,<html lang=fr><title>Page</title><main><h1>Bon</h1></main>")
    assert_accessible(browser_page)
    browser_page.goto("data:text/html,<html><title>Page</title><img src='data:,'><h1>Non</h1>")
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(browser_page)
