"""The waiting list in a real browser: a freed hour goes to the second person after the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests import factories as make
from tests.doors.web.person.practice import Practice, practice
from tests.signing_in import sign_in

from soutien.doors.freed_slots import FreedSlots
from soutien.doors.waiting_links import OFFER, REQUEST, waiting_path
from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking, OpeningRule
from soutien.registers.waiting.models import Offer, Request, Wait
from soutien.steps.actor import Actor
from soutien.steps.book import cancel_booking

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWEST = 320
HOUR = timedelta(hours=1)
LONG_NAME = "Marie-Amandine-Élisabeth-Victorine de La Rochefoucauld-Exemple"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A Friday morning of November, that the story may move on."""
    with time_machine.travel(datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) as traveller:
        yield traveller


@pytest.fixture
def room(clock: time_machine.Traveller) -> Practice:
    """A psychologist whose only hour of the weeks to come is booked."""
    made = practice(label="Maison de santé pluridisciplinaire intercommunale de l’Exemple")
    OpeningRule.objects.all().delete()
    day = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
    make.special_opening(made.place, day.date(), starts_at_minute=14 * 60, ends_at_minute=15 * 60)
    make.booking(made.place, starts_at=day, who=make.person(at=day), **make.EVALUATION)
    return made


def fits(page: Page) -> None:
    """Nothing sticks out to the right."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url}: {wide} px too wide"


def join(page: Page, name: str, *, need: str = "lourd") -> None:
    """From the search to a place in the queue."""
    page.goto("/trouver?place=Lyon&radius=10")
    page.get_by_role("link", name="Attendre une place près de chez vous").click()
    page.get_by_label(need).check()
    page.get_by_label("Comment vous appeler ?").fill(name)
    page.get_by_label("Votre adresse de courriel").fill(
        f"{name.split('-')[0].lower()}@example.org"
    )
    page.get_by_role("button", name="M’inscrire sur la liste").click()
    page.get_by_role("heading", name="Vous êtes sur la liste d’attente").wait_for()


def offered_to(watch: FreedSlots, at: datetime) -> str:
    """One round; the link of the offer open after it."""
    watch.round(at)
    return waiting_path(OFFER, Offer.objects.get(status="open").public_id)


def test_a_freed_hour_goes_to_the_second_person_when_the_first_lets_it_go_by(
    any_page: Page, clock: time_machine.Traveller, room: Practice
) -> None:
    page, watch, now = any_page, FreedSlots(), datetime.now(UTC)
    join(page, "Alix")
    clock.shift(HOUR)
    join(page, "Lou")
    assert watch.round(datetime.now(UTC)).offered == 0

    cancel_booking(
        actor=Actor("psychologist", psychologist_id=room.psychologist.pk),
        booking_id=Booking.objects.get().public_id,
        at=datetime.now(UTC),
    )
    first = offered_to(watch, datetime.now(UTC))
    assert Offer.objects.get().wait.name == "Alix"
    page.goto(first)
    assert page.get_by_text("Une place s’est libérée près de chez vous.").is_visible()
    assert page.get_by_text("Jusqu’à 14:00").is_visible()

    # Nobody else finds the hour meanwhile.
    page.goto(f"/psychologues/{room.psychologist.public_id}")
    assert page.get_by_text("Pas d’heure libre").is_visible()

    clock.shift(3 * HOUR)
    second = offered_to(watch, datetime.now(UTC))
    page.goto(first)
    assert page.get_by_text("Votre place sur la liste l’est toujours").is_visible()
    alix = Wait.objects.get(ignored=1)
    assert (alix.name, alix.status) == ("Alix", "waiting")
    assert alix.joined_at < now + HOUR

    page.goto(second)
    page.get_by_label("Nom de famille").fill("Exemple")
    page.get_by_label("Jour de naissance").fill("17 05 1990")
    page.get_by_role("button", name="Prendre cette heure").click()
    page.wait_for_url("**/rendez-vous/**")
    assert page.get_by_role("heading", name="mercredi 25 novembre 2026").is_visible()
    assert Booking.objects.filter(status="confirmed").count() == 1
    assert Wait.objects.get(status="booked").name == "Lou"


def test_a_request_is_answered_from_the_inbox(
    any_page: Page, clock: time_machine.Traveller, room: Practice
) -> None:
    page = any_page
    page.goto(f"/psychologues/{room.psychologist.public_id}")
    page.get_by_role("link", name="Demander à être rappelé").click()
    page.get_by_label("Comment vous appeler ?").fill("Noé")
    page.get_by_label("Votre téléphone").fill("06 39 98 00 07")
    page.get_by_label("en fin de journée").check()
    page.get_by_role("button", name="Demander à être rappelé").click()
    page.get_by_role("heading", name="C’est demandé").wait_for()
    mine = page.url

    other = practice(latitude=45.76, longitude=4.84)
    account = make.account(Role.PSYCHOLOGIST, psychologist=room.psychologist)
    sign_in(page, account, "/cabinet/demandes")
    page.get_by_role("link", name="Répondre Noé").click()
    page.get_by_role("link", name="Je n’ai pas de place").click()
    page.get_by_role("button", name="Oui, l’envoyer").click()
    page.get_by_text("Personne n’attend de réponse.").wait_for()

    page.goto(mine)
    assert page.get_by_role(
        "heading", name="Ada Modèle n’a pas de place en ce moment"
    ).is_visible()
    page.locator(f'a[href^="/reserver/{other.psychologist.public_id}"]').click()
    assert page.get_by_role("button", name="Garder cette heure").is_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_fits_on_the_narrowest_screen_and_is_accessible(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    clock: time_machine.Traveller,
    room: Practice,
    dark: bool,
) -> None:
    page = open_page(width=NARROWEST, dark=dark)
    psychologist, now = room.psychologist, datetime.now(UTC)
    join(page, LONG_NAME.replace(" ", "-"))
    addresses = [page.url, f"{page.url}?quitter", "/attendre?place=Lyon"]
    addresses += [f"/attendre/{psychologist.public_id}", f"/rappel/{psychologist.public_id}"]
    make.special_opening(
        room.place, now.date() + timedelta(days=6), starts_at_minute=600, ends_at_minute=720
    )
    addresses.append(offered_to(FreedSlots(), now))
    page.goto(f"/rappel/{psychologist.public_id}")
    page.get_by_label("Comment vous appeler ?").fill(LONG_NAME)
    page.get_by_label("Votre téléphone").fill("06 39 98 00 07")
    page.get_by_role("button", name="Demander à être rappelé").click()
    page.get_by_role("heading", name="C’est demandé").wait_for()
    request = Request.objects.get()
    addresses.append(waiting_path(REQUEST, request.public_id))
    for address in addresses:
        page.goto(address)
        fits(page)
        assert_accessible(page)
    account = make.account(Role.PSYCHOLOGIST, psychologist=psychologist)
    sign_in(page, account, "/cabinet/demandes")
    line = f"/cabinet/demandes/{request.public_id}"
    for address in ("/cabinet/demandes", line, f"{line}?refuser"):
        page.goto(address)
        fits(page)
        assert_accessible(page)


def test_a_form_sent_empty_says_what_is_missing_and_is_accessible(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    page_complaints: list[str],
    room: Practice,
) -> None:
    page = open_page(width=390)
    page.goto("/attendre")
    page.get_by_role("button", name="M’inscrire sur la liste").click()
    assert page.get_by_role("heading", name="choses sont à revoir").is_visible()
    assert page.get_by_text("Choisissez ce qui se rapproche le plus.").first.is_visible()
    assert_accessible(page)
    assert all("422" in complaint for complaint in page_complaints)
    page_complaints.clear()
