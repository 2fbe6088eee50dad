"""Two laws on the same people: what each pays, who gains and who loses, as a range.

The sessions of one year are decided twice by the compiled law, with the terms of either side.
What came before that year is what it was. Behaviour is assumed, three times: low, central, high.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from soutien.batch.columns import TO_DECIDE
from soutien.batch.people import PAID, CompiledLaw, compiled_law, compiled_loop, decided, record
from soutien.batch.ready import PASSED_OVER, TRAITS, Part, Ready, as_grouped
from soutien.batch.scenario import LEVELS, Covered, Scenario, compiled_side
from soutien.rules.calendar import NEVER
from soutien.rules.codes import Profile, Reason
from soutien.rules.decide import Decision
from soutien.rules.rights import Span
from soutien.rules.terms import Law

Numbers = Any
CENTS = ("amo_cents", "local_regime_cents", "amc_cents", "patient_cents", "patient_upfront_cents")
MEASURES = ("sessions", "people", *CENTS)
MOVES = (
    "sessions_gained", "sessions_lost", "people_gained", "people_lost", "winners", "losers",
    "beyond_cap_before", "beyond_cap_after", "paid_without_cover_cents",
)  # fmt: skip
AGES = (0, 12, 18, 26, 36, 51, 66)
_AT = {name: place for place, name in enumerate(Decision._fields)}
_CAP = int(Reason.ANNUAL_CAP_REACHED)
_HUNDRED, _TEN_EUROS, _CHANCE = 100, 1_000, 20_270_101
Bar = Callable[[str, int], Any]


class Found(NamedTuple):
    """Sums by cell: one cell an age group, a sex, an area and a cover; by level for the second."""

    shape: tuple[int, ...]
    before: dict[str, Numbers]
    after: tuple[dict[str, Numbers], ...]


class Laws(NamedTuple):
    """What decides: the law of the real days, and either side moved to them."""

    applied: CompiledLaw
    before: CompiledLaw
    after: CompiledLaw


def _fees(law: CompiledLaw, days: Numbers, evaluation: Numbers) -> Numbers:
    place = np.maximum(np.searchsorted(law.starts, days, side="right") - 1, 0)
    first, later = law.terms["evaluation_fee_cents"], law.terms["follow_up_fee_cents"]
    return np.where(evaluation, first[place], later[place])


class _Year:
    """One part of the people in the year that is compared."""

    def __init__(self, part: Part, number: int, scenario: Scenario, laws: Laws):
        self.part, self.scenario, self.laws = part, scenario, laws
        day = np.asarray(part.rows.held_on)
        first = date(scenario.taken_from, 1, 1).toordinal()
        last = date(scenario.taken_from, 12, 31).toordinal()
        self.inside = np.flatnonzero((day >= first) & (day <= last))
        self.earlier = (day < first) & (np.asarray(part.accepted) == 1)
        sizes = np.diff(part.people)
        self.count = len(sizes)
        self.who = np.repeat(np.arange(self.count), sizes)[self.inside]
        self.wished = np.asarray(part.wished)[self.inside] == 1
        asked = np.asarray(part.rows.status)[self.inside] == TO_DECIDE
        self.asked = asked & ~self.wished
        self.free = np.zeros(len(self.inside), bool)
        # The same chance for every level, so that levels differ by what is assumed alone.
        rng = np.random.default_rng([_CHANCE, number])
        self.goes_on, self.comes = rng.random(self.count), rng.random(self.count)
        self.stays = rng.random(len(self.inside))
        self.age = first - np.asarray(part.birth_date)

    def prices(self, side: CompiledLaw) -> Numbers:
        """Whoever charged the price of the law charges the price of the other law."""
        rows = self.part.rows
        price = np.array(rows.price_cents)
        day, evaluation = rows.held_on[self.inside], rows.kind[self.inside] == 1
        right = price[self.inside] == _fees(self.laws.applied, day, evaluation)
        fees = _fees(side, day, evaluation)
        price[self.inside] = np.where(right, fees, price[self.inside])
        return price

    def decide(self, side: CompiledLaw, covered: tuple[Covered, ...], share: float) -> Numbers:
        """The year's sessions decided; of those wished, those of so many people are asked for."""
        asked = self.asked | (self.wished & (self.goes_on[self.who] < share))
        status = np.where(self.earlier, PAID, PASSED_OVER).astype(np.int8)
        paid = np.asarray(self.part.rows.status)[self.inside] == PAID
        status[self.inside] = np.where(asked, TO_DECIDE, np.where(paid, PAID, PASSED_OVER))
        others = {"status": status, "price_cents": self.prices(side)}
        if covered:
            others |= _more_covered(self.part, covered)
        return decided(as_grouped(self.part, **others), side, 1)[self.inside]

    def before(self) -> Numbers:
        """The year as it is: nobody held what was wished.

        What the law would have covered and nobody held, no other law brings about. Wished sessions
        stand after all that a person held, so that asking for them changes no other answer.
        """
        found = self.decide(self.laws.before, self.scenario.before.covered, 1)
        self.free = self.wished & (found[:, _AT["accepted"]] == 1)
        found[self.wished] = 0
        return found

    def after(self, share: float) -> Numbers:
        """The year under the other law, when so many of those who wish more go on."""
        found = self.decide(self.laws.after, self.scenario.after.covered, share)
        found[self.free] = 0
        return found

    def by_person(self, values: Numbers) -> Numbers:
        """A sum for each person."""
        return np.bincount(self.who, weights=values, minlength=self.count).astype(np.int64)


