"""Indicators of a nation: what its decisions say, and nothing of a small group."""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from soutien.batch.disclosure import LEAST, small
from soutien.batch.nation import Nation
from soutien.batch.nation_files import write_nation
from soutien.doors.cli.main import main
from soutien.rules.terms import load_law

LAW = load_law()
PEOPLE, PAIRS = 2_500, 10_000


class Silent:
    total: float | None = None

    def update(self, n: float | None = 1) -> None:
        del n


@contextmanager
def bar(title: str, size: int) -> Iterator[Silent]:
    del title, size
    yield Silent()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("indicators") / "nation"
    write_nation(Nation(PEOPLE, 9, LAW), target, bar)
    assert main(["indicators", str(target), str(target.parent / "out")]) == 0
    return target


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, Any]]:
    return parquet.read_table(folder.parent / "out" / "indicators.parquet").to_pylist()


def decided(folder: Path) -> list[dict[str, Any]]:
    target = folder.parent / "decisions.parquet"
    if not target.exists():
        assert main(["batch", "decide", str(folder / "sessions"), str(target)]) == 0
    return parquet.read_table(target).to_pylist()


def test_totals_are_those_of_the_decisions(folder: Path, rows: list[dict[str, Any]]) -> None:
    paid: dict[int, list[dict[str, Any]]] = defaultdict(list)
    claims: dict[int, int] = defaultdict(int)
    for row in decided(folder):
        claims[row["held_on"].year] += 1
        if row["outcome"] == "accepted":
            paid[row["held_on"].year].append(row)
    everybody = {row["year"]: row for row in rows if row["dimension"] == "all"}
    assert set(everybody) == set(paid) == {2022, 2023, 2024, 2025, 2026}
    for year, told in everybody.items():
        if not told["shown"]:
            continue
        assert told["sessions"] == len(paid[year])
        assert told["people"] == len({row["person"] for row in paid[year]})
        for name in ("amo_cents", "amc_cents", "patient_cents"):
            assert told[name] == sum(row[name] for row in paid[year])
        refused = 100 * (claims[year] - len(paid[year])) / claims[year]
        assert told["refused_percent"] == round(refused, 2)
    assert sum(told["shown"] for told in everybody.values()) >= 3


def test_reasons_are_counted_in_people(folder: Path, rows: list[dict[str, Any]]) -> None:
    people: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in decided(folder):
        for reason in row["reasons"].split():
            people[row["held_on"].year, reason].add(row["person"])
    told = {
        (row["year"], row["group"]): row["people"]
        for row in rows
        if row["dimension"] == "reason" and row["shown"]
    }
    assert any(told.values())
    for key, count in told.items():
        assert count == len(people[key])


def test_ten_thousand_pairs_of_queries_tell_no_small_group(rows: list[dict[str, Any]]) -> None:
    """A query adds the shown groups of a table that it likes; a second is taken from it."""
    assert not all(row["shown"] for row in rows)
    tables: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["dimension"] != "reason":
            tables[row["year"], row["dimension"]].append(row)
    total = {year: found[0]["people"] for (year, name), found in tables.items() if name == "all"}
    for row in rows:
        if not row["shown"]:
            told = {name for name, value in row.items() if value is not None}
            # Psychologists under agreement are public: their number is no patient's.
            assert told - {"partners"} == {"year", "dimension", "group", "shown"}
    rng, keys, safe = random.Random(1), sorted(tables), 0
    for _ in range(PAIRS):
        year, name = rng.choice(keys)
        shown = [row["people"] for row in tables[year, name] if row["shown"]]
        chosen = [count for count in shown if rng.random() < 0.7]
        others = shown if rng.random() < 0.5 or not total[year] else [total[year]]
        difference = abs(sum(others) - sum(chosen))
        # What a pair leaves is nobody, or groups that are shown, or at least eleven people.
        assert not small(difference), (year, name)
        safe += difference >= LEAST
    assert safe > PAIRS / 4


def test_each_departement_tells_its_people_and_its_partners(
    folder: Path, rows: list[dict[str, Any]]
) -> None:
    persons = parquet.read_table(folder / "persons").to_pylist()
    lives = {str(row["person"]): row["departement"] for row in persons}
    known = parquet.read_table(folder / "psychologists.parquet").to_pylist()
    people: dict[str, set[str]] = defaultdict(set)
    for row in decided(folder):
        if row["outcome"] == "accepted" and row["held_on"].year == 2025:
            people[lives[row["person"]]].add(row["person"])
    told = [row for row in rows if row["dimension"] == "departement" and row["year"] == 2025]
    assert [row["group"] for row in told] == sorted(row["group"] for row in told)
    for row in told:
        there = [
            one
            for one in known
            if one["departement"] == row["group"] and one["agreement_from"].year <= 2025
        ]
        assert (row["partners"] or 0) == len(there)
        if row["shown"]:
            assert row["people"] == len(people[row["group"]])


def test_the_same_rows_are_open_data_in_three_formats(folder: Path) -> None:
    out = folder.parent / "out"
    table = parquet.read_table(out / "indicators.parquet")
    with (out / "indicators.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == table.num_rows
    assert json.loads((out / "indicators.json").read_text("utf-8")) == table.to_pylist()
    described = json.loads((out / "indicators.description.json").read_text("utf-8"))
    assert [field["name"] for field in described["fields"]] == table.column_names
    assert all(field["description"] for field in described["fields"])


def test_years_that_nobody_knows_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["indicators", str(folder), str(tmp_path), "--from", "2031"]) == 2
    assert "no session was held" in capsys.readouterr().err
    assert main(["indicators", str(tmp_path), str(tmp_path)]) == 2
    assert "holds no nation" in capsys.readouterr().err
