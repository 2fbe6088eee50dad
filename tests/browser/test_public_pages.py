"""The public pages in a real browser: no barrier, no overflow, light, and useful by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.steps import scene

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CRAPONNE = {"insee": "69069", "latitude": 45.745, "longitude": 4.723}
PAGES = (
    "/",
    "/comprendre",
    "/combien",
    "/trouver?place=craponne",
    "/aide",
    "/mentions-legales",
    "/donnees-personnelles",
    "/accessibilite",
    "/la-loi",
    "/la-loi/changements",
)
FIRST_PAGE_BYTES_MAX = 60_000


def near_craponne() -> str:
    """One psychologist with free times and a very long name; the address of their page."""
    where = scene.practice(
        given_name="Marie-Antoinette-Philippine",
        family_name="de la Rochefoucauld-Montmorency",
        languages="fr,en,ar,lsf",
        offers_video=True,
        sees_children=True,
        **CRAPONNE,
    )
    return f"/psychologues/{where.place.psychologist.public_id}"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    open_page: Callable[..., Page], assert_accessible: Callable[[Page], None], dark: bool
) -> None:
    theirs = near_craponne()
    page = open_page(width=390, dark=dark)
    for path in (*PAGES, theirs, "/en/", "/en/trouver?place=craponne"):
        page.goto(path)
        assert_accessible(page)


def test_what_went_wrong_is_said_on_an_accessible_page(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    page_complaints: list[str],
) -> None:
    page = open_page()
    for path in ("/combien?on=32", "/trouver?place=", "/nulle-part", "/trouver?place=zzzzqqqq"):
        page.goto(path)
        assert_accessible(page)
    page.goto("/combien?on=32")
    assert page.evaluate("document.activeElement.id") == "errors"
    assert all("status of 4" in complaint for complaint in page_complaints)
    page_complaints.clear()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_its_screen(open_page: Callable[..., Page], width: int) -> None:
    theirs = near_craponne()
    page = open_page(width=width)
    for path in (*PAGES, theirs):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} wide"


def test_text_twice_as_large_still_fits(open_page: Callable[..., Page]) -> None:
    """200 % on a screen of 1280 is a layout of 640 with everything twice as large."""
    page = open_page(width=640)
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_a_target_is_large_enough_for_a_tired_thumb(open_page: Callable[..., Page]) -> None:
    near_craponne()
    page = open_page(width=390)
    for path in PAGES:
        page.goto(path)
        small = page.evaluate(
            """() => [...document.querySelectorAll(
                    '.button, .nav a, .help-line a, summary, select')]
                .filter(e => e.offsetParent)
                .filter(e => e.getBoundingClientRect().height < 44 && !e.closest('.work'))
                .map(e => e.textContent.trim())"""
        )
        assert not small, f"{path}: {small}"


def test_the_first_page_is_light(open_page: Callable[..., Page]) -> None:
    """The bytes of the files as they are; over the wire they are compressed further."""
    page = open_page()
    sizes: dict[str, int] = {}

    def note(response: Response) -> None:
        sizes[response.url] = len(response.body())

    page.on("response", note)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    compressed = sum(
        size if url.endswith((".woff2", ".png")) else size // 3 for url, size in sizes.items()
    )
    assert len(sizes) <= 8
    assert compressed <= FIRST_PAGE_BYTES_MAX, sizes


def test_somebody_finds_a_time_by_keyboard_alone(any_page: Page) -> None:
    near_craponne()
    any_page.goto("/")
    any_page.locator("#id_place").focus()
    any_page.keyboard.type("crapone")
    any_page.keyboard.press("Enter")
    any_page.wait_for_url("**/trouver?place=crapone")
    assert "1 psychologue" in any_page.locator("#resultats h2").first.inner_text()
    slot = any_page.locator(".slots a").first
    slot.focus()
    any_page.keyboard.press("Enter")
    any_page.wait_for_url("**/reserver/**")


def test_a_filter_changes_the_list_at_once_and_the_address_with_it(
    browser_page: Page,
) -> None:
    near_craponne()
    browser_page.goto("/trouver?place=craponne")
    browser_page.locator("select[name=order]").select_option("earliest")
    browser_page.wait_for_url("**order=earliest**")
    assert browser_page.locator("article.person").count() == 1
    assert "1 psychologue" in browser_page.locator("#said").inner_text()


def test_without_script_the_same_filter_needs_one_press(scriptless_page: Page) -> None:
    near_craponne()
    scriptless_page.goto("/trouver?place=craponne")
    scriptless_page.locator("select[name=order]").select_option("earliest")
    scriptless_page.get_by_role("button", name="Trouver").click()
    scriptless_page.wait_for_url("**order=earliest**")
    assert scriptless_page.locator("article.person").count() == 1


def test_the_three_amounts_follow_the_situation(any_page: Page) -> None:
    any_page.goto("/combien?on=2026-11-24")
    any_page.get_by_label("Rien de tout cela").check()
    any_page.get_by_role("button", name="Voir mes trois montants").click()
    any_page.wait_for_url("**cover=0**")
    numbers = any_page.locator("dd.number").all_inner_texts()
    assert [text.replace("\u00a0", " ") for text in numbers] == ["50 €", "20 €", "20 €"]


def test_the_other_language_keeps_the_search(browser_page: Page) -> None:
    near_craponne()
    browser_page.goto("/trouver?place=craponne&radius=25")
    browser_page.get_by_role("link", name="English").click()
    browser_page.wait_for_url("**/en/trouver?place=craponne&radius=25")
    assert "within 25 km of Craponne" in browser_page.locator("#resultats h2").first.inner_text()


def test_the_quick_exit_takes_the_place_of_the_page(browser_page: Page) -> None:
    browser_page.goto("/")
    browser_page.goto("/aide")
    before = browser_page.evaluate("history.length")
    browser_page.evaluate(
        "document.querySelector('[data-quick-exit]').href = location.origin + '/health'"
    )
    browser_page.locator("[data-quick-exit]").click()
    browser_page.wait_for_url("**/health")
    assert browser_page.evaluate("history.length") == before
