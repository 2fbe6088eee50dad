"""A plan: several sessions proposed, looked at, and booked or refused as one thing.

Nothing is kept between the proposal and the booking: the booking checks everything again, under
the locks, and answers for each line (docs/decisions/0013-a-plan-is-one-thing.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from soutien.registers.agenda import holds
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import (
    DAYS_IN_WEEK,
    Agenda,
    is_open,
    slots_of,
    wall_moment,
)
from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.public_holidays import department_of, public_holidays
from soutien.registers.agenda.queries import Slot
from soutien.registers.care import queries as care
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.answer import Answer, answer
from soutien.rules.codes import Kind, Modality, word
from soutien.rules.decide import NO_CAP
from soutien.rules.dossier import ClaimedSession
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.bookable import (
    cap_of,
    context_of,
    place_of,
    refuse_newcomers,
    refused_by_law,
    ties_of,
)
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow
from soutien.steps.trace import act, announce, looking, record
from soutien.steps.views import EndingRight

EVALUATION, FOLLOW_UP = word(Kind.EVALUATION), word(Kind.FOLLOW_UP)
IN_PERSON = word(Modality.IN_PERSON)
CONFIRMED = "confirmed"
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
# Weeks with nothing free do not shorten a plan: it goes on this much longer.
_SPARE_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Chosen:
    """One session of a plan to book."""

    place_id: int
    starts_at: datetime
    kind: str
    modality: str


@dataclass(frozen=True, slots=True)
class Line:
    """One week of a proposal: its time, or why it has none.

    ``because`` is told in both languages: without a slot, why the session cannot be; with one,
    why it is not at the day and hour wished. ``rights_ended`` are rights of today that will have
    ended by then: a warning, the session may be booked.
    """

    wished_on: date
    kind: str
    modality: str
    slot: Slot | None = None
    because: Refusal | None = None
    rights_ended: tuple[EndingRight, ...] = ()

    @property
    def chosen(self) -> Chosen | None:
        """What to book of it, if anything."""
        if self.slot is None:
            return None
        return Chosen(self.slot.place_id, self.slot.starts_at, self.kind, self.modality)


@dataclass(frozen=True, slots=True)
class Plan:
    """The lines of a proposal, in order of their weeks."""

    lines: tuple[Line, ...]

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """What to book of it."""
        return tuple(line.chosen for line in self.lines if line.chosen)


@looking("agenda.plan.proposed")
def propose_plan(
    *,
    actor: Actor,
    person_id: int,
    psychologist_id: int,
    place_id: int,
    starts_on: date,
    starts_at_minute: int,
    at: datetime,
    count: int | None = None,
    modality: str = IN_PERSON,
    weeks_apart: int = 1,
) -> Plan:
    """Sessions on the weekday of ``starts_on`` at a wall time, as many as asked or as are left.

    A day that is closed or taken gives way to the next possible one of its week, at the nearest
    hour, and says why. The first session comes first and in person when the law asks for one.
    ``starts_at_minute`` is minutes after midnight at the place. Refuses ``plan_length``, and
    ``plan_empty`` when nothing is left of the year.
    """
    allow(actor, "propose_plan", ties_of(actor, psychologist_id, person_id))
    place = place_of(place_id, psychologist_id)
    refuse_newcomers(place, person_id)
    search = _Search(
        place=place,
        minute=starts_at_minute,
        modality=modality,
        at=at,
        own=actor.psychologist_id is not None,
        person=people.with_rights(person_id),
        dossiers=gather.planner(person_id, psychologist_id, place.practice),
    )
    wanted = _count(search, starts_on, count)
    step = max(weeks_apart, 1) * _WEEK
    search.read(starts_on, starts_on + (wanted + _SPARE_WEEKS) * step)
    lines: list[Line] = []
    settled = 0
    while settled < wanted and len(lines) < wanted + _SPARE_WEEKS:
        line, by_law = _line(search, starts_on + len(lines) * step)
        lines.append(line)
        # What the law refuses is one of the sessions asked for; a closed week is not.
        settled += line.slot is not None or by_law
    record(actor, "agenda.plan.proposed", at=at, object_id=psychologist_id, person_id=person_id)
    return Plan(tuple(lines))


@act("agenda.plan.booked")
def book_plan(
    *,
    actor: Actor,
    person_id: int,
    psychologist_id: int,
    chosen: Sequence[Chosen],
    at: datetime,
) -> list[Booking]:
    """Book all sessions of a plan, or none. Booked twice, it answers the same.

    Refuses ``plan_refused`` with ``lines`` in the context: for each session, in the order given,
    the refusal that tells why it cannot be, or None.
    """
    allow(actor, "book_plan", ties_of(actor, psychologist_id, person_id))
    wishes = _Wishes.of(chosen, psychologist_id)
    for place in wishes.places.values():
        refuse_newcomers(place, person_id)
    holds.release_expired(at=at, psychologist_id=psychologist_id)
    years = {year: care.lock_year(person_id, year) for year in wishes.years}
    starts = [one.starts_at for one in chosen]
    booked = agenda.planned_at(psychologist_id, person_id, starts)
    if len(booked) == len(chosen) and len({booking.plan for booking in booked}) == 1:
        return booked
    own = actor.psychologist_id is not None
    _check(wishes, gather.planner(person_id, psychologist_id, wishes.practice), at, own)
    wishes.refuse_if_any()
    plan, bookings = uuid.uuid4(), []
    for number in wishes.order:
        one = chosen[number]
        slot, day = wishes.slots[number], wishes.days[number]
        try:
            booking = agenda.book(
                psychologist_id=psychologist_id,
                place_id=one.place_id,
                person_id=person_id,
                kind=one.kind,
                modality=one.modality,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                civil_day=day,
                status=CONFIRMED,
                created_at=at,
                plan=plan,
            )
            cap = cap_of(wishes.answers[number])
            care.take_seat(years[day.year], cap=cap, kind=one.kind, booking_id=booking.pk)
            bookings.append(booking)
        except agenda.TimeTaken as taken:
            code = "person_busy" if taken.whose == "person" else "line_busy"
            wishes.refusals[number] = Refusal(code, day=day)
        except care.YearFull:
            refusal = Refusal("year_full", **context_of(wishes.answers[number]))
            wishes.refusals[number] = refusal
    wishes.refuse_if_any()
    record(actor, "agenda.plan.booked", at=at, object_id=plan, person_id=person_id)
    announce("agenda.plan.booked", at=at, plan=plan)
    return bookings


@dataclass(slots=True)
class _Search:
    """What a proposal is looked for in: one place, one agenda, one person's year."""

    place: PracticePlace
    minute: int
    modality: str
    at: datetime
    own: bool
    person: Person
    dossiers: gather.Planner
    made: list[ClaimedSession] = field(default_factory=list)
    agenda: Agenda = field(default_factory=Agenda)
    by_day: dict[tuple[str, date], list[Slot]] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.place.time_zone)

    def read(self, first: date, last: date) -> None:
        """Read the agenda from a day to another, and its free times of both kinds."""
        midnight = datetime.combine(first, time(), self.zone).astimezone(UTC)
        since = max(midnight, self.at)
        until = max(datetime.combine(last, time(), self.zone).astimezone(UTC), since)
        self.agenda = agenda.agenda_of(
            self.place.psychologist_id, since=since, until=until, now=self.at
        )
        for kind in (EVALUATION, FOLLOW_UP):
            free = slots_of(
                self.agenda,
                since=since,
                until=until,
                kind=kind,
                modality=self.held(kind),
                holidays=public_holidays,
                now=None if self.own else self.at,
            )
            for slot in free:
                if slot.place_id == self.place.pk:
                    day = slot.starts_at.astimezone(self.zone).date()
                    self.by_day.setdefault((kind, day), []).append(slot)

    def held(self, kind: str) -> str:
        """How a session of a kind is held: the first always in person."""
        return IN_PERSON if kind == EVALUATION else self.modality

    def planned(self, kind: str, day: date) -> ClaimedSession:
        return gather.planned(
            psychologist_id=self.place.psychologist_id,
            kind=kind,
            modality=self.held(kind),
            held_on=day,
        )

    def closest(self, kind: str, day: date) -> Slot | None:
        """The free time of a day nearest to the hour wished."""
        return min(
            self.by_day.get((kind, day), ()),
            key=lambda slot: abs(self.minute_of(slot) - self.minute),
            default=None,
        )

    def minute_of(self, slot: Slot) -> int:
        wall = slot.starts_at.astimezone(self.zone)
        return int(timedelta(hours=wall.hour, minutes=wall.minute) / timedelta(minutes=1))


