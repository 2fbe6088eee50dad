"""Two families in a real browser: a mother with a father abroad, a fifteen-year-old alone.

Made-up people of their own. Every page met is looked at: it fits its screen and passes axe.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from tests import factories as make
from tests.signing_in import sign_in

from soutien.doors.booking_links import booking_path
from soutien.doors.sign_in_links import link_path
from soutien.doors.waiting_links import CONSENT, waiting_path
from soutien.registers.accounts.models import LinkKind, MailLink, Role
from soutien.registers.agenda.models import Booking
from soutien.registers.care.models import CareSession
from soutien.registers.guardians.models import Holder, Link, Signature, Wait
from soutien.registers.outbox.models import Letter
from soutien.registers.psychologists.models import PracticePlace

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FRIDAY = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
OPENED = FRIDAY.date() - timedelta(days=400)
PICTURES = os.environ.get("SOUTIEN_PICTURES", "")
NARROW, WIDE = 390, 1280


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """A Friday evening; sessions are on Monday mornings."""
    with time_machine.travel(FRIDAY) as travelling:
        yield travelling


@pytest.fixture
def place() -> PracticePlace:
    """A psychologist who sees children, open on Monday mornings."""
    psychologist = make.psychologist(
        under_agreement_from=OPENED, given_name="Ada", family_name="Modèle"
    )
    place = make.place(psychologist)
    for weekday in (0, 1):
        make.opening(place, weekday, valid_from=OPENED)
    return place


@pytest.fixture(autouse=True)
def _a_form_to_mend_is_no_fault(
    open_page: Callable[..., Page], page_complaints: list[str]
) -> Iterator[None]:
    """A browser counts a form that is shown again (422) as an error of its console."""
    yield
    page_complaints[:] = [line for line in page_complaints if "422" not in line]


def looked_at(page: Page, name: str) -> None:
    """Fits its screen, passes axe, and leaves a picture where SOUTIEN_PICTURES says."""
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def books(page: Page, place: PracticePlace, *, born: str, child: bool, given_name: str) -> Booking:
    """Three screens, without an account."""
    page.goto(reverse("psychologist", args=[place.psychologist.public_id]))
    page.locator("main a[href*='/reserver/']").first.click()
    page.get_by_role("button", name=re.compile("Garder cette heure")).click()
    page.get_by_label("pour mon enfant" if child else "pour moi", exact=True).check()
    page.get_by_label("Prénom").fill(given_name)
    page.get_by_label("Nom de famille").fill("d’Exemple")
    page.get_by_label("Jour de naissance").fill(born)
    page.get_by_label("Votre adresse de courriel").fill("family@example.org")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_text("avant la première séance").first.wait_for()
    page.get_by_role("button", name="Réserver ce rendez-vous").click()
    page.get_by_text("attend un accord").wait_for()
    return Booking.objects.get(status="confirmed")


def signs(page: Page, name: str, button: str = "Oui, je suis d’accord") -> None:
    page.get_by_label("Votre prénom et votre nom").first.fill(name)
    page.get_by_role("button", name=button).click()
    page.get_by_text("C’est noté. Merci.").wait_for()


def link_of(given_name: str) -> str:
    """The address that a holder received: given names are sealed, so they are compared here."""
    [link] = [
        row
        for row in Link.objects.filter(revoked_at=None).select_related("holder")
        if row.holder.given_name == given_name
    ]
    return waiting_path(CONSENT, link.public_id)


@pytest.mark.parametrize("script", [True, False])
def test_a_mother_for_a_seven_year_old_with_a_father_abroad(
    open_page: Callable[..., Page],
    clock: time_machine.Coordinates,
    place: PracticePlace,
    script: bool,
):
    phone = open_page(width=NARROW, script=script)
    booking = books(phone, place, born="17 05 2019", child=True, given_name="Nadia")
    if script:
        looked_at(phone, "child-booking-390")
    phone.get_by_role("link", name="Voir ce qu’il faut faire").click()
    if script:
        looked_at(phone, "child-consents-390")
    # The mother names herself, and signs on the next page.
    phone.get_by_label("Prénom").fill("Nadia")
    phone.get_by_label("Nom de famille").fill("d’Exemple")
    phone.get_by_role("button", name="Continuer").click()
    if script:
        looked_at(phone, "child-asked-390")
    signs(phone, "Nadia d’Exemple")
    if script:
        looked_at(phone, "child-agreed-390")
    # Then the father, who is abroad and has no account.
    phone.goto(booking_path(booking.public_id, "booking_consents"))
    phone.get_by_text("L’accord d’un parent manque").wait_for()
    phone.get_by_label("Prénom").fill("Karim")
    phone.get_by_label("Nom de famille").fill("d’Exemple")
    phone.get_by_role("button", name="Continuer").click()
    phone.get_by_text("Il manque une adresse de courriel ou un téléphone.").first.wait_for()
    phone.get_by_label("Son adresse de courriel").fill("karim@example.org")
    phone.get_by_role("button", name="Continuer").click()
    phone.get_by_text("Cette personne reçoit son lien").wait_for()
    assert Letter.objects.filter(kind="guardians.link.made").count() == 2
    assert Holder.objects.get(seat=2).email == "karim@example.org"

    # Before he answers, the psychologist sees what is missing.
    ada = make.account(Role.PSYCHOLOGIST, psychologist=place.psychologist)
    desk = open_page(width=WIDE, script=script)
    sign_in(desk, ada)
    desk.goto(reverse("day_of", args=[booking.civil_day]))
    desk.get_by_text("L’accord d’un parent manque").first.wait_for()
    desk.goto(reverse("visit_consents", args=[booking.public_id]))
    if script:
        looked_at(desk, "child-visit-1280")

    abroad = open_page(width=WIDE, dark=True, script=script)
    abroad.goto("/en" + link_of("Karim"))
    abroad.get_by_role("heading", name="Your consent is asked for").wait_for()
    if script:
        looked_at(abroad, "child-asked-dark-1280")
    abroad.goto(link_of("Karim"))
    signs(abroad, "Karim d’Exemple")
    phone.goto(booking_path(booking.public_id))
    phone.get_by_text("réservé", exact=True).wait_for()
    phone.goto(booking_path(booking.public_id, "booking_consents"))
    phone.get_by_text("Rien ne manque").wait_for()
    if script:
        looked_at(phone, "child-complete-390")
    assert Wait.objects.get().ended_for == "complete"
    assert set(Signature.objects.values_list("how", flat=True)) == {"link"}

    # The session is held; later he takes his consent back, and it is said gently.
    clock.move_to(booking.starts_at + timedelta(hours=1))
    sign_in(desk, ada)
    desk.goto(reverse("close", args=[booking.public_id]))
    desk.get_by_role("link", name="Accords des parents").wait_for()
    abroad.goto(link_of("Karim"))
    abroad.get_by_text("Retirer mon accord").first.click()
    abroad.get_by_role("button", name="Retirer mon accord").click()
    abroad.get_by_text("Vous avez retiré votre accord").wait_for()
    phone.goto(booking_path(booking.public_id, "booking_consents"))
    phone.get_by_text("Ce n’est la faute de personne").wait_for()
    if script:
        looked_at(phone, "child-refused-390")


def test_a_father_who_cannot_be_reached_and_a_paper_at_the_practice(
    open_page: Callable[..., Page], clock: time_machine.Coordinates, place: PracticePlace
):
    phone = open_page(width=320)
    booking = books(phone, place, born="17 05 2019", child=True, given_name="Nadia")
    phone.get_by_role("link", name="Voir ce qu’il faut faire").click()
    looked_at(phone, "child-consents-320")
    phone.get_by_label("Prénom").fill("Nadia")
    phone.get_by_label("Nom de famille").fill("d’Exemple")
    phone.get_by_role("button", name="Continuer").click()
    signs(phone, "Nadia d’Exemple")
    phone.get_by_text("Il n’est vraiment pas possible de le joindre").click()
    looked_at(phone, "child-alone-320")
    signs(phone, "Nadia d’Exemple", "Signer cette déclaration")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Garder une copie (PDF)").last.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    phone.goto(booking_path(booking.public_id))
    phone.get_by_text("réservé", exact=True).wait_for()
    assert not CareSession.objects.exists()

    # The father comes to the practice after all: his paper is written down.
    desk = open_page(width=WIDE)
    sign_in(desk, make.account(Role.PSYCHOLOGIST, psychologist=place.psychologist))
    desk.goto(reverse("visit_consents", args=[booking.public_id]))
    desk.get_by_label("Prénom").fill("Karim")
    desk.get_by_label("Nom de famille").fill("d’Exemple")
    desk.get_by_role("button", name="Ajouter").click()
    desk.get_by_label("Karim d’Exemple").check()
    desk.get_by_label("Oui, cette personne est d’accord").check()
    desk.get_by_role("button", name="Noter ce papier").click()
    desk.get_by_text("Cochez la case quand vous avez l’original").first.wait_for()
    desk.get_by_label("J’ai l’original sous les yeux").check()
    desk.get_by_role("button", name="Noter ce papier").click()
    desk.get_by_text("Tous les accords sont là").first.wait_for()
    looked_at(desk, "child-visit-paper-1280")


def test_a_fifteen_year_old_alone_is_told_what_is_needed_and_whom_to_talk_to(
    open_page: Callable[..., Page], clock: time_machine.Coordinates, place: PracticePlace
):
    phone = open_page(width=NARROW, dark=True)
    booking = books(phone, place, born="03 03 2011", child=False, given_name="Noé")
    phone.get_by_role("link", name="Voir ce qu’il faut faire").click()
    phone.get_by_role("link", name="vous êtes mineur").click()
    phone.get_by_text("Vous avez le droit de demander de l’aide").wait_for()
    looked_at(phone, "teen-390")
    assert phone.get_by_role("link", name="119").get_attribute("href") == "tel:119"
    assert phone.get_by_role("link", name="0 800 235 236").is_visible()
    assert phone.get_by_text("maison des adolescents").is_visible()
    phone.get_by_label("Prénom").fill("Awa")
    phone.get_by_label("Nom de famille").fill("d’Exemple")
    phone.get_by_label("un parent seul").check()
    phone.get_by_label("Le papier qui le dit").fill("Livret de famille")
    phone.get_by_label("Son téléphone").fill("06 39 98 00 01")
    phone.get_by_role("button", name="Continuer").click()
    phone.get_by_text("Cette personne reçoit son lien").wait_for()
    looked_at(phone, "teen-asked-390")
    mother = open_page(width=NARROW)
    mother.goto(link_of("Awa"))
    signs(mother, "Awa d’Exemple")
    phone.goto(booking_path(booking.public_id, "booking_consents"))
    phone.get_by_text("un papier est à voir").first.wait_for()
    looked_at(phone, "teen-paper-390")


# What the Tab key meets on the page of a holder's link, after the page's own head.
IN_ORDER = [
    "Votre prénom et votre nom",
    "Oui, je suis d’accord",
    "Non, je ne suis pas d’accord",
    "Montrer un papier : livret de famille, jugement",
]


def test_a_holder_answers_by_keyboard_alone(
    open_page: Callable[..., Page], clock: time_machine.Coordinates, place: PracticePlace
):
    """The focus goes down the page as it is read, is always seen, and signs."""
    lea = make.person(at=FRIDAY, birth_date="2019-05-17", given_name="Léa")
    make.booking(place, starts_at=FRIDAY + timedelta(days=3), who=lea)
    asked = make.holder(lea, at=FRIDAY, given_name="Karim")
    link = make.consent_link(asked, place.psychologist, at=FRIDAY)
    page = open_page(width=WIDE)
    page.goto(waiting_path(CONSENT, link.public_id))
    met: list[str] = []
    heights: list[float] = []
    for _press in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None or len(met) == len(IN_ORDER):
            break
        if found["name"] in IN_ORDER:
            assert found["ring"], found
            met.append(found["name"])
            heights.append(found["top"])
    assert met == IN_ORDER and heights == sorted(heights)
    # A paper is not asked for: Enter opens it, and Shift+Tab goes back up to the signature.
    while page.evaluate(FOCUSED)["name"] != IN_ORDER[0]:
        page.keyboard.press("Shift+Tab")
    page.keyboard.type("Karim d’Exemple")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("C’est noté. Merci.").wait_for()
    assert Signature.objects.get().how == "link"
    looked_at(page, "child-keyboard-1280")


# The element that has the focus inside the page's main part: its name, where it is, its ring.
FOCUSED = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const label = it.labels && it.labels.length ? it.labels[0] : it;
  const style = getComputedStyle(it);
  return {
    name: label.textContent.trim().replace(/\\s+/g, " "),
    top: it.getBoundingClientRect().top + window.scrollY,
    ring: style.outlineStyle !== "none" || style.boxShadow !== "none",
  };
}"""


