"""Sessions decided by the million are the sessions decided one by one, on disk and in memory.

Short here; ``SOUTIEN_PROOF=full`` compares 5,000,000 decisions (docs/proofs.md).
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.batch.populations import population

from soutien.batch import people
from soutien.doors.cli.main import main
from soutien.rules import calendar, decide, rights, year
from soutien.rules.codes import Coverage, Notice, Profile, Reason, ThirdParty, word
from soutien.rules.terms import Law, load_law

FULL = os.environ.get("SOUTIEN_PROOF") == "full"
# Some two thirds of the rows are to be decided, under each of the two profiles.
ROWS, ROUNDS = (400_000, 10) if FULL else (12_000, 1)


@pytest.mark.parametrize("profile", [word(one) for one in Profile])
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_every_answer_is_the_one_of_plain_python(
    seed: int, profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")
    parquet.write_table(pa.Table.from_pylist(population(ROWS, seed)), source)
    few = ["--rows-at-once", str(ROWS // 5), "--profile", profile]
    assert main(["batch", "decide", source, target, *few]) == 0
    everybody = ["--people", str(ROWS), "--seed", "1"]
    assert main(["batch", "agree", source, target, *everybody, *few[2:]]) == 0
    decided = parquet.read_table(target)
    told = capsys.readouterr().out
    assert f"{decided.num_rows:,} sessions of" in told
    assert "no difference" in told
    assert decided.num_rows > 0.4 * ROWS
    assert reached(decided) >= every_word(Profile[profile.upper()])


def every_word(profile: Profile) -> set[str]:
    kinds = (*Reason, *Notice, *ThirdParty, *(one for one in Coverage if one))
    # The strict text knows no time between a practice and itself.
    watched = any(terms.transition_watched for _, terms in load_law().periods(profile))
    never = set() if watched else {word(Notice.TRANSITION_PERIOD_2024)}
    return ({word(one) for one in kinds} | {"accepted", "rejected"}) - never


def reached(decided: pa.Table) -> set[str]:
    found: Counter[str] = Counter()
    for name in ("outcome", "reasons", "coverage", "third_party", "notices"):
        for text in decided.column(name).cast(pa.string()).unique().to_pylist():
            found.update(text.split())
    return set(found)


def test_a_changed_answer_is_found_and_its_row_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")
    parquet.write_table(pa.Table.from_pylist(population(800, 7)), source)
    assert main(["batch", "decide", source, target]) == 0
    table = parquet.read_table(target)
    amo = table.column("amo_cents").to_numpy().copy()
    amo[3] += 1
    place = table.column_names.index("amo_cents")
    parquet.write_table(table.set_column(place, "amo_cents", pa.array(amo, pa.int32())), target)
    assert main(["batch", "agree", source, target, "--seed", "1"]) == 1
    row = table.column("row")[3].as_py()
    assert f"row {row}, amo_cents: {amo[3]} written, {amo[3] - 1} decided" in (
        capsys.readouterr().err
    )
    parquet.write_table(table.slice(1), target)
    assert main(["batch", "agree", source, target, "--seed", "1"]) == 1
    assert f"row {table.column('row')[0].as_py()}, row: 'missing'" in capsys.readouterr().err


def test_a_law_compiled_otherwise_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cap of the year let one session too many through, in the compiled form only."""
    source, target = str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet")
    parquet.write_table(pa.Table.from_pylist(population(3_000, 11)), source)
    true = people.compiled_law

    def wrong(law: Law, profile: Profile) -> people.CompiledLaw:
        compiled = true(law, profile)
        terms = compiled.terms.copy()
        terms["sessions_per_year_max"] += 1
        return people.CompiledLaw(compiled.starts, terms)

    monkeypatch.setattr("soutien.batch.run.compiled_law", wrong)
    assert main(["batch", "decide", source, target]) == 0
    assert main(["batch", "agree", source, target, "--people", "3000", "--seed", "1"]) == 1
    assert "sessions_left" in capsys.readouterr().err


def test_the_loop_calls_the_functions_of_the_law_and_no_others() -> None:
    compiled = people.compiled_loop().py_func.__globals__
    for name, function in (("decide", decide.decide), ("past_of", year.past_of)):
        assert compiled[name].py_func.__code__ is function.__code__
    facts = compiled["facts_of"].py_func.__globals__
    for module, name in ((rights, "barred"), (rights, "under_agreement"), (calendar, "add_years")):
        assert facts[name].py_func.__code__ is getattr(module, name).__code__
