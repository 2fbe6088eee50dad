"""Which groups of a table must not be shown, so that no group under eleven people is told.

Neither by itself nor by subtraction: what is hidden of a table whose total is shown is always two
groups or more, and together nobody or at least eleven.
"""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 11


def small(count: int) -> bool:
    """A count that tells too much of somebody."""
    return 0 < count < LEAST


def hidden_rows(counts: Sequence[Sequence[int]]) -> set[int]:
    """The rows to hide of a table: one row a group, one column a count of people.

    First those with a small count; then the smallest others, until what is hidden tells nothing
    when the shown rows are taken from the total.
    """
    hidden = {place for place, row in enumerate(counts) if any(map(small, row))}
    others = sorted(
        (place for place in range(len(counts)) if place not in hidden),
        # Groups of nobody hide nothing: they come last.
        key=lambda place: (not any(counts[place]), sum(counts[place]), place),
    )
    while hidden and others and not _safe(counts, hidden):
        hidden.add(others.pop(0))
    return hidden


def _safe(counts: Sequence[Sequence[int]], hidden: set[int]) -> bool:
    inhabited = [place for place in hidden if any(counts[place])]
    sums = [sum(counts[place][column] for place in hidden) for column in range(len(counts[0]))]
    return len(inhabited) > 1 and not any(map(small, sums))
