"""Amounts typed twice from paper: what agrees, and where two typings differ."""

from __future__ import annotations

from collections.abc import Sequence

Amounts = tuple[int, ...]


def agreed(typed: Sequence[Amounts]) -> Amounts | None:
    """The amounts typed last, once they were typed at least twice alike; None before.

    A third typing settles which of two was right: it agrees with one of them.
    """
    if not typed or typed[-1] not in typed[:-1]:
        return None
    return typed[-1]


def differing(one: Amounts, other: Amounts) -> tuple[int, ...]:
    """The places at which two typings differ; one that is shorter differs where it ends."""
    longest = max(len(one), len(other))
    return tuple(
        place for place in range(longest) if one[place : place + 1] != other[place : place + 1]
    )
