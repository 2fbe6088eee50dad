"""Questionnaires in a real browser: on a telephone without script, help at once, by the pair."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from tests import factories as make
from tests.browser.test_self_check import help_is_all_there_is
from tests.browser.test_working_pages import fits
from tests.doors.web.psychologist.practice import Practice, practice
from tests.signing_in import sign_in

from soutien.doors.booking_links import booking_path
from soutien.doors.measure_links import questions_path
from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Booking
from soutien.registers.measures.models import Outcome, Questionnaire, Review
from soutien.steps.measure import ask_questionnaire, enter_on_paper

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 740}
NEVER, SEVERAL_DAYS = "Jamais", "Plusieurs jours"


@pytest.fixture
def here() -> Practice:
    return practice(timezone.now().replace(microsecond=0))


@pytest.fixture
def booked(here: Practice) -> Booking:
    """The second session of somebody who was evaluated."""
    who = here.patient(given_name="Ada", family_name="d’Exemple")
    here.was_evaluated(who)
    return here.booking(who, begins_in_h=50, kind="follow_up")


@pytest.fixture
def ada(booked: Booking) -> Account:
    return make.account(Role.PERSON, person=booked.person)


def asked(here: Practice, booked: Booking) -> Questionnaire:
    return ask_questionnaire(
        actor=here.actor, booking_id=booked.public_id, scale="phq-9", at=here.now
    )


def curve_of(here: Practice, booked: Booking) -> None:
    for days, given in ((42, 2), (28, 2), (14, 1), (0, 0)):
        answers = (given,) * 8 + (1 if days == 28 else 0,)
        enter_on_paper(
            actor=here.actor,
            booking_id=booked.public_id,
            scale="phq-9",
            answers=answers,
            filled_on=here.today - timedelta(days=days),
            at=here.now,
        )


def answer(page: Page, number: int, words: str) -> None:
    page.locator(f"#q{number}").get_by_text(words, exact=True).click()


def test_a_phq_9_before_the_second_session_on_a_phone_without_script(
    here: Practice, booked: Booking, open_page: Callable[..., Page]
) -> None:
    practice_page = open_page()
    sign_in(practice_page, here.account)
    practice_page.goto(f"/cabinet/rendez-vous/{booked.public_id}")
    practice_page.get_by_role("link", name="Questionnaires de la personne").click()
    practice_page.get_by_label("PHQ-9").check()
    practice_page.get_by_role("button", name="Demander").click()
    practice_page.get_by_text("C’est demandé.").wait_for()

    phone = open_page(**PHONE, script=False)
    phone.goto(booking_path(booked.public_id))
    phone.get_by_role("link", name="Répondre").click()
    for number in range(1, 9):
        answer(phone, number, SEVERAL_DAYS if number % 2 else NEVER)
    answer(phone, 9, SEVERAL_DAYS)
    assert help_is_all_there_is(phone)
    for line in ("3114", "15", "112"):
        assert phone.locator(f".help-now a[href='tel:{line}']").is_visible()
    phone.get_by_role("link", name="Revenir aux questions").click()
    assert not help_is_all_there_is(phone)
    assert phone.locator("#q9 .help-now a[href='tel:3114']").is_visible()
    assert phone.locator("#q1 input:checked").count() == 1
    assert not Outcome.objects.exists(), "nothing is kept before it is sent"
    phone.get_by_role("button", name="Envoyer à mon psychologue").click()
    phone.get_by_role("heading", name="Parlez à quelqu’un maintenant").wait_for()
    assert phone.get_by_role("link", name="3114").last.is_visible()
    assert Outcome.objects.get().told["total"] == 5

    practice_page.goto("/cabinet")
    practice_page.get_by_role("link", name="Une réponse demande que vous la lisiez").click()
    practice_page.get_by_role("link", name="Lire et dire ce que vous avez fait").click()
    practice_page.get_by_label("J’en ai parlé avec la personne.").check()
    practice_page.get_by_role("button", name="Noter").click()
    practice_page.get_by_text("Vous avez tout lu.").wait_for()
    assert Review.objects.get().done == "talked"


def test_a_danger_is_chosen_left_and_changed_by_keyboard(
    here: Practice, booked: Booking, any_page: Page
) -> None:
    page, path = any_page, questions_path(asked(here, booked).public_id)
    page.goto(path)
    page.locator("#q9 input").first.focus()
    page.keyboard.press("Space")
    assert not page.locator(".help-now:visible").count()
    page.keyboard.press("ArrowDown")
    assert help_is_all_there_is(page)
    # What takes the keyboard next is a number to call.
    seen = []
    for _press in range(3):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert "tel:3114" in seen
    page.locator("#q9 input").first.focus()
    page.keyboard.press("Space")
    assert not page.locator(".help-now:visible").count()


def test_left_blank_the_page_asks_once_more_and_keeps_what_was_chosen(
    here: Practice, booked: Booking, any_page: Page, page_complaints: list[str]
) -> None:
    page = any_page
    page.goto(questions_path(asked(here, booked).public_id))
    for number in range(1, 9):
        answer(page, number, NEVER)
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_text("La question 9 est restée vide.").wait_for()
    # A page that asks again has the status of one that could not be taken.
    assert all("422" in complaint for complaint in page_complaints)
    page_complaints.clear()
    assert page.locator("input:checked").count() == 8
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("heading", name="Merci").wait_for()
    assert Outcome.objects.get().told["danger"] == "unanswered"


@pytest.mark.parametrize(("width", "dark"), [(320, False), (390, True), (1280, False)])
def test_every_page_is_for_everybody(
    here: Practice,
    booked: Booking,
    ada: Account,
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], None],
    width: int,
    dark: bool,
) -> None:
    page = open_page(width=width, dark=dark)
    path = questions_path(asked(here, booked).public_id)

    def looked(name: str) -> None:
        assert_accessible(page)
        assert fits(page), name
        screenshot(page, f"measures-{name}-{width}{'-dark' if dark else ''}")

    page.goto(path)
    looked("questions")
    page.locator("#q9").get_by_text(SEVERAL_DAYS).click()
    assert help_is_all_there_is(page)
    looked("help")
    page.get_by_role("link", name="Revenir aux questions").click()
    looked("back")
    curve_of(here, booked)
    sign_in(page, ada)
    page.goto("/mes-questionnaires")
    looked("own")
    page.get_by_role("cell").get_by_role("link").first.click()
    looked("outcome")
    page.goto("/en/mes-questionnaires")
    assert "It is not a diagnosis" in page.locator("main").inner_text()

    page = open_page(width=width, dark=dark)
    sign_in(page, here.account)
    visit = f"/cabinet/rendez-vous/{booked.public_id}/questionnaires"
    page.goto("/cabinet/questionnaires")
    looked("unread")
    page.get_by_role("link", name="Lire et dire ce que vous avez fait").click()
    looked("review")
    page.goto(visit)
    looked("visit")
    page.get_by_role("link", name="Saisir une feuille remplie sur papier").click()
    looked("choose")
    page.get_by_label("AUDIT").check()
    page.get_by_role("button", name="Continuer").click()
    looked("paper")
