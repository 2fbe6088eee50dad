"""``soutien score``: a score in a sentence or as data; what asks for help is said first."""

from __future__ import annotations

import json

import pytest
from tests.doors.cli.command import soutien

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