def _count(search: _Search, starts_on: date, asked: int | None) -> int:
    """How many sessions to look for: as asked, or all that are left of the first year."""
    session = search.planned(FOLLOW_UP, starts_on)
    dossier = search.dossiers(session)
    answered = answer(dossier, gather.law())
    cap = answered.terms.sessions_per_year_max
    if asked is not None:
        if not 1 <= asked <= cap:
            raise Refusal("plan_length", cap=cap, fields=("count",))
        return asked
    if answered.decision.sessions_left == NO_CAP:
        return cap
    left = cap - sum(past.held_on.year == starts_on.year for past in dossier.history)
    if left < 1:
        raise Refusal("plan_empty", **context_of(answered))
    return left


def _line(search: _Search, wished_on: date) -> tuple[Line, bool]:
    """The best time of the week that begins on a day; and whether the law refuses them all."""
    refusals: list[Refusal] = []
    week = [wished_on + number * _DAY for number in range(DAYS_IN_WEEK)]
    kind, wished = _kind_on(search, wished_on)
    for day in week:
        on_day, refusal = (kind, wished) if day == wished_on else _kind_on(search, day)
        if refusal is not None:
            refusals.append(refusal)
            continue
        slot = search.closest(on_day, day)
        if slot is None:
            continue
        because = None
        if day != wished_on or search.minute_of(slot) != search.minute:
            because = wished or _why(search, kind, wished_on)
        search.made.append(search.planned(on_day, day))
        ended = _rights_ended(search, day)
        return Line(wished_on, on_day, search.held(on_day), slot, because, ended), False
    because = wished or _why(search, kind, wished_on)
    return Line(wished_on, kind, search.held(kind), None, because), len(refusals) == len(week)


