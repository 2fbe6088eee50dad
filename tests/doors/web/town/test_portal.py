"""A portal as its readers and its newsroom open it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import quote
from uuid import UUID
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from tests import factories as make

from soutien.doors.cli import main as cli
from soutien.doors.cli.demo_data.portal import store_portal
from soutien.doors.web.town.colours import ENOUGH, PAPER, PAPER_DARK, contrast, readable
from soutien.doors.web.town.markdown import page_of
from soutien.registers.contents.models import Content, Town
from soutien.registers.contents.queries import latest
from soutien.steps.actor import Actor
from soutien.steps.draft import Draft, add_content
from soutien.steps.publish import publish_content
from soutien.steps.settle import Arranged, settle_town

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
# What acts, in every field somebody may write.
ACTS = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>"
    "[ici](javascript:alert(1)) ![x](https://ailleurs.test/x.png) <a href='javascript:1'>là</a>"
)


@pytest.fixture(autouse=True)
def portal() -> None:
    """The demo's portal, on a Monday morning."""
    store_portal(NOW)


@pytest.fixture
def clock():
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        yield


class _Acting(HTMLParser):
    """Collects what would act, or ask another host, in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        own = told.get("src", "").startswith("/static/")
        if tag in {"script", "img", "iframe", "object", "embed", "style", "form"} and not own:
            self.found += [] if tag == "form" and not told.get("action", "").strip("/") else [tag]
        self.found += [name for name in told if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action", "formaction"):
            if (
                told.get(name, "")
                .strip()
                .lower()
                .startswith(("javascript:", "data:", "vbscript:"))
            ):
                self.found.append(f"{name}={told[name]}")


def acting(page: str) -> list[str]:
    """What acts in a page; forms of ours lead to addresses of ours."""
    parser = _Acting()
    parser.feed(page)
    return [one for one in parser.found if one != "form"]


def newsroom(role: str = "town_editor") -> Client:
    """Somebody of the town's newsroom, signed in with a second factor."""
    account = make.account(role, town_code="69069")
    client = Client()
    client.force_login(account)
    return client


