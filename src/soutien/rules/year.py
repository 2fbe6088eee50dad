"""What the person's other sessions mean for the claimed one: the year, counted."""

from __future__ import annotations

from collections.abc import Sequence

from soutien.rules.calendar import NO_DAY, civil_year, day_of
from soutien.rules.facts import EarlierSession, Past


def past_of(day: int, evaluation: int, sessions: Sequence[EarlierSession]) -> Past:
    """The person's other sessions, counted for a session claimed on ``day``.

    Their order does not matter. Only sessions paid under the programme count (R-061, R-213).
    Those dated after the claimed one count towards the year (R-212), but open nothing for it
    (R-050). Another programme's session matters only on the same day with the same
    psychologist (R-131).
    """
    year = civil_year(day)
    year_before_from = day_of(year - 1, 1, 1)
    year_from = day_of(year, 1, 1)
    next_year_from = day_of(year + 1, 1, 1)

    used = evaluations = evaluated_before = evaluated_same_day = evaluated_year_before = 0
    same_day = duplicate = double_funded = 0
    opened_on = NO_DAY
    for session in sessions:
        held_on = session.day
        if not session.in_programme:
            if held_on == day:
                double_funded |= session.other_programme & session.same_psychologist
            continue
        if year_from <= held_on < next_year_from:
            used += 1
            if held_on == day:
                same_day = 1
                evaluated_same_day |= session.evaluation
                if session.evaluation == evaluation:
                    duplicate |= session.same_psychologist
        if session.evaluation:
            if opened_on < held_on <= day:
                opened_on = held_on
            if year_from <= held_on < next_year_from:
                evaluations += 1
                evaluated_before |= 1 if held_on < day else 0
            elif year_before_from <= held_on < year_from:
                evaluated_year_before = 1
    return Past(
        used,
        evaluations,
        evaluated_before,
        evaluated_same_day,
        evaluated_year_before,
        same_day,
        duplicate,
        double_funded,
        opened_on,
    )
