"""The working screens in a real browser: with and without script, on a phone, by keyboard."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from tests import factories as make
from tests import paying
from tests.doors.web.psychologist.practice import LONG_AGO, Practice, practice
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Review
from soutien.rules.codes import Reason
from soutien.steps.actor import Actor
from soutien.steps.bank import give_bank_detail
from soutien.steps.pay import release_order

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALLEST, ROOM_TO_TYPE_PX = 320, 140
# An agent clears so many in a row; the full form as many as a morning brings.
CLEARED = 50 if os.environ.get("SOUTIEN_PROOF") == "full" else 8
LONG_NAME = "de la Fontaine-Beauregard-Montmorency-Łukasiewicz"


@pytest.fixture
def here() -> Practice:
    """A practice with a session to close, one to come, free times and a sheet to send."""
    made = practice(timezone.now().replace(microsecond=0))
    for weekday in range(7):
        make.opening(
            made.place,
            weekday,
            valid_from=LONG_AGO,
            starts_at_minute=0,
            ends_at_minute=24 * 60,
        )
    made.booking(made.patient(known=False, family_name=LONG_NAME), begins_in_h=-3)
    made.booking(made.patient(), begins_in_h=2)
    return made


def fits(page: Page) -> bool:
    """Nothing of the page is wider than the screen."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


def day_of(here: Practice) -> str:
    """The day of the session to close: yesterday, in the first hours of a day."""
    return f"/cabinet/{make.reread(here.last_begun).civil_day}"


def test_a_psychologist_closes_a_session_and_sends_its_sheet(
    any_page: Page, here: Practice
) -> None:
    sign_in(any_page, here.account)
    any_page.goto(day_of(here))
    any_page.locator("section[aria-labelledby=to-close] a.button").click()
    any_page.get_by_label("Tenue").check()
    any_page.get_by_label("Numéro de sécurité sociale de la personne").fill(
        make.made_up_nir(515151)
    )
    any_page.get_by_label("Régime d’assurance maladie").select_option("general")
    any_page.get_by_label("Code de la caisse").fill(make.FUND)
    any_page.get_by_label("Je signe la feuille de soins").check()
    any_page.get_by_label("La personne a signé").check()
    any_page.get_by_role("button", name="Terminer la séance").click()
    assert "/feuilles/" in any_page.url
    assert any_page.get_by_text("Séance terminée, feuille de soins établie").count()
    any_page.get_by_role("button", name="Envoyer à la caisse").click()
    assert any_page.get_by_text("acceptée").count()


def test_everything_missing_is_told_and_nothing_typed_is_lost(
    any_page: Page, here: Practice, page_complaints: list[str]
) -> None:
    sign_in(any_page, here.account)
    any_page.goto(day_of(here))
    any_page.locator("section[aria-labelledby=to-close] a.button").click()
    any_page.get_by_label("Tenue").check()
    any_page.get_by_label("Numéro de sécurité sociale de la personne").fill("2 90 05")
    any_page.get_by_role("button", name="Terminer la séance").click()
    assert any_page.locator("#errors li").count() >= 4
    assert any_page.get_by_label("Tenue").is_checked()
    number = any_page.get_by_label("Numéro de sécurité sociale de la personne")
    assert number.input_value() == "2 90 05"
    # A refused form is an answer of its own, which the console names, a little later.
    any_page.goto("/cabinet")
    page_complaints[:] = [line for line in page_complaints if "422" not in line]


