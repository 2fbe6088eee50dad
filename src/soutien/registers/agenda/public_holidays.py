"""Public holidays where people are received: Alsace-Moselle and overseas have theirs."""

from __future__ import annotations

from functools import lru_cache

# Part of the country, by département, when its holidays differ from the mainland's.
PARTS = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "977": "BL",
    "978": "MF",
    "984": "TF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
OVERSEAS = ("97", "98")


def department_of(insee: str) -> str:
    """The département of a commune, from its INSEE code: ``971`` overseas, ``69`` elsewhere."""
    return insee[:3] if insee.startswith(OVERSEAS) else insee[:2]


@lru_cache(maxsize=256)
def public_holidays(department: str, civil_year: int) -> frozenset[int]:
    """The public holidays of a département in a civil year, as day ordinals."""
    # Imported late: the package costs a tenth of a second that most commands do not need.
    import holidays

    days = holidays.country_holidays("FR", subdiv=PARTS.get(department), years=civil_year)
    return frozenset(day.toordinal() for day in days)
