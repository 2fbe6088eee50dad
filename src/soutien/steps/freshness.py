"""How long what a psychologist said about their availability is believed.

A free time in the agenda is a fact: booking it binds. The rest of an entry ("takes new
people") is a statement, and a statement ages. It then fades in rank and in look, and says so,
rather than lie (in test calls of 2023, six in a hundred of those listed had a place).
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum
from typing import NamedTuple

# Care of about ten weekly sessions frees a place every week or two: after six weeks, what was
# said has probably changed.
FADES_AFTER = timedelta(days=45)
# A quarter, and several mails without an answer: nobody vouches for the entry any more.
SILENT_AFTER = timedelta(days=90)


class Freshness(IntEnum):
    """How fresh a statement is; the fresher first."""

    FRESH = 0
    FADING = 1
    SILENT = 2


# Among the nearest, an entry ranks as if it were this much farther away, in metres: a quarter
# of an hour more by bus, then the usual radius of a search, within which it so comes last.
RANKS_FARTHER_M = {Freshness.FRESH: 0.0, Freshness.FADING: 3_000.0, Freshness.SILENT: 10_000.0}


class Ages(NamedTuple):
    """The days that divide the three on one day."""

    fading_before: date
    silent_before: date

    def of(self, stated_on: date | None) -> Freshness:
        """How fresh a statement of a day is; None when there is none, or it is in doubt."""
        if stated_on is None or stated_on < self.silent_before:
            return Freshness.SILENT
        return Freshness.FADING if stated_on < self.fading_before else Freshness.FRESH


def ages_on(on: date) -> Ages:
    """What divides fresh from fading from silent statements, seen from a day."""
    return Ages(on - FADES_AFTER, on - SILENT_AFTER)
