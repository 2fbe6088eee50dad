"""Civil days as integers, and the arithmetic of the law on them (R-218).

A day is its proleptic Gregorian ordinal (``date.toordinal()``, 1 January of year 1 is 1), so
that days compare, subtract and compile. 0 stands for "no day" wherever a day may be absent,
and ``NEVER`` for an end that is open. Everything here is integer arithmetic: it compiles.
"""

from __future__ import annotations

from datetime import date

NO_DAY = 0
NEVER = 3_652_059  # 31 December 9999

_DAYS_BEFORE_MARCH_1_OF_YEAR_0 = 306
_DAYS_IN_400_YEARS = 146_097
_DAYS_IN_100_YEARS = 36_524
_DAYS_IN_4_YEARS = 1_461
_DAYS_IN_YEAR = 365
_MONTHS = 12
_FEBRUARY = 2
_JANUARY_COUNTED_FROM_MARCH = 10
_QUARTER = 3


def day_number(day: date) -> int:
    """The integer of a civil day."""
    return day.toordinal()


def civil_date(day: int) -> date:
    """The civil day of an integer."""
    return date.fromordinal(day)


def year_month_day(day: int) -> tuple[int, int, int]:
    """Year, month (1 to 12) and day of the month of a day."""
    # Years are counted from 1 March, so that the leap day is the last of its year.
    n = day + _DAYS_BEFORE_MARCH_1_OF_YEAR_0 - 1
    era = n // _DAYS_IN_400_YEARS
    n -= era * _DAYS_IN_400_YEARS
    year = (
        n - n // (_DAYS_IN_4_YEARS - 1) + n // _DAYS_IN_100_YEARS - n // (_DAYS_IN_400_YEARS - 1)
    ) // _DAYS_IN_YEAR
    n -= _DAYS_IN_YEAR * year + year // 4 - year // 100
    month = (5 * n + 2) // 153
    day_of_month = n - (153 * month + 2) // 5 + 1
    after_december = 1 if month >= _JANUARY_COUNTED_FROM_MARCH else 0
    return (
        era * 400 + year + after_december,
        month + 3 - _MONTHS * after_december,
        day_of_month,
    )


def day_of(year: int, month: int, day_of_month: int) -> int:
    """The integer of a civil day given as year, month and day of the month."""
    january_or_february = 1 if month <= _FEBRUARY else 0
    y = year - january_or_february
    m = month - 3 + _MONTHS * january_or_february
    return (
        _DAYS_IN_YEAR * y
        + y // 4
        - y // 100
        + y // 400
        + (153 * m + 2) // 5
        + day_of_month
        - _DAYS_BEFORE_MARCH_1_OF_YEAR_0
    )


def civil_year(day: int) -> int:
    """The civil year a day belongs to (R-061)."""
    return year_month_day(day)[0]


def days_in_month(year: int, month: int) -> int:
    """How many days a month has."""
    next_month = day_of(year + month // _MONTHS, month % _MONTHS + 1, 1)
    return next_month - day_of(year, month, 1)


def add_months(day: int, months: int) -> int:
    """The same day number some months later, or the last day of that month (R-218)."""
    year, month, day_of_month = year_month_day(day)
    since_year_0 = year * _MONTHS + month - 1 + months
    year = since_year_0 // _MONTHS
    month = since_year_0 % _MONTHS + 1
    last = days_in_month(year, month)
    return day_of(year, month, day_of_month if day_of_month < last else last)


def add_years(day: int, years: int) -> int:
    """The anniversary some years later; 29 February becomes 28 in a common year (R-218)."""
    return add_months(day, years * _MONTHS)


def first_day_of_next_quarter(day: int) -> int:
    """The first day of the calendar quarter that follows a day (R-116)."""
    year, month, _ = year_month_day(day)
    first_month = (month - 1) // _QUARTER * _QUARTER + 1
    return add_months(day_of(year, first_month, 1), _QUARTER)