def test_an_own_space_is_read_together_then_opened_and_who_sees_is_said(
    open_page: Callable[..., Page], clock: time_machine.Coordinates, place: PracticePlace
):
    noe = make.person(at=FRIDAY, birth_date="2010-05-17", given_name="Noé")
    make.booking(place, starts_at=FRIDAY + timedelta(days=3), who=noe)
    desk = open_page(width=WIDE)
    sign_in(desk, make.account(Role.PSYCHOLOGIST, psychologist=place.psychologist))
    desk.goto(reverse("care", args=[noe.public_id]))
    desk.get_by_role("link", name="Son espace à soi").click()
    desk.get_by_text("À lire ensemble").wait_for()
    looked_at(desk, "space-offer-1280")
    desk.get_by_label("Son adresse, qu’elle est seule à lire").fill("noe@example.org")
    desk.get_by_label("La personne est avec moi").check()
    desk.get_by_role("button", name="Envoyer le lien").click()
    desk.get_by_text("Le lien est parti").wait_for()
    link = MailLink.objects.get(kind=LinkKind.OWN_SPACE)
    phone = open_page(width=NARROW, dark=True)
    phone.goto(link_path(LinkKind.OWN_SPACE, link.public_id))
    phone.get_by_text("Les parents ne voient pas").wait_for()
    looked_at(phone, "space-take-390")
    phone.get_by_role("button", name="Ouvrir mon espace").click()
    phone.get_by_role("link", name="Mon parcours").click()
    phone.get_by_text("Ce que vos parents voient").wait_for()
    looked_at(phone, "space-care-390")
