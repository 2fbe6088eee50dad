"""The waiting list: who is offered a freed time, for how long, and what keeps a place."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import CAMILLE, DAY, HOUR, MONDAY, at

from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.registers.waiting.models import Offer, Wait
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.book import cancel_booking, confirm_booking
from soutien.steps.contact import Contact
from soutien.steps.turns import ANSWER_TIME, BEFORE_START
from soutien.steps.wait import (
    IGNORED_BEFORE_ASKING,
    PLACES_AT_ONCE,
    Around,
    answer_offer,
    expire_offers,
    join_waiting_list,
    keep_waiting,
    leave_waiting_list,
    offer_freed_slot,
    open_offer,
    open_wait,
)
from soutien.steps.wishes import NO_WISHES, Wishes

pytestmark = pytest.mark.django_db

NOW = at(MONDAY, 10)
LYON = Around(factories.LYON, 10, "Lyon (Rhône)")
FAR_AWAY = Around((48.8566, 2.3522), 10, "Paris")
_names: Iterator[int] = iter(range(1, 10_000))


def somebody(**fields: str) -> Contact:
    """A contact nobody else has."""
    number = next(_names)
    return Contact(**({"name": f"Alix {number}", "email": f"alix.{number}@example.org"} | fields))


def joined(
    *,
    joined_at: datetime = NOW - DAY,
    need: str = "steady",
    around: Around | None = LYON,
    wishes: Wishes = NO_WISHES,
    contact: Contact | None = None,
    actor: Actor = ANONYMOUS,
    **more: object,
) -> Wait:
    """Somebody in the queue since a day ago."""
    return join_waiting_list(
        actor=actor,
        contact=contact or somebody(),
        need=need,
        at=joined_at,
        around=around,
        wishes=wishes,
        **more,  # type: ignore[arg-type]
    )


def full(*, day: date = MONDAY + DAY, hour: int = 14, **fields: object) -> scene.Practice:
    """A psychologist with one free hour, UTC, of one day, and no weekly hours."""
    who = factories.psychologist(under_agreement_from=scene.OPENED, **fields)
    place = factories.place(who)
    local = at(day, hour).astimezone(ZoneInfo(place.time_zone))
    factories.special_opening(
        place,
        local.date(),
        starts_at_minute=local.hour * 60,
        ends_at_minute=local.hour * 60 + 60,
    )
    return scene.Practice(place)


def offered(where: scene.Practice, now: datetime = NOW) -> Offer | None:
    return offer_freed_slot(psychologist_id=where.psychologist_id, at=now)


def told() -> list[str]:
    return list(Letter.objects.order_by("id").values_list("kind", flat=True))


def test_a_free_time_is_held_for_the_person_whose_turn_it_is():
    where, wait = full(), joined()
    offer = offered(where)
    assert offer is not None
    assert offer.wait == wait
    booking = offer.booking
    assert (booking.status, booking.kind, booking.modality) == ("held", "evaluation", "in_person")
    assert booking.held_until == offer.answer_before
    assert booking.person_id is None
    assert "waiting.offer.made" in told()
    assert Entry.objects.filter(event="waiting.offer.made", object_id=str(offer.pk)).exists()


def test_the_time_offered_is_nobody_elses_while_it_is_kept():
    where = full()
    joined()
    offered(where)
    with refused("slot_taken"):
        scene.held(where, day=MONDAY + DAY, hour=14, asked_at=NOW)


def test_when_nobody_waits_the_time_stays_open_to_all():
    where = full()
    assert offered(where) is None
    assert scene.held(where, day=MONDAY + DAY, hour=14, asked_at=NOW).status == "held"


def test_one_person_has_one_offer_and_the_next_time_goes_to_the_next_person():
    first, second = joined(joined_at=NOW - 2 * DAY), joined()
    offers = [offered(full()), offered(full(hour=15))]
    assert [offer.wait for offer in offers if offer] == [first, second]
    assert offered(full(hour=13)) is None


def test_two_waits_of_one_address_are_never_offered_two_times_at_once():
    contact = somebody(email="Lou@Example.org")
    joined(contact=contact)
    joined(contact=somebody(email="lou@example.org "))
    assert offered(full()) is not None
    assert offered(full(hour=15)) is None


def test_two_ways_to_write_one_telephone_are_one_person():
    joined(contact=somebody(email="", phone="06 39 98 00 01"))
    joined(contact=somebody(email="", phone="+33 6 39 98 00 01"))
    assert offered(full()) is not None
    assert offered(full(hour=15)) is None


def test_need_comes_before_time_waited():
    joined(joined_at=NOW - 30 * DAY, need="steady")
    joined(joined_at=NOW - 20 * DAY, need="heavy")
    hard = joined(joined_at=NOW - HOUR, need="hard")
    offer = offered(full())
    assert offer is not None
    assert offer.wait == hard


def test_of_two_who_came_at_once_the_nearer_is_first():
    farther = Around((45.80, 4.90), 25, "Rillieux")
    joined(around=farther)
    nearer = joined()
    offer = offered(full())
    assert offer is not None
    assert offer.wait == nearer
    assert offer.distance_m == 0


@pytest.mark.parametrize(
    ("wishes", "fields"),
    [
        (Wishes(public="child"), {"sees_children": True}),
        (Wishes(public="teenager"), {"sees_teenagers": True}),
        (Wishes(video=True), {"offers_video": True}),
        (Wishes(languages=("ar", "en")), {"languages": "fr,en"}),
        (Wishes(third_party=True), {"offers_amc_third_party": True}),
    ],
    ids=["child", "teenager", "video", "language", "third party"],
)
def test_only_who_wished_for_such_a_psychologist_is_offered(
    wishes: Wishes, fields: dict[str, object]
):
    wait = joined(wishes=wishes)
    assert offered(full()) is None
    offer = offered(full(**fields))
    assert offer is not None
    assert offer.wait == wait


@pytest.mark.parametrize(
    "more",
    [
        {"wishes": Wishes(day_parts=("morning",))},
        {"wishes": Wishes(day_parts=("saturday",))},
        {"wishes": Wishes(step_free=True)},
        {"wishes": Wishes(from_day=MONDAY + 5 * DAY)},
        {"before": MONDAY + DAY},
        {"around": FAR_AWAY},
    ],
    ids=["morning", "saturday", "step free", "later", "sooner", "elsewhere"],
)
def test_a_time_that_does_not_suit_is_not_offered(more: dict[str, object]):
    joined(**more)  # type: ignore[arg-type]
    assert offered(full()) is None


def test_who_waits_for_one_psychologist_is_offered_their_times_only():
    where, elsewhere = full(), full()
    wait = joined(around=None, psychologist_id=where.place.psychologist.public_id)
    assert offered(elsewhere) is None
    offer = offered(where)
    assert offer is not None
    assert (offer.wait, offer.distance_m) == (wait, None)


def test_who_takes_nobody_new_or_left_the_directory_offers_nothing():
    joined()
    assert offered(full(accepts_new_patients=False)) is None
    gone = full()
    gone.place.psychologist.agreements.update(valid_before=MONDAY)
    assert offered(gone) is None


def test_a_known_person_is_not_offered_what_the_law_would_refuse():
    who, where = scene.insured(), scene.practice()
    scene.booked(where, who, day=MONDAY + 2 * DAY, kind="evaluation")
    joined(actor=scene.of(who))
    assert offered(full()) is None


def test_many_known_people_on_many_days_are_asked_about_together():
    """A list of people whom the law refuses these days kept all mails waiting for minutes."""

    def questions(people: int, days: int) -> int:
        where, free = scene.practice(), full()
        for number in range(people):
            who = scene.insured()
            scene.booked(where, who, day=MONDAY + 3 * DAY, hour=8 + number, kind="evaluation")
            joined(
                actor=scene.of(who), around=None, psychologist_id=free.place.psychologist.public_id
            )
        for number in range(1, days):
            factories.special_opening(
                free.place, MONDAY + (1 + number) * DAY, starts_at_minute=600, ends_at_minute=660
            )
        with CaptureQueriesContext(connection) as asked:
            assert offered(free) is None
        return len(asked)

    assert questions(people=1, days=1) == questions(people=4, days=5)


def test_a_known_person_is_not_offered_a_time_when_they_are_elsewhere():
    who, where = scene.insured(), scene.practice()
    joined(actor=scene.of(who))
    factories.booking(where.place, who=who, starts_at=at(MONDAY + DAY, 14), status="held")
    Booking.objects.update(held_until=NOW + DAY)
    assert offered(full()) is None


def test_taken_it_is_an_appointment_with_the_same_checks_as_any_other():
    where, wait = full(), joined()
    offer = offered(where)
    assert offer is not None
    answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=True, at=NOW + HOUR)
    booking = confirm_booking(
        actor=ANONYMOUS, booking_id=offer.booking.public_id, identity=CAMILLE, at=NOW + HOUR
    )
    assert booking.status == "confirmed"
    assert scene.seats(Person.objects.get()) == (0, 1)
    wait.refresh_from_db()
    assert (wait.status, wait.ended_at) == ("booked", NOW + HOUR)
    expire_offers(at=NOW + DAY)
    wait.refresh_from_db()
    assert wait.status == "booked"


def test_a_known_person_takes_it_in_their_own_name():
    who = scene.insured()
    joined(actor=scene.of(who))
    offer = offered(full())
    assert offer is not None
    answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=True, at=NOW)
    booking = confirm_booking(actor=ANONYMOUS, booking_id=offer.booking.public_id, at=NOW)
    assert booking.person_id == who.pk


def test_taken_and_never_confirmed_the_person_is_back_where_they_were():
    where, wait = full(), joined()
    offer = offered(where)
    assert offer is not None
    answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=True, at=NOW)
    expire_offers(at=offer.answer_before)
    wait.refresh_from_db()
    assert (wait.status, wait.joined_at) == ("waiting", NOW - DAY)


def test_declined_the_time_goes_to_the_next_and_the_place_is_kept():
    where = full()
    first, second = joined(joined_at=NOW - 2 * DAY), joined()
    offer = offered(where)
    assert offer is not None
    answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=False, at=NOW)
    after = offered(where)
    assert after is not None
    assert (after.wait, after.booking.starts_at) == (second, offer.booking.starts_at)
    another = offered(full(hour=15))
    assert another is not None
    assert another.wait == first


def test_a_time_somebody_left_is_not_offered_to_them_again():
    where = full()
    joined()
    offer = offered(where)
    assert offer is not None
    answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=False, at=NOW)
    assert offered(where) is None


def test_unanswered_the_time_goes_to_the_next_person_and_the_first_keeps_their_place():
    where = full(day=MONDAY + 3 * DAY)
    first, second = joined(joined_at=NOW - 2 * DAY), joined()
    offer = offered(where)
    assert offer is not None
    assert expire_offers(at=offer.answer_before - timedelta(seconds=1)) == 0
    assert expire_offers(at=offer.answer_before) == 1
    after = offered(where, offer.answer_before)
    assert after is not None
    assert after.wait == second
    first.refresh_from_db()
    assert (first.status, first.ignored, first.joined_at) == ("waiting", 1, NOW - 2 * DAY)
    assert "waiting.offer.ignored" in told()


def test_twice_unanswered_the_person_is_asked_and_never_dropped():
    wait, moment = joined(), NOW
    for days in range(1, IGNORED_BEFORE_ASKING + 1):
        offer = offered(full(day=MONDAY + (3 + days) * DAY), moment)
        assert offer is not None
        moment = offer.answer_before
        expire_offers(at=moment)
    wait.refresh_from_db()
    assert (wait.status, wait.asked_at) == ("asked", moment)
    assert told().count("waiting.wait.asked") == 1
    assert offered(full(day=MONDAY + 20 * DAY), moment) is None
    keep_waiting(actor=ANONYMOUS, wait_id=wait.public_id, at=moment)
    keep_waiting(actor=ANONYMOUS, wait_id=wait.public_id, at=moment)
    again = offered(full(day=MONDAY + 21 * DAY), moment)
    assert again is not None
    assert again.wait == wait
    assert Entry.objects.filter(event="waiting.wait.kept").count() == 1


def test_an_answer_between_two_silences_starts_the_count_again():
    wait = joined()
    first = offered(full(day=MONDAY + 3 * DAY))
    assert first is not None
    expire_offers(at=first.answer_before)
    second = offered(full(day=MONDAY + 4 * DAY), first.answer_before)
    assert second is not None
    answer_offer(
        actor=ANONYMOUS, offer_id=second.public_id, accepted=False, at=first.answer_before
    )
    wait.refresh_from_db()
    assert (wait.status, wait.ignored) == ("waiting", 0)


def test_late_but_still_free_the_time_may_be_taken():
    where = full(day=MONDAY + 3 * DAY)
    joined()
    offer = offered(where)
    assert offer is not None
    late = offer.answer_before + HOUR
    expire_offers(at=late)
    view = open_offer(actor=ANONYMOUS, offer_id=offer.public_id, at=late)
    assert (view.status, view.still_free) == ("ignored", True)
    answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=True, at=late)
    booking = confirm_booking(
        actor=ANONYMOUS, booking_id=offer.booking.public_id, identity=CAMILLE, at=late
    )
    assert booking.status == "confirmed"


def test_late_and_offered_to_the_next_person_it_is_over():
    where = full(day=MONDAY + 3 * DAY)
    joined(joined_at=NOW - 2 * DAY)
    joined()
    offer = offered(where)
    assert offer is not None
    late = offer.answer_before
    expire_offers(at=late)
    assert offered(where, late) is not None
    view = open_offer(actor=ANONYMOUS, offer_id=offer.public_id, at=late)
    assert (view.status, view.still_free) == ("ignored", False)
    with refused("offer_over"):
        answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=True, at=late)


def test_a_time_the_psychologist_takes_back_costs_the_person_nothing():
    where, wait = full(), joined()
    offer = offered(where)
    assert offer is not None
    cancel_booking(actor=where.actor, booking_id=offer.booking.public_id, at=NOW)
    assert expire_offers(at=NOW) == 1
    wait.refresh_from_db()
    offer.refresh_from_db()
    assert (offer.status, wait.status, wait.ignored) == ("withdrawn", "waiting", 0)


def test_a_hold_confirmed_by_another_way_ends_the_wait():
    where, wait = full(), joined()
    offer = offered(where)
    assert offer is not None
    confirm_booking(
        actor=where.actor, booking_id=offer.booking.public_id, identity=CAMILLE, at=NOW
    )
    expire_offers(at=NOW)
    wait.refresh_from_db()
    assert wait.status == "booked"


def test_leaving_gives_the_time_to_the_next_person_and_twice_is_once():
    where = full()
    first, second = joined(joined_at=NOW - 2 * DAY), joined()
    assert offered(where) is not None
    leave_waiting_list(actor=ANONYMOUS, wait_id=first.public_id, at=NOW)
    leave_waiting_list(actor=ANONYMOUS, wait_id=first.public_id, at=NOW)
    after = offered(where)
    assert after is not None
    assert after.wait == second
    assert told().count("waiting.wait.left") == 1
    with refused("wait_over"):
        keep_waiting(actor=ANONYMOUS, wait_id=first.public_id, at=NOW)


def test_answered_twice_alike_it_answers_the_same():
    joined()
    offer = offered(full())
    assert offer is not None
    for _ in range(2):
        answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=False, at=NOW)
    assert told().count("waiting.offer.declined") == 1
    with refused("offer_over"):
        answer_offer(actor=ANONYMOUS, offer_id=offer.public_id, accepted=True, at=NOW)


def test_time_to_answer_counts_by_day_and_leaves_time_for_the_way():
    by_day = at(MONDAY, 9)
    joined()
    offer = offered(full(day=MONDAY + 3 * DAY), by_day)
    assert offer is not None
    assert offer.answer_before == by_day + ANSWER_TIME
    joined()
    soon = offered(full(day=MONDAY, hour=13), by_day)
    assert soon is not None
    assert soon.answer_before == at(MONDAY, 13) - BEFORE_START


def test_a_time_freed_at_night_is_kept_until_the_morning_is_well_on_and_told_by_day():
    joined()
    night = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    offer = offered(full(day=MONDAY + 3 * DAY), night)
    assert offer is not None
    morning = datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert offer.answer_before == morning + ANSWER_TIME
    letter = Letter.objects.get(kind="waiting.offer.made")
    assert letter.deliver_after == morning


def test_an_hour_with_no_time_to_answer_is_left_to_everybody():
    joined()
    night = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
    assert offered(full(day=MONDAY + DAY, hour=9), night) is None


def test_what_is_kept_is_sealed_and_letters_hold_keys_only():
    joined(contact=somebody(name="Secrète", phone="0639980009"))
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT need, name, email, phone FROM waiting_wait")
        row = cursor.fetchone()
    for kept in row:
        assert b"steady" not in bytes(kept)
        assert b"crete" not in bytes(kept)
        assert b"0639980009" not in bytes(kept)
    assert Letter.objects.get().payload == {"wait": Wait.objects.get().pk}


def test_nothing_that_is_told_of_a_place_in_the_queue_says_the_need():
    wait = joined(need="hard")
    view = open_wait(actor=ANONYMOUS, wait_id=wait.public_id, at=NOW)
    assert "hard" not in repr(view)
    assert view.place_name == LYON.place_name


def test_without_a_way_to_be_reached_nobody_joins():
    with refused("contact_missing") as caught:
        joined(contact=Contact(" ", ""))
    assert caught.value.context["fields"] == ("name", "email")


def test_a_browser_keeps_a_few_places_and_no_more():
    for _ in range(PLACES_AT_ONCE):
        wait = joined(browser="a" * 64)
    with refused("waiting_enough"):
        joined(browser="a" * 64)
    leave_waiting_list(actor=ANONYMOUS, wait_id=wait.public_id, at=NOW)
    joined(browser="a" * 64)


def test_nobody_waits_for_who_is_not_there_or_takes_nobody_new():
    with refused("not_found"):
        joined(around=None, psychologist_id=uuid.uuid4())
    closed = full(accepts_new_patients=False).place.psychologist
    with refused("no_new_patients"):
        joined(around=None, psychologist_id=closed.public_id)


@pytest.mark.parametrize("role", ["psychologist", "fund_agent", "administrator"])
def test_a_place_and_an_offer_open_to_their_link_only(role: str):
    wait = joined()
    offer = offered(full())
    assert offer is not None
    with refused("not_allowed"):
        open_wait(actor=Actor(role), wait_id=wait.public_id, at=NOW)
    with refused("not_allowed"):
        answer_offer(actor=Actor(role), offer_id=offer.public_id, accepted=True, at=NOW)
    with refused("not_found"):
        open_offer(actor=ANONYMOUS, offer_id=uuid.uuid4(), at=NOW)


def test_words_nobody_knows_are_a_mistake_of_ours():
    with pytest.raises(ValueError, match="need of NEEDS"):
        joined(need="urgent")
    with pytest.raises(ValueError, match="radius"):
        joined(around=Around(factories.LYON, 0, "Lyon"))
