"""Where people live and psychologists practise: spread as the population is."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from random import Random

from soutien.registers.places.gazetteer import Town, all_towns, distance_m

# Their arrondissements stand for them.
_WHOLE_CITIES = frozenset({"75056", "69123", "13055"})
# Territories whose health insurance is not the Assurance Maladie.
_OTHER_INSURANCE = frozenset({"975", "984", "986", "987", "988", "989"})
_TOWN_MIN = 5_000
_VILLAGE_MIN = 300
_CITY_MIN = 100_000
_SUBURB_MAX = 60_000
_SUBURB_REACH_M = 15_000
METRES_IN_DEGREE = 111_195
_STREETS = """
    rue des Tilleuls; rue du Lavoir; rue de la Gare; rue des Écoles; rue Victor-Hugo; avenue
    Jean-Jaurès; rue Pasteur; rue du Moulin; place du Marché; rue de l'Église; rue des
    Acacias; allée des Cerisiers; rue du Stade; chemin des Vignes; rue de la République;
    boulevard Gambetta; rue Jules-Ferry; rue des Lilas; impasse du Verger; rue George-Sand;
    rue de la Fontaine; avenue de la Libération; rue Marie-Curie; rue des Peupliers; rue du
    Four; rue du Général-Leclerc; place de la Mairie; rue des Jardins; rue Voltaire; rue du
    Château; cours de la Liberté; rue Louise-Michel; rue du Pont; quai de la Rivière; rue
    des Hirondelles; rue Simone-Veil; avenue des Platanes; rue Émile-Zola; rue du Bourg; rue
    des Remparts; rue Saint-Michel; passage des Tisserands; rue du Puits; rue Olympe-de-
    Gouges; montée des Oliviers; rue de Bretagne; rue Rosa-Parks; rue du Soleil; rue de la
    Poste; rue Joséphine-Baker;
"""


@lru_cache(maxsize=1)
def insured_towns() -> tuple[Town, ...]:
    """The communes of the Assurance Maladie, the three largest cities by arrondissement."""
    return tuple(
        town
        for town in all_towns()
        if town.insee not in _WHOLE_CITIES and town.departement not in _OTHER_INSURANCE
    )


@lru_cache(maxsize=1)
def strata() -> dict[str, tuple[Town, ...]]:
    """Suburbs, other towns, and the country. An approximation: by size and by nearness."""
    cities = [town for town in all_towns() if town.population >= _CITY_MIN]
    suburbs, other_towns, country = [], [], []
    for town in insured_towns():
        if town.population < _TOWN_MIN:
            if town.population >= _VILLAGE_MIN:
                country.append(town)
        elif town.population < _SUBURB_MAX and _near_a_city(town, cities):
            suburbs.append(town)
        else:
            other_towns.append(town)
    return {
        name: tuple(sorted(towns, key=lambda town: (town.departement, -town.population)))
        for name, towns in (("suburb", suburbs), ("town", other_towns), ("country", country))
    }


def spread(count: int, *, suburb_percent: int = 33, country_percent: int = 10) -> list[Town]:
    """``count`` towns, with repeats, each as often as its population asks; evenly over France."""
    groups = strata()
    suburbs = round(count * suburb_percent / 100)
    country = round(count * country_percent / 100)
    return [
        *systematic(groups["suburb"], suburbs),
        *systematic(groups["country"], country),
        *systematic(groups["town"], count - suburbs - country),
    ]


def systematic(towns: Sequence[Town], count: int) -> list[Town]:
    """Every n-th inhabitant's town, ``count`` times."""
    ends = list(accumulate(town.population for town in towns))
    step = ends[-1] / max(count, 1)
    return [towns[bisect_left(ends, (number + 0.5) * step)] for number in range(count)]


def around(town: Town, chance: Random) -> tuple[float, float]:
    """A position some hundred metres from the town's, up to 2 km in a large one."""
    reach = min(2_000.0, 200.0 + 6.0 * math.sqrt(town.population))
    away = reach * math.sqrt(chance.random())
    angle = chance.random() * math.tau
    latitude = town.latitude + away * math.cos(angle) / METRES_IN_DEGREE
    narrowing = math.cos(math.radians(town.latitude))
    longitude = town.longitude + away * math.sin(angle) / METRES_IN_DEGREE / narrowing
    return round(latitude, 5), round(longitude, 5)


def street(chance: Random) -> str:
    """A house number and a street that many towns have."""
    return f"{chance.randint(1, 98)} {chance.choice(_streets())}"


@lru_cache(maxsize=1)
def _streets() -> list[str]:
    return " ".join(_STREETS.split()).split("; ")


def _near_a_city(town: Town, cities: Sequence[Town]) -> bool:
    return any(
        abs(city.latitude - town.latitude) * METRES_IN_DEGREE < _SUBURB_REACH_M
        and distance_m(city.latitude, city.longitude, town.latitude, town.longitude)
        < _SUBURB_REACH_M
        for city in cities
    )
