"""A made-up nation: the same for the same seed, near what is published, read as it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from pyarrow import parquet

from soutien.batch import nation_files
from soutien.batch.nation import curve, departements, figures, words_of
from soutien.doors.cli.main import main
from soutien.rules.codes import Profile
from soutien.rules.terms import load_law

PEOPLE = 6_000
LAW = load_law()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("nation") / "out"
    assert main(["nation", str(target), "--people", str(PEOPLE), "--seed", "3"]) == 0
    return target


def rows(made: Path, name: str) -> Any:
    return parquet.read_table(made / name)


def prints(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.parquet")
    }


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(
    made: Path, tmp_path: Path
) -> None:
    for seed in ("3", "4"):
        assert main(["nation", str(tmp_path / seed), "--people", str(PEOPLE), "--seed", seed]) == 0
    assert prints(tmp_path / "3") == prints(made)
    assert prints(tmp_path / "4")["sessions/part-0000.parquet"] not in prints(made).values()


def test_totals_stand_beside_the_published_ones_and_are_those_of_the_files(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads((made / "nation.json").read_text())
    totals = {(row["on"], row["what"]): row for row in told["totals"]}
    steered = [row for row in told["totals"] if row["steered"] and row["here"] > 100]
    assert {row["what"] for row in steered} >= {"people", "sessions"}
    for row in steered:
        assert abs(row["gap_percent"]) < 8, row
    sessions = rows(made, "sessions")
    on = totals["2025-09-30", "sessions"]
    there = pc.sum(pc.less_equal(pc.cast(sessions["held_on"], "string"), "2025-09-30")).as_py()
    assert on["here"] == there
    assert on["published"] == round(4_900_000 * PEOPLE / 1_500_000, 1)
    assert told["sessions"] == sessions.num_rows
    persons = rows(made, "persons")
    assert persons.num_rows == PEOPLE
    women = pc.sum(pc.equal(persons["sex"].cast("string"), "woman")).as_py()
    assert 0.67 < women / PEOPLE < 0.75
    assert main(["nation", str(made), "--people", "10"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_nation_is_decided_as_it_is(made: Path, tmp_path: Path) -> None:
    """Nobody holds more than the law covers, so that few claims are refused."""
    target = tmp_path / "decisions.parquet"
    assert main(["batch", "decide", str(made / "sessions"), str(target)]) == 0
    decided = parquet.read_table(target)
    assert not (tmp_path / "decisions.rejects.csv").read_text().splitlines()[1:]
    reasons = decided["reasons"].cast("string").to_pylist()
    assert 0.005 < sum(bool(text) for text in reasons) / len(reasons) < 0.04
    assert "annual_cap_reached" not in " ".join(reasons)
    assert len(set(decided["coverage"].cast("string").to_pylist())) >= 8
    amo = sum(
        cents
        for cents, day in zip(
            decided["amo_cents"].to_pylist(), decided["held_on"].to_pylist(), strict=True
        )
        if str(day) <= "2025-04-01"
    )
    told = json.loads((made / "nation.json").read_text())
    [row] = [row for row in told["totals"] if row["what"] == "amo_euros"]
    assert row["here"] == round(amo / 100, 1)


def test_sessions_wished_are_those_beyond_the_cap(made: Path, tmp_path: Path) -> None:
    wished, held = rows(made, "wished"), rows(made, "sessions")
    assert wished.column_names == held.column_names
    assert wished.num_rows > 0
    counts: dict[tuple[int, int], int] = {}
    for person, day in zip(held["person"].to_pylist(), held["held_on"].to_pylist(), strict=True):
        counts[person, day.year] = counts.get((person, day.year), 0) + 1
    for person, day in zip(
        wished["person"].to_pylist(), wished["held_on"].to_pylist(), strict=True
    ):
        if day.year != 2024:
            cap = LAW.on(day, Profile.OPERATIONAL).sessions_per_year_max
            assert counts[person, day.year] == cap


def test_rights_and_psychologists_are_told_apart(made: Path) -> None:
    rights = rows(made, "rights")
    assert {*rights["kind"].cast("string").to_pylist()} <= {*words_of("cover")}
    css = [
        (start, end)
        for kind, start, end in zip(
            rights["kind"].cast("string").to_pylist(),
            rights["starts_on"].to_pylist(),
            rights["ends_on"].to_pylist(),
            strict=True,
        )
        if kind == "css"
    ]
    assert css
    assert all(start < end for start, end in css)
    known = rows(made, "psychologists.parquet")
    assert known.num_rows == round(11_500 * PEOPLE / 1_500_000)
    assert {*known["departement"].cast("string").to_pylist()} <= {*departements()}


def test_a_nation_is_drawn_in_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(nation_files, "PEOPLE_A_PART", 400)
    assert main(["nation", str(tmp_path / "out"), "--people", "1000", "--json"]) == 0
    assert len(list((tmp_path / "out" / "sessions").iterdir())) == 3
    people = rows(tmp_path / "out", "persons")["person"].to_pylist()
    assert people == list(range(1_000))


def test_every_published_total_has_its_source_and_shares_add_up() -> None:
    told = figures()
    assert all(one["source"] for one in told["published"])
    for name in ("sex", "area", "cover"):
        assert sum(told["shares"][name].values()) == 1_000
    assert sum(share for _, _, share in told["shares"]["ages"]) == 1_000
    for what in ("people", "sessions", "partners"):
        grown = curve(what, LAW.starts_on)
        assert (grown.totals[1:] >= grown.totals[:-1]).all()
