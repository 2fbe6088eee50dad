"""Amounts typed twice."""

from __future__ import annotations

import pytest

from soutien.rules.keying import Amounts, agreed, differing

FIFTY, FIVE, FORTY = (5000, 5000), (500, 5000), (4000, 5000)


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ([], None),
        ([FIFTY], None),
        ([FIFTY, FIFTY], FIFTY),
        ([FIFTY, FIVE], None),
        ([FIFTY, FIVE, FIFTY], FIFTY),
        ([FIVE, FIFTY, FIFTY], FIFTY),
        ([FIVE, FIFTY, FORTY], None),
        ([FIFTY, FIFTY, FIVE], None),
    ],
)
def test_amounts_are_taken_once_they_were_typed_twice_alike(
    typed: list[Amounts], taken: Amounts | None
) -> None:
    assert agreed(typed) == taken


@pytest.mark.parametrize(
    ("one", "other", "places"),
    [(FIFTY, FIFTY, ()), (FIFTY, FIVE, (0,)), (FIFTY, (5000,), (1,)), ((), FIFTY, (0, 1))],
)
def test_two_typings_differ_where_they_differ(
    one: Amounts, other: Amounts, places: tuple[int, ...]
) -> None:
    assert differing(one, other) == places
