"""What all tests share: the engines they need, and a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils import translation
from tests.append_only import emptying_sets_append_only_aside  # noqa: F401
from tests.migrated_once import (  # noqa: F401
    django_db_keepdb,
    django_db_setup,
    tables_brought,
    tables_kept,
)
from tests.signing_in import forced_sign_ins_are_written_down  # noqa: F401

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request

NAMES_OF_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
MEND_CHROMIUM = "sudo apt-get install -y chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW, WIDE = 390, 1280
HEIGHT = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of PostgreSQL run on PostgreSQL: ``python -m tests.postgres pytest …``."""
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    skip = pytest.mark.skip(reason="runs on PostgreSQL: python -m tests.postgres pytest …")
    for item in items:
        if item.get_closest_marker("postgres_only") or item.get_closest_marker("race"):
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def french_first() -> Iterator[None]:
    """Each test begins in French: a page in English, asked for by another, leaves its language."""
    translation.activate(settings.LANGUAGE_CODE)
    yield


def chromium_path() -> str:
    """Debian's Chromium, or what SOUTIEN_CHROMIUM names. Nothing is ever downloaded."""
    named = os.environ.get("SOUTIEN_CHROMIUM", "")
    path = named or next(filter(None, map(shutil.which, NAMES_OF_CHROMIUM)), "")
    if not path or not Path(path).exists():
        pytest.fail(f"No Chromium for the browser tests: {MEND_CHROMIUM}", pytrace=False)
    return path


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """Playwright itself; its loop makes Django believe that the tests are asynchronous."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    os.environ["PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"] = "1"
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def clicks_end_on_a_whole_page() -> Iterator[None]:
    """A click returns when the next page begins to come: here, when all of it is there.

    Whatever is asked of a page at once (its width, whether something is visible) would else be
    asked, now and then, of a document without a body.
    """
    from playwright.sync_api import Locator

    click = Locator.click

    def click_and_wait(self: Locator, **more: Any) -> None:
        page = self.page
        click(self, **more)
        if not page.is_closed():
            page.wait_for_load_state()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", click_and_wait)
        yield


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright, clicks_end_on_a_whole_page: None) -> Iterator[Browser]:
    """One Chromium for the whole run; each page gets a profile of its own."""
    browser = playwright_driver.chromium.launch(
        executable_path=chromium_path(), args=CHROMIUM_FLAGS, headless=True
    )
    yield browser
    browser.close()


@pytest.fixture
def page_complaints() -> list[str]:
    """What the pages of a test complained about; the test fails when any is left at its end.

    A test that expects one (a 404 is an error in the console) checks it and clears the list.
    """
    return []


@pytest.fixture
def open_page(
    chromium: Browser, live_server: Any, page_complaints: list[str]
) -> Iterator[Callable[..., Page]]:
    """Opens pages on the live server: ``open_page(width=390, dark=True, script=False)``.

    Paths such as ``/trouver`` are enough for ``goto``. Fails the test when the console shows an
    error, a script raises, or anything is asked from another host.
    """
    contexts = []
    ours = urlsplit(live_server.url).netloc

    def on_console(message: ConsoleMessage) -> None:
        # Browsers ask for it beside what is not a page, such as JSON or a PDF.
        if message.type == "error" and "/favicon.ico" not in str(message.location):
            page_complaints.append(f"console: {message.text} ({message.location.get('url')})")

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != ours:
            page_complaints.append(f"third party: {request.url}")

    def open_one(
        *, width: int = WIDE, height: int = HEIGHT, dark: bool = False, script: bool = True
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: page_complaints.append(f"script: {error}"))
        page.on("request", on_request)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not page_complaints, "\n".join(page_complaints)


@pytest.fixture
def browser_page(open_page: Callable[..., Page]) -> Page:
    """A page 1280 pixels wide, with script."""
    return open_page()


@pytest.fixture
def scriptless_page(open_page: Callable[..., Page]) -> Page:
    """A page 1280 pixels wide where no script runs."""
    return open_page(script=False)


@pytest.fixture(params=[True, False], ids=["with_script", "without_script"])
def any_page(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> Page:
    """The same test twice: with script and without."""
    return open_page(script=request.param)


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Fails when axe finds anything on the page (which must be opened with script)."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page: Page) -> None:
        results = Axe().run(page)
        assert not results.violations_count, f"{page.url}\n{results.generate_report()}"

    return check


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    """Writes a picture for the documentation to docs/images when SOUTIEN_SCREENSHOTS=1."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("SOUTIEN_SCREENSHOTS") == "1":
            page.screenshot(path=Path(__file__).parents[1] / "docs" / "images" / f"{name}.png")

    return take
