"""Contesting a decision: what the person says of it, and what the fund may answer.

Both choose among a few words, so that nothing clinical is ever written. A contest that is accepted
makes the law decide again with what is known by then; one that is refused may be looked at once
more, by somebody else.
"""

from __future__ import annotations

from enum import IntEnum


class Ground(IntEnum):
    """What the person says is wrong. Numbers are never reused."""

    RIGHT_NOT_COUNTED = 1
    SESSION_TOLD_WRONGLY = 2
    COUNT_IS_WRONG = 3
    SHEET_IS_RIGHT = 4
    TEXT_DOES_NOT_APPLY = 5


class Verdict(IntEnum):
    """What the fund answers: to accept, or to refuse for one of these reasons."""

    ACCEPT = 1
    TEXT_APPLIES = 2
    NOTHING_SHOWS_IT = 3
    CORRECT_THE_SHEET = 4


# A first look and a second one; then the fund's own commission, by letter.
LOOKS_MAX = 2
