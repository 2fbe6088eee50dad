"""Questionnaires by several at once: asked, filled, entered, read once; the twins without locks.

A gate holds everybody between the check and the write, so that only the lock counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.registers.protections import without_in_postgresql
from tests.registers.test_races import kinds, race
from tests.steps.test_measure import CALM, DANGER, NOW, TODAY, Pair, pair
from tests.steps.test_races import gate

from soutien.registers.measures import queries as measures
from soutien.registers.measures.models import Outcome, Questionnaire, Review
from soutien.registers.people.models import Person
from soutien.steps import measure
from soutien.steps.actor import ANONYMOUS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
MANY, TWO = 12, 2
Act = Callable[[], Any]


def asking(ours: Pair) -> Act:
    return ours.asked


def filling(ours: Pair) -> Act:
    row = ours.asked()
    return lambda: measure.fill_questionnaire(
        actor=ANONYMOUS, questionnaire_id=row.public_id, answers=CALM, at=NOW
    )


def entering(ours: Pair) -> Act:
    return lambda: measure.enter_on_paper(
        actor=ours.psychologist,
        booking_id=ours.booking.public_id,
        scale="phq-9",
        answers=CALM,
        filled_on=TODAY,
        at=NOW,
    )


def reviewing(ours: Pair) -> Act:
    outcome = ours.filled(DANGER)
    return lambda: measure.review_outcome(
        actor=ours.psychologist, outcome_id=outcome.public_id, done="talked", at=NOW
    )


CASES = [(asking, Questionnaire), (filling, Outcome), (entering, Outcome), (reviewing, Review)]
# What holds each, and what is written after it.
LOCKS = {
    asking: ((measure, "_one_at_a_time", lambda _person_id: None), "ask"),
    entering: ((measure, "_one_at_a_time", lambda _person_id: None), "keep"),
    reviewing: (
        (measures, "lock_outcome", lambda key: Outcome.objects.get(public_id=key)),
        "review",
    ),
}
NO_LOCK = (measures, "lock", lambda key: Questionnaire.objects.get(pk=key))


@pytest.mark.parametrize(("made", "table"), CASES)
def test_many_at_once_are_one(made: Callable[[Pair], Act], table: Any):
    act = made(pair())
    results = race([act] * MANY)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert table.objects.count() == 1


@pytest.mark.parametrize("made", LOCKS)
def test_twin_without_its_lock_it_stands_twice(
    made: Callable[[Pair], Act], monkeypatch: pytest.MonkeyPatch
):
    act, (lock, write) = made(pair()), LOCKS[made]
    table = dict(CASES)[made]
    monkeypatch.setattr(*lock)
    with gate(monkeypatch, measures, write, TWO):
        race([act] * TWO)
    assert table.objects.count() == TWO


def test_twin_without_the_lock_of_a_questionnaire_the_second_reads_an_error(
    monkeypatch: pytest.MonkeyPatch,
):
    act = filling(pair())
    monkeypatch.setattr(*NO_LOCK)
    with gate(monkeypatch, measures, "keep", TWO):
        results = race([act] * TWO)
    assert kinds(results) == {"Told": 1, "IntegrityError": 1}
    assert Outcome.objects.count() == 1


def test_twin_without_the_constraint_either_it_is_filled_in_twice(
    monkeypatch: pytest.MonkeyPatch,
):
    act = filling(pair())
    monkeypatch.setattr(*NO_LOCK)
    with without_in_postgresql("measures_outcome", "measures_outcome_questionnaire_id_key"):
        with gate(monkeypatch, measures, "keep", TWO):
            race([act] * TWO)
        assert Outcome.objects.count() == TWO
        # The database lets rows go of nobody else.
        Person.objects.update(forgotten_at=NOW)