def _more_covered(part: Part, covered: tuple[Covered, ...]) -> dict[str, Numbers]:
    """The rights of each row with those that a side gives to everybody below an age."""
    rows = part.rows
    kinds, spans = list[Numbers](), np.array(rows.exemptions)
    old = np.diff(rows.exemptions_from)
    for one in covered:
        years = np.asarray(rows.held_on) - np.asarray(rows.birth_date)
        kinds.append(np.where(years < one.under_age * 365.25, int(one.kind), 0))
    given = np.stack(kinds)
    more = (given > 0).sum(axis=0)
    bounds = np.concatenate([[0], np.cumsum(old + more)])
    found = np.zeros(bounds[-1], spans.dtype)
    place = np.repeat(bounds[:-1] - rows.exemptions_from[:-1], old) + np.arange(len(spans))
    found[place] = spans
    at = bounds[:-1] + old
    for kind in given:
        having = kind > 0
        found["kind"][at[having]] = kind[having]
        found["starts_on"][at[having]] = rows.held_on[having]
        found["ends_on"][at[having]] = NEVER
        at = at + having
    assert found.dtype.names == record(Span).names
    return {"exemptions": found, "exemptions_from": bounds.astype(np.int32)}


def _sums(year: _Year, out: Numbers, weight: Numbers, persons: Numbers) -> dict[str, Numbers]:
    """What one law gives each person: sessions, and cents by who pays them."""
    accepted = out[:, _AT["accepted"]] * weight
    each = {"sessions": year.by_person(accepted)}
    each["people"] = np.where(each["sessions"] > 0, persons, 0)
    for name in CENTS:
        each[name] = year.by_person(out[:, _AT[name]] * weight)
    return each


def _weights(
    year: _Year, level: int, before: Numbers, after: Numbers, rise: float
) -> tuple[Numbers, Numbers]:
    """How often each session and each person counts, once their behaviour is assumed."""
    assumed = {name: values[level] for name, values in year.scenario.behaviour.items()}
    more = assumed["more_people_percent_for_ten_percent_of_fee"] / _HUNDRED * rise * 10
    persons = np.ones(year.count, np.int64)
    persons[year.comes < abs(more)] += 1 if more > 0 else -1
    dearer = after[:, _AT["patient_cents"]] - before[:, _AT["patient_cents"]]
    both = (before[:, _AT["accepted"]] == 1) & (after[:, _AT["accepted"]] == 1)
    fewer = assumed["fewer_sessions_percent_for_ten_euros"] / _HUNDRED * dearer / _TEN_EUROS
    rows = np.ones(len(year.inside), np.int64)
    rows[both & (year.stays < fewer)] = 0
    rows[both & (year.stays < -fewer)] = 2
    return rows * persons[year.who], persons


