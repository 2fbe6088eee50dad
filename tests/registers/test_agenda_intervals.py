"""Whatever times are asked for, in whatever order, no two live ones of one owner overlap."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import factories
from tests.registers.protections import take_away, without_in_postgresql
from tests.registers.test_races import race

from soutien.registers.agenda import queries
from soutien.registers.agenda.models import LIVE, Booking
from soutien.registers.people.models import Person

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AT = NINE - timedelta(days=30)
asked = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.integers(1, 720),
        st.integers(0, 2),
        st.sampled_from([*LIVE, "cancelled", "expired"]),
        st.booleans(),
    ),
    max_size=12,
)


def ask(where: Any, people: list[Person], one: tuple[int, int, int, str, bool]) -> Any:
    """Ask for one time; what the database says."""
    start, length, who, status, over = one
    values = {
        "psychologist_id": where.psychologist_id,
        "place_id": where.pk,
        "person_id": people[who].pk,
        "kind": "follow_up",
        "modality": "in_person",
        "starts_at": NINE + start * MINUTE,
        "ends_at": NINE + (start + length) * MINUTE,
        "civil_day": NINE.date(),
        "status": status,
        "created_at": AT,
        "held_until": NINE if status == "held" else None,
    }
    try:
        return queries.book_over("urgent", **values) if over else queries.book(**values)
    except queries.TimeTaken as taken:
        return taken


def overlapping(rows: Iterable[Booking]) -> int:
    return sum(
        one.starts_at < other.ends_at and other.starts_at < one.ends_at
        for one, other in combinations(rows, 2)
    )


def wrongs() -> int:
    """Pairs of live bookings that share a minute and may not."""
    live = list(Booking.objects.filter(status__in=LIVE))
    owners = {row.psychologist_id for row in live}, {row.person_id for row in live}
    found = 0
    for owner in owners[0]:
        own = [row for row in live if row.psychologist_id == owner]
        for laid in (False, True):
            found += overlapping(row for row in own if bool(row.overbooked_for) is laid)
    return found + sum(
        overlapping(row for row in live if row.person_id == owner) for owner in owners[1]
    )


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked)
def test_no_two_live_times_overlap_whatever_is_asked(asked: list[Any]):
    with transaction.atomic():
        where = factories.place(factories.psychologist())
        people = [factories.person(at=AT) for _ in range(3)]
        for one in asked:
            ask(where, people, one)
        assert wrongs() == 0
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_twin_without_the_protections_they_overlap():
    for name in ("psychologist", "person", "over"):
        take_away(f"agenda_booking_{name}_once", "agenda_booking")
    where = factories.place(factories.psychologist())
    people = [factories.person(at=AT) for _ in range(3)]
    for start in (0, 30, 60):
        ask(where, people, (start, 60, 0, "confirmed", False))
    assert wrongs() > 0


def thousand() -> list[Any]:
    """A thousand times of random length in eight hands, for three psychologists and 40 people."""
    places = [factories.place(factories.psychologist()) for _ in range(3)]
    people = [factories.person(at=AT) for _ in range(40)]
    chance = random.Random(20261122)
    wishes = [
        (
            chance.choice(places),
            (chance.randrange(5000), chance.randint(15, 180), chance.randrange(40)),
            chance.random() < 0.1,
        )
        for _ in range(1000)
    ]

    def hand(number: int) -> list[Any]:
        return [
            ask(place, people, (*times, "confirmed", over))
            for place, times, over in wishes[number::8]
        ]

    return race([lambda number=number: hand(number) for number in range(8)])


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_of_a_thousand_random_times_asked_at_once_no_two_overlap():
    results = thousand()
    assert {type(one).__name__ for hand in results for one in hand} == {"Booking", "TimeTaken"}
    assert 100 < Booking.objects.count() < 1000
    assert wrongs() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_twin_of_a_thousand_without_the_protections():
    with without_in_postgresql(
        "agenda_booking",
        "agenda_booking_psychologist_once",
        "agenda_booking_person_once",
        "agenda_booking_over_once",
    ):
        thousand()
        assert wrongs() > 0
