"""Two schedulers at the same hour write to a young person once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests import factories
from tests.registers.test_races import race

from soutien.registers.outbox.models import Letter
from soutien.registers.people import majorities
from soutien.steps import come_of_age

# On SQLite one transaction writes at a time: two schedulers cannot read the same list.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_only]

AT = datetime(2026, 11, 14, 23, tzinfo=UTC)
SCHEDULERS = 2


@pytest.fixture
def young() -> None:
    """Somebody who comes of age in a month, and a mother who acts for them."""
    mother = factories.person(at=AT, email="nadia@example.org")
    who = factories.person(at=AT, birth_date="2008-12-15", email="lea@example.org")
    factories.guardianship(mother, who, valid_from=date(2020, 1, 1))


def told_by_both(monkeypatch: pytest.MonkeyPatch, tell: Callable[..., bool]) -> list[Any]:
    """What each scheduler did when both had read the list before either wrote."""
    together = threading.Barrier(SCHEDULERS)

    def after_both_have_read(person_id: int, at: datetime) -> bool:
        together.wait(timeout=30)
        return tell(person_id, at)

    monkeypatch.setattr(majorities, "tell", after_both_have_read)
    return race([lambda: come_of_age.tell_of_majority(at=AT)] * SCHEDULERS)


@pytest.mark.usefixtures("young")
def test_two_schedulers_at_once_write_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(told_by_both(monkeypatch, majorities.tell)) == [0, 1]
    assert Letter.objects.filter(kind="people.majority.near").count() == 2


@pytest.mark.usefixtures("young")
def test_without_the_one_row_a_person_they_write_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def noted_nowhere(person_id: int, at: datetime) -> bool:
        return True

    assert told_by_both(monkeypatch, noted_nowhere) == [1, 1]
    assert Letter.objects.filter(kind="people.majority.near").count() == 4
