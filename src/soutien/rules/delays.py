"""When money is likely to arrive: what was measured of the same payer, never a promise.

No text fixes a day. So a day is told only from enough payments that arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

# Below this nothing is told: two slow payments in nineteen would be a tenth.
ENOUGH = 20
# The later day: nine payments in ten had arrived.
NEARLY_ALL_PERCENT = 90
USUAL_PERCENT = 50
# Without enough payments, what waits longer than this is called late all the same.
LATE_UNMEASURED_DAYS = 30


class Delay(NamedTuple):
    """Days from the claim's arrival to the money: half of the payments, and nine in ten."""

    usual_days: int
    late_days: int


def measured(days: Sequence[int]) -> Delay | None:
    """The delays of payments as two numbers of days; None where they are too few.

    Each number is the smallest of the delays that so many of a hundred do not exceed.
    """
    if len(days) < ENOUGH:
        return None
    ordered = sorted(days)
    return Delay(_nearest(ordered, USUAL_PERCENT), _nearest(ordered, NEARLY_ALL_PERCENT))


def is_late(delay: Delay | None, waited_days: int) -> bool:
    """Whether money that has waited so many days since the claim arrived is late."""
    return waited_days > (LATE_UNMEASURED_DAYS if delay is None else delay.late_days)


# Debts are counted by age: below the first number of days, …, from the last.
AGES = (30, 60, 90)


def by_age(dated: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Sums of cents by age, of pairs of days and cents."""
    sums = [0] * (len(AGES) + 1)
    for days, cents in dated:
        sums[sum(days >= limit for limit in AGES)] += cents
    return tuple(sums)


def _nearest(ordered: Sequence[int], percent: int) -> int:
    rank = -(-len(ordered) * percent // 100)
    return ordered[rank - 1]