def test_an_agent_reads_a_decision_with_its_proof(any_page: Page, here: Practice) -> None:
    claim = here.claim(here.sheet(here.patient()))
    sign_in(any_page, here.agent)
    any_page.goto("/caisse")
    any_page.get_by_role("link", name=claim.reference).click()
    assert any_page.get_by_role("heading", name=claim.reference).count()
    any_page.get_by_text("Les règles en vigueur ce jour-là").click()
    assert any_page.get_by_role("table").last.is_visible()
    any_page.get_by_role("link", name=claim.care_sheet.number).click()
    assert "/feuilles/" in any_page.url


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_working_page_has_a_barrier_or_is_wider_than_a_small_phone(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    here: Practice,
    page_complaints: list[str],
    dark: bool,
) -> None:
    sheet = here.sheet(here.patient(family_name=LONG_NAME))
    claim = here.claim(sheet)
    to_gather, _form = here.two_to_gather(here.patient(), begins_in_h=-30)
    undue_of = make.place(make.psychologist())
    payer = f"fund:{here.agent.fund_code}"
    paying.paid_then_refused(undue_of, here.patient(), fund_code=here.agent.fund_code)
    paying.bank_says(paying.Movement("", 3000, "returned", reference="C"), payer=payer)
    money = paying.to_release(here.place, here.patient(), fund_code=here.agent.fund_code)
    release_order(actor=paying.agent(money.payer[5:]), order_id=money.public_id, at=here.now)
    waiting = Actor("psychologist", psychologist_id=here.psychologist.pk)
    give_bank_detail(actor=waiting, iban=paying.IBANS[1], holder_name=LONG_NAME, at=here.now)
    to_close, to_come = here.last_begun.public_id, here.next_booked.public_id
    addresses = {
        here.account: [
            day_of(here),
            "/cabinet/2020-01-05",
            f"/cabinet/rendez-vous/{to_close}",
            f"/cabinet/rendez-vous/{to_come}",
            f"/cabinet/rendez-vous/{to_come}/annuler",
            f"/feuilles/{sheet.public_id}",
            f"/feuilles/{to_gather.public_id}",
            "/mes-paiements",
            "/mon-compte-bancaire",
        ],
        here.agent: [
            "/caisse",
            "/caisse?reference=zzz",
            f"/caisse/demandes/{claim.public_id}",
            "/caisse/travail",
            "/caisse/virements",
            "/caisse/trop-verse",
            "/caisse/banque",
            "/caisse/comptes",
            "/mes-paiements",
        ],
    }
    for account, pages in addresses.items():
        page = open_page(width=SMALLEST, dark=dark)
        sign_in(page, account)
        for address in pages:
            page.goto(address)
            assert fits(page), f"{address} is wider than {SMALLEST} pixels"
            assert page.locator("h1").count() == 1
            assert_accessible(page)
    page_complaints[:] = [line for line in page_complaints if "404" not in line]


def test_two_agents_read_a_refusal_and_the_search_can_be_typed_in(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    here: Practice,
) -> None:
    who = here.patient(family_name=LONG_NAME)
    sheet = here.sheet(who)
    make.psychiatric_situation(who, "psychiatric_ald", valid_from=LONG_AGO)
    claim = here.claim(sheet)
    for agent, said, told in (
        (here.agent, "Oui : le service médical le dit.", "Une autre personne doit"),
        (
            make.account(Role.FUND_AGENT, fund_code=here.agent.fund_code),
            "Oui : le dossier de la caisse le montre",
            "la demande est refusée",
        ),
    ):
        page = open_page(width=SMALLEST, dark=agent != here.agent)
        sign_in(page, agent)
        page.goto("/caisse?state=to_confirm")
        box = page.get_by_label("Référence").bounding_box()
        assert box is not None
        assert box["width"] > ROOM_TO_TYPE_PX
        page.get_by_role("link", name=claim.reference).click()
        assert fits(page)
        assert_accessible(page)
        page.get_by_label(said).check()
        page.get_by_role("button", name="Enregistrer ma lecture").click()
        assert page.get_by_text(told).first.is_visible()


def test_an_agent_clears_what_waits_hands_on_the_keys(
    browser_page: Page, here: Practice, assert_accessible: Callable[[Page], None]
) -> None:
    for _number in range(CLEARED):
        session = make.care_session(make.person(at=here.now), here.place, held_on=LONG_AGO)
        yesterday = here.today - timedelta(days=1)
        claim = make.claim(make.care_sheet(session), received_on=yesterday)
        barred = int(Reason.NON_INCLUSION_PSYCHIATRIC)
        make.decision(claim, accepted=False, to_confirm=True, reasons=barred)
    sign_in(browser_page, here.agent)
    browser_page.goto("/caisse/travail")
    assert_accessible(browser_page)
    take = browser_page.get_by_role("link", name="Prendre la plus ancienne")
    take.focus()
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/caisse/demandes/**")
    for number in range(CLEARED):
        shown = browser_page.url
        # The question takes the keys by itself once it is painted: choose, and send.
        browser_page.wait_for_function("document.activeElement.type === 'radio'")
        browser_page.keyboard.press("Space")
        with browser_page.expect_navigation():
            browser_page.keyboard.press("Enter")
        assert browser_page.url != shown, f"claim {number} stayed on the screen"
    browser_page.get_by_text("Rien n’attend ici.").wait_for()
    assert Review.objects.count() == CLEARED


def test_the_form_is_closed_by_keyboard_alone(browser_page: Page, here: Practice) -> None:
    browser_page.set_default_timeout(5_000)
    sign_in(browser_page, here.account)
    browser_page.goto(f"/cabinet/rendez-vous/{here.last_begun.public_id}")
    for _press in range(40):
        browser_page.keyboard.press("Tab")
        if browser_page.evaluate("document.activeElement.name") == "outcome":
            break
    browser_page.keyboard.press("ArrowRight")
    assert browser_page.get_by_label("Manquée").is_checked()
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/cabinet/2*")
    assert browser_page.get_by_text("ne compte pas dans l’année").count()
