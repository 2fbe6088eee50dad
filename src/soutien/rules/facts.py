"""What must be known to decide: integers only, and how dated periods become facts of a day.

Days are ordinals (rules/calendar.py); yes is 1, no is 0; codes are those of rules/codes.py.
Periods are closed on both ends, as the law writes them (R-213); an open end is ``NEVER``.
"""

from __future__ import annotations

from typing import NamedTuple

from soutien.rules.calendar import (
    NEVER,
    NO_DAY,
    add_months,
    add_years,
    first_day_of_next_quarter,
)
from soutien.rules.codes import PsychiatricKind, Referrer
from soutien.rules.terms import Terms

_MIDWIFE = int(Referrer.MIDWIFE)
_SCHOOL_NURSE = int(Referrer.SCHOOL_NURSE)
_FIRST_REFERRER = int(Referrer.GP)
_LAST_REFERRER = int(Referrer.SCHOOL_NURSE)
_SICK_LEAVE = int(PsychiatricKind.PSYCHIATRIC_SICK_LEAVE)
_INVALIDITY = int(PsychiatricKind.PSYCHIATRIC_INVALIDITY)
_CHILD_PSYCHIATRY = int(PsychiatricKind.CHILD_PSYCHIATRY_FOLLOW_UP)


class SessionFacts(NamedTuple):
    """One claimed session, and the person, letter and psychologist on its day."""

    day: int
    evaluation: int
    remote: int
    act_code: int
    price_cents: int
    performed: int
    sheet_complete: int
    received_on: int
    linked_to: int
    third_party_requested: int
    prescribed: int
    aged_enough_on: int
    adult_on: int
    affiliated: int
    local_regime: int
    exemptions: int
    former_css: int
    complementary: int
    psychiatric_bar: int
    under_agreement: int
    suspended: int
    health_centre: int
    referrer: int
    referrer_allowed: int
    referral_day: int
    referral_last_day: int
    barred_from: int


class EarlierSession(NamedTuple):
    """Another paid session of the same person; sessions not paid mean nothing (R-213)."""

    day: int
    evaluation: int
    same_psychologist: int
    in_programme: int
    other_programme: int


class Past(NamedTuple):
    """What the person's other sessions mean for the claimed one (see rules/year.py)."""

    used_this_year: int
    evaluations_this_year: int
    evaluated_before: int
    evaluated_same_day: int
    evaluated_year_before: int
    same_day: int
    duplicate: int
    double_funded: int
    episode_opened_on: int


def covers(starts_on: int, ends_on: int, day: int) -> int:
    """1 when a closed period contains a day."""
    return 1 if starts_on <= day <= ends_on else 0


def agreement_last_day(ends_on: int, resignation_received_on: int, terms: Terms) -> int:
    """The last covered day of an agreement: its end, or the eve of the notice's end (R-163)."""
    if resignation_received_on == NO_DAY:
        return ends_on
    eve = add_months(resignation_received_on, terms.resignation_notice_months) - 1
    return eve if eve < ends_on else ends_on


def former_css_last_day(ends_on: int, terms: Terms) -> int:
    """Until when a CSS right that ended on a day still spares advancing a share (R-105)."""
    return add_years(ends_on, terms.former_css_third_party_years)


def former_css(ends_on: int, day: int, terms: Terms) -> int:
    """1 in the time after a CSS right ended, last day included (R-105)."""
    return covers(ends_on + 1, former_css_last_day(ends_on, terms), day)


def psychiatric_bar(
    kind: int, starts_on: int, ends_on: int, day: int, adult: int, terms: Terms
) -> int:
    """1 when a psychiatric situation keeps the person out on a day (R-022).

    ``ends_on`` is NEVER while the situation lasts. The anniversary that ends the look-back is
    itself allowed.
    """
    if starts_on > day or day >= add_years_or_never(ends_on, terms.psychiatric_lookback_years):
        return 0
    if kind == _CHILD_PSYCHIATRY:
        return 1 - adult
    if kind == _INVALIDITY:
        return adult
    if kind == _SICK_LEAVE:
        lasted_until = ends_on if ends_on < day else day
        long_from = add_months(starts_on, terms.psychiatric_leave_months_max)
        return adult if lasted_until > long_from else 0
    return 1


def add_years_or_never(day: int, years: int) -> int:
    """An anniversary that stays NEVER for an open end."""
    return day if day >= NEVER else add_years(day, years)


def referrer_allowed(referrer: int, written_on: int, terms: Terms) -> int:
    """1 when this author could refer on the day of the letter (R-042)."""
    if referrer == _MIDWIFE:
        return 1 if written_on >= terms.midwife_refers_from else 0
    if referrer == _SCHOOL_NURSE:
        return 1 if written_on >= terms.school_nurse_refers_from else 0
    return 1 if _FIRST_REFERRER <= referrer <= _LAST_REFERRER else 0


def claim_barred_from(day: int, terms: Terms) -> int:
    """The first day on which a claim for care on ``day`` comes too late (R-116)."""
    return add_years(first_day_of_next_quarter(day), terms.claim_years_max)
