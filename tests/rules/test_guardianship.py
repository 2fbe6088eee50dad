"""A guardianship holds from its day to the day of majority, or to a decision before it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.rules.calendar import NEVER, day_number
from soutien.rules.guardianship import (
    acts_for_adult,
    acts_for_child,
    comes_of_age_on,
    over_on,
    told_on,
)

AGE = 18
FIRST, LAST = day_number(date(1950, 1, 1)), day_number(date(2100, 1, 1))
days = st.integers(FIRST, LAST)


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        ("2008-11-22", "2026-11-22"),
        ("2008-02-29", "2026-02-28"),
        ("2010-12-31", "2028-12-31"),
    ],
)
def test_rights_end_on_the_day_of_majority_not_the_day_before(born: str, of_age: str):
    born_on, day = (day_number(date.fromisoformat(text)) for text in (born, of_age))
    assert comes_of_age_on(born_on, AGE) == day
    assert acts_for_child(day - 1, born_on, born_on, NEVER, AGE)
    assert not acts_for_child(day, born_on, born_on, NEVER, AGE)


@given(days, days, days, st.one_of(st.just(NEVER), days))
def test_it_holds_exactly_between_its_start_and_the_first_of_its_two_ends(
    day: int, born_on: int, starts_on: int, ends_before: int
):
    holds = acts_for_child(day, born_on, starts_on, ends_before, AGE)
    of_age = comes_of_age_on(born_on, AGE)
    assert holds == (starts_on <= day and day < ends_before and day < of_age)
    assert over_on(born_on, ends_before, AGE) == min(ends_before, of_age)


@given(days, days, days, days)
def test_an_adult_is_protected_on_the_days_of_the_decision_and_never_as_a_child(
    day: int, born_on: int, starts_on: int, ends_before: int
):
    holds = acts_for_adult(day, born_on, starts_on, ends_before, AGE)
    of_age = comes_of_age_on(born_on, AGE)
    assert holds == (max(starts_on, of_age) <= day < ends_before)


def test_a_month_before_is_the_same_day_of_the_month_before():
    for born, told in (("2008-12-15", "2026-11-15"), ("2008-03-31", "2026-02-28")):
        born_on = day_number(date.fromisoformat(born))
        assert told_on(born_on, AGE) == day_number(date.fromisoformat(told))
