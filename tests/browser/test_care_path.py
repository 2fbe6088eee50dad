"""The care itself in a real browser: both pages of the pair, with script and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Account, Role
from soutien.registers.care.models import Episode, Note, NoteVersion
from soutien.registers.people.models import Person
from soutien.steps.accompany import Plan, Words, plan_care, say_goals, write_review

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME = {"given_name": "Camille", "family_name": "de la Fontaine-Beauregard"}


@dataclass
class Pair:
    """A psychologist and somebody who came for the first time an hour ago."""

    here: Practice
    who: Person
    account: Account

    @property
    def path(self) -> str:
        return f"/cabinet/personnes/{self.who.public_id}"


@pytest.fixture
def pair() -> Iterator[Pair]:
    friday = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    with time_machine.travel(friday):
        here = practice(friday)
        who = here.patient(**NAME)
        here.sheet(who)
        here.booking(who, begins_in_h=24 * 7, kind="follow_up")
        yield Pair(here, who, make.account(Role.PERSON, person=who))


def written(pair: Pair) -> None:
    """All that the two may write."""
    at, actor = pair.here.now, pair.here.actor
    key = Episode.objects.get(person=pair.who).public_id
    plan = Plan(True, True, True, True, 8)
    plan_care(actor=actor, patient_id=pair.who.public_id, plan=plan, at=at)
    say_goals(actor=actor, episode_id=key, text="Dormir.\nRetourner à la chorale.", at=at)
    words = Words("better", "Réveils à quatre heures", "Dort six heures", "Relaxation", "")
    write_review(actor=actor, episode_id=key, kind="mid_course", words=words, at=at)


def test_what_is_agreed_is_written_by_one_and_read_by_the_other(
    pair: Pair, any_page: Page, page_complaints: list[str]
) -> None:
    page = any_page
    sign_in(page, pair.here.account)
    page.goto("/cabinet")
    page.get_by_role("link", name="Mes patients").first.click()
    page.get_by_role("link", name="Camille de la Fontaine-Beauregard").click()
    for label in ("Nous avons regardé", "Le cadre est", "J’ai rappelé", "La personne est"):
        page.get_by_label(label).check()
    page.get_by_label("Séances prévues en tout").fill("99")
    page.locator("#agreed + details").get_by_role("button", name="Enregistrer").click()
    assert page.get_by_text("évaluation comprise").count()
    # What is refused is a 422, which the console tells.
    page_complaints.clear()
    page.get_by_label("Séances prévues en tout").fill("8")
    page.locator("#agreed + details").get_by_role("button", name="Enregistrer").click()
    page.get_by_text("C’est enregistré.").wait_for()
    assert page.get_by_text("complète").count()
    page.get_by_text("Écrire ou changer").click()
    page.get_by_label("Ce que la personne souhaite, avec ses mots").fill("Dormir la nuit")
    page.locator("#hopes ~ details").get_by_role("button", name="Enregistrer").click()
    page.get_by_text("C’est enregistré.").wait_for()
    page.context.clear_cookies()
    sign_in(page, pair.account)
    page.goto("/mon-annee")
    assert "2 sur 8 prévues ensemble" in page.locator(".before").inner_text()
    page.get_by_role("link", name="Mon parcours").click()
    goals = page.get_by_label("Ce que je souhaite, avec mes mots")
    assert goals.input_value() == "Dormir la nuit"
    goals.fill("Dormir, et chanter")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Votre psychologue peut le lire").wait_for()
    assert goals.input_value() == "Dormir, et chanter"


@pytest.mark.parametrize(
    ("width", "dark"), [(320, False), (390, False), (1280, False), (1280, True)]
)
def test_the_pages_are_for_everybody(
    pair: Pair,
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], None],
    width: int,
    dark: bool,
) -> None:
    written(pair)
    page = open_page(width=width, dark=dark)
    tone = "dark" if dark else width
    sign_in(page, pair.here.account)
    for path, name in (("/cabinet/personnes", "patients"), (pair.path, "care")):
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(e => e.open = true)")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        screenshot(page, f"{name}-{tone}")
        assert "Camille" not in page.title()
    page.context.clear_cookies()
    sign_in(page, pair.account)
    for path, name in (("/mon-parcours", "own-care"), ("/mon-annee", "own-year-before")):
        page.goto(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        screenshot(page, f"{name}-{tone}")
    page.goto("/en/mon-parcours")
    assert "Only the two of you read it." in page.locator("main").inner_text()


def test_a_note_is_saved_while_it_is_typed_and_survives_a_lost_line(
    pair: Pair,
    browser_page: Page,
    page_complaints: list[str],
) -> None:
    page = browser_page
    sign_in(page, pair.here.account)
    page.goto(pair.path)
    page.get_by_role("link", name="Mes notes").click()
    field = page.get_by_label("Note", exact=True)
    field.press_sequentially("Dort mal depuis septembre.")
    page.get_by_text("Enregistré à").wait_for()
    note = Note.objects.get()
    assert said(note) == "Dort mal depuis septembre."
    page.context.set_offline(True)
    field.press_sequentially(" Parle du travail.")
    page.get_by_text("Pas de connexion. Votre texte reste ici").wait_for()
    assert field.input_value() == "Dort mal depuis septembre. Parle du travail."
    assert said(note) == "Dort mal depuis septembre."
    page.context.set_offline(False)
    page.get_by_text("Enregistré à").wait_for(timeout=20_000)
    assert said(note) == "Dort mal depuis septembre. Parle du travail."
    # The line that was lost is told in the console.
    page_complaints.clear()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("La note est enregistrée.").wait_for()
    assert NoteVersion.objects.count() == 1 and NoteVersion.objects.get().kept


def test_words_typed_before_the_scripts_came_are_saved_too(pair: Pair, browser_page: Page) -> None:
    page = browser_page
    sign_in(page, pair.here.account)
    held: list[Route] = []
    page.route("**/notes*.js", lambda route: held.append(route))
    page.goto(f"{pair.path}/notes", wait_until="commit")
    page.get_by_label("Note", exact=True).fill("Dort mal")
    while not held:
        page.wait_for_timeout(50)
    for route in held:
        route.continue_()
    page.get_by_text("Enregistré à").wait_for()
    assert said(Note.objects.get()) == "Dort mal"


def test_a_note_typed_after_the_sign_in_ended_stays_in_the_page(
    pair: Pair, browser_page: Page, page_complaints: list[str]
) -> None:
    page = browser_page
    sign_in(page, pair.here.account)
    page.goto(f"{pair.path}/notes")
    page.context.clear_cookies()
    field = page.get_by_label("Note", exact=True)
    field.press_sequentially("Dort mal")
    lost = page.locator(".note-lost")
    lost.wait_for()
    assert "Votre texte reste ici" in lost.inner_text()
    assert field.input_value() == "Dort mal" and not Note.objects.exists()
    # A page is emptied once its session is over, but not of what could not be saved.
    over = "document.dispatchEvent(new CustomEvent('session-over', {cancelable: true}))"
    assert not page.evaluate(over)
    page_complaints.clear()


def test_without_script_the_button_saves(pair: Pair, scriptless_page: Page) -> None:
    page = scriptless_page
    sign_in(page, pair.here.account)
    page.goto(f"{pair.path}/notes")
    for text in ("Dort mal", "Dort mieux"):
        page.get_by_label("Note", exact=True).fill(text)
        page.get_by_role("button", name="Enregistrer").click()
        page.get_by_text("La note est enregistrée.").wait_for()
    assert [version.text for version in NoteVersion.objects.order_by("sequence")] == [
        "Dort mal",
        "Dort mieux",
    ]
    page.get_by_text("Retirer cette note").click()
    page.get_by_role("button", name="Retirer").click()
    assert not Note.objects.exists()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_notes_are_for_everybody_and_go_along(
    pair: Pair,
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], None],
    width: int,
) -> None:
    page = open_page(width=width)
    sign_in(page, pair.here.account)
    page.goto(f"{pair.path}/notes")
    for text in ("Dort mal.\n\nParle de Łódź.", "Dort mieux"):
        page.get_by_label("Note", exact=True).fill(text)
        page.get_by_role("button", name="Enregistrer").click()
        page.get_by_text("La note est enregistrée.").wait_for()
    page.evaluate("document.querySelectorAll('main details').forEach(e => e.open = true)")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    screenshot(page, f"note-{width}")
    page.get_by_role("link", name="Mes notes").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    screenshot(page, f"notes-{width}")
    with page.expect_download() as waited:
        page.get_by_role("link", name="Emporter en texte").click()
    text = waited.value.path().read_text()
    assert "Dort mieux" in text and pair.who.given_name in text
    with page.expect_download() as waited:
        page.get_by_role("link", name="Emporter en PDF").click()
    assert waited.value.suggested_filename == "notes.pdf"
    paper = waited.value.path().read_bytes()
    for mark in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang"):
        assert mark in paper


def said(note: Note) -> str:
    return NoteVersion.objects.filter(note=note).latest("sequence").text


@pytest.mark.parametrize("width", [320, 1280])
def test_one_hands_over_line_by_line_and_takes_it_back(
    pair: Pair,
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], None],
    width: int,
) -> None:
    written(pair)
    there = practice(pair.here.now)
    there.booking(pair.who, begins_in_h=24 * 14, kind="follow_up")
    page = open_page(width=width)
    sign_in(page, pair.account)
    page.goto("/mon-parcours")
    page.get_by_role("link", name="Changer de psychologue et passer le relais").click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("input[type=checkbox]:checked").count() == 0
    page.locator("input[type=radio]").check()
    page.get_by_label("Le nombre de séances prévues").check()
    screenshot(page, f"hand-over-{width}")
    page.get_by_role("button", name="Transmettre").click()
    page.get_by_text("C’est transmis.").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Reprendre").click()
    page.get_by_text("plus rien n’en est lisible").wait_for()
