"""Two people to refuse for a psychiatric reason, one to lift; a machine never does either."""

from __future__ import annotations

from itertools import product

import pytest

from soutien.rules.review import GROUNDS, Ground, Standing, Verdict, standing, verdict_of

CONFIRM, LIFT = Verdict.CONFIRM, Verdict.LIFT


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], Standing.WAITING),
        ([CONFIRM], Standing.WAITING),
        ([CONFIRM, CONFIRM], Standing.CONFIRMED),
        ([LIFT], Standing.LIFTED),
        ([CONFIRM, LIFT], Standing.LIFTED),
    ],
)
def test_it_takes_two_to_refuse_and_one_to_lift(
    verdicts: list[Verdict], expected: Standing
) -> None:
    assert standing(verdicts) is expected


def test_whoever_finds_a_mistake_has_the_last_word() -> None:
    for length in range(1, 5):
        for verdicts in product(Verdict, repeat=length):
            if LIFT in verdicts:
                assert standing(verdicts) is Standing.LIFTED


def test_each_ground_speaks_for_one_verdict() -> None:
    assert sorted(ground for grounds in GROUNDS.values() for ground in grounds) == list(Ground)
    for verdict, grounds in GROUNDS.items():
        assert {verdict_of(ground) for ground in grounds} == {verdict}
