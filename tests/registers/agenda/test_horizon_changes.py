"""No write that matters goes unnoticed: each leaves a line, and each line is read once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from tests import factories

from soutien.registers.agenda.models import (
    Absence,
    AgendaLimits,
    Booking,
    BusyTime,
    OpeningException,
    OpeningRule,
)
from soutien.registers.psychologists import changes
from soutien.registers.psychologists.changes import Changes, Position
from soutien.registers.psychologists.models import (
    Agreement,
    Change,
    PracticePlace,
    Psychologist,
    Suspension,
)

MONDAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# What a line may be about, and the tables whose writes are about it.
TOPICS = {
    Psychologist: {"directory"},
    PracticePlace: {"directory", "agenda"},
    Agreement: {"directory"},
    Suspension: {"directory"},
    OpeningRule: {"agenda"},
    OpeningException: {"agenda"},
    Absence: {"agenda"},
    AgendaLimits: {"agenda"},
    Booking: {"agenda"},
    BusyTime: {"agenda"},
}
# Tables of these registers about a psychologist that decide neither who is found nor when.
OTHERS = {"AvailabilityReports", "ConfirmationRequest", "FieldSource", "Replacement"}
LIMITS = {
    "buffer_minutes": 0,
    "notice_hours": 0,
    "horizon_days": 60,
    "first_sessions_kept": 0,
    "kept_until_days": 0,
}


def of_each_table() -> dict[Any, Any]:
    """One row a table, all of one psychologist."""
    owner = factories.psychologist()
    where = factories.place(owner)
    return {
        Psychologist: owner,
        PracticePlace: where,
        Agreement: factories.agreement(owner, valid_from=MONDAY),
        Suspension: factories.suspension(owner, valid_from=MONDAY),
        OpeningRule: factories.opening(where, 0, valid_from=MONDAY),
        OpeningException: factories.closing(owner, MONDAY),
        Absence: Absence.objects.create(
            psychologist=owner, valid_from=MONDAY, valid_before=MONDAY + DAY
        ),
        AgendaLimits: AgendaLimits.objects.create(psychologist=owner, **LIMITS),
        Booking: factories.booking(where, starts_at=NINE, status="held"),
        BusyTime: BusyTime.objects.create(
            psychologist=owner, starts_at=NINE + DAY, ends_at=NINE + DAY + HOUR
        ),
    }


def position() -> Position:
    found = changes.now()
    assert found is not None
    return found


def since(start: Position) -> tuple[Position, Changes]:
    found = changes.since(start)
    assert found is not None
    return found


def told(write: Callable[[], Any]) -> Changes:
    """What a write is told as."""
    start, _before = since(position())
    write()
    return since(start)[1]


@pytest.mark.django_db
@pytest.mark.parametrize("model", TOPICS, ids=lambda model: model.__name__)
def test_every_write_of_every_table_is_told(model: Any):
    row = of_each_table()[model]
    owner = row.pk if model is Psychologist else row.psychologist_id
    rows = model.objects.filter(pk=row.pk)
    copies = list(rows.values())
    topics = {"directory": frozenset(), "agenda": frozenset()}
    topics |= {topic: frozenset({owner}) for topic in TOPICS[model]}
    same = {column: value for column, value in copies[0].items() if column != "id"}
    assert told(lambda: rows.update(**same))._asdict() == topics
    if model in (Psychologist, PracticePlace):
        return  # nobody may remove what others point to
    assert told(lambda: rows._raw_delete("default"))._asdict() == topics
    assert told(lambda: model.objects.create(**copies[0]))._asdict() == topics


def test_every_table_about_a_psychologist_is_here():
    about = {
        model.__name__
        for register in ("agenda", "psychologists")
        for model in apps.get_app_config(register).get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.related_model is Psychologist
    }
    assert about == {model.__name__ for model in TOPICS if model is not Psychologist} | OTHERS


@pytest.mark.django_db
def test_what_changes_hands_is_told_of_both():
    rule = of_each_table()[OpeningRule]
    other = factories.psychologist()
    changed = told(lambda: OpeningRule.objects.filter(pk=rule.pk).update(psychologist=other))
    assert changed.agenda == {rule.psychologist_id, other.pk}


@pytest.mark.django_db
def test_a_line_is_read_once_and_what_was_undone_is_not_told():
    start, _before = since(position())
    with transaction.atomic():
        undone = transaction.savepoint()
        factories.psychologist()
        transaction.savepoint_rollback(undone)
    following, changed = since(start)
    assert changed == Changes(frozenset(), frozenset())
    made = factories.psychologist()
    following, changed = since(following)
    assert changed.directory == {made.pk}
    assert since(following)[1].directory == frozenset()


@pytest.mark.django_db
def test_when_lines_were_forgotten_the_reader_starts_afresh():
    start = position()
    Change.objects.filter(pk=start.first).delete()
    assert changes.since(start) is None
    # The same number written again, as after an emptying, is another line.
    Change.objects.create(pk=start.first, psychologist_id=0, topic="both", mark=-1)
    assert changes.since(start) is None
    Change.objects.all().delete()
    assert changes.now() is None


@pytest.mark.django_db
def test_the_log_forgets_by_itself():
    start = position()
    kept = 65536
    Change.objects.create(pk=10 * kept - 1, psychologist_id=1, topic="both", mark=1)
    assert changes.since(start) is not None
    Change.objects.create(pk=10 * kept, psychologist_id=1, topic="both", mark=1)
    assert list(Change.objects.values_list("pk", flat=True)) == [10 * kept - 1, 10 * kept]
    assert changes.since(start) is None


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_is_told_too():
    late, early = factories.psychologist(), factories.psychologist()
    written, may_commit = threading.Event(), threading.Event()

    def commit_late() -> None:
        try:
            with transaction.atomic():
                Psychologist.objects.filter(pk=late.pk).update(phone="1")
                written.set()
                assert may_commit.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=commit_late)
    thread.start()
    assert written.wait(30)
    start, _before = since(position())
    Psychologist.objects.filter(pk=early.pk).update(phone="1")
    start, changed = since(start)
    assert changed.directory == {early.pk}
    last_number = Change.objects.order_by("-pk").values_list("pk", flat=True)[0]
    assert since(start)[1].directory == frozenset()
    may_commit.set()
    thread.join()
    # Twin: whoever reads by number alone never hears of it.
    assert not Change.objects.filter(pk__gt=last_number).exists()
    start, changed = since(start)
    assert changed.directory == {late.pk}
    assert since(start)[1].directory == frozenset()
