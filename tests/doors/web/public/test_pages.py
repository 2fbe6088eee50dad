"""The public pages answer, say what they must, and take every number from the law."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.utils.timezone import localdate
from tests import factories
from tests.steps import scene

from soutien.doors.web.public.money_pages import papers_to_bring
from soutien.doors.web.public.programme import programme_on
from soutien.rules.amendments import amendments
from soutien.rules.codes import LinkedTo, Profile
from soutien.rules.estimate import Situation
from soutien.rules.terms import load_law
from soutien.steps.request import FORGOTTEN_AFTER, STILL_WAITING_AFTER, UNANSWERED_AFTER

pytestmark = pytest.mark.django_db
PAGES = (
    "/",
    "/comprendre",
    "/combien",
    "/trouver",
    "/aide",
    "/mentions-legales",
    "/donnees-personnelles",
    "/accessibilite",
    "/la-loi",
    "/la-loi/changements",
)
CRAPONNE = {"insee": "69069", "latitude": 45.745, "longitude": 4.723}


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_each_page_answers_in_both_languages(client: Client, path: str) -> None:
    assert '<html lang="fr">' in text_of(client, path)
    english = text_of(client, "/en" + path)
    assert '<html lang="en">' in english
    assert f'href="{path}"' in english


@pytest.mark.parametrize("path", PAGES)
def test_help_is_one_touch_away_on_each_page(client: Client, path: str) -> None:
    page = text_of(client, path)
    assert 'href="tel:15"' in page
    assert 'href="tel:3114"' in page


@pytest.mark.parametrize("path", PAGES)
def test_reading_leaves_no_cookie_and_asks_no_other_host(client: Client, path: str) -> None:
    response = client.get(path)
    assert not response.cookies
    page = response.content.decode()
    assert not re.findall(r'(?:src|<link[^>]*href)="https?://', page)
    assert "style=" not in page
    assert "<style" not in page
    assert not re.findall(r"<script(?![^>]*src=)", page)


@pytest.mark.parametrize("path", PAGES)
def test_the_title_of_a_page_says_nothing_of_health(client: Client, path: str) -> None:
    title = re.search(r"<title>(.*?)</title>", text_of(client, path))
    assert title
    assert title[1].startswith("Soutien · ")
    assert not re.search("psy|santé|suicide", title[1], re.IGNORECASE)


def test_the_home_page_shows_both_doors_and_the_three_amounts(client: Client) -> None:
    page = text_of(client, "/")
    assert "J’y vais directement" in page
    assert "Je préfère voir mon médecin d’abord" in page
    assert page.count('class="number"') == 3
    sessions = programme_on(localdate()).sessions
    assert f"jusqu’à {sessions} séances" in page
    assert len(re.findall(r'class="bead (?:used|booked|free)"', page)) == sessions


def test_the_number_of_beads_follows_the_law_of_the_day() -> None:
    assert programme_on(date(2023, 1, 1)).sessions < programme_on(date(2026, 1, 1)).sessions
    assert programme_on(date(2020, 1, 1)).sessions == programme_on(date(2022, 4, 5)).sessions
    assert programme_on(date(2023, 1, 1)).letter_required
    assert not programme_on(date(2026, 1, 1)).letter_required


def amounts(client: Client, query: str) -> list[str]:
    return re.findall(r'class="number">([^<]+)<', text_of(client, f"/combien?{query}"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("on=2026-11-24", ["50 €", "20 €", "0 €"]),
        ("on=2026-11-24&cover=0", ["50 €", "20 €", "20 €"]),
        ("on=2026-11-24&cover=2", ["50 €", "0 €", "0 €"]),
        ("on=2026-11-24&cover=4", ["50 €", "0 €", "0 €"]),
        ("on=2026-11-24&scheme=3", ["50 €", "5 €", "0 €"]),
        ("on=2026-03-02", ["50 €", "50 €", "0 €"]),
        ("on=2026-03-02&centre=on", ["50 €", "20 €", "0 €"]),
        ("on=2026-11-24&link=2&cover=0", ["50 €", "0 €", "0 €"]),
    ],
)
def test_three_amounts_for_a_day_and_a_situation(
    client: Client, query: str, expected: list[str]
) -> None:
    shown = [amount.replace("\u00a0", " ") for amount in amounts(client, query)]
    assert shown == expected


def test_a_point_of_law_that_could_not_be_read_is_said_gently(client: Client) -> None:
    assert "Un point à confirmer" in text_of(client, "/combien?on=2026-11-24")
    assert "Un point à confirmer" not in text_of(client, "/combien?on=2026-03-02")


def test_a_day_that_is_no_day_is_answered_with_what_to_write(client: Client) -> None:
    page = text_of(client, "/combien?on=32", status=422)
    assert "Indiquez un jour, un mois et une année" in page
    assert 'href="#id_on"' in page


def test_a_day_before_the_programme_is_said_so(client: Client) -> None:
    assert "avant l&#x27;ouverture" in text_of(client, "/combien?on=2020-01-01")
    assert "Le dispositif a commencé le 5 avril 2022" in text_of(client, "/la-loi?on=2020-01-01")


@pytest.mark.parametrize("link", list(LinkedTo))
def test_everybody_is_told_which_paper_to_bring(link: LinkedTo) -> None:
    assert papers_to_bring(Situation(linked_to=link, css=True, invalidity=True))
    assert papers_to_bring(Situation(ame=True))


@pytest.mark.parametrize("day", ["2022-04-05", "2024-06-20", "2026-11-22", "2035-01-01"])
def test_the_law_page_shows_every_term(client: Client, day: str) -> None:
    page = text_of(client, f"/la-loi?on={day}")
    for term in load_law().terms.values():
        assert term.title("fr").replace("'", "&#x27;") in page
    assert ("Ce jour est loin" in page) == (day == "2035-01-01")


def test_the_strict_text_is_shown_where_practice_differed(client: Client) -> None:
    assert "texte strict :" in text_of(client, "/la-loi?on=2024-07-01")
    assert "texte strict :" not in text_of(client, "/la-loi?on=2026-11-22")


def test_each_change_of_the_law_is_told_with_its_day_before_and_after(client: Client) -> None:
    page = text_of(client, "/la-loi/changements?since=2024-06-01&until=2025-06-01")
    steps = page[page.index("Étape par étape") :]
    cap = steps[steps.index("Séances remboursées par année civile") :]
    assert cap.index("8 séances") < cap.index("12 séances") < cap.index("Instruction à la Cnam")
    assert "en pratique et dans le texte" not in cap[: cap.index("Instruction à la Cnam")]
    assert "décret 2025-424" in cap
    for profile in Profile:
        for step in amendments(load_law(), date(2024, 6, 1), date(2025, 6, 1), profile):
            assert step.after.source.replace("&", "&amp;") in steps
    assert "texte strict" in steps


def test_two_days_are_compared_in_both_readings(client: Client) -> None:
    page = text_of(client, "/la-loi/changements?since=2024-06-01&until=2024-06-20")
    compared = page[page.index("D’un jour à l’autre") : page.index("Étape par étape")]
    cap = compared[compared.index("Séances remboursées par année civile") :]
    assert cap.index("8 séances") < cap.index("12 séances")
    assert "texte strict : 8 séances" in cap
    same = text_of(client, "/la-loi/changements?since=2026-03-01&until=2026-03-02")
    assert "Rien n’a changé entre ces deux jours" in same
    arrived = text_of(client, "/la-loi/changements?since=2026-09-30&until=2026-10-02")
    assert "seules des dates prévues sont arrivées" in arrived
    assert "à partir de ce jour" in arrived


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("since=32", 422, "Indiquez un jour, un mois et une année"),
        ("since=2025-01-01&until=2024-01-01", 422, "qui ne précède pas le premier"),
        ("since=2020-01-01", 200, "Le dispositif a commencé le 5 avril 2022"),
        ("since=&until=", 422, "Il manque le jour"),
        ("since=9999-12-31", 422, "Indiquez un jour, un mois et une année"),
    ],
)
def test_two_days_that_cannot_be_compared_are_answered_with_what_to_write(
    client: Client, query: str, status: int, said: str
) -> None:
    assert said in text_of(client, f"/la-loi/changements?{query}", status=status)


def test_a_search_shows_who_is_near_with_their_first_free_times(client: Client) -> None:
    scene.practice(given_name="Ada", family_name="Exemple", **CRAPONNE)
    page = text_of(client, "/trouver?place=crapone")
    assert "1 psychologue à moins de 10 km de Craponne" in page
    assert "Ada Exemple" in page
    assert re.search(r'href="/reserver/[0-9a-f-]{36}\?place=\d+&amp;starts=[^"]+Z"', page)
    assert 'class="mark" href="#p1"' in page


def test_nobody_near_is_said_and_the_nearest_are_shown(client: Client) -> None:
    scene.practice(given_name="Ada", family_name="Exemple", **CRAPONNE)
    page = text_of(client, "/trouver?place=roanne&radius=5")
    assert "Personne à moins de 5 km avec ces souhaits" in page
    assert "Ada Exemple" in page


def test_nobody_at_all_still_leaves_doors_open(client: Client) -> None:
    page = text_of(client, "/trouver?place=craponne&public=child&step_free=on")
    assert "Personne pour l’instant autour de Craponne" in page
    assert "Essayez avec moins de filtres" in page


def test_towns_of_the_same_name_are_offered(client: Client) -> None:
    page = text_of(client, "/trouver?place=saint-denis")
    assert "Ce n’est pas la bonne commune ?" in page
    assert "town=93066" in page
    assert "Seine-Saint-Denis" in text_of(client, "/trouver?place=saint-denis&town=93066")


def test_a_place_that_is_no_place_is_answered_gently(client: Client) -> None:
    assert "Nous ne trouvons pas ce lieu" in text_of(client, "/trouver?place=zzzzqqqq")
    assert "Indiquez une ville" in text_of(client, "/trouver?place=", status=422)


def test_pages_of_results_follow_one_another(client: Client) -> None:
    for number in range(14):
        scene.practice(given_name="Ada", family_name=f"Exemple-{number}", **CRAPONNE)
    first, second = (
        text_of(client, "/trouver?place=craponne"),
        text_of(client, "/trouver?place=craponne&page=2"),
    )
    assert first.count('<article class="card person') == 12
    assert second.count('<article class="card person') == 2
    assert 'id="p13"' in second
    assert "14 psychologues" in second


@pytest.mark.parametrize("query", ["radius=7", "page=x", "order=zz", "public=%00", "town=%27--"])
def test_a_meddled_address_never_breaks_the_search(client: Client, query: str) -> None:
    assert client.get(f"/trouver?place=craponne&{query}").status_code in {200, 422}


def test_a_psychologist_shows_free_times_by_day(client: Client) -> None:
    where = scene.practice(
        given_name="Ada", family_name="Exemple", presentation_fr="J’écoute.", **CRAPONNE
    )
    path = f"/psychologues/{where.place.psychologist.public_id}"
    page = text_of(client, path)
    assert "J’écoute." in page
    assert "Premières séances libres" in page
    assert 'class="day"' in page
    assert "<title>Soutien · Rendez-vous</title>" in page


def test_who_left_the_directory_is_not_found(client: Client) -> None:
    gone = factories.psychologist()
    factories.place(gone)
    page = text_of(client, f"/psychologues/{gone.public_id}", status=404)
    assert "Cette page n’est pas là." in page


def test_what_people_type_comes_back_as_text(client: Client) -> None:
    page = text_of(client, "/trouver?place=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page


def test_an_unknown_address_says_what_to_do(client: Client) -> None:
    page = text_of(client, "/nulle-part", status=404)
    assert "Revenir à l’accueil" in page
    assert 'href="tel:3114"' in page


def test_a_breakdown_and_a_stale_form_have_pages_of_their_own(client: Client) -> None:
    from django.views.csrf import csrf_failure
    from django.views.defaults import bad_request, permission_denied, server_error

    request = client.get("/").wsgi_request
    assert "Quelque chose s’est cassé" in server_error(request).content.decode()
    assert "restée ouverte trop longtemps" in csrf_failure(request).content.decode()
    assert "pas ouverte" in permission_denied(request, Exception()).content.decode()
    assert "pas compris" in bad_request(request, Exception()).content.decode()


def test_the_page_of_data_says_how_long_a_wait_is_kept(client: Client) -> None:
    page = client.get("/donnees-personnelles").content.decode()
    for days in (UNANSWERED_AFTER, STILL_WAITING_AFTER, FORGOTTEN_AFTER):
        assert f"{days.days} jours" in page


def test_the_legal_notices_name_every_source_of_data(client: Client) -> None:
    """docs/data.md promises it."""
    page = client.get("/mentions-legales").content.decode()
    for source in ("Etalab", "Licence Ouverte", "GeoNames", "CC BY 4.0", "Natural Earth"):
        assert source in page