def _rise(laws: Laws, day: int) -> float:
    """By which part the price of a session changes, on the last day of the year."""
    fees = [
        int(_fees(side, np.array([day]), np.array([False]))[0])
        for side in (laws.before, laws.after)
    ]
    return (fees[1] - fees[0]) / fees[0] if fees[0] else 0.0


def _of_part(
    part: Part, number: int, scenario: Scenario, laws: Laws, shape: tuple[int, ...]
) -> Found:
    year = _Year(part, number, scenario, laws)
    rise = _rise(laws, date(scenario.taken_from, 12, 31).toordinal())
    groups = np.searchsorted(np.array(AGES[1:]) * 365.25, year.age, side="right")
    traits = [np.asarray(part.traits[name]).astype(np.int64) for name in TRAITS]
    cell = np.ravel_multi_index((groups, *traits), shape)
    cells = int(np.prod(shape))

    def summed(values: Numbers) -> Numbers:
        return np.bincount(cell, weights=values, minlength=cells).astype(np.int64)

    once = np.ones(len(year.inside), np.int64)
    former = year.before()
    was = _sums(year, former, once, np.ones(year.count, np.int64))
    wished = year.wished & ~year.free
    capped = (former[:, _AT["reasons"]] & _CAP != 0) | wished
    after = []
    for level in range(len(LEVELS)):
        share = scenario.behaviour["beyond_the_cap_held_percent"][level] / _HUNDRED
        later = year.after(share)
        weight, persons = _weights(year, level, former, later, rise)
        now = _sums(year, later, weight, persons)
        still = wished & (later[:, _AT["accepted"]] == 0)
        beyond = (later[:, _AT["reasons"]] & _CAP != 0) | still
        lost = (former[:, _AT["accepted"]] == 1) & (later[:, _AT["accepted"]] == 0)
        alone = scenario.behaviour["held_without_cover_percent"][level]
        more = now["sessions"] - was["sessions"]
        dearer = now["patient_cents"] - was["patient_cents"]
        same = (more == 0) & (was["sessions"] > 0)
        moves = {
            "sessions_gained": np.maximum(more, 0),
            "sessions_lost": np.maximum(-more, 0),
            "people_gained": np.maximum(now["people"] - was["people"], 0),
            "people_lost": np.maximum(was["people"] - now["people"], 0),
            "winners": (more > 0) | (same & (dearer < 0)),
            "losers": (more < 0) | (same & (dearer > 0)),
            "beyond_cap_before": year.by_person(capped),
            "beyond_cap_after": year.by_person(beyond),
            "paid_without_cover_cents": year.by_person(
                np.where(lost, former[:, _AT["price_cents"]] * alone // _HUNDRED, 0)
            ),
        }
        after.append({name: summed(values) for name, values in (now | moves).items()})
    return Found(shape, {name: summed(values) for name, values in was.items()}, tuple(after))


def compare(nation: Ready, scenario: Scenario, law: Law, threads: int, bar: Bar) -> Found:
    """Both laws on every part of a nation, added up."""
    years = scenario.held_as_in - scenario.taken_from
    laws = Laws(
        compiled_law(law, Profile.OPERATIONAL),
        compiled_side(law, scenario.before, years),
        compiled_side(law, scenario.after, years),
    )
    shape = (len(AGES), *(max(1, len(nation.words[name])) for name in TRAITS))
    compiled_loop()
    total: Found | None = None
    with ThreadPoolExecutor(threads) as pool, bar("comparing", nation.people) as shown:

        def work(number: int) -> tuple[Found, int]:
            part = nation.part(number)
            return _of_part(part, number, scenario, laws, shape), len(part.people) - 1

        for found, people in pool.map(work, range(len(nation.parts))):
            total = found if total is None else _added(total, found)
            shown.update(people)
    assert total is not None
    return total


def _added(one: Found, other: Found) -> Found:
    return Found(
        one.shape,
        {name: one.before[name] + other.before[name] for name in one.before},
        tuple(
            {name: former[name] + later[name] for name in former}
            for former, later in zip(one.after, other.after, strict=True)
        ),
    )
