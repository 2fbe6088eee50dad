"""What is sealed stays unreadable, and cannot be changed or moved unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from uuid import UUID

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection, models, transaction
from django.db.models import F, Max
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st
from tests import factories

from soutien.registers.calendars import queries as calendars
from soutien.registers.outbox import queries as outbox
from soutien.registers.people import queries
from soutien.registers.people.models import Affiliation, Person
from soutien.sealing import (
    ForRow,
    SealedJSONField,
    SealedTextField,
    SealingError,
    blind_index,
    blind_indexes,
    row_name,
    seal,
    sealed_field,
    unseal,
)

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ROW = UUID("5a1f0e7c-3d8b-4c57-9b43-0a3cf2f6b001")
ANOTHER = UUID("5a1f0e7c-3d8b-4c57-9b43-0a3cf2f6b002")
SECRETS = ("Marguerite", "Exemple-Très-Reconnaissable", "marguerite@example.org")


@given(st.text())
def test_what_is_sealed_opens_to_the_same_text(text):
    assert unseal(seal(text, "people_person.nir", ROW), "people_person.nir", ROW) == text


def test_the_same_text_is_never_sealed_twice_alike():
    assert seal("Camille", "a.b", ROW) != seal("Camille", "a.b", ROW)


def test_a_nir_takes_less_than_fifty_bytes():
    assert len(seal(factories.made_up_nir(1), "people_person.nir", ROW)) < 50


def test_one_changed_bit_is_refused_wherever_it_is():
    sealed = seal("Camille", "people_person.given_name", ROW)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealingError):
            unseal(bytes(changed), "people_person.given_name", ROW)


def test_a_shortened_text_is_refused():
    sealed = seal("Camille", "people_person.given_name", ROW)
    for length in range(len(sealed)):
        with pytest.raises(SealingError):
            unseal(sealed[:length], "people_person.given_name", ROW)


def test_a_text_moved_to_another_column_is_refused():
    sealed = seal("Camille", "people_person.given_name", ROW)
    with pytest.raises(SealingError, match="moved from another row or column"):
        unseal(sealed, "people_person.family_name", ROW)


def test_another_key_says_which_one_is_missing_and_what_to_set(settings):
    sealed = seal("Camille", "people_person.given_name", ROW)
    settings.SEALING_KEY = "another key, long enough to be taken"
    with pytest.raises(SealingError, match="SOUTIEN_SEALING_KEYS_OLD") as refusal:
        unseal(sealed, "people_person.given_name", ROW)
    assert sealed[1:5].hex() in str(refusal.value)
    assert "Camille" not in str(refusal.value)


def test_a_replaced_key_still_opens_what_it_sealed(settings):
    sealed = seal("Camille", "people_person.given_name", ROW)
    settings.SEALING_KEYS_OLD = [settings.SEALING_KEY]
    settings.SEALING_KEY = "another key, long enough to be taken"
    assert unseal(sealed, "people_person.given_name", ROW) == "Camille"
    assert seal("Camille", "people_person.given_name", ROW)[1:5] != sealed[1:5]


def test_a_short_key_is_refused(settings):
    settings.SEALING_KEY = "short"
    with pytest.raises(SealingError, match="soutien keys new") as refusal:
        seal("Camille", "people_person.given_name", ROW)
    assert "short" not in str(refusal.value)


def test_a_blind_index_is_keyed_and_bound_to_its_purpose(settings):
    nir = factories.made_up_nir(7)
    found = blind_index(nir, "people.person.nir")
    assert found == blind_index(nir, "people.person.nir")
    assert len(found) == 64
    assert found != blind_index(nir, "another")
    settings.SEALING_KEYS_OLD = [settings.SEALING_KEY]
    settings.SEALING_KEY = "another key, long enough to be taken"
    now = blind_index(nir, "people.person.nir")
    assert now[:8] != found[:8]
    assert now[8:] != found[8:]
    assert blind_indexes(nir, "people.person.nir") == [now, found]


@pytest.mark.django_db
def test_nothing_is_readable_in_the_table():
    given_name, family_name, email = SECRETS
    nir = factories.made_up_nir(123456)
    made = factories.person(at=AT, given_name=given_name, family_name=family_name, email=email)
    queries.record_nir(made.pk, nir)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_person WHERE id = %s", [made.pk])
        row = cursor.fetchone()
    stored = b"\n".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for value in row
    )
    for secret in (*SECRETS, nir, made.birth_date, made.phone):
        for part in secret.split("-"):
            assert part.encode() not in stored or len(part) < 3, part
    kept = factories.reread(made)
    assert (kept.given_name, kept.family_name, kept.email, kept.nir) == (*SECRETS, nir)
    assert queries.by_nir(nir) == made
    assert queries.by_nir(factories.made_up_nir(123457)) is None


@pytest.mark.django_db
def test_the_facts_of_a_decision_are_not_readable_in_the_table():
    """The day somebody comes of age is a birth date, and a psychiatric bar is clinical."""
    facts = {"session": {"adult_on": 739_999, "psychiatric_bar": 1}}
    who = factories.person(at=AT)
    place = factories.place(factories.psychologist())
    session = factories.care_session(who, place, held_on=AT.date())
    claim = factories.claim(factories.care_sheet(session), received_on=AT.date())
    made = factories.decision(claim, facts=facts)
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts FROM claims_decision WHERE id = %s", [made.pk])
        stored = bytes(cursor.fetchone()[0])
    assert b"psychiatric" not in stored
    assert b"739999" not in stored
    assert factories.reread(made).facts == facts


@pytest.mark.django_db
def test_twin_a_plain_column_is_readable_in_the_table():
    """The search of the test above finds what is not sealed."""
    made = factories.psychologist(given_name=SECRETS[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM psychologists_psychologist WHERE id = %s", [made.pk])
        assert SECRETS[0] in map(str, cursor.fetchone())


@pytest.mark.django_db
def test_bytes_copied_between_columns_do_not_open():
    made = factories.person(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET given_name = family_name")
    with pytest.raises(SealingError, match=r"people_person\.given_name"):
        factories.reread(made)


def test_a_text_moved_to_another_row_is_refused():
    sealed = seal("Camille", "people_person.given_name", ROW)
    with pytest.raises(SealingError, match="moved from another row or column"):
        unseal(sealed, "people_person.given_name", ANOTHER)


def test_a_row_has_one_name_in_both_databases():
    assert row_name(ROW) == row_name(ROW.hex) == row_name((ROW,)) == ROW.hex
    assert row_name((12, 1)) == "12/1"
    for nameless in (None, (1, None), "", "A b", "1//2"):
        with pytest.raises(SealingError, match="give the row first"):
            row_name(nameless)


def every_way_to_read(made: Person) -> list[Callable[[], object]]:
    people = Person.objects.filter(pk=made.pk)
    return [
        lambda: people.get().given_name,
        lambda: list(people.values("given_name")),
        lambda: list(people.values_list("given_name", flat=True)),
        lambda: people.only("given_name").get().given_name,
        lambda: list(people.distinct().values_list("given_name")),
        lambda: people.select_for_update().get().given_name,
        lambda: Affiliation.objects.select_related("person").get().person.given_name,
        lambda: list(Affiliation.objects.values_list("person__given_name")),
        lambda: list(Affiliation.objects.values_list(F("person__given_name"))),
        lambda: next(Person.objects.filter(pk=made.pk).iterator(chunk_size=1)).given_name,
    ]


@pytest.mark.django_db(transaction=True)
def test_swapped_rows_are_noticed_however_they_are_read():
    made, other = factories.person(at=AT), factories.person(at=AT)
    factories.affiliation(made, valid_from=AT.date())

    def read_all() -> None:
        for read in every_way_to_read(made):
            with transaction.atomic():
                read()

    read_all()
    with connection.cursor() as cursor:
        cursor.execute("SELECT given_name FROM people_person WHERE id = %s", [other.pk])
        taken = cursor.fetchone()[0]
        cursor.execute("UPDATE people_person SET given_name = %s WHERE id = %s", [taken, made.pk])
    for read in every_way_to_read(made):
        with pytest.raises(SealingError, match=r"people_person\.given_name"), transaction.atomic():
            read()


@pytest.mark.django_db
def test_twin_bound_to_the_column_only_a_swap_is_not_seen(monkeypatch):
    monkeypatch.setattr("soutien.sealing.box._bound", lambda header, context, _row: header)
    made = factories.person(at=AT, given_name="Camille")
    other = factories.person(at=AT, given_name="Dominique")
    with connection.cursor() as cursor:
        cursor.execute("SELECT given_name FROM people_person WHERE id = %s", [other.pk])
        taken = cursor.fetchone()[0]
        cursor.execute("UPDATE people_person SET given_name = %s WHERE id = %s", [taken, made.pk])
    assert factories.reread(made).given_name == "Dominique"


@pytest.mark.django_db
def test_every_kind_of_row_opens_again():
    """Bound by a public id, a message's key, a psychologist, a claim and its sequence."""
    who, place = factories.person(at=AT), factories.place(factories.psychologist())
    session = factories.care_session(who, place, held_on=AT.date())
    sheet = factories.care_sheet(session)
    facts = {"session": {"held_on": 3}}
    made = factories.decision(factories.claim(sheet, received_on=AT.date()), facts=facts)
    assert factories.reread(made).facts == facts
    assert factories.reread(sheet).printed == sheet.printed
    calendars.follow(psychologist_id=place.psychologist_id, address="https://a.example/1", at=AT)
    calendars.follow(psychologist_id=place.psychologist_id, address="https://a.example/2", at=AT)
    followed = calendars.followed_by(place.psychologist_id)
    assert followed is not None
    assert followed.address == "https://a.example/2"
    outbox.keep_here(
        key=ROW,
        channel="mail",
        sender="a@example.org",
        recipient="b@example.org",
        subject="",
        body="Bonjour",
        attachment="",
        at=AT,
    )
    assert [message.body for message in outbox.mailbox()] == ["Bonjour"]


