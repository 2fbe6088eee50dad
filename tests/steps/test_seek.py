"""The search of a portal: what people type, and what they want to see first. On both engines."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection
from tests.proof.served import FULL

from soutien.doors.cli.demo_data.portal import store_portal
from soutien.registers.contents.models import Content, KnownWord
from soutien.registers.contents.search.asked import Choices
from soutien.registers.contents.search.finder import Found
from soutien.steps.actor import Actor
from soutien.steps.draft import Draft, add_content
from soutien.steps.publish import publish_content, withdraw_content
from soutien.steps.seek import Answer, search_contents
from soutien.steps.settle import Arranged, settle_town

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
TABLE = tomllib.loads((Path(__file__).parent / "relevance.toml").read_text())
ROWS = [(kind, asked, wanted) for kind, rows in TABLE.items() for asked, wanted in rows.items()]
# One and the same order on both engines: a change of it is seen here.
FIRST = 3
ODD = 10_000 if FULL else 300


@pytest.fixture
def portal() -> None:
    """The demo's portal, beside another one that is nobody's here."""
    store_portal(NOW)
    settle_town(code="69081", arranged=Arranged("Écully", shows_national=False), at=NOW)


def asked(text: str, *, town: str = "craponne", **told: Any) -> Answer:
    """What a search of the portal finds."""
    choices = told.pop("choices", Choices())
    values = {"language": "fr", "at": NOW} | told
    return search_contents(town=town, text=text, choices=choices, **values)


def slugs(answer: Answer) -> list[str]:
    return [hit.entry.content.slug for hit in answer.hits]


def test_what_people_type_finds_what_they_want_first(portal: None):
    """The table of relevance: the same first results on SQLite and PostgreSQL."""
    assert len(ROWS) >= 150
    wrong = []
    for kind, text, wanted in ROWS:
        answer = asked(text)
        first = slugs(answer)[:FIRST]
        if not set(first) & set(wanted) or answer.how == "everything":
            wrong.append(f"{kind}: {text!r} ({answer.how}) -> {first}")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(ROWS)}", *wrong])


def test_in_titles_only_and_in_texts_only(portal: None):
    everywhere = {*slugs(asked("piscine"))}
    in_titles = asked("piscine", choices=Choices(in_text=False))
    in_texts = asked("piscine", choices=Choices(in_title=False))
    assert slugs(in_titles) == ["piscine-intercommunale"]
    assert "piscine-intercommunale" not in slugs(in_texts)
    assert everywhere == {*slugs(in_titles), *slugs(in_texts)}


def test_exact_matches_only_take_the_words_as_they_are_typed(portal: None):
    assert asked("salle des fêtes", exact=True).total >= 3
    for text in ("fêtes des salle", "someil", "vacciné"):
        answer = asked(text, exact=True)
        assert answer.how == "everything", text
    # Forgiven otherwise.
    assert asked("someil").mended == "sommeil"


def test_each_choice_says_how_many_it_would_leave(portal: None):
    everything = asked("")
    for name in ("article", "event", "place"):
        only = asked("", choices=Choices(kinds=(name,)))
        assert only.total == everything.found.kinds[name] > 0
        # The other kinds can still be chosen, with their counts.
        assert only.found.kinds == everything.found.kinds
    for slug, count in everything.found.categories.items():
        assert asked("", choices=Choices(categories=(slug,))).total == count
    for place, count in everything.found.places.items():
        assert asked("", choices=Choices(place=place)).total == count
    assert sum(everything.found.kinds.values()) == everything.total
    two = asked("", choices=Choices(kinds=("event",), categories=("sante",)))
    assert two.total == two.found.kinds["event"] == two.found.categories["sante"]


def test_dates_are_those_of_events_and_of_publication(portal: None):
    within = Choices(kinds=("event",), since=NOW, before=NOW + 10 * DAY)
    found = asked("", choices=within)
    assert {hit.entry.content.slug for hit in found.hits} == {
        "cafe-des-aidants",
        "conseil-municipal",
        "randonnee-douce-des-seniors",
    }
    # The next one first.
    assert slugs(found)[0] == "randonnee-douce-des-seniors"
    news = asked("", choices=Choices(kinds=("article",), before=NOW - 100 * DAY))
    assert slugs(news) == ["canicule-les-gestes-qui-protegent"]


def test_a_page_of_results_is_never_empty(portal: None):
    for text in ("xyzzyplugh", "«»", "???", "", "\u200b", "le la les"):
        assert asked(text).hits, repr(text)
    nothing = asked("xyzzyplugh")
    assert (nothing.how, nothing.mended) == ("everything", "")
    some = asked("piscine xyzzyplugh")
    assert some.how == "any_word" and slugs(some)[0] == "piscine-intercommunale"
    assert asked("piscine", page=99).hits == ()
    assert asked("piscine", page=99).page == 1


def test_the_words_asked_for_are_marked_in_titles_and_extracts(portal: None):
    [hit] = asked("insomnie").hits
    assert "".join(piece.text for piece in hit.extract).count("insomnies") == 1
    assert [piece.text for piece in hit.extract if piece.marked] == ["insomnies"]
    first = asked("aidants").hits[0]
    assert [piece.text for piece in first.title if piece.marked] == ["aidants"]
    assert "".join(piece.text for piece in first.title) == first.entry.version.title


def test_nobody_finds_a_draft_what_is_scheduled_over_or_withdrawn(portal: None):
    editor = Actor("town_editor", 1, town_code="69069")
    told = {"kind": "page", "draft": Draft("Kermesse des zouaves"), "at": NOW}
    public_id = add_content(actor=editor, **told)
    assert asked("zouaves").how == "everything"
    publish = {"actor": editor, "content_id": public_id, "number": 1, "at": NOW}
    publish_content(**publish, live_from=NOW + DAY, live_before=NOW + 2 * DAY)
    for at, found in ((NOW, False), (NOW + DAY, True), (NOW + 2 * DAY, False)):
        assert (asked("zouaves", at=at).how == "") is found
    withdraw_content(actor=editor, content_id=public_id, at=NOW)
    assert asked("zouaves", at=NOW + DAY).how == "everything"


def test_a_portal_shows_its_own_and_the_national_set_never_the_next_towns(portal: None):
    assert asked("insomnie").total == 1
    assert asked("", town="ecully").total == 0
    editor = Actor("town_editor", 1, town_code="69081")
    own = add_content(actor=editor, kind="page", draft=Draft("Insomnie à Écully"), at=NOW)
    publish_content(actor=editor, content_id=own, number=1, at=NOW)
    assert slugs(asked("insomnie", town="ecully")) == ["insomnie-a-ecully"]
    assert slugs(asked("insomnie")) == ["mieux-dormir"]
    english = asked("sleep", language="en")
    assert slugs(english)[0] == "sleeping-better"


def test_words_of_danger_are_heard_and_others_are_not(portal: None):
    for text in ("suicide", "je veux mourir", "en finir", "i want to die", "me faire du mal"):
        assert asked(text).danger, text
    for text in ("piscine", "dormir", "finir ses études", "mort de rire", "tuer le temps"):
        assert not asked(text).danger, text


def test_a_page_that_is_gone_leaves_the_index_of_both_engines(portal: None):
    content = Content.objects.get(slug="mediatheque")
    editor = Actor("town_editor", 1, town_code="69069")
    withdraw_content(actor=editor, content_id=content.public_id, at=NOW)
    assert "mediatheque" not in slugs(asked("médiathèque"))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # Raises when the index is not what the rows say.
            cursor.execute(
                "INSERT INTO contents_words(contents_words, rank) VALUES('integrity-check', 1)"
            )


def odd_texts(count: int) -> list[str]:
    """Texts that no form expects, drawn by lot, the same every time."""
    chance = Random(2026)
    signs = "\"'«»“”*:()^-+~{}[]<>|&!\\/%_?#@$€\0\n\t\u200b\u202e😀é中ﬁ²½¼ŒœßİıĀ\u0301 "
    words = ["sommeil", "AND", "OR", "NOT", "NEAR", "NULL", "1e5", "0x1F", "--", ";", "le", "«"]
    texts = []
    for _number in range(count):
        parts = [
            chance.choice(words)
            if chance.random() < 0.4
            else "".join(chance.choices(signs, k=chance.randint(1, 12)))
            for _part in range(chance.randint(0, 9))
        ]
        texts.append(chance.choice(("", " ", '"')).join(parts) * chance.choice((1, 1, 1, 40)))
    return texts


def test_odd_texts_are_answered_like_any_other(portal: None):
    for text in odd_texts(ODD):
        answer = asked(text, exact=len(text) % 3 == 0)
        assert answer.hits and isinstance(answer.found, Found), repr(text)


def test_what_people_type_is_kept_nowhere(portal: None):
    before = KnownWord.objects.count()
    asked("xyzzyplugh veut mourir")
    assert KnownWord.objects.count() == before
    assert not KnownWord.objects.filter(word__startswith="xyzzy").exists()
