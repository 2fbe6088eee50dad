"""One document of a young child's care, shown to one who acts for the child, and closed again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused

from soutien.registers.audit.models import Entry
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.people.models import Person
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import Showing, Writing
from soutien.steps.actor import Actor
from soutien.steps.show import hide_writing, open_showing, show_writing
from soutien.steps.standing import standing
from soutien.steps.write import list_writings, open_writing

pytestmark = pytest.mark.django_db

TODAY = scene.MONDAY
AT = scene.at(TODAY)
DAY = timedelta(days=1)


@pytest.fixture
def where() -> scene.Practice:
    return scene.practice()


@pytest.fixture
def lea() -> Person:
    return factories.person(at=AT, given_name="Léa", birth_date="2018-05-17")


@pytest.fixture
def parents(lea: Person) -> list[Guardianship]:
    return [
        factories.guardianship(factories.person(at=AT), lea, valid_from=TODAY) for _one in range(2)
    ]


@pytest.fixture
def note(where: scene.Practice, lea: Person) -> Writing:
    made = writings.begin(
        "evaluation_note",
        person_id=lea.pk,
        psychologist_id=where.psychologist_id,
        body={"given_name": "Léa", "family_name": "Exemple", "birth_date": "2018-05-17"},
        written_on=TODAY,
        at=AT,
    )
    writings.sign(made, AT)
    return made


def acting(row: Guardianship) -> Actor:
    own = replace(scene.of(row.guardian), account_id=row.guardian_id)
    return standing(own, row.child.public_id, TODAY).actor


def show(where: scene.Practice, note: Writing, row: Guardianship, step=show_writing) -> None:
    step(
        actor=where.actor,
        writing_id=note.public_id,
        guardianship_id=row.public_id,
        at=AT,
    )


def reads(row: Guardianship, note: Writing) -> bool:
    return open_writing(actor=acting(row), writing_id=note.public_id, at=AT).kind == note.kind


def listed(row: Guardianship) -> list[str]:
    found = list_writings(actor=acting(row), person_id=row.child_id, at=AT)
    return [line.kind for line in found]


def test_the_one_it_is_shown_to_reads_it_and_the_other_does_not(
    where: scene.Practice, note: Writing, parents: list[Guardianship]
):
    mother, father = parents
    with refused("not_allowed"):
        reads(mother, note)
    show(where, note, mother)
    show(where, note, mother)
    assert reads(mother, note) and listed(mother) == ["evaluation_note"]
    assert listed(father) == []
    with refused("not_allowed"):
        reads(father, note)
    seen = open_showing(actor=where.actor, writing_id=note.public_id, at=AT)
    assert [parent.shown for parent in seen] == [True, False]
    show(where, note, mother, hide_writing)
    show(where, note, mother, hide_writing)
    with refused("not_allowed"):
        reads(mother, note)
    assert listed(mother) == []
    events = Entry.objects.filter(person_id=note.person_id, event__startswith="writings.showing.")
    told = list(events.exclude(event__endswith="opened").values_list("event", flat=True))
    assert told == ["writings.showing.given", "writings.showing.taken_back"]


def test_a_draft_a_stranger_and_another_psychologist_are_refused(
    where: scene.Practice, lea: Person, note: Writing, parents: list[Guardianship]
):
    draft = writings.begin(
        "end_report",
        person_id=lea.pk,
        psychologist_id=where.psychologist_id,
        body={},
        written_on=TODAY,
        at=AT,
    )
    assert open_showing(actor=where.actor, writing_id=draft.public_id, at=AT) == ()
    with refused("not_found"):
        show(where, draft, parents[0])
    ended = factories.guardianship(
        factories.person(at=AT), lea, valid_from=TODAY - 9 * DAY, valid_before=TODAY
    )
    with refused("not_found"):
        show(where, note, ended)
    with refused("not_found"):
        show_writing(actor=where.actor, writing_id=note.public_id, guardianship_id=uuid4(), at=AT)
    for actor in (scene.practice().actor, acting(parents[0]), Actor("administrator")):
        with refused("not_allowed"):
            open_showing(actor=actor, writing_id=note.public_id, at=AT)
    assert not Showing.objects.exists()


def test_nothing_stays_shown_once_the_child_is_old_enough(
    where: scene.Practice, note: Writing, parents: list[Guardianship], settings
):
    mother, _father = parents
    show(where, note, mother)
    settings.OWN_SPACE_AGE_YEARS = 7
    assert open_showing(actor=where.actor, writing_id=note.public_id, at=AT) == ()
    with refused("not_allowed"):
        reads(mother, note)


def test_two_psychologists_clicks_at_once_show_it_once(note: Writing, parents: list[Guardianship]):
    guardian_id = parents[0].guardian_id
    assert writings.show(note, guardian_id, AT)
    assert not writings.show(note, guardian_id, AT)
    assert writings.hide(note, guardian_id, AT)
    assert writings.show(note, guardian_id, AT + DAY)
    assert Showing.objects.count() == len(parents)
