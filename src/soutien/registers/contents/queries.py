"""Questions to what towns publish, and its writing. Steps say who may."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from soutien.registers.contents.models import (
    NATIONAL,
    Category,
    Content,
    Entry,
    FormerAddress,
    Town,
    Version,
)


def towns() -> list[Town]:
    """Every portal, the national one last."""
    return sorted(Town.objects.all(), key=lambda town: (town.code == NATIONAL, town.name))


def town(slug: str) -> Town | None:
    """The portal at an address."""
    return Town.objects.filter(slug=slug).first()


def town_of_code(code: str) -> Town | None:
    """The portal of a town by its INSEE code."""
    return Town.objects.filter(code=code).first() if code else None


def national() -> Town | None:
    """The national set."""
    return town_of_code(NATIONAL)


def shown_towns(one: Town) -> list[Town]:
    """Whose contents a portal shows: its own, and the national set when it shares it."""
    shared = national() if one.shows_national and one.code != NATIONAL else None
    return [one] if shared is None else [one, shared]


def categories_of(one: Town) -> list[Category]:
    """The categories of a portal, in their order: its own, else those of the national set."""
    whose = one if one.own_categories or one.code == NATIONAL else (national() or one)
    return list(Category.objects.filter(town=whose).order_by("rank", "name"))


def same_named(shown: Collection[Town], categories: Sequence[Category]) -> dict[int, str]:
    """Categories by number, of every set shown, that the portal has under the same name."""
    slugs = {category.slug for category in categories}
    rows = Category.objects.filter(town__in=shown, slug__in=slugs)
    return {row.pk: row.slug for row in rows} | {row.pk: row.slug for row in categories}


def by_public_id(public_id: uuid.UUID) -> Content | None:
    """One content, with its town."""
    return Content.objects.select_related("town", "live").filter(public_id=public_id).first()


def locked(content: Content) -> Content:
    """The same row, which nobody else changes meanwhile."""
    return (
        Content.objects.select_for_update(of=("self",)).select_related("town").get(pk=content.pk)
    )


def at_address(towns: Sequence[Town], language: str, slug: str) -> Content | None:
    """What is at an address: the town's own before the national."""
    rows = Content.objects.select_related("town", "live").filter(
        town__in=towns, language=language, slug=slug
    )
    found = {row.town_id: row for row in rows}
    return next((found[one.pk] for one in towns if one.pk in found), None)


def formerly_at(towns: Sequence[Town], language: str, slug: str) -> Content | None:
    """What was at an address before."""
    found = FormerAddress.objects.select_related("content__town").filter(
        town__in=towns, language=language, slug=slug
    )
    row = found.first()
    return row.content if row else None


def address_is_free(town_id: int, language: str, slug: str) -> bool:
    """Whether no content is, or was, at an address."""
    asked: Mapping[str, Any] = {"town_id": town_id, "language": language, "slug": slug}
    return not (
        Content.objects.filter(**asked).exists() or FormerAddress.objects.filter(**asked).exists()
    )


def of_town(one: Town, *, trashed: bool = False) -> QuerySet[Content]:
    """What a town has, the last changed first."""
    found = Content.objects.filter(town=one, trashed_at__isnull=not trashed)
    return found.select_related("live").order_by("-changed_at", "-pk")


def latest(content: Content) -> Version:
    """The last version that was written."""
    return Version.objects.filter(content=content).order_by("-number")[0]


def latest_of(contents: Collection[Content]) -> dict[int, Version]:
    """The last version of each of these."""
    last = (
        Version.objects.filter(content__in=contents)
        .values("content_id")
        .annotate(last=Max("number"))
    )
    wanted = {row["content_id"]: row["last"] for row in last}
    rows = Version.objects.filter(content__in=contents)
    return {row.content_id: row for row in rows if wanted[row.content_id] == row.number}


def version(content: Content, number: int) -> Version | None:
    """One version of a content."""
    return Version.objects.filter(content=content, number=number).first()


def versions(content: Content) -> list[Version]:
    """All versions, the last first."""
    return list(Version.objects.filter(content=content).order_by("-number"))


def write(
    content: Content,
    told: Mapping[str, Any],
    categories: Iterable[Category],
    *,
    at: datetime,
    by: str,
) -> Version:
    """One version more."""
    number = Version.objects.filter(content=content).aggregate(last=Max("number"))["last"] or 0
    row = Version.objects.create(
        content=content, number=number + 1, written_at=at, written_by=by, **told
    )
    row.categories.set(categories)
    Content.objects.filter(pk=content.pk).update(changed_at=at)
    return row


def entries(ids: Sequence[int]) -> list[Entry]:
    """Entries with what their page shows, in the order given."""
    rows = Entry.objects.select_related("content", "version", "town").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def is_live(content: Content, at: datetime) -> bool:
    """Whether everybody may read it at a moment."""
    if content.live_from is None or content.live_from > at:
        return False
    return content.live_before is None or at < content.live_before


def live_in(towns: Collection[Town], language: str, at: datetime) -> QuerySet[Entry]:
    """What everybody may read now."""
    found = Entry.objects.filter(town__in=towns, language=language, live_from__lte=at)
    return found.exclude(live_before__lte=at).select_related("content", "version", "town")


def live_of(one: Town, at: datetime) -> QuerySet[Content]:
    """What a town itself publishes and everybody reads now, with its version, by address."""
    return (
        Content.objects.filter(town=one, live__isnull=False, live_from__lte=at)
        .filter(Q(live_before__isnull=True) | Q(live_before__gt=at))
        .select_related("live")
        .order_by("language", "slug")
    )
