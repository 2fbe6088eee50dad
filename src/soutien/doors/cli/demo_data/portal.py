"""What the demo's town publishes, and the national set: our own words, about made-up things."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from soutien.doors.cli.demo_data.accounts import TOWN_CODE
from soutien.registers.contents.models import NATIONAL, Content
from soutien.steps.actor import Actor
from soutien.steps.draft import Draft, add_content
from soutien.steps.publish import publish_content
from soutien.steps.settle import Arranged, settle_town

TOWN = "Craponne"
PARIS = ZoneInfo("Europe/Paris")
CATEGORIES = (
    *("Actualité", "Vie associative", "Cadre de vie", "Citoyenneté"),
    *("Conseil municipal des enfants", "Concertation", "Culture", "Développement durable"),
    *("Économie", "Élections", "Emploi", "Environnement", "Équipements publics", "Fêtes"),
    *("Informations pratiques", "Jeunesse", "Jury d’assises", "Mairie", "Marchés", "Patrimoine"),
    *("Petite enfance", "Plan climat", "Réunions publiques", "Santé", "Sécurité", "Seniors"),
    *("Sport", "Transports", "Travaux", "Urbanisme", "Vie municipale", "Vie quotidienne"),
)
NAMES_IN_ENGLISH = {
    "sante": "Health",
    "jeunesse": "Youth",
    "seniors": "Older people",
    "vie-quotidienne": "Daily life",
    "vie-associative": "Associations",
    "informations-pratiques": "Practical information",
}


def store_portal(at: datetime) -> None:
    """The portal of the demo's town and the national set, published over the last weeks."""
    national = settle_town(
        code=NATIONAL,
        arranged=Arranged(
            "Prendre soin de soi",
            welcome="Des repères simples, écrits et relus pour tout le monde.",
            categories=CATEGORIES,
        ),
        at=at,
    )
    for category in national.categories.filter(slug__in=NAMES_IN_ENGLISH):
        category.name_en = NAMES_IN_ENGLISH[category.slug]
        category.save(update_fields=["name_en"])
    settle_town(
        code=TOWN_CODE,
        arranged=Arranged(
            TOWN,
            welcome="La commune, ses rendez-vous et ses adresses utiles (démonstration).",
            colour="#7a4b9c",
            address="1 place Charles-de-Gaulle, 69290 Craponne",
            phone="0639980100",
        ),
        at=at,
    )
    _publish("FR", "national.toml", at)
    _publish(TOWN_CODE, "craponne.toml", at)


def _publish(code: str, file: str, at: datetime) -> None:
    editor = Actor("town_editor", town_code=code)
    text = (files("soutien.doors.cli.demo_data") / "contents" / file).read_text("utf-8")
    first: dict[str, Content] = {}
    for told in tomllib.loads(text)["contents"]:
        written_at = at - timedelta(days=told.pop("days_ago", 20), minutes=len(first))
        language, same = told.pop("language", "fr"), told.pop("same", "")
        public_id = add_content(
            actor=editor,
            kind=told.pop("kind", "page"),
            language=language,
            draft=_draft(told, at),
            at=written_at,
        )
        publish_content(actor=editor, content_id=public_id, number=1, at=written_at)
        content = Content.objects.get(public_id=public_id)
        if same and same in first:
            Content.objects.filter(pk=content.pk).update(says_the_same_as=first[same])
        elif same:
            first[same] = content


def _draft(told: Mapping[str, Any], at: datetime) -> Draft:
    """A draft; ``in_days``, ``hour`` and ``hours_long`` say when an event is."""
    values = dict(told)
    values["categories"] = tuple(values.get("categories", ()))
    in_days = values.pop("in_days", None)
    hour, long = values.pop("hour", 18), values.pop("hours_long", 2)
    if in_days is not None:
        day = at.astimezone(PARIS).date() + timedelta(days=in_days)
        values["starts_at"] = datetime.combine(day, time(hour), PARIS)
        values["ends_at"] = values["starts_at"] + timedelta(hours=long)
    return Draft(**values)
