"""Proposing a plan: a session a week, each at its time or with the reason why it has none.

Nothing is kept of a proposal: booking it checks everything again (plan.py,
docs/decisions/0013-a-plan-is-one-thing.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import DAYS_IN_WEEK, Agenda, slots_of, wall_moment
from soutien.registers.agenda.public_holidays import public_holidays
from soutien.registers.agenda.queries import Slot
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.answer import answer
from soutien.rules.codes import Kind, Modality, word
from soutien.rules.decide import NO_CAP
from soutien.rules.dossier import ClaimedSession
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.bookable import (
    context_of,
    place_of,
    refuse_newcomers,
    refused_by_law,
    ties_of,
)
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow
from soutien.steps.plan_lines import Line, Plan, why_at
from soutien.steps.trace import looking, record
from soutien.steps.views import EndingRight

EVALUATION, FOLLOW_UP = word(Kind.EVALUATION), word(Kind.FOLLOW_UP)
IN_PERSON = word(Modality.IN_PERSON)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
# Weeks with nothing free do not shorten a plan: it goes on this much longer.
_SPARE_WEEKS = 8


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
    return why_at(search.agenda, search.place, second, day, kind, search.at, own=search.own)


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
