"""Papers for the psychologist: who adds, reads and removes them, and how many there are."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories as make

from soutien.registers.agenda.models import Booking
from soutien.registers.documents import queries as documents
from soutien.registers.documents.models import MOST_BYTES, Document
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import Psychologist
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.errors import Refusal
from soutien.steps.keeping import forget_person, leave
from soutien.steps.own_data import download_own_data
from soutien.steps.papers import (
    MOST_PAPERS,
    add_document,
    list_documents,
    list_visit_documents,
    open_document,
    remove_document,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
CONTENT = b"%PDF- Courrier de Mme Zibeline"


def of(who: Person) -> Actor:
    return Actor("person", account_id=1, person_id=who.pk)


@pytest.fixture
def who() -> Person:
    return make.person(at=NOW)


def added(who: Person, content: bytes = CONTENT, **fields: object) -> uuid.UUID:
    told = {"kind": "referral_letter", "content_type": "application/pdf", "actor": of(who)}
    return add_document(person_id=who.pk, content=content, at=NOW, **(told | fields))  # type: ignore[arg-type]


def code(step: object, **told: object) -> str:
    with pytest.raises(Refusal) as refusal:
        step(at=NOW, **told)  # type: ignore[operator]
    return refusal.value.code


def with_visit(who: Person) -> tuple[Psychologist, uuid.UUID]:
    place = make.place(make.psychologist())
    booked = make.booking(place, starts_at=NOW + timedelta(days=2), who=who)
    return place.psychologist, booked.public_id


def test_a_paper_is_kept_sealed_and_read_back(who: Person):
    key = added(who)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, content_index FROM documents_document")
        [(sealed, index)] = cursor.fetchall()
    assert b"Zibeline" not in bytes(sealed) and documents._text(CONTENT).encode() not in sealed
    assert index and len(index) == 64
    assert open_document(actor=of(who), document_id=key, at=NOW).content == CONTENT


def test_the_same_paper_twice_stands_once(who: Person):
    assert added(who) == added(who, kind="other")
    assert Document.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        documents.keep(
            who.pk, kind="other", content_type="image/png", content=CONTENT, by="person", at=NOW
        )
    assert added(make.person(at=NOW)) != added(who)


def test_the_eleventh_paper_waits_until_one_is_removed(who: Person):
    keys = [added(who, b"%d" % number) for number in range(MOST_PAPERS)]
    with pytest.raises(Refusal) as refusal:
        added(who, b"one more")
    assert refusal.value.code == "documents_enough"
    remove_document(actor=of(who), document_id=keys[0], at=NOW)
    added(who, b"one more")


def test_removed_its_content_is_gone_at_once(who: Person):
    key = added(who)
    remove_document(actor=of(who), document_id=key, at=NOW)
    [row] = Document.objects.all()
    assert (row.content, row.content_index, row.removed_at) == ("", None, NOW)
    assert code(open_document, actor=of(who), document_id=key) == "not_found"
    assert code(remove_document, actor=of(who), document_id=key) == "not_found"
    assert list_documents(actor=of(who), person_id=who.pk, at=NOW) == ()
    # The same paper may come back.
    assert added(who) != key


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "diary"}, "document_unclear"),
        ({"content_type": "text/html"}, "document_unclear"),
        ({"content": b""}, "document_unclear"),
        ({"content": b"x" * (MOST_BYTES + 1)}, "document_too_large"),
    ],
)
def test_what_is_no_paper_is_refused(who: Person, fields: dict[str, object], expected: str):
    with pytest.raises(Refusal) as refusal:
        added(who, **fields)  # type: ignore[arg-type]
    assert refusal.value.code == expected
    assert not Document.objects.exists()


def test_whoever_acts_for_a_child_adds_reads_and_removes(who: Person):
    parent = Actor("guardian", account_id=1, person_id=make.person(at=NOW).pk, on_behalf_of=who.pk)
    key = added(who, actor=parent)
    assert open_document(actor=parent, document_id=key, at=NOW).content == CONTENT
    [paper] = list_documents(actor=parent, person_id=who.pk, at=NOW)
    assert (paper.public_id, paper.size_bytes) == (key, len(CONTENT))
    remove_document(actor=parent, document_id=key, at=NOW)


def test_the_psychologist_of_an_appointment_reads_and_changes_nothing(who: Person):
    key, (psychologist, booking) = added(who), with_visit(who)
    actor = Actor("psychologist", account_id=1, psychologist_id=psychologist.pk)
    [paper] = list_visit_documents(actor=actor, booking_id=booking, at=NOW)
    assert paper.public_id == key
    assert open_document(actor=actor, document_id=key, at=NOW).content == CONTENT
    assert code(remove_document, actor=actor, document_id=key) == "not_allowed"
    with pytest.raises(Refusal):
        added(who, b"other", actor=actor)


def test_nobody_else_reads_a_paper(who: Person):
    key, (psychologist, booking) = added(who), with_visit(who)
    other = make.psychologist()
    strangers = [
        ANONYMOUS,
        of(make.person(at=NOW)),
        Actor("psychologist", account_id=1, psychologist_id=other.pk),
        Actor("replacement", account_id=1, psychologist_id=psychologist.pk),
        Actor("guardian", account_id=1, person_id=who.pk, on_behalf_of=other.pk + 999),
        Actor("fund_agent", account_id=1, fund_code=make.FUND),
        Actor("administrator", account_id=1),
    ]
    for actor in strangers:
        assert code(open_document, actor=actor, document_id=key) == "not_allowed"
        assert code(remove_document, actor=actor, document_id=key) == "not_allowed"
        assert code(list_documents, actor=actor, person_id=who.pk) == "not_allowed"
        assert code(list_visit_documents, actor=actor, booking_id=booking) == "not_allowed"
    mine = Actor("psychologist", account_id=1, psychologist_id=psychologist.pk)
    assert code(list_visit_documents, actor=mine, booking_id=uuid.uuid4()) == "not_found"


def test_a_cancelled_appointment_opens_nothing(who: Person):
    key, (psychologist, booking) = added(who), with_visit(who)
    Booking.objects.filter(public_id=booking).update(
        status="cancelled", ended_at=NOW, ended_by="person"
    )
    actor = Actor("psychologist", account_id=1, psychologist_id=psychologist.pk)
    assert code(open_document, actor=actor, document_id=key) == "not_allowed"
    assert code(list_visit_documents, actor=actor, booking_id=booking) == "not_allowed"


def test_papers_are_in_the_export_and_go_with_their_person(who: Person):
    added(who)
    export = download_own_data(actor=of(who), person_id=who.pk, at=NOW)
    [row] = export["documents"]
    assert (row["content"], row["kind"]) == (documents._text(CONTENT), "referral_letter")
    forget_person(who.pk, NOW)
    assert not Document.objects.exists()
    other = make.person(at=NOW)
    added(other)
    leave(other.pk, NOW)
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "diary"},
        {"content_type": "text/html"},
        {"added_by": "psychologist"},
        {"size_bytes": 0},
        {"size_bytes": MOST_BYTES + 1},
        {"content_index": None},
        {"removed_at": NOW},
    ],
)
def test_the_database_refuses_what_no_step_writes(who: Person, wrong: dict[str, object]):
    added(who)
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.update(**wrong)
