"""`soutien towns`: the town, as a person and as a program read it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from soutien.doors.cli.main import main


def test_a_program_reads_exactly_the_documented_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["towns", "craponne", "69", "--json", "--limit", "1"]) == 0
    (town,) = json.loads(capsys.readouterr().out)["towns"]
    assert list(town) == ["name", "insee", "postcodes", "departement", "lat", "lon"]
    assert town["name"] == "Craponne"
    assert town["insee"] == "69069"
    assert town["postcodes"] == ["69290"]
    assert town["departement"] == "69"
    assert (town["lat"], town["lon"]) == pytest.approx((45.745, 4.725), abs=0.03)


def test_a_person_reads_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["towns", "craponne"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("69069  Craponne")
    assert "Rhône (69)" in first


def test_a_batch_answers_every_line_in_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = io.TextIOWrapper(io.BytesIO(b"lyon 3\n\n\xff\xfe\nst \xc3\xa9tienne"))
    monkeypatch.setattr("sys.stdin", lines)
    assert main(["towns", "--batch", "-", "--limit", "1"]) == 0
    answers = [json.loads(line)["towns"] for line in capsys.readouterr().out.splitlines()]
    assert [[t["insee"] for t in towns] for towns in answers] == [["69383"], [], [], ["42218"]]


def _batch(lines: bytes, encoding: str = "utf-8") -> list[list[str]]:
    """The INSEE codes that a process of its own prints for each line of its input."""
    done = subprocess.run(
        [sys.executable, "-m", "soutien.doors.cli.main", "towns", "--batch", "-", "--limit", "1"],
        input=lines,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=True,
    )
    assert done.stderr == b""
    answers = done.stdout.decode("utf-8").splitlines()
    return [[town["insee"] for town in json.loads(answer)["towns"]] for answer in answers]


def test_a_batch_answers_one_line_for_each_line_whatever_is_in_it() -> None:
    hostile = [
        b"lyon\r",
        b"",
        b"\xff\xfe\xc3",
        b"a" * 5_000,
        b"\0",
        b"\r",
        "\u2028".encode(),
        b"nice",
    ]
    found = _batch(b"\n".join(hostile))
    assert len(found) == len(hostile)
    assert (found[0], found[-1]) == (["69123"], ["06088"])
    assert found[1:-1] == [[]] * 6


def test_names_have_their_accents_on_a_terminal_without_any() -> None:
    assert _batch(b"etupes\n", encoding="ascii") == [["25228"]]


def test_a_batch_answers_each_line_before_the_next_is_written() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "soutien.doors.cli.main", "towns", "--batch", "-", "--limit", "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text, insee in (("lyon", "69123"), ("nice", "06088")):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            (town,) = json.loads(process.stdout.readline())["towns"]
            assert town["insee"] == insee
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    queries = tmp_path / "queries.txt"
    queries.write_text("lyon\nparis\n" * 3_000, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "soutien.doors.cli.main", "towns", "--batch", str(queries)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([], "Give a town"),
        ([" "], "Give a town"),
        (["lyon", "--limit", "0"], "--limit"),
        (["lyon", "--batch", "-"], "--batch"),
        (["--batch", "/no/such/file"], "Cannot read"),
    ],
)
def test_bad_use_says_what_to_do_and_exits_2(
    words: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["towns", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert hint in said.err


def test_no_town_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["towns", "zzzzqqqq"]) == 0
    assert "No town looks like" in capsys.readouterr().out
    assert main(["towns", "zzzzqqqq", "--json"]) == 0
    assert capsys.readouterr().out == '{"towns": []}\n'
