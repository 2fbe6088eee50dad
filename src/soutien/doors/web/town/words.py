"""Kinds of contents and what a page says of one, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from soutien.doors.web.components.days import clock, full_day
from soutien.registers.contents.models import Category, Content, Entry, Town
from soutien.steps.seek import Hit

KINDS: Mapping[str, object] = {
    "article": gettext_lazy("Actualités"),
    "page": gettext_lazy("Pages"),
    "event": gettext_lazy("Agenda"),
    "place": gettext_lazy("Annuaire local"),
    "document": gettext_lazy("Documents"),
}
ONE: Mapping[str, object] = {
    "article": gettext_lazy("Actualité"),
    "page": gettext_lazy("Page"),
    "event": gettext_lazy("Événement"),
    "place": gettext_lazy("Adresse"),
    "document": gettext_lazy("Document"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A content in a list."""

    title: str
    href: str
    kind: str
    when: str
    summary: str
    place: str


def name_of(category: Category, language: str) -> str:
    """The name of a category in a language."""
    return category.name_en or category.name if language == "en" else category.name


def address_of(town: Town, content: Content) -> str:
    """Where a content is read."""
    return reverse("town_page", args=[town.slug, content.slug])


def when(entry: Entry) -> str:
    """« mardi 24 novembre 2026 à 18:30 », or the day it was published."""
    if entry.starts_at is not None:
        return span(entry.starts_at, entry.ends_at)
    return full_day(timezone.localdate(entry.live_from))


def span(starts_at: datetime, ends_at: datetime | None) -> str:
    """From when to when an event lasts."""
    told = {
        "day": full_day(timezone.localdate(starts_at)),
        "hour": clock(starts_at, "Europe/Paris"),
    }
    if ends_at is None:
        return _("%(day)s à %(hour)s") % told
    told["end"] = clock(ends_at, "Europe/Paris")
    if timezone.localdate(ends_at) == timezone.localdate(starts_at):
        return _("%(day)s, de %(hour)s à %(end)s") % told
    told["last"] = full_day(timezone.localdate(ends_at))
    return _("du %(day)s au %(last)s") % told


def card_of(town: Town, entry: Entry) -> Card:
    """A content in a list of a portal."""
    return Card(
        title=entry.version.title,
        href=address_of(town, entry.content),
        kind=str(ONE[entry.kind]),
        when=when(entry),
        summary=entry.version.summary,
        place=entry.version.place_name or entry.place,
    )


@dataclass(frozen=True, slots=True)
class Result:
    """One page that answers, as the list shows it."""

    hit: Hit
    href: str
    kind: str
    when: str
    where: str


def result_of(town: Town, hit: Hit) -> Result:
    """One page that answers."""
    entry = hit.entry
    version = entry.version
    where = ", ".join(part for part in (version.place_name, entry.place) if part)
    return Result(
        hit,
        address_of(town, entry.content),
        str(ONE[entry.kind]),
        when(entry) if entry.kind in ("article", "event") else "",
        where,
    )


def counted(total: int) -> str:
    """« 3 résultats »."""
    return ngettext("%(n)s résultat", "%(n)s résultats", total) % {"n": total}
