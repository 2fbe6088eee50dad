"""Questionnaires in care: asked, filled in, entered from paper, read, and the curve they make.

Only the pair sees them: the person and the psychologist who asked. Whoever acts for a child sees
what a parent fills in, never what the child answers. A danger is told at once, and stays to be
read until the psychologist says what they did.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.measures import queries as measures
from soutien.registers.measures.models import DONE, PHONE, READ, Outcome, Questionnaire
from soutien.registers.people.models import Person
from soutien.rules.scales import Scale
from soutien.rules.screen import Danger
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.hours import reminder_comes
from soutien.steps.measured import (
    CHILDREN,
    Blank,
    Curve,
    Told,
    curves,
    is_of_age,
    scale_named,
    scales,
    scored,
    suits,
    to_keep,
    told,
    years_on,
)
from soutien.steps.permissions import Relation, Ties, allow, relations
from soutien.steps.shown import name_of
from soutien.steps.trace import act, announce, looking, record

ZONE = "Europe/Paris"
# It stays open a little after its appointment, which may be moved.
OPEN_AFTER = timedelta(days=14)
# The psychologist is told again of what they have not read by then.
READ_WITHIN = timedelta(hours=4)
# Whom nobody could reach is shown again for so long.
SHOWN_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class OwnMeasures:
    """What a person may fill in, and what came out of what they did."""

    open_ones: tuple[Blank, ...]
    outcomes: tuple[Told, ...]
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class VisitMeasures:
    """The same for the psychologist of an appointment, with what may be asked before it."""

    person_name: str
    booking: Booking
    open_ones: tuple[Blank, ...]
    outcomes: tuple[Told, ...]
    curves: tuple[Curve, ...]
    to_ask: tuple[Scale, ...]
    on_paper: tuple[Scale, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """An outcome that its psychologist has not read, and whose it is."""

    person_name: str
    outcome: Told
    person_public_id: uuid.UUID | None = None
    phone: str = ""


@act("measures.questionnaire.asked")
def ask_questionnaire(
    *, actor: Actor, booking_id: uuid.UUID, scale: str, at: datetime
) -> Questionnaire:
    """Ask who comes to fill in a scale before the appointment, if they wish. Asked twice, once.

    The reminder leads there; a letter does when none is to come. Refuses ``scale_unknown``,
    ``scale_not_theirs``, ``scale_without_questions`` and ``booking_ended``.
    """
    booking, person = _visit(actor, "ask_questionnaire", booking_id)
    chosen = scale_named(scale)
    if booking.status != "confirmed" or booking.ends_at <= at:
        raise Refusal("booking_ended")
    if not chosen.texts:
        raise Refusal("scale_without_questions", fields=("scale",))
    if not suits(chosen, of_age=is_of_age(person, gather.civil_day(at, ZONE))):
        raise Refusal("scale_not_theirs", fields=("scale",))
    _one_at_a_time(person.pk)
    for asked in measures.open_ones(person.pk, at):
        if (asked.psychologist_id, asked.scale) == (booking.psychologist_id, chosen.name):
            return asked
    made = measures.ask(
        person.pk,
        booking.psychologist_id,
        booking.pk,
        scale=chosen.name,
        version=chosen.version,
        # What an adolescent answers is not a parent's, and their address may be.
        by_link=suits(chosen, of_age=True) or chosen.public == CHILDREN,
        at=at,
        valid_before=booking.ends_at + OPEN_AFTER,
    )
    record(actor, "measures.questionnaire.asked", at=at, object_id=made.pk, person_id=person.pk)
    if made.by_link and not reminder_comes(booking, at):
        announce("measures.questionnaire.asked", at=at, questionnaire=made.pk)
    return made


@looking("measures.questionnaire.opened")
def open_questionnaire(*, actor: Actor, questionnaire_id: uuid.UUID, at: datetime) -> Blank:
    """The questions, for who has the address or is asked. Never what was answered."""
    row = measures.by_public_id(questionnaire_id)
    if row is None:
        raise Refusal("not_found")
    allow(actor, "open_questionnaire", _who_answers(actor, row))
    record(
        actor, "measures.questionnaire.opened", at=at, object_id=row.pk, person_id=row.person_id
    )
    return _blank(row, at)


@act("measures.outcome.filled")
def fill_questionnaire(
    *,
    actor: Actor,
    questionnaire_id: uuid.UUID,
    answers: tuple[int | None, ...],
    at: datetime,
) -> Told:
    """Keep the answers with their score, once; the psychologist is told. Sent again, the same.

    Refuses ``questionnaire_over``, ``questionnaire_filled`` with other answers, and
    ``answers_unclear``.
    """
    found = measures.by_public_id(questionnaire_id)
    if found is None:
        raise Refusal("not_found")
    allow(actor, "fill_questionnaire", _who_answers(actor, found))
    row = measures.lock(found.pk)
    before = measures.outcome_of(row.pk)
    if before is not None:
        if tuple(before.told["answers"]) != answers:
            raise Refusal("questionnaire_filled")
        return told(before)
    scale = _scale_of(row)
    treats = gather.treats(row.psychologist_id, row.person_id)
    if scale is None or row.valid_before <= at or not treats:
        raise Refusal("questionnaire_over")
    kept = measures.keep(
        row.person_id,
        row.psychologist_id,
        to_keep(scored(scale, answers), answers),
        questionnaire_id=row.pk,
        filled_on=gather.civil_day(at, ZONE),
        by=actor.role,
        at=at,
    )
    record(actor, "measures.outcome.filled", at=at, object_id=kept.pk, person_id=row.person_id)
    # Of every outcome alike: what a letter becomes is said when it is delivered.
    announce("measures.outcome.filled", at=at, outcome=kept.pk)
    announce("measures.outcome.waits", at=at, not_before=at + READ_WITHIN, outcome=kept.pk)
    return told(kept)


@act("measures.outcome.entered")
def enter_on_paper(
    *,
    actor: Actor,
    booking_id: uuid.UUID,
    scale: str,
    answers: tuple[int | None, ...],
    filled_on: date,
    at: datetime,
    sex: str = "",
) -> Told:
    """Enter what was answered on paper. The same sheet twice stands once.

    Whoever enters it has read it, unless it tells of a danger: what they did is then asked.
    Refuses ``scale_unknown``, ``scale_not_theirs``, ``answers_unclear`` and ``filled_ahead``.
    """
    booking, person = _visit(actor, "enter_on_paper", booking_id)
    chosen = scale_named(scale)
    if filled_on > gather.civil_day(at, ZONE):
        raise Refusal("filled_ahead", fields=("filled_on",))
    if not suits(chosen, of_age=is_of_age(person, filled_on)):
        raise Refusal("scale_not_theirs", fields=("scale",))
    found = scored(chosen, answers, sex=sex, age=years_on(person, filled_on))
    _one_at_a_time(person.pk)
    wanted = to_keep(found, answers, sex=sex)
    for row in measures.outcomes(person.pk, booking.psychologist_id):
        if row.way != PHONE and (row.filled_on, row.told) == (filled_on, wanted):
            return told(row)
    kept = measures.keep(
        person.pk, booking.psychologist_id, wanted, filled_on=filled_on, by=actor.role, at=at
    )
    if found.danger is Danger.NO:
        measures.review(kept, READ, by=actor.role, at=at)
    record(actor, "measures.outcome.entered", at=at, object_id=kept.pk, person_id=person.pk)
    return told(kept)


@looking("measures.curve.opened")
def open_curve(*, actor: Actor, person_id: int, at: datetime) -> OwnMeasures:
    """One's own: what is to be filled in, and each outcome. Needs an account.

    Whoever acts for a child sees what a parent fills in.
    """
    allow(actor, "open_curve", relations(actor, person_id=person_id))
    if actor.account_id is None:
        raise Refusal("not_allowed")
    record(actor, "measures.curve.opened", at=at, object_id=person_id, person_id=person_id)
    rows = [told(row) for row in measures.outcomes(person_id)]
    asked = [_blank(row, at) for row in measures.open_ones(person_id, at)]
    if actor.on_behalf_of is not None:
        rows = [row for row in rows if row.scale and row.scale.public == CHILDREN]
        asked = [blank for blank in asked if blank.scale and blank.scale.public == CHILDREN]
    return OwnMeasures(tuple(asked), tuple(rows), curves(rows))


@looking("measures.curve.opened")
def open_visit_curve(*, actor: Actor, booking_id: uuid.UUID, at: datetime) -> VisitMeasures:
    """The outcomes of a pair, for the psychologist of the appointment, and what they may ask."""
    booking, person = _visit(actor, "open_visit_curve", booking_id)
    record(actor, "measures.curve.opened", at=at, object_id=booking.pk, person_id=person.pk)
    rows = [told(row) for row in measures.outcomes(person.pk, booking.psychologist_id)]
    asked = [
        _blank(row, at)
        for row in measures.open_ones(person.pk, at)
        if row.psychologist_id == booking.psychologist_id
    ]
    of_age = is_of_age(person, gather.civil_day(at, ZONE))
    suitable = tuple(each for each in scales().values() if suits(each, of_age=of_age))
    stands = booking.status == "confirmed" and booking.ends_at > at
    return VisitMeasures(
        person_name=name_of(person),
        booking=booking,
        open_ones=tuple(asked),
        outcomes=tuple(rows),
        curves=curves(rows),
        to_ask=tuple(each for each in suitable if each.texts and stands),
        on_paper=suitable,
    )


@looking("measures.outcome.opened")
def open_outcome(*, actor: Actor, outcome_id: uuid.UUID, at: datetime) -> Told:
    """One outcome with its answers, for its pair. Needs an account."""
    row = measures.outcome_by_public_id(outcome_id)
    if row is None:
        raise Refusal("not_found")
    allow(actor, "open_outcome", _pair(actor, row))
    record(actor, "measures.outcome.opened", at=at, object_id=row.pk, person_id=row.person_id)
    return told(row)


@looking("measures.outcome.opened")
def open_unread(*, actor: Actor, outcome_id: uuid.UUID, at: datetime) -> Unread:
    """The same for the psychologist who asked, with whose it is and their telephone."""
    row = measures.outcome_by_public_id(outcome_id)
    if row is None:
        raise Refusal("not_found")
    allow(actor, "open_unread", _pair(actor, row))
    record(actor, "measures.outcome.opened", at=at, object_id=row.pk, person_id=row.person_id)
    person = Person.objects.get(pk=row.person_id)
    return Unread(name_of(person), told(row), person.public_id, person.phone)


@looking("measures.list.opened")
def list_unread(*, actor: Actor, psychologist_id: int, at: datetime) -> tuple[Unread, ...]:
    """What the psychologist has not read, what tells of a danger first."""
    allow(actor, "list_unread", relations(actor, psychologist_id=psychologist_id))
    rows = measures.unread(psychologist_id, since=at - SHOWN_FOR)
    people = Person.objects.in_bulk({row.person_id for row in rows})
    if rows:
        record(actor, "measures.list.opened", at=at, object_id=psychologist_id, people=people)
    found = [Unread(name_of(people[row.person_id]), told(row)) for row in rows]
    return tuple(sorted(found, key=lambda unread: not unread.outcome.urgent))


@act("measures.outcome.reviewed")
def review_outcome(*, actor: Actor, outcome_id: uuid.UUID, done: str, at: datetime) -> None:
    """Say that an outcome was read and what was done. Said again, it stands once.

    Refuses ``review_unclear``: what tells of a danger is never merely read.
    """
    row = measures.lock_outcome(outcome_id)
    if row is None:
        raise Refusal("not_found")
    allow(actor, "review_outcome", _pair(actor, row))
    danger = Danger(row.told["danger"])
    if done not in DONE or (done == READ) != (danger is Danger.NO):
        raise Refusal("review_unclear", fields=("done",))
    if measures.review(row, done, by=actor.role, at=at) is not None:
        record(
            actor, "measures.outcome.reviewed", at=at, object_id=row.pk, person_id=row.person_id
        )


def _one_at_a_time(person_id: int) -> None:
    """What is asked or entered of one person waits for what is: it stands once."""
    Person.objects.select_for_update().get(pk=person_id)


def _visit(actor: Actor, step: str, booking_id: uuid.UUID) -> tuple[Booking, Person]:
    """An appointment and who comes, for the psychologist it is with."""
    booking = agenda.by_public_id(booking_id)
    if booking is None or booking.person is None:
        raise Refusal("not_found")
    owner, person = booking.psychologist_id, booking.person
    treats = actor.psychologist_id == owner and gather.treats(owner, person.pk)
    allow(actor, step, relations(actor, person_id=person.pk, treats=treats))
    return booking, person


def _who_answers(actor: Actor, row: Questionnaire) -> Ties:
    """The ties of who would answer. A parent answers what is asked of parents, nothing else."""
    ties = relations(actor, person_id=row.person_id, by_link=row.by_link)
    lost = set() if _asks_parents(row) else {Relation.MY_WARD}
    if actor.account_id is None:
        # A browser that only booked never proved who it is: it may be a parent's.
        lost.add(Relation.OWN)
    return Ties(ties - lost, person_id=row.person_id)


def _pair(actor: Actor, row: Outcome) -> Ties:
    """The ties to an outcome: its person, its psychologist, a parent to what parents fill in."""
    treats = actor.psychologist_id == row.psychologist_id
    ties = relations(actor, person_id=row.person_id, treats=treats)
    scale = told(row).scale
    lost = set() if scale and scale.public == CHILDREN else {Relation.MY_WARD}
    if actor.account_id is None:
        lost.add(Relation.OWN)
    return Ties(ties - lost, person_id=row.person_id)


def _scale_of(row: Questionnaire) -> Scale | None:
    """The scale that was asked, in the version that was; None when it is there no more."""
    scale = scales().get(row.scale)
    return scale if scale and scale.version == row.version else None


def _asks_parents(row: Questionnaire) -> bool:
    scale = _scale_of(row)
    return scale is not None and scale.public == CHILDREN


def _blank(row: Questionnaire, at: datetime) -> Blank:
    return Blank(
        public_id=row.public_id,
        booking_id=row.booking_id,
        scale=_scale_of(row),
        asked_at=row.asked_at,
        valid_before=row.valid_before,
        filled=measures.outcome_of(row.pk) is not None,
        over=row.valid_before <= at,
    )
