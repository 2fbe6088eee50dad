"""Several questions in one message: what each sees, and what is prepared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests import factories
from tests.registers.agenda.test_horizon import MONDAY
from tests.registers.agenda.test_horizon import at as moment

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.asking import Question, ask
from soutien.registers.agenda.models import Booking

pytestmark = pytest.mark.django_db
ON_POSTGRESQL = connection.vendor == "postgresql"
HOW_MANY = Question("SELECT count(*) FROM agenda_booking WHERE kind = %s", ["follow_up"], "how")


def at(hour: int) -> datetime:
    return moment(MONDAY, hour)


@pytest.fixture
def pooled() -> Iterator[None]:
    """A connection that is shared with others between transactions: it prepares nothing."""
    connection.settings_dict["PREPARED"] = False
    yield
    connection.settings_dict["PREPARED"] = True


def prepared() -> set[str]:
    """The names that the connection has prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements")
        return {name for (name,) in cursor.fetchall()}


def test_each_question_sees_what_those_before_it_did():
    who, place = factories.person(at=at(8)), factories.place(factories.psychologist())
    factories.booking(place, who=who, starts_at=at(9))
    moved = Question("UPDATE agenda_booking SET kind = %s", ["evaluation"])
    back = Question("UPDATE agenda_booking SET kind = 'follow_up' RETURNING kind")
    answers = ask(HOW_MANY, moved, HOW_MANY, back, HOW_MANY)
    assert [list(map(tuple, rows)) for rows in answers] == [
        [(1,)],
        [],
        [(0,)],
        [("follow_up",)],
        [(1,)],
    ]


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has no way to go and plans quickly")
def test_on_postgresql_they_go_in_one_message_and_are_prepared_once():
    ask(HOW_MANY)
    with CaptureQueriesContext(connection) as queries:
        ask(HOW_MANY, HOW_MANY, Question("SELECT 1"))
    assert [query["sql"] for query in queries] == [
        "EXECUTE how('follow_up'); EXECUTE how('follow_up'); SELECT 1"
    ]
    assert "how" in prepared()


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has no way to go and plans quickly")
def test_behind_a_pooler_nothing_is_prepared(pooled: None):
    before = prepared()
    other = HOW_MANY._replace(name="never_prepared")
    assert ask(other, other) == [[(0,)], [(0,)]]
    assert prepared() == before


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has no way to go and plans quickly")
@pytest.mark.django_db(transaction=True)
def test_a_new_connection_prepares_again():
    ask(HOW_MANY)
    connection.close()
    assert ask(HOW_MANY) == [[(0,)]]
    assert prepared() == {"how"}


def test_a_booking_that_is_refused_leaves_the_rest_of_the_transaction():
    place = factories.place(factories.psychologist())
    words = {
        "psychologist_id": place.psychologist_id,
        "place_id": place.pk,
        "kind": "evaluation",
        "modality": "in_person",
        "starts_at": at(9),
        "ends_at": at(10),
        "civil_day": at(9).date(),
        "status": "held",
        "created_at": at(8),
        "held_until": at(9),
    }
    with transaction.atomic():
        first = agenda.book(**words)
        with pytest.raises(agenda.TimeTaken):
            agenda.book(**words)
        with pytest.raises(IntegrityError):
            agenda.book(**words | {"starts_at": at(11), "ends_at": at(12), "kind": "none"})
        later = agenda.book(**words | {"starts_at": at(11), "ends_at": at(12)})
    assert list(Booking.objects.order_by("id")) == [first, later]
    # What was written is what the ORM reads.
    for field in Booking._meta.concrete_fields:
        assert getattr(factories.reread(later), field.attname) == getattr(later, field.attname)
