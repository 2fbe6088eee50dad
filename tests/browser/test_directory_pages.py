"""The directory in a real browser: around me, by name, reports, and one press to confirm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils.timezone import localdate, now
from tests.steps import scene

from soutien.doors.entry_links import entry_path
from soutien.registers.psychologists.models import AvailabilityReports, ConfirmationRequest
from soutien.steps.vouch import plan_confirmations

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CRAPONNE = {"insee": "69069", "latitude": 45.745, "longitude": 4.723}


def near_craponne(**fields: object) -> scene.Practice:
    values = {
        "given_name": "Ada",
        "family_name": "Exemple",
        "search_name": "ada exemple",
        "email": "ada@example.org",
        "confirmed_on": localdate(),
    }
    return scene.practice(**(CRAPONNE | values | fields))


def asked() -> str:
    """The address of a letter of today."""
    plan_confirmations(at=now())
    return entry_path(ConfirmationRequest.objects.latest("pk").public_id)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_any_page_of_the_directory(
    open_page: Callable[..., Page], assert_accessible: Callable[[Page], None], dark: bool
) -> None:
    where = near_craponne()
    near_craponne(confirmed_on=localdate() - timedelta(days=60), offers_video=True)
    near_craponne(confirmed_on=None, latitude=45.75)
    near_craponne(accepts_new_patients=False, full_until=localdate() + timedelta(days=9))
    own = f"/psychologues/{where.place.psychologist.public_id}"
    page = open_page(width=390, dark=dark)
    for path in (
        "/trouver?place=craponne&full_too=on&when=evening",
        "/trouver?place=rhone",
        "/trouver?name=exemple",
        "/trouver?name=personne",
        "/trouver?near=45.745,4.723&radius=30&since=2026-02-31",
        "/trouver?place=marseille&radius=5",
        own,
        f"{own}/signaler?kind=no_answer",
        f"{own}/signaler?thanks=1",
        asked(),
        f"/en{asked()}",
    ):
        page.goto(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_around_me_sends_a_rounded_position_only(open_page: Callable[..., Page]) -> None:
    near_craponne()
    page = open_page(width=390)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 45.7451234, "longitude": 4.7229876})
    page.goto("/trouver")
    page.get_by_role("button", name="Autour de moi").click()
    page.wait_for_url("**near=45.745*")
    assert "7451234" not in page.url
    assert "de vous" in page.locator("#resultats h2").first.inner_text()
    page.locator("select[name=order]").select_option("earliest")
    page.wait_for_url("**order=earliest**")
    assert page.locator("article.person").count() == 1


def test_a_phone_that_does_not_tell_where_it_is_says_so(open_page: Callable[..., Page]) -> None:
    page = open_page(width=390)
    page.context.clear_permissions()
    page.goto("/trouver")
    page.get_by_role("button", name="Autour de moi").click()
    page.get_by_text("Indiquez plutôt une ville").wait_for()


def test_without_script_around_me_is_not_offered(scriptless_page: Page) -> None:
    scriptless_page.goto("/trouver")
    assert not scriptless_page.get_by_role("button", name="Autour de moi").is_visible()


def test_somebody_looks_by_name_then_says_that_nobody_answered(any_page: Page) -> None:
    near_craponne()
    any_page.goto("/trouver")
    any_page.locator("summary").first.click()
    any_page.get_by_label("Ou un nom de psychologue").fill("exmple ada")
    any_page.get_by_role("button", name="Trouver").click()
    any_page.get_by_role("link", name="Ada Exemple", exact=True).click()
    any_page.get_by_role("button", name="Pas de réponse").click()
    any_page.get_by_role("button", name="Je n’ai pas eu de réponse").click()
    any_page.get_by_text("Merci de l’avoir dit.").wait_for()
    assert AvailabilityReports.objects.get().times == 1


def test_a_psychologist_confirms_with_one_press(any_page: Page) -> None:
    who = near_craponne(confirmed_on=None).place.psychologist
    any_page.goto(asked())
    any_page.get_by_role("button", name="C’est toujours vrai").click()
    any_page.get_by_text("Merci, c’est noté.").wait_for()
    who.refresh_from_db()
    assert who.confirmed_on == localdate()


def test_on_a_phone_the_next_time_is_across_and_two_more_on_one_line(
    open_page: Callable[..., Page],
) -> None:
    near_craponne()
    page = open_page(width=390)
    page.goto("/trouver?place=craponne")
    boxes = [one.bounding_box() for one in page.locator(".next-slots a").all()]
    assert len(boxes) == 3
    first, second, third = (box or {} for box in boxes)
    assert second["y"] == third["y"] > first["y"]
    assert first["width"] > second["width"] + third["width"]
    assert min(box["height"] for box in (first, second, third)) >= 44
    card = page.locator("article.person").first.bounding_box() or {}
    assert card["height"] < 330


def test_a_day_in_the_search_changes_the_times_at_once(browser_page: Page) -> None:
    near_craponne()
    browser_page.goto("/trouver?place=craponne")
    browser_page.locator("summary").first.click()
    before = browser_page.locator(".next-slots a").first.inner_text()
    later = localdate() + timedelta(days=9)
    browser_page.locator("input[name=since]").fill(str(later))
    browser_page.locator("input[name=since]").dispatch_event("change")
    browser_page.wait_for_url(f"**since={later}**")
    assert browser_page.locator(".next-slots a").first.inner_text() != before
