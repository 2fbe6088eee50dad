"""Tries are counted once each, for all processes together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from soutien.registers.limits import queries as limits
from soutien.registers.limits.models import Window

QUARTER = timedelta(minutes=15)
NOW = datetime(2026, 11, 22, 9, 7, tzinfo=UTC)


@pytest.mark.django_db
def test_each_try_counts_one_for_its_own_key() -> None:
    counts = [limits.count("a", "one", period=QUARTER, at=NOW) for _try in range(3)]
    assert counts == [1, 2, 3]
    assert limits.count("a", "two", period=QUARTER, at=NOW) == 1
    assert limits.count("b", "one", period=QUARTER, at=NOW) == 1
    assert limits.counted("a", "one", period=QUARTER, at=NOW) == 3
    assert limits.counted("a", "three", period=QUARTER, at=NOW) == 0


@pytest.mark.django_db
def test_a_new_stretch_starts_from_nothing_whatever_came_before() -> None:
    for _try in range(40):
        limits.count("a", "one", period=QUARTER, at=NOW)
    _began_at, ends_at = limits.stretch(QUARTER, NOW)
    assert ends_at == datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
    assert limits.count("a", "one", period=QUARTER, at=ends_at) == 1


@pytest.mark.django_db
def test_tries_that_turned_out_well_are_forgotten() -> None:
    limits.count("a", "one", period=QUARTER, at=NOW)
    limits.count("a", "two", period=QUARTER, at=NOW)
    limits.forget("a", "one")
    assert limits.count("a", "one", period=QUARTER, at=NOW) == 1
    assert limits.counted("a", "two", period=QUARTER, at=NOW) == 1


@pytest.mark.django_db
def test_past_stretches_are_removed_and_no_other() -> None:
    limits.count("a", "one", period=QUARTER, at=NOW)
    limits.count("a", "one", period=QUARTER, at=NOW + QUARTER)
    assert limits.forget_past(NOW + QUARTER) == 1
    assert Window.objects.get().tries == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_forty_tries_at_the_same_moment_are_forty_different_counts() -> None:
    def one(_try: int) -> int:
        try:
            return limits.count("a", "one", period=QUARTER, at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(one, range(40)))
    assert sorted(counts) == list(range(1, 41))
