"""No group under eleven people is told, neither by itself nor by subtraction."""

from __future__ import annotations

import random

import pytest

from soutien.batch.disclosure import LEAST, hidden_rows, small

TABLES = 10_000


def deduced(shown: list[list[int] | None], totals: list[int]) -> list[int]:
    """What is left of each column when all shown rows are taken from its total."""
    return [
        total - sum(row[column] for row in shown if row is not None)
        for column, total in enumerate(totals)
    ]


def test_ten_thousand_tables_tell_no_small_group() -> None:
    rng = random.Random(8)
    some = 0
    for _ in range(TABLES):
        width = rng.randint(1, 4)
        rows = [
            [rng.choice((0, rng.randint(0, 15), rng.randint(11, 5_000))) for _ in range(width)]
            for _ in range(rng.randint(1, 9))
        ]
        hidden = hidden_rows(rows)
        shown = [None if place in hidden else row for place, row in enumerate(rows)]
        assert not any(small(count) for row in shown if row for count in row)
        if not hidden or len(hidden) == len(rows):
            continue
        some += 1
        totals = [sum(column) for column in zip(*rows, strict=True)]
        assert not any(map(small, deduced(shown, totals)))
        # Two at least, or the one hidden is what is left.
        assert sum(any(rows[place]) for place in hidden) >= 2
    assert some > TABLES / 10


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([[LEAST], [LEAST]], set()),
        ([[LEAST - 1], [500], [40]], {0, 2}),
        ([[3], [4], [500]], {0, 1, 2}),
        ([[0], [500], [3]], {1, 2}),
        ([], set()),
    ],
)
def test_the_next_smallest_group_hides_the_smallest(
    counts: list[list[int]], hidden: set[int]
) -> None:
    assert hidden_rows(counts) == hidden
