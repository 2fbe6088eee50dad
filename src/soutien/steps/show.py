"""Showing one document of a young child's care to one of those who act for the child.

The psychologist who signed it decides, names one of them, and may close it again. For a teenager
nothing is shown: the relation by which parents act then opens no document.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from soutien.registers.people import guardianships
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import Writing
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation, allow, relations
from soutien.steps.shown import name_of
from soutien.steps.standing import wards_of
from soutien.steps.trace import act, looking, record
from soutien.steps.written import PURPOSES_OF

ZONE = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Parent:
    """Somebody who acts for a young child today, and whether the document is shown to them."""

    guardianship_id: uuid.UUID
    person_id: int
    name: str
    shown: bool


@looking("writings.showing.opened")
def open_showing(*, actor: Actor, writing_id: uuid.UUID, at: datetime) -> tuple[Parent, ...]:
    """To whom a signed document may be shown, and to whom it is.

    Nobody for a teenager, nor while it is a draft.
    """
    writing = _mine(actor, "open_showing", writing_id)
    record(
        actor, "writings.showing.opened", at=at, object_id=writing.pk, person_id=writing.person_id
    )
    return _parents(writing, at)


@act("writings.showing.given")
def show_writing(
    *, actor: Actor, writing_id: uuid.UUID, guardianship_id: uuid.UUID, at: datetime
) -> None:
    """Show it to one of them. Said again, it stands once. Refuses ``not_found`` anybody else."""
    writing = _mine(actor, "show_writing", writing_id)
    parent = _one(writing, guardianship_id, at)
    if writings.show(writing, parent.person_id, at):
        record(
            actor,
            "writings.showing.given",
            at=at,
            object_id=writing.pk,
            person_id=writing.person_id,
        )


@act("writings.showing.taken_back")
def hide_writing(
    *, actor: Actor, writing_id: uuid.UUID, guardianship_id: uuid.UUID, at: datetime
) -> None:
    """Close it to them again, from their next page on."""
    writing = _mine(actor, "hide_writing", writing_id)
    parent = _one(writing, guardianship_id, at)
    if writings.hide(writing, parent.person_id, at):
        record(
            actor,
            "writings.showing.taken_back",
            at=at,
            object_id=writing.pk,
            person_id=writing.person_id,
        )


def _mine(actor: Actor, step: str, writing_id: uuid.UUID) -> Writing:
    writing = writings.by_public_id(writing_id)
    if writing is None:
        raise Refusal("not_found")
    owner = writing.psychologist_id
    allow(actor, step, relations(actor, person_id=writing.person_id, psychologist_id=owner))
    return writing


def _parents(writing: Writing, at: datetime) -> tuple[Parent, ...]:
    """Nobody for a draft, or for what a doctor wrote: it is not this psychologist's to show."""
    if writing.kind not in PURPOSES_OF or not writings.is_signed(writing):
        return ()
    today, shown = gather.civil_day(at, ZONE), writings.shown_to(writing)
    return tuple(
        Parent(row.public_id, row.guardian_id, name_of(row.guardian), row.guardian_id in shown)
        for row in guardianships.of_child(writing.person_id)
        for ward in wards_of(row.guardian_id, today)
        if ward.guardianship_id == row.public_id and ward.acts_as == Relation.MY_WARD
    )


def _one(writing: Writing, guardianship_id: uuid.UUID, at: datetime) -> Parent:
    for parent in _parents(writing, at):
        if parent.guardianship_id == guardianship_id:
            return parent
    raise Refusal("not_found")
