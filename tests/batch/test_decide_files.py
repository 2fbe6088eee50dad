"""Files of sessions: every format, bad rows, a run that was killed, and what is refused."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import ipc, parquet
from tests.batch.populations import Row, population

from soutien.batch.writing import read_decisions
from soutien.doors.cli.main import main

ROWS = population(2_500, 5)


def in_csv(rows: list[Row]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def decisions(path: Path) -> list[dict[str, Any]]:
    rows = [row for table in read_decisions(path) for row in table.to_pylist()]
    return sorted(rows, key=lambda row: int(row["row"]))


def typed(rows: list[Row]) -> pa.Table:
    """The same sessions as a program writes them: days, numbers and booleans, words coded."""
    table = pa.Table.from_pylist(rows)
    days = ("held_on", "birth_date", "received_on", "referral_day")
    for name in days:
        column = pa.array([row[name] or None for row in rows]).cast(pa.date32())
        table = table.set_column(table.column_names.index(name), name, column)
    cents = pa.array([int(row["price_cents"]) for row in rows], pa.int16())
    table = table.set_column(table.column_names.index("price_cents"), "price_cents", cents)
    amc = pa.array([row["amc"] == "true" for row in rows])
    table = table.set_column(table.column_names.index("amc"), "amc", amc)
    kinds = table.column("kind").dictionary_encode()
    return table.set_column(table.column_names.index("kind"), "kind", kinds)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("expected")
    parquet.write_table(pa.Table.from_pylist(ROWS), folder / "in.parquet")
    words = ["batch", "decide", str(folder / "in.parquet"), str(folder / "out.parquet")]
    assert main(words) == 0
    found = decisions(folder / "out.parquet")
    assert len(found) == sum(not row["status"] for row in ROWS)
    assert {row["row"] for row in found} == {
        number for number, row in enumerate(ROWS, start=1) if not row["status"]
    }
    return found


@pytest.mark.parametrize("suffix", [".csv", ".arrow", ".parquet"])
def test_every_format_gives_the_same_answers(
    suffix: str, tmp_path: Path, expected: list[dict[str, Any]]
) -> None:
    source, target = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    if suffix == ".csv":
        source.write_text(in_csv(ROWS), "utf-8")
    elif suffix == ".parquet":
        parquet.write_table(typed(ROWS), source)
    else:
        with ipc.new_file(str(source), typed(ROWS).schema) as file:
            file.write_table(typed(ROWS), max_chunksize=333)
    words = ["batch", "decide", str(source), str(target), "--rows-at-once", "400"]
    assert main(words) == 0
    assert decisions(target) == expected
    assert not target.with_name(f"{target.name}.work").exists()
    assert target.stat().st_mode & 0o077 == 0


def test_the_files_of_a_folder_are_one_after_the_other(
    tmp_path: Path, expected: list[dict[str, Any]]
) -> None:
    source, target = tmp_path / "in", tmp_path / "out.parquet"
    source.mkdir()
    (source / "a.csv").write_text(in_csv(ROWS[:900]), "utf-8")
    parquet.write_table(typed(ROWS[900:]), source / "b.parquet")
    assert main(["batch", "decide", str(source), str(target), "--rows-at-once", "400"]) == 0
    assert decisions(target) == expected


def test_a_run_killed_again_and_again_writes_the_same_file(tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    parquet.write_table(pa.Table.from_pylist(ROWS), source)
    program = [sys.executable, "-m", "soutien.doors.cli.main", "batch", "decide", str(source)]
    few = ["--rows-at-once", "100", "--threads", "1"]
    assert main([*program[3:], str(tmp_path / "whole.parquet"), *few]) == 0
    work = tmp_path / "out.parquet.work"

    def killed_at(name: str) -> None:
        """Starts the command and kills it once a file is there."""
        run = subprocess.Popen(
            [*program, str(target), *few], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        until = time.monotonic() + 120
        while not (work / name).exists():
            assert run.poll() is None, run.stderr.read() if run.stderr else ""
            assert time.monotonic() < until
            time.sleep(0.001)
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        assert run.returncode == -signal.SIGKILL

    killed_at("piece-000004.arrow")
    there = (work / "piece-000002.arrow").stat().st_mtime_ns
    killed_at("part-000001.arrow")
    assert (work / "piece-000002.arrow").stat().st_mtime_ns == there
    assert not target.exists()
    again = subprocess.run([*program, str(target), *few], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "Went on where an earlier run was stopped." in again.stdout
    assert target.read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert not work.exists()


def test_what_another_law_or_input_left_is_not_taken_up(
    tmp_path: Path, expected: list[dict[str, Any]]
) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    parquet.write_table(pa.Table.from_pylist(ROWS), source)
    work = tmp_path / "out.parquet.work"
    work.mkdir()
    (work / "plan.json").write_text('{"law": "another"}')
    (work / "piece-000000.arrow").write_bytes(b"of another input")
    assert main(["batch", "decide", str(source), str(target)]) == 0
    assert decisions(target) == expected


BAD = [
    ("held_on", "2024-02-30", "not_a_day"),
    ("held_on", "", "missing"),
    ("kind", "visit", "unknown_word"),
    ("price_cents", "50.00", "not_cents"),
    ("price_cents", "-1", "not_cents"),
    ("price_cents", "", "missing"),
    ("regime", "", "missing"),
    ("amc", "perhaps", "not_yes_or_no"),
    ("exemptions", "css:2024-01-01", "not_a_period"),
    ("exemptions", "cmu:2024-01-01/", "unknown_word"),
    ("suspensions", "2024-05-01/2024-04-30", "ends_before_it_starts"),
    ("agreements", "2022-04-05//yesterday", "not_a_day"),
    ("psychologist", "", "missing"),
    ("person", "", "missing"),
]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_bad_rows_are_told_with_line_and_reason_and_stop_nothing(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {**ROWS[0], "person": "somebody good", "status": ""}
    good |= {"referrer": "", "referral_day": "", "regime": "general", "price_cents": "5000"}
    rows = [good]
    for column, value, _ in BAD:
        rows += [{**good, "person": "bad", column: value}, good]
    rows += [{**good, "referrer": "gp"}, good]
    source, target = tmp_path / f"in{suffix}", tmp_path / "out.parquet"
    first = 1 if suffix == ".parquet" else 2
    due = [
        ("in" + suffix, str(first + 1 + 2 * place), column, reason)
        for place, (column, _, reason) in enumerate(BAD)
    ]
    due.append(("in" + suffix, str(first + 1 + 2 * len(BAD)), "referral_day", "missing"))
    if suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), source)
    else:
        lines = in_csv(rows).encode().splitlines()
        line = len(lines) + 1
        lines += [b"far,too,few", lines[1], lines[1] + b",more", b"", lines[1]]
        lines += [lines[1].replace(b"somebody good", b"\xff\xfe"), lines[1] + b"\xff,", lines[1]]
        due += [
            ("in.csv", str(line), "", "wrong_number_of_cells"),
            ("in.csv", str(line + 2), "", "wrong_number_of_cells"),
            ("in.csv", str(line + 3), "", "wrong_number_of_cells"),
            ("in.csv", str(line + 5), "person", "not_text"),
            ("in.csv", str(line + 6), "", "wrong_number_of_cells"),
        ]
        source.write_bytes(b"\n".join(lines) + b"\n")
    assert main(["batch", "decide", str(source), str(target), "--rows-at-once", "4"]) == 0
    with (tmp_path / "out.rejects.csv").open(encoding="utf-8", newline="") as file:
        found = [tuple(row.values()) for row in csv.DictReader(file)]
    assert found == due
    assert f"{len(due)} problems in rows not decided" in capsys.readouterr().out
    sessions = decisions(target)
    assert len(sessions) == len(BAD) + 2 + (3 if suffix == ".csv" else 0)
    assert {row["person"] for row in sessions} == {"somebody good"}
    if suffix == ".csv":
        assert sessions[-1]["row"] == line + 7 - 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"exonerations": ""}, "nobody reads exonerations"),
        ({"kind": None}, "lacks kind"),
    ],
)
def test_a_file_of_other_columns_is_refused_whole(
    change: dict[str, str | None],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = {**ROWS[0], **change}
    rows = [{name: value for name, value in row.items() if value is not None}]
    source, target = tmp_path / "in.csv", tmp_path / "out.parquet"
    source.write_text(in_csv(rows), "utf-8")
    assert main(["batch", "decide", str(source), str(target)]) == 2
    assert said in capsys.readouterr().err
    assert not target.exists()
    if "exonerations" in change:
        passed = ["--ignore", "exonerations"]
        assert main(["batch", "decide", str(source), str(target), *passed]) == 0


def test_no_file_is_written_over_and_none_is_made_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    assert main(["batch", "decide", str(source), str(target)]) == 2
    assert "there is no file" in capsys.readouterr().err
    source.write_text(in_csv(ROWS[:1]), "utf-8")
    target.write_text("mine")
    assert main(["batch", "decide", str(source), str(target)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert target.read_text() == "mine"
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(b"PAR1 and nothing more")
    assert main(["batch", "decide", str(torn), str(tmp_path / "other.csv")]) == 2
    assert "torn.parquet" in capsys.readouterr().err
