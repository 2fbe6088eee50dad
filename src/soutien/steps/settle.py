"""A town's portal: opened by the operator, arranged by its editors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from soutien.registers.contents import indexing, words
from soutien.registers.contents import queries as contents
from soutien.registers.contents.models import Category, Town
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, looking, record

_COLOUR = re.compile(r"#[0-9a-f]{6}")
MOST_CATEGORIES = 60


@dataclass(frozen=True, slots=True)
class Arranged:
    """How a portal presents itself; ``categories`` are names, its own when there are any."""

    name: str
    welcome: str = ""
    colour: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    shows_national: bool = True
    categories: tuple[str, ...] = ()


@act("contents.town.settled")
def settle_town(*, actor: Actor = SYSTEM, code: str, arranged: Arranged, at: datetime) -> Town:
    """A new portal, empty; the one that is there already stays as it is."""
    allow(actor, "settle_town")
    known = contents.town_of_code(code)
    if known is not None:
        return known
    told, categories = _checked(arranged)
    stem = words.slug(arranged.name, 50) or "portail"
    slug = stem if contents.town(stem) is None else f"{stem}-{code.lower()}"
    town = Town.objects.create(code=code, slug=slug, **told)
    _set_categories(town, categories)
    record(actor, "contents.town.settled", at=at, object_id=town.pk)
    return town


@looking("contents.town.opened")
def open_town(*, actor: Actor, at: datetime) -> tuple[Town, list[Category]]:
    """One's own portal, to arrange, with its own categories."""
    allow(actor, "open_town", relations(actor, town_code=actor.town_code))
    town = contents.town_of_code(actor.town_code)
    if town is None:
        raise Refusal("not_found")
    record(actor, "contents.town.opened", at=at, object_id=town.pk)
    return town, contents.categories_of(town) if town.own_categories else []


@act("contents.town.arranged")
def arrange_town(*, actor: Actor, arranged: Arranged, at: datetime) -> None:
    """Another name, colour, address, categories.

    Refuses ``town_without_a_name`` and ``colour_unclear``.
    """
    allow(actor, "arrange_town", relations(actor, town_code=actor.town_code))
    known = contents.town_of_code(actor.town_code)
    if known is None:
        raise Refusal("not_found")
    town = Town.objects.select_for_update().get(pk=known.pk)
    told, categories = _checked(arranged)
    Town.objects.filter(pk=town.pk).update(**told)
    _set_categories(town, categories)
    indexing.touch()
    record(actor, "contents.town.arranged", at=at, object_id=town.pk)


def _checked(arranged: Arranged) -> tuple[dict[str, str | bool], Sequence[str]]:
    told: dict[str, str | bool] = {
        "name": arranged.name.strip()[:80],
        "welcome": arranged.welcome.strip()[:300],
        "colour": arranged.colour.strip().lower(),
        "address": arranged.address.strip()[:200],
        "phone": arranged.phone.strip()[:20],
        "email": arranged.email.strip()[:120],
        "shows_national": arranged.shows_national,
        "own_categories": bool(arranged.categories),
    }
    if not told["name"]:
        raise Refusal("town_without_a_name", fields=("name",))
    if told["colour"] and not _COLOUR.fullmatch(str(told["colour"])):
        raise Refusal("colour_unclear", fields=("colour",))
    return told, arranged.categories[:MOST_CATEGORIES]


def _set_categories(town: Town, names: Sequence[str]) -> None:
    """These, in this order. One that is gone stays with what was written under it."""
    for rank, name in enumerate(names):
        slug = words.slug(name, 60) or f"rubrique-{rank}"
        Category.objects.update_or_create(
            town=town, slug=slug, defaults={"name": name[:60], "rank": rank}
        )
