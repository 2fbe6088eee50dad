"""How long money takes is told from enough payments only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.rules.delays import (
    ENOUGH,
    LATE_UNMEASURED_DAYS,
    NEARLY_ALL_PERCENT,
    USUAL_PERCENT,
    Delay,
    is_late,
    measured,
)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([], None),
        ([5] * (ENOUGH - 1), None),
        ([5] * ENOUGH, Delay(5, 5)),
        # Ten of twenty within 10 days, eighteen within 18.
        (list(range(1, 21)), Delay(10, 18)),
        # Two very slow ones in twenty move neither number.
        ([7] * 18 + [200, 300], Delay(7, 7)),
        ([7] * 17 + [90, 200, 300], Delay(7, 90)),
        (list(range(100, 0, -1)), Delay(50, 90)),
    ],
)
def test_half_and_nine_in_ten(days: list[int], told: Delay | None) -> None:
    assert measured(days) == told


@given(st.lists(st.integers(0, 400), min_size=ENOUGH, max_size=200))
def test_each_number_is_the_smallest_that_so_many_do_not_exceed(days: list[int]) -> None:
    told = measured(days)
    assert told is not None
    for number, percent in (
        (told.usual_days, USUAL_PERCENT),
        (told.late_days, NEARLY_ALL_PERCENT),
    ):
        assert number in days
        assert 100 * sum(day <= number for day in days) >= percent * len(days)
        assert 100 * sum(day < number for day in days) < percent * len(days)


@pytest.mark.parametrize(
    ("delay", "waited", "late"),
    [
        (Delay(5, 9), 9, False),
        (Delay(5, 9), 10, True),
        (None, LATE_UNMEASURED_DAYS, False),
        (None, LATE_UNMEASURED_DAYS + 1, True),
    ],
)
def test_late_is_beyond_what_was_measured(delay: Delay | None, waited: int, late: bool) -> None:
    assert is_late(delay, waited) is late
