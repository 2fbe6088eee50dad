"""« Est-ce pour moi ? » in a browser: one screen at a time, help at once, no script needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.proof.dangers import SITUATIONS, answers_of

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LARGE_PX = 20
EASY = "/est-ce-pour-moi/facile"
LINES = ("15", "3114", "112", "114", "119", "3919")


def told(asked: list[Request]) -> list[str]:
    """What left the browser, beside the fonts and icons that every page has."""
    return [
        f"{request.method} {request.url} {request.post_data or ''}"
        for request in asked
        if request.method != "GET" or "?" in request.url or "/static/" not in request.url
    ]


def help_is_all_there_is(page: Page) -> bool:
    """Whether the help screen covers the whole window and its first lines can be pressed."""
    return bool(
        page.evaluate(
            """() => {
                const shown = [...document.querySelectorAll('.help-now')]
                    .filter(e => e.getClientRects().length);
                if (shown.length !== 1) return false;
                const box = shown[0].getBoundingClientRect();
                const corners = [[5, 12], [innerWidth - 5, 12], [innerWidth / 2, innerHeight / 2],
                                 [5, innerHeight - 5], [innerWidth - 5, innerHeight - 5]];
                return box.top <= 0 && box.left <= 0
                    && box.right >= document.documentElement.clientWidth
                    && box.bottom >= innerHeight
                    && corners.every(([x, y]) => {
                        const there = document.elementFromPoint(x, y);
                        return !there || shown[0].contains(there) || there === shown[0];
                    });
            }"""
        )
    )


@pytest.mark.parametrize("path", ["/est-ce-pour-moi", EASY], ids=["ordinary", "easy"])
@pytest.mark.parametrize("width", [320, 390])
def test_every_written_danger_brings_help_without_script_and_without_a_request(
    open_page: Callable[..., Page], width: int, path: str
) -> None:
    page = open_page(width=width, height=640, script=False)
    page.goto(path)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    shown = 0
    for situation in SITUATIONS:
        for sign in answers_of(situation):
            page.evaluate(f"location.hash = '{sign[0]}1'")
            box = page.locator(f"#{sign}")
            page.locator(f"label[for={sign}]").click()
            assert help_is_all_there_is(page), situation["says"]
            overlay = page.locator(".help-now:visible")
            for line in LINES:
                link = overlay.locator(f"a[href$=':{line}']")
                assert link.is_visible(), (situation["says"], line)
            overlay.get_by_role("button", name="Revenir aux questions").click()
            assert not box.is_checked()
            assert not page.locator(".help-now:visible").count()
        shown += 1
    assert shown == len(SITUATIONS) >= 60
    assert not told(asked)


@pytest.mark.parametrize("path", ["/est-ce-pour-moi", EASY], ids=["ordinary", "easy"])
def test_the_enter_key_sends_no_danger(open_page: Callable[..., Page], path: str) -> None:
    page = open_page(width=390)
    page.goto(f"{path}#a1")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.locator("#a-dying").focus()
    page.keyboard.press("Space")
    assert help_is_all_there_is(page)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert help_is_all_there_is(page)
    assert not told(asked)


def test_a_tired_adult_at_night_on_a_phone(any_page: Page) -> None:
    """One screen after another, one step back, one question skipped, and a door with reasons."""
    page = any_page
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")
    page.get_by_role("link", name="Est-ce pour moi ?", exact=True).click()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.get_by_role("link", name="Pour moi, je suis adulte").click()
    assert page.locator("section.screen:visible").count() == 1
    page.get_by_role("link", name="Non, continuer").click()
    page.locator("#a2").get_by_label("Je suis triste, vide ou sans envie.").check()
    page.locator("#a2").get_by_role("link", name="Continuer").click()
    page.locator("#a3").get_by_label("Plusieurs mois, ou plus").check()
    page.go_back()
    assert page.locator("#a2").is_visible()
    assert page.locator("#a2").get_by_label("Je suis triste, vide ou sans envie.").is_checked()
    page.locator("#a2").get_by_role("link", name="Continuer").click()
    page.locator("#a3").get_by_role("link", name="Continuer").click()
    page.locator("#a4").get_by_role("link", name="Continuer").click()
    assert not told(asked), "nothing leaves before the last screen"
    page.get_by_role("button", name="Voir où aller").click()
    page.wait_for_url("**/est-ce-pour-moi/reponse")
    assert [request.post_data for request in asked if request.method == "POST"] == [
        "who=adult&signs=sadness&since=months"
    ]
    assert "psychologue partenaire" in page.locator("h1").inner_text()
    assert page.locator("input[name=public]").get_attribute("value") == "adult"
    page.locator("#id_place").fill("craponne")
    page.get_by_role("button", name="Trouver").click()
    page.wait_for_url("**/trouver?public=adult&place=craponne")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_barrier_on_any_screen(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    width: int,
    dark: bool,
) -> None:
    page = open_page(width=width, dark=dark)
    for hash_ in ("", "#a1", "#a2", "#c2", "#d5", "#b5"):
        page.goto("about:blank")
        page.goto(f"/est-ce-pour-moi{hash_}")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("section.screen:visible, section.start:visible").count() == 1
    page.goto("/en/est-ce-pour-moi#c1")
    page.locator("label[for=c-dying]").click()
    assert help_is_all_there_is(page)
    assert_accessible(page)
    page.get_by_role("button", name="Back to the questions").click()
    page.evaluate("location.hash = 'c6'")
    page.get_by_role("button", name="See where to go").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_somebody_who_reads_with_effort_finds_a_door(any_page: Page) -> None:
    """From the home page, one picture after another; the same word is sent, once, at the end."""
    page = any_page
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")
    page.get_by_role("link", name="Version facile à lire").click()
    page.wait_for_url(f"**{EASY}")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.get_by_role("link", name="Je suis adulte").click()
    page.get_by_role("link", name="Non, continuer").click()
    page.locator("#a2").get_by_label("Je suis triste.").check()
    for number in range(2, 8):
        page.locator(f"#a{number}").get_by_role("link", name="Continuer").click()
    page.locator("#a8").get_by_label("Je suis étudiant ou étudiante.").check()
    assert not told(asked), "nothing leaves before the last screen"
    page.get_by_role("button", name="Voir où aller").click()
    page.wait_for_url(f"**{EASY}/reponse")
    sent = [request.post_data for request in asked if request.method == "POST"]
    assert sent == ["who=adult&signs=sadness&also=student"]
    assert page.locator("h1").inner_text() == (
        "Un psychologue peut aider.\nVous pouvez y aller directement."
    )
    page.locator("#id_place").fill("craponne")
    page.get_by_role("button", name="Trouver").click()
    page.wait_for_url("**/trouver?public=adult&place=craponne")


def test_each_version_leads_to_the_other(browser_page: Page) -> None:
    browser_page.goto("/est-ce-pour-moi")
    browser_page.get_by_role("link", name="La même page, facile à lire").click()
    browser_page.wait_for_url(f"**{EASY}")
    browser_page.get_by_role("link", name="La version ordinaire de cette page").click()
    browser_page.wait_for_url("**/est-ce-pour-moi")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_barrier_on_any_easy_screen(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    width: int,
    dark: bool,
) -> None:
    page = open_page(width=width, dark=dark)
    for hash_ in ("", "#a1", "#a6", "#b8", "#c2", "#d7"):
        page.goto("about:blank")
        page.goto(f"{EASY}{hash_}")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("section.screen:visible, section.start:visible").count() == 1
        size = page.locator(".easy").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
        assert size >= LARGE_PX
    page.goto(f"/en{EASY}#c1")
    page.locator("label[for=c-dying]").click()
    assert help_is_all_there_is(page)
    assert_accessible(page)
    page.get_by_role("button", name="Back to the questions").click()
    page.evaluate("location.hash = 'c10'")
    page.get_by_role("button", name="See where to go").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_easy_answer_has_a_picture_that_is_drawn(browser_page: Page) -> None:
    browser_page.goto(f"{EASY}#a1")
    missing = browser_page.evaluate(
        """() => [...document.querySelectorAll('.picture use')]
            .map(e => e.getAttribute('href'))
            .filter(href => !document.querySelector(href))"""
    )
    assert missing == []
    drawn = browser_page.evaluate(
        """() => [...document.querySelectorAll('#a1 .choice .picture')]
            .map(e => e.querySelector('use').getBoundingClientRect().width)"""
    )
    assert len(drawn) == 9
    assert all(width > 20 for width in drawn)
