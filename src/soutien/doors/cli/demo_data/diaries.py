"""Who sees whom, and when: appointments that fit the psychologists' hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from soutien.doors.cli.demo_data.agendas import APPOINTMENT_MINUTES, Agenda, HalfDay
from soutien.doors.cli.demo_data.people import Individual
from soutien.doors.cli.demo_data.psychologists import Practitioner
from soutien.registers.agenda.public_holidays import department_of, public_holidays
from soutien.registers.places.gazetteer import distance_m
from soutien.registers.psychologists.models import PracticePlace

LENGTH = timedelta(minutes=APPOINTMENT_MINUTES)
_LOOKED_DAYS = 35
_NEAREST = 3
DAYS_IN_WEEK = 7


@dataclass(frozen=True, slots=True)
class Time:
    """An hour of a psychologist's agenda."""

    practitioner: Practitioner
    place: PracticePlace
    day: date
    minute: int
    modality: str
    starts_at: datetime

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + LENGTH


@dataclass(slots=True)
class Appointment:
    """What a person planned with a psychologist, and what became of it.

    ``outcome`` is held, missed, cancelled, open (over, not yet closed) or ahead; ``slip`` is what
    went wrong on paper, if anything did. ``on_paper`` had no appointment in the agenda.
    """

    when: Time
    kind: str
    booked_at: datetime
    outcome: str = "held"
    slip: str = ""
    on_paper: bool = False
    third_party_asked: bool = False


class Diary:
    """One psychologist's hours, with those already taken."""

    def __init__(self, practitioner: Practitioner, agenda: Agenda) -> None:
        self.practitioner = practitioner
        self.week: list[list[HalfDay]] = [[] for _ in range(DAYS_IN_WEEK)]
        for half_day in agenda.week:
            self.week[half_day.weekday].append(half_day)
        self.special: dict[date, list[HalfDay]] = {}
        for row in agenda.exceptions:
            if not row.closed:
                hours = HalfDay(row.day.weekday(), row.starts_at_minute, row.ends_at_minute, 0)
                self.special.setdefault(row.day, []).append(hours)
        self.closed = {row.day for row in agenda.exceptions if row.closed}
        self.taken: set[tuple[date, int]] = set()

    def hours(self, day: date, modality: str = "in_person") -> list[tuple[int, HalfDay]]:
        """The free hours of a day, by minute of their start."""
        half_days = self.special.get(day)
        if half_days is None:
            if day in self.closed or self._public_holiday(day):
                return []
            half_days = self.week[day.weekday()]
        return [
            (minute, half_day)
            for half_day in half_days
            if half_day.modality == modality
            for minute in half_day.starts()
            if (day, minute) not in self.taken
        ]

    def find(
        self,
        since: date,
        *,
        chance: Random,
        modality: str = "in_person",
        not_on: Iterable[date] = (),
        minute: int | None = None,
        last: date | None = None,
    ) -> Time | None:
        """Take a free hour on or soon after a day, at a wished minute when that is free."""
        for number in range(_LOOKED_DAYS):
            day = since + timedelta(days=number)
            if last is not None and day > last:
                return None
            free = [] if day in not_on else self.hours(day, modality)
            if free:
                wished = [item for item in free if item[0] == minute]
                return self.take(day, *(wished[0] if wished else chance.choice(free)))
        return None

    def take(self, day: date, minute: int, half_day: HalfDay) -> Time:
        """Take an hour for good."""
        self.taken.add((day, minute))
        place = self.practitioner.places[half_day.place_rank]
        wall = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(place.time_zone))
        return Time(self.practitioner, place, day, minute, half_day.modality, wall.astimezone(UTC))

    def give_back(self, when: Time) -> None:
        """An appointment that was cancelled leaves its hour free."""
        self.taken.discard((when.day, when.minute))

    def _public_holiday(self, day: date) -> bool:
        department = department_of(self.practitioner.places[0].insee)
        return day.toordinal() in public_holidays(department, day.year)


class Neighbourhood:
    """Finds a psychologist near somebody's home."""

    def __init__(self, practitioners: Sequence[Practitioner]) -> None:
        self.everybody = practitioners
        self.by_departement: dict[str, list[Practitioner]] = {}
        for practitioner in practitioners:
            self.by_departement.setdefault(practitioner.town.departement, []).append(practitioner)

    def near(
        self, individual: Individual, day: date, chance: Random, *, but: int | None = None
    ) -> Practitioner | None:
        """One of the nearest who sees such people and is under agreement on a day."""
        minor = individual.minor_on(day)
        for candidates in (
            self.by_departement.get(individual.town.departement, []),
            self.everybody,
        ):
            fit = sorted(self._fit(candidates, individual, day, minor, but))[:_NEAREST]
            if fit:
                return self.everybody[chance.choice(fit)[1]]
        return None

    def _fit(
        self,
        candidates: Sequence[Practitioner],
        individual: Individual,
        day: date,
        minor: bool,
        but: int | None,
    ) -> Iterator[tuple[int, int]]:
        town = individual.town
        for practitioner in candidates:
            row = practitioner.psychologist
            sees = row.sees_children if minor else row.sees_adults
            # The demo's own psychologist has patients of their own.
            if sees and practitioner.number not in (0, but) and practitioner.under_agreement(day):
                place = practitioner.places[0]
                away = distance_m(town.latitude, town.longitude, place.latitude, place.longitude)
                yield away, practitioner.number
