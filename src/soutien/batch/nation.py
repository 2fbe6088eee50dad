"""A made-up nation: its people, their rights, its psychologists and every session since 2022.

Drawn at random and steered to what is published (``nation.toml``). Each part of the nation is
drawn by itself from the seed and its number: the same seed gives the same nation, whatever the
machine. Numbers of the law (caps, prices, who needs a letter) come from the law.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from soutien.rules.codes import Profile
from soutien.rules.terms import Law

Numbers = Any
A_YEAR, MONTHS, THOUSAND, TEN_THOUSAND = 365, 12, 1_000, 10_000
SUNDAY = 6
# A day of 1970 counted as the law counts days.
FROM_1970 = date(1970, 1, 1).toordinal()
_PILOT, _ROUNDS, _LEAST_NEED, _MOST_NEED, _LONGEST = 40_000, 30, 0.3, 40.0, 60
_SPREAD = 1.3


@lru_cache(maxsize=1)
def figures() -> Mapping[str, Any]:
    """What ``nation.toml`` says."""
    return tomllib.loads((files("soutien.batch") / "nation.toml").read_text("utf-8"))


class Curve(NamedTuple):
    """A total that grows: how much there was up to some days."""

    days: Numbers
    totals: Numbers

    def until(self, days: Numbers) -> Numbers:
        """The total up to each of the days."""
        return np.interp(days, self.days, self.totals)

    def day_of(self, shares: Numbers) -> Numbers:
        """The day on which each share of the last total was reached."""
        found = np.interp(shares * self.totals[-1], self.totals, self.days)
        return np.ceil(found).astype(np.int64)


def curve(what: str, starts_on: date) -> Curve:
    """What is published of one total, and what carries it on, from nothing on the first day."""
    told = figures()
    points = {starts_on: 0}
    for one in (*told["published"], *told["carried_on"]):
        if one["what"] == what and one.get("steered", True):
            points[one["on"]] = one["value"]
    days = sorted(points)
    return Curve(
        np.array([day.toordinal() for day in days]), np.array([points[day] for day in days])
    )


@dataclass(frozen=True)
class Nation:
    """How many people from which seed, and what they share: the law, the days, the partners."""

    people: int
    seed: int
    law: Law

    @property
    def starts_on(self) -> date:
        """The first day of the programme."""
        return self.law.starts_on

    @property
    def ends_on(self) -> date:
        """The last day of the nation."""
        found: date = figures()["ends_on"]
        return found

    @property
    def scale(self) -> float:
        """What part of the whole nation this one is."""
        return self.people / int(curve("people", self.starts_on).totals[-1])

    def random(self, *place: int) -> np.random.Generator:
        """Chance of one part, the same for the same seed."""
        return np.random.default_rng([self.seed, *place])


class Psychologists(NamedTuple):
    """Those under agreement, by département and then by first day."""

    number: Numbers
    departement: Numbers
    since: Numbers


class People(NamedTuple):
    """Who they are; words are places in the lists of ``nation.toml``."""

    number: Numbers
    birth_date: Numbers
    sex: Numbers
    area: Numbers
    departement: Numbers
    cover: Numbers
    regime: Numbers
    right_from: Numbers
    right_until: Numbers
    first_day: Numbers


class Sessions(NamedTuple):
    """One line a session, person by person and day by day; ``held`` is 0 beyond the cap."""

    person: Numbers
    psychologist: Numbers
    held_on: Numbers
    evaluation: Numbers
    letter_on: Numbers
    held: Numbers


REGIMES = ("general", "msa", "regime_local_alsace_moselle", "special")
_ALSACE_MOSELLE = ("57", "67", "68")


def words_of(name: str) -> list[str]:
    """The words of one list of shares, in order."""
    return list(figures()["shares"][name])


def departements() -> list[str]:
    """The codes of all départements."""
    return list(figures()["departements"])


def _drawn(rng: np.random.Generator, shares: Mapping[Any, int], size: int) -> Numbers:
    """Places in a list, as often as its shares say."""
    weights = np.array(list(shares.values()), float)
    edges = np.cumsum(weights / weights.sum())
    return np.searchsorted(edges, rng.random(size), side="right").clip(0, len(edges) - 1)


def _one_in(rng: np.random.Generator, thousandths: int, size: int) -> Numbers:
    return rng.random(size) * THOUSAND < thousandths


def psychologists(nation: Nation) -> Psychologists:
    """All who ever were under agreement: as many as published, spread as people are."""
    rng, grown = nation.random(0), curve("partners", nation.starts_on)
    count = max(1, round(int(grown.totals[-1]) * nation.scale))
    since = grown.day_of(np.arange(count) / count)
    since[0] = nation.starts_on.toordinal()
    where = _drawn(rng, figures()["departements"], count)
    order = np.lexsort((since, where))
    return Psychologists(np.arange(count), where[order], since[order])


def _ages(rng: np.random.Generator, size: int) -> Numbers:
    bands = figures()["shares"]["ages"]
    chosen = _drawn(rng, dict(enumerate(share for _, _, share in bands)), size)
    first = np.array([years for years, _, _ in bands])[chosen]
    last = np.array([years for _, years, _ in bands])[chosen]
    return first + rng.random(size) * (last + 1 - first)


def _rights(
    rng: np.random.Generator, cover: Numbers, first_day: Numbers
) -> tuple[Numbers, Numbers]:
    """From when until when the ground of full coverage holds: whole months, some years of it."""
    month = (first_day - FROM_1970).astype("datetime64[D]").astype("datetime64[M]")
    # It was there when they came; CSS is granted for a year and often again.
    begun = month - rng.integers(0, MONTHS - 1, len(cover))
    years = rng.choice([1, 2, 3, 5], len(cover), p=[0.3, 0.3, 0.2, 0.2])
    ends = begun + years * MONTHS
    words = np.array(words_of("cover"))[cover]
    lasting = np.isin(words, ["ald", "invalidity", "at_mp"])
    none = np.isin(words, ["insurer", "alone"])
    since = begun.astype("datetime64[D]").astype(np.int64) + FROM_1970
    until = ends.astype("datetime64[D]").astype(np.int64) - 1 + FROM_1970
    until[lasting | none] = 0
    since[none] = 0
    return since, until


def people_of(nation: Nation, part: int, first: int, last: int) -> People:
    """The people numbered ``first`` to ``last``: each part spreads over all days."""
    rng, told = nation.random(1, part), figures()["shares"]
    size = last - first
    shares = (np.arange(size) + rng.random(size)) / size
    first_day = curve("people", nation.starts_on).day_of(shares)
    first_day = _not_on_sunday(np.minimum(first_day, nation.ends_on.toordinal()))
    where = _drawn(rng, figures()["departements"], size)
    area = _drawn(rng, told["area"], size)
    cover = _drawn(rng, told["cover"], size)
    codes = np.array(departements())[where]
    rural = area == words_of("area").index("rural")
    regime = np.zeros(size, np.int64)
    regime[_one_in(rng, told["special_scheme"], size)] = REGIMES.index("special")
    regime[rural & _one_in(rng, told["msa_of_rural"], size)] = REGIMES.index("msa")
    local = np.isin(codes, _ALSACE_MOSELLE) & _one_in(rng, told["local_of_alsace_moselle"], size)
    regime[local] = REGIMES.index("regime_local_alsace_moselle")
    since, until = _rights(rng, cover, first_day)
    return People(
        number=np.arange(first, last),
        birth_date=first_day - (_ages(rng, size) * 365.25).astype(np.int64) - 1,
        sex=_drawn(rng, told["sex"], size),
        area=area,
        departement=where,
        cover=cover,
        regime=regime,
        right_from=since,
        right_until=until,
        first_day=first_day,
    )


def _not_on_sunday(days: Numbers) -> Numbers:
    """Sunday's on Saturday: no day of a person's is moved onto another's place."""
    return days - ((days - 1) % 7 == SUNDAY)