def _kind_on(search: _Search, day: date) -> tuple[str, Refusal | None]:
    """What the next session is on a day, a first one or a follow-up, and if the law refuses it."""
    for kind in (FOLLOW_UP, EVALUATION):
        session = search.planned(kind, day)
        answered = answer(search.dossiers(session, search.made), gather.law())
        codes = refused_by_law(answered)
        if "evaluation_needed" not in codes or kind == EVALUATION:
            break
    return kind, Refusal(codes[0], **context_of(answered)) if codes else None


def _why(search: _Search, kind: str, day: date) -> Refusal:
    """Why nobody can be received on a day at the hour wished."""
    second = wall_moment(search.place.time_zone, day.toordinal(), search.minute)
    return _why_at(search.agenda, search.place, second, day, kind, search.at, own=search.own)


def _why_at(
    of: Agenda,
    place: PracticePlace,
    second: int | None,
    day: date,
    kind: str,
    at: datetime,
    *,
    own: bool,
) -> Refusal:
    """Why a time is not free: closed, taken, or not for this booking."""
    one_minute = int(timedelta(minutes=1).total_seconds())
    if second is None or not is_open(
        of, place.pk, second, second + one_minute, place.time_zone, public_holidays
    ):
        holidays = public_holidays(department_of(place.insee), day.year)
        return Refusal("line_holiday" if day.toordinal() in holidays else "line_closed", day=day)
    first, last = of.limits.reach(at)
    moment = datetime.fromtimestamp(second, UTC)
    if moment < (at if own else first):
        return Refusal("line_too_soon", day=day)
    if moment >= last and not own:
        return Refusal("line_too_far", day=day)
    free = slots_of(
        of,
        since=moment,
        until=moment + timedelta(minutes=1),
        kind=kind,
        modality="",
        holidays=public_holidays,
    )
    kept = any(slot.place_id == place.pk for slot in free)
    lasts = max((o.appointment_minutes for o in of.openings if o.place_id == place.pk), default=1)
    taken = of.busy.overlaps(second, second + lasts * one_minute)
    code = "line_busy" if taken else "line_kept" if kept and not own else "line_closed"
    return Refusal(code, day=day)


