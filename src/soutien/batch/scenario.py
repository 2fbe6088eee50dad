"""A scenario: two laws to be held side by side, for which year, and how people would behave.

Nothing of the law is written again: a scenario changes terms of ``rules/programme``, and the same
compiled decision reads others.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from soutien.batch.people import CompiledLaw, record
from soutien.rules.calendar import add_years
from soutien.rules.codes import ExemptionKind, Profile, word
from soutien.rules.terms import Law, Term, TermError, Terms

LEVELS = ("low", "central", "high")
_WHOLE, _MOST_YEARS = 100, 50
# What is assumed where a scenario says nothing: our own choice, told in every report.
ASSUMED: Mapping[str, tuple[int, int, int]] = {
    "beyond_the_cap_held_percent": (40, 60, 80),
    "more_people_percent_for_ten_percent_of_fee": (0, 2, 4),
    "fewer_sessions_percent_for_ten_euros": (0, 5, 10),
    "held_without_cover_percent": (0, 25, 50),
}


class ScenarioError(Exception):
    """The scenario is not understood; the message says what to do."""


class Covered(NamedTuple):
    """A ground of full coverage given to everybody below an age."""

    kind: ExemptionKind
    under_age: int


class Side(NamedTuple):
    """One of the two laws: its periods, in the days of the year it is asked for."""

    profile: Profile
    law_of: date | None
    since: date | None
    written: Mapping[str, int | bool | date]
    covered: tuple[Covered, ...]
    periods: tuple[tuple[date, Terms], ...]


class Scenario(NamedTuple):
    """What is compared, on which year's sessions, and under which assumptions."""

    title_fr: str
    title_en: str
    taken_from: int
    held_as_in: int
    before: Side
    after: Side
    behaviour: Mapping[str, tuple[int, int, int]]

    def title(self, lang: str) -> str:
        """The scenario in words."""
        return self.title_en if lang == "en" else self.title_fr


