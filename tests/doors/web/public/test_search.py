"""The search page: every way to look, the truth about what was found, and hostile addresses."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils.timezone import localdate
from tests import factories
from tests.steps import scene

from soutien.doors import days
from soutien.doors.web.public.search_form import POSITION_DIGITS, position_of
from soutien.registers.psychologists.models import RegisteredPlace, Registration
from soutien.steps.freshness import FADES_AFTER, SILENT_AFTER

pytestmark = pytest.mark.django_db
CRAPONNE = {"insee": "69069", "latitude": 45.745, "longitude": 4.723}
DAY = timedelta(days=1)


def near_craponne(**fields: object) -> scene.Practice:
    values = {"given_name": "Ada", "family_name": "Exemple", "search_name": "ada exemple"}
    return scene.practice(**(CRAPONNE | values | {"confirmed_on": localdate()} | fields))


def page_of(client: Client, query: str, status: int = 200) -> str:
    response = client.get(f"/trouver?{query}")
    assert response.status_code == status, query
    return re.sub(r"\s+", " ", response.content.decode())


def test_what_others_wrote_is_never_markup_on_a_card(client: Client) -> None:
    """A card is drawn without a template, which would escape by itself."""
    bad = "<b>&\"'"
    where = near_craponne(family_name=bad, languages="fr,<i>")
    type(where.place).objects.update(address_line=f"1 rue {bad}", town_name=bad)
    page = page_of(client, "place=craponne")
    said = "&lt;b&gt;&amp;&quot;&#x27;"
    for text in (f">Ada {said}</a>", f"1 rue {said}, ", f'avec Ada {said}"', f"1, Ada {said}"):
        assert text in page, text
    assert "&lt;i&gt;" in page
    assert "<b>" not in page and "<i>" not in page


# Ways to look


def test_around_a_position_rounded_to_a_hundred_metres(client: Client) -> None:
    near_craponne()
    exact = client.get("/trouver?near=45.74512345,4.72298765&radius=10")
    assert exact.status_code == 302
    assert exact["Location"] == "/trouver?near=45.745,4.723&radius=10"
    page = page_of(client, "near=45.745,4.723")
    assert "1 psychologue à moins de 10 km de vous" in page
    assert "Autour de votre position, à cent mètres près : près de Craponne" in page
    assert position_of("45.74512345,4.72298765") == (45.745, 4.723)
    assert POSITION_DIGITS == 3


def test_a_place_that_is_typed_comes_before_a_position(client: Client) -> None:
    near_craponne()
    page = page_of(client, "near=48.85,2.35&place=craponne")
    assert "de Craponne" in page


def test_a_whole_departement_by_name_or_code(client: Client) -> None:
    near_craponne()
    for place in ("69", "Rhône", "rhone"):
        page = page_of(client, f"place={quote(place)}")
        assert "1 psychologue dans le département Rhône (69)" in page, place
    assert "tout le département Vienne (86)" in page_of(client, "place=vienne")
    assert "Vienne (86)" in page_of(client, "place=vienne&departement=86")


def test_a_departement_without_anybody_shows_the_nearest_of_its_largest_town(
    client: Client,
) -> None:
    near_craponne()
    page = page_of(client, "place=Loire&radius=5")
    assert "Ada Exemple" in page
    assert "Personne à moins de 5 km" in page


def test_by_name_whatever_the_accents_and_order(client: Client) -> None:
    near_craponne()
    page = page_of(client, "name=EXEMPL%C3%89+Adda")
    assert "1 psychologue partenaire se nomme à peu près « EXEMPLÉ Adda »" in page
    assert 'class="map"' not in page
    nobody = page_of(client, "name=Personne")
    assert "Aucun psychologue partenaire ne se nomme « Personne »" in nobody
    assert "D’autres portes sont ouvertes" in nobody


def test_a_street_is_said_not_to_be_known(client: Client) -> None:
    page = page_of(client, "place=12+rue+Haute+69290+Craponne")
    assert "Nous cherchons autour de Craponne (Rhône) : nous ne connaissons pas les rues" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("language=lsf", True),
        ("language=ar", False),
        ("third_party=on", True),
        ("step_free=on", False),
        ("follow_ups=video", True),
        ("video=on", True),
        ("follow_ups=in_person", True),
        ("public=teenager", False),
        ("when=saturday&when=evening", True),
    ],
)
def test_filters_are_kept_in_the_address(client: Client, query: str, found: bool) -> None:
    near_craponne(languages="fr,fsl", offers_video=True, offers_amc_third_party=True)
    page = page_of(client, f"place=craponne&{query}")
    assert ("Ada Exemple" in page) is found
    if not found:
        assert "Essayez avec moins de filtres" in page


def test_who_has_no_place_left_is_shown_only_when_asked_and_says_until_when(
    client: Client,
) -> None:
    until = localdate() + 40 * DAY
    near_craponne(accepts_new_patients=False, full_until=until)
    assert "Ada Exemple" not in page_of(client, "place=craponne")
    page = page_of(client, "place=craponne&full_too=on")
    assert f"Plus de place jusqu’au {days.plain_day(until)}." in page
    assert "/reserver/" not in page


def test_times_that_do_not_suit_are_said_not_to(client: Client) -> None:
    near_craponne()
    page = page_of(client, "place=craponne&when=evening")
    assert "Pas d’heure libre à ces moments-là" in page
    assert "/reserver/" not in page


def test_the_list_says_which_radius_is_in_force(client: Client) -> None:
    near_craponne()
    assert '<option value="25" selected>' in page_of(client, "place=craponne&radius=25")
    page = page_of(client, "place=craponne&radius=30")
    assert '<option value="25" selected>' in page
    assert "Nous cherchons jusqu’à 25 km." in page
    assert '<option value="10" selected>' in page_of(client, "place=craponne")


def test_a_picked_town_stays_picked_when_a_filter_changes(client: Client) -> None:
    page = page_of(client, "place=saint-denis&town=93066")
    assert '<input type="hidden" name="town" value="93066">' in page


# The truth


@pytest.mark.parametrize(
    ("ago", "look", "words"),
    [
        (timedelta(days=2), "", "disponibilité confirmée il y a 2 jours"),
        (FADES_AFTER + DAY, "fading", "peut-être plus à jour"),
        (SILENT_AFTER + DAY, "silent", "il y a 3 mois seulement"),
        (None, "silent", "disponibilité jamais confirmée"),
    ],
)
def test_a_statement_that_ages_says_so_on_the_card_and_the_page(
    client: Client, ago: timedelta | None, look: str, words: str
) -> None:
    where = near_craponne(confirmed_on=localdate() - ago if ago else None)
    page = page_of(client, "place=craponne")
    assert words in page
    assert f'class="card person {look}"' in page
    own = client.get(f"/psychologues/{where.place.psychologist.public_id}").content.decode()
    assert words in own
    assert f'class="confirmed {look}"' in own


def test_an_entry_in_doubt_says_why(client: Client) -> None:
    near_craponne(doubted_on=localdate())
    assert "des visiteurs sont restés sans réponse" in page_of(client, "place=craponne")


def test_the_first_of_a_month_is_said_as_people_say_it() -> None:
    from datetime import date

    assert days.short_day(date(2026, 12, 1)) == "mar. 1er déc."
    assert [days.distance(m) for m in (1_000, 1_040, 1_600, 960)] == [
        "1 km",
        "1 km",
        "1,6 km",
        "1 km",
    ]


# Nobody near


def outside() -> None:
    row = Registration.objects.create(
        rpps=factories.made_up_rpps(9_500_000),
        given_name="Claude",
        family_name="Dehors",
        search_name="claude dehors",
        source_on=localdate(),
    )
    RegisteredPlace.objects.create(
        registration=row,
        key="L 1",
        mode="L",
        address_line="2 rue de l’Exemple",
        postcode="42300",
        town_name="Roanne",
        insee="42187",
        latitude=46.036,
        longitude=4.068,
        position_precision="town",
        phone="0639980001",
        source_on=localdate(),
    )


def test_nobody_near_opens_every_other_door_in_order(client: Client) -> None:
    near_craponne()
    near_craponne(given_name="Iris", search_name="iris exemple", offers_video=True, latitude=45.0)
    outside()
    page = page_of(client, "place=roanne&radius=5")
    parts = [
        "Personne à moins de 5 km",
        "Ada Exemple",
        "Plus loin une fois, puis en visio",
        "Iris Exemple",
        "Un centre médico-psychologique (CMP)",
        "Hors du dispositif",
        "L’Assurance Maladie n’en rembourse rien",
        "Claude Dehors",
        "quelqu’un répond jour et nuit",
    ]
    places = [page.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_outside_the_programme_is_never_shown_when_partners_are_near(client: Client) -> None:
    near_craponne(latitude=46.03, longitude=4.06)
    outside()
    page = page_of(client, "place=roanne")
    assert "Ada Exemple" in page
    assert "Claude Dehors" not in page


def test_without_entries_nothing_is_said_of_outside_the_programme(client: Client) -> None:
    page = page_of(client, "place=roanne")
    assert "Hors du dispositif" not in page
    assert "3114" in page


# Hostile addresses

LONG = "é" * 5000


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("radius=-3", "Nous cherchons jusqu’à 10 km."),
        ("radius=99999999999999999999", "Nous cherchons jusqu’à 10 km."),
        ("radius=7", "Nous cherchons jusqu’à 5 km."),
        ("since=2026-02-31", "Ce jour n’existe pas"),
        ("since=0000-00-00", "Ce jour n’existe pas"),
        ("since=2020-01-01", "Ce jour est passé"),
        ("since=9999-12-31", "Les agendas ne s’ouvrent pas si loin"),
        ("public=%00", "Un choix de cette adresse n’existe pas"),
        ("order=zz&language=%25", "Un choix de cette adresse n’existe pas"),
        ("when=night&when=morning", "Un choix de cette adresse n’existe pas"),
        ("near=91.2,4&follow_ups=x", "La position de cette adresse"),
        ("near=%F0%9F%98%80", "La position de cette adresse"),
        ("near=" + "9" * 4000, "La position de cette adresse"),
        (f"public={LONG}", "Un choix de cette adresse n’existe pas"),
    ],
)
def test_what_an_address_holds_wrong_is_left_aside_and_said(
    client: Client, query: str, said: str
) -> None:
    near_craponne()
    page = page_of(client, f"place=craponne&{query}")
    assert said in page
    assert "Ada Exemple" in page


@pytest.mark.parametrize(
    "query",
    [
        "place=craponne&page=99999999999999999999999",
        "place=craponne&page=-1",
        "place=craponne&page=%F0%9F%98%80",
        "place=craponne&town=%27%3B--&departement=%25",
        "place=craponne&place=lyon&radius=&order=&since=&when=",
        "place=craponne&unknown=1&video=&csrfmiddlewaretoken=x",
        "place=%25%25%25",
        "place=%F0%9F%98%80%F0%9F%98%80",
        "place=69%25",
        "name=%25_%27%22%3B--",
        "name=%F0%9F%98%80",
        "near=0,0",
        "near=-89.999,179.999",
        "page=2",
    ],
)
def test_no_address_breaks_the_search(client: Client, query: str) -> None:
    near_craponne()
    for path in ("/trouver", "/en/trouver"):
        response = client.get(f"{path}?{query}", follow=True)
        assert response.status_code in {200, 422}
        assert "3114" in response.content.decode()


@pytest.mark.parametrize("field", ["place", "name"])
def test_a_text_too_long_is_answered_with_what_to_do_and_not_lost(
    client: Client, field: str
) -> None:
    page = page_of(client, f"{field}={LONG}", status=422)
    assert "C’est un peu long" in page
    assert LONG in page
    assert f'href="#id_{field}"' in page
    assert page_of(client, f"{field}=%00abc", status=422)


def test_nothing_to_look_for_is_said(client: Client) -> None:
    assert "Indiquez une ville" in page_of(client, "place=&name=", status=422)


def test_without_a_free_time_an_old_statement_says_to_call_first(client: Client) -> None:
    where = near_craponne(confirmed_on=None)
    factories.OpeningRule.objects.filter(place=where.place).delete()
    assert "disponibilité jamais confirmée : appelez d’abord" in page_of(client, "place=craponne")


def test_filters_that_leave_nobody_can_be_taken_away_at_once(client: Client) -> None:
    near_craponne()
    page = page_of(client, "place=craponne&language=lsf&radius=25")
    [address] = re.findall(r'href="\?([^"]+)">Chercher sans filtres', page)
    assert "Ada Exemple" in page_of(client, address.replace("&amp;", "&"))
