"""`soutien towns`: the town, as a person and as a program read it."""

from __future__ import annotations

import io
import json

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
