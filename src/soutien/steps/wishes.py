"""What somebody looking for a psychologist wishes, and which times suit them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from soutien.registers.agenda.queries import WIDEST_ZONE, Slot

SATURDAY, SIXTH_DAY = "saturday", 6
_NOON, _EVENING = time(12), time(18)
# A part of the day holds the times that start in it, on the wall clock of the place.
DAY_PARTS: dict[str, Callable[[datetime], bool]] = {
    "morning": lambda local: local.time() < _NOON,
    "afternoon": lambda local: _NOON <= local.time() < _EVENING,
    "evening": lambda local: local.time() >= _EVENING,
    SATURDAY: lambda local: local.isoweekday() == SIXTH_DAY,
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wishes; ``public`` is "", "adult", "teenager" or "child".

    Of several ``languages`` (codes such as ``en``), one is enough; so it is of several
    ``day_parts`` (keys of DAY_PARTS). ``video`` and ``in_person`` are about the sessions that
    follow: the first is held in person. ``day_parts`` and ``from_day`` (the day at the place)
    say which free times to show and to order by; they leave nobody out.
    """

    public: str = ""
    video: bool = False
    in_person: bool = False
    languages: tuple[str, ...] = ()
    step_free: bool = False
    third_party: bool = False
    new_patients: bool = True
    day_parts: tuple[str, ...] = ()
    from_day: date | None = None

    @property
    def about_times(self) -> bool:
        """Whether only some free times suit."""
        return bool(self.day_parts) or self.from_day is not None

    def suits(self, slot: Slot) -> bool:
        """Whether a free time suits. Raises KeyError for an unknown part of the day."""
        local = slot.starts_at.astimezone(ZoneInfo(slot.time_zone))
        if self.from_day is not None and local.date() < self.from_day:
            return False
        return not self.day_parts or any(DAY_PARTS[part](local) for part in self.day_parts)

    def since(self, at: datetime) -> datetime:
        """The earliest moment that may suit anywhere on Earth, ``at`` or later."""
        if self.from_day is None:
            return at
        return max(at, datetime.combine(self.from_day, time(), UTC) - WIDEST_ZONE)


NO_WISHES = Wishes()
