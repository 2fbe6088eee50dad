"""The main job in a real browser: from a search to a paid session, told by three people.

Camille looks for a psychologist in Craponne, books the first session and goes there; the
psychologist closes it and sends the care sheet; the fund's agent reads the decision; Camille
sees the money and what is left of the year. On a phone, with script and without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests import factories as make
from tests.conftest import NARROW
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.places.gazetteer import town_by_insee
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.codes import Coverage
from soutien.rules.terms import load_law

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FRIDAY = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
MONDAY_AFTER_THE_SESSION = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
OPENED = FRIDAY.date() - timedelta(days=400)
CRAPONNE = "69069"
MONDAY = 0


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """Friday evening; the session will be on Monday morning."""
    with time_machine.travel(FRIDAY) as travelling:
        yield travelling


@pytest.fixture
def place() -> PracticePlace:
    """A psychologist of Craponne, open on Monday mornings."""
    town = town_by_insee(CRAPONNE)
    assert town is not None
    psychologist = make.psychologist(
        under_agreement_from=OPENED, given_name="Ada", family_name="Modèle"
    )
    place = make.place(
        psychologist,
        insee=town.insee,
        town_name=town.name,
        postcode=town.postcodes[0],
        latitude=town.latitude,
        longitude=town.longitude,
    )
    make.opening(place, MONDAY, valid_from=OPENED)
    return place


def camille_finds_and_books(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Où êtes-vous").first.fill("craponne 69")
    page.get_by_role("button", name="Trouver").first.click()
    page.get_by_text("Ada Modèle").first.wait_for()
    page.locator("main a[href*='/reserver/']").first.click()
    page.get_by_role("button", name="Garder cette heure").click()
    page.get_by_role("button", name="Réserver ce rendez-vous").click()
    page.get_by_text("réservé", exact=True).wait_for()


def ada_closes_and_sends(page: Page) -> None:
    page.goto("/cabinet")
    page.locator("section[aria-labelledby=to-close] a.button").first.click()
    page.get_by_label("Tenue").check()
    page.get_by_label("Je signe la feuille de soins").check()
    page.get_by_label("La personne a signé").check()
    page.get_by_role("button", name="Terminer la séance").click()
    page.get_by_text("Séance terminée, feuille de soins établie").wait_for()
    page.get_by_role("button", name="Envoyer à la caisse").click()
    page.get_by_text("acceptée").first.wait_for()


def test_from_a_search_to_a_paid_session(
    open_page: Callable[..., Page],
    clock: time_machine.Coordinates,
    place: PracticePlace,
) -> None:
    walk(open_page, clock, place, script=True)


def test_from_a_search_to_a_paid_session_without_script(
    open_page: Callable[..., Page], clock: time_machine.Coordinates, place: PracticePlace
) -> None:
    walk(open_page, clock, place, script=False)


def walk(
    open_page: Callable[..., Page],
    clock: time_machine.Coordinates,
    place: PracticePlace,
    *,
    script: bool,
) -> None:
    camille = make.person(at=FRIDAY, given_name="Camille", with_nir=True, email="c@example.org")
    make.affiliation(camille, valid_from=OPENED)
    make.cover(camille, valid_from=OPENED)
    accounts = {
        "camille": make.account(Role.PERSON, person=camille),
        "ada": make.account(Role.PSYCHOLOGIST, psychologist=place.psychologist),
        "agent": make.account(Role.FUND_AGENT, fund_code=make.FUND),
    }
    terms = load_law().on(MONDAY_AFTER_THE_SESSION.date())
    left = terms.sessions_per_year_max - 1

    phone = open_page(width=NARROW, script=script)
    sign_in(phone, accounts["camille"])
    camille_finds_and_books(phone)
    phone.goto("/mon-annee")
    phone.get_by_text("1 réservée").first.wait_for()

    clock.move_to(MONDAY_AFTER_THE_SESSION)
    desk = open_page(script=script)
    sign_in(desk, accounts["ada"])
    ada_closes_and_sends(desk)

    claim = Claim.objects.get()
    decision = Decision.objects.get()
    assert decision.coverage == Coverage.STANDARD_60_40
    assert decision.amo_cents + decision.amc_cents == terms.evaluation_fee_cents
    assert (decision.patient_cents, decision.sessions_left) == (0, left)

    office = open_page(script=script)
    sign_in(office, accounts["agent"])
    office.goto("/caisse")
    office.get_by_role("link", name=claim.reference).click()
    office.get_by_role("heading", name=claim.reference).wait_for()
    assert decision.law_version in office.content()

    # A working day later, the first sign-in has ended: nobody stays signed in for ever.
    sign_in(phone, accounts["camille"])
    phone.goto("/mon-annee")
    phone.get_by_text(f"{left} restent").first.wait_for()
    phone.goto(f"/mes-demandes/{claim.public_id}")
    phone.get_by_text("Au final").first.wait_for()
    shown = phone.locator("main").inner_text()
    assert "acceptée" in shown
    assert "0\u00a0€" in shown
