"""Chance that is the same at every run."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

SEED = "soutien-demo-1"
_What = TypeVar("_What")


def chance(*about: object) -> Random:
    """A source of chance of its own for each thing, so that one more changes no other."""
    return Random("|".join([SEED, *map(str, about)]))


def drawn(source: Random, shares: Sequence[tuple[_What, float]]) -> _What:
    """One of several things, each as often as its share says."""
    things, weights = zip(*shares, strict=True)
    found: _What = source.choices(things, weights)[0]
    return found
