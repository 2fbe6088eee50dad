"""What is written about somebody in care: read by the pair; by the fund what is for the fund."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q

from soutien.registers.agenda import queries as agenda
from soutien.registers.claims import queries as claims
from soutien.registers.people.models import Person
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import BY_DOCTORS, NOT_CLINICAL, REFERRAL, Writing
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation, Ties, allow, relations, without
from soutien.steps.shown import name_of
from soutien.steps.trace import looking, record
from soutien.steps.written import (
    OpenWriting,
    VisitWritings,
    WritingLine,
    is_minor,
    line_of,
    opened,
    signed_at,
)


@looking("writings.list.opened")
def list_writings(*, actor: Actor, person_id: int, at: datetime) -> tuple[WritingLine, ...]:
    """What is finished about a person, newest first; nothing clinical for who acts for a child."""
    allow(actor, "list_writings", relations(actor, person_id=person_id))
    found = writings.finished_of(person_id)
    if actor.role == "guardian":
        shown = writings.shown_of(person_id, actor.person_id or 0)
        found = found.filter(Q(kind__in=NOT_CLINICAL) | Q(pk__in=shown))
    record(actor, "writings.list.opened", at=at, object_id=person_id, person_id=person_id)
    return tuple(line_of(row, name_of(row.psychologist)) for row in found)


@looking("writings.list.opened")
def list_visit_writings(*, actor: Actor, booking_id: uuid.UUID, at: datetime) -> VisitWritings:
    """What the psychologist of an appointment wrote or received about who comes."""
    booking = agenda.by_public_id(booking_id)
    if booking is None or booking.person_id is None:
        raise Refusal("not_found")
    person_id, owner = booking.person_id, booking.psychologist_id
    treats = actor.psychologist_id == owner and gather.treats(owner, person_id)
    allow(actor, "list_visit_writings", relations(actor, person_id=person_id, treats=treats))
    record(actor, "writings.list.opened", at=at, object_id=booking.pk, person_id=person_id)
    lines = tuple(line_of(row) for row in writings.of_pair(owner, person_id))
    person = Person.objects.get(pk=person_id)
    return VisitWritings(lines, name_of(person), is_minor(person, at))


@looking("writings.letter.opened")
def open_letter(*, actor: Actor, writing_id: uuid.UUID, at: datetime) -> OpenWriting:
    """A document that says nothing of care: a referral (R-041), a certificate of attendance.

    A fund that received a claim of this person reads the referral, and nothing else.
    """
    writing = _known(writing_id, clinical=False)
    sent = writing.kind == REFERRAL and claims.fund_received(writing.person_id, actor.fund_code)
    allow(actor, "open_letter", _ties(actor, writing, actor.fund_code if sent else ""))
    _refuse_unfinished(actor, writing)
    record(
        actor, "writings.letter.opened", at=at, object_id=writing.pk, person_id=writing.person_id
    )
    return opened(writing)


@looking("writings.writing.opened")
def open_writing(*, actor: Actor, writing_id: uuid.UUID, at: datetime) -> OpenWriting:
    """A clinical document: for its person, for the psychologist who wrote or received it.

    And for the doctor's account that wrote it, and for one who acts for a young child, where the
    psychologist showed it to them (show.py). Nobody else.
    """
    writing = _known(writing_id, clinical=True)
    ties = _ties(actor, writing)
    if actor.person_id not in writings.shown_to(writing):
        ties = without(ties, Relation.MY_WARD)
    allow(actor, "open_writing", ties)
    _refuse_unfinished(actor, writing)
    record(
        actor, "writings.writing.opened", at=at, object_id=writing.pk, person_id=writing.person_id
    )
    return opened(writing)


def _known(writing_id: uuid.UUID, *, clinical: bool) -> Writing:
    """A document of this side of the line; one of the other side is not there."""
    writing = writings.by_public_id(writing_id)
    if writing is None or (writing.kind not in NOT_CLINICAL) is not clinical:
        raise Refusal("not_found")
    return writing


def _ties(actor: Actor, writing: Writing, fund_code: str = "") -> Ties:
    return relations(
        actor,
        person_id=writing.person_id,
        psychologist_id=writing.psychologist_id,
        account_id=writing.author_id,
        fund_code=fund_code,
    )


def _refuse_unfinished(actor: Actor, writing: Writing) -> None:
    """A draft is its psychologist's alone."""
    finished = writing.kind in BY_DOCTORS or signed_at(writing) is not None
    if not finished and actor.role != "psychologist":
        raise Refusal("not_found")
