"""Ten papers for a person, also when they are added at the same moment; the twin counts wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests import factories as make
from tests.registers.test_races import race
from tests.steps.test_papers import NOW, added
from tests.steps.test_races import gate

from soutien.registers.documents import queries as documents
from soutien.registers.people.models import Person
from soutien.steps.errors import Refusal
from soutien.steps.papers import MOST_PAPERS

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
CONTENDERS = 8


def with_room_for_one() -> Person:
    who = make.person(at=NOW)
    for number in range(MOST_PAPERS - 1):
        added(who, f"%PDF- known paper {number}".encode())
    return who


def papers(who: Person) -> list[Callable[[], Any]]:
    """So many different papers of one person."""

    def one(number: int) -> Callable[[], Any]:
        return lambda: added(who, f"%PDF- new paper {number}".encode())

    return [one(number) for number in range(CONTENDERS)]


def test_of_many_papers_at_once_the_last_place_goes_to_one() -> None:
    who = with_room_for_one()
    results = race(papers(who))
    told = Counter(one.code if isinstance(one, Refusal) else type(one).__name__ for one in results)
    assert told == {"UUID": 1, "documents_enough": CONTENDERS - 1}
    assert documents.live(who.pk).count() == MOST_PAPERS


def test_twin_without_the_lock_too_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    who = with_room_for_one()
    monkeypatch.setattr(Person.objects, "select_for_update", Person.objects.all)
    # All have counted before the first is kept.
    with gate(monkeypatch, documents, "keep", CONTENDERS):
        race(papers(who))
    assert documents.live(who.pk).count() == MOST_PAPERS - 1 + CONTENDERS


def test_one_paper_sent_many_times_at_once_stands_once() -> None:
    who = make.person(at=NOW)
    results = race([lambda: added(who)] * CONTENDERS)
    assert len(set(results)) == 1
    assert documents.live(who.pk).count() == 1
