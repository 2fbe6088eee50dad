"""``soutien decide FILE``: the answers of the law in the words of the case format."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.doors.cli.command import Done, soutien

from soutien.rules.answer import answer
from soutien.rules.casefile import read_cases
from soutien.rules.explain import explain
from soutien.rules.terms import load_law

FILE = Path(__file__).parents[2] / "law" / "cases.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))
KEYS = [
    *("id", "outcome", "reasons", "amo_cents", "amc_cents", "patient_cents"),
    *("third_party_payment", "sessions_left", "patient_upfront_cents"),
]


@cache
def decided(*options: str) -> list[dict[str, Any]]:
    done = soutien("decide", str(FILE), *options)
    assert done.code == 0 and done.complaint == ""
    told: list[dict[str, Any]] = json.loads(done.printed)
    return told


def spoiled(key: str, value: Any) -> bytes:
    case = copy.deepcopy(CASES[0])
    case["claim"][key] = value
    return json.dumps([case]).encode()


def refused(done: Done) -> str:
    """The complaint of a refusal: nothing printed, exit code 2, no traceback."""
    assert (done.code, done.printed) == (2, "")
    assert done.complaint.startswith("soutien decide: ") and done.complaint.endswith("\n")
    assert "Traceback" not in done.complaint
    return done.complaint


# --- Answers ------------------------------------------------------------------------------


def test_the_sixty_worked_cases_are_answered_in_their_order() -> None:
    assert decided() == [{"id": case["id"], **case["expected"]} for case in CASES]
    assert len(decided()) == 60


def test_the_keys_stand_in_the_order_of_the_format() -> None:
    for told in decided():
        assert list(told)[: len(KEYS)] == KEYS
        assert set(told) - set(KEYS) <= {"local_regime_cents", "warnings"}
        assert ("local_regime_cents" in told) == (told["reasons"] == ["local_regime_90_10"])
        assert told.get("warnings") != []


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_answer_is_explained_when_asked(lang: str) -> None:
    law = load_law()
    for told, plain, (_, dossier) in zip(
        decided("--explain", lang), decided(), read_cases(CASES), strict=True
    ):
        explanation = told["explanation"]
        assert told == {**plain, "explanation": explanation}
        lines = explain(answer(dossier, law), lang)
        assert [line["sentence"] for line in explanation] == [line.sentence for line in lines]
        for line in explanation:
            assert line.keys() - {"caution"} == {
                *("about", "code", "sentence", "article", "remedy", "rules"),
            }
            assert all(line.values())


def test_a_refusal_and_an_amount_are_explained_in_french() -> None:
    by_id = {told["id"]: told["explanation"] for told in decided("--explain", "fr")}
    thirteenth = by_id["MSP-D-019"][0]
    assert thirteenth["code"] == "annual_cap_reached"
    assert "Vos 12 séances remboursées de" in thirteenth["sentence"]
    assert thirteenth["article"] and thirteenth["remedy"] and thirteenth["rules"]
    since_october = {line["about"]: line for line in by_id["MSP-D-056"]}["third_party"]
    assert "20\u00a0€" in since_october["sentence"]
    assert since_october["caution"]


def test_standard_input_is_read_from_a_dash() -> None:
    done = soutien("decide", "-", given=FILE.read_bytes())
    assert (done.code, done.complaint) == (0, "")
    assert json.loads(done.printed) == decided()


def test_an_empty_list_is_answered_by_an_empty_list() -> None:
    assert soutien("decide", "-", given=b"[]") == (0, "[]\n", "")


def test_what_was_expected_of_a_case_does_not_change_its_answer() -> None:
    lying = [{**case, "expected": {"outcome": "rejected"}} for case in CASES]
    done = soutien("decide", "-", given=json.dumps(lying).encode())
    assert json.loads(done.printed) == decided()


def test_an_id_comes_back_as_it_was_written() -> None:
    ids = ["é", 7, None, ["a"], {"b": 1.5}, "\ud83d", "\u202f", ""]
    cases = [{**CASES[0], "id": written} for written in ids]
    done = soutien("decide", "-", given=json.dumps(cases).encode())
    assert [told["id"] for told in json.loads(done.printed)] == ids


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252", "utf-16"])
def test_the_answers_are_utf_8_whatever_the_terminal(encoding: str) -> None:
    done = soutien("decide", str(FILE), "--explain", "fr", PYTHONIOENCODING=encoding)
    assert (done.code, json.loads(done.printed)) == (0, decided("--explain", "fr"))


def test_a_file_that_an_editor_marked_as_utf_8_is_read(tmp_path: Path) -> None:
    marked = tmp_path / "cas d'école.json"
    marked.write_text(FILE.read_text("utf-8"), "utf-8-sig")
    assert json.loads(soutien("decide", marked.name, folder=tmp_path).printed) == decided()


def test_a_day_of_the_law_moved_by_the_operator_changes_the_answer() -> None:
    moved = json.dumps({"amo_third_party_from": "2027-01-01"})
    done = soutien("decide", str(FILE), SOUTIEN_LAW_DATES=moved)
    told = {case["id"]: case for case in json.loads(done.printed)}
    usual = {case["id"]: case for case in decided()}
    assert usual["MSP-D-056"]["third_party_payment"] == "amo"
    assert told["MSP-D-056"]["third_party_payment"] == "none"
    unmoved = [case for case in CASES if case["claim"]["date"] < "2026-10-01"]
    assert all(told[case["id"]] == usual[case["id"]] for case in unmoved)


# --- What is refused ----------------------------------------------------------------------


def test_an_unknown_key_is_named_with_its_case_and_place() -> None:
    complaint = refused(soutien("decide", "-", given=spoiled("colour", "blue")))
    assert (
        "case 1 (MSP-D-001).claim.colour: is not a known key; remove it or correct its spelling"
        in complaint
    )
    assert "nothing was decided" in complaint


def test_a_wrong_word_is_told_with_the_right_ones() -> None:
    complaint = refused(soutien("decide", "-", given=spoiled("modality", "phone")))
    assert 'claim.modality: "phone" is unknown; write one of in_person, remote' in complaint


def test_one_wrong_case_among_sixty_decides_none() -> None:
    cases = copy.deepcopy(CASES)
    cases[41]["claim"]["date"] = "15/09/2025"
    complaint = refused(soutien("decide", "-", given=json.dumps(cases).encode()))
    assert 'case 42 (MSP-D-042).claim.date: "15/09/2025" is not a day' in complaint


def test_many_problems_are_counted_not_poured_out() -> None:
    wrong = [{**case, "programme": "other"} for case in CASES]
    complaint = refused(soutien("decide", "-", given=json.dumps(wrong).encode()))
    assert "… and 40 more" in complaint
    assert len(complaint.splitlines()) == 23


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b"", "standard input is not JSON: Expecting value at line 1, column 1."),
        (b"[{]", "standard input is not JSON: "),
        (b"[{},]", "standard input is not JSON: "),
        (b"\xff\xfe[]", "standard input is not UTF-8 text. Save it as UTF-8."),
        (b"{}", "The file must hold a list of cases"),
        (b"null", "The file must hold a list of cases"),
        (b"[null]", "case 1: must be an object"),
        (b"[[]]", "case 1: must be an object"),
        (b"[{}]", "case 1.claim: is missing"),
        (b"[" * 100_000, "standard input holds lists within lists, or a number, far too long"),
        (b"[" + b"9" * 5_000 + b"]", "standard input holds lists within lists, or a number"),
        (b'[{"id": "\\ud800", "\\udfff": 1}]', "is not a known key"),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_what_is_no_list_of_cases_is_told_in_a_sentence(given: bytes, told: str) -> None:
    assert told in refused(soutien("decide", "-", given=given))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    complaint = refused(soutien("decide", "nowhere.json", folder=tmp_path))
    assert "cannot read nowhere.json: No such file or directory. Give the path" in complaint


def test_a_directory_is_not_a_file(tmp_path: Path) -> None:
    assert f"cannot read {tmp_path}: Is a directory." in refused(soutien("decide", str(tmp_path)))


@pytest.mark.parametrize(
    "words", [("decide",), ("decide", "a", "b"), ("decide", "-", "--explain", "de")]
)
def test_wrong_words_are_refused_with_where_to_read_on(words: tuple[str, ...]) -> None:
    assert "soutien decide --help" in refused(soutien(*words))


@pytest.mark.parametrize(
    ("dates", "code", "told"),
    [
        ('{"no_such_term": "2026-10-01"}', 2, "Unknown or missing terms: no_such_term"),
        ('{"sessions_per_year_max": "2026-10-01"}', 2, "sessions_per_year_max is not a day"),
        ("soon", 1, "SOUTIEN_LAW_DATES is 'soon': write a JSON object of days"),
        ('{"amo_third_party_from": 3}', 1, "write a JSON object of days"),
    ],
)
def test_a_setting_of_the_law_that_is_wrong_is_told(dates: str, code: int, told: str) -> None:
    done = soutien("decide", str(FILE), SOUTIEN_LAW_DATES=dates)
    assert (done.code, done.printed) == (code, "")
    assert told in done.complaint and "Traceback" not in done.complaint


def test_help_says_what_the_command_takes() -> None:
    done = soutien("decide", "--help")
    assert done.code == 0
    assert "--explain" in done.printed and "standard input" in done.printed
