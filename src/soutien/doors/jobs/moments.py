"""At which moments a job is due. Days and hours are those of Paris; moments are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hourly:
    """Every hour, so many minutes past. A change of the clocks moves no hour of these."""

    minute: int

    def last(self, at: datetime) -> datetime:
        """The latest of its moments that is not after ``at``."""
        moment = at.astimezone(UTC).replace(minute=self.minute, second=0, microsecond=0)
        return moment if moment <= at else moment - HOUR

    def next(self, at: datetime) -> datetime:
        """The first of its moments after ``at``."""
        return self.last(at) + HOUR

    def __str__(self) -> str:
        return f"hourly at :{self.minute:02}"


@dataclass(frozen=True, slots=True)
class Daily:
    """Once each civil day, at a time of day.

    An hour that a day does not have comes an hour later; of one that it has twice, the first.
    """

    at_time: time

    def last(self, at: datetime) -> datetime:
        """The latest of its moments that is not after ``at``."""
        day = at.astimezone(PARIS).date()
        today = self._on(day)
        return today if today <= at else self._on(day - DAY)

    def next(self, at: datetime) -> datetime:
        """The first of its moments after ``at``."""
        return self._on(self.last(at).astimezone(PARIS).date() + DAY)

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at_time, PARIS).astimezone(UTC)

    def __str__(self) -> str:
        return f"daily at {self.at_time:%H:%M}"


When = Hourly | Daily
