"""A web process reads agendas ahead: the first search then asks for none of them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.utils import timezone
from tests import factories
from tests.steps import scene

from soutien.doors import warming
from soutien.registers.agenda.horizon import Horizon
from soutien.steps import projection
from soutien.steps.find import find_psychologists


@pytest.fixture(autouse=True)
def a_process_that_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "_kept", projection.Projection())
    monkeypatch.setattr(warming.gc, "freeze", lambda: None)


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Whose agendas were derived, in order; each engine asks for them in its own SQL."""
    seen: list[int] = []
    derive = Horizon._derive

    def noted(horizon: Horizon, psychologist_ids: Collection[int], at: datetime) -> None:
        seen.extend(psychologist_ids)
        derive(horizon, psychologist_ids, at)

    monkeypatch.setattr(Horizon, "_derive", noted)
    return seen


def search() -> None:
    """A first search finds everybody, with their times."""
    at = timezone.now()
    results = find_psychologists(near=factories.LYON, radius_km=10, order="earliest", at=at)
    assert results.total == 3 and all(card.slots for card in results.cards)


@pytest.mark.django_db(transaction=True)
def test_the_first_search_derives_no_agenda(
    monkeypatch: pytest.MonkeyPatch, derived: list[int]
) -> None:
    monkeypatch.setattr(warming, "PLACES_AT_ONCE", 2)
    everybody = {scene.practice().psychologist_id for _ in range(3)}
    assert warming.warm(60) == (3, 3)
    assert len(derived) == 3 and set(derived) == everybody
    search()
    assert len(derived) == 3


@pytest.mark.django_db(transaction=True)
def test_it_stops_in_time_and_what_is_left_is_derived_by_who_asks(
    monkeypatch: pytest.MonkeyPatch, derived: list[int]
) -> None:
    monkeypatch.setattr(warming, "PLACES_AT_ONCE", 1)
    everybody = {scene.practice().psychologist_id for _ in range(3)}
    told = iter([0.0, 1.0, 9.0, 61.0])
    monkeypatch.setattr(warming, "time", SimpleNamespace(monotonic=lambda: next(told)))
    assert warming.warm(60) == (2, 3)
    assert len(derived) == 2
    search()
    assert len(derived) == 3 and set(derived) == everybody


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
