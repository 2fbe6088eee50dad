"""A psychologist's own notes: versions, two windows, and nobody else, whoever asks."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories as make
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, Practice, at, booked, closed, insured, practice

from soutien.doors.backups.tables import rows, tables
from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.care.notes import Note, NoteVersion
from soutien.registers.people.models import Person
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.jot import (
    MOST_NOTE,
    SITTING,
    export_notes,
    list_notes,
    open_note,
    remove_note,
    write_note,
)
from soutien.steps.keeping import forget_person, leave
from soutien.steps.own_data import download_own_data

pytestmark = pytest.mark.django_db
NOON = at(MONDAY, 12)
WINDOW, OTHER_WINDOW = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def here() -> Practice:
    return practice()


@pytest.fixture
def who(here: Practice) -> Person:
    person = insured()
    closed(here, booked(here, person, day=MONDAY, kind="evaluation"))
    return person


def written(
    here: Practice,
    who: Person,
    text: str,
    *,
    key: uuid.UUID | None = None,
    after: int = 0,
    window: uuid.UUID = WINDOW,
    kept: bool = False,
    moment: datetime = NOON,
    about_on: date = MONDAY,
    actor: Actor | None = None,
) -> tuple[uuid.UUID, int]:
    name = key or uuid.uuid4()
    edits = write_note(
        actor=actor or here.actor,
        patient_id=who.public_id,
        note_id=name,
        text=text,
        after=after,
        window=window,
        kept=kept,
        about_on=about_on,
        at=moment,
    )
    return name, edits


def said(here: Practice, key: uuid.UUID) -> list[str]:
    _whose, note = open_note(actor=here.actor, note_id=key, at=NOON)
    return [version.text for version in note.versions]


def test_a_note_is_written_sealed_and_read_back(here: Practice, who: Person):
    key, edits = written(here, who, "Parle de Zibeline.\r\n")
    assert (edits, said(here, key)) == (1, ["Parle de Zibeline."])
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM care_noteversion")
        [(sealed,)] = cursor.fetchall()
    assert b"Zibeline" not in bytes(sealed)


def test_nothing_of_it_is_clear_in_a_backup(here: Practice, who: Person):
    written(here, who, "Parle de Zibeline.")
    lines = [line for table in tables() for line in rows(table)]
    assert len(lines) > 20 and not any(b"Zibeline" in line for line in lines)
    assert not any(b"WmliZWxpbm" in line for line in lines)  # The same in base64.


def test_what_is_typed_in_one_sitting_is_one_version(here: Practice, who: Person):
    key, edits = written(here, who, "Dort")
    _key, edits = written(here, who, "Dort mal", key=key, after=edits, moment=NOON + SITTING)
    assert said(here, key) == ["Dort mal"]
    later = NOON + SITTING + timedelta(seconds=1)
    _key, edits = written(here, who, "Dort mieux", key=key, after=edits, moment=later)
    assert said(here, key) == ["Dort mieux", "Dort mal"]
    assert edits == 3


def test_what_was_saved_by_hand_is_never_written_over(here: Practice, who: Person):
    key, edits = written(here, who, "Dort mal", kept=True)
    _key, edits = written(here, who, "Dort", key=key, after=edits)
    assert said(here, key) == ["Dort", "Dort mal"]
    _key, edits = written(here, who, "Dort", key=key, after=edits, kept=True)
    assert said(here, key) == ["Dort", "Dort mal"]
    written(here, who, "Dort bien", key=key, after=edits)
    assert said(here, key) == ["Dort bien", "Dort", "Dort mal"]


def test_the_same_words_again_write_nothing(here: Practice, who: Person):
    key, edits = written(here, who, "Dort", kept=True)
    for _twice in range(2):
        assert written(here, who, "Dort", key=key, after=edits, kept=True)[1] == edits
    assert Entry.objects.filter(event="care.note.written").count() == 1


def test_another_window_never_writes_over_words_it_did_not_see(here: Practice, who: Person):
    key, edits = written(here, who, "Dort")
    _key, edits = written(here, who, "Dort mal", key=key, after=edits)
    with refused("note_changed"):
        written(here, who, "Mange", key=key, after=1, window=OTHER_WINDOW)
    assert said(here, key) == ["Dort mal"]
    # The same window, whose last answer was lost on its way.
    written(here, who, "Dort mal, mange", key=key, after=0)
    assert said(here, key) == ["Dort mal, mange"]
    written(here, who, "Dort, mange", key=key, after=3, window=OTHER_WINDOW)
    with refused("note_changed"):
        written(here, who, "Dort", key=key, after=3)


def test_what_is_no_note_is_refused(here: Practice, who: Person):
    with refused("note_empty"):
        written(here, who, " \n ")
    with refused("words_too_long"):
        written(here, who, "x" * (MOST_NOTE + 1))
    with refused("note_ahead"):
        written(here, who, "Demain", about_on=MONDAY + DAY)
    assert not Note.objects.exists()


def test_a_list_is_of_one_author_the_last_day_first(here: Practice, who: Person):
    written(here, who, "Lundi")
    written(here, who, "Dimanche", about_on=MONDAY - DAY)
    there = practice()
    booked(there, who, day=MONDAY + 7 * DAY)
    written(there, who, "Ailleurs", actor=there.actor)
    view = list_notes(actor=here.actor, patient_id=who.public_id, at=NOON)
    assert [note.text for note in view.notes] == ["Lundi", "Dimanche"]
    taken = export_notes(actor=there.actor, patient_id=who.public_id, at=NOON)
    assert [note.text for note in taken.notes] == ["Ailleurs"]


def test_nobody_else_opens_a_note(here: Practice, who: Person):
    key, edits = written(here, who, "Entre nous")
    treating = practice()
    booked(treating, who, day=MONDAY + 7 * DAY)
    colleague, mine = treating.actor, here.psychologist_id
    strangers = [
        ANONYMOUS,
        Actor("person", account_id=1, person_id=who.pk),
        Actor("guardian", account_id=1, person_id=who.pk + 9, on_behalf_of=who.pk),
        Actor("replacement", account_id=1, psychologist_id=mine),
        practice().actor,
        colleague,
        Actor("doctor", account_id=1),
        Actor("fund_agent", account_id=1, fund_code=make.FUND),
        Actor("fund_supervisor", account_id=1, fund_code=make.FUND),
        Actor("insurer_agent", account_id=1, insurer_code="x"),
        Actor("town_editor", account_id=1, town_code="69123"),
        Actor("analyst", account_id=1),
        Actor("administrator", account_id=1),
    ]
    for actor in strangers:
        with refused("not_allowed"):
            open_note(actor=actor, note_id=key, at=NOON)
        with refused("not_allowed"):
            remove_note(actor=actor, note_id=key, at=NOON)
        if actor is colleague:
            # Who treats the person has notes of their own, and never another's.
            assert list_notes(actor=actor, patient_id=who.public_id, at=NOON).notes == ()
            assert export_notes(actor=actor, patient_id=who.public_id, at=NOON).notes == ()
            with refused("not_found"):
                written(here, who, "Moi", key=key, after=edits, actor=actor)
            continue
        for step in (list_notes, export_notes):
            with refused("not_allowed"):
                step(actor=actor, patient_id=who.public_id, at=NOON)
        with refused("not_allowed"):
            written(here, who, "Moi", key=key, after=edits, actor=actor)
    with refused("not_found"):
        open_note(actor=here.actor, note_id=uuid.uuid4(), at=NOON)
    assert said(here, key) == ["Entre nous"]


def test_a_name_is_of_one_note_on_one_person(here: Practice, who: Person):
    key, edits = written(here, who, "Dort")
    other = insured()
    booked(here, other, day=MONDAY + DAY, kind="evaluation")
    with refused("not_found"):
        written(here, other, "Dort", key=key, after=edits)
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.create(
            public_id=key,
            author_id=here.psychologist_id,
            person=other,
            window=WINDOW,
            about_on=MONDAY,
            begun_at=NOON,
        )


def test_its_author_keeps_it_when_the_person_no_longer_comes(here: Practice):
    person = insured()
    booking = booked(here, person, day=MONDAY, kind="evaluation")
    key, _edits = written(here, person, "A appelé")
    Booking.objects.filter(pk=booking.pk).update(
        status="cancelled", ended_at=NOON, ended_by="person"
    )
    view = list_notes(actor=here.actor, patient_id=person.public_id, at=NOON)
    assert [note.text for note in view.notes] == ["A appelé"]
    remove_note(actor=here.actor, note_id=key, at=NOON)
    assert not Note.objects.exists() and not NoteVersion.objects.exists()
    with refused("not_allowed"):
        list_notes(actor=here.actor, patient_id=person.public_id, at=NOON)


def test_notes_are_in_no_export_and_go_with_the_person(here: Practice, who: Person):
    written(here, who, "Parle de Zibeline.")
    actor = Actor("person", account_id=1, person_id=who.pk)
    export = download_own_data(actor=actor, person_id=who.pk, at=NOON)
    assert "Zibeline" not in json.dumps(export, ensure_ascii=False)
    leave(who.pk, NOON)
    assert Note.objects.count() == 1
    forget_person(who.pk, NOON)
    assert not Note.objects.exists() and not NoteVersion.objects.exists()


def test_the_journal_names_no_word_of_a_note(here: Practice, who: Person):
    written(here, who, "Parle de Zibeline.")
    told = str(list(Entry.objects.values_list()))
    assert "care.note.written" in told and "Zibeline" not in told


def test_no_search_reads_notes():
    """What looks for things by words: the directory, the places; neither names a note."""
    package = Path(__file__).parents[2] / "src" / "soutien"
    readers = [
        path
        for path in package.rglob("*.py")
        if "care.notes" in path.read_text() or "NoteVersion" in path.read_text()
    ]
    told = {str(path.relative_to(package)) for path in readers}
    assert {name for name in told if "migrations" not in name} == {
        "doors/cli/demo_data/accompaniments.py",
        "registers/care/models.py",
        "registers/care/notes.py",
        "steps/jot.py",
        "steps/own_data_shape.py",
    }


def test_versions_are_counted_once(here: Practice, who: Person):
    written(here, who, "Dort")
    [version] = NoteVersion.objects.all()
    for wrong in ({"sequence": 1}, {"sequence": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            NoteVersion.objects.create(
                note=version.note, text="x", begun_at=NOON, written_at=NOON, **wrong
            )
