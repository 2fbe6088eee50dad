"""Reading and searching what towns publish. Nothing is kept of who reads or looks for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from soutien.registers.contents import queries as contents
from soutien.registers.contents import words
from soutien.registers.contents.models import Category, Content, Entry, Town, Version
from soutien.registers.contents.search import asked as asking
from soutien.registers.contents.search import finder, spelling
from soutien.registers.contents.search.asked import Asked, Choices, Scope
from soutien.registers.contents.search.extracts import Piece, extract, marked
from soutien.registers.contents.search.finder import Found
from soutien.registers.places.spelling import edits_from, sounds
from soutien.rules.danger import sounds_like_danger
from soutien.steps.actor import ANONYMOUS
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow

# An address with a page further than this is answered as its last one.
MOST_PAGES = 1_000
SOON = timedelta(days=60)
ON_THE_FRONT = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """One page that answers: what it is, with the words asked for marked."""

    entry: Entry
    title: tuple[Piece, ...]
    extract: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found. Never nothing while the portal has a page.

    ``mended`` is what was looked for in place of what was typed (words, each as written), and
    ``how`` says how the question was widened: "", "beginning", "spelling", "any_word" or
    "everything".
    """

    hits: tuple[Hit, ...]
    found: Found
    page: int
    pages: int
    how: str = ""
    mended: str = ""
    danger: bool = False

    @property
    def total(self) -> int:
        """How many pages answer."""
        return self.found.total


@dataclass(frozen=True, slots=True)
class Portal:
    """A town's portal: its latest news, what comes, and what can be chosen."""

    town: Town
    towns: tuple[Town, ...]
    categories: tuple[Category, ...]
    news: tuple[Entry, ...] = ()
    events: tuple[Entry, ...] = ()
    pages: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One content as everybody reads it, or where it is now."""

    portal: Portal
    content: Content
    version: Version
    categories: tuple[Category, ...]
    moved: bool = False
    others: tuple[Content, ...] = ()


def list_towns(*, at: datetime) -> list[Town]:
    """Every portal."""
    allow(ANONYMOUS, "list_towns")
    return contents.towns()


def open_portal(*, town: str, language: str, at: datetime) -> Portal:
    """The front of a portal. Refuses ``not_found``."""
    allow(ANONYMOUS, "open_portal")
    portal = _portal(town)
    live = contents.live_in(portal.towns, language, at)
    coming = live.filter(kind="event", starts_at__gte=at, starts_at__lt=at + SOON)
    return replace(
        portal,
        news=tuple(live.filter(kind="article").order_by("-live_from", "-pk")[:ON_THE_FRONT]),
        events=tuple(coming.order_by("starts_at", "pk")[:ON_THE_FRONT]),
        pages=tuple(live.filter(kind="page").order_by("-live_from", "-pk")[:ON_THE_FRONT]),
    )


def read_content(*, town: str, language: str, address: str, at: datetime) -> Reading:
    """What is at an address of a portal, or where it went. Refuses ``not_found``."""
    allow(ANONYMOUS, "read_content")
    portal = _portal(town)
    content = contents.at_address(portal.towns, language, address)
    moved = content is None
    if content is None:
        content = contents.formerly_at(portal.towns, language, address)
    if content is None or not contents.is_live(content, at):
        raise Refusal("not_found")
    version = content.live
    assert version is not None
    told = {slug: one for one in portal.categories for slug in [one.slug]}
    of_it = [told[one.slug] for one in version.categories.all() if one.slug in told]
    others = tuple(one for one in _in_other_languages(content) if contents.is_live(one, at))
    return Reading(portal, content, version, tuple(of_it), moved, others)


def search_contents(
    *,
    town: str,
    language: str,
    text: str,
    choices: Choices,
    at: datetime,
    exact: bool = False,
    page: int = 1,
) -> Answer:
    """The pages that answer. What is typed is forgiven when nothing answers it as it stands.

    Refuses ``not_found`` for a portal that is not there.
    """
    allow(ANONYMOUS, "search_contents")
    portal = _portal(town)
    scope = _scope(portal, language, at)
    question = asking.read(text, language, exact=exact)
    danger = sounds_like_danger(text)
    for tried, how in _readings(question, choices, scope, exact=exact):
        found = finder.find(tried, choices, scope, page=page, any_word=how == "any_word")
        if found.total:
            break
    else:
        tried, how = Asked(language), "everything"
        found = finder.find(tried, Choices(kinds=choices.kinds), scope, page=page)
        if not found.total:
            found = finder.find(tried, Choices(), scope, page=page)
    pages = min(MOST_PAGES, max(1, -(-found.total // finder.PER_PAGE)))
    hits = tuple(
        Hit(entry, tuple(marked(entry.version.title, tried)), tuple(extract(entry.told, tried)))
        for entry in contents.entries(found.ids)
    )
    mended = _typed(tried) if how in ("spelling", "beginning") else ""
    return Answer(hits, found, min(page, pages), pages, how, mended, danger)


def _portal(slug: str) -> Portal:
    town = contents.town(slug)
    if town is None:
        raise Refusal("not_found")
    return Portal(town, tuple(contents.shown_towns(town)), tuple(contents.categories_of(town)))


def _scope(portal: Portal, language: str, at: datetime) -> Scope:
    named: Mapping[int, str] = contents.same_named(portal.towns, portal.categories)
    return Scope(tuple(one.pk for one in portal.towns), language, at, dict(named))


def _in_other_languages(content: Content) -> list[Content]:
    first = content.says_the_same_as or content
    return [one for one in (first, *first.in_other_languages.all()) if one.pk != content.pk]


def _readings(
    question: Asked, choices: Choices, scope: Scope, *, exact: bool
) -> Iterator[tuple[Asked, str]]:
    """The question as it stands, then ever more freely, each with how it was widened."""
    yield question, ""
    if exact or question.nothing:
        return
    mended, how = _mended(question, choices, scope)
    if how:
        yield mended, how
    if len(mended.terms) + len(mended.phrases) > 1:
        yield mended, "any_word"


def _mended(question: Asked, choices: Choices, scope: Scope) -> tuple[Asked, str]:
    """Words that no page has, read as what they begin (the last one) or were meant to be."""
    mended, how = question, ""
    for place, term in enumerate(question.terms):
        if finder.how_many(term, choices, scope):
            continue
        last = place == len(question.terms) - 1
        if last and len(term.folded) >= words.SHORTEST:
            begun = _begun(term.folded, choices, scope, mended, place)
            if begun is not None:
                mended, how = begun, how or "beginning"
                continue
        for word, written in spelling.meant(term.folded, scope.language, edits_from, sounds):
            other = mended.with_word(place, word, written)
            if finder.how_many(other.terms[place], choices, scope):
                mended, how = other, "spelling"
                break
    return mended, how


def _begun(
    start: str, choices: Choices, scope: Scope, question: Asked, place: int
) -> Asked | None:
    """The question with the word that most pages have of those that begin so."""
    known = spelling.VOCABULARY.of(scope.language)
    counted = []
    for word in known.beginning(start):
        other = question.with_word(place, word, known.written[word])
        counted.append((finder.how_many(other.terms[place], choices, scope), other))
    best = max(counted, key=lambda one: one[0], default=(0, question))
    return best[1] if best[0] else None


def _typed(question: Asked) -> str:
    return " ".join(
        [term.typed for term in question.terms]
        + [f"« {' '.join(phrase)} »" for phrase in question.phrases]
    )
