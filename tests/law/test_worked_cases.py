"""The sixty worked cases of the rule book: each is answered in full as a lawyer worked it out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soutien.rules.answer import answer
from soutien.rules.casefile import in_words, read_cases
from soutien.rules.terms import load_law

WORKED_CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases.json").read_text("utf-8")
)


@pytest.mark.parametrize(
    "case", WORKED_CASES, ids=[f"{case['id']} {case['title']}" for case in WORKED_CASES]
)
def test_a_worked_case_is_answered_as_expected(case: dict[str, Any]) -> None:
    [(case_id, dossier)] = read_cases([case])
    told = in_words(case_id, answer(dossier, load_law()))
    assert told == {"id": case["id"], **case["expected"]}


def test_all_worked_cases_are_read_together_in_their_order() -> None:
    read = read_cases(WORKED_CASES)
    assert [case_id for case_id, _ in read] == [case["id"] for case in WORKED_CASES]
    assert len(read) == 60
