"""What the law changes between two days: each term, its value on either day, and each step.

A term changes on the day a value starts. A term whose value is itself a day (the first day a
midwife may refer) changes something on that day, long after it was written: both are told.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from soutien.rules.codes import Profile
from soutien.rules.terms import Law, Term, Value


class Amendment(NamedTuple):
    """One day on which one term changes; ``before`` is None when the day of a term comes."""

    day: date
    term: Term
    before: Value | None
    after: Value


def _of_term(term: Term, since: date, until: date, profile: Profile) -> list[Amendment]:
    history = term.values[profile]
    steps = [
        Amendment(after.valid_from, term, before, after)
        for before, after in zip(history, history[1:], strict=False)
        if since < after.valid_from <= until and before.number != after.number
    ]
    for value in history:
        day = value.written
        if isinstance(day, date) and since < day <= until:
            # A day that was moved before it came never came.
            in_force = term.value_on(max(day, history[0].valid_from), profile)
            if in_force is value:
                steps.append(Amendment(day, term, None, value))
    return steps


def amendments(
    law: Law, since: date, until: date, profile: Profile = Profile.OPERATIONAL
) -> list[Amendment]:
    """All that changes after ``since``, up to and including ``until``, in the order of days.

    The first value of a term is no change. Raises TermError for a day before the programme.
    """
    law.on(since, profile)
    law.on(until, profile)
    found = [step for term in law.terms.values() for step in _of_term(term, since, until, profile)]
    return sorted(found, key=lambda step: (step.day, step.term.name))
