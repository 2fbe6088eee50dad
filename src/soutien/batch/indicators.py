"""Indicators of a nation by year and by group, for everybody: small groups are not in them.

One row is a year, a dimension and a group. Ratios are worked out from whole counts, and each
count of people from which a row could be read, or its rest, is looked at before the row is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from soutien.batch.columns import TO_DECIDE
from soutien.batch.disclosure import hidden_rows
from soutien.batch.nation_files import PSYCHOLOGISTS
from soutien.batch.people import CompiledLaw, compiled_law, compiled_loop, decided
from soutien.batch.plain_table import write_csv
from soutien.batch.reading import InputError
from soutien.batch.ready import PASSED_OVER, PLACE, TRAITS, Part, Ready, as_grouped
from soutien.batch.report import DIMENSIONS, group_names
from soutien.batch.whatif import AGES
from soutien.rules.codes import Modality, Profile, Reason, word
from soutien.rules.decide import Decision
from soutien.rules.terms import Law

Numbers = Any
Bar = Callable[[str, int], Any]
# Counts of people, whose rest is a count of people too.
OF_PEOPLE = ("new_people", "one_session", "all_used", "evaluated_again", "refused_people")
SUMS = (
    "people", *OF_PEOPLE, "sessions", "remote", "claims", "amo_cents", "amc_cents",
    "patient_cents", "delay_days",
)  # fmt: skip
_AT = {name: place for place, name in enumerate(Decision._fields)}
REASONS = tuple(Reason)
_HUNDRED = 100

DESCRIBED = {
    "year": "civil year of the sessions",
    "dimension": "all, age, sex, area, cover, departement, or reason (of a refusal)",
    "group": "the group of the dimension; its words are those of the people's file",
    "shown": "false where a group of fewer than 11 people is there or could be deduced",
    "people": "people with a paid session in the year",
    "new_people": "those among them whose first paid session it was",
    "sessions": "paid sessions",
    "sessions_per_person": "paid sessions divided by people",
    "one_session_percent": "people with a single paid session in the year",
    "all_used_percent": "people whose sessions reached the cap of the year",
    "evaluated_again_percent": "people evaluated in the year after paid sessions of earlier years",
    "remote_percent": "paid sessions held by video",
    "refused_percent": "claims refused, of all claims",
    "amo_cents": "paid by the Assurance Maladie, local scheme included",
    "amc_cents": "left to insurers",
    "patient_cents": "left to people",
    "partners": "psychologists under agreement on 31 December; by département only",
    "people_per_partner": "people divided by partners",
    "claim_delay_days": "days from a paid session to the claim, on average",
}


class Sums(NamedTuple):
    """Each sum by year and cell and by year and place, and people refused by reason."""

    by_cell: dict[str, Numbers]
    by_place: dict[str, Numbers]
    by_reason: Numbers


def _year_of(days: Numbers) -> Numbers:
    shifted = np.asarray(days) - date(1970, 1, 1).toordinal()
    return shifted.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _caps(law: Law, years: list[int]) -> Numbers:
    return np.array(
        [law.on(date(year, 12, 31), Profile.OPERATIONAL).sessions_per_year_max for year in years]
    )


def _of_part(
    part: Part,
    law: CompiledLaw,
    years: list[int],
    caps: Numbers,
    shape: tuple[int, ...],
    places: int,
) -> Sums:
    asked = (np.asarray(part.wished) == 0) & (np.asarray(part.rows.status) == TO_DECIDE)
    status = np.where(asked, TO_DECIDE, PASSED_OVER).astype(np.int8)
    out = decided(as_grouped(part, status=status), law, 1)[asked]
    year = _year_of(part.rows.held_on[asked]) - years[0]
    who = np.repeat(np.arange(len(part.people) - 1), np.diff(part.people))[asked]
    paid = out[:, _AT["accepted"]] == 1
    size, count = len(years), len(part.people) - 1
    key = who * size + year

    def each(values: Numbers) -> Numbers:
        """A sum for each person and year."""
        found = np.bincount(key, weights=values, minlength=count * size)
        return found.astype(np.int64).reshape(count, size)

    sessions = each(paid)
    here = sessions > 0
    before = np.cumsum(sessions, axis=1) - sessions > 0
    evaluated = each(paid & (np.asarray(part.rows.kind)[asked] == 1)) > 0
    sent = np.asarray(part.rows.received_on)[asked]
    delay = np.where(paid & (sent > 0), sent - np.asarray(part.rows.held_on)[asked], 0)
    remote = np.asarray(part.rows.modality)[asked] == int(Modality.REMOTE)
    values = {
        "people": here,
        "new_people": here & ~before,
        "one_session": sessions == 1,
        "all_used": sessions >= caps,
        "evaluated_again": evaluated & before,
        "refused_people": each(~paid) > 0,
        "sessions": sessions,
        "remote": each(paid & remote),
        "claims": each(np.ones(len(who))),
        **{name: each(out[:, _AT[name]]) for name in ("amo_cents", "amc_cents", "patient_cents")},
        "delay_days": each(delay),
    }
    return Sums(
        {name: _by_cell(part, number, years, shape) for name, number in values.items()},
        {name: _by_place(part, number, places) for name, number in values.items() if places},
        _by_reason(out[:, _AT["reasons"]], key, size),
    )


def _by_cell(part: Part, values: Numbers, years: list[int], shape: tuple[int, ...]) -> Numbers:
    """Sums of people's values by year and by their cell: age in the year, and traits."""
    found = np.zeros((len(years), int(np.prod(shape))), np.int64)
    traits = [np.asarray(part.traits[name]).astype(np.int64) for name in TRAITS]
    for place, year in enumerate(years):
        age = date(year, 1, 1).toordinal() - np.asarray(part.birth_date)
        group = np.searchsorted(np.array(AGES[1:]) * 365.25, age, side="right")
        cell = np.ravel_multi_index((group, *traits), shape)
        found[place] = np.bincount(cell, weights=values[:, place], minlength=found.shape[1])
    return found


