"""Several workers at once: one time to one person, one person one time; the twins fail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.registers.protections import without, without_in_postgresql
from tests.registers.test_races import kinds, race
from tests.steps.scene import MONDAY, at
from tests.steps.test_races import gate
from tests.steps.test_wait import NOW, full, joined

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.waiting import queries as waiting
from soutien.registers.waiting.models import Offer
from soutien.steps.actor import ANONYMOUS
from soutien.steps.book import confirm_booking
from soutien.steps.errors import Refusal
from soutien.steps.wait import answer_offer, expire_offers, offer_freed_slot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
WORKERS = 8


def workers(psychologist_ids: list[int]) -> list[Any]:
    return [
        lambda key=key: offer_freed_slot(psychologist_id=key, at=NOW) for key in psychologist_ids
    ]


def test_of_eight_workers_one_offers_the_time_and_to_one_person(monkeypatch: pytest.MonkeyPatch):
    where = full()
    for _ in range(WORKERS):
        joined()
    with gate(monkeypatch, waiting, "queue_up", WORKERS):
        results = race(workers([where.psychologist_id] * WORKERS))
    assert kinds(results) == {"Offer": 1, "NoneType": WORKERS - 1}
    assert Booking.objects.filter(status="held").count() == 1


def test_eight_times_at_once_are_eight_people_in_the_order_of_the_queue(
    monkeypatch: pytest.MonkeyPatch,
):
    places = [full() for _ in range(WORKERS)]
    waits = [joined(joined_at=NOW - timedelta(hours=50 - n)) for n in range(WORKERS + 2)]
    with gate(monkeypatch, waiting, "queue_up", WORKERS):
        results = race(workers([one.psychologist_id for one in places]))
    assert kinds(results) == {"Offer": WORKERS}
    assert {offer.wait_id for offer in results} == {wait.pk for wait in waits[:WORKERS]}


def test_one_person_and_eight_times_is_one_offer(monkeypatch: pytest.MonkeyPatch):
    places = [full() for _ in range(WORKERS)]
    joined()
    with gate(monkeypatch, waiting, "queue_up", WORKERS):
        results = race(workers([one.psychologist_id for one in places]))
    assert kinds(results) == {"Offer": 1, "NoneType": WORKERS - 1}


def test_twin_without_the_lock_and_the_constraints_one_person_is_offered_several_times(
    monkeypatch: pytest.MonkeyPatch,
):
    places = [full() for _ in range(WORKERS)]
    joined()
    monkeypatch.setattr(waiting, "queue_up", lambda: None)
    with (
        without(Offer, *OF_ONE_PERSON),
        gate(monkeypatch, agenda, "book", WORKERS),
    ):
        race(workers([one.psychologist_id for one in places]))
        assert Offer.objects.filter(status="open").count() > 1


def test_twin_without_the_lock_the_constraints_alone_keep_one_offer_a_person(
    monkeypatch: pytest.MonkeyPatch,
):
    places = [full() for _ in range(WORKERS)]
    joined()
    monkeypatch.setattr(waiting, "queue_up", lambda: None)
    with gate(monkeypatch, agenda, "book", WORKERS):
        results = race(workers([one.psychologist_id for one in places]))
    assert kinds(results) == {"Offer": 1, "IntegrityError": WORKERS - 1}
    assert Booking.objects.filter(status="held").count() == 1


def test_twin_without_lock_queue_and_constraints_one_time_is_offered_to_several(
    monkeypatch: pytest.MonkeyPatch,
):
    where = full()
    for _ in range(WORKERS):
        joined()
    monkeypatch.setattr(waiting, "queue_up", lambda: None)
    monkeypatch.setattr(agenda, "_turns", lambda *_: [])
    with (
        without_in_postgresql("agenda_booking", "agenda_booking_psychologist_once"),
        without(Offer, *OF_ONE_PERSON),
        gate(monkeypatch, agenda, "book", WORKERS),
    ):
        race(workers([where.psychologist_id] * WORKERS))
        assert Offer.objects.filter(status="open").count() > 1


def test_taken_and_run_out_at_the_same_moment_only_one_of_the_two_happens():
    for _ in range(WORKERS):
        wait, where = joined(), full(day=MONDAY + timedelta(days=3))
        offer = offer_freed_slot(psychologist_id=where.psychologist_id, at=NOW)
        assert offer is not None
        late = offer.answer_before

        def take(offer: Offer = offer, late: Any = late) -> Any:
            return answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=True, at=late)

        results = race([take, lambda late=late: expire_offers(at=late)])
        assert not [one for one in results if isinstance(one, Exception)], results
        offer.refresh_from_db()
        wait.refresh_from_db()
        # Whoever came first, a late answer is forgiven while nobody else has the time.
        assert offer.status in ("taken", "ignored")
        assert (wait.status == "booked") == (offer.status == "taken")
        wait.delete()


def test_one_offer_taken_by_sixteen_hands_is_one_appointment():
    from django.db import transaction
    from tests.steps.scene import CAMILLE

    joined()
    where = full()
    offer = offer_freed_slot(psychologist_id=where.psychologist_id, at=NOW)
    assert offer is not None

    def take() -> Any:
        with transaction.atomic():
            answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=True, at=NOW)
            return confirm_booking(
                actor=ANONYMOUS,
                booking_id=offer.booking.public_id,
                identity=CAMILLE,
                at=NOW,
            )

    results = race([take] * 16)
    assert kinds(results) == {"Booking": 16}
    assert not [one for one in results if isinstance(one, Refusal)]
    assert Booking.objects.get().starts_at == at(MONDAY + timedelta(days=1), 14)


OF_ONE_PERSON = (
    "waiting_offer_one_a_wait",
    "waiting_offer_one_an_email",
    "waiting_offer_one_a_phone",
)
