"""From answers to a score, and from scores to a change: one function each, integers only.

A score is information for two people in care; it is no diagnosis, opens and closes no door
(R-027, R-199), and a change between two scores is never said to be the effect of care.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from soutien.rules.scales import ANY_AGE, SEXES, Band, Scale, ScaleError

NOBODY_IS_SO_OLD = 130


class Danger(StrEnum):
    """Whether the answers ask for help at once (R-198), whatever the total."""

    YES = "yes"
    NO = "no"
    UNANSWERED = "unanswered"  # the question on danger was left blank: a person has to ask


class Score(NamedTuple):
    """What answers add up to. ``total`` is None when too many are blank."""

    scale: str
    version: str
    total: int | None
    total_max: int
    band: Band | None  # None without a total, or when it depends on a sex or an age not given
    needs: tuple[str, ...]  # what is missing to tell the band: "sex", "age"
    danger: Danger
    blanks: tuple[int, ...]  # numbers of the questions left blank
    estimated: bool  # whether blanks took the mean of the others
    subscales: Mapping[str, int | None]
    in_programme_range: bool | None  # of the official booklet, for information only


def score(
    scale: Scale, answers: Sequence[int | None], *, sex: str = "", age: int | None = None
) -> Score:
    """Score ``answers`` (points as the questionnaire prints them, None for a blank), in order.

    Reversed questions are given as they were answered and turned here. Raises ScaleError:
    wrong_count, wrong_answer, wrong_sex, wrong_age.
    """
    _check(scale, answers, sex, age)
    points = [
        given
        if given is None or number not in scale.reversed_items
        # The points of a question run from its lowest to its highest: turned, they are mirrored.
        else scale.points[number - 1][0] + scale.points[number - 1][-1] - given
        for number, given in enumerate(answers, start=1)
    ]
    subscales = {
        part.code: _added([points[item - 1] for item in part.items], part.missing_max)
        for part in scale.subscales
    }
    if scale.total_of:
        parts = [subscales[code] for code in scale.total_of]
        total = None if None in parts else sum(part for part in parts if part is not None)
    else:
        total = _added(points, scale.missing_max)
    blanks = tuple(number for number, given in enumerate(answers, start=1) if given is None)
    band, needs = _band_of(scale, total, sex, age)
    return Score(
        scale=scale.name,
        version=scale.version,
        total=total,
        total_max=scale.total_max,
        band=band,
        needs=needs,
        danger=_danger(scale, answers, total),
        blanks=blanks,
        estimated=bool(blanks) and total is not None,
        subscales=subscales,
        in_programme_range=_in_range(scale, total, sex),
    )


def _check(scale: Scale, answers: Sequence[int | None], sex: str, age: int | None) -> None:
    if len(answers) != scale.items:
        raise ScaleError(
            "wrong_count",
            f"{scale.name} has {scale.items} questions, {len(answers)} answers were given. "
            "Write - for a question left blank.",
        )
    for number, given in enumerate(answers, start=1):
        allowed = scale.points[number - 1]
        if given is not None and given not in allowed:
            raise ScaleError(
                "wrong_answer",
                f"Answer {number} of {scale.name} is {given}: it can be "
                f"{', '.join(map(str, allowed))}, or - when it was left blank.",
            )
    if sex not in {"", *SEXES}:
        raise ScaleError("wrong_sex", f"{sex!r} is none of {', '.join(SEXES)}.")
    if age is not None and not 0 <= age < NOBODY_IS_SO_OLD:
        raise ScaleError("wrong_age", f"{age} is not an age in years.")


def _added(points: Sequence[int | None], missing_max: int) -> int | None:
    """The sum, blanks taking the mean of the others (halves go up); None when too many are."""
    given = [point for point in points if point is not None]
    if len(points) - len(given) > missing_max or not given:
        return None
    return (2 * sum(given) * len(points) + len(given)) // (2 * len(given))


def _band_of(
    scale: Scale, total: int | None, sex: str, age: int | None
) -> tuple[Band | None, tuple[str, ...]]:
    """The band, or what must be known to tell it: asked only when it changes the answer."""
    if total is None:
        return None, ()
    bands = [_at(scale, total, one, age) for one in ([sex] if sex else SEXES)]
    if len({band and band.code for band in bands}) > 1:
        return None, ("sex",)
    band = bands[0]
    return band, () if band is not None else ("age",)


def _at(scale: Scale, total: int, sex: str, age: int | None) -> Band | None:
    ages = [band for band in scale.bands if band.sex in {"", sex}]
    if age is not None:
        ages = [band for band in ages if band.age_from <= age < band.age_before]
    elif any(band.age_from or band.age_before < ANY_AGE for band in ages):
        return None
    reached = [band for band in ages if band.from_score <= total]
    return reached[-1] if reached else None


def _danger(scale: Scale, answers: Sequence[int | None], total: int | None) -> Danger:
    if scale.danger_item:
        given = answers[scale.danger_item - 1]
        if given is None:
            return Danger.UNANSWERED
        return Danger.YES if given >= scale.danger_item_from else Danger.NO
    if scale.danger_total_from:
        # A blank can only raise the sum: what is already there may be enough.
        least = sum(given for given in answers if given is not None)
        if least >= scale.danger_total_from:
            return Danger.YES
        return Danger.UNANSWERED if None in answers else Danger.NO
    return Danger.NO


def _in_range(scale: Scale, total: int | None, sex: str) -> bool | None:
    ranges = [part for part in scale.programme_ranges if part.sex in {"", sex}]
    if total is None or not ranges:
        return None
    return any(part.from_score <= total <= part.to_score for part in ranges)


class Course(StrEnum):
    """How two scores of one scale compare."""

    IMPROVED = "improved"  # lower by at least what chance does not explain
    WORSENED = "worsened"
    STEADY = "steady"  # a difference that chance may explain
    NOT_ENOUGH_DATA = "not_enough_data"


class Evolution(NamedTuple):
    """A comparison with all it was computed from. Never the effect of care."""

    course: Course
    first: int | None
    last: int | None
    difference: int | None  # last less first; lower is better on every scale of the programme
    reliable_points: int | None
    case_from: int | None
    below_case: bool | None  # a case at first, none at the end
    recovered: bool | None  # below the case line, and by more than chance
    scores_used: int


def evolution(scale: Scale, totals: Sequence[int | None]) -> Evolution:
    """Compare the first and the last of ``totals`` (oldest first, None for one not told).

    Not enough data: fewer than two totals, or a scale without a published reliable change.
    """
    told = [total for total in totals if total is not None]
    change = scale.change
    if not told[1:] or change is None:
        return Evolution(
            Course.NOT_ENOUGH_DATA,
            told[0] if told else None,
            told[-1] if told else None,
            None,
            change.reliable_points if change else None,
            change.case_from if change else None,
            None,
            None,
            len(told),
        )
    first, last = told[0], told[-1]
    difference = last - first
    course = Course.STEADY
    if difference <= -change.reliable_points:
        course = Course.IMPROVED
    elif difference >= change.reliable_points:
        course = Course.WORSENED
    below_case = first >= change.case_from > last
    return Evolution(
        course,
        first,
        last,
        difference,
        change.reliable_points,
        change.case_from,
        below_case,
        below_case and course is Course.IMPROVED,
        len(told),
    )


def uncertainty(scale: Scale, total: int) -> tuple[int, int] | None:
    """The totals (both ends in) that chance alone does not tell from ``total``; None: unknown.

    A reliable change is 1.96 standard errors of a difference of two scores, hence the square
    root of two times those of one score: the half-width is that change divided by it, rounded up.
    """
    if scale.change is None:
        return None
    half = 0
    while 2 * half * half < scale.change.reliable_points**2:
        half += 1
    return max(0, total - half), min(scale.total_max, total + half)