def _rights_ended(search: _Search, day: date) -> tuple[EndingRight, ...]:
    """Rights of today that will be over on a day, and not renewed by then."""
    today = gather.civil_day(search.at, search.place.time_zone)
    kinds: dict[str, list[object]] = {
        "affiliation": list(search.person.affiliations.all()),
        "cover": list(search.person.covers.all()),
    }
    for exemption in search.person.exemptions.all():
        kinds.setdefault(exemption.kind, []).append(exemption)
    ended = []
    for kind, periods in kinds.items():
        now = gather.in_force(periods, today)
        if now is not None and gather.in_force(periods, day) is None:
            ends_on = gather.last_day(now.valid_before)  # type: ignore[attr-defined]
            assert ends_on is not None
            ended.append(EndingRight(kind, ends_on))
    return tuple(ended)


@dataclass(slots=True)
class _Wishes:
    """The sessions of a plan being booked, by their number in the order given."""

    chosen: Sequence[Chosen]
    places: dict[int, PracticePlace]
    days: list[date]
    # The numbers in order of time: each session is looked at after those before it.
    order: list[int]
    slots: dict[int, Slot] = field(default_factory=dict)
    answers: dict[int, Answer] = field(default_factory=dict)
    refusals: dict[int, Refusal] = field(default_factory=dict)

    @classmethod
    def of(cls, chosen: Sequence[Chosen], psychologist_id: int) -> _Wishes:
        """Refuses ``plan_length`` for none or too many, and places of somebody else."""
        cap = 0
        if chosen:
            last = max(one.starts_at for one in chosen)
            cap = gather.terms_on(last.date()).sessions_per_year_max
        if not 1 <= len(chosen) <= cap:
            raise Refusal("plan_length", cap=max(cap, 1), fields=("count",))
        places = {
            place_id: place_of(place_id, psychologist_id)
            for place_id in sorted({one.place_id for one in chosen})
        }
        days = [gather.civil_day(one.starts_at, places[one.place_id].time_zone) for one in chosen]
        order = sorted(range(len(chosen)), key=lambda number: chosen[number].starts_at)
        return cls(chosen, places, days, order)

    @property
    def years(self) -> list[int]:
        return sorted({day.year for day in self.days})

    @property
    def practice(self) -> str:
        """How one practises where the plan begins; no booking depends on it."""
        return self.places[self.chosen[self.order[0]].place_id].practice

    def refuse_if_any(self) -> None:
        """The plan as a whole is refused when one of its sessions is."""
        if self.refusals:
            raise Refusal(
                "plan_refused",
                lines=tuple(self.refusals.get(number) for number in range(len(self.chosen))),
                wrong=len(self.refusals),
                count=len(self.chosen),
            )


def _check(wishes: _Wishes, dossiers: gather.Planner, at: datetime, own: bool) -> None:
    """Fill in the slot, the law's answer and the refusal of each session, in order of time."""
    starts = [one.starts_at for one in wishes.chosen]
    [psychologist_id] = {place.psychologist_id for place in wishes.places.values()}
    of = agenda.agenda_of(
        psychologist_id, since=min(starts), until=max(starts) + timedelta(minutes=1), now=at
    )
    before: list[ClaimedSession] = []
    for number in wishes.order:
        one, day = wishes.chosen[number], wishes.days[number]
        session = gather.planned(
            psychologist_id=psychologist_id, kind=one.kind, modality=one.modality, held_on=day
        )
        wishes.answers[number] = answered = answer(dossiers(session, before), gather.law())
        before.append(session)
        codes = refused_by_law(answered)
        slot = _slot(of, one, at, own)
        if codes:
            wishes.refusals[number] = Refusal(codes[0], also=codes, **context_of(answered))
        elif slot is None:
            place, second = wishes.places[one.place_id], int(one.starts_at.timestamp())
            wishes.refusals[number] = _why_at(of, place, second, day, one.kind, at, own=own)
        else:
            wishes.slots[number] = slot


def _slot(of: Agenda, one: Chosen, at: datetime, own: bool) -> Slot | None:
    """The free slot of an agenda that is asked for; None in the past and when there is none."""
    if one.starts_at <= at:
        return None
    free = slots_of(
        of,
        since=one.starts_at,
        until=one.starts_at + timedelta(minutes=1),
        kind=one.kind,
        modality=one.modality,
        holidays=public_holidays,
        now=None if own else at,
    )
    return next(
        (s for s in free if (s.place_id, s.starts_at) == (one.place_id, one.starts_at)), None
    )
