"""A town's newsroom: written by authors, answered for by editors, each in their own town."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from soutien.registers.audit.models import Entry as Line
from soutien.registers.contents.models import Content, Entry, Town
from soutien.steps.actor import Actor
from soutien.steps.draft import (
    Draft,
    add_content,
    list_contents,
    open_content,
    return_to_version,
    rewrite_content,
)
from soutien.steps.errors import Refusal
from soutien.steps.publish import (
    index_contents,
    move_content,
    publish_content,
    trash_content,
    untrash_content,
    withdraw_content,
)
from soutien.steps.seek import list_towns, open_portal, read_content
from soutien.steps.settle import Arranged, arrange_town, open_town, settle_town

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OURS, THEIRS = "69069", "69081"
EDITOR, AUTHOR = (Actor(role, 1, town_code=OURS) for role in ("town_editor", "town_author"))
NEIGHBOUR = Actor("town_editor", 2, town_code=THEIRS)


@pytest.fixture(autouse=True)
def towns() -> tuple[Town, Town]:
    """Ours, and the next one."""
    settle_town(code="FR", arranged=Arranged("Contenus nationaux", categories=("Santé",)), at=NOW)
    return (
        settle_town(code=OURS, arranged=Arranged("Craponne"), at=NOW),
        settle_town(code=THEIRS, arranged=Arranged("Écully"), at=NOW),
    )


def page(title: str = "Le marché du mercredi", **told: Any) -> UUID:
    """A page that an author wrote."""
    return add_content(actor=AUTHOR, kind="page", draft=Draft(title, **told), at=NOW)


def refusal_of(act: Callable[[], object]) -> str:
    """The code of the refusal that an act ends with; empty when it is done."""
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return ""


def read(address: str, at: datetime = NOW) -> str:
    """The title of what everybody reads at an address of ours."""
    return read_content(town="craponne", language="fr", address=address, at=at).version.title


def test_nobody_reads_a_page_before_an_editor_publishes_it():
    public_id = page()
    assert refusal_of(lambda: read("le-marche-du-mercredi")) == "not_found"
    publish_content(actor=EDITOR, content_id=public_id, number=1, at=NOW)
    assert read("le-marche-du-mercredi") == "Le marché du mercredi"


def test_a_page_is_read_from_its_hour_to_its_end_and_no_longer():
    public_id = page()
    publish_content(
        actor=EDITOR,
        content_id=public_id,
        number=1,
        at=NOW,
        live_from=NOW + HOUR,
        live_before=NOW + DAY,
    )
    for at, seen in ((NOW, False), (NOW + HOUR, True), (NOW + DAY, False)):
        if seen:
            assert read("le-marche-du-mercredi", at)
        else:
            assert refusal_of(lambda at=at: read("le-marche-du-mercredi", at)) == "not_found"


def test_what_is_corrected_is_read_once_it_is_published_again():
    public_id = page()
    publish_content(actor=EDITOR, content_id=public_id, number=1, at=NOW)
    number = rewrite_content(
        actor=AUTHOR, content_id=public_id, draft=Draft("Le marché du jeudi"), after=1, at=NOW
    )
    assert number == 2
    assert read("le-marche-du-mercredi") == "Le marché du mercredi"
    publish_content(actor=EDITOR, content_id=public_id, number=2, at=NOW + DAY)
    assert read("le-marche-du-mercredi", NOW + DAY) == "Le marché du jeudi"
    # Corrected, it is not newer news.
    assert Content.objects.get(public_id=public_id).live_from == NOW


def test_two_authors_do_not_overwrite_each_other_and_the_same_words_write_nothing():
    public_id = page()
    first = Draft("Le marché du jeudi")
    assert rewrite_content(actor=AUTHOR, content_id=public_id, draft=first, after=1, at=NOW) == 2
    assert rewrite_content(actor=AUTHOR, content_id=public_id, draft=first, after=1, at=NOW) == 2
    other = Draft("Le marché du lundi")
    code = refusal_of(
        lambda: rewrite_content(actor=EDITOR, content_id=public_id, draft=other, after=1, at=NOW)
    )
    assert code == "content_changed"


def test_an_older_version_comes_back_as_a_new_one():
    public_id = page(body="Place Andrade")
    rewrite_content(actor=AUTHOR, content_id=public_id, draft=Draft("Vide"), after=1, at=NOW)
    assert return_to_version(actor=AUTHOR, content_id=public_id, number=1, at=NOW) == 3
    last, *_others = open_content(actor=AUTHOR, content_id=public_id, at=NOW).versions
    assert (last.title, last.body) == ("Le marché du mercredi", "Place Andrade")


def test_the_trash_is_out_of_sight_and_gives_back():
    public_id = page()
    publish_content(actor=EDITOR, content_id=public_id, number=1, at=NOW)
    trash_content(actor=EDITOR, content_id=public_id, at=NOW)
    assert refusal_of(lambda: read("le-marche-du-mercredi")) == "not_found"
    assert not list_contents(actor=EDITOR, at=NOW).lines
    assert len(list_contents(actor=EDITOR, at=NOW, trashed=True).lines) == 1
    draft = Draft("Autre")
    for taken in (
        lambda: rewrite_content(actor=AUTHOR, content_id=public_id, draft=draft, after=1, at=NOW),
        lambda: return_to_version(actor=AUTHOR, content_id=public_id, number=1, at=NOW),
        lambda: publish_content(actor=EDITOR, content_id=public_id, number=1, at=NOW),
    ):
        assert refusal_of(taken) == "in_the_trash"
    untrash_content(actor=EDITOR, content_id=public_id, at=NOW)
    assert len(list_contents(actor=EDITOR, at=NOW).lines) == 1


def test_a_former_address_leads_to_the_page_and_is_nobody_elses():
    public_id = page()
    publish_content(actor=EDITOR, content_id=public_id, number=1, at=NOW)
    move = {"actor": EDITOR, "content_id": public_id, "at": NOW}
    assert move_content(**move, address="Marché") == "marche"
    found = read_content(town="craponne", language="fr", address="le-marche-du-mercredi", at=NOW)
    assert found.moved and found.content.slug == "marche"
    other = page("Autre")
    taken = {"actor": EDITOR, "content_id": other, "at": NOW}
    for address in ("le marché du mercredi", "marche", "recherche", ""):
        assert refusal_of(lambda a=address: move_content(**taken, address=a)) == "address_taken"
    assert move_content(**move, address="le-marche-du-mercredi") == "le-marche-du-mercredi"


@pytest.mark.parametrize(
    ("kind", "draft", "code"),
    [
        ("page", Draft("  "), "title_missing"),
        ("page", Draft("x" * 161), "content_too_long"),
        ("page", Draft("Titre", phone="0" * 21), "content_too_long"),
        ("event", Draft("Fête"), "event_without_a_day"),
        ("event", Draft("Fête", starts_at=NOW, ends_at=NOW), "ends_before_it_starts"),
        ("page", Draft("Titre", categories=("inconnue",)), "category_unknown"),
        ("story", Draft("Titre"), "not_found"),
    ],
)
def test_what_cannot_be_written_is_refusal_of(kind: str, draft: Draft, code: str):
    assert refusal_of(lambda: add_content(actor=AUTHOR, kind=kind, draft=draft, at=NOW)) == code


def test_an_author_publishes_nothing_and_nobody_touches_the_next_town():
    public_id = page()
    draft = Draft("À nous")
    editing = {"content_id": public_id, "at": NOW}
    acts = {
        "open": lambda who: open_content(actor=who, **editing),
        "rewrite": lambda who: rewrite_content(actor=who, draft=draft, after=1, **editing),
        "return": lambda who: return_to_version(actor=who, number=1, **editing),
        "publish": lambda who: publish_content(actor=who, number=1, **editing),
        "withdraw": lambda who: withdraw_content(actor=who, **editing),
        "move": lambda who: move_content(actor=who, address="ici", **editing),
        "trash": lambda who: trash_content(actor=who, **editing),
        "untrash": lambda who: untrash_content(actor=who, **editing),
    }
    for name, act in acts.items():
        for stranger in (NEIGHBOUR, Actor("town_author", 3, town_code=THEIRS), Actor("person")):
            assert refusal_of(lambda act=act, s=stranger: act(s)) == "not_allowed", name
    for name in ("publish", "withdraw", "move", "trash", "untrash"):
        assert refusal_of(lambda act=acts[name]: act(AUTHOR)) == "not_allowed", name
    assert refusal_of(lambda: open_town(actor=AUTHOR, at=NOW)) == "not_allowed"
    refusals = Line.objects.filter(result="refused", event__startswith="contents.")
    assert refusals.count() >= len(acts) * 2


def test_an_editor_arranges_only_their_own_portal():
    arranged = Arranged("Craponne-sur-Arzon", colour="#1D5C63", categories=("Mairie", "Santé"))
    arrange_town(actor=EDITOR, arranged=arranged, at=NOW)
    town, own = open_town(actor=EDITOR, at=NOW)
    assert (town.name, town.colour, [one.name for one in own]) == (
        "Craponne-sur-Arzon",
        "#1d5c63",
        ["Mairie", "Santé"],
    )
    for wrong, code in (
        (Arranged(" "), "town_without_a_name"),
        (Arranged("Ici", colour="red"), "colour_unclear"),
    ):
        assert refusal_of(lambda w=wrong: arrange_town(actor=EDITOR, arranged=w, at=NOW)) == code
    assert Town.objects.get(code=THEIRS).name == "Écully"


def test_the_national_set_is_shared_or_replaced():
    national = Actor("town_editor", 9, town_code="FR")
    public_id = add_content(actor=national, kind="page", draft=Draft("Bien dormir"), at=NOW)
    publish_content(actor=national, content_id=public_id, number=1, at=NOW)
    assert read("bien-dormir") == "Bien dormir"
    own = page("Bien dormir")
    publish_content(actor=EDITOR, content_id=own, number=1, at=NOW)
    front = open_portal(town="craponne", language="fr", at=NOW)
    assert len(front.pages) == 2
    found = read_content(town="craponne", language="fr", address="bien-dormir", at=NOW)
    assert found.content.town.code == OURS
    arrange_town(actor=EDITOR, arranged=Arranged("Craponne", shows_national=False), at=NOW)
    assert len(open_portal(town="craponne", language="fr", at=NOW).pages) == 1
    assert {town.code for town in list_towns(at=NOW)} == {OURS, THEIRS, "FR"}


def test_figures_of_the_law_are_indexed_as_they_are_on_the_day():
    public_id = page(body='Il y a {{ terme "sessions_per_year_max" }} séances.')
    long_ago = datetime(2023, 1, 1, tzinfo=UTC)
    publish_content(actor=EDITOR, content_id=public_id, number=1, at=long_ago)
    before = Entry.objects.get().told
    assert index_contents(at=NOW) == 1
    after = Entry.objects.get().told
    assert before != after and "{{" not in before + after


def test_a_page_says_when_it_was_read_again():
    public_id = page(reviewed_on=date(2026, 11, 1), rule_ids="R-053", sources="ameli.fr")
    version = open_content(actor=AUTHOR, content_id=public_id, at=NOW).versions[0]
    assert (version.reviewed_on, version.rule_ids) == (date(2026, 11, 1), "R-053")
