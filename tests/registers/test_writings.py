"""What is written stays as it was, and goes with its person; a code opens what we cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, models, transaction
from tests import factories as make
from tests.registers.protections import append_only_taken_away

from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import (
    REFERRAL,
    Answer,
    Deposit,
    HandOver,
    Signature,
    Version,
    Writing,
)
from soutien.sealing import SealingError, code_from, open_by, place_of, plain_code, seal_by

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TABLES: dict[str, type[models.Model]] = {
    model._meta.db_table: model for model in (Writing, Version, Signature, HandOver, Answer)
}
CHANGES = {
    "writings_writing": {"kind": "attendance"},
    "writings_version": {"number": 7},
    "writings_signature": {"number": 7},
    "writings_handover": {"to": "cmp"},
    "writings_answer": {"seen": "seen"},
}


@pytest.fixture
def note() -> Writing:
    return begun(make.person(at=NOW))


def begun(who: Person) -> Writing:
    writing = writings.begin(
        "evaluation_note",
        person_id=who.pk,
        psychologist_id=make.psychologist().pk,
        body={"words": "Zibeline dort mal"},
        written_on=NOW.date(),
        at=NOW,
    )
    writings.sign(writing, NOW)
    passage = writings.hand_over(writing, to="psychiatry", basis="agreed", at=NOW)
    writings.answer(passage, seen="not_yet", at=NOW)
    return writing


def test_what_is_written_is_sealed(note: Writing):
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM writings_version")
        [(sealed,)] = cursor.fetchall()
    assert b"Zibeline" not in bytes(sealed)
    assert writings.latest(note).body == {"words": "Zibeline dort mal"}


@pytest.mark.parametrize("table", TABLES)
def test_nothing_written_is_changed_or_removed(note: Writing, table: str):
    with pytest.raises(IntegrityError, match=f"{table}_append_only"), transaction.atomic():
        TABLES[table]._default_manager.update(**CHANGES[table])
    for statement in (
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE"
        if connection.vendor == "postgresql"
        else f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ):
        with (
            pytest.raises(IntegrityError, match=r"_append_only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)


@pytest.mark.parametrize("table", TABLES)
def test_twin_without_the_protection_it_is_changed(note: Writing, table: str):
    with append_only_taken_away():
        assert TABLES[table]._default_manager.update(**CHANGES[table]) == 1


def test_after_the_signature_the_database_takes_no_version(note: Writing):
    with pytest.raises(writings.Signed):
        writings.write_again(writings.lock(note), {"words": "autre"}, NOW)
    with pytest.raises(IntegrityError, match="after_signature"), transaction.atomic():
        Version.objects.create(writing=note, number=2, body={}, written_at=NOW)
    assert writings.sign(note, NOW + timedelta(days=1)).signed_at == NOW


def test_before_it_each_version_is_kept():
    draft = writings.begin(
        "attendance",
        person_id=make.person(at=NOW).pk,
        psychologist_id=make.psychologist().pk,
        body={"n": 1},
        written_on=NOW.date(),
        at=NOW,
    )
    assert writings.write_again(writings.lock(draft), {"n": 2}, NOW).number == 2
    assert list(draft.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert writings.latest(draft).body == {"n": 2}
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(writing=draft, number=2, body={}, written_at=NOW)


def test_it_goes_when_its_person_is_forgotten_and_not_before(note: Writing):
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        writings.forget(note.person_id)
    another = begun(make.person(at=NOW))
    people.forget(note.person_id, NOW)
    assert writings.forget(note.person_id) == 5
    assert list(Writing.objects.all()) == [another]


def test_a_period_never_runs_backwards_and_only_doctors_letters_have_one(note: Writing):
    who = {"person_id": note.person_id, "psychologist_id": note.psychologist_id}
    for kind, before in ((REFERRAL, NOW.date()), ("attendance", date(2027, 1, 1))):
        with pytest.raises(IntegrityError), transaction.atomic():
            writings.begin(
                kind, body={}, written_on=NOW.date(), valid_before=before, at=NOW, **who
            )


# Codes


def test_a_code_opens_what_it_sealed_and_nothing_else():
    code, other = code_from("a page", "words"), code_from("a page", "other words")
    sealed = seal_by(code, "Zoé dort mal")
    assert open_by(code, sealed) == "Zoé dort mal"
    assert open_by(f" {code.upper().replace('-', ' ')} ", sealed) == "Zoé dort mal"
    with pytest.raises(SealingError):
        open_by(other, sealed)
    with pytest.raises(SealingError):
        open_by(code, "A" * 4 + sealed[4:])


def test_the_same_page_and_words_have_one_code_and_its_place_tells_nothing():
    code = code_from("a page", "words")
    assert code == code_from("a page", "words")
    assert len({code, code_from("another", "words"), code_from("a page", "word")}) == 3
    assert len(plain_code(code)) == 16 and len(place_of(code)) == 64
    assert plain_code(code) not in place_of(code) + seal_by(code, "words")


@pytest.mark.parametrize("typed", ["", "abcd", "abcd-efgh-jkmn-pqr0", "abcd-efgh-jkmn-pqrst"])
def test_what_cannot_be_a_code_is_none(typed: str):
    assert plain_code(typed) == ""


def test_left_twice_it_is_there_once_and_fetched_it_is_empty():
    code = code_from("a page", "words")
    told = {"kept_code": code, "author_id": None, "written_on": NOW.date(), "at": NOW}
    ends = NOW + timedelta(days=1)
    left = [
        writings.leave(place_of(code), content=seal_by(code, "x"), ends_at=ends, **told)
        for _time in range(2)
    ]
    assert left[0].pk == left[1].pk and Deposit.objects.count() == 1
    assert writings.lock_deposit(place_of(code), ends) is None
    found = writings.lock_deposit(place_of(code), NOW)
    assert found is not None
    writings.received(found, NOW)
    [row] = Deposit.objects.all()
    assert (row.content, row.kept_code, row.received_at) == ("", "", NOW)
    assert writings.lock_deposit(place_of(code), NOW) is None
