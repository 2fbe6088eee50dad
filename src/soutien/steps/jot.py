"""A psychologist's own notes: written, read, taken away and removed by their author alone."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from soutien.registers.care import notes
from soutien.registers.care.notes import Note, NoteVersion
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.steps import gather
from soutien.steps.accompanied import civil_today
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.shown import name_of
from soutien.steps.trace import act, looking, record

MOST_NOTE = 60_000
# What is typed within one sitting is one version.
SITTING = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class VersionView:
    """What a note said, and until when it was typed."""

    text: str
    written_at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class NoteView:
    """One note; ``edits`` says which writing of it this is. The newest version stands first."""

    public_id: uuid.UUID
    about_on: date
    edits: int
    versions: tuple[VersionView, ...]

    @property
    def text(self) -> str:
        """What it says now."""
        return self.versions[0].text if self.versions else ""


@dataclass(frozen=True, slots=True)
class NotesView:
    """An author's notes on one person, the last day first."""

    person_public_id: uuid.UUID
    person_name: str
    notes: tuple[NoteView, ...]


@looking("care.note.listed")
def list_notes(*, actor: Actor, patient_id: uuid.UUID, at: datetime) -> NotesView:
    """One's own notes on somebody one treats, or treated. ``patient_id`` is the public id."""
    person, author_id = _person(actor, "list_notes", patient_id)
    view = _all(person, author_id)
    record(actor, "care.note.listed", at=at, object_id=person.pk, person_id=person.pk)
    return view


@looking("care.note.opened")
def open_note(*, actor: Actor, note_id: uuid.UUID, at: datetime) -> tuple[NotesView, NoteView]:
    """One of one's own notes with all its versions, and whom it is about."""
    note = _own(actor, "open_note", note_id)
    record(actor, "care.note.opened", at=at, object_id=note.pk, person_id=note.person_id)
    whose = NotesView(note.person.public_id, name_of(note.person), ())
    return whose, _view(note, notes.versions(note.pk))


@act("care.note.written")
def write_note(
    *,
    actor: Actor,
    patient_id: uuid.UUID,
    note_id: uuid.UUID,
    text: str,
    after: int,
    window: uuid.UUID,
    kept: bool,
    about_on: date,
    at: datetime,
) -> int:
    """Write a note, begun under the name the page gave it; which writing it is now.

    ``after`` is the writing that the page shows: when there is a later one from another
    ``window``, ``note_changed`` is refused and nothing is written over; an answer that was lost
    on its way to the same window is none. The same words again write nothing.
    """
    person, author_id = _person(actor, "write_note", patient_id)
    said = _words(text)
    if about_on > civil_today(at):
        raise Refusal("note_ahead", fields=("about_on",))
    note = _known(note_id, author_id, person) or _begun(
        note_id, author_id, person, window, about_on, at
    )
    if note.edits != after and note.window != window:
        raise Refusal("note_changed", fields=("text",))
    moved = (note.about_on, note.window) != (about_on, window)
    note.about_on, note.window = about_on, window
    if notes.write(note, said, kept=kept, sitting=SITTING, at=at) or moved:
        note.save(update_fields=["about_on", "window"])
        record(actor, "care.note.written", at=at, object_id=note.pk, person_id=person.pk)
    return note.edits


@act("care.note.removed")
def remove_note(*, actor: Actor, note_id: uuid.UUID, at: datetime) -> uuid.UUID:
    """Remove one of one's own notes with all its versions, for good; whom it was about."""
    note = _own(actor, "remove_note", note_id)
    key, person = note.pk, note.person
    notes.remove(note)
    record(actor, "care.note.removed", at=at, object_id=key, person_id=person.pk)
    return person.public_id


@act("care.note.exported")
def export_notes(*, actor: Actor, patient_id: uuid.UUID, at: datetime) -> NotesView:
    """All one's own notes on somebody, to take away; the journal says that they were."""
    person, author_id = _person(actor, "export_notes", patient_id)
    record(actor, "care.note.exported", at=at, object_id=person.pk, person_id=person.pk)
    return _all(person, author_id)


def _person(actor: Actor, step: str, public_id: uuid.UUID) -> tuple[Person, int]:
    person = people.by_public_id(public_id)
    if person is None or person.forgotten_at is not None:
        raise Refusal("not_found")
    mine = actor.psychologist_id
    treats = mine is not None and (
        gather.treats(mine, person.pk) or notes.of_author(mine, person.pk).exists()
    )
    allow(actor, step, relations(actor, person_id=person.pk, treats=treats))
    assert mine is not None
    return person, mine


def _own(actor: Actor, step: str, public_id: uuid.UUID) -> Note:
    note = notes.by_public_id(public_id)
    if note is None:
        raise Refusal("not_found")
    ties = relations(actor, person_id=note.person_id, psychologist_id=note.author_id)
    allow(actor, step, ties)
    return note


def _known(public_id: uuid.UUID, author_id: int, person: Person) -> Note | None:
    """The note of this name, locked. Another's, or on somebody else, is refused like none."""
    found = notes.by_public_id(public_id)
    if found is None:
        return None
    if (found.author_id, found.person_id) != (author_id, person.pk):
        raise Refusal("not_found")
    return notes.lock(found.pk)


def _begun(
    public_id: uuid.UUID,
    author_id: int,
    person: Person,
    window: uuid.UUID,
    about_on: date,
    at: datetime,
) -> Note:
    """A new note; when the same page began it at this very moment, that one."""
    try:
        with transaction.atomic():
            return notes.begin(
                public_id,
                author_id=author_id,
                person_id=person.pk,
                window=window,
                about_on=about_on,
                at=at,
            )
    except IntegrityError:
        found = _known(public_id, author_id, person)
        assert found is not None
        return found


def _words(text: str) -> str:
    said = text.replace("\r\n", "\n").rstrip()
    if not said.strip():
        raise Refusal("note_empty", fields=("text",))
    if len(said) > MOST_NOTE:
        raise Refusal("words_too_long", most=MOST_NOTE, fields=("text",))
    return said


def _all(person: Person, author_id: int) -> NotesView:
    found = list(notes.of_author(author_id, person.pk))
    latest = notes.latest_of([note.pk for note in found])
    return NotesView(
        person.public_id,
        name_of(person),
        tuple(_view(note, [latest[note.pk]]) for note in found if note.pk in latest),
    )


def _view(note: Note, said: list[NoteVersion]) -> NoteView:
    return NoteView(
        note.public_id,
        note.about_on,
        note.edits,
        tuple(VersionView(one.text, one.written_at, one.kept) for one in said),
    )
