"""Once an hour the courier removes what signing in left behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soutien.doors.couriers import work
from soutien.doors.couriers.tidying import BETWEEN, Tidying
from soutien.registers.limits import queries as limits
from soutien.registers.limits.models import Window

NOW = datetime(2026, 11, 22, 9, 7, tzinfo=UTC)
QUARTER = timedelta(minutes=15)

pytestmark = pytest.mark.django_db


def test_past_tries_are_removed_once_an_hour() -> None:
    tidying = Tidying()
    limits.count("a", "one", period=QUARTER, at=NOW - 2 * QUARTER)
    limits.count("a", "two", period=QUARTER, at=NOW)
    assert tidying.tidy(NOW) == 1
    assert tidying.tidy(NOW + QUARTER) == 0
    assert Window.objects.count() == 1
    assert tidying.tidy(NOW + BETWEEN) == 1


def test_a_turn_of_the_courier_tidies() -> None:
    limits.count("a", "one", period=QUARTER, at=NOW)
    work.one_turn({})
    assert not Window.objects.exists()
