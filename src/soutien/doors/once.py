"""Words that are the same for everybody, made once for each language.

A page of results says the same few things many times: a day, for whom somebody works, how old a
statement is. Only plain values that tell nothing about who reads go through here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.utils.translation import get_language

KEPT = 2048
P = ParamSpec("P")
T = TypeVar("T")


def once_a_language(words: Callable[P, T]) -> Callable[P, T]:
    """The same words for the same values, made once for each language; the oldest are dropped."""

    def made(_language: str | None, *values: Any, **named: Any) -> T:
        return words(*values, **named)

    kept: Callable[..., T] = lru_cache(maxsize=KEPT)(made)

    @wraps(words)
    def said(*values: P.args, **named: P.kwargs) -> T:
        return kept(get_language(), *values, **named)

    return said