def _by_place(part: Part, values: Numbers, places: int) -> Numbers:
    """Sums of people's values by year and by where they live."""
    where = np.asarray(part.traits[PLACE]).astype(np.int64)
    years = [np.bincount(where, weights=column, minlength=places) for column in values.T]
    return np.stack(years).astype(np.int64)


def _by_reason(reasons: Numbers, key: Numbers, years: int) -> Numbers:
    """How many people had a claim refused for each reason, by year."""
    found = np.zeros((years, len(REASONS)), np.int64)
    for place, reason in enumerate(REASONS):
        people = np.unique(key[reasons & int(reason) != 0])
        found[:, place] = np.bincount(people % years, minlength=years)
    return found


def indicators(nation: Ready, law: Law, years: list[int], threads: int, bar: Bar) -> pa.Table:
    """All indicators of a nation; a row that is not shown has no number."""
    applied, caps = compiled_law(law, Profile.OPERATIONAL), _caps(law, years)
    shape = (len(AGES), *(max(1, len(nation.words[name])) for name in TRAITS))
    places = len(nation.words[PLACE])
    compiled_loop()
    total: Sums | None = None
    with ThreadPoolExecutor(threads) as pool, bar("counting", nation.people) as shown:

        def work(number: int) -> tuple[Sums, int]:
            part = nation.part(number)
            return _of_part(part, applied, years, caps, shape, places), len(part.people) - 1

        for found, people in pool.map(work, range(len(nation.parts))):
            total = found if total is None else _added(total, found)
            shown.update(people)
    assert total is not None
    rows = [row for place, year in enumerate(years) for row in _rows(nation, total, place, year)]
    return pa.Table.from_pylist(rows, _schema())


def _added(one: Sums, other: Sums) -> Sums:
    by_cell = {name: one.by_cell[name] + other.by_cell[name] for name in one.by_cell}
    by_place = {name: one.by_place[name] + other.by_place[name] for name in one.by_place}
    return Sums(by_cell, by_place, one.by_reason + other.by_reason)


def _schema() -> pa.Schema:
    words = {"dimension": pa.string(), "group": pa.string(), "shown": pa.bool_()}
    whole = {"year", "people", "new_people", "sessions", "partners"}
    return pa.schema(
        [
            (
                name,
                words.get(name)
                or (pa.int64() if name in whole or name.endswith("_cents") else pa.float64()),
            )
            for name in DESCRIBED
        ]
    )


def _rows(nation: Ready, total: Sums, place: int, year: int) -> Iterator[dict[str, Any]]:
    shape = (len(AGES), *(max(1, len(nation.words[name])) for name in TRAITS))
    cube = {name: values[place].reshape(shape) for name, values in total.by_cell.items()}
    everybody = [{name: int(values.sum()) for name, values in cube.items()}]
    yield from _table(year, "all", [""], everybody)
    for axis, dimension in enumerate(DIMENSIONS):
        others = tuple(other for other in range(len(shape)) if other != axis)
        sums = {name: values.sum(axis=others) for name, values in cube.items()}
        names = group_names(nation, dimension)
        groups = [
            {name: int(values[row]) for name, values in sums.items()} for row in range(len(names))
        ]
        yield from _table(year, dimension, names, groups)
    if total.by_place:
        yield from _by_departement(nation, total, place, year)
    yield from _reasons(year, total.by_reason[place].tolist())


