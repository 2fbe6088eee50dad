"""Rows written together are the rows that the ORM would have written, and as guarded."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from tests import factories

from soutien.bulk import Among, Rows, numbers
from soutien.registers.care.entering import SEATS, SESSIONS, NewSeat, NewSession
from soutien.registers.care.models import CareSession, Seat
from soutien.registers.claims.entering import SHEETS, NewSheet
from soutien.registers.claims.models import CareSheet
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
AT = factories.noon(DAY)


class _Letter(NamedTuple):
    kind: str
    payload: str
    about: str
    created_at: datetime
    deliver_after: datetime


LETTERS: Rows[_Letter] = Rows(Letter, _Letter)
AWKWARD = "a\ttab, a\nline, a \\N, « é » and 'quotes'"


def sessions(who: Person, where: PracticePlace, count: int) -> list[NewSession]:
    return [
        NewSession(
            id=key,
            person_id=who.pk,
            psychologist_id=where.psychologist_id,
            place_id=where.pk,
            held_on=DAY + timedelta(days=position),
            kind="follow_up",
            modality="in_person",
            price_cents=5000,
            linked_to="",
            prescribed=bool(position % 2),
            recorded_at=AT,
        )
        for position, key in enumerate(numbers(CareSession, count))
    ]


def columns(session: CareSession) -> dict[str, object]:
    own = {"id", "public_id"}
    fields = [field.attname for field in CareSession._meta.local_concrete_fields]
    return {name: getattr(session, name) for name in fields if name not in own}


def test_rows_are_what_the_orm_writes_whatever_it_was_told():
    who, where = factories.person(at=AT), factories.place(factories.psychologist())
    rows = sessions(who, where, 3)
    SESSIONS.write(rows)
    for row in rows:
        told = row._asdict()
        key = told.pop("id")
        alike = CareSession.objects.create(**told)
        assert columns(CareSession.objects.get(pk=key)) == columns(
            CareSession.objects.get(pk=alike.pk)
        )
    # Numbered by the database again, above those that were reserved.
    assert alike.pk > max(row.id for row in rows)
    assert CareSession.objects.values("public_id").distinct().count() == 6


def test_a_sealed_text_that_is_not_told_opens_as_empty():
    who, where = factories.person(at=AT), factories.place(factories.psychologist())
    [key] = numbers(CareSheet, 1)
    SHEETS.write(
        [
            NewSheet(
                *(key, "Z1", who.pk, where.psychologist_id, DAY, AT),
                **dict.fromkeys(("amo_third_party", "signed_by_person"), False),
                **dict.fromkeys(("signed_by_psychologist", "complete"), True),
            )
        ]
    )
    sheet = CareSheet.objects.get(pk=key)
    assert (sheet.printed, sheet.issued_at, sheet.amc_third_party) == ("", AT, False)


def test_no_character_of_a_text_is_taken_for_a_mark_of_the_format():
    LETTERS.write(
        [_Letter(AWKWARD, json.dumps({"said": AWKWARD}), text, AT, AT) for text in ("", "\\.")]
    )
    first, second = Letter.objects.order_by("id")
    assert (first.kind, first.payload, first.about) == (AWKWARD, {"said": AWKWARD}, "")
    assert (second.about, second.attempts, second.delivered_at) == ("\\.", 0, None)


def test_constraints_stand_and_nothing_of_it_stays():
    who, where = factories.person(at=AT), factories.place(factories.psychologist())
    year = factories.year(who, 2026)
    rows = sessions(who, where, 2)
    SESSIONS.write(rows)
    twice = [NewSeat(year.pk, 1, 12, "follow_up", True, row.id) for row in rows]
    with pytest.raises(IntegrityError), transaction.atomic():
        SEATS.write(twice)
    beyond = [NewSeat(year.pk, 13, 12, "follow_up", True, rows[0].id)]
    with pytest.raises(IntegrityError), transaction.atomic():
        SEATS.write(beyond)
    with pytest.raises(IntegrityError), transaction.atomic():
        SESSIONS.write([row._replace(person_id=0) for row in sessions(who, where, 1)])
        connection.check_constraints()
    assert not Seat.objects.exists()
    assert CareSession.objects.count() == 2


def test_numbers_are_nobody_elses_and_none_is_a_question_for_nothing(
    django_assert_num_queries,
):
    with transaction.atomic():
        first, second = numbers(CareSession, 2), numbers(CareSession, 2)
        who, where = factories.person(at=AT), factories.place(factories.psychologist())
        if connection.vendor == "postgresql":
            assert not {*first} & {*second}
        written = factories.care_session(who, where, held_on=DAY)
        assert connection.vendor == "sqlite" or written.pk not in (*first, *second)
        with django_assert_num_queries(0):
            SESSIONS.write([])
            assert numbers(CareSession, 0) == []


@pytest.mark.django_db(transaction=True)
def test_numbers_are_for_a_transaction():
    with pytest.raises(TransactionManagementError):
        numbers(CareSession, 1)


@pytest.mark.parametrize("number", [0, 1, 40])
def test_among_finds_what_in_finds(number):
    people = [factories.person(at=AT) for _ in range(3)]
    keys = [who.pk for who in people[:2]] + list(range(10**9, 10**9 + number))
    found = set(Person.objects.filter(Among("pk", keys)).values_list("pk", flat=True))
    assert found == {who.pk for who in people[:2]}
    words = {"fr", "it's", 'a "word"', "{braces,and}"}
    assert Person.objects.filter(Among("language", words)).count() == 3
    assert not Person.objects.filter(Among("language", ())).exists()
    where = factories.place(factories.psychologist())
    held = factories.care_session(people[0], where, held_on=DAY)
    told = CareSession.objects.filter(Among("person__language", words), performed=True)
    assert list(told) == [held]