def test_every_public_page_opens_in_both_languages(client: Client, clock: None):
    for path in (
        "/portail",
        "/portail/craponne",
        "/portail/craponne/recherche",
        "/portail/craponne/conseil-municipal",
        "/portail/craponne/mieux-dormir",
        "/en/portail",
        "/en/portail/craponne",
        "/en/portail/craponne/recherche?q=sleep",
        "/en/portail/craponne/sleeping-better",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert b"{{" not in answer.content, path
    assert client.get("/portail/nulle-part").status_code == 404
    assert client.get("/portail/craponne/nulle-part").status_code == 404


def test_a_page_leads_to_itself_in_the_other_language(client: Client, clock: None):
    page = client.get("/portail/craponne/mieux-dormir").content.decode()
    assert 'href="/en/portail/craponne/sleeping-better"' in page


def test_figures_of_the_law_stand_with_their_date(client: Client, clock: None):
    page = client.get("/portail/craponne/mon-soutien-psy-a-craponne").content.decode()
    assert "Chiffres tenus à jour" in page and "depuis le" in page
    with time_machine.travel(datetime(2023, 5, 1, tzinfo=UTC)):
        text = '{{ terme "sessions_per_year_max" }}'
        before = page_of(text, "fr", datetime(2023, 5, 1, tzinfo=UTC).date())
    assert before.html != page_of(text, "fr", NOW.date()).html
    assert page_of('{{ terme "no_such" }}', "fr", NOW.date()).unknown == ("no_such",)


def test_a_search_can_be_shared_by_its_address(client: Client, clock: None):
    address = (
        "/portail/craponne/recherche?q=sant%C3%A9&dans=titre&dans=texte&quoi=event&quoi=place"
        "&rubrique=sante&lieu=Craponne&du=2026-11-01&au=2027-01-31&tri=date"
    )
    page = client.get(address).content.decode()
    assert 'value="event" checked' in page and 'value="sante" checked' in page
    assert "Atelier sommeil" in page and "Mairie de Craponne" not in page
    assert '<option value="Craponne" selected>' in page


def test_the_crisis_block_stands_before_every_result(client: Client, clock: None):
    page = client.get("/portail/craponne/recherche", {"q": "je veux mourir"}).content.decode()
    assert page.index('href="tel:3114"><strong>') < page.index("town-results")
    assert (
        "Vous pouvez parler"
        not in client.get("/portail/craponne/recherche", {"q": "piscine"}).content.decode()
    )


def test_psychologists_are_found_by_name_beside_pages(client: Client, clock: None):
    psychologist = make.psychologist(
        given_name="Zélie", family_name="Quintal", search_name="zelie quintal"
    )
    make.agreement(psychologist, valid_from=date(2025, 1, 1))
    make.place(psychologist)
    page = client.get("/portail/craponne/recherche", {"q": "quintal"}).content.decode()
    assert "Zélie Quintal" in page
    only = client.get(
        "/portail/craponne/recherche", {"q": "quintal", "quoi": "psychologist"}
    ).content.decode()
    assert "Zélie Quintal" in only and "town-results" not in only


@pytest.mark.parametrize(
    "query",
    [
        "q=%00&page=%00",
        "q=a&page=-1&du=2026-02-31&au=0001-01-01&lieu=%00&tri=x&dans=x&quoi=x&rubrique=x",
        "q=" + "%22" * 200,
        "q=x&page=99999999999999999999",
        "q=" + quote("*:()^~-+ AND NOT \" ' \\ 😀"),
        "du=9999-12-31&au=9999-12-31",
    ],
)
def test_a_meddled_address_is_a_page_like_any_other(client: Client, clock: None, query: str):
    assert client.get(f"/portail/craponne/recherche?{query}").status_code == 200


def test_nothing_that_is_written_acts(clock: None):
    client = newsroom()
    for kind in ("article", "page", "event", "place", "document"):
        told = {
            "title": ACTS[:150],
            "summary": ACTS,
            "body": ACTS,
            "starts_at": "2026-12-01T10:00",
            "place_name": ACTS[:100],
            "address_line": ACTS[:100],
            "place_town": ACTS[:60],
            "hours": ACTS[:100],
            "phone": "<b>1</b>",
            "email": "<i>x</i>",
            "rule_ids": ACTS[:100],
            "sources": ACTS,
        }
        made = client.post(f"/redaction/nouveau/{kind}", told)
        assert made.status_code == 302, kind
        content = Content.objects.latest("pk")
        client.post(f"/redaction/{content.public_id}/publier", {"act": "publish", "number": "1"})
        content.refresh_from_db()
        assert content.live is not None
        for path in (
            f"/portail/craponne/{content.slug}",
            "/portail/craponne",
            "/portail/craponne/recherche?q=alert",
            f"/redaction/{content.public_id}",
            f"/redaction/{content.public_id}/apercu",
            "/redaction",
        ):
            page = client.get(path).content.decode()
            assert not acting(page), f"{kind} {path}: {acting(page)}"
        ElementTree.fromstring(client.get("/portail/craponne/flux.xml").content)
    shown = client.post("/redaction/apercu", {"body": ACTS}).content.decode()
    assert not acting(shown)
    # The check sees what acts.
    assert acting(f"<p>{ACTS}</p>") and acting('<p onclick="x">')


def test_a_link_asks_for_nothing_but_what_a_page_may():
    page = page_of(
        "[a](https://x.test) [b](ftp://x) [c](data:text/html,x) [d](/trouver)", "fr", NOW.date()
    ).html
    assert 'href="https://x.test"' in page and 'rel="noopener noreferrer"' in page
    assert "ftp:" not in page.replace("[b](ftp://x)", "") and 'href="data' not in page
    assert 'href="/trouver"' in page


def test_a_page_is_written_previewed_published_corrected_moved_and_trashed(clock: None):
    client, reader = newsroom(), Client()
    client.post("/redaction/nouveau/page", {"title": "La fête des voisins", "body": "Un"})
    content = Content.objects.latest("pk")
    desk = f"/redaction/{content.public_id}"
    assert reader.get("/portail/craponne/la-fete-des-voisins").status_code == 404
    preview = client.post(
        desk,
        {"title": "La fête des voisins", "body": "Deux", "after": "1", "preview": "1"},
        follow=True,
    )
    assert "Aperçu" in preview.content.decode() and "Deux" in preview.content.decode()
    client.post(f"{desk}/publier", {"act": "publish", "number": "2"})
    assert "Deux" in reader.get("/portail/craponne/la-fete-des-voisins").content.decode()
    again = client.post(desk, {"title": "Autre", "body": "Trois", "after": "1"})
    assert again.status_code == 422 and "VIL-7" not in again.content.decode()
    assert "a été changée depuis" in again.content.decode()
    versions = client.get(f"{desk}/versions").content.decode()
    assert "<ins>" in versions and "<del>" in versions
    client.post(f"{desk}/versions", {"number": "1"})
    assert latest(content).body == "Un"
    client.post(f"{desk}/publier", {"act": "move", "address": "fete-des-voisins"})
    moved = reader.get("/portail/craponne/la-fete-des-voisins")
    assert (moved.status_code, moved["Location"]) == (301, "/portail/craponne/fete-des-voisins")
    client.post(f"{desk}/publier", {"act": "trash"})
    assert reader.get("/portail/craponne/fete-des-voisins").status_code == 404
    assert "La fête des voisins" in client.get("/redaction/corbeille").content.decode()
    client.post(f"{desk}/publier", {"act": "untrash"})
    assert "Brouillon" in client.get(desk).content.decode()


def test_a_page_is_scheduled_from_an_hour_to_another():
    with time_machine.travel(NOW, tick=False) as travelled:
        client, reader = newsroom(), Client()
        client.post("/redaction/nouveau/article", {"title": "Vœux du maire"})
        content = Content.objects.latest("pk")
        client.post(
            f"/redaction/{content.public_id}/publier",
            {
                "act": "publish",
                "number": "1",
                "live_from": "2026-12-01T08:00",
                "live_before": "2026-12-31T00:00",
            },
        )
        path = f"/portail/craponne/{content.slug}"
        for at, status in (
            (NOW, 404),
            (datetime(2026, 12, 1, 7, tzinfo=UTC), 200),
            (datetime(2026, 12, 30, 23, tzinfo=UTC), 404),
        ):
            travelled.move_to(at)
            assert reader.get(path).status_code == status


def test_an_author_writes_and_cannot_publish(clock: None):
    author = newsroom("town_author")
    author.post("/redaction/nouveau/page", {"title": "Mon idée"})
    content = Content.objects.latest("pk")
    assert author.get(f"/redaction/{content.public_id}").status_code == 200
    told = {"act": "publish", "number": "1"}
    assert author.post(f"/redaction/{content.public_id}/publier", told).status_code == 404
    assert author.get("/redaction/portail").status_code == 404
    content.refresh_from_db()
    assert content.live is None
    nobody = make.account("town_editor", town_code="01001")
    stranger = Client()
    stranger.force_login(nobody)
    assert stranger.get(f"/redaction/{content.public_id}").status_code == 404
    assert stranger.get("/redaction").status_code == 404


def test_a_portal_is_arranged_and_its_colour_stays_readable(clock: None):
    client = newsroom()
    told = {"name": "Craponne-Ville", "colour": "#FFEE00", "categories": "Mairie\nSanté\nMairie"}
    assert client.post("/redaction/portail", told).status_code == 302
    town = Town.objects.get(code="69069")
    assert (town.name, town.colour, town.shows_national) == ("Craponne-Ville", "#ffee00", False)
    assert [one.name for one in town.categories.order_by("rank")] == ["Mairie", "Santé"]
    sheet = Client().get("/portail/craponne/couleurs.css")
    assert sheet["Content-Type"].startswith("text/css") and "--main" in sheet.content.decode()
    wrong = client.post("/redaction/portail", {"name": "X", "colour": "red}body{"})
    assert wrong.status_code == 422


@pytest.mark.parametrize("colour", ["#ffee00", "#ffffff", "#000000", "#7a4b9c", "#00ff00"])
def test_any_colour_is_readable_on_both_papers(colour: str):
    assert contrast(readable(colour, PAPER, towards=0.0), PAPER) >= ENOUGH
    assert contrast(readable(colour, PAPER_DARK, towards=1.0), PAPER_DARK) >= ENOUGH


def test_machines_read_the_feed_the_calendar_and_the_map_of_the_site(client: Client, clock: None):
    feed = ElementTree.fromstring(client.get("/portail/craponne/flux.xml").content)
    assert len(feed.findall("./channel/item")) > 10
    answer = client.get("/portail/craponne/conseil-municipal.ics")
    [event] = [one for one in Calendar.from_ical(answer.content).walk() if one.name == "VEVENT"]
    assert event["SUMMARY"] == "Conseil municipal" and "Hôtel de ville" in event["LOCATION"]
    assert client.get("/portail/craponne/mieux-dormir.ics").status_code == 404
    site = ElementTree.fromstring(client.get("/sitemap.xml").content)
    addresses = [one.text or "" for one in site.iter() if one.tag.endswith("loc")]
    assert any(one.endswith("/portail/craponne/conseil-municipal") for one in addresses)
    assert any("/en/portail/" in one for one in addresses)
    assert "Sitemap:" in client.get("/robots.txt").content.decode()


def test_nothing_that_is_no_number_or_page_breaks_the_newsroom(clock: None):
    client = newsroom()
    content = Content.objects.filter(town__code="69069")[0]
    desk = f"/redaction/{content.public_id}"
    for told in ({"act": "publish", "number": "x"}, {"act": "publish", "live_from": "hier"}, {}):
        assert client.post(f"{desk}/publier", told).status_code in (302, 404)
    assert client.get(f"{desk}/versions?depuis=x").status_code == 200
    assert client.post(f"{desk}/versions", {"number": "9"}).status_code == 404
    assert client.get("/redaction/nouveau/roman").status_code == 404
    assert client.get(f"/redaction/{UUID(int=1)}").status_code == 404


OLD, MENDED = (
    "/portail/craponne/mon-soutien-psy-les-seances-remboursees-ancienne-page",
    "/portail/craponne/mon-soutien-psy-les-seances-prises-en-charge",
)


def test_a_page_that_states_the_law_of_yesterday_says_so_until_it_is_mended(clock: None):
    reader = Client()
    old = reader.get(OLD).content.decode()
    assert "Une partie de cette page n’est plus à jour" in old
    assert "Depuis le 1er octobre 2026" in old and "Depuis le 15 juin 2024" in old
    assert "Une partie de cette page" not in reader.get(MENDED).content.decode()


def test_on_a_day_when_it_was_true_it_is_left_alone():
    with time_machine.travel(datetime(2023, 3, 1, 9, tzinfo=UTC), tick=False):
        town = settle_town(code="69081", arranged=Arranged("Écully"), at=timezone.now())
        editor = Actor("town_editor", 2, town_code=town.code)
        told = "Mon soutien psy : vous avez droit à 8 séances par an."
        made = add_content(
            actor=editor, kind="page", draft=Draft("Ancienne", body=told), at=timezone.now()
        )
        publish_content(actor=editor, content_id=made, number=1, at=timezone.now())
        assert "n’est plus à jour" not in Client().get("/portail/ecully/ancienne").content.decode()
    with time_machine.travel(NOW, tick=False):
        assert "n’est plus à jour" in Client().get("/portail/ecully/ancienne").content.decode()


def test_whoever_writes_reads_what_to_mend_and_what_to_write(clock: None):
    client = newsroom()
    told = {"title": "Mon soutien psy", "body": "Vous avez droit à 8 séances par an."}
    shown = client.post("/redaction/apercu", told).content.decode()
    assert "À corriger" in shown and "R-053" in shown
    assert "{{ terme &quot;sessions_per_year_max&quot; }} séances au plus" in shown
    # It never keeps anybody from saving.
    client.post("/redaction/nouveau/page", told)
    desk = f"/redaction/{Content.objects.latest('pk').public_id}"
    assert "À corriger" in client.get(desk).content.decode()
    preview = client.get(f"{desk}/apercu").content.decode()
    assert "Une partie de cette page n’est plus à jour" in preview


def test_the_command_names_each_page_and_ends_with_one(
    clock: None, capsys: pytest.CaptureFixture[str]
):
    assert cli.main(["content", "check"]) == 1
    told = capsys.readouterr().out
    assert OLD in told and MENDED not in told
    assert "8 séances par an" in told and "(since 2024-06-15; R-053, R-060)" in told
    assert 'write:    Vous avez droit à {{ terme "sessions_per_year_max" }} séances' in told
    Content.objects.filter(slug__endswith="ancienne-page").update(live=None, live_from=None)
    assert cli.main(["content", "check", "--town", "69069"]) == 0, capsys.readouterr().out
    assert cli.main(["content", "check"]) == 0
    assert cli.main(["content", "check", "--town", "99999"]) == 1
    assert "not" in capsys.readouterr().err
