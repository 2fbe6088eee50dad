"""When jobs are due: days of Paris, through changes of the clocks, from any moment."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from soutien.doors.jobs.moments import PARIS, Daily, Hourly, When

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NIGHT = Daily(time(2, 30))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_daily_job_follows_the_clock_of_paris() -> None:
    morning = Daily(time(8, 0))
    assert morning.last(utc(2026, 1, 10, 7, 0)) == utc(2026, 1, 10, 7, 0)
    assert morning.last(utc(2026, 1, 10, 6, 59)) == utc(2026, 1, 9, 7, 0)
    assert morning.last(utc(2026, 7, 10, 12, 0)) == utc(2026, 7, 10, 6, 0)
    assert morning.next(utc(2026, 7, 10, 6, 0)) == utc(2026, 7, 11, 6, 0)


def test_an_hour_the_day_does_not_have_comes_an_hour_later() -> None:
    # 29 March 2026: from 2:00 the clocks say 3:00.
    assert NIGHT.last(utc(2026, 3, 29, 12, 0)) == utc(2026, 3, 29, 1, 30)
    assert NIGHT.last(utc(2026, 3, 29, 12, 0)).astimezone(PARIS).hour == 3


def test_an_hour_the_day_has_twice_counts_once() -> None:
    # 25 October 2026: 2:30 comes at 0:30 and at 1:30 UTC.
    first = utc(2026, 10, 25, 0, 30)
    assert NIGHT.last(utc(2026, 10, 25, 1, 45)) == first
    assert NIGHT.next(first) == utc(2026, 10, 26, 1, 30)


@pytest.mark.parametrize("when", [NIGHT, Daily(time(0, 10)), Hourly(15)], ids=str)
def test_looked_at_every_minute_of_a_year_each_moment_comes_once(when: When) -> None:
    at, end = utc(2026, 1, 1), utc(2027, 1, 1)
    seen: list[datetime] = []
    while at < end:
        due = when.last(at)
        assert due <= at < when.next(at)
        if not seen or due != seen[-1]:
            seen.append(due)
        at += 5 * MINUTE
    assert seen == sorted(set(seen))
    if isinstance(when, Daily):
        days = [due.astimezone(PARIS).date() for due in seen]
        assert len(set(days)) == len(days) in (365, 366)
    else:
        assert len(seen) in (365 * 24, 365 * 24 + 1)
