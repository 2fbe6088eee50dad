"""The full days of the demo's own psychologist, from yesterday to the end of the week."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from soutien.doors.cli.demo_data.chances import chance as chance_of
from soutien.doors.cli.demo_data.diaries import Diary, Time

# No appointment stands further ahead, so that nobody comes twice in these days.
_DAYS_AHEAD = 6
_LOOKED_BACK_DAYS = 15
_FILLED = 0.8
CAMILLE_COMES_IN_DAYS = 8
# With somebody else until then: another civil year than this year's care, most of the time.
CAMILLE_MOVED_DAYS_AGO = 430


def full_days(diary: Diary, on: date) -> list[Time]:
    """The last hour of the working day before, every hour of today, most of the next ones.

    Hours for first sessions stay free after today. The soonest come first, but for that last
    hour, which is the very first.
    """
    chance = chance_of("full days")
    times = [_last_hour_before(diary, on)]
    for number in range(_DAYS_AHEAD + 1):
        day = on + timedelta(days=number)
        times += _times(diary, day, 1.0 if number == 0 else _FILLED, chance)
    return [time for time in times if time is not None]


def left_open(times: list[Time], at: datetime) -> Time | None:
    """Of the appointments that are over, the latest: it waits to be closed."""
    over = [time for time in times if time.ends_at < at]
    return max(over, key=lambda time: time.starts_at, default=None)


def _last_hour_before(diary: Diary, on: date) -> Time | None:
    for number in range(1, _LOOKED_BACK_DAYS):
        day = on - timedelta(days=number)
        free = diary.hours(day)
        if free:
            return diary.take(day, *max(free))
    return None


def _times(diary: Diary, day: date, filled: float, chance: Random) -> list[Time]:
    hours = diary.hours(day) + diary.hours(day, "remote")
    return [
        diary.take(day, minute, half_day)
        for minute, half_day in sorted(hours)
        if filled == 1.0 or (chance.random() < filled and not half_day.first_sessions)
    ]