def _by_departement(nation: Ready, total: Sums, place: int, year: int) -> Iterator[dict[str, Any]]:
    """The same by département, with how many people there are for each psychologist."""
    names = nation.words[PLACE]
    groups = [
        {name: int(values[place][row]) for name, values in total.by_place.items()}
        for row in range(len(names))
    ]
    partners = _partners(nation.folder.parent, date(year, 12, 31))
    for row in sorted(_table(year, PLACE, names, groups), key=lambda row: str(row["group"])):
        count = partners.get(row["group"])
        told: dict[str, Any] = {} if count is None else {"partners": count}
        if count and row["shown"]:
            told["people_per_partner"] = round(row["people"] / count, 2)
        yield row | told


def _partners(folder: Path, on: date) -> dict[str, int]:
    """How many psychologists were under agreement on a day, by département; they are no secret."""
    path = folder / PSYCHOLOGISTS
    if not path.exists():
        return {}
    known = parquet.read_table(path, columns=[PLACE, "agreement_from"])
    begun = known.filter(pc.less_equal(known.column("agreement_from"), pa.scalar(on)))
    counted = pc.value_counts(begun.column(PLACE).cast(pa.string()))
    return {one["values"]: one["counts"] for one in counted.to_pylist()}


def counts_of(sums: dict[str, int]) -> list[int]:
    """Each count of people that a row tells, and what it leaves of its people."""
    told = [sums["people"]]
    for name in OF_PEOPLE:
        told += [sums[name], max(sums["people"] - sums[name], 0)]
    # So few sessions are of so few people.
    told += [sums["remote"], sums["sessions"] - sums["remote"], sums["claims"] - sums["sessions"]]
    return told


def _table(
    year: int, dimension: str, names: list[str], groups: list[dict[str, int]]
) -> Iterator[dict[str, Any]]:
    hidden = hidden_rows([counts_of(sums) for sums in groups])
    for row, (name, sums) in enumerate(zip(names, groups, strict=True)):
        told: dict[str, Any] = {"year": year, "dimension": dimension, "group": name}
        told["shown"] = row not in hidden
        yield told | (_ratios(sums) if row not in hidden else {})


def _ratios(sums: dict[str, int]) -> dict[str, Any]:
    def part(name: str, of: str, times: int = _HUNDRED) -> float | None:
        return round(times * sums[name] / sums[of], 2) if sums[of] else None

    return {
        "people": sums["people"],
        "new_people": sums["new_people"],
        "sessions": sums["sessions"],
        "sessions_per_person": part("sessions", "people", 1),
        "one_session_percent": part("one_session", "people"),
        "all_used_percent": part("all_used", "people"),
        "evaluated_again_percent": part("evaluated_again", "people"),
        "remote_percent": part("remote", "sessions"),
        "refused_percent": (
            round(_HUNDRED * (sums["claims"] - sums["sessions"]) / sums["claims"], 2)
            if sums["claims"]
            else None
        ),
        "amo_cents": sums["amo_cents"],
        "amc_cents": sums["amc_cents"],
        "patient_cents": sums["patient_cents"],
        "claim_delay_days": part("delay_days", "sessions", 1),
    }


def _reasons(year: int, counts: list[int]) -> Iterator[dict[str, Any]]:
    """People with a claim refused, by reason; somebody may stand under several."""
    hidden = hidden_rows([[count] for count in counts])
    for place, reason in enumerate(REASONS):
        if counts[place] or place in hidden:
            shown = place not in hidden
            told = {"year": year, "dimension": "reason", "group": word(reason), "shown": shown}
            yield told | ({"people": counts[place]} if shown else {})


def write_indicators(table: pa.Table, target: Path) -> list[Path]:
    """The same rows as CSV, Parquet and JSON, and what each column means."""
    target.mkdir(parents=True, exist_ok=True)
    rows = table.to_pylist()
    paths = [
        target / f"indicators.{kind}" for kind in ("csv", "parquet", "json", "description.json")
    ]
    write_csv(table, paths[0])
    parquet.write_table(table, paths[1])
    paths[2].write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    fields = [{"name": name, "description": text} for name, text in DESCRIBED.items()]
    described = {"profile": "tabular-data-resource", "path": paths[0].name, "fields": fields}
    paths[3].write_text(json.dumps(described, ensure_ascii=False, indent=1), "utf-8")
    return paths


def years_of(nation: Ready, law: Law, first: int | None, last: int | None) -> list[int]:
    """The years asked for, or all from the programme's first to the last session's.

    Raises InputError when there is none.
    """
    latest = max(int(np.max(part.rows.held_on)) for part in nation.each())
    starts = max(first or law.starts_on.year, law.starts_on.year)
    ends = min(last or date.max.year, date.fromordinal(latest).year)
    if ends < starts:
        raise InputError(f"no session was held from {starts} to {ends}")
    return list(range(starts, ends + 1))
