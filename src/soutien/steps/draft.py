"""Writing what a town publishes: every version is kept, nothing here is read by everybody yet."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from soutien.registers.contents import queries as contents
from soutien.registers.contents import words
from soutien.registers.contents.models import (
    BODY_LENGTH,
    KINDS,
    LANGUAGES,
    SLUG_LENGTH,
    SUMMARY_LENGTH,
    TAKEN,
    TITLE_LENGTH,
    Category,
    Content,
    Town,
    Version,
)
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, looking, record

_LONGEST = {"title": TITLE_LENGTH, "summary": SUMMARY_LENGTH, "body": BODY_LENGTH}
# What a short field holds at most: the narrowest column.
_SHORT = 120
_SHORTER = {"postcode": 5, "phone": 20, "place_town": 80}


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote of a content; ``categories`` by their names in addresses."""

    title: str
    summary: str = ""
    body: str = ""
    categories: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place_name: str = ""
    address_line: str = ""
    postcode: str = ""
    place_town: str = ""
    hours: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    reviewed_on: date | None = None
    rule_ids: str = ""
    sources: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A content in its town's list: its last version, and whether it is read."""

    content: Content
    version: Version

    @property
    def live_is_last(self) -> bool:
        """Whether what everybody reads is what was written last."""
        return self.content.live_id == self.version.pk


@dataclass(frozen=True, slots=True)
class Desk:
    """What a town's newsroom has, the last changed first."""

    town: Town
    lines: tuple[Line, ...]
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class OpenContent:
    """One content with all its versions, the last first."""

    content: Content
    town: Town
    versions: tuple[Version, ...]
    categories: tuple[Category, ...]
    chosen: frozenset[str]


@looking("contents.list.opened")
def list_contents(*, actor: Actor, at: datetime, trashed: bool = False) -> Desk:
    """What one's own town has, or has in the trash. Refuses ``not_found`` without a portal."""
    allow(actor, "list_contents", relations(actor, town_code=actor.town_code))
    town = contents.town_of_code(actor.town_code)
    if town is None:
        raise Refusal("not_found")
    rows = list(contents.of_town(town, trashed=trashed))
    last = contents.latest_of(rows)
    record(actor, "contents.list.opened", at=at, object_id=town.pk)
    return Desk(
        town,
        tuple(Line(row, last[row.pk]) for row in rows),
        tuple(contents.categories_of(town)),
    )


@looking("contents.content.opened")
def open_content(*, actor: Actor, content_id: uuid.UUID, at: datetime) -> OpenContent:
    """One content of one's own town, to write or to look at."""
    content = _known(content_id)
    allow(actor, "open_content", relations(actor, town_code=content.town.code))
    versions = tuple(contents.versions(content))
    record(actor, "contents.content.opened", at=at, object_id=content.pk)
    return OpenContent(
        content,
        content.town,
        versions,
        tuple(contents.categories_of(content.town)),
        frozenset(category.slug for category in versions[0].categories.all()),
    )


@act("contents.content.added")
def add_content(
    *, actor: Actor, kind: str, draft: Draft, at: datetime, language: str = "fr"
) -> uuid.UUID:
    """A new content of one's own town, read by nobody yet.

    Refuses ``title_missing``, ``content_too_long``, ``event_without_a_day``,
    ``ends_before_it_starts`` and ``category_unknown``.
    """
    allow(actor, "add_content", relations(actor, town_code=actor.town_code))
    town = contents.town_of_code(actor.town_code)
    if town is None or kind not in KINDS or language not in LANGUAGES:
        raise Refusal("not_found")
    told, categories = _checked(draft, kind, town)
    Town.objects.select_for_update().get(pk=town.pk)
    content = Content.objects.create(
        town=town,
        kind=kind,
        language=language,
        slug=_free_slug(town, language, draft.title),
        created_at=at,
        changed_at=at,
    )
    contents.write(content, told, categories, at=at, by=actor.role)
    record(actor, "contents.content.added", at=at, object_id=content.pk)
    return content.public_id


