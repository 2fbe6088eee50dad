"""The two readings of the law, written apart, agree on random histories.

The first chunks are the same at every run; the last is drawn anew each time, and its seed is
told when the readings differ. ``TEST_SEED=123`` draws that chunk again.
"""

from __future__ import annotations

import json
import os
import random
import secrets
from typing import Any

import pytest
from tests.law import second_reading
from tests.law.histories import random_case

from soutien.rules.answer import answer
from soutien.rules.casefile import in_words, read_case
from soutien.rules.terms import Law, load_law

SEED = 20221104
CHUNKS, CASES_A_CHUNK = 8, 12_500
FRESH_CASES = 2_000


def first_reading(case: dict[str, Any], law: Law) -> dict[str, Any]:
    problems: list[str] = []
    case_id, dossier = read_case(case, 1, problems)
    assert problems == []
    return in_words(case_id, answer(dossier, law))


def differences(seed: int, how_many: int) -> str:
    """The first case on which the readings differ, told in full; empty when there is none."""
    rng, law = random.Random(seed), load_law()
    for number in range(how_many):
        case = random_case(rng)
        first, second = first_reading(case, law), second_reading.decide(case)
        if first != second:
            return (
                f"seed {seed}, case {number} of {how_many}:\n{json.dumps(case, indent=1)}\n"
                f"the rules say:          {first}\nthe second reading says: {second}"
            )
    return ""


def test_at_least_a_hundred_thousand_histories_are_compared() -> None:
    assert CHUNKS * CASES_A_CHUNK >= 100_000


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_two_readings_agree_on_the_same_random_histories(chunk: int) -> None:
    told = differences(SEED + chunk, CASES_A_CHUNK)
    assert not told, told


def test_the_two_readings_agree_on_histories_never_seen_before() -> None:
    seed = int(os.environ.get("TEST_SEED") or secrets.randbelow(2**32))
    told = differences(seed, FRESH_CASES)
    assert not told, told


def test_a_law_read_differently_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_reading, "yearly_cap", lambda case: 11)
    assert "seed 1, case" in differences(1, 500)
