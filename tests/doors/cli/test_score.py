"""``soutien score``: a score in a sentence or as data; what asks for help is said first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.doors.cli.command import soutien
from tests.rules.scale_files import parents_scale, write

from soutien.rules.scales import scale_names


def test_a_score_as_data() -> None:
    done = soutien("score", "phq-9", *"012301231", "--json")
    assert (done.code, done.complaint) == (0, "")
    told = json.loads(done.printed)
    assert (told["total"], told["band"], told["danger"]) == (13, "moderate", True)
    assert (told["estimated"], told["blanks"]) == (False, [])
    assert told["uncertainty"] == {"low": 8, "high": 18}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_help_is_said_before_the_score(lang: str) -> None:
    done = soutien("score", "phq-9", *"000000001", "--lang", lang)
    assert done.code == 0
    first = done.printed.splitlines()[0]
    assert all(number in first for number in ("3114", "15", "112"))
    assert "1" in done.printed.split("PHQ-9", 1)[1]


def test_a_blank_on_danger_is_never_a_no() -> None:
    answers = [*"00000000", "-"]
    told = json.loads(soutien("score", "phq-9", *answers, "--json").printed)
    assert (told["danger"], told["total"], told["estimated"]) == (None, 0, True)
    assert "3114" in soutien("score", "phq-9", *answers).printed


def test_no_alarm_without_a_reason() -> None:
    assert "3114" not in soutien("score", "gad-7", *"3333333").printed


def test_the_sex_is_asked_for_when_the_band_depends_on_it() -> None:
    answers = [*"1111111104"]
    assert "--sex" in soutien("score", "audit", *answers).printed
    told = json.loads(soutien("score", "audit", *answers, "--sex", "female", "--json").printed)
    assert (told["total"], told["band"]) == (12, "possible_dependence")


def test_all_scales_are_listed() -> None:
    listed = soutien("score").printed
    assert [line.split()[0] for line in listed.splitlines()] == list(scale_names())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["phq-8", "1"], "phq-9"),
        (["phq-9", *"000"], "9 questions"),
        (["phq-9", *"000000004"], "Answer 9"),
        (["phq-9", "un"], "is not an answer"),
        (["phq-9", "²" * 9], "is not an answer"),
        (["phq-9", *"000000000", "--age", "400"], "400"),
        (["phq-9", *"000000000", "--sex", "x"], "male"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_printed(words: list[str], said: str) -> None:
    done = soutien("score", *words)
    assert (done.code, done.printed) == (2, "")
    assert said in done.complaint
    assert "Traceback" not in done.complaint


def test_a_scale_of_an_operator_s_folder_is_listed_and_scored(tmp_path: Path) -> None:
    write(tmp_path, "two-questions", parents_scale("adults"))
    own = {"SOUTIEN_SCALES_DIR": str(tmp_path)}
    assert "two-questions" in soutien("score", **own).printed
    done = soutien("score", "two-questions", "1", "1", "--json", **own)
    assert json.loads(done.printed)["total"] == 2
    assert soutien("score", "two-questions", "1", "1").code == 2


def test_a_file_that_does_not_hold_stops_it_in_a_sentence(tmp_path: Path) -> None:
    path = write(tmp_path, "mine", parents_scale("adults").replace("items_shipped = true", ""))
    done = soutien("score", "phq-9", *"000000000", SOUTIEN_SCALES_DIR=str(tmp_path))
    assert done.code == 1 and str(path) in done.complaint
    assert "Traceback" not in done.complaint and "licence" in done.complaint