@act("contents.content.rewritten")
def rewrite_content(
    *, actor: Actor, content_id: uuid.UUID, draft: Draft, after: int, at: datetime
) -> int:
    """One version more, written after version ``after``; its number.

    The same words again write nothing. Refuses what ``add_content`` refuses, ``content_changed``
    when somebody else wrote meanwhile, and ``in_the_trash``.
    """
    content = _known(content_id)
    allow(actor, "rewrite_content", relations(actor, town_code=content.town.code))
    content = contents.locked(content)
    if content.trashed_at is not None:
        raise Refusal("in_the_trash")
    told, categories = _checked(draft, content.kind, content.town)
    last = contents.latest(content)
    if _says(last) == (told, {category.pk for category in categories}):
        return last.number
    if last.number != after:
        raise Refusal("content_changed")
    version = contents.write(content, told, categories, at=at, by=actor.role)
    record(actor, "contents.content.rewritten", at=at, object_id=content.pk)
    return version.number


@act("contents.content.rewritten")
def return_to_version(*, actor: Actor, content_id: uuid.UUID, number: int, at: datetime) -> int:
    """An older version again, as a new one; its number."""
    content = _known(content_id)
    allow(actor, "return_to_version", relations(actor, town_code=content.town.code))
    content = contents.locked(content)
    if content.trashed_at is not None:
        raise Refusal("in_the_trash")
    older, last = contents.version(content, number), contents.latest(content)
    if older is None:
        raise Refusal("not_found")
    told, categories = _says(older)
    if (told, categories) == _says(last):
        return last.number
    version = contents.write(content, told, older.categories.all(), at=at, by=actor.role)
    record(actor, "contents.content.rewritten", at=at, object_id=content.pk)
    return version.number


def _known(content_id: uuid.UUID) -> Content:
    content = contents.by_public_id(content_id)
    if content is None:
        raise Refusal("not_found")
    return content


def _says(version: Version) -> tuple[dict[str, Any], set[int]]:
    """What a version says, to compare or to write again."""
    told = {name: getattr(version, name) for name in Draft.__slots__ if name != "categories"}
    return told, {category.pk for category in version.categories.all()}


def _checked(draft: Draft, kind: str, town: Town) -> tuple[Mapping[str, Any], Sequence[Category]]:
    """The columns and categories of a version. Raises Refusal."""
    told = asdict(draft)
    del told["categories"]
    for name, value in told.items():
        if isinstance(value, str):
            told[name] = value.replace("\r\n", "\n").replace("\0", "").strip()
            limit = _LONGEST.get(
                name, _SHORTER.get(name, BODY_LENGTH if name == "sources" else _SHORT)
            )
            if len(told[name]) > limit:
                raise Refusal("content_too_long", limit=limit, fields=(name,))
    if not told["title"]:
        raise Refusal("title_missing", fields=("title",))
    if kind == "event" and draft.starts_at is None:
        raise Refusal("event_without_a_day", fields=("starts_at",))
    if draft.ends_at is not None and (draft.starts_at is None or draft.ends_at <= draft.starts_at):
        raise Refusal("ends_before_it_starts", fields=("ends_at",))
    known = {category.slug: category for category in contents.categories_of(town)}
    if not set(draft.categories) <= set(known):
        raise Refusal("category_unknown", fields=("categories",))
    return told, [known[slug] for slug in dict.fromkeys(draft.categories)]


def _free_slug(town: Town, language: str, title: str) -> str:
    """An address made of the title, that no other content has or had."""
    stem = words.slug(title, SLUG_LENGTH - 6) or "page"
    slug, number = stem, 1
    while slug in TAKEN or not contents.address_is_free(town.pk, language, slug):
        number += 1
        slug = f"{stem}-{number}"
    return slug
