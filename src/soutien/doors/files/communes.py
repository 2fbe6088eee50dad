"""The commune of an address, from what files say of it: a code, a postcode, a name."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

from soutien.registers.places.gazetteer import (
    Town,
    all_towns,
    departement_of,
    town_by_insee,
    towns_formerly,
)
from soutien.registers.places.spelling import glued, plain

# Cities whose addresses lie in an arrondissement with a postcode of its own.
_CITIES = frozenset({"75056", "69123", "13055"})
_CEDEX = re.compile(r"\bcedex\b.*$", re.IGNORECASE)
_ABBREVIATED = (("saint", re.compile(r"\bst\b")), ("sainte", re.compile(r"\bste\b")))
_POSTCODE = re.compile(r"[0-9]{5}")


@lru_cache(maxsize=1)
def _by_postcode() -> dict[str, tuple[str, ...]]:
    """INSEE codes of the towns of each postcode, the most inhabited first."""
    found: dict[str, list[str]] = defaultdict(list)
    for town in all_towns():
        for postcode in town.postcodes:
            found[postcode].append(town.insee)
    return {postcode: tuple(codes) for postcode, codes in found.items()}


@lru_cache(maxsize=1)
def _by_name() -> dict[tuple[str, str], str]:
    """INSEE code by département and name, the most inhabited of homonyms."""
    found: dict[tuple[str, str], str] = {}
    for town in all_towns():
        found.setdefault((town.departement, _key(town.name)), town.insee)
    return found


def _key(name: str) -> str:
    words = plain(_CEDEX.sub("", name))
    for whole, short in _ABBREVIATED:
        words = short.sub(whole, words)
    return glued(words)


@lru_cache(maxsize=8192)
def commune(insee: str, postcode: str, name: str) -> Town | None:
    """The commune, or None when nothing given leads to one of today.

    The code counts first. Without a known one: the town of that name or former name in
    the postcode, else the only one of the postcode when there was no code at all, else the one of
    that name in the département (the postcode of a CEDEX is no town's).
    """
    town = town_by_insee(insee) if insee else None
    if town is not None:
        return _arrondissement(town, postcode)
    codes = _by_postcode().get(postcode, ())
    same = [code for code in codes if _is_called(code, name)]
    if same:
        return _arrondissement(town_by_insee(same[0]), postcode)
    merged = [other for other in towns_formerly(name) if postcode in other.postcodes]
    if merged and name:
        return merged[0]
    if len(codes) == 1 and not insee:
        return town_by_insee(codes[0])
    if _POSTCODE.fullmatch(postcode) and name:
        code = _by_name().get((_departement(postcode), _key(name)))
        return None if code is None else _arrondissement(town_by_insee(code), postcode)
    return None


def _is_called(code: str, name: str) -> bool:
    """Whether a town bears a name; an arrondissement, that of its city."""
    town = town_by_insee(code)
    assert town is not None
    wanted = _key(name)
    return bool(wanted) and (_key(town.name) == wanted or _key(postal_name(town)) == wanted)


def _arrondissement(town: Town | None, postcode: str) -> Town | None:
    if town is None or town.insee not in _CITIES:
        return town
    codes = [code for code in _by_postcode().get(postcode, ()) if code not in _CITIES]
    return town_by_insee(codes[0]) if codes else town


def _departement(postcode: str) -> str:
    """The département of a postcode; Corsica's two share theirs."""
    codes = _by_postcode().get(postcode)
    if codes:
        return departement_of(codes[0])
    if postcode.startswith("20"):
        return "2A" if postcode < "20200" else "2B"
    return departement_of(postcode)


def postal_name(town: Town) -> str:
    """The name on an envelope: "Lyon" for an arrondissement of Lyon."""
    city, _, rest = town.name.partition(" ")
    return city if rest.endswith("Arrondissement") else town.name
