"""The person's other sessions, folded one by one into what they mean for the claimed one."""

from __future__ import annotations

from soutien.rules.calendar import civil_year
from soutien.rules.facts import EarlierSession, Past


def remember(past: Past, day: int, evaluation: int, earlier: EarlierSession) -> Past:
    """The past, knowing one session more; the order of sessions does not matter.

    ``day`` and ``evaluation`` are those of the claimed session. Sessions dated after it count
    towards the year (R-212), but open nothing for it (R-050).
    """
    counts = earlier.paid & earlier.in_programme
    years_back = civil_year(day) - civil_year(earlier.day)
    this_year = counts if years_back == 0 else 0
    same_day = counts if earlier.day == day else 0
    evaluated = counts & earlier.evaluation
    opens = evaluated if earlier.day <= day else 0
    return Past(
        used_this_year=past.used_this_year + this_year,
        evaluations_this_year=past.evaluations_this_year + (this_year & earlier.evaluation),
        evaluated_before=past.evaluated_before
        | (this_year & earlier.evaluation & (1 if earlier.day < day else 0)),
        evaluated_same_day=past.evaluated_same_day | (same_day & earlier.evaluation),
        evaluated_year_before=past.evaluated_year_before
        | (evaluated if years_back == 1 else 0),
        same_day=past.same_day | same_day,
        duplicate=past.duplicate
        | (same_day & earlier.same_psychologist & (1 if earlier.evaluation == evaluation else 0)),
        double_funded=past.double_funded
        | (
            earlier.paid & earlier.other_programme & earlier.same_psychologist
            if earlier.day == day
            else 0
        ),
        episode_opened_on=earlier.day
        if opens and earlier.day > past.episode_opened_on
        else past.episode_opened_on,
    )
