"""How somebody's care goes: how many sessions, how often, and what goes wrong now and then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from soutien.doors.cli.demo_data.chances import chance as chance_of
from soutien.doors.cli.demo_data.chances import drawn
from soutien.doors.cli.demo_data.diaries import Appointment, Diary, Neighbourhood, Time
from soutien.doors.cli.demo_data.people import Individual
from soutien.doors.cli.demo_data.psychologists import Practitioner
from soutien.registers.care.models import Referral
from soutien.steps.gather import terms_on

EVALUATION, FOLLOW_UP = "evaluation", "follow_up"
# Refused at every session, people do not go on for long.
_GIVES_UP_AFTER = 2
# A pause of so many days is a new start, booked anew.
_PAUSE_DAYS = 45
# Sessions of a person in a civil year; the last band is as many as the law covers.
_ALL = 10_000
_SESSIONS = (((1, 1), 19), ((2, 4), 33), ((5, 7), 20), ((8, 11), 6), ((_ALL, _ALL), 22))
_INTERVALS = ((7, 30), (14, 45), (21, 15), (28, 10))
_COMES_BACK = 0.30
_EVALUATED_AGAIN = 0.6
_MISSED, _CANCELLED = 0.04, 0.04
_REMOTE = 0.22
_NEXT_IS_BOOKED = 0.8
_CHANGES_PSYCHOLOGIST = 0.03
_ASKS_THIRD_PARTY = 0.25
# What goes wrong on a sheet, among sheets: the wrong price, an unsigned sheet, the wrong code,
# sent too late, a second evaluation, sent twice.
_SLIPS = (
    ("price", 0.005),
    ("unsigned", 0.005),
    ("code", 0.003),
    ("late", 0.006),
    ("evaluation", 0.003),
    ("twice", 0.002),
    ("", 0.976),
)
_MISSED_ON_A_SHEET = 0.05
_ONE_TOO_MANY = 0.15
_NO_LETTER, _OLD_LETTER, _WRONG_AUTHOR = 0.02, 0.008, 0.008
_LETTER_THOUGH_FREE = 0.35
_REFERRERS = (
    ("gp", 80),
    ("hospital_doctor", 6),
    ("specialist_doctor", 8),
    ("school_doctor", 2),
    ("student_health_doctor", 2),
    ("occupational_doctor", 2),
)
CLOSING = timedelta(minutes=8)


class Plan:
    """One person's appointments and letters, made in the order of time."""

    def __init__(
        self,
        individual: Individual,
        neighbourhood: Neighbourhood,
        diaries: Mapping[int, Diary],
        at: datetime,
        on: date,
    ) -> None:
        self.individual, self.neighbourhood, self.diaries = individual, neighbourhood, diaries
        self.at, self.on = at, on
        self.chance = chance_of("care", individual.number)
        self.appointments: list[Appointment] = []
        self.letters: list[Referral] = []
        self.days: set[date] = set()
        self.held: Counter[int] = Counter()
        self.evaluated: set[int] = set()
        self.refused_anyway = bool(individual.psychiatric)
        self.asks_third_party = self.chance.random() < _ASKS_THIRD_PARTY

    def whole(self) -> Plan:
        """From the first session on, with those who come back the year after."""
        starts_on = self.individual.starts_on
        while self._goes_on(starts_on):
            if self.chance.random() >= _COMES_BACK:
                break
            last = self.appointments[-1].when.day
            starts_on = last + timedelta(days=self.chance.randint(60, 300))
            if starts_on > self.on:
                break
        return self

    def before(self, ended_on: date, *, sessions: int, interval: int) -> Plan:
        """A few sessions with a psychologist near by, the last one soon after a day."""
        wanted = ended_on - timedelta(days=interval * (sessions - 1))
        practitioner = self.neighbourhood.near(self.individual, wanted, self.chance)
        for _ in range(sessions if practitioner else 0):
            assert practitioner is not None
            diary = self.diaries[practitioner.number]
            when = diary.find(wanted, chance=self.chance, not_on=self.days)
            if when is None:
                break
            self._add(when, self._kind(when.day), slips=False)
            wanted = when.day + timedelta(days=interval)
        return self

    def until(
        self,
        next_one: Time,
        *,
        sessions: int,
        interval: int,
        closed: bool = True,
        missed: bool = False,
    ) -> Plan:
        """``sessions`` held with one psychologist, then an appointment already taken.

        ``closed`` false leaves that appointment to be closed, though it may be over. ``missed``:
        the person did not come to the last one before.
        """
        diary = self.diaries[next_one.practitioner.number]
        last = min(next_one.day, self.on) - timedelta(days=1)
        wanted = next_one.day - timedelta(days=interval * sessions)
        video = next_one.practitioner.psychologist.offers_video
        for number in range(sessions):
            not_on = self.days | {next_one.day}
            remote = bool(number) and video and self.chance.random() < _REMOTE
            when = (
                diary.find(wanted, chance=self.chance, modality="remote", not_on=not_on, last=last)
                if remote
                else None
            ) or diary.find(
                wanted, chance=self.chance, not_on=not_on, minute=next_one.minute, last=last
            )
            if when is None:
                break
            # Somebody new evaluates, when the year allows it.
            anew = number == 0 and when.day.year not in self.evaluated
            self._add(when, EVALUATION if anew else self._kind(when.day), slips=False)
            wanted = max(wanted + timedelta(days=interval), when.day + timedelta(days=2))
        if missed and self.appointments and self.appointments[-1].kind == FOLLOW_UP:
            self.appointments[-1].outcome = "missed"
            self.held[self.appointments[-1].when.day.year] -= 1
        kind = self._kind(next_one.day) if not self.evaluated else FOLLOW_UP
        if kind == EVALUATION and next_one.modality == "remote":
            diary.give_back(next_one)
            return self
        self._add(next_one, kind, slips=False)
        if not closed:
            self.appointments[-1].outcome = "open"
        return self

    def _goes_on(self, starts_on: date) -> bool:
        """One episode from a day on; false when nothing more can follow it."""
        practitioner = self.neighbourhood.near(self.individual, starts_on, self.chance)
        if practitioner is None:
            return False
        interval = drawn(self.chance, _INTERVALS)
        wished = min(self.chance.randint(*drawn(self.chance, _SESSIONS)), self._cap(starts_on))
        changes = self.chance.random() < _CHANGES_PSYCHOLOGIST
        wanted, done, first = starts_on, 0, len(self.appointments)
        while done < wished and self.held[wanted.year] < self._cap(wanted):
            if self.refused_anyway and done >= _GIVES_UP_AFTER:
                return False
            if changes and done:
                changes = False
                practitioner = self._other(practitioner, wanted)
            appointment = self._next(practitioner, wanted, interval)
            if appointment is None:
                return False
            if appointment.outcome in ("open", "ahead"):
                return False
            done += appointment.outcome == "held"
            wanted = appointment.when.day + timedelta(
                days=max(interval + self.chance.choice((-1, 0, 0, 0, 1, 2, 7)), 2)
            )
            if appointment.outcome == "cancelled":
                wanted = appointment.when.day + timedelta(days=self.chance.randint(2, 9))
        if done >= self._cap(wanted) and self.chance.random() < _ONE_TOO_MANY:
            self._one_too_many(practitioner, wanted)
        return len(self.appointments) > first

    def _cap(self, day: date) -> int:
        return terms_on(day).sessions_per_year_max

    def _other(self, practitioner: Practitioner, day: date) -> Practitioner:
        other = self.neighbourhood.near(self.individual, day, self.chance, but=practitioner.number)
        return other or practitioner

    def _next(self, practitioner: Practitioner, wanted: date, interval: int) -> Appointment | None:
        """The next appointment, unless it is ahead and not booked yet."""
        kind = self._kind(wanted)
        remote = (
            kind == FOLLOW_UP
            and practitioner.psychologist.offers_video
            and self.chance.random() < _REMOTE
        )
        diary = self.diaries[practitioner.number]
        when = diary.find(
            wanted,
            chance=self.chance,
            modality="remote" if remote else "in_person",
            not_on=self.days,
        ) or diary.find(wanted, chance=self.chance, not_on=self.days)
        if when is None:
            return None
        ahead = when.starts_at > self.at
        too_far = when.day > self.on + timedelta(days=max(interval, 21) + 14)
        if ahead and (too_far or self.chance.random() >= _NEXT_IS_BOOKED):
            diary.give_back(when)
            return None
        if self.held[when.day.year] >= self._cap(when.day):
            diary.give_back(when)
            return None
        return self._add(when, kind, slips=True)

    def _kind(self, day: date) -> str:
        """The first of all is an evaluation; the first of a new year, for some."""
        if day.year in self.evaluated:
            return FOLLOW_UP
        anew = day.year - 1 not in self.evaluated or self.chance.random() < _EVALUATED_AGAIN
        return EVALUATION if anew else FOLLOW_UP

    def _add(self, when: Time, kind: str, *, slips: bool) -> Appointment:
        made = Appointment(when, kind, booked_at=self._booked_at(when))
        made.third_party_asked = self.asks_third_party
        self.appointments.append(made)
        self.days.add(when.day)
        if kind == EVALUATION:
            self._write_letter(when.day)
        if when.starts_at > self.at:
            made.outcome = "ahead"
        elif when.ends_at + CLOSING > self.at:
            made.outcome = "open"
        elif slips:
            self._let_slip(made)
        if made.outcome == "held":
            self.held[when.day.year] += 1
            if made.kind == EVALUATION:
                self.evaluated.add(when.day.year)
        return made

    def _booked_at(self, when: Time) -> datetime:
        """Follow-ups are booked at the end of the session before, first ones days ahead."""
        earlier = [item.when for item in self.appointments if not item.on_paper]
        if earlier and when.day - earlier[-1].day < timedelta(days=_PAUSE_DAYS):
            return earlier[-1].ends_at + timedelta(minutes=5)
        booked = when.starts_at - timedelta(minutes=self.chance.randint(2 * 1440, 20 * 1440))
        latest = self.at - timedelta(minutes=self.chance.randint(60, 9 * 1440))
        return min(booked, latest)

    def _let_slip(self, made: Appointment) -> None:
        """Now and then somebody does not come, cancels, or a sheet is filled in wrongly."""
        draw = self.chance.random()
        if draw < _MISSED:
            made.outcome = "missed"
            made.slip = "missed" if self.chance.random() < _MISSED_ON_A_SHEET else ""
        elif draw < _MISSED + _CANCELLED:
            made.outcome = "cancelled"
            self.diaries[made.when.practitioner.number].give_back(made.when)
            self.days.discard(made.when.day)
        elif made.kind == FOLLOW_UP:
            # A refused evaluation would have all that follows refused too: rare, left out.
            made.slip = drawn(self.chance, _SLIPS)
            if made.slip == "evaluation" and made.when.modality == "in_person":
                made.kind = EVALUATION
            if made.slip == "twice":
                self._again(made)

    def _again(self, made: Appointment) -> None:
        """The same session written on a second sheet."""
        made.slip = ""
        self.appointments.append(
            Appointment(made.when, made.kind, made.booked_at, slip="twice", on_paper=True)
        )

    def _one_too_many(self, practitioner: Practitioner, wanted: date) -> None:
        """A session after the last one the year covers, claimed on paper."""
        day = self.appointments[-1].when.day
        if wanted.year != day.year:
            return
        when = self.diaries[practitioner.number].find(
            wanted, chance=self.chance, not_on=self.days, last=date(day.year, 12, 31)
        )
        if when is not None and when.ends_at + CLOSING < self.at:
            self.days.add(when.day)
            self.appointments.append(Appointment(when, FOLLOW_UP, when.starts_at, on_paper=True))

    def _write_letter(self, day: date) -> None:
        """The doctor's letter: nearly always there while it was required."""
        draw = self.chance.random()
        required = terms_on(day).referral_required
        days_before, referrer = self.chance.randint(2, 60), drawn(self.chance, _REFERRERS)
        if not required and draw >= _LETTER_THOUGH_FREE:
            return
        if required and draw < _NO_LETTER + _OLD_LETTER + _WRONG_AUTHOR:
            self.refused_anyway = True
            if draw < _NO_LETTER:
                return
            if draw < _NO_LETTER + _OLD_LETTER:
                days_before = self.chance.randint(200, 300)
            else:
                referrer = "other"
        self.letters.append(
            Referral(
                person=self.individual.person,
                written_on=day - timedelta(days=days_before),
                referrer=referrer,
            )
        )
