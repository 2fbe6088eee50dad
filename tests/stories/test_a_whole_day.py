"""A psychologist's whole day in the browser: ten sessions, one missed, one handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking
from soutien.registers.care.models import CareSession, Episode, NoteVersion
from soutien.registers.claims.models import CareSheet
from soutien.registers.people.models import Person
from soutien.steps.accompany import Plan, plan_care, say_goals
from soutien.steps.actor import Actor
from soutien.steps.hand_on import agree_hand_over

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVENING = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
NAMES = ("Ada", "Brune", "Célia", "Driss", "Elio", "Fanny", "Gaël", "Hana", "Ilan", "Jade")
HANDED_OVER, MISSED = "Ada", "Driss"


@pytest.fixture
def here() -> Iterator[Practice]:
    with time_machine.travel(EVENING):
        yield practice(EVENING)


def ten_appointments(here: Practice) -> dict[str, Person]:
    """From eight in the morning, one an hour; each was evaluated some weeks before."""
    people = {}
    for number, name in enumerate(NAMES):
        who = people[name] = here.patient(given_name=name, family_name="Exemple")
        if name != HANDED_OVER:
            here.was_evaluated(who)
        here.booking(who, begins_in_h=-(11 - number) - 0.5, kind="follow_up")
    return people


def handed_over(here: Practice, who: Person) -> None:
    """Ada was evaluated elsewhere, and let her new psychologist read what she hopes for."""
    there = practice(EVENING)
    there.was_evaluated(who)
    there.booking(who, begins_in_h=-24 * 30, kind="follow_up")
    before = EVENING - timedelta(days=1)
    plan = Plan(True, True, True, True, 6)
    plan_care(actor=there.actor, patient_id=who.public_id, plan=plan, at=before)
    account = make.account(Role.PERSON, person=who)
    own = Actor("person", account.pk, who.pk)
    key = Episode.objects.get(person=who).public_id
    say_goals(actor=own, episode_id=key, text="Retourner à la chorale", at=before)
    agree_hand_over(
        actor=own,
        episode_id=key,
        to_psychologist_id=here.psychologist.public_id,
        items=("goals",),
        at=before,
    )


def close_one(page: Page, name: str) -> None:
    """The session of one of them, from the day's list."""
    lines = page.locator("section[aria-labelledby=to-close] li.line")
    line = lines.filter(has=page.get_by_text(f"{name} E.", exact=True))
    line.get_by_role("link", name="Terminer").click()
    if name == MISSED:
        page.get_by_label("Manquée").check()
        page.get_by_label("la personne", exact=True).check()
        page.get_by_label("Prévenu le").fill("2026-11-19")
    else:
        page.get_by_label("Tenue").check()
        page.get_by_label("Durée, en minutes").fill("50")
        page.get_by_label("Je signe la feuille de soins").check()
        page.get_by_label("La personne a signé").check()
    page.get_by_role("button", name="Terminer la séance").click()


def test_ten_sessions_one_missed_one_handed_over(
    here: Practice, browser_page: Page, assert_accessible: Callable[[Page], None]
) -> None:
    people, page = ten_appointments(here), browser_page
    handed_over(here, people[HANDED_OVER])
    sign_in(page, here.account)
    page.goto("/cabinet/2026-11-20")
    assert page.locator("section[aria-labelledby=to-close] li.line").count() == len(NAMES)
    assert_accessible(page)
    # Before the first one: what was handed over, and nothing else of the former care.
    page.goto(f"/cabinet/personnes/{people[HANDED_OVER].public_id}")
    received = page.locator("section[aria-labelledby=received-1]").inner_text()
    assert "Retourner à la chorale" in received and "prévues" not in received
    assert_accessible(page)
    for name in NAMES:
        page.goto("/cabinet/2026-11-20")
        close_one(page, name)
    held = CareSession.objects.filter(psychologist=here.psychologist, held_on=here.today)
    assert (held.count(), held.filter(performed=True).count()) == (10, 9)
    missed = held.get(performed=False)
    assert (missed.missed_by, missed.person) == ("person", people[MISSED])
    assert set(held.filter(performed=True).values_list("duration_minutes", flat=True)) == {50}
    assert CareSheet.objects.filter(lines__care_session__in=held).count() == 9
    assert not Booking.objects.filter(psychologist=here.psychologist, status="confirmed").exists()
    taken_up = Episode.objects.get(person=people[HANDED_OVER], psychologist=here.psychologist)
    assert taken_up.opened_for == "change"
    # One was by video after all: told anew, with a new sheet.
    page.goto("/cabinet/2026-11-20")
    closed = page.locator("section[aria-labelledby=closed] li.line")
    assert "dit le 19 novembre 2026" in closed.filter(has_text="Driss E.").inner_text()
    closed.filter(has_text="Jade E.").get_by_role("link", name="Corriger").click()
    page.get_by_label("Ce que vous corrigez").select_option("modality")
    page.get_by_label("en visio").check()
    page.get_by_label("Je signe la feuille de soins").check()
    page.get_by_label("La personne a signé").check()
    assert_accessible(page)
    page.get_by_role("button", name="Enregistrer la correction").click()
    page.get_by_text("une nouvelle feuille de soins est établie").wait_for()
    page.goto("/cabinet/2026-11-20")
    assert "En visio en 2026 : 1 sur" in page.locator("main").inner_text()
    # And a note before going home.
    page.goto(f"/cabinet/personnes/{people['Brune'].public_id}/notes")
    page.get_by_label("Note", exact=True).fill("Va mieux. Revoir le sommeil.")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("La note est enregistrée.").wait_for()
    assert NoteVersion.objects.get().text == "Va mieux. Revoir le sommeil."
