"""Made-up psychologists, their places, and when they came under agreement."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple

from soutien.doors.cli.demo_data import identifiers, towns
from soutien.doors.cli.demo_data.chances import chance as chance_of
from soutien.doors.cli.demo_data.chances import drawn
from soutien.doors.cli.demo_data.names import ORIGINS, Origin, folded
from soutien.doors.cli.demo_data.sentences import presentation
from soutien.registers.places.gazetteer import Town, time_zone_of, town_by_insee
from soutien.registers.psychologists.models import (
    Agreement,
    PracticePlace,
    Psychologist,
    Suspension,
)

# How many were under agreement on a day, as the published counts say; even between two days.
_GROWTH = (
    (date(2022, 4, 5), 0),
    (date(2022, 5, 5), 700),
    (date(2023, 1, 15), 1_750),
    (date(2023, 7, 15), 2_349),
    (date(2023, 12, 31), 2_500),
    (date(2024, 5, 15), 2_800),
    (date(2024, 10, 8), 3_700),
    (date(2025, 2, 28), 5_217),
    (date(2025, 4, 1), 5_497),
    (date(2025, 10, 2), 6_700),
)
_PUBLICS = (("adults", 34), ("adults_teenagers", 28), ("everybody", 32), ("children", 6))
_LANGUAGES = (
    ("en", 0.34),
    ("es", 0.09),
    ("ar", 0.06),
    ("pt", 0.04),
    ("it", 0.04),
    ("de", 0.04),
    ("lsf", 0.015),
    ("tr", 0.01),
    ("pl", 0.01),
    ("uk", 0.006),
    ("ru", 0.01),
)
_OF_ORIGIN = {1: ("ar", 0.6), 3: ("pt", 0.5), 4: ("it", 0.5), 5: ("pl", 0.4), 6: ("tr", 0.5)}
_LOCAL_LANGUAGES = {
    **dict.fromkeys(("971", "972", "973", "974"), ("crp", 0.5)),
    **dict.fromkeys(("67", "68"), ("de", 0.35)),
}
_PRACTICES = (("liberal", 91), ("msp", 6), ("cds", 3))
_STRUCTURES = {
    "liberal": ("", "", "Cabinet de psychologie", "Cabinet partagé", "Maison médicale"),
    "msp": ("Maison de santé", "Maison de santé pluriprofessionnelle", "Pôle de santé"),
    "cds": ("Centre de santé", "Centre municipal de santé", "Centre de santé mutualiste"),
}
_WOMEN = 0.86
_VIDEO = 0.45
_STEP_FREE = 0.55
_NEW_PATIENTS = 0.70
_TWO_PLACES = 0.20
_RESIGNED = 0.015
_SUSPENDED = 0.004
_CONFIRMED_DAYS = 120
CRAPONNE = "69069"


class Practitioner(NamedTuple):
    """One psychologist's rows, not yet stored."""

    number: int
    psychologist: Psychologist
    places: tuple[PracticePlace, ...]
    agreement: Agreement
    suspension: Suspension | None
    town: Town

    def under_agreement(self, day: date) -> bool:
        """Whether sessions on a day are covered (a resignation's two months left aside)."""
        ends = self.agreement.valid_before or self.agreement.resignation_received_on or date.max
        away = self.suspension is not None and self.suspension.valid_from <= day
        return self.agreement.valid_from <= day < ends and not away


def practitioners(count: int, on: date) -> list[Practitioner]:
    """``count`` psychologists spread over the country, the first in Craponne, as on a day."""
    where = towns.spread(count)
    chance_of("towns", count).shuffle(where)
    craponne = town_by_insee(CRAPONNE)
    assert craponne is not None
    where[0] = craponne
    joined = _days_joined(count, on)
    return [_practitioner(number, where[number], joined[number], on) for number in range(count)]


