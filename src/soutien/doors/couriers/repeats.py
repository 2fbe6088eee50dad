"""On which days an event is repeated (RFC 5545, 3.3.10), asked day by day.

A day is looked at on its own, without walking there from the beginning, so that a rule costs the
span asked about and nothing more: a rule that never matches is as cheap as any other. Only a COUNT
is counted from the first day. Repetitions finer than a day are refused.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAYS_IN_WEEK = 7
MONTHS = 12
DAILY, WEEKLY, MONTHLY, YEARLY = "DAILY", "WEEKLY", "MONTHLY", "YEARLY"
ONE_DAY = timedelta(days=1)
_KNOWN = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY"),
    *("BYYEARDAY", "BYWEEKNO", "BYSETPOS"),
}


@dataclass(frozen=True)
class Rule:
    """A repetition of whole days. ``by_day`` holds (which one of the period or 0, weekday)."""

    frequency: str
    interval: int = 1
    count: int | None = None
    week_start: int = 0
    by_day: tuple[tuple[int, int], ...] = ()
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week_number: tuple[int, ...] = ()
    by_position: tuple[int, ...] = ()
    _chosen: dict[int, set[date]] = field(default_factory=dict, compare=False, repr=False)

    def days(self, first: date, since: date, until: date) -> Iterator[date]:
        """The days of [since, until] on which it falls, from ``first`` on, in order."""
        day = first if self.count is not None else max(first, since)
        seen = 0
        while day <= until:
            if self._falls_on(day, first):
                seen += 1
                if self.count is not None and seen > self.count:
                    return
                if day >= since:
                    yield day
            day += ONE_DAY

    def _falls_on(self, day: date, first: date) -> bool:
        period = self._period(day)
        if (period - self._period(first)) % self.interval or not self._matches(day, first):
            return False
        if not self.by_position:
            return True
        if period not in self._chosen:
            self._chosen[period] = self._choose(day, first)
        return day in self._chosen[period]

    def _period(self, day: date) -> int:
        """A number for the day, week, month or year, one more for the next."""
        if self.frequency == DAILY:
            return day.toordinal()
        if self.frequency == WEEKLY:
            return (day.toordinal() - 1 - self.week_start) // DAYS_IN_WEEK
        return day.year * MONTHS + day.month if self.frequency == MONTHLY else day.year

    def _choose(self, day: date, first: date) -> set[date]:
        """The days of a period that their position among those that match picks out."""
        period, start = self._period(day), day
        while self._period(start - ONE_DAY) == period:
            start -= ONE_DAY
        matching = []
        while self._period(start) == period:
            if self._matches(start, first):
                matching.append(start)
            start += ONE_DAY
        positions = [place - 1 if place > 0 else place for place in self.by_position]
        most = len(matching)
        return {matching[place] for place in positions if -most <= place < most}

    def _matches(self, day: date, first: date) -> bool:
        if self.by_month and day.month not in self.by_month:
            return False
        in_month = monthrange(day.year, day.month)[1]
        if self.by_month_day and not {day.day, day.day - in_month - 1} & {*self.by_month_day}:
            return False
        if self.by_year_day and not _both_ways(day) & {*self.by_year_day}:
            return False
        if self.by_week_number and not _weeks(day) & {*self.by_week_number}:
            return False
        if self.by_day:
            return any(
                weekday == day.weekday() and (not which or which in self._which(day))
                for which, weekday in self.by_day
            )
        return self._as_first(day, first)

    def _as_first(self, day: date, first: date) -> bool:
        """What no part of the rule says is as on the first day."""
        if self.by_month_day or self.by_year_day:
            return True
        if self.frequency == WEEKLY or self.by_week_number:
            return day.weekday() == first.weekday()
        if self.frequency == MONTHLY:
            return day.day == first.day
        if self.frequency == YEARLY:
            return day.day == first.day and (bool(self.by_month) or day.month == first.month)
        return True

    def _which(self, day: date) -> set[int]:
        """Which one of its weekday it is in its month, or in its year, from both ends."""
        if self.frequency == MONTHLY or self.by_month:
            before, length = day.day - 1, monthrange(day.year, day.month)[1]
        else:
            before = day.timetuple().tm_yday - 1
            length = date(day.year, MONTHS, 31).timetuple().tm_yday
        return {
            before // DAYS_IN_WEEK + 1,
            -((length - 1 - before) // DAYS_IN_WEEK + 1),
        }


def rule_of(parts: Mapping[str, Any]) -> Rule:
    """The rule of an event. ``UNTIL`` is left to the caller, who knows the hours.

    Raises ValueError for what cannot be understood whole.
    """
    given = {key.upper(): value for key, value in parts.items() if not key.startswith("X-")}
    frequency = str(_one(given.get("FREQ", ""))).upper()
    if frequency not in {DAILY, WEEKLY, MONTHLY, YEARLY} or not given.keys() <= _KNOWN:
        raise ValueError("a repetition that is not of whole days")
    interval = int(_one(given.get("INTERVAL", 1)))
    if interval < 1:
        raise ValueError("an interval under 1")
    week_start = WEEKDAYS.index(str(_one(given.get("WKST", "MO"))).upper())
    if "BYWEEKNO" in given and (week_start or frequency != YEARLY):
        raise ValueError("weeks of a year that do not start on Monday")
    by_day = tuple(_weekday(str(text)) for text in _listed(given.get("BYDAY", ())))
    if any(which for which, _day in by_day) and frequency in {DAILY, WEEKLY}:
        raise ValueError("the n-th weekday of a week")
    return Rule(
        frequency,
        interval,
        int(_one(given["COUNT"])) if "COUNT" in given else None,
        week_start,
        by_day,
        _numbers(given, "BYMONTH"),
        _numbers(given, "BYMONTHDAY"),
        _numbers(given, "BYYEARDAY"),
        _numbers(given, "BYWEEKNO"),
        _numbers(given, "BYSETPOS"),
    )


def _both_ways(day: date) -> set[int]:
    """The number of the day in its year, and from its end, -1 for the last."""
    number = day.timetuple().tm_yday
    return {number, number - date(day.year, MONTHS, 31).timetuple().tm_yday - 1}


def _weeks(day: date) -> set[int]:
    """The ISO week of the day, and from the end of its year; none when the year is another."""
    year, week, _weekday_number = day.isocalendar()
    if year != day.year:
        return set()
    return {week, week - date(year, MONTHS, 28).isocalendar().week - 1}


def _weekday(text: str) -> tuple[int, int]:
    return int(text[:-2] or 0), WEEKDAYS.index(text[-2:].upper())


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _one(value: Any) -> Any:
    return _listed(value)[0]


def _numbers(given: Mapping[str, Any], name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _listed(given.get(name, ())))
