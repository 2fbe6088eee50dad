"""Papers for the psychologist: added and removed by their person, read by who treats them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from soutien.registers.agenda import queries as agenda
from soutien.registers.documents import queries as documents
from soutien.registers.documents.models import CONTENT_TYPES, KINDS, MOST_BYTES, Document
from soutien.registers.people.models import Person
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, looking, record

# More than a letter, its renewals and a statement for each year somebody is in care.
MOST_PAPERS = 10


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper in a list: what it is, not what it says."""

    public_id: uuid.UUID
    kind: str
    content_type: str
    size_bytes: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """A paper with what is inside."""

    kind: str
    content_type: str
    content: bytes


@act("documents.document.added")
def add_document(
    *,
    actor: Actor,
    person_id: int,
    kind: str,
    content_type: str,
    content: bytes,
    at: datetime,
) -> uuid.UUID:
    """Add one paper, whose content the door has checked; the same content again adds nothing.

    Refuses ``document_unclear``, ``document_too_large`` and ``documents_enough``.
    """
    allow(actor, "add_document", relations(actor, person_id=person_id))
    if kind not in KINDS or content_type not in CONTENT_TYPES or not content:
        raise Refusal("document_unclear", fields=("kind", "file"))
    if len(content) > MOST_BYTES:
        raise Refusal("document_too_large", megabytes=MOST_BYTES // 1_048_576, fields=("file",))
    # One at a time for a person, so that the count holds.
    Person.objects.select_for_update().get(pk=person_id)
    known = documents.the_same(person_id, content)
    if known is not None:
        return known.public_id
    if documents.live(person_id).count() >= MOST_PAPERS:
        raise Refusal("documents_enough", count=MOST_PAPERS, fields=("file",))
    kept = documents.keep(
        person_id, kind=kind, content_type=content_type, content=content, by=actor.role, at=at
    )
    record(actor, "documents.document.added", at=at, object_id=kept.pk, person_id=person_id)
    return kept.public_id


@act("documents.document.removed")
def remove_document(*, actor: Actor, document_id: uuid.UUID, at: datetime) -> None:
    """Empty a paper, at once and for good. Removed already, it is not found."""
    document = _known(document_id)
    allow(actor, "remove_document", relations(actor, person_id=document.person_id))
    Person.objects.select_for_update().get(pk=document.person_id)
    documents.remove(document, at=at)
    record(
        actor,
        "documents.document.removed",
        at=at,
        object_id=document.pk,
        person_id=document.person_id,
    )


@looking("documents.list.opened")
def list_documents(*, actor: Actor, person_id: int, at: datetime) -> tuple[Paper, ...]:
    """A person's own papers, or a child's, newest first."""
    allow(actor, "list_documents", relations(actor, person_id=person_id))
    record(actor, "documents.list.opened", at=at, object_id=person_id, person_id=person_id)
    return _papers(person_id)


@looking("documents.list.opened")
def list_visit_documents(
    *, actor: Actor, booking_id: uuid.UUID, at: datetime
) -> tuple[Paper, ...]:
    """The papers of who comes, for the psychologist of the appointment (its public id)."""
    booking = agenda.by_public_id(booking_id)
    if booking is None or booking.person_id is None:
        raise Refusal("not_found")
    person_id, owner = booking.person_id, booking.psychologist_id
    treats = actor.psychologist_id == owner and gather.treats(owner, person_id)
    ties = relations(actor, person_id=person_id, treats=treats)
    allow(actor, "list_visit_documents", ties)
    record(actor, "documents.list.opened", at=at, object_id=booking.pk, person_id=person_id)
    return _papers(person_id)


@looking("documents.document.opened")
def open_document(*, actor: Actor, document_id: uuid.UUID, at: datetime) -> OpenPaper:
    """One paper: for its person, who acts for them, and the psychologist who treats them."""
    document = _known(document_id)
    person_id, mine = document.person_id, actor.psychologist_id
    treats = mine is not None and gather.treats(mine, person_id)
    allow(actor, "open_document", relations(actor, person_id=person_id, treats=treats))
    record(actor, "documents.document.opened", at=at, object_id=document.pk, person_id=person_id)
    return OpenPaper(document.kind, document.content_type, documents.content_of(document))


def _known(document_id: uuid.UUID) -> Document:
    document = documents.by_public_id(document_id)
    if document is None:
        raise Refusal("not_found")
    return document


def _papers(person_id: int) -> tuple[Paper, ...]:
    return tuple(
        Paper(row.public_id, row.kind, row.content_type, row.size_bytes, row.added_at)
        for row in documents.live(person_id)
    )