def _practitioner(number: int, town: Town, joined_on: date, on: date) -> Practitioner:
    chance = chance_of("psychologist", number)
    origin_number = chance.choices(range(len(ORIGINS)), [origin.weight for origin in ORIGINS])[0]
    given_name, family_name = _name(ORIGINS[origin_number], chance)
    publics = drawn(chance, _PUBLICS)
    resigned = number > 0 and chance.random() < _RESIGNED
    suspended = number > 0 and not resigned and chance.random() < _SUSPENDED
    row = Psychologist(
        public_id=identifiers.public_id("psychologist", number),
        given_name=given_name,
        family_name=family_name,
        search_name=folded(f"{given_name} {family_name}"),
        rpps=identifiers.rpps(number + 1),
        am_number=identifiers.am_number(number + 1),
        email=identifiers.email(given_name, family_name, number),
        phone=identifiers.telephone(number * 7, town.departement, mobile=chance.random() < 1 / 4),
        sees_adults=publics != "children",
        sees_teenagers=publics != "adults",
        sees_children=publics in ("everybody", "children"),
        languages=",".join(_languages(origin_number, town, chance)),
        offers_video=number == 0 or chance.random() < _VIDEO,
        accepts_new_patients=number == 0 or chance.random() < _NEW_PATIENTS,
        confirmed_on=max(joined_on, on - timedelta(days=chance.randrange(_CONFIRMED_DAYS))),
    )
    words = presentation(
        chance,
        adults=row.sees_adults,
        teenagers=row.sees_teenagers,
        children=row.sees_children,
        video=row.offers_video,
    )
    row.presentation_fr, row.presentation_en = words
    if number == 0:
        # The demo's own psychologist was there from the first spring, and sees everybody.
        joined_on = _GROWTH[0][0] + timedelta(days=20)
        row.sees_adults = row.sees_teenagers = row.sees_children = True
        row.languages = "fr,en"
    return Practitioner(
        number,
        row,
        _places(number, row, town, chance),
        Agreement(
            psychologist=row,
            valid_from=joined_on,
            resignation_received_on=_later(joined_on, on, chance) if resigned else None,
        ),
        Suspension(psychologist=row, valid_from=_later(joined_on, on, chance))
        if suspended
        else None,
        town,
    )


def _name(origin: Origin, chance: Random) -> tuple[str, str]:
    """A given and a family name; some family names are borne beside names of elsewhere."""
    given = origin.women if chance.random() < _WOMEN else origin.men
    return chance.choice(given), chance.choice(origin.families)


def _languages(origin_number: int, town: Town, chance: Random) -> list[str]:
    spoken = ["fr"]
    likely = [*_LANGUAGES]
    likely += [_OF_ORIGIN[origin_number]] if origin_number in _OF_ORIGIN else []
    likely += [_LOCAL_LANGUAGES[town.departement]] if town.departement in _LOCAL_LANGUAGES else []
    spoken += [code for code, share in likely if chance.random() < share]
    return list(dict.fromkeys(spoken))


def _places(
    number: int, psychologist: Psychologist, town: Town, chance: Random
) -> tuple[PracticePlace, ...]:
    first = _place(number, 0, psychologist, town, chance)
    if number > 0 and chance.random() < _TWO_PLACES:
        return first, _place(number, 1, psychologist, _neighbour(town, chance), chance)
    return (first,)


def _neighbour(town: Town, chance: Random) -> Town:
    """A town of the same département, of the same part of the country."""
    near = [other for other in _of_departement(town.departement) if _close(town, other)]
    return chance.choice(near or [town])


def _of_departement(departement: str) -> list[Town]:
    if not _BY_DEPARTEMENT:
        for group in ("suburb", "town"):
            for town in towns.strata()[group]:
                _BY_DEPARTEMENT.setdefault(town.departement, []).append(town)
    return _BY_DEPARTEMENT.get(departement, [])


_BY_DEPARTEMENT: dict[str, list[Town]] = {}
_NEAR_DEGREES = 0.25


def _close(town: Town, other: Town) -> bool:
    return (
        abs(town.latitude - other.latitude) < _NEAR_DEGREES
        and abs(town.longitude - other.longitude) < _NEAR_DEGREES
    )


def _place(
    number: int, rank: int, psychologist: Psychologist, town: Town, chance: Random
) -> PracticePlace:
    practice = drawn(chance, _PRACTICES)
    if number == 0:
        practice = "liberal"
    latitude, longitude = towns.around(town, chance)
    return PracticePlace(
        public_id=identifiers.public_id("place", number, rank),
        psychologist=psychologist,
        label=chance.choice(_STRUCTURES[practice]),
        address_line=towns.street(chance),
        postcode=chance.choice(town.postcodes),
        town_name=_postal_name(town),
        insee=town.insee,
        latitude=latitude,
        longitude=longitude,
        position_precision=town.precision,
        practice=practice,
        finess="" if practice == "liberal" else identifiers.finess(number * 2 + rank + 1),
        step_free=chance.random() < _STEP_FREE,
        time_zone=time_zone_of(town.insee),
    )


def _postal_name(town: Town) -> str:
    """The name on an envelope: « Lyon » for an arrondissement of Lyon."""
    city, _, rest = town.name.partition(" ")
    return city if rest.endswith("Arrondissement") else town.name


def _days_joined(count: int, on: date) -> list[date]:
    """The day each came under agreement, so that the count grows as the published one did."""
    days = []
    for (start, before), (end, after) in pairwise(_GROWTH):
        days += [
            start + (end - start) * ((step + 0.5) / (after - before))
            for step in range(after - before)
        ]
    known = [day for day in days if day <= on] or [on]
    chosen = [known[number * len(known) // count] for number in range(count)]
    chance_of("joined", count).shuffle(chosen)
    return chosen


def _later(start: date, on: date, chance: Random) -> date:
    """A day in the second half of the time since ``start``."""
    days = max((on - start).days, 2)
    return start + timedelta(days=chance.randint(days // 2 + 1, days))
