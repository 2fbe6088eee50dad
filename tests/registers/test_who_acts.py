"""Who may act for whom: the database refuses what cannot be; each twin drops its protection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories
from tests.registers.protections import OVERLAPS, take_away

from soutien.registers.people.guardianships import Guardianship, wards_on
from soutien.registers.psychologists.models import Replacement
from soutien.registers.psychologists.replacements import replaced_on, replacements_of

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAY = timedelta(days=1)
JANUARY, APRIL, JULY, OCTOBER = (date(2026, month, 1) for month in (1, 4, 7, 10))


def of_children() -> tuple[Any, Callable[..., Any]]:
    pair = factories.person(at=AT), factories.person(at=AT)
    return pair, lambda first, second, since, before: factories.guardianship(
        first, second, valid_from=since, valid_before=before
    )


def of_practices() -> tuple[Any, Callable[..., Any]]:
    pair = factories.psychologist(), factories.psychologist()
    return pair, lambda first, second, since, before: factories.replacement(
        first, second, valid_from=since, valid_before=before
    )


KINDS = {
    "people_guardianship_once": of_children,
    "psychologists_replacement_once": of_practices,
}


def refused(name: str, write: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


@pytest.mark.parametrize("name", KINDS)
def test_one_pair_is_tied_once_at_a_time_whichever_way_round(name: str):
    (first, second), make = KINDS[name]()
    row = make(first, second, APRIL, JULY)
    for one, other in ((first, second), (second, first)):
        for since, before in (
            (JANUARY, APRIL + DAY),
            (APRIL, JULY),
            (APRIL + DAY, JULY - DAY),
            (JULY - DAY, OCTOBER),
            (JANUARY, OCTOBER),
        ):
            refused(
                name,
                lambda one=one, other=other, since=since, before=before: make(
                    one, other, since, before
                ),
            )
    make(first, second, JANUARY, APRIL)
    make(second, first, JULY, OCTOBER)
    rows = type(row)._default_manager
    refused(name, lambda: rows.filter(pk=row.pk).update(valid_before=JULY + DAY))
    # Others are not in the way.
    (third, fourth), make = KINDS[name]()
    make(third, fourth, APRIL, JULY)


@pytest.mark.parametrize("name", KINDS)
def test_what_was_taken_back_leaves_its_days_free(name: str):
    (first, second), make = KINDS[name]()
    make(first, second, APRIL, JULY)
    make(first, second, APRIL + DAY, APRIL + DAY)
    (third, fourth), make = KINDS[name]()
    make(third, fourth, APRIL, APRIL)
    make(third, fourth, JANUARY, JULY)


@pytest.mark.parametrize("name", KINDS)
def test_twin_without_the_protection_one_pair_is_tied_twice(name: str):
    take_away(name, OVERLAPS[name])
    (first, second), make = KINDS[name]()
    row = make(first, second, APRIL, JULY)
    make(first, second, APRIL, JULY)
    make(second, first, APRIL, JULY)
    assert type(row)._default_manager.count() == 3


@pytest.mark.parametrize("name", KINDS)
def test_nobody_is_tied_to_themselves_and_no_period_runs_backwards(name: str):
    (first, second), make = KINDS[name]()
    table = OVERLAPS[name]
    refused(f"{table}_not_oneself", lambda: make(first, first, APRIL, JULY))
    refused(f"{table}_period", lambda: make(first, second, JULY, APRIL))


def without(name: str, table: str) -> None:
    """Drop a declared check. On SQLite the checks are set aside for the connection."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        else:
            cursor.execute("PRAGMA ignore_check_constraints = ON")


@pytest.fixture
def checks_come_back():
    yield
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


@pytest.mark.parametrize("name", KINDS)
def test_twin_without_the_check_somebody_is_tied_to_themselves(name: str, checks_come_back: None):
    (first, _second), make = KINDS[name]()
    without(f"{OVERLAPS[name]}_not_oneself", OVERLAPS[name])
    make(first, first, APRIL, JULY)


@pytest.mark.parametrize("change", [{"ended_for": "judgment"}, {"kind": "friend"}])
def test_a_guardianship_ends_with_a_reason_and_is_of_a_known_kind(change: dict[str, str]):
    (first, second), _make = of_children()
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.guardianship(first, second, valid_from=APRIL, **change)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.guardianship(first, second, valid_from=APRIL, valid_before=JULY, ended_for="")


def test_the_proof_is_sealed():
    (first, second), _make = of_children()
    factories.guardianship(first, second, valid_from=APRIL, proof="jugement 24/01234")
    with connection.cursor() as cursor:
        cursor.execute("SELECT proof FROM people_guardianship")
        [(stored,)] = cursor.fetchall()
    assert b"24/01234" not in bytes(stored)
    assert Guardianship.objects.get().proof == "jugement 24/01234"


def test_questions_of_a_day():
    (first, second), _make = of_children()
    factories.guardianship(first, second, valid_from=APRIL, valid_before=JULY)
    assert [wards_on(first.pk, day).count() for day in (APRIL - DAY, APRIL, JULY - DAY, JULY)] == [
        *(0, 1, 1, 0)
    ]
    assert not wards_on(second.pk, APRIL)
    (one, other), _make = of_practices()
    row = factories.replacement(one, other, valid_from=APRIL, valid_before=JULY)
    days = (APRIL - DAY, APRIL, JULY - DAY, JULY)
    assert [replaced_on(other.pk, day).count() for day in days] == [0, 1, 1, 0]
    assert not replaced_on(one.pk, APRIL)
    assert list(replacements_of(one.pk, APRIL)) == [row]
    assert not replacements_of(one.pk, JULY)
    assert Replacement.objects.count() == 1