class Seasons(NamedTuple):
    """A calendar in which each month holds as many sessions as it does in life."""

    days: Numbers
    busy: Numbers


def seasons(nation: Nation) -> Seasons:
    """How much of the work was done up to each day, in even days."""
    weights = np.array(figures()["seasons"]["months"])
    days = np.arange(nation.starts_on.toordinal(), nation.ends_on.toordinal() + 2)
    months = (days - FROM_1970).astype("datetime64[D]").astype("datetime64[M]").astype(int)
    return Seasons(days, np.cumsum(weights[months % MONTHS]) - weights[0])


class Need(NamedTuple):
    """How many sessions people wish beyond the second, by the time in which they came."""

    since: Numbers
    wished: Numbers


def _counts(rng: np.random.Generator, need: Need, first_day: Numbers) -> Numbers:
    """How many sessions each person wishes in a first accompaniment."""
    mean = need.wished[np.searchsorted(need.since, first_day, side="right") - 1]
    drawn = rng.poisson(rng.gamma(_SPREAD, mean / _SPREAD))
    once = _one_in(rng, figures()["shares"]["one_session_only"], len(mean))
    return np.where(once, 1, (drawn + 2).clip(2, _LONGEST))


def _places(counts: Numbers) -> Numbers:
    """0, 1, 2 … for each person's sessions, one after the other."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _summed(steps: Numbers, counts: Numbers) -> Numbers:
    """Running sums that begin again with each person."""
    running = np.cumsum(steps)
    before = np.cumsum(counts) - counts
    return running - np.repeat(running[before] - steps[before], counts)


def _caps(nation: Nation, days: Numbers) -> Numbers:
    periods = nation.law.periods(Profile.OPERATIONAL)
    starts = np.array([day.toordinal() for day, _ in periods])
    caps = np.array([terms.sessions_per_year_max for _, terms in periods])
    return caps[np.searchsorted(starts, days, side="right") - 1]


def sessions_of(
    nation: Nation, people: People, known: Psychologists, need: Need, calm: Seasons, *place: int
) -> Sessions:
    """Every session people hold or wish, up to the last day of the nation."""
    rng = nation.random(2, *place)
    first = _counts(rng, need, people.first_day)
    again = np.where(
        _one_in(rng, figures()["shares"]["comes_back"], len(first)),
        _counts(rng, need, people.first_day),
        0,
    )
    counts = first + again
    who, step = np.repeat(np.arange(len(counts)), counts), _places(counts)
    gaps = figures()["pace"]["days"]
    days_apart = np.array([int(days) for days in gaps])[_drawn(rng, gaps, len(who))]
    # Whoever comes back does so after some months, and is evaluated anew.
    back = step == np.repeat(first, counts)
    days_apart[back] += 150 + rng.exponential(200, int(back.sum())).astype(np.int64)
    days_apart[step == 0] = 0
    begun = np.interp(people.first_day, calm.days, calm.busy)
    busy = np.repeat(begun, counts) + _summed(days_apart, counts)
    inside = (busy <= calm.busy[-2]) | (step == 0)
    who, step, back, busy = who[inside], step[inside], back[inside], busy[inside]
    held_on = np.interp(busy, calm.busy, calm.days)
    held_on = _not_on_sunday(np.round(held_on).astype(np.int64))
    held_on[step == 0] = people.first_day[who[step == 0]]
    opening = (step == 0) | back
    accompaniment = np.cumsum(opening) - 1
    chosen = _chosen(rng, people.departement[who[opening]], held_on[opening], known)
    evaluation = _evaluations(who, held_on, opening)
    letter = held_on[evaluation] - rng.integers(1, 60, int(evaluation.sum()))
    return Sessions(
        person=who,
        psychologist=known.number[chosen[accompaniment]],
        held_on=held_on,
        evaluation=evaluation.astype(np.int64),
        letter_on=letter[np.cumsum(evaluation) - 1],
        held=_held(nation, who, held_on),
    )


def _years(days: Numbers) -> Numbers:
    return (days - FROM_1970).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)


def _by_year(who: Numbers, held_on: Numbers) -> tuple[Numbers, Numbers]:
    """Where the sessions of each person and year begin, and how many they are."""
    key = who * 100 + _years(held_on)
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    return starts, np.diff(np.append(starts, len(key)))


def _held(nation: Nation, who: Numbers, held_on: Numbers) -> Numbers:
    """1 up to the cap of each year, 0 beyond it: these sessions are wished and not held."""
    _, lengths = _by_year(who, held_on)
    return (_places(lengths) < _caps(nation, held_on)).astype(np.int64)


def _evaluations(who: Numbers, held_on: Numbers, opening: Numbers) -> Numbers:
    """True on the first session of a year in which somebody begins, or was not evaluated lately.

    An evaluation serves its year and the next.
    """
    starts, _ = _by_year(who, held_on)
    begins = np.add.reduceat(opening.astype(np.int64), starts) > 0
    years = _years(held_on[starts])
    begun = years[np.diff(who[starts], prepend=-1) != 0]
    since = years - np.repeat(begun, np.bincount(who[starts])[np.unique(who)])
    found = np.zeros(len(who), bool)
    found[starts] = begins | (since % 2 == 0)
    return found


def _chosen(
    rng: np.random.Generator, departement: Numbers, day: Numbers, known: Psychologists
) -> Numbers:
    """Somebody of the same département who was under agreement; elsewhere where there is none."""
    wide = 10**7
    keys = known.departement * wide + known.since
    first = np.searchsorted(keys, departement * wide)
    last = np.searchsorted(keys, departement * wide + day, side="right")
    chance = rng.random(len(day))
    near = first + (chance * (last - first)).astype(np.int64)
    by_day = np.argsort(known.since, kind="stable")
    reached = np.searchsorted(known.since[by_day], day, side="right")
    far = by_day[(chance * reached).astype(np.int64)]
    return np.where(last > first, near, far)


def steered_need(nation: Nation, known: Psychologists, calm: Seasons) -> Need:
    """How much is wished, so that the sessions held come to what is published.

    A pilot of the nation is drawn again and again; each time, those who came between two
    published days wish a little more or less.
    """
    grown, entries = curve("sessions", nation.starts_on), curve("people", nation.starts_on)
    edges = grown.days.copy()
    pilot = people_of(nation, 10**6, 0, _PILOT)
    aim = np.diff(grown.totals) * (_PILOT / entries.totals[-1])
    need = Need(edges[:-1], np.full(len(edges) - 1, 4.0))
    for _ in range(_ROUNDS):
        found = sessions_of(nation, pilot, known, need, calm, 10**6)
        held = found.held_on[found.held == 1]
        there = np.histogram(held, np.append(edges[:-1], edges[-1] + 1))[0]
        # Damped: those who came before hold sessions in the next stretch too.
        ratio = (aim / np.maximum(there, 1)) ** 0.5
        need = Need(need.since, (need.wished * ratio).clip(_LEAST_NEED, _MOST_NEED))
    return need
