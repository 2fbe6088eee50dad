"""The week set up from nothing, a plan booked on a phone, a move: in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests import factories as make
from tests.doors.web.person.practice import CAP, booked, next_monday, person_with_account
from tests.doors.web.person.practice import Practice as Room
from tests.doors.web.person.practice import practice as room_with_hours
from tests.doors.web.psychologist.practice import Practice, practice
from tests.signing_in import sign_in

from soutien.doors.booking_links import token_of
from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Booking, OpeningRule
from soutien.registers.care import queries as care
from soutien.registers.people.models import Person

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWEST, PHONE = 320, 390
# A slow hand: five seconds for each click and each field.
SECONDS_AN_ACT, TWO_MINUTES = 5, 120
LONG_LABEL = "Maison de santé pluridisciplinaire intercommunale de l’Exemple-lès-Modèle"


@pytest.fixture
def now() -> Iterator[datetime]:
    """A Friday of November: four weeks on, there is a public holiday."""
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    with time_machine.travel(friday):
        yield friday


@pytest.fixture
def here(now: datetime) -> Practice:
    """A psychologist who has just joined: a place, and not a single hour."""
    return practice(now)


@pytest.fixture
def room(now: datetime) -> Room:
    return room_with_hours(label=LONG_LABEL)


@pytest.fixture
def camille(now: datetime, room: Room) -> tuple[Person, Account, Booking]:
    """Evaluated this month, with one appointment to come."""
    who, account = person_with_account(now)
    held = make.care_session(who, room.place, held_on=date(2026, 11, 2), kind="evaluation")
    year = care.year_of(who.pk, 2026)
    care.take_seat(year, cap=CAP, kind="evaluation", care_session_id=held.pk, used=True)
    return who, account, booked(room, who, next_monday(now, 8), "follow_up")


def fits(page: Page) -> bool:
    """Nothing of the page is wider than the screen."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


