"""Questionnaires, outcomes and reviews are written once, and go when their person is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from tests import factories as make
from tests.registers.protections import append_only_taken_away

from soutien.registers.measures import queries as measures
from soutien.registers.measures.models import Outcome, Questionnaire, Review
from soutien.registers.people.models import Person
from soutien.sealing import rotation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
MODELS: dict[str, type[models.Model]] = {
    model._meta.db_table: model for model in (Questionnaire, Outcome, Review)
}
# A change for each that nothing but the protection refuses.
CHANGES: dict[str, dict[str, Any]] = {
    "measures_questionnaire": {"by_link": False},
    "measures_outcome": {"recorded_by": "psychologist"},
    "measures_review": {"reviewed_by": "system"},
}


@pytest.fixture(autouse=True)
def outcome() -> Outcome:
    """One row in each table."""
    place = make.place(make.psychologist())
    who = make.person(at=NOW)
    booked = make.booking(place, starts_at=NOW + timedelta(days=3), who=who)
    owner, later = place.psychologist_id, NOW + timedelta(days=9)
    asked = measures.ask(
        who.pk, owner, booked.pk,
        scale="phq-9", version="1", by_link=True, at=NOW, valid_before=later,
    )  # fmt: skip
    made = measures.keep(
        who.pk, owner, {"scale": "phq-9", "danger": "yes"},
        questionnaire_id=asked.pk, filled_on=NOW.date(), by="person", at=NOW,
    )  # fmt: skip
    measures.review(made, "talked", by="psychologist", at=NOW)
    return made


@pytest.mark.parametrize("table", MODELS)
def test_a_row_is_never_changed(table: str):
    with pytest.raises(IntegrityError, match=f"{table}_append_only"), transaction.atomic():
        MODELS[table]._default_manager.update(**CHANGES[table])


@pytest.mark.parametrize("table", MODELS)
def test_a_row_is_never_removed_or_overwritten(table: str):
    overwrite = (
        f"TRUNCATE {table} CASCADE"
        if connection.vendor == "postgresql"
        else f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    )
    for statement in (f"DELETE FROM {table}", overwrite):
        with (
            pytest.raises(IntegrityError, match="_append_only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)


@pytest.mark.parametrize("table", MODELS)
def test_twin_without_the_protection_it_is(table: str):
    with append_only_taken_away(), connection.cursor() as cursor:
        assert MODELS[table]._default_manager.update(**CHANGES[table]) == 1
        if connection.vendor == "sqlite":
            cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        for name in ("measures_review", "measures_outcome", "measures_questionnaire"):
            cursor.execute(f"DELETE FROM {name}")


def test_a_sealed_column_is_sealed_again_under_another_key(settings: Any, outcome: Outcome):
    settings.SEALING_KEYS_OLD = [settings.SEALING_KEY]
    settings.SEALING_KEY = "the key that takes over, long enough"
    assert rotation.rotate().unopened == ()
    assert Outcome.objects.get().told == outcome.told
    settings.SEALING_KEYS_OLD = []
    assert Outcome.objects.get().told == outcome.told
    assert (Questionnaire.objects.get().scale, Review.objects.get().done) == ("phq-9", "talked")


def test_rows_go_when_their_person_is_forgotten_and_not_before(outcome: Outcome):
    with pytest.raises(IntegrityError), transaction.atomic():
        measures.forget(outcome.person_id)
    Person.objects.filter(pk=outcome.person_id).update(erasure_asked_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        measures.forget(outcome.person_id)
    Person.objects.filter(pk=outcome.person_id).update(forgotten_at=NOW)
    assert measures.forget(outcome.person_id) == 3


def test_an_outcome_says_where_it_comes_from(outcome: Outcome):
    another = measures.ask(
        outcome.person_id, outcome.psychologist_id, Questionnaire.objects.get().booking_id,
        scale="gad-7", version="1", by_link=True, at=NOW, valid_before=NOW + timedelta(days=1),
    )  # fmt: skip
    for wrong in ({"way": "paper"}, {"way": "phone", "questionnaire": None}):
        told = {
            "person_id": outcome.person_id,
            "psychologist_id": outcome.psychologist_id,
            "questionnaire": another,
            "told": {},
            "filled_on": NOW.date(),
            "recorded_at": NOW,
            "recorded_by": "person",
        } | wrong
        with pytest.raises(IntegrityError, match="measures_way_whole"), transaction.atomic():
            Outcome.objects.create(**told)
