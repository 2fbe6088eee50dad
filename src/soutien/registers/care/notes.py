"""A psychologist's own notes on somebody: sealed, in versions, read by their author alone."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Q, QuerySet

from soutien.sealing import SealedTextField


class Note(models.Model):
    """One note of one author on one person. Its name is made by the page, before it is written."""

    public_id = models.UUIDField(unique=True, editable=False)
    author = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    about_on = models.DateField(help_text="the day that it tells of")
    begun_at = models.DateTimeField()
    edits = models.PositiveIntegerField(default=0, help_text="goes up with each writing")
    window = models.UUIDField(help_text="the page that wrote it last")

    class Meta:
        indexes = [models.Index(fields=["author", "person", "about_on"], name="care_note_author")]


class NoteVersion(models.Model):
    """What a note said at one time. While it is being typed, the last one is written over."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="versions")
    sequence = models.PositiveSmallIntegerField()
    text = SealedTextField()
    begun_at = models.DateTimeField()
    written_at = models.DateTimeField()
    kept = models.BooleanField(default=False, help_text="saved by hand: never written over")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "sequence"], name="care_note_version_once"),
            models.CheckConstraint(name="care_note_version_counted", condition=Q(sequence__gte=1)),
        ]


def by_public_id(public_id: uuid.UUID) -> Note | None:
    """One note with its person, whoever wrote it."""
    return Note.objects.select_related("person").filter(public_id=public_id).first()


def lock(note_id: int) -> Note:
    """One note, held to the end of the transaction."""
    return Note.objects.select_for_update().get(pk=note_id)


def of_author(author_id: int, person_id: int) -> QuerySet[Note]:
    """What one author wrote on one person, the last day first."""
    found = Note.objects.filter(author_id=author_id, person_id=person_id)
    return found.order_by("-about_on", "-id")


def versions(note_id: int) -> list[NoteVersion]:
    """All that a note said, the last one first."""
    return list(NoteVersion.objects.filter(note_id=note_id).order_by("-sequence"))


def latest_of(note_ids: list[int]) -> dict[int, NoteVersion]:
    """What each of these notes says now."""
    found = NoteVersion.objects.filter(note__in=note_ids).order_by("sequence")
    return {version.note_id: version for version in found}


def begin(
    public_id: uuid.UUID,
    *,
    author_id: int,
    person_id: int,
    window: uuid.UUID,
    about_on: date,
    at: datetime,
) -> Note:
    """A new note, without words. Raises IntegrityError when the name is taken."""
    return Note.objects.create(
        public_id=public_id,
        author_id=author_id,
        person_id=person_id,
        window=window,
        about_on=about_on,
        begun_at=at,
    )


def write(note: Note, text: str, *, kept: bool, sitting: timedelta, at: datetime) -> bool:
    """What the note says from now on; false when it says so already.

    A version that began no longer ago than a sitting, and was not saved by hand, is written over.
    """
    last = NoteVersion.objects.filter(note=note).order_by("-sequence").first()
    if last is not None and last.text == text and (last.kept or not kept):
        return False
    if last is not None and (
        last.text == text or (not last.kept and at - last.begun_at <= sitting)
    ):
        last.text, last.written_at, last.kept = text, at, kept
        last.save(update_fields=["text", "written_at", "kept"])
    else:
        NoteVersion.objects.create(
            note=note,
            sequence=1 + (last.sequence if last else 0),
            text=text,
            begun_at=at,
            written_at=at,
            kept=kept,
        )
    note.edits += 1
    note.save(update_fields=["edits"])
    return True


def remove(note: Note) -> None:
    """Nothing of it stays."""
    note.delete()


def forget(person_id: int) -> int:
    """Remove all notes on somebody who is forgotten."""
    return Note.objects.filter(person_id=person_id).delete()[0]
