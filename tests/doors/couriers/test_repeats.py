"""Repetitions fall on the same days as those of a library that walks there from the beginning."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar.prop import vRecur

from soutien.doors.couriers.repeats import rule_of

FIRST = date(2026, 1, 7)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def days(text: str, first: date, since: date, until: date) -> list[date]:
    return list(rule_of(vRecur.from_ical(text)).days(first, since, until))


def days_of_the_library(text: str, first: date, since: date, until: date) -> list[date]:
    start = datetime.combine(since, datetime.min.time())
    found = []
    for moment in rrulestr(text, dtstart=datetime.combine(first, datetime.min.time())):
        if moment.date() > until:
            break
        if moment >= start:
            found.append(moment.date())
    return found


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts: dict[str, Any] = {"FREQ": frequency, "INTERVAL": draw(st.integers(1, 4))}
    weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True)
    if draw(st.booleans()):
        chosen = draw(weekdays)
        if frequency in {"MONTHLY", "YEARLY"} and draw(st.booleans()):
            chosen = [f"{draw(st.sampled_from([1, 2, 4, -1, -2]))}{day}" for day in chosen]
        parts["BYDAY"] = ",".join(chosen)
    if draw(st.booleans()):
        months = draw(st.lists(st.integers(1, 12), min_size=3, max_size=6, unique=True))
        parts["BYMONTH"] = ",".join(map(str, months))
    if frequency in {"DAILY", "MONTHLY", "YEARLY"} and draw(st.booleans()):
        numbers = st.one_of(st.integers(1, 28), st.integers(-28, -1))
        chosen_days = draw(st.lists(numbers, min_size=4, max_size=12, unique=True))
        parts["BYMONTHDAY"] = ",".join(map(str, chosen_days))
    by = [key for key in parts if key in {"BYDAY", "BYMONTHDAY"}]
    if frequency in {"MONTHLY", "YEARLY"} and by and draw(st.booleans()):
        parts["BYSETPOS"] = draw(st.sampled_from([1, 2, -1]))
    if draw(st.booleans()):
        parts["COUNT"] = draw(st.integers(1, 40))
    if frequency == "WEEKLY" and draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(WEEKDAYS))
    return ";".join(f"{key}={value}" for key, value in parts.items())


@settings(max_examples=300, deadline=None)
@given(
    text=rules(), first=st.dates(date(2020, 1, 1), date(2026, 12, 31)), ahead=st.integers(0, 900)
)
def test_the_days_are_those_of_the_library(text: str, first: date, ahead: int) -> None:
    since = first + timedelta(days=ahead)
    until = since + timedelta(days=400)
    assert days(text, first, since, until) == days_of_the_library(text, first, since, until)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=YEARLY;BYWEEKNO=2;BYDAY=TU", [date(2026, 1, 6), date(2027, 1, 12)]),
        ("FREQ=YEARLY;BYYEARDAY=-1", [date(2026, 12, 31), date(2027, 12, 31)]),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2",
            [date(2026, 1, 30), date(2026, 2, 27)],
        ),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", []),
    ],
)
def test_the_days_of_some_rules(text: str, expected: list[date]) -> None:
    assert days(text, date(2026, 1, 1), date(2026, 1, 1), date(2027, 12, 31)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=9,14",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=YEARLY;BYWEEKNO=3;WKST=SU",
        "INTERVAL=2",
    ],
)
def test_what_is_not_of_whole_days_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        days(text, FIRST, FIRST, FIRST)


def test_an_interval_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="interval"):
        rule_of({"FREQ": ["DAILY"], "INTERVAL": [0]})