@pytest.mark.django_db
def test_a_row_changed_and_read_as_values():
    made = factories.person(at=AT)
    made.given_name = "Dominique"
    made.save()
    Person.objects.filter(pk=made.pk).update(phone=ForRow("", made.public_id))
    assert list(Person.objects.values_list("given_name", "phone")) == [("Dominique", "")]
    assert Person.objects.filter(given_name__isnull=False).count() == 1


@pytest.mark.django_db
def test_a_text_without_its_row_is_not_written():
    made = factories.person(at=AT)
    with pytest.raises(FieldError, match="sealed for one row"), transaction.atomic():
        Person.objects.filter(pk=made.pk).update(given_name="Dominique")
    with pytest.raises(FieldError, match="sealed for one row"), transaction.atomic():
        Person.objects.bulk_update([made], ["given_name"])
    with pytest.raises(SealingError, match="without its row"), transaction.atomic():
        list(Person.objects.raw("SELECT * FROM people_person"))
    with pytest.raises(FieldError, match="in no expression"):
        list(Person.objects.annotate(first=Max("given_name")))


@pytest.mark.django_db
def test_plain_sql_writes_and_reads_rows_with_the_field_s_help():
    made = factories.person(at=AT)
    field = sealed_field(Person, "given_name")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_person SET given_name = %s WHERE id = %s",
            [field.sealed_for("Dominique", made.public_id), made.pk],
        )
        cursor.execute("SELECT public_id, given_name FROM people_person")
        ((name, sealed),) = cursor.fetchall()
    assert factories.reread(made).given_name == "Dominique"
    assert field.opened(bytes(sealed), name) == "Dominique"
    with pytest.raises(FieldError, match="is not sealed"):
        sealed_field(Person, "language")


