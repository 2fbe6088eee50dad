"""Answering for what a town publishes: from when it is read, until when, at which address."""

from __future__ import annotations

import uuid
from datetime import datetime

from soutien.registers.contents import indexing, words
from soutien.registers.contents import queries as contents
from soutien.registers.contents.models import SLUG_LENGTH, TAKEN, Content, FormerAddress
from soutien.rules.quoted import quoted
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, record


@act("contents.content.published")
def publish_content(
    *,
    actor: Actor,
    content_id: uuid.UUID,
    number: int,
    at: datetime,
    live_from: datetime | None = None,
    live_before: datetime | None = None,
) -> None:
    """Everybody reads this version, from now or a later moment on, for good or until another.

    Refuses ``in_the_trash``, ``not_found`` and ``ends_before_it_starts``.
    """
    content = _locked(actor, "publish_content", content_id)
    if content.trashed_at is not None:
        raise Refusal("in_the_trash")
    version = contents.version(content, number)
    if version is None:
        raise Refusal("not_found")
    since = live_from or _still_live_from(content, at) or at
    if live_before is not None and live_before <= since:
        raise Refusal("ends_before_it_starts", fields=("live_before",))
    content.live, content.live_from, content.live_before = version, since, live_before
    content.changed_at = at
    content.save(update_fields=["live", "live_from", "live_before", "changed_at"])
    _index(content, at)
    record(actor, "contents.content.published", at=at, object_id=content.pk)


@act("contents.content.withdrawn")
def withdraw_content(*, actor: Actor, content_id: uuid.UUID, at: datetime) -> None:
    """Nobody reads it any more; its versions stay."""
    content = _locked(actor, "withdraw_content", content_id)
    _take_away(content, at)
    record(actor, "contents.content.withdrawn", at=at, object_id=content.pk)


@act("contents.content.moved")
def move_content(*, actor: Actor, content_id: uuid.UUID, address: str, at: datetime) -> str:
    """Another address; whoever kept the former one is led to it. Refuses ``address_taken``."""
    content = _locked(actor, "move_content", content_id)
    slug = words.slug(address, SLUG_LENGTH)
    if slug == content.slug:
        return slug
    own = FormerAddress.objects.filter(content=content, slug=slug)
    free = own.exists() or contents.address_is_free(content.town_id, content.language, slug)
    if not slug or slug in TAKEN or not free:
        raise Refusal("address_taken", fields=("address",))
    own.delete()
    FormerAddress.objects.create(
        town_id=content.town_id, language=content.language, slug=content.slug, content=content
    )
    content.slug, content.changed_at = slug, at
    content.save(update_fields=["slug", "changed_at"])
    record(actor, "contents.content.moved", at=at, object_id=content.pk)
    return slug


@act("contents.content.trashed")
def trash_content(*, actor: Actor, content_id: uuid.UUID, at: datetime) -> None:
    """Out of everybody's sight and out of the list; it can be taken out again."""
    content = _locked(actor, "trash_content", content_id)
    if content.trashed_at is None:
        content.trashed_at = at
        _take_away(content, at)
        record(actor, "contents.content.trashed", at=at, object_id=content.pk)


@act("contents.content.untrashed")
def untrash_content(*, actor: Actor, content_id: uuid.UUID, at: datetime) -> None:
    """Back in the list, as a draft."""
    content = _locked(actor, "untrash_content", content_id)
    if content.trashed_at is not None:
        content.trashed_at, content.changed_at = None, at
        content.save(update_fields=["trashed_at", "changed_at"])
        record(actor, "contents.content.untrashed", at=at, object_id=content.pk)


@act("contents.index.made")
def index_contents(*, actor: Actor = SYSTEM, at: datetime) -> int:
    """Every live content indexed again, with the figures of the day; how many."""
    allow(actor, "index_contents")
    live = list(Content.objects.filter(live__isnull=False).select_related("live", "town"))
    for content in live:
        _index(content, at)
    record(actor, "contents.index.made", at=at, object_id=len(live))
    return len(live)


def _locked(actor: Actor, step: str, content_id: uuid.UUID) -> Content:
    content = contents.by_public_id(content_id)
    if content is None:
        raise Refusal("not_found")
    allow(actor, step, relations(actor, town_code=content.town.code))
    return contents.locked(content)


def _still_live_from(content: Content, at: datetime) -> datetime | None:
    """Since when it is read already: a correction does not make it newer."""
    if content.live_from is None or content.live_from > at:
        return None
    return content.live_from


def _take_away(content: Content, at: datetime) -> None:
    content.live = content.live_from = content.live_before = None
    content.changed_at = at
    content.save(update_fields=["live", "live_from", "live_before", "trashed_at", "changed_at"])
    indexing.remove(content.pk)


def _index(content: Content, at: datetime) -> None:
    version = content.live
    assert version is not None
    names = [category.name for category in version.categories.all()]
    body = quoted(
        version.body, gather.law(), gather.civil_day(at, "Europe/Paris"), content.language
    ).text
    indexing.keep(indexing.entry_of(content, version, names, body))
