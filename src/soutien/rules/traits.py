"""Is this the same person? Strict identity traits, compared exactly or not at all.

The five strict traits are those of the national health identity (code de la santé publique
L1111-8-1; référentiel national d'identitovigilance): family name at birth, given names, day of
birth, sex, and the INSEE code of the place of birth. A NIR says sex, year, month and place of
birth too, so that what it says can confirm or contradict them; nothing is ever made up from it.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

from soutien.rules.identifiers import nir_tells_birth

MALE, FEMALE = "male", "female"
# The first figure of a NIR; 3, 4, 7 and 8 begin provisional numbers.
SEX_IN_NIR = {"1": MALE, "3": MALE, "7": MALE, "2": FEMALE, "4": FEMALE, "8": FEMALE}
# What Unicode does not take apart into a letter and its marks.
_LETTERS = {"Œ": "OE", "Æ": "AE", "ẞ": "SS", "Ø": "O", "Ł": "L", "Đ": "D"}
# Hyphen, apostrophe and space stand for one another from one register to the next.
_BETWEEN = re.compile(r"[\s\-‐‑–'’ʼ`´]+")
_LATIN = re.compile(r"[A-Z]+( [A-Z]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Months that a NIR uses when the civil register did not know.
_LAST_MONTH = 12


class Traits(NamedTuple):
    """The strict traits, as somebody who answers for them gives them. Empty: not known."""

    family_name: str
    given_names: tuple[str, ...]
    birth_date: str  # ISO day
    sex: str = ""
    birth_place: str = ""  # INSEE code of the commune, or of the country (99…)


class Recorded(NamedTuple):
    """What a register holds of a person."""

    family_name: str
    given_name: str
    birth_date: str
    nir: str = ""


class Likeness(StrEnum):
    """What comparing says."""

    EXACT = "exact"  # every strict trait is known on both sides, and the same
    UNSURE = "unsure"  # nothing contradicts, but something is not known or spelt otherwise
    CONTRADICTED = "contradicted"  # it is somebody else


def normal_name(text: str) -> str:
    """Capitals without accents; one space for hyphens, apostrophes and spaces.

    Empty when something else than Latin letters remains: then nothing can be compared.
    """
    capitals = text.upper()
    for letter, plain in _LETTERS.items():
        capitals = capitals.replace(letter, plain)
    plain_letters = "".join(
        character
        for character in unicodedata.normalize("NFD", capitals)
        if not unicodedata.combining(character)
    )
    spaced = _BETWEEN.sub(" ", plain_letters).strip()
    return spaced if _LATIN.fullmatch(spaced) else ""


def same_given_names(recorded: str, given_names: tuple[str, ...]) -> bool:
    """Whether what is recorded is the first given name, or the first few, whole and in order.

    ``Jean`` is not the first given name of ``Jean-Pierre, Marie``.
    """
    wanted = normal_name(recorded)
    whole = [normal_name(name) for name in given_names]
    return bool(wanted) and any(
        wanted == " ".join(whole[:count]) for count in range(1, len(whole) + 1)
    )


def nir_contradicts(nir: str, traits: Traits) -> bool:
    """Whether a NIR says another sex, month or place of birth than these traits."""
    sex, place = SEX_IN_NIR.get(nir[0], ""), nir[5:10]
    year, month = nir[1:3], nir[3:5]
    if traits.sex and sex != traits.sex:
        return True
    if not nir_tells_birth(nir):
        return False
    if traits.birth_place and place != traits.birth_place:
        return True
    known_month = month.isdigit() and 1 <= int(month) <= _LAST_MONTH
    return year != traits.birth_date[2:4] or (known_month and month != traits.birth_date[5:7])


def likeness(recorded: Recorded, traits: Traits) -> Likeness:
    """Compare what a register holds with traits somebody answers for. Never guesses."""
    if not _DAY.fullmatch(traits.birth_date):
        return Likeness.UNSURE
    if recorded.birth_date != traits.birth_date:
        return Likeness.CONTRADICTED
    if recorded.nir and nir_contradicts(recorded.nir, traits):
        return Likeness.CONTRADICTED
    family_name = normal_name(recorded.family_name)
    exact = (
        bool(recorded.nir and traits.sex)
        and bool(family_name)
        and family_name == normal_name(traits.family_name)
        and same_given_names(recorded.given_name, traits.given_names)
    )
    return Likeness.EXACT if exact else Likeness.UNSURE