def test_an_empty_column_reads_as_empty_only_where_empty_is_allowed():
    """What a column added to a table with rows holds at first."""
    assert sealed_field(Person, "email").opened(b"", ROW) == ""
    with pytest.raises(SealingError, match="known form"):
        sealed_field(Person, "given_name").opened(b"", ROW)


@pytest.mark.parametrize(
    "question", ["given_name", "given_name__icontains", "nir__in", "email__lower"]
)
def test_a_sealed_column_refuses_to_be_searched(question):
    with pytest.raises(FieldError, match="is sealed"):
        Person.objects.filter(**{question: "Camille"})


@pytest.mark.django_db
def test_a_sealed_column_is_not_exported_in_clear():
    factories.person(at=AT)
    with pytest.raises(Exception, match="is sealed"):
        call_command("dumpdata", "people.person", stdout=StringIO())


@pytest.mark.django_db
def test_a_sealed_text_is_in_no_repr_and_no_logged_query(django_assert_num_queries):
    with django_assert_num_queries(1) as queries_run:
        made = factories.person(at=AT, given_name=SECRETS[0], family_name=SECRETS[1])
    logged = json.dumps([query["sql"] for query in queries_run.captured_queries])
    for secret in SECRETS[:2]:
        assert secret not in f"{made!r} {made}"
        assert secret not in logged


def test_only_a_text_can_be_sealed():
    with pytest.raises(TypeError, match="holds a text, not int"):
        Person._meta.get_field("nir").get_prep_value(1)


def test_a_migration_names_the_field_by_its_public_path():
    for kind in (SealedTextField, SealedJSONField):
        field = kind(bound_to="people_person.former", blank=True)
        _name, path, args, kwargs = field.deconstruct()
        assert path == f"soutien.sealing.{kind.__name__}"
        assert kind(*args, **kwargs).bound_to == "people_person.former"


@isolate_apps("soutien.registers.people")
def test_a_sealed_column_is_never_unique_or_indexed():
    class Wrong(models.Model):
        nir = SealedTextField(unique=True)

        class Meta:
            app_label = "people"

    assert [error.id for error in Wrong._meta.get_field("nir").check()] == [
        "sealing.E001",
        "sealing.E002",
    ]


@isolate_apps("soutien.registers.people")
def test_a_sealed_column_needs_a_row_that_has_a_name_before_it_is_written():
    class Wrong(models.Model):
        number = models.IntegerField(null=True, unique=True)
        first = models.IntegerField()
        second = models.IntegerField()
        one = SealedTextField(row="number")
        two = SealedTextField(row="id")
        three = SealedTextField(row="first")
        four = SealedTextField(row="first,second")
        five = SealedTextField(row="first,number")

        class Meta:
            app_label = "people"
            constraints = [
                models.UniqueConstraint(fields=["first", "second"], name="one_row"),
                models.UniqueConstraint(fields=["first", "number"], name="not_always"),
            ]

    found = {
        field.name: [error.id for error in field.check()]
        for field in Wrong._meta.get_fields()
        if isinstance(field, SealedTextField)
    }
    assert found.pop("four") == []
    assert found == {name: ["sealing.E002"] for name in ("one", "two", "three", "five")}
