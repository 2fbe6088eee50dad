"""Two laws on the same people: the numbers are those of the law, one by one."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from soutien.batch.agree import decided_one_by_one
from soutien.batch.columns import NAMES
from soutien.batch.nation import Nation
from soutien.batch.nation_files import write_nation
from soutien.batch.reading import InputError, Reader
from soutien.batch.ready import Ready, ready
from soutien.batch.report import told
from soutien.batch.scenario import LEVELS, Scenario, ScenarioError, read_scenario
from soutien.batch.whatif import CENTS, compare
from soutien.doors.cli.main import main
from soutien.rules.codes import Profile
from soutien.rules.terms import Law, load_law

LAW = load_law()
PEOPLE, YEAR = 1_500, 2025
NOTHING_ASSUMED = """
[behaviour]
beyond_the_cap_held_percent = 0
more_people_percent_for_ten_percent_of_fee = 0
fewer_sessions_percent_for_ten_euros = 0
held_without_cover_percent = 0
"""
SIXTY_AND_TEN = """
[after]
from = 2025-07-01
[after.terms]
evaluation_fee_cents = 6000
follow_up_fee_cents = 6000
sessions_per_year_max = 10
"""


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
    target = tmp_path_factory.mktemp("whatif") / "nation"
    write_nation(Nation(PEOPLE, 5, LAW), target, bar)
    return target


@pytest.fixture(scope="module")
def nation(folder: Path) -> Ready:
    return ready(folder, LAW, bar)


def scenario(text: str, folder: Path, held_as_in: int = YEAR) -> Scenario:
    path = folder / "scenario.toml"
    head = f"[population]\ntaken_from = {YEAR}\nheld_as_in = {held_as_in}\n"
    path.write_text(head + text, "utf-8")
    return read_scenario(path, LAW)


def totals(nation: Ready, asked: Scenario) -> dict[str, dict[str, Any]]:
    found = told(compare(nation, asked, LAW, 1, bar), nation, asked, LAW, date(2026, 11, 23))
    return {row["measure"]: row for row in found["totals"]}


def one_by_one(folder: Path, law: Law) -> dict[str, int]:
    """The year decided in plain Python; what came before is what caisses paid then."""
    of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for piece in Reader(folder / "sessions", 10**6).pieces():
        assert piece is not None
        for row in piece.table.to_pylist():
            row.update({name: row[name].decode() for name in NAMES})
            of[row["person"]].append(row)
    found: dict[str, int] = defaultdict(int)
    first, last = date(YEAR, 1, 1).toordinal(), date(YEAR, 12, 31).toordinal()
    for rows in of.values():
        history = decided_one_by_one(rows, Profile.OPERATIONAL, LAW)
        year = []
        for row in rows:
            if row["held_on"] < first and history[row["row"]]["accepted"]:
                year.append(row | {"status": 1})
            elif first <= row["held_on"] <= last:
                terms = law.at_session(row["held_on"], Profile.OPERATIONAL)
                asked = dict(row)
                if row["price_cents"] == 5_000:
                    asked["price_cents"] = terms.follow_up_fee_cents
                year.append(asked)
        decided = decided_one_by_one(year, Profile.OPERATIONAL, law).values()
        found["people"] += any(row["accepted"] for row in decided)
        for row in decided:
            found["sessions"] += row["accepted"]
            for name in CENTS:
                found[name] += row[name]
    return found


def test_both_sides_are_what_plain_python_decides(folder: Path, nation: Ready) -> None:
    asked = scenario(SIXTY_AND_TEN + NOTHING_ASSUMED, folder)
    found = totals(nation, asked)
    periods = asked.after.periods
    other = replace(
        LAW,
        _starts={Profile.OPERATIONAL: tuple(day.toordinal() for day, _ in periods)},
        _periods={Profile.OPERATIONAL: tuple(terms for _, terms in periods)},
    )
    before, after = one_by_one(folder, LAW), one_by_one(folder, other)
    assert before["sessions"] > after["sessions"] > 0
    for name, number in before.items():
        assert found[name]["before"] == number, name
    for name, number in after.items():
        assert found[name]["after"] == [number] * len(LEVELS), name
    assert found["sessions_lost"]["after"][0] >= before["sessions"] - after["sessions"]


def test_the_same_law_twice_changes_nothing(folder: Path, nation: Ready) -> None:
    found = totals(nation, scenario("[after]\n", folder))
    for name in ("sessions", "people", *CENTS):
        assert found[name]["after"] == [found[name]["before"]] * len(LEVELS)
    for name in ("sessions_gained", "sessions_lost", "winners", "losers"):
        assert found[name]["after"] == [0] * len(LEVELS)
    assert found["beyond_cap_before"]["after"] == found["beyond_cap_after"]["after"]
    assert found["beyond_cap_before"]["after"][0] > 0


def test_a_year_is_decided_by_the_law_of_a_later_year(folder: Path, nation: Ready) -> None:
    """From October 2026 on nobody advances the share of the Assurance Maladie."""
    day = LAW.on(date(2026, 11, 1)).amo_third_party_from
    assert date.fromordinal(day).year == 2026
    now = totals(nation, scenario("[after]\n", folder))
    later = totals(nation, scenario("[after]\n", folder, held_as_in=2027))
    assert later["sessions"]["before"] == now["sessions"]["before"]
    upfront = "patient_upfront_cents"
    assert later[upfront]["before"] < now[upfront]["before"]


def test_sessions_wished_are_held_by_as_many_as_assumed(folder: Path, nation: Ready) -> None:
    wider = "[after.terms]\nsessions_per_year_max = 40\n[behaviour]\n"
    share = "beyond_the_cap_held_percent = [0, 50, 100]\n"
    found = totals(nation, scenario(wider + share, folder))
    none, some, every = found["sessions"]["after"]
    assert none == found["sessions"]["before"] < some < every
    beyond = found["beyond_cap_before"]["after"][0]
    assert every - none == pytest.approx(beyond, rel=0.03)
    assert found["beyond_cap_after"]["after"][2] < 0.03 * beyond
    assert found["losers"]["after"] == [0, 0, 0]


def test_prices_bring_people_and_costs_keep_sessions_away(folder: Path, nation: Ready) -> None:
    dearer = "[after.terms]\nevaluation_fee_cents = 7500\nfollow_up_fee_cents = 7500\n"
    more = "more_people_percent_for_ten_percent_of_fee = [0, 4, 8]\n"
    still = "fewer_sessions_percent_for_ten_euros = 0\nbeyond_the_cap_held_percent = 0\n"
    found = totals(nation, scenario(f"{dearer}[behaviour]\n{more}{still}", folder))
    before, people = found["people"]["before"], found["people"]["after"]
    assert people[0] == before
    assert people[1] == pytest.approx(before * 1.2, rel=0.05)
    assert people[2] == pytest.approx(before * 1.4, rel=0.05)
    kept = "more_people_percent_for_ten_percent_of_fee = 0\nbeyond_the_cap_held_percent = 0\n"
    fewer = "fewer_sessions_percent_for_ten_euros = [0, 50, 100]\n"
    sessions = totals(nation, scenario(f"{dearer}[behaviour]\n{kept}{fewer}", folder))["sessions"]
    assert sessions["before"] == sessions["after"][0] > sessions["after"][1] > sessions["after"][2]


def test_a_ground_given_below_an_age_spares_people_their_share(
    folder: Path, nation: Ready
) -> None:
    given = '[[after.covered]]\nkind = "css"\nunder_age = 120\n'
    found = totals(nation, scenario(given + NOTHING_ASSUMED, folder))
    assert found["patient_cents"]["before"] > 0
    assert found["patient_cents"]["after"] == found["amc_cents"]["after"] == [0, 0, 0]
    some = totals(nation, scenario(given.replace("120", "26") + NOTHING_ASSUMED, folder))
    assert 0 < some["amc_cents"]["after"][0] < found["amc_cents"]["before"]


def test_the_strict_text_and_the_law_of_a_day_are_laws_too(folder: Path, nation: Ready) -> None:
    strict = totals(nation, scenario("[before]\nlaw_of = 2024-05-31\n[after]\n", folder))
    assert strict["sessions"]["before"] < strict["sessions"]["after"][0]
    asked = scenario('[after]\nprofile = "legal"\n', folder)
    found = told(compare(nation, asked, LAW, 1, bar), nation, asked, LAW, date(2026, 11, 23))
    assert found["profiles"] == ["operational", "legal"]
    assert found["terms"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[after.terms]\nsessions_per_years = 3\n", "there is no term"),
        ("[after.terms]\nsessions_per_year_max = -1\n", "whole number"),
        ("[after.terms]\nsessions_per_year_max = true\n", "whole number"),
        ("[after.terms]\namo_third_party_from = 2027\n", "is a day"),
        ("[after.terms]\nevaluation_in_person = 3\n", "true or false"),
        ("[after.terms]\namo_rate_percent = 90\n", "exceed 100 together"),
        ('[after]\nprofile = "strict"\n', "profile is one of"),
        ("[after]\nfrom = 2027\n", "from is a day"),
        ("[after]\nlaw_of = 2020-01-01\n", "programme starts"),
        ("[afterwards]\n", "afterwards unknown"),
        ("", "write a table [after]"),
        ("[after]\n[behaviour]\nbeyond_the_cap_held_percent = [1, 2]\n", "low, central and high"),
        ("[after]\n[behaviour]\nbeyond_the_cap_held_percent = 101\n", "low, central and high"),
        ('[[after.covered]]\nkind = "rich"\nunder_age = 3\n', "kinds are"),
        ("[after\n", "is not TOML"),
    ],
)
def test_a_scenario_that_is_not_understood_is_refused_in_a_sentence(
    text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError, match=re.escape(said)):
        scenario(text, tmp_path)


def test_the_report_is_whole_and_hides_small_groups(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ten.toml"
    head = f'title_fr = "10 <séances>"\n[population]\ntaken_from = {YEAR}\n'
    path.write_text(head + SIXTY_AND_TEN, "utf-8")
    words = ["whatif", str(path), str(tmp_path / "out"), "--nation", str(folder)]
    assert main(words) == 0
    assert capsys.readouterr().out.count("whatif.") == 4
    for lang, cap in (("fr", "Séances remboursées"), ("en", "Covered sessions")):
        page = (tmp_path / "out" / f"whatif.{lang}.html").read_text("utf-8")
        assert f'<html lang="{lang}">' in page
        assert cap in page
        assert not re.findall(r"(?:src|href)=|url\(|<script", page)
        for chart in page.split("<svg")[1:]:
            assert "<table>" in chart
    french = (tmp_path / "out" / "whatif.fr.html").read_text("utf-8")
    assert "10 &lt;séances&gt;" in french
    assert "12" in french
    assert "non montré" in french
    found = json.loads((tmp_path / "out" / "whatif.json").read_text("utf-8"))
    hidden = [row for rows in found["groups"].values() for row in rows if row["hidden"]]
    assert hidden
    assert all(set(row) == {"group", "hidden"} for row in hidden)
    for rows in found["groups"].values():
        for row in rows:
            if not row["hidden"]:
                counts = [row["people"]["before"], *row["people"]["after"], row["winners"]]
                assert not any(0 < count < 11 for count in [*counts, row["losers"]])
    with (tmp_path / "out" / "whatif.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["dimension", "group", "measure", "before", "low", "central", "high"]
    assert ["age", hidden[0]["group"], "people", "", "", "", ""] in lines


def test_a_nation_of_ones_own_is_refused_when_it_cannot_be_compared(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match="holds no nation"):
        ready(tmp_path, LAW, bar)
    persons = parquet.read_table(folder / "persons")
    sessions = parquet.read_table(folder / "sessions").slice(0, 30)
    for name, table in (("persons", persons), ("sessions", sessions)):
        (tmp_path / name).mkdir()
        for part in ("a", "b"):
            parquet.write_table(table, tmp_path / name / f"{part}.parquet")
    with pytest.raises(InputError, match="two files"):
        ready(tmp_path, LAW, bar)
    (tmp_path / "sessions" / "b.parquet").unlink()
    taken = ready(tmp_path, LAW, bar)
    assert taken.sessions == 30
    # A file that changed is read again.
    parquet.write_table(pa.table(sessions.slice(0, 20)), tmp_path / "sessions" / "a.parquet")
    assert ready(tmp_path, LAW, bar).sessions == 20
    parquet.write_table(persons.drop_columns(["sex"]), tmp_path / "persons" / "a.parquet")
    with pytest.raises(InputError, match="lacks sex"):
        ready(tmp_path, LAW, bar)
    assert main(["whatif", str(tmp_path / "none.toml"), str(tmp_path / "out")]) == 2
    assert "none.toml" in capsys.readouterr().err
