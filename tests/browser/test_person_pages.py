"""The person's pages in a real browser: with script and without, narrow and wide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests import factories as make
from tests.doors.web.person.practice import (
    Practice,
    booked,
    next_monday,
    person_with_account,
    practice,
)
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Account
from soutien.registers.agenda.models import Booking
from soutien.registers.claims.models import Claim
from soutien.registers.people.models import Person
from soutien.steps.actor import Actor
from soutien.steps.claim import send_care_sheet

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWEST = 320
LONG_GIVEN = "Marie-Amandine-Élisabeth-Victorine"
LONG_FAMILY = "de La Rochefoucauld-Montesquiou-Fezensac-Exemple"


@pytest.fixture
def now() -> Iterator[datetime]:
    """A Friday of November: what these pages tell never straddles two years."""
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    with time_machine.travel(friday):
        yield friday


@pytest.fixture
def room(now: datetime) -> Practice:
    return practice(label="Maison de santé pluridisciplinaire intercommunale de l’Exemple")


@pytest.fixture
def camille(now: datetime, room: Practice) -> tuple[Person, Account, Claim]:
    """Somebody in the middle of a year: one session decided, two appointments."""
    who, account = person_with_account(now)
    held_on = (now - timedelta(days=12)).date()
    held = make.care_session(who, room.place, held_on=held_on, kind="evaluation")
    sheet = make.care_sheet(held, act_code="EEP", amo_third_party=True)
    claim = send_care_sheet(
        actor=Actor("psychologist", psychologist_id=room.psychologist.pk),
        care_sheet_id=sheet.public_id,
        received_on=held_on + timedelta(days=1),
        at=now - timedelta(days=10),
    )
    for weeks in range(2):
        starts_at = next_monday(now, 8) + timedelta(weeks=weeks)
        booked(room, who, starts_at, "follow_up")
    return who, account, claim


def type_identity(page: Page, **fields: str) -> None:
    told = {
        "Prénom de la personne qui vient": LONG_GIVEN,
        "Nom de famille": LONG_FAMILY,
        "Jour de naissance": "7 mars 1990",
        "Votre adresse de courriel": "marie@example.org",
    }
    for label, text in (told | fields).items():
        page.get_by_label(label).fill(text)


def test_somebody_books_sees_and_cancels(any_page: Page, room: Practice, now: datetime) -> None:
    page = any_page
    page.goto(room.address(next_monday(now, 8)))
    page.get_by_role("button", name="Garder cette heure").click()
    type_identity(page)
    page.get_by_text("pour moi").click()
    page.get_by_role("button", name="Continuer").click()
    assert LONG_FAMILY in page.locator("main").inner_text()
    page.get_by_role("link", name="Corriger").click()
    assert page.get_by_label("Nom de famille").input_value() == LONG_FAMILY
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Réserver ce rendez-vous").click()
    page.get_by_text("réservé", exact=True).wait_for()
    page.get_by_role("link", name="Voir mon année").click()
    page.get_by_text("1 réservée").first.wait_for()
    page.get_by_role("link", name="Annuler").first.click()
    page.get_by_role("button", name="Oui, annuler").click()
    page.get_by_text("annulé", exact=True).wait_for()
    assert Booking.objects.get().status == "cancelled"


def test_back_works_in_the_middle_of_a_booking(
    browser_page: Page, room: Practice, now: datetime
) -> None:
    page = browser_page
    page.goto(room.address(next_monday(now, 8)))
    page.get_by_role("button", name="Garder cette heure").click()
    type_identity(page)
    page.get_by_role("button", name="Continuer").click()
    page.go_back()
    assert page.get_by_label("Nom de famille").input_value() == LONG_FAMILY
    page.go_back()
    assert "Votre place est gardée" in page.locator("main").inner_text()
    page.get_by_role("button", name="Garder cette heure").click()
    assert page.get_by_label("Nom de famille").input_value() == LONG_FAMILY
    assert Booking.objects.count() == 1


def test_what_is_missing_takes_the_focus(
    browser_page: Page,
    room: Practice,
    now: datetime,
    assert_accessible: Callable[[Page], None],
    page_complaints: list[str],
) -> None:
    page = browser_page
    page.goto(room.address(next_monday(now, 8)))
    page.get_by_role("button", name="Garder cette heure").click()
    page.get_by_role("button", name="Continuer").click()
    page.locator("#errors:focus").wait_for()
    assert_accessible(page)
    page.get_by_role("link", name="Il manque le nom de famille.").click()
    page.locator("#id_family_name:focus").wait_for()
    # A form that is not complete answers 422, which browsers write in their console.
    assert all("422" in complaint for complaint in page_complaints)
    page_complaints.clear()


def test_a_time_taken_meanwhile_offers_the_nearest(
    any_page: Page, room: Practice, now: datetime, page_complaints: list[str]
) -> None:
    page, monday = any_page, next_monday(now, 8)
    page.goto(room.address(monday))
    make.booking(room.place, starts_at=monday, who=make.person(at=now))
    page.get_by_role("button", name="Garder cette heure").click()
    page.get_by_role("heading", name="Cette heure vient d’être prise").wait_for()
    page.get_by_role("link", name=" à 10:00").first.click()
    page.get_by_role("button", name="Garder cette heure").wait_for()
    assert all("409" in complaint for complaint in page_complaints)
    page_complaints.clear()


def every_page(
    page: Page, room: Practice, camille: tuple[Person, Account, Claim], now: datetime
) -> list[str]:
    """Walk through every page once, and give the addresses that can be opened again."""
    _who, account, claim = camille
    monday = next_monday(now, 8)
    page.goto(room.address(monday + timedelta(days=1)))
    page.get_by_role("button", name="Garder cette heure").click()
    kept = page.url
    type_identity(page)
    page.get_by_text("pour mon enfant").click()
    page.get_by_label("Jour de naissance").fill("7 mars 2018")
    page.get_by_role("button", name="Continuer").click()
    check = page.url
    sign_in(page, account)
    page.get_by_role("link", name="Voir").first.click()
    appointment = page.url
    return [
        "/mon-annee",
        "/mon-annee?annee=2023",
        f"/mes-demandes/{claim.public_id}",
        f"/mes-demandes/{claim.public_id}/contester",
        f"/mon-annee/avec/{room.psychologist.public_id}",
        appointment,
        f"{appointment}/annuler",
        room.address(monday + timedelta(days=2)),
        room.address(monday + timedelta(days=2), kind="follow_up"),
        kept,
        check,
    ]


@pytest.mark.parametrize("width", [NARROWEST, 390, 1280])
def test_no_page_is_wider_than_the_screen_and_all_are_readable(
    open_page: Callable[..., Page],
    room: Practice,
    camille: tuple[Person, Account, Claim],
    now: datetime,
    width: int,
    assert_accessible: Callable[[Page], None],
) -> None:
    page = open_page(width=width, dark=width == 390)
    for address in every_page(page, room, camille, now):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert_accessible(page)


def test_the_sign_in_page_is_readable(
    open_page: Callable[..., Page], assert_accessible: Callable[[Page], None], settings: object
) -> None:
    for width in (NARROWEST, 1280):
        page = open_page(width=width)
        page.goto("/connexion")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)


def test_the_pages_speak_english(
    browser_page: Page, room: Practice, camille: tuple[Person, Account, Claim], now: datetime
) -> None:
    page = browser_page
    addresses = every_page(page, room, camille, now)
    for address in addresses:
        page.goto(address)
        page.get_by_role("link", name="English").click()
        assert page.locator("html").get_attribute("lang") == "en"
        text = page.locator("main").inner_text()
        assert " le " not in text.replace("Noé", ""), text
        page.get_by_role("link", name="Français").click()


def test_the_keyboard_is_enough(browser_page: Page, room: Practice, now: datetime) -> None:
    page = browser_page
    page.goto(room.address(next_monday(now, 8)))
    page.get_by_role("button", name="Garder cette heure").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Prénom de la personne qui vient").focus()
    for text in ("Noé", "Exemple", "17051990", "noe@example.org"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Réserver ce rendez-vous").focus()
    page.keyboard.press("Enter")
    page.get_by_text("réservé", exact=True).wait_for()
