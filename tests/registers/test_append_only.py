"""The trace, the sheets, the claims and the decisions are written once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from tests import factories
from tests.registers.protections import append_only_taken_away

from soutien.registers.audit.models import Entry
from soutien.registers.care.models import CareSession
from soutien.registers.claims.models import CareSheet, Claim, Decision, Review, SheetLine

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ON = date(2026, 3, 2)
MODELS: dict[str, type[models.Model]] = {
    model._meta.db_table: model
    for model in (Entry, CareSession, CareSheet, Claim, Decision, Review, SheetLine)
}
# A change for each table that nothing but the protection refuses.
CHANGES: dict[str, dict[str, Any]] = {
    "audit_entry": {"reason": "rewritten"},
    "care_caresession": {"modality": "remote"},
    "claims_caresheet": {"complete": False},
    "claims_sheetline": {"act_code": "APS"},
    "claims_claim": {"fund_code": "019990001"},
    "claims_decision": {"law_version": "rewritten"},
    "claims_review": {"ground": "rewritten"},
}


@pytest.fixture
def rows(db) -> None:
    """One row in each table."""
    who = factories.person(at=AT)
    session = factories.care_session(who, factories.place(factories.psychologist()), held_on=ON)
    sheet = factories.care_sheet(session)
    factories.review(factories.decision(factories.claim(sheet, received_on=ON)))
    factories.entry(at=AT)


@pytest.mark.parametrize("table", MODELS)
def test_a_row_is_never_changed(rows, table):
    with pytest.raises(IntegrityError, match=f"{table}_append_only"), transaction.atomic():
        MODELS[table]._default_manager.update(**CHANGES[table])


@pytest.mark.parametrize("table", MODELS)
def test_a_row_is_never_removed(rows, table):
    with (
        pytest.raises(IntegrityError, match=f"{table}_append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table}")


@pytest.mark.parametrize("table", MODELS)
def test_a_table_is_never_emptied_at_once_or_overwritten(rows, table):
    overwrite = (
        f"TRUNCATE {table} CASCADE"
        if connection.vendor == "postgresql"
        else f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    )
    with (
        pytest.raises(IntegrityError, match=r"_append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(overwrite)


def test_people_named_by_a_line_are_never_changed_or_removed(db):
    factories.entry(at=AT, people=[1, 2])
    for statement in (
        "UPDATE audit_named SET person_id = 3",
        "DELETE FROM audit_named",
        "TRUNCATE audit_named"
        if connection.vendor == "postgresql"
        else "INSERT OR REPLACE INTO audit_named SELECT * FROM audit_named",
    ):
        with (
            pytest.raises(IntegrityError, match="audit_named_append_only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)


def test_a_head_only_moves_forward(db):
    factories.entry(at=AT)
    for statement in (
        "UPDATE audit_head SET sequence = 0 WHERE lane = 0",
        "UPDATE audit_head SET link = seal WHERE lane = 0",
        "UPDATE audit_head SET lane = 99, sequence = 9 WHERE lane = 0",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head"
        if connection.vendor == "postgresql"
        else "INSERT OR REPLACE INTO audit_head SELECT * FROM audit_head",
    ):
        with (
            pytest.raises(IntegrityError, match="audit_head_append_only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.parametrize("table", MODELS)
def test_twin_without_the_protection_a_row_is_changed_and_removed(rows, table):
    with append_only_taken_away(), connection.cursor() as cursor:
        assert MODELS[table]._default_manager.update(**CHANGES[table]) == 1
        if connection.vendor == "sqlite":
            cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        Review.objects.all().delete()
        Decision.objects.all().delete()
        Claim.objects.all().delete()
        SheetLine.objects.all().delete()
        CareSheet.objects.all().delete()
        cursor.execute(f"DELETE FROM {table}")
        assert not MODELS[table]._default_manager.exists()


def test_after_the_twin_the_protection_is_back(rows):
    with append_only_taken_away():
        Entry.objects.update(reason="rewritten")
    with pytest.raises(IntegrityError, match="audit_entry_append_only"), transaction.atomic():
        Entry.objects.update(reason="again")


def test_new_rows_still_go_in(rows):
    claim = Claim.objects.get()
    factories.decision(claim, sequence=2)
    factories.entry(at=AT)
    assert claim.decisions.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.decision(claim, sequence=2)


@pytest.mark.django_db(transaction=True)
def test_a_test_with_real_transactions_leaves_the_protection_standing():
    """Runs before the next one, which finds the table emptied by Django, and protected."""
    factories.entry(at=AT)
    with pytest.raises(IntegrityError, match="audit_entry_append_only"):
        Entry.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_the_next_test_finds_an_empty_table_and_the_protection():
    assert not Entry.objects.exists()
    factories.entry(at=AT)
    with pytest.raises(IntegrityError, match="audit_entry_append_only"):
        Entry.objects.update(reason="rewritten")
