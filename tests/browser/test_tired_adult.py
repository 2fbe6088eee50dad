"""A tired adult at night: an old phone, dark, a slow line, no script, text made twice as large.

From the home page to a first appointment by way of the questions, with one answer that speaks of
danger and is taken back: nothing on the way is too small to read or to press, or off the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests.steps import scene

from soutien.registers.agenda.models import Booking
from soutien.registers.places.gazetteer import town_by_insee

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NIGHT = datetime(2026, 11, 20, 1, 40, tzinfo=UTC)
CRAPONNE = "69069"
WIDTH, NARROWEST = 360, 320
TARGET_PX, TEXT_PX = 44, 18
SLOW = {
    "offline": False,
    "latency": 300,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
# What is pressed on its own: links within a sentence follow the line they stand in.
PRESSED = (
    "main .button, main .choice, main summary, main select, main input[type=text], "
    "main input[type=search], main input[type=email], main input[type=tel], main .slots a, "
    ".help-now a, .on-your-way a, .paths a"
)


def practice() -> None:
    """One psychologist in Craponne who has room."""
    town = town_by_insee(CRAPONNE)
    assert town is not None
    scene.practice(
        given_name="Ada",
        family_name="Modèle",
        insee=town.insee,
        latitude=town.latitude,
        longitude=town.longitude,
    )


def nothing_is_too_small(page: Page) -> None:
    """On the screen as it stands: width, size of the text, size of what is pressed."""
    page.wait_for_load_state("load")
    where = f"{page.url} « {page.title()} »"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{where} is {width} wide"  # type: ignore[index]
    small = page.evaluate(
        """([selector, least]) => [...document.querySelectorAll(selector)]
            .filter(e => e.getClientRects().length && getComputedStyle(e).visibility !== 'hidden')
            .filter(e => e.getBoundingClientRect().height < least - 0.5)
            .map(e => e.outerHTML.slice(0, 90))""",
        [PRESSED, TARGET_PX],
    )
    assert not small, f"{where}: {small}"
    text = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)")
    assert text >= TEXT_PX, f"{where}: text of {text} px"


def through_the_questions(page: Page) -> None:
    """Home, the questions, a danger taken back, and a door."""
    page.goto("/")
    nothing_is_too_small(page)
    page.get_by_role("link", name="Est-ce pour moi ?", exact=True).click()
    nothing_is_too_small(page)
    page.get_by_role("link", name="Pour moi, je suis adulte").click()
    nothing_is_too_small(page)
    page.locator("#a1").get_by_text("J’ai peur de ne pas tenir cette nuit.").click()
    assert page.locator(".help-now:visible a[href='tel:3114']").is_visible()
    nothing_is_too_small(page)
    page.locator(".help-now:visible").get_by_role("button", name="Revenir aux questions").click()
    page.locator("#a1").get_by_role("link", name="Non, continuer").click()
    page.locator("#a2").get_by_text("Je dors mal, je n’ai plus de force.").click()
    nothing_is_too_small(page)
    for screen in ("#a2", "#a3", "#a4"):
        page.locator(screen).get_by_role("link", name="Continuer").click()
        nothing_is_too_small(page)
    page.get_by_role("button", name="Voir où aller").click()
    page.get_by_role("heading", level=1, name="Un psychologue partenaire peut aider").wait_for()
    nothing_is_too_small(page)


def to_an_appointment(page: Page) -> None:
    """The search box of the answer, a time, three screens."""
    page.locator("#id_place").fill("craponne")
    page.get_by_role("button", name="Trouver").click()
    page.get_by_role("link", name="Ada Modèle", exact=True).wait_for()
    nothing_is_too_small(page)
    page.locator("main a[href*='/reserver/']").first.click()
    nothing_is_too_small(page)
    page.get_by_role("button", name="Garder cette heure").click()
    nothing_is_too_small(page)
    page.get_by_label("Prénom de la personne qui vient").fill("Dominique")
    page.get_by_label("Nom de famille").fill("Exemple")
    page.get_by_label("Jour de naissance").fill("2 5 1980")
    page.get_by_label("Votre adresse de courriel").fill("dominique@example.org")
    page.get_by_role("button", name="Continuer").click()
    nothing_is_too_small(page)
    page.get_by_role("button", name="Réserver ce rendez-vous").click()
    page.get_by_text("réservé", exact=True).wait_for()
    nothing_is_too_small(page)


def test_a_tired_adult_at_night_books_a_first_session(open_page: Callable[..., Page]) -> None:
    with time_machine.travel(NIGHT):
        practice()
        page = open_page(width=WIDTH, height=640, dark=True, script=False)
        page.set_default_timeout(30_000)
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW)
        through_the_questions(page)
        to_an_appointment(page)
        booking = Booking.objects.get()
    assert (booking.status, booking.kind) == ("confirmed", "evaluation")


def test_with_text_twice_as_large_on_the_narrowest_screen_all_of_it_is_there(
    open_page: Callable[..., Page],
) -> None:
    """The browser's own text size at 200 %, on 320 pixels."""
    with time_machine.travel(NIGHT):
        practice()
        page = open_page(width=NARROWEST, height=640, dark=True)
        browser = page.context.new_cdp_session(page)
        browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
        through_the_questions(page)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        to_an_appointment(page)
        for path in ("/est-ce-pour-moi/facile", "/est-ce-pour-moi/facile#a2", "/aide", "/combien"):
            page.goto(path)
            nothing_is_too_small(page)
        assert Booking.objects.count() == 1
