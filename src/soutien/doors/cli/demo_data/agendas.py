"""Weekly hours of made-up psychologists, their holidays, and from when they see new people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from soutien.doors.cli.demo_data.chances import chance as chance_of
from soutien.doors.cli.demo_data.psychologists import Practitioner
from soutien.registers.agenda.models import OpeningException, OpeningRule
from soutien.registers.agenda.public_holidays import department_of, public_holidays

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = range(6)
HOUR = 60
APPOINTMENT_MINUTES = 60
_MORNINGS = (
    (9 * HOUR, 12 * HOUR),
    (8 * HOUR + 30, 12 * HOUR + 30),
    (9 * HOUR + 30, 12 * HOUR + 30),
)
_AFTERNOONS = (
    (14 * HOUR, 18 * HOUR),
    (13 * HOUR + 30, 17 * HOUR + 30),
    (14 * HOUR, 17 * HOUR),
    (15 * HOUR, 19 * HOUR),
)
_EVENING = (18 * HOUR, 20 * HOUR)
_MADE_UP_HOURS = ((10 * HOUR, 12 * HOUR), (14 * HOUR, 18 * HOUR))
_SATURDAY = (9 * HOUR, 13 * HOUR)
_HALF_DAYS = (3, 4, 4, 5, 5, 6, 7, 8)
_EVENING_SHARE = 0.22
_SATURDAY_SHARE = 0.18
# Days until first sessions are offered again: a band and its share. The last is beyond the
# two months that people look ahead.
_WAITS = ((1, 3, 17), (4, 9, 24), (10, 18, 24), (19, 28, 15), (29, 36, 8), (75, 120, 12))
# First sessions may have hours of their own, or share those of follow-ups.
_OWN_FIRST_HOURS = 0.35
_HORIZON_DAYS = 100
# When practices close: first and last day (month, day), share of those who close, days at most.
_HOLIDAYS = (
    ((12, 23), (12, 31), 0.75, 9),
    ((1, 1), (1, 4), 0.35, 4),
    ((2, 10), (3, 1), 0.35, 7),
    ((4, 10), (4, 30), 0.35, 7),
    ((7, 10), (8, 25), 0.9, 23),
    ((10, 18), (11, 1), 0.35, 7),
)
_SINGLE_DAYS_OFF = (0, 0, 1, 1, 2)
_EXTRA_OPENING_SHARE = 0.05


class HalfDay(NamedTuple):
    """Some hours of every week at one of the psychologist's places."""

    weekday: int
    starts_at_minute: int
    ends_at_minute: int
    place_rank: int
    modality: str = "in_person"
    first_sessions: bool = False

    def starts(self) -> range:
        """The minute at which each appointment of an hour starts."""
        return range(
            self.starts_at_minute,
            self.ends_at_minute - APPOINTMENT_MINUTES + 1,
            APPOINTMENT_MINUTES,
        )


class Agenda(NamedTuple):
    """One psychologist's rows, not yet stored, and the week they come from."""

    week: tuple[HalfDay, ...]
    rules: tuple[OpeningRule, ...]
    exceptions: tuple[OpeningException, ...]


# The demo's own psychologist: a full week, with places left for first sessions.
_FULL_WEEK = (
    *(HalfDay(day, 9 * HOUR, 12 * HOUR, 0) for day in (MONDAY, WEDNESDAY, THURSDAY)),
    *(HalfDay(day, 9 * HOUR, 12 * HOUR, 0, first_sessions=True) for day in (TUESDAY, FRIDAY)),
    *(HalfDay(day, 14 * HOUR, 18 * HOUR, 0) for day in (MONDAY, TUESDAY, WEDNESDAY, FRIDAY)),
    HalfDay(THURSDAY, 14 * HOUR, 18 * HOUR, 0, modality="remote"),
    HalfDay(WEDNESDAY, 18 * HOUR, 20 * HOUR, 0),
)


def agenda(practitioner: Practitioner, on: date) -> Agenda:
    """The weekly hours of one psychologist and what changes in the weeks after a day."""
    chance = chance_of("agenda", practitioner.number)
    week = _FULL_WEEK if practitioner.number == 0 else _week(practitioner, chance)
    opens_on = on + timedelta(days=_wait(practitioner, chance))
    own_hours = practitioner.number > 0 and chance.random() < _OWN_FIRST_HOURS
    rules = tuple(
        rule for half_day in week for rule in _rules(practitioner, half_day, opens_on, own_hours)
    )
    exceptions = (
        _open_today(practitioner, week, on)
        if practitioner.number == 0
        else _exceptions(practitioner, week, on, chance)
    )
    return Agenda(week, rules, tuple(exceptions))


