"""Fills an empty database with the demo's made-up country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction

from soutien.doors.cli.demo_data.accompaniments import store_accompaniments
from soutien.doors.cli.demo_data.accounts import (
    DOCTOR,
    create_accounts,
    create_family_accounts,
)
from soutien.doors.cli.demo_data.afterwards import store_afterwards
from soutien.doors.cli.demo_data.agendas import Agenda, agenda
from soutien.doors.cli.demo_data.agreements import store_agreements
from soutien.doors.cli.demo_data.care import Care, Records, Traced
from soutien.doors.cli.demo_data.corrections import store_corrections
from soutien.doors.cli.demo_data.desk import store_desk
from soutien.doors.cli.demo_data.diaries import Diary, Neighbourhood
from soutien.doors.cli.demo_data.family import family, mother, teenager
from soutien.doors.cli.demo_data.neighbours import (
    CAMILLE_COMES_IN_DAYS,
    CAMILLE_MOVED_DAYS_AGO,
    full_days,
    left_open,
)
from soutien.doors.cli.demo_data.payments import store_payments
from soutien.doors.cli.demo_data.people import CAMILLE, SACHA, Individual, individuals
from soutien.doors.cli.demo_data.plans import Plan
from soutien.doors.cli.demo_data.portal import store_portal
from soutien.doors.cli.demo_data.psychologists import Practitioner, practitioners
from soutien.doors.cli.demo_data.questionnaires import store_questionnaires
from soutien.doors.cli.demo_data.sheets import number, printed
from soutien.doors.cli.demo_data.storing import Report, Tally, pour, store
from soutien.doors.cli.demo_data.writings import store_writings
from soutien.doors.environment import SettingError
from soutien.registers.accounts.models import Account
from soutien.registers.audit import queries as audit
from soutien.registers.claims.models import Decision
from soutien.registers.psychologists.models import Psychologist

# As many as the demo's own psychologist sees in a week; the full demo never needs them all.
_NEIGHBOURS_MAX = 40
_LINES_AT_ONCE = 500
# One in so many of them did not come the last time.
_MISSES_EVERY = 8
ZONE = ZoneInfo("Europe/Paris")


class Scale(NamedTuple):
    """How many of each are made."""

    psychologists: int = 6_700
    people: int = 2_000


FULL = Scale()


def load(*, at: datetime, progress: Report | None = None, scale: Scale = FULL) -> None:
    """Make the whole demo as it stands at a moment (UTC), one transaction a part.

    ``progress`` is told each part's name, its rows written and how many there will be. Raises
    SettingError when the database holds psychologists already: the demo mixes with nobody.
    """
    if Psychologist.objects.exists():
        raise SettingError("The database is not empty: the demo is made in an empty one only.")
    on = at.astimezone(ZONE).date()
    made = practitioners(scale.psychologists, on)
    with transaction.atomic():
        _store_psychologists(made, progress)
    with transaction.atomic():
        agendas = _store_agendas(made, on, progress)
    people = individuals(scale.people, min(_NEIGHBOURS_MAX, scale.people // 3), on)
    plans = _plans(people, made, agendas, at, on)
    with transaction.atomic():
        _store_people(plans, progress)
    with transaction.atomic():
        create_accounts(
            camille=people[CAMILLE].person,
            sacha=people[SACHA].person,
            psychologist=made[0].psychologist,
        )
    with transaction.atomic():
        decided = _store_care(plans, at, progress)
    with transaction.atomic():
        store_payments(decided, at)
    known = [people[CAMILLE].person.pk, people[SACHA].person.pk]
    with transaction.atomic():
        store_afterwards(at, but=known)
    with transaction.atomic():
        store_agreements(plans, at)
    psychologist, camille = made[0].psychologist, people[CAMILLE].person
    with transaction.atomic():
        store_accompaniments(psychologist=psychologist, camille=camille, at=at)
    with transaction.atomic():
        store_writings(
            camille=camille,
            psychologist=psychologist,
            sacha=people[SACHA].person,
            doctor=Account.objects.get_by_natural_key(DOCTOR.email),
            at=at,
        )
    with transaction.atomic():
        store_questionnaires(psychologist, camille, at)
    with transaction.atomic():
        store_corrections(camille, at)
    with transaction.atomic():
        store_desk(people[SACHA + 1 :], psychologist, at)
    with transaction.atomic():
        parent, young = mother(on, at), teenager(on, at)
        create_family_accounts(parent, young)
        family(parent, young, psychologist, on, at)
    with transaction.atomic():
        store_portal(at)


def _plans(
    people: Sequence[Individual],
    made: Sequence[Practitioner],
    agendas: Sequence[Agenda],
    at: datetime,
    on: date,
) -> list[Plan]:
    """Everybody's appointments; those of the demo's own psychologist come first."""
    diaries = {item.number: Diary(item, week) for item, week in zip(made, agendas, strict=True)}
    neighbourhood = Neighbourhood(made)
    plans = [Plan(individual, neighbourhood, diaries, at, on) for individual in people]
    times = full_days(diaries[0], on)
    open_one = left_open(times, at)
    comes_on = on + timedelta(days=CAMILLE_COMES_IN_DAYS)
    camille_comes = diaries[0].find(comes_on, chance=plans[CAMILLE].chance)
    if camille_comes is not None:
        before = on - timedelta(days=CAMILLE_MOVED_DAYS_AGO)
        plans[CAMILLE].before(before, sessions=3, interval=14)
        plans[CAMILLE].until(camille_comes, sessions=4, interval=14)
    regulars = plans[SACHA + 1 :]
    for rank, (plan, when) in enumerate(zip(regulars, times, strict=False)):
        plan.until(
            when,
            sessions=plan.chance.randint(1, 7),
            interval=plan.chance.choice((7, 14)),
            closed=when is not open_one,
            missed=rank % _MISSES_EVERY == 1,
        )
    for plan in regulars[len(times) :]:
        plan.whole()
    return plans


def _store_psychologists(made: Sequence[Practitioner], progress: Report | None) -> None:
    tally = Tally("psychologists", len(made), progress)
    store((item.psychologist for item in made), tally)
    store(place for item in made for place in item.places)
    store(item.agreement for item in made)
    store(item.suspension for item in made if item.suspension)


def _store_agendas(
    made: Sequence[Practitioner], on: date, progress: Report | None
) -> list[Agenda]:
    tally = Tally("agendas", len(made), progress)
    agendas = []
    for item in made:
        agendas.append(agenda(item, on))
        tally.add()
    pour(rule for item in agendas for rule in item.rules)
    pour(exception for item in agendas for exception in item.exceptions)
    return agendas


def _store_people(plans: Sequence[Plan], progress: Report | None) -> None:
    people = [plan.individual for plan in plans]
    for plan in plans:
        if plan.appointments:
            plan.individual.person.created_at = min(item.booked_at for item in plan.appointments)
    store((item.person for item in people), Tally("people", len(people), progress))
    store(row for item in people for row in item.affiliations)
    store(row for item in people for row in item.exemptions)
    store(row for item in people for row in item.covers)
    store(row for item in people for row in item.psychiatric)


def _store_care(
    plans: Sequence[Plan], at: datetime, progress: Report | None
) -> Sequence[Decision]:
    """Decide everything in memory, then write each table in the order of time."""
    records = Records()
    deciding = Tally("decisions", len(plans), progress)
    for plan in plans:
        Care(plan, records, at).record()
        deciding.add()
    tally = Tally("sessions", len(records.bookings) + len(records.trace), progress)
    store(sorted(records.referrals, key=lambda row: row.written_on))
    store(sorted(records.bookings, key=lambda row: row.created_at), tally)
    store(records.years)
    store(sorted(records.sessions, key=lambda row: row.recorded_at))
    for issued in records.sheets:
        issued.row.number = number(issued)
        issued.row.printed = printed(issued)
    store(sorted((issued.row for issued in records.sheets), key=lambda row: row.issued_at))
    line_of = {issued.row: issued.line for issued in records.sheets}
    store(sorted(line_of.values(), key=lambda line: line.care_sheet.pk))
    for claim in records.claims:
        claim.reference = f"D{claim.received_on:%y}-{line_of[claim.care_sheet].pk:06d}"
    store(sorted(records.claims, key=lambda row: row.received_at))
    store(sorted(records.decisions, key=lambda row: row.decided_at))
    store(records.seats)
    accounts = list(Account.objects.exclude(person=None, psychologist=None))
    owners = {("person", row.person_id): row.pk for row in accounts}
    owners |= {("psychologist", row.psychologist_id): row.pk for row in accounts}
    lines = sorted(records.trace, key=lambda line: line.at)
    for first in range(0, len(lines), _LINES_AT_ONCE):
        batch = lines[first : first + _LINES_AT_ONCE]
        audit.append([_line(line, owners) for line in batch])
        tally.add(len(batch))
    return records.decisions


def _line(line: Traced, owners: Mapping[tuple[str, int | None], int]) -> audit.Line:
    """The line as steps/trace.py writes it; ``owners`` are the accounts, by role and whose."""
    about = line.about
    whose = about.psychologist_id if line.role == "psychologist" else about.person_id
    return audit.Line(
        at=line.at,
        actor_role=line.role,
        actor_account=owners.get((line.role, whose)),
        event=line.event,
        object_kind=line.event.rsplit(".", 1)[0],
        object_id=str(about.pk),
        person_id=line.individual.person.pk if line.individual else None,
    )
