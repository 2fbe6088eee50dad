"""A web process reads agendas ahead: the first search then asks for none of them."""

from __future__ import annotations

import logging
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import factories
from tests.steps import scene

from soutien.doors import warming
from soutien.steps import projection
from soutien.steps.find import find_by_name, find_psychologists


@pytest.fixture(autouse=True)
def a_process_that_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "_kept", projection.Projection())
    monkeypatch.setattr(warming.gc, "freeze", lambda: None)


def searched(at: datetime) -> str:
    """The questions of a first search by distance, then by name."""
    with CaptureQueriesContext(connection) as asked:
        results = find_psychologists(near=factories.LYON, radius_km=10, order="earliest", at=at)
        find_by_name(name="exemple", at=at)
    assert all(card.slots for card in results.cards) and results.total == 3
    return " ".join(query["sql"] for query in asked)


@pytest.mark.django_db(transaction=True)
def test_the_first_search_derives_no_agenda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "PLACES_AT_ONCE", 2)
    for _ in range(3):
        scene.practice(search_name="ada exemple")
    assert "agenda_openingrule" in searched(timezone.now())
    monkeypatch.setattr(projection, "_kept", projection.Projection())
    assert warming.warm(60) == (3, 3)
    sql = searched(timezone.now())
    assert "agenda_" not in sql and "search_name" not in sql


@pytest.mark.django_db(transaction=True)
def test_it_stops_in_time_and_what_is_left_is_derived_by_who_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warming, "PLACES_AT_ONCE", 1)
    for _ in range(3):
        scene.practice()
    told = iter([0.0, 1.0, 9.0, 61.0])
    monkeypatch.setattr(warming, "time", SimpleNamespace(monotonic=lambda: next(told)))
    assert warming.warm(60) == (2, 3)
    assert "agenda_openingrule" in searched(timezone.now())


def test_for_no_seconds_nothing_begins() -> None:
    assert warming.start_warming(0) is None


def test_a_database_that_fails_is_told_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_seconds: float) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr(warming, "warm", fails)
    with caplog.at_level(logging.WARNING):
        thread = warming.start_warming(1)
        assert thread is not None
        thread.join(10)
    assert "no such table" in caplog.text
