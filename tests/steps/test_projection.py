"""What a process keeps of all psychologists is true the moment somebody else commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from tests import factories
from tests.steps import scene
from tests.steps.scene import DAY, MONDAY, at

from soutien.registers.agenda.models import OpeningRule
from soutien.registers.psychologists import changes
from soutien.registers.psychologists.models import Psychologist
from soutien.steps import projection
from soutien.steps.find import Results, find_psychologists

pytestmark = pytest.mark.django_db(transaction=True)

NOON = at(MONDAY, 12)


def found(moment: datetime = NOON, **words: Any) -> Results:
    asked = {"near": factories.LYON, "radius_km": 10.0, "order": "earliest", "at": moment}
    return find_psychologists(**(asked | words))


def order(moment: datetime = NOON, **words: Any) -> list[int]:
    return [card.psychologist_id for card in found(moment, **words).cards]


def first(moment: datetime = NOON) -> datetime:
    """When the first card is free first."""
    return found(moment).cards[0].slots[0].starts_at


def elsewhere(act: Callable[[], Any]) -> None:
    """Do something on a connection that is not ours, as another process would."""
    failures = []

    def run() -> None:
        try:
            act()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not failures and not thread.is_alive()


def hold(where: scene.Practice, hour: int) -> None:
    scene.held(where, day=MONDAY + DAY, hour=hour, asked_at=NOON)


def test_a_booking_elsewhere_is_seen_by_the_next_search_and_its_end_too():
    near = scene.practice()
    far = scene.practice(latitude=factories.LYON[0] + 0.01)
    both = [near.psychologist_id, far.psychologist_id]
    OpeningRule.objects.exclude(weekday=1).delete()
    assert order() == both
    elsewhere(lambda: hold(near, 7))
    assert order() == both[::-1]
    assert order(NOON + timedelta(minutes=9)) == both[::-1]
    # Nobody wrote: the hold has run out.
    assert order(NOON + timedelta(minutes=10)) == both


def test_twin_without_the_question_before_each_answer_the_booking_is_not_seen(
    monkeypatch: pytest.MonkeyPatch,
):
    near = scene.practice()
    far = scene.practice(latitude=factories.LYON[0] + 0.01)
    OpeningRule.objects.exclude(weekday=1).delete()
    both = [near.psychologist_id, far.psychologist_id]
    assert order() == both
    nothing = changes.Changes(frozenset(), frozenset())
    monkeypatch.setattr(changes, "since", lambda position: (position, nothing))
    elsewhere(lambda: hold(near, 7))
    assert order() == both


def test_hours_agreements_and_arrivals_written_elsewhere_are_seen():
    where = scene.practice()
    assert order() == [where.psychologist_id]
    elsewhere(lambda: OpeningRule.objects.all().delete())
    assert [card.slots for card in found().cards] == [()]
    elsewhere(lambda: factories.suspension(where.place.psychologist, valid_from=MONDAY))
    assert found().total == 0
    arrived: list[scene.Practice] = []
    elsewhere(lambda: arrived.append(scene.practice()))
    assert order() == [arrived[0].psychologist_id]
    elsewhere(lambda: Psychologist.objects.update(accepts_new_patients=False))
    assert found().total == 0


def test_what_a_transaction_sees_is_not_kept():
    where = scene.practice()
    assert order() == [where.psychologist_id]
    with transaction.atomic():
        Psychologist.objects.update(accepts_new_patients=False)
        assert found().total == 0
        transaction.set_rollback(True)
    assert order() == [where.psychologist_id]


def test_searches_at_once_do_not_mix(monkeypatch: pytest.MonkeyPatch):
    scene.practice()
    moments = [NOON + timedelta(minutes=minute) for minute in range(0, 240, 30)]
    expected = [first(moment) for moment in moments]
    monkeypatch.setattr(projection, "_kept", projection.Projection())
    answers: dict[int, datetime] = {}

    def ask(number: int) -> None:
        for _ in range(5):
            answers[number] = first(moments[number])
            assert answers[number] == expected[number]

    threads = [
        threading.Thread(target=elsewhere, args=(lambda number=number: ask(number),))
        for number in range(len(moments))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answers[number] for number in range(len(moments))] == expected


def test_a_suspension_to_come_takes_its_days_out_of_the_order():
    near = scene.practice()
    far = scene.practice(latitude=factories.LYON[0] + 0.01)
    factories.suspension(
        near.place.psychologist, valid_from=MONDAY + DAY, valid_before=MONDAY + 4 * DAY
    )
    assert order() == [near.psychologist_id, far.psychologist_id]
    night = at(MONDAY, 20)
    assert order(night) == [far.psychologist_id, near.psychologist_id]
    by_person = {card.psychologist_id: card.slots for card in found(night).cards}
    assert by_person[near.psychologist_id][0].starts_at == at(MONDAY + 4 * DAY, 7)
    assert len(by_person[near.psychologist_id]) == 3


def test_pages_of_the_earliest_follow_each_other():
    for shift in range(7):
        scene.practice(latitude=factories.LYON[0] + shift * 0.001)
    factories.OpeningRule.objects.filter(place_id__gt=3).update(starts_at_minute=16 * 60)
    whole = order(page_size=50)
    pages = [order(page=page, page_size=3) for page in (1, 2, 3)]
    assert sum(pages, []) == whole
    assert len(whole) == 7