class Hand:
    """Somebody at a page, whose acts are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.acts = page, 0

    def types(self, label: str, text: str) -> None:
        self.page.get_by_label(label).fill(text)
        self.acts += 1

    def ticks(self, day: str) -> None:
        self.page.locator("fieldset.week-day", has_text=day).get_by_label("comme lundi").click()
        self.acts += 1

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()
        self.acts += 1


def test_the_psychologist_sets_the_week_up_from_nothing(any_page: Page, here: Practice) -> None:
    sign_in(any_page, here.account, "/cabinet")
    hand = Hand(any_page)
    any_page.get_by_role("link", name="Ma semaine").click()
    hand.acts += 1
    hand.types("de, lundi, plage 1", "08:30")
    hand.types("à, lundi, plage 1", "12:30")
    hand.types("à, lundi, plage 2", "19:00")
    # Wednesday is free, Saturday morning is open.
    hand.ticks("mercredi")
    hand.types("de, samedi, plage 1", "09:00")
    hand.types("à, samedi, plage 1", "12:00")
    hand.presses("Voir ce que cela donne")
    preview = any_page.locator(".week-preview").inner_text()
    assert "premières séances possibles" in preview
    assert not OpeningRule.objects.exists()
    hand.presses("Enregistrer ma semaine")
    any_page.get_by_text("Votre semaine est enregistrée").wait_for()
    counted = any_page.locator(".week-count").inner_text()
    assert counted in preview
    assert hand.acts * SECONDS_AN_ACT <= TWO_MINUTES
    # Monday, Tuesday, Thursday and Friday twice, and Saturday.
    assert OpeningRule.objects.count() == 9
    any_page.goto(f"/psychologues/{here.psychologist.public_id}")
    assert any_page.locator("a.slot").count()


def test_the_old_calendar_keeps_its_bookings(any_page: Page, here: Practice) -> None:
    make.opening(here.place, 0, valid_from=date(2026, 1, 5), ends_at_minute=20 * 60)
    evening = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
    kept = make.booking(
        here.place, starts_at=evening, who=here.patient(), civil_day=date(2026, 11, 30)
    )
    sign_in(any_page, here.account, "/cabinet/semaine")
    any_page.get_by_label("à, lundi, plage 1").fill("12:00")
    any_page.get_by_label("Cette semaine vaut à partir du").fill("2026-11-30")
    any_page.get_by_role("button", name="Enregistrer ma semaine").click()
    any_page.get_by_text("Ces rendez-vous sont hors de vos heures").wait_for()
    any_page.get_by_role("link", name="lundi 30 novembre 2026 à 19:00").click()
    assert str(kept.public_id) in any_page.url
    assert make.reread(kept).status == "confirmed"


def test_days_away_and_one_more_with_its_reason(any_page: Page, here: Practice) -> None:
    who = here.patient(family_name="Exemple-Unique")
    here.was_evaluated(who)
    here.booking(here.patient(), begins_in_h=72)
    here.booking(who, begins_in_h=24 * 14, kind="follow_up")
    sign_in(any_page, here.account, "/cabinet/absences")
    any_page.get_by_label("Premier jour").fill("2026-12-21")
    any_page.get_by_label("Dernier jour").fill("2027-01-01")
    any_page.get_by_role("button", name="Fermer ces jours").click()
    any_page.get_by_role(
        "button", name="Retirer du lundi 21 décembre 2026 au vendredi 1er janvier 2027"
    ).wait_for()
    any_page.goto("/cabinet/2026-11-23")
    any_page.get_by_role("link", name="Ajouter un rendez-vous").click()
    label = any_page.locator("option", has_text="Exemple-Unique").inner_text()
    any_page.get_by_label("Pour", exact=False).first.select_option(label=label)
    any_page.get_by_label("Heure").fill("09:30")
    any_page.get_by_label("c’est urgent").check()
    any_page.get_by_role("button", name="Ajouter ce rendez-vous").click()
    any_page.get_by_text("Rendez-vous ajouté").wait_for()
    assert Booking.objects.get(overbooked_for="urgent").person_id == who.pk


def test_somebody_books_a_plan_on_a_phone_without_script(
    open_page: Callable[..., Page], room: Room, camille: tuple[Person, Account, Booking]
) -> None:
    _who, account, _booking = camille
    page = open_page(width=PHONE, script=False)
    sign_in(page, account, "/mon-annee")
    page.get_by_role("link", name="Toutes mes séances à la même heure").click()
    hour = page.locator("option", has_text="vendredi 10:00").get_attribute("value")
    page.get_by_label("Votre jour et votre heure").select_option(hour)
    page.get_by_label("Combien de séances").select_option("6")
    page.get_by_role("button", name="Voir les dates").click()
    assert "6 séances proposées" in page.locator("main").inner_text()
    assert "est un jour férié" in page.locator("main").inner_text()
    assert fits(page)
    second = page.locator("select[name=time_1]")
    second.select_option(index=0)
    page.get_by_role("button", name="Réserver toutes ces séances").click()
    page.get_by_text("6 rendez-vous sont réservés").wait_for()
    plans = Booking.objects.exclude(plan=None)
    assert plans.count() == 6
    assert page.get_by_role("heading", name="Ensuite").count()


def test_a_date_taken_meanwhile_is_said_at_its_line_and_nothing_is_booked(
    any_page: Page,
    room: Room,
    camille: tuple[Person, Account, Booking],
    page_complaints: list[str],
) -> None:
    who, account, _booking = camille
    sign_in(any_page, account, f"/mon-annee/plan/{room.psychologist.public_id}")
    hour = any_page.locator("option", has_text="mardi 10:00").get_attribute("value")
    any_page.get_by_label("Votre jour et votre heure").select_option(hour)
    any_page.get_by_label("Combien de séances").select_option("3")
    any_page.get_by_role("button", name="Voir les dates").click()
    taken = any_page.locator("select[name=time_2]").input_value().split()[1]
    somebody = make.person(at=datetime(2026, 11, 1, tzinfo=UTC))
    make.booking(room.place, starts_at=datetime.fromisoformat(taken), who=somebody)
    any_page.get_by_role("button", name="Réserver toutes ces séances").click()
    any_page.locator("#errors").wait_for()
    assert "Cette heure est déjà prise" in any_page.locator(".plan-line.wrong").inner_text()
    assert not Booking.objects.filter(person=who).exclude(plan=None).exists()
    any_page.locator("#errors a").click()
    any_page.locator("select[name=time_2]").select_option(index=1)
    any_page.get_by_role("button", name="Réserver toutes ces séances").click()
    any_page.get_by_text("3 rendez-vous sont réservés").wait_for()
    page_complaints[:] = [line for line in page_complaints if "409" not in line]


def test_somebody_moves_an_appointment(
    any_page: Page, camille: tuple[Person, Account, Booking]
) -> None:
    _who, account, booking = camille
    sign_in(any_page, account, "/mon-annee")
    any_page.get_by_role("link", name="Déplacer").first.click()
    any_page.locator("a.slot").nth(4).click()
    any_page.get_by_role("button", name="Oui, déplacer").click()
    any_page.get_by_text("réservé", exact=True).wait_for()
    assert make.reread(booking).times_moved == 1


def test_the_week_is_filled_in_by_keyboard_alone(browser_page: Page, here: Practice) -> None:
    sign_in(browser_page, here.account, "/cabinet/semaine")
    for _press in range(60):
        browser_page.keyboard.press("Tab")
        if browser_page.evaluate("document.activeElement.name") == "like_2":
            break
    browser_page.keyboard.press("Space")
    assert browser_page.locator("[name=starts_2_0]").is_visible()
    browser_page.keyboard.press("Enter")
    browser_page.get_by_text("Votre semaine est enregistrée").wait_for()
    assert not OpeningRule.objects.filter(weekday=2).exists()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_of_arranging_has_a_barrier_or_is_wider_than_a_small_phone(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    here: Practice,
    room: Room,
    camille: tuple[Person, Account, Booking],
    page_complaints: list[str],
    dark: bool,
) -> None:
    _who, account, booking = camille
    make.place(room.psychologist, label=f"{LONG_LABEL} (annexe)")
    working = make.account(Role.PSYCHOLOGIST, psychologist=room.psychologist)
    page = open_page(width=NARROWEST, dark=dark)
    checked = 0

    def check() -> None:
        nonlocal checked
        checked += 1
        page.wait_for_load_state("networkidle")
        assert fits(page), f"{page.url} is wider than {NARROWEST} pixels"
        assert page.locator("h1").count() == 1
        assert_accessible(page)

    sign_in(page, here.account, "/cabinet/semaine")
    check()
    page.get_by_label("à, lundi, plage 1").fill("08:00")
    page.locator("summary").first.click()
    page.locator(".week-limits summary").click()
    page.get_by_role("button", name="Enregistrer ma semaine").click()
    check()
    page = open_page(width=NARROWEST, dark=dark)
    sign_in(page, working, "/cabinet/semaine")
    page.locator("summary").first.click()
    check()
    page.get_by_label("de, lundi, plage 1").fill("11:00")
    page.get_by_role("button", name="Voir ce que cela donne").click()
    check()
    page.goto("/cabinet/absences")
    page.get_by_role("button", name="Enregistrer ce jour").click()
    check()
    page.goto("/cabinet/remplacements")
    page.get_by_role("button", name="Continuer").click()
    check()
    page.goto(f"/cabinet/{booking.civil_day}/ajouter")
    page.get_by_role("button", name="Ajouter ce rendez-vous").click()
    check()
    page = open_page(width=NARROWEST, dark=dark)
    sign_in(page, account, f"/mon-annee/plan/{room.psychologist.public_id}")
    check()
    page.get_by_label("Combien de séances").select_option("7")
    page.get_by_role("button", name="Voir les dates").click()
    check()
    move = f"/rendez-vous/{token_of(booking.public_id)}/deplacer"
    for address in (move, f"/en{move}"):
        page.goto(address)
        check()
    page.locator("a.slot").first.click()
    check()
    assert checked == 12
    page_complaints[:] = [line for line in page_complaints if "422" not in line]
