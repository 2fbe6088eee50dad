"""A refusal for a psychiatric reason is read by people before it is said (R-022).

It takes two people to refuse and one to lift: a mistake that shuts somebody out costs more than
one that lets somebody in. A machine never does either.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class Verdict(IntEnum):
    """What somebody who read the file says of its refusal."""

    CONFIRM = 1
    LIFT = 2


class Ground(IntEnum):
    """Why, among a few words: nothing clinical is ever written. Numbers are never reused."""

    RECORD_SAYS_SO = 1  # the fund's own record shows the situation, on the days that count
    MEDICAL_SERVICE_SAYS_SO = 2
    NOTHING_SHOWS_IT = 3
    ENDED_BEFORE = 4  # for longer than the look-back, or it began after the session
    NOT_PSYCHIATRIC = 5
    SOMEBODY_ELSE = 6


class Standing(IntEnum):
    """Where a refusal stands after what was said of it."""

    WAITING = 1
    CONFIRMED = 2
    LIFTED = 3


READERS_TO_REFUSE = 2
GROUNDS: dict[Verdict, tuple[Ground, ...]] = {
    Verdict.CONFIRM: (Ground.RECORD_SAYS_SO, Ground.MEDICAL_SERVICE_SAYS_SO),
    Verdict.LIFT: (
        Ground.NOTHING_SHOWS_IT,
        Ground.ENDED_BEFORE,
        Ground.NOT_PSYCHIATRIC,
        Ground.SOMEBODY_ELSE,
    ),
}


def verdict_of(ground: Ground) -> Verdict:
    """The verdict a ground speaks for: each speaks for one."""
    return next(verdict for verdict, grounds in GROUNDS.items() if ground in grounds)


def standing(verdicts: Sequence[Verdict]) -> Standing:
    """Where it stands, each verdict being another person's."""
    if Verdict.LIFT in verdicts:
        return Standing.LIFTED
    if len(verdicts) >= READERS_TO_REFUSE:
        return Standing.CONFIRMED
    return Standing.WAITING
