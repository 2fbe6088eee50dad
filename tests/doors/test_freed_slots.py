"""The rounds: where they look, what they end, and that the letter leaves in the same turn."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from tests import factories
from tests.steps import scene
from tests.steps.scene import DAY, HOUR, MONDAY, at
from tests.steps.test_wait import LYON, NOW, full, joined

from soutien.doors import freed_slots
from soutien.doors.couriers import work
from soutien.doors.couriers.mailbox import LocalMailbox
from soutien.doors.freed_slots import FreedSlots, Round
from soutien.doors.jobs.table import JOBS
from soutien.doors.waiting_links import OFFER, waiting_path
from soutien.registers.outbox import queries as outbox
from soutien.registers.waiting.models import Offer, Wait
from soutien.steps.book import cancel_booking
from soutien.steps.request import FORGOTTEN_AFTER
from soutien.steps.wait import Around

pytestmark = pytest.mark.django_db(transaction=True)


def taken(where: scene.Practice, *, hour: int = 14) -> object:
    """The only hour of a psychologist, booked."""
    return factories.booking(
        where.place,
        starts_at=at(MONDAY + DAY, hour),
        who=factories.person(at=NOW),
        **factories.EVALUATION,
    )


def cancelled(where: scene.Practice, booking: object, moment: datetime) -> None:
    cancel_booking(actor=where.actor, booking_id=booking.public_id, at=moment)  # type: ignore[attr-defined]


def test_the_first_round_looks_everywhere():
    wait, where = joined(), full()
    Wait.objects.update(looked_at=NOW - DAY)
    assert FreedSlots().round(NOW).offered == 1
    offer = Offer.objects.get()
    assert (offer.wait, offer.booking.psychologist_id) == (wait, where.psychologist_id)


def test_later_rounds_look_only_where_something_was_written(monkeypatch: pytest.MonkeyPatch):
    where, elsewhere = full(), full()
    booked = taken(where)
    taken(elsewhere)
    joined()
    watch, looked = FreedSlots(), []
    original = freed_slots.offer_freed_slot

    def noted(*, psychologist_id: int, at: datetime) -> Offer | None:
        looked.append(psychologist_id)
        return original(psychologist_id=psychologist_id, at=at)

    monkeypatch.setattr(freed_slots, "offer_freed_slot", noted)
    assert watch.round(NOW).offered == 0
    looked.clear()
    assert watch.round(NOW + timedelta(seconds=20)).offered == 0
    assert looked == []
    cancelled(where, booked, NOW + timedelta(seconds=30))
    assert watch.round(NOW + timedelta(seconds=40)).offered == 1
    assert set(looked) == {where.psychologist_id}


@pytest.mark.parametrize("cause", ["a new opening", "a hold that ran out", "somebody joined"])
def test_whatever_frees_a_time_it_is_offered_in_the_next_round(cause: str):
    watch, where = FreedSlots(), full()
    booked = taken(where)
    if cause != "somebody joined":
        joined()
    watch.round(NOW)
    assert not Offer.objects.exists()
    if cause == "a new opening":
        factories.special_opening(where.place, MONDAY + 2 * DAY)
    elif cause == "a hold that ran out":
        type(booked).objects.update(status="held", held_until=NOW + timedelta(seconds=15))
        watch.round(NOW + timedelta(seconds=10))
        assert not Offer.objects.exists()
    else:
        cancelled(where, booked, NOW)
        watch.round(NOW)
        joined(joined_at=NOW)
    assert watch.round(NOW + timedelta(seconds=20)).offered == 1


def test_the_first_in_the_queue_is_offered_the_earliest_of_all():
    joined()
    full(day=MONDAY + 5 * DAY)
    early = full(day=MONDAY + 2 * DAY)
    FreedSlots().round(NOW)
    assert Offer.objects.get().booking.psychologist_id == early.psychologist_id


def test_in_one_round_what_ran_out_goes_to_the_next_person():
    first, second = joined(joined_at=NOW - 2 * DAY), joined()
    full(day=MONDAY + 3 * DAY)
    watch = FreedSlots()
    watch.round(NOW)
    offer = Offer.objects.get()
    assert offer.wait == first
    done = watch.round(offer.answer_before)
    assert (done.ended, done.offered) == (1, 1)
    assert Offer.objects.get(status="open").wait == second


def test_a_long_list_is_served_in_several_rounds_so_that_mails_leave_between_them():
    for _person in range(3):
        joined()
    for day in (2, 3, 4):
        full(day=MONDAY + day * DAY)
    watch = FreedSlots(seconds=0)
    served = [watch.round(NOW + number * timedelta(seconds=20)).offered for number in range(4)]
    assert served == [1, 1, 1, 0]


def test_nobody_waits_and_nothing_is_done():
    full()
    assert FreedSlots().round(NOW) == Round()


def test_far_away_nobody_is_asked():
    joined(around=Around((48.85, 2.35), 10, "Paris"))
    full()
    assert FreedSlots().round(NOW).offered == 0


def test_after_a_failure_the_next_round_looks_everywhere(monkeypatch: pytest.MonkeyPatch):
    watch, where = FreedSlots(), full()
    joined()
    booked = taken(where)
    watch.round(NOW)
    cancelled(where, booked, NOW)
    with monkeypatch.context() as broken:
        broken.setattr(freed_slots, "reached_by", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            watch.round(NOW + HOUR)
    assert watch.round(NOW + HOUR).offered == 1


def test_what_is_over_is_erased_by_its_job():
    wait = joined()
    Wait.objects.filter(pk=wait.pk).update(status="left", ended_at=NOW)
    assert JOBS["requests"].act(NOW) == 0
    assert JOBS["requests"].act(NOW + FORGOTTEN_AFTER) == 1
    assert not Wait.objects.exists()


def test_a_courier_offers_a_freed_time_and_its_letter_leaves_in_the_same_turn(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(work, "_freed_slots", FreedSlots())
    joined(around=LYON)
    full()
    with time_machine.travel(NOW, tick=False):
        work.one_turn({"mail": LocalMailbox()})
    path = waiting_path(OFFER, Offer.objects.get().public_id)
    assert any(path in message.body for message in outbox.mailbox())


def test_letters_leave_even_when_the_waiting_list_is_in_trouble(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    class Broken:
        def round(self, _at: datetime) -> Round:
            raise RuntimeError("trouble")

    monkeypatch.setattr(work, "_freed_slots", Broken())
    joined()
    with time_machine.travel(NOW, tick=False):
        done = work.one_turn({"mail": LocalMailbox()})
    assert done.delivered == 1
    assert "The waiting list was not served" in caplog.text
