"""What is sealed stays unreadable, and cannot be changed or moved unseen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st
from tests import factories

from soutien.registers.people import queries
from soutien.registers.people.models import Person
from soutien.sealing import (
    SealedJSONField,
    SealedTextField,
    SealingError,
    blind_index,
    seal,
    unseal,
)

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECRETS = ("Marguerite", "Exemple-Très-Reconnaissable", "marguerite@example.org")


@given(st.text())
def test_what_is_sealed_opens_to_the_same_text(text):
    assert unseal(seal(text, "people_person.nir"), "people_person.nir") == text


def test_the_same_text_is_never_sealed_twice_alike():
    assert seal("Camille", "a.b") != seal("Camille", "a.b")


def test_a_nir_takes_less_than_fifty_bytes():
    assert len(seal(factories.made_up_nir(1), "people_person.nir")) < 50


def test_one_changed_bit_is_refused_wherever_it_is():
    sealed = seal("Camille", "people_person.given_name")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealingError):
            unseal(bytes(changed), "people_person.given_name")


def test_a_shortened_text_is_refused():
    sealed = seal("Camille", "people_person.given_name")
    for length in range(len(sealed)):
        with pytest.raises(SealingError):
            unseal(sealed[:length], "people_person.given_name")


def test_a_text_moved_to_another_column_is_refused():
    sealed = seal("Camille", "people_person.given_name")
    with pytest.raises(SealingError, match="moved from another column"):
        unseal(sealed, "people_person.family_name")


def test_another_key_says_which_one_is_missing_and_what_to_set(settings):
    sealed = seal("Camille", "people_person.given_name")
    settings.SEALING_KEY = "another key, long enough to be taken"
    with pytest.raises(SealingError, match="SOUTIEN_SEALING_KEYS_OLD") as refusal:
        unseal(sealed, "people_person.given_name")
    assert sealed[1:5].hex() in str(refusal.value)
    assert "Camille" not in str(refusal.value)


def test_a_replaced_key_still_opens_what_it_sealed(settings):
    sealed = seal("Camille", "people_person.given_name")
    settings.SEALING_KEYS_OLD = [settings.SEALING_KEY]
    settings.SEALING_KEY = "another key, long enough to be taken"
    assert unseal(sealed, "people_person.given_name") == "Camille"
    assert seal("Camille", "people_person.given_name")[1:5] != sealed[1:5]


def test_a_short_key_is_refused(settings):
    settings.SEALING_KEY = "short"
    with pytest.raises(SealingError, match="token_urlsafe") as refusal:
        seal("Camille", "people_person.given_name")
    assert "short" not in str(refusal.value)


def test_a_blind_index_is_keyed_and_bound_to_its_purpose(settings):
    nir = factories.made_up_nir(7)
    found = blind_index(nir, "people.person.nir")
    assert found == blind_index(nir, "people.person.nir")
    assert len(found) == 64
    assert found != blind_index(nir, "another")
    settings.SEALING_KEY = "another key, long enough to be taken"
    assert found != blind_index(nir, "people.person.nir")


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


@pytest.mark.django_db
def test_a_row_is_found_updated_in_bulk_and_read_as_values():
    made = factories.person(at=AT)
    made.given_name = "Dominique"
    made.phone = ""
    Person.objects.bulk_update([made], ["given_name", "phone"])
    assert list(Person.objects.values_list("given_name", "phone")) == [("Dominique", "")]
    assert Person.objects.filter(given_name__isnull=False).count() == 1


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

    assert [error.id for error in Wrong._meta.get_field("nir").check()] == ["sealing.E001"]