def _week(practitioner: Practitioner, chance: Random) -> tuple[HalfDay, ...]:
    ranks = len(practitioner.places)
    # A second place has days of its own.
    second_days = set(chance.sample(range(SATURDAY), 2)) if ranks > 1 else set()
    if practitioner.psychologist.sees_children:
        second_days.discard(WEDNESDAY)
    morning, afternoon = chance.choice(_MORNINGS), chance.choice(_AFTERNOONS)
    all_half_days = [(day, hours) for day in range(SATURDAY) for hours in (morning, afternoon)]
    chosen = chance.sample(all_half_days, chance.choice(_HALF_DAYS))
    if practitioner.psychologist.sees_children and chance.random() < 1 / 2:
        chosen = list({*chosen, (WEDNESDAY, morning), (WEDNESDAY, afternoon)})
    if chance.random() < _EVENING_SHARE and afternoon[1] <= _EVENING[0]:
        chosen.append((chance.randrange(SATURDAY), _EVENING))
    if chance.random() < _SATURDAY_SHARE:
        chosen.append((SATURDAY, _SATURDAY))
    remote = chance.randrange(len(chosen)) if practitioner.psychologist.offers_video else None
    chosen = sorted(chosen)
    in_person = [number for number in range(len(chosen)) if number != remote]
    first = set(chance.sample(in_person, min(len(in_person), chance.choice((1, 1, 2, 2, 3)))))
    return tuple(
        HalfDay(
            day,
            *hours,
            place_rank=1 if day in second_days else 0,
            modality="remote" if number == remote else "in_person",
            first_sessions=number in first,
        )
        for number, (day, hours) in enumerate(chosen)
    )


def _wait(practitioner: Practitioner, chance: Random) -> int:
    (band,) = chance.choices(_WAITS, [share for _first, _last, share in _WAITS])
    days = chance.randint(*band[:2])
    return 2 if practitioner.number == 0 else days


def _rules(
    practitioner: Practitioner, half_day: HalfDay, opens_on: date, own_hours: bool
) -> Iterator[OpeningRule]:
    """Follow-ups all the time; first sessions from a day on, in some of the hours."""
    since = practitioner.agreement.valid_from

    def rule(
        accepts: str, starts: int, ends: int, start: date, before: date | None
    ) -> OpeningRule:
        return OpeningRule(
            psychologist=practitioner.psychologist,
            place=practitioner.places[half_day.place_rank],
            weekday=half_day.weekday,
            starts_at_minute=starts,
            ends_at_minute=ends,
            appointment_minutes=APPOINTMENT_MINUTES,
            accepts=accepts,
            modality=half_day.modality,
            valid_from=start,
            valid_before=before,
        )

    starts, ends = half_day.starts_at_minute, half_day.ends_at_minute
    if not (half_day.first_sessions and practitioner.psychologist.accepts_new_patients):
        yield rule("follow_up", starts, ends, since, None)
        return
    yield rule("follow_up", starts, ends, since, opens_on)
    if own_hours:
        apart = starts + APPOINTMENT_MINUTES
        yield rule("evaluation", starts, apart, opens_on, None)
        yield rule("follow_up", apart, ends, opens_on, None)
    else:
        yield rule("both", starts, ends, opens_on, None)


def _open_today(
    practitioner: Practitioner, week: tuple[HalfDay, ...], on: date
) -> Iterator[OpeningException]:
    """The demo's own psychologist works on the day it is loaded, whatever day that is."""
    place = practitioner.places[0]
    holiday = on.toordinal() in public_holidays(department_of(place.insee), on.year)
    if not holiday and on.weekday() in {half_day.weekday for half_day in week}:
        return
    for starts, ends in _MADE_UP_HOURS:
        yield OpeningException(
            psychologist=practitioner.psychologist,
            place=place,
            day=on,
            closed=False,
            starts_at_minute=starts,
            ends_at_minute=ends,
            accepts="follow_up",
        )


def _exceptions(
    practitioner: Practitioner, week: tuple[HalfDay, ...], on: date, chance: Random
) -> Iterator[OpeningException]:
    """Days closed among those worked, and now and then one more open."""
    worked = {half_day.weekday for half_day in week}
    days_off = set(_days_off(on, chance))
    for day in sorted(day for day in days_off if day.weekday() in worked):
        yield OpeningException(psychologist=practitioner.psychologist, day=day)
    if SATURDAY not in worked and chance.random() < _EXTRA_OPENING_SHARE:
        weeks = chance.randint(1, 5)
        saturday = on + timedelta(days=(SATURDAY - on.weekday()) % 7 + 7 * weeks)
        if saturday not in days_off:
            yield OpeningException(
                psychologist=practitioner.psychologist,
                place=practitioner.places[0],
                day=saturday,
                closed=False,
                starts_at_minute=_SATURDAY[0],
                ends_at_minute=_SATURDAY[1],
                accepts="follow_up",
            )


def _days_off(on: date, chance: Random) -> Iterator[date]:
    for year in (on.year, on.year + 1):
        for first, last, share, most in _HOLIDAYS:
            opening, ending = date(year, *first), date(year, *last)
            if chance.random() < share:
                length = chance.randint((most + 1) // 2, most)
                latest = max((ending - opening).days - length + 1, 0)
                start = opening + timedelta(days=chance.randint(0, latest))
                yield from (
                    day
                    for day in (start + timedelta(days=number) for number in range(length))
                    if on < day <= on + timedelta(days=_HORIZON_DAYS)
                )
    for _ in range(chance.choice(_SINGLE_DAYS_OFF)):
        yield on + timedelta(days=chance.randint(2, _HORIZON_DAYS))
