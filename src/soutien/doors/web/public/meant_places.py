"""What the box « Où êtes-vous ? » means: a town, a whole département, or here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from soutien.doors.web.components.map import short_name
from soutien.registers.places.gazetteer import (
    Town,
    departement_matching,
    departement_name,
    main_town_of,
    town_by_insee,
    towns_matching,
)
from soutien.registers.places.spelling import plain

OTHERS_SHOWN = 6
# Of a town and a département of the same name, the town is meant when it is larger than this.
A_TOWN_OF_THAT_NAME = 5_000
# Paris is a town and its own département.
WHOLE_IN_ITSELF = "75"
_STREET = re.compile(
    r"^\d{1,4} ?(bis|ter)? \D*[a-z]{3}.* |"
    r"\b(rue|avenue|boulevard|place|chemin|allee|impasse|quai|route|cours)\b .* ",
    re.ASCII,
)


@dataclass(frozen=True)
class Choice:
    """Something else the same words may mean: what to change in the address."""

    label: str
    changes: dict[str, str]


@dataclass(frozen=True)
class Meant:
    """Where to look: around a position, or in a whole département (then its code)."""

    label: str
    position: tuple[float, float]
    departement: str = ""
    town_code: str = ""
    street_unknown: bool = False
    others: tuple[Choice, ...] = ()


def town_label(town: Town) -> str:
    """« Craponne (Rhône) »."""
    return f"{short_name(town.name)} ({departement_name(town.departement)})"


def departement_label(code: str) -> str:
    """« Rhône (69) »."""
    return f"{departement_name(code)} ({code})"


def meant_place(text: str, *, insee: str = "", departement: str = "") -> Meant | None:
    """What the words mean, with what else they may mean; None when nothing comes near.

    ``insee`` and ``departement`` are what somebody picked among the others; each wins while it
    is still one of the meanings.
    """
    towns = towns_matching(text)
    named = departement_matching(text)
    picked = town_by_insee(insee) if insee else None
    town = picked if picked in towns else (towns[0] if towns else None)
    if named and (departement == named or (town is not picked and not _is_large(towns, text))):
        return _whole(named, towns, text)
    if town is None:
        return None
    written = plain(text)
    exact = plain(town.name) == written
    others = [
        Choice(town_label(other), {"town": other.insee, "departement": ""})
        for other in towns
        if other != town and (not exact or plain(other.name).startswith(written))
    ][:OTHERS_SHOWN]
    if named and named != WHOLE_IN_ITSELF:
        label = _("tout le département %(name)s") % {"name": departement_label(named)}
        others.insert(0, Choice(label, {"town": "", "departement": named}))
    return Meant(
        label=town_label(town),
        position=(town.latitude, town.longitude),
        town_code=town.insee if town == picked else "",
        street_unknown=bool(_STREET.search(f"{' '.join(written.split())} ")),
        others=tuple(others),
    )


def _whole(code: str, towns: list[Town], text: str) -> Meant | None:
    main = main_town_of(code)
    if main is None:
        return None
    same_name = [town for town in towns if plain(town.name) == plain(text)]
    return Meant(
        label=departement_label(code),
        position=(main.latitude, main.longitude),
        departement=code,
        others=tuple(
            Choice(town_label(town), {"town": town.insee, "departement": ""})
            for town in [*same_name, *([] if main in same_name else [main])]
        ),
    )


def _is_large(towns: list[Town], text: str) -> bool:
    """Whether a town worth the name is called exactly so."""
    written = plain(text)
    return any(
        plain(town.name) == written and town.population > A_TOWN_OF_THAT_NAME for town in towns
    )