def _table(data: Any, where: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise ScenarioError(f"{where} is a table: write [{where}]")
    if unknown := data.keys() - known:
        raise ScenarioError(
            f"{where}: {', '.join(sorted(unknown))} unknown; use {', '.join(sorted(known))}"
        )
    return data


def _year(data: Mapping[str, Any], name: str, otherwise: int | None) -> int:
    found = data.get(name, otherwise)
    if type(found) is not int:
        raise ScenarioError(f"population: write {name} = 2025, the year")
    return found


def _civil(data: Mapping[str, Any], where: str, name: str) -> date | None:
    found = data.get(name)
    if found is not None and type(found) is not date:
        raise ScenarioError(f"{where}: {name} is a day, write it as 2027-01-01")
    return found


def number_of(term: Term, written: Any) -> int:
    """A value as a scenario writes it, as the number that the decision uses."""
    if term.unit == "day":
        if type(written) is not date:
            raise ScenarioError(f"{term.name} is a day, write it as 2027-01-01")
        return written.toordinal()
    if term.unit == "yes_no":
        if written not in (0, 1):
            raise ScenarioError(f"{term.name} is true or false")
        return int(written)
    if type(written) is not int or written < 0:
        raise ScenarioError(f"{term.name} is a whole number ({term.unit}), zero or more")
    return written


def _changed(law: Law, terms: Mapping[str, Any]) -> dict[str, int]:
    if unknown := terms.keys() - law.terms.keys():
        raise ScenarioError(
            f"there is no term {', '.join(sorted(unknown))}: `soutien law` lists those there are"
        )
    return {name: number_of(law.terms[name], value) for name, value in terms.items()}


def _covered(items: Any, where: str) -> tuple[Covered, ...]:
    kinds = {word(kind): kind for kind in ExemptionKind}
    found = []
    for item in items if isinstance(items, list) else [items]:
        told = _table(item, f"{where}.covered", {"kind", "under_age"})
        if told.get("kind") not in kinds or type(told.get("under_age")) is not int:
            raise ScenarioError(
                f'{where}.covered: write kind = "css" and under_age = 26; kinds are '
                f"{', '.join(kinds)}"
            )
        found.append(Covered(kinds[told["kind"]], told["under_age"]))
    return tuple(found)


def _side(law: Law, data: Any, where: str) -> Side:
    told = _table(data, where, {"profile", "law_of", "from", "terms", "covered"})
    names = {word(profile): profile for profile in Profile}
    if told.get("profile", word(Profile.OPERATIONAL)) not in names:
        raise ScenarioError(f"{where}: profile is one of {', '.join(names)}")
    profile = names[told.get("profile", word(Profile.OPERATIONAL))]
    law_of, since = _civil(told, where, "law_of"), _civil(told, where, "from")
    written = told.get("terms", {})
    changed = _changed(law, _table(written, f"{where}.terms", {*law.terms, *written}))
    try:
        periods = law.periods(profile)
        if law_of:
            periods = ((law.starts_on, law.on(law_of, profile)),)
        if changed:
            periods = with_terms(periods, since or law.starts_on, changed)
    except TermError as error:
        raise ScenarioError(f"{where}: {error}".rstrip(".")) from error
    for _, terms in periods:
        if terms.amo_rate_percent + terms.local_regime_rate_percent > _WHOLE:
            raise ScenarioError(
                f"{where}: amo_rate_percent and local_regime_rate_percent exceed 100 together: "
                "change both"
            )
    covered = _covered(told.get("covered", []), where)
    return Side(profile, law_of, since, dict(written), covered, periods)


def with_terms(
    periods: tuple[tuple[date, Terms], ...], since: date, changed: Mapping[str, int]
) -> tuple[tuple[date, Terms], ...]:
    """The same periods with other terms from a day on."""
    earlier = [one for one in periods if one[0] < since]
    later = [one for one in periods if one[0] >= since]
    in_force = earlier[-1][1] if earlier else later[0][1]
    if not later or later[0][0] > since:
        later.insert(0, (since, in_force))
    return (*earlier, *((day, terms._replace(**changed)) for day, terms in later))


def _behaviour(data: Any) -> dict[str, tuple[int, int, int]]:
    told = _table(data, "behaviour", {*ASSUMED})
    found = dict(ASSUMED)
    for name, value in told.items():
        values = [value] * len(LEVELS) if type(value) is int else value
        if isinstance(values, Mapping):
            values = [values.get(level) for level in LEVELS]
        if (
            not isinstance(values, list)
            or len(values) != len(LEVELS)
            or not all(type(one) is int and 0 <= one <= _WHOLE for one in values)
        ):
            raise ScenarioError(
                f"behaviour: {name} is one percentage, or three: low, central and high"
            )
        low, central, high = values
        found[name] = (low, central, high)
    return found


def read_scenario(path: Path, law: Law) -> Scenario:
    """A scenario from its file. Raises ScenarioError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path.name} is not TOML: {error}") from error
    sections = {"title_fr", "title_en", "population", "before", "after", "behaviour"}
    told = _table(data, path.name, sections)
    population = _table(told.get("population", {}), "population", {"taken_from", "held_as_in"})
    taken_from = _year(population, "taken_from", None)
    held_as_in = _year(population, "held_as_in", taken_from)
    if not 0 <= held_as_in - taken_from <= _MOST_YEARS:
        raise ScenarioError("population: held_as_in is taken_from or a later year")
    if "after" not in told:
        raise ScenarioError("write a table [after]: what is held against the law as it is")
    return Scenario(
        title_fr=str(told.get("title_fr", path.stem)),
        title_en=str(told.get("title_en", path.stem)),
        taken_from=taken_from,
        held_as_in=held_as_in,
        before=_side(law, told.get("before", {}), "before"),
        after=_side(law, told["after"], "after"),
        behaviour=_behaviour(told.get("behaviour", {})),
    )


def compiled_side(law: Law, side: Side, years: int) -> CompiledLaw:
    """The side as a table of numbers, moved back so that sessions of earlier years meet it.

    A session of 2025 that is taken as one of 2027 is decided by the law of two years later.
    """
    days = [name for name, term in law.terms.items() if term.unit == "day"]

    def moved(day: int) -> int:
        return add_years(day, -years)

    rows = [
        tuple(terms._replace(**{name: moved(getattr(terms, name)) for name in days}))
        for _, terms in side.periods
    ]
    starts = [moved(day.toordinal()) for day, _ in side.periods]
    return CompiledLaw(np.array(starts, np.int64), np.array(rows, record(Terms)))


def differing(law: Law, scenario: Scenario) -> list[tuple[Term, int, int]]:
    """Each term that the two laws have otherwise at the end of the year that is compared."""
    last = date(scenario.held_as_in, 12, 31)

    def in_force(side: Side) -> Terms:
        return [terms for day, terms in side.periods if day <= last][-1]

    former, later = in_force(scenario.before), in_force(scenario.after)
    return [
        (law.terms[name], getattr(former, name), getattr(later, name))
        for name in Terms._fields
        if getattr(former, name) != getattr(later, name)
    ]
