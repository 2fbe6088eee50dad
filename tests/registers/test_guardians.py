"""Two holders at most, each with an address of their own; words written once. Each protection is
taken away once, so that its test is seen to need it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories
from tests.registers.protections import append_only_taken_away, without

from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Holder, Link, Signature, Wait
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ON = date(2026, 3, 2)
DAY = timedelta(days=1)


def a_child() -> Person:
    return factories.person(at=AT, birth_date="2018-05-17")


def a_holder(child: Person, **fields: Any) -> Holder:
    values: dict[str, Any] = {
        "given_name": "Nadia",
        "family_name": "Exemple",
        "capacity": "parent",
        "email": f"{uuid.uuid4().hex[:8]}@example.org",
        "phone": "",
        "added_at": AT,
        "added_by": "anonymous",
    }
    return guardians.name(child.pk, **(values | fields))


def a_word(holder: Holder, psychologist_id: int, **fields: Any) -> Signature | None:
    values: dict[str, Any] = {
        "matter": "care",
        "given": True,
        "text_version": 1,
        "name": "Nadia Exemple",
        "how": "link",
        "signed_on": ON,
        "recorded_by": "anonymous",
        "recorded_by_account": None,
        "at": AT,
    }
    return guardians.sign(holder, psychologist_id, **(values | fields))


def same_seat(child: Person) -> Callable[[], object]:
    row = a_holder(child)
    return lambda: Holder.objects.create(
        child=child, seat=row.seat, capacity="parent", given_name="A", family_name="B",
        added_at=AT, added_by="person",
    )  # fmt: skip


def same_address(index: str) -> Callable[[Person], Callable[[], object]]:
    def made(child: Person) -> Callable[[], object]:
        values = {
            "email_index": {"email": "n@example.org"},
            "phone_index": {"phone": "0639980001"},
        }
        row = a_holder(child, **values[index])
        return lambda: Holder.objects.create(
            child=child, seat=2, capacity="parent", given_name="A", family_name="B",
            added_at=AT, added_by="person", **{index: getattr(row, index)},
        )  # fmt: skip

    return made


def two_links(child: Person) -> Callable[[], object]:
    holder, psychologist = a_holder(child), factories.psychologist()
    link = guardians.make_link(holder, psychologist.pk, at=AT, ends_at=AT + DAY)
    return lambda: Link.objects.create(
        holder=holder, psychologist=psychologist, made_at=AT, ends_at=link.ends_at
    )


UNIQUE: dict[str, tuple[Any, Callable[[Person], Callable[[], object]]]] = {
    "guardians_two_at_most": (Holder, same_seat),
    "guardians_own_email": (Holder, same_address("email_index")),
    "guardians_own_phone": (Holder, same_address("phone_index")),
    "guardians_one_link_each": (Link, two_links),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", UNIQUE)
def test_the_database_refuses_what_cannot_be_twice(name: str):
    _model, twice = UNIQUE[name]
    again = twice(a_child())
    with pytest.raises(IntegrityError), transaction.atomic():
        again()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", UNIQUE)
def test_without_its_constraint_it_would_be_there_twice(name: str):
    model, twice = UNIQUE[name]
    with without(model, name):
        twice(a_child())()
        assert model.objects.count() == 2
        # The table is emptied before the constraint returns; what points to it goes first.
        Link.objects.all().delete()
        Holder.objects.all().delete()


@pytest.mark.django_db
def test_who_was_taken_off_leaves_their_seat_and_address():
    child = a_child()
    first = a_holder(child, email="n@example.org")
    guardians.remove(first, AT)
    assert a_holder(child, email="N@example.org").seat == first.seat
    other = a_child()
    assert a_holder(other, email="n@example.org").seat == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "fields"),
    {
        "seat": {"seat": 3},
        "capacity": {"capacity": "cousin"},
    }.items(),
)
def test_a_holder_that_makes_no_sense_is_refused(wrong: str, fields: dict[str, Any]):
    values = {"seat": 1, "capacity": "parent", "given_name": "A", "family_name": "B"} | fields
    with pytest.raises(IntegrityError), transaction.atomic():
        Holder.objects.create(child=a_child(), added_at=AT, added_by="person", **values)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"matter": "weather"},
        {"how": "rumour"},
        {"text_version": 0},
        {"how": "paper", "recorded_by": "person"},
    ],
)
def test_a_signature_that_proves_nothing_is_refused(fields: dict[str, Any]):
    holder, psychologist = a_holder(a_child()), factories.psychologist()
    with pytest.raises(IntegrityError), transaction.atomic():
        a_word(holder, psychologist.pk, **fields)


@pytest.mark.django_db
def test_a_wait_that_ended_says_why():
    child = a_child()
    booking = factories.booking(
        factories.place(factories.psychologist()), starts_at=AT + DAY, who=child
    )
    wait = guardians.wait_for_consent(booking.pk, child.pk, at=AT, until=AT + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Wait.objects.filter(pk=wait.pk).update(ended_at=AT)
    assert guardians.end_wait(wait, ended_for="over", at=AT)
    assert guardians.waits([booking.pk]) == {}


CHANGES = (
    "UPDATE guardians_signature SET given = NOT given",
    "UPDATE guardians_signature SET said_at = said_at, signed_on = '2020-01-01'",
    "DELETE FROM guardians_signature",
    "TRUNCATE guardians_signature CASCADE",
    "INSERT OR REPLACE INTO guardians_signature SELECT * FROM guardians_signature",
)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", CHANGES)
def test_what_was_signed_is_never_changed_removed_or_overwritten(statement: str):
    if statement.startswith(("TRUNCATE", "INSERT OR")[connection.vendor == "postgresql"]):
        pytest.skip("written for the other engine")
    a_word(a_holder(a_child()), factories.psychologist().pk)
    with (
        pytest.raises(IntegrityError, match="guardians_signature_append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_without_the_protection_a_yes_would_become_a_no():
    a_word(a_holder(a_child()), factories.psychologist().pk)
    with transaction.atomic(), append_only_taken_away():
        assert Signature.objects.update(given=False) == 1


@pytest.mark.django_db
def test_it_goes_with_a_child_who_is_forgotten_and_not_before():
    child = a_child()
    holder = a_holder(child)
    psychologist = factories.psychologist()
    guardians.make_link(holder, psychologist.pk, at=AT, ends_at=AT + DAY)
    a_word(holder, psychologist.pk)
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        guardians.forget(child.pk)
    people.forget(child.pk, AT)
    guardians.forget(child.pk)
    assert not any(model.objects.exists() for model in (Holder, Link, Signature, Wait))
