"""The calendar's own arithmetic, compared with the standard library's on every day."""

from __future__ import annotations

import calendar as almanac
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.rules.calendar import (
    NEVER,
    NO_DAY,
    add_months,
    add_years,
    civil_date,
    civil_year,
    day_number,
    day_of,
    days_in_month,
    first_day_of_next_quarter,
    year_month_day,
)

FIRST, LAST = date(1900, 1, 1).toordinal(), date(2100, 12, 31).toordinal()
DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))


def months_later(day: date, months: int) -> date:
    """The same day number some months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = almanac.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def test_every_day_of_two_centuries_is_split_and_put_together_as_datetime_does() -> None:
    for number in range(FIRST, LAST + 1):
        day = date.fromordinal(number)
        assert year_month_day(number) == (day.year, day.month, day.day)
        assert day_of(day.year, day.month, day.day) == number


def test_every_day_of_two_centuries_moves_by_months_and_years_as_the_rule_says() -> None:
    for number in range(FIRST, LAST + 1):
        day = date.fromordinal(number)
        assert civil_year(number) == day.year
        assert civil_date(add_months(number, 2)) == months_later(day, 2)
        assert civil_date(add_months(number, 6)) == months_later(day, 6)
        assert civil_date(add_years(number, 2)) == months_later(day, 24)


def test_every_quarter_of_two_centuries_ends_where_the_almanac_says() -> None:
    for number in range(FIRST, LAST + 1):
        day = date.fromordinal(number)
        month = (day.month - 1) // 3 * 3 + 4
        first = date(day.year, month, 1) if month <= 12 else date(day.year + 1, 1, 1)
        assert civil_date(first_day_of_next_quarter(number)) == first


@pytest.mark.parametrize("year", range(1900, 2101))
def test_every_month_has_the_days_of_the_almanac(year: int) -> None:
    months = range(1, 13)
    expected = [almanac.monthrange(year, month)[1] for month in months]
    assert [days_in_month(year, month) for month in months] == expected


@given(DAYS)
def test_a_day_is_its_number_and_back(day: date) -> None:
    assert civil_date(day_number(day)) == day
    assert NO_DAY < day_number(day) <= NEVER


@given(st.dates(date(1000, 1, 1), date(3000, 12, 31)), st.integers(-600, 600))
def test_months_forward_and_backward_follow_the_rule(day: date, months: int) -> None:
    assert civil_date(add_months(day_number(day), months)) == months_later(day, months)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 120))
def test_a_later_start_never_ends_earlier(day: date, months: int) -> None:
    start = day_number(day)
    assert add_months(start, months) <= add_months(start + 1, months)
    assert add_months(start, months) <= add_months(start, months + 1)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2023-08-31", 6, "2024-02-29"),
        ("2022-08-31", 6, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-02-28", 6, "2026-08-28"),
    ],
)
def test_a_missing_day_number_becomes_the_last_day_of_the_month(
    start: str, months: int, end: str
) -> None:
    assert civil_date(add_months(day_number(date.fromisoformat(start)), months)) == (
        date.fromisoformat(end)
    )


def test_never_is_the_last_day_a_file_can_write() -> None:
    assert civil_date(NEVER) == date.max
    with pytest.raises(ValueError, match="ordinal"):
        civil_date(NO_DAY)
