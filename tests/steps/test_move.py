"""Moving an appointment, booking over one on purpose, and holding no longer than once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests import factories
from tests.registers.protections import take_away
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, HOUR, MONDAY, at

from soutien.registers.agenda.free import USUAL
from soutien.registers.agenda.models import AgendaLimits, Booking
from soutien.registers.audit.models import Entry
from soutien.registers.care.models import Seat
from soutien.registers.outbox.models import Letter
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.book import cancel_booking, confirm_booking
from soutien.steps.hold import COOL_DOWN, HOLD, HOLDS_AT_ONCE, hold_slot
from soutien.steps.meet import close_session
from soutien.steps.move import move_booking
from soutien.steps.overbook import overbook_slot

pytestmark = pytest.mark.django_db
WEEK = 7 * DAY
DECEMBER = date(2026, 12, 28)


def moved(
    booking: Booking, actor: Actor, day: date, hour: int = 9, *, asked_at: Any = None
) -> Booking:
    return move_booking(
        actor=actor,
        booking_id=booking.public_id,
        place_id=booking.place_id,
        starts_at=at(day, hour),
        at=asked_at or booking.created_at + DAY,
    )


def browser_holds(where: scene.Practice, key: str, **words: Any) -> Booking:
    values = {"day": MONDAY, "hour": 9, "asked_at": at(MONDAY - WEEK)} | words
    return hold_slot(
        actor=ANONYMOUS,
        psychologist_id=where.psychologist_id,
        place_id=where.place.pk,
        starts_at=at(values["day"], values["hour"]),
        kind="evaluation",
        modality="in_person",
        at=values["asked_at"],
        holder=key,
    )


def over(where: scene.Practice, who: Any, **words: Any) -> Booking:
    values: dict[str, Any] = {
        "actor": where.actor,
        "person_id": who.pk,
        "place_id": where.place.pk,
        "starts_at": at(MONDAY + WEEK, 9),
        "minutes": 60,
        "kind": "follow_up",
        "modality": "in_person",
        "reason": "urgent",
        "at": at(MONDAY + DAY),
    }
    return overbook_slot(**(values | words))


def patient(where: scene.Practice, **words: Any) -> Any:
    """Somebody whose first session is booked."""
    who = scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation", **words)
    return who


@pytest.mark.parametrize("by", ["person", "psychologist", "link"])
def test_an_appointment_moves_with_its_link_and_its_seat(by: str):
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    actor = {"person": scene.of(who), "psychologist": where.actor, "link": ANONYMOUS}[by]
    for _ in range(2):
        after = moved(booking, actor, MONDAY + DAY, 14)
    assert (after.pk, after.public_id) == (booking.pk, booking.public_id)
    assert (after.starts_at, after.civil_day) == (at(MONDAY + DAY, 14), MONDAY + DAY)
    assert after.times_moved == 1
    assert scene.seats(who) == (0, 1)
    assert Entry.objects.filter(event="agenda.booking.moved").count() == 1
    assert Letter.objects.filter(kind="agenda.booking.moved").count() == 1
    # The time left is free again.
    scene.held(where, day=MONDAY, hour=9)


def test_an_appointment_moves_by_half_an_hour_over_its_own_time():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    factories.special_opening(
        where.place, MONDAY, starts_at_minute=10 * 60 + 30, ends_at_minute=12 * 60
    )
    after = move_booking(
        actor=scene.of(who),
        booking_id=booking.public_id,
        place_id=where.place.pk,
        starts_at=at(MONDAY, 9) + HOUR / 2,
        at=booking.created_at,
    )
    assert after.ends_at == at(MONDAY, 10) + HOUR / 2


def test_the_seat_moves_into_the_next_year_and_back():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=date(2026, 12, 1), kind="evaluation")
    booking = scene.booked(where, who, day=DECEMBER)
    moved(booking, where.actor, date(2027, 1, 4))
    assert (scene.seats(who, 2026), scene.seats(who, 2027)) == ((1, 0), (0, 1))
    moved(booking, where.actor, DECEMBER)
    assert (scene.seats(who, 2026), scene.seats(who, 2027)) == ((1, 1), (0, 0))


def test_a_move_into_a_full_year_is_refused_and_nothing_changes():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=date(2025, 11, 3), kind="evaluation")
    booking = scene.booked(where, who, day=date(2025, 12, 29))
    for week in range(12):
        scene.booked(where, who, day=date(2026, 1, 5) + week * WEEK)
    with refused("year_full"):
        moved(booking, scene.of(who), date(2026, 4, 6))
    assert factories.reread(booking).civil_day == date(2025, 12, 29)
    assert (scene.seats(who, 2025), scene.seats(who, 2026)) == ((0, 2), (0, 12))


def test_a_first_session_does_not_move_behind_its_follow_ups():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    scene.booked(where, who, day=MONDAY + WEEK)
    with refused("follow_ups_before") as caught:
        moved(booking, scene.of(who), MONDAY + WEEK + DAY)
    assert "9 mars 2026" in caught.value.sentence("fr")
    assert moved(booking, scene.of(who), MONDAY + 4 * DAY).civil_day == MONDAY + 4 * DAY


def test_what_is_taken_closed_past_begun_or_over_is_refused():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    scene.held(where, day=MONDAY, hour=10, asked_at=booking.created_at + DAY)
    asked_at = booking.created_at + DAY
    with refused("slot_taken") as caught:
        moved(booking, scene.of(who), MONDAY, 10, asked_at=asked_at)
    assert len(caught.value.context["nearest"]) == 3
    with refused("slot_not_open"):
        moved(booking, scene.of(who), MONDAY, 22)
    with refused("slot_past"):
        moved(booking, scene.of(who), MONDAY - 3 * WEEK)
    with refused("booking_over"):
        moved(booking, scene.of(who), MONDAY + DAY, asked_at=booking.starts_at)
    cancel_booking(actor=scene.of(who), booking_id=booking.public_id, at=booking.created_at)
    with refused("booking_ended"):
        moved(booking, scene.of(who), MONDAY + DAY)
    assert factories.reread(booking).times_moved == 0


def test_nobody_else_moves_it():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    for actor in (scene.practice().actor, Actor("fund_agent", fund_code="019990069")):
        with refused("not_allowed"):
            moved(booking, actor, MONDAY + DAY)
    other = scene.practice()
    with refused("not_found"):
        move_booking(
            actor=scene.of(who),
            booking_id=booking.public_id,
            place_id=other.place.pk,
            starts_at=at(MONDAY + DAY),
            at=booking.created_at,
        )


def test_a_cancelled_appointment_says_by_whose_doing():
    where = scene.practice()
    ended = {}
    for name, actor in (("person", None), ("link", ANONYMOUS), ("psychologist", where.actor)):
        who = scene.insured()
        booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
        cancelled = cancel_booking(
            actor=actor or scene.of(who), booking_id=booking.public_id, at=booking.created_at
        )
        ended[name] = (cancelled.status, cancelled.ended_by)
    assert ended == {
        "person": ("cancelled", "person"),
        "link": ("cancelled", "person"),
        "psychologist": ("cancelled", "psychologist"),
    }


def test_the_same_browser_asking_again_has_the_same_hold_and_no_longer():
    where = scene.practice()
    first = browser_holds(where, "browser")
    again = browser_holds(where, "browser", asked_at=first.created_at + HOLD / 2)
    assert (again.pk, again.held_until) == (first.pk, first.held_until)
    assert Entry.objects.filter(event="agenda.booking.held").count() == 1


def test_giving_a_hold_back_does_not_make_the_next_one_longer():
    where = scene.practice()
    first = browser_holds(where, "browser")
    later = first.created_at + HOLD - timedelta(minutes=1)
    cancel_booking(actor=ANONYMOUS, booking_id=first.public_id, at=later)
    again = browser_holds(where, "browser", asked_at=later)
    assert again.pk != first.pk
    assert again.held_until == first.held_until


def test_a_time_that_ran_out_is_left_to_others_for_a_while():
    where = scene.practice()
    first = browser_holds(where, "browser")
    for late in (first.held_until, first.held_until + COOL_DOWN - timedelta(seconds=1)):
        with refused("hold_again") as caught:
            browser_holds(where, "browser", asked_at=late)
    assert "30 minutes" in caught.value.sentence("fr")
    assert browser_holds(where, "browser", asked_at=first.held_until + COOL_DOWN).pk != first.pk
    # What was typed slowly may still be confirmed by its own link.
    other = scene.practice()
    held = browser_holds(other, "browser")
    confirmed = confirm_booking(
        actor=ANONYMOUS,
        booking_id=held.public_id,
        identity=scene.CAMILLE,
        at=held.held_until + HOUR,
    )
    assert (confirmed.status, confirmed.holder) == ("confirmed", "")


def test_another_browser_is_not_concerned():
    where = scene.practice()
    first = browser_holds(where, "browser")
    assert browser_holds(where, "another", asked_at=first.held_until).status == "held"


def test_a_person_or_a_browser_keeps_two_times_and_the_oldest_is_let_go():
    where, who = scene.practice(), scene.insured()
    for hold in (
        lambda hour: browser_holds(where, "browser", hour=hour),
        lambda hour: scene.held(where, scene.of(who), hour=hour, day=MONDAY + DAY),
    ):
        held = [hold(hour) for hour in range(8, 13)]
        live = [row.pk for row in map(factories.reread, held) if row.status == "held"]
        assert live == [row.pk for row in held[-HOLDS_AT_ONCE:]]
        assert {factories.reread(row).ended_by for row in held[:-HOLDS_AT_ONCE]} == {"person"}


def test_a_psychologist_keeps_times_for_patients_without_such_limits():
    where = scene.practice()
    who = patient(where)
    held = [
        scene.held(
            where,
            where.actor,
            day=MONDAY + week * WEEK,
            kind="follow_up",
            person_id=who.pk,
            asked_at=at(MONDAY),
        )
        for week in range(1, 5)
    ]
    assert {factories.reread(row).status for row in held} == {"held"}


def test_notice_horizon_and_kept_times_bind_others_and_not_the_psychologist():
    where = scene.practice()
    who = patient(where)
    AgendaLimits.objects.create(
        psychologist_id=where.psychologist_id,
        **USUAL._replace(
            notice_hours=24, horizon_days=30, first_sessions_kept=7, kept_until_days=1
        )._asdict(),
    )
    now = at(MONDAY + DAY)
    for day, hour, code in (
        (MONDAY + 2 * DAY, 8, "slot_too_soon"),
        (MONDAY + 40 * DAY, 8, "slot_too_far"),
        # In winter the day opens at seven, universal time: kept, the first start of each day.
        (MONDAY + WEEK, 7, "slot_kept"),
    ):
        values = {"day": day, "hour": hour, "kind": "follow_up", "asked_at": now}
        with refused(code) as caught:
            scene.held(where, scene.of(who), **values)
        assert len(caught.value.context["nearest"]) in (2, 3)
        held = scene.held(where, where.actor, person_id=who.pk, **values)
        cancel_booking(actor=where.actor, booking_id=held.public_id, at=now)


def test_a_psychologist_books_over_another_on_purpose_and_says_why():
    where = scene.practice()
    first, second = patient(where), patient(where, hour=10)
    under = scene.booked(where, first, day=MONDAY + WEEK)
    booking = over(where, second)
    assert (booking.status, booking.overbooked_for) == ("confirmed", "urgent")
    entry = Entry.objects.get(event="agenda.booking.overbooked")
    assert (entry.reason, entry.person_id) == ("urgent", second.pk)
    assert Letter.objects.filter(kind="agenda.booking.confirmed").count() == 4
    assert scene.seats(second) == (0, 2)
    for one in (under, booking):
        close_session(
            actor=where.actor,
            booking_id=one.public_id,
            performed=False,
            modality="in_person",
            signatures=scene.SIGNED,
            at=one.ends_at,
        )
    assert set(Booking.objects.filter(civil_day=MONDAY + WEEK).values_list("status")) == {
        ("missed",)
    }


def test_a_third_at_one_time_is_refused():
    where = scene.practice()
    first, second, third = (patient(where, hour=hour) for hour in (8, 10, 11))
    scene.booked(where, first, day=MONDAY + WEEK)
    over(where, second)
    with refused("overbooked_already"):
        over(where, third)
    assert scene.seats(third) == (0, 1)


def test_nothing_is_booked_over_the_end_of_one_that_lies_over_another():
    where = scene.practice()
    first, second = patient(where), patient(where, hour=10)
    scene.booked(where, first, day=MONDAY + WEEK)
    over(where, second, starts_at=at(MONDAY + WEEK, 9) + HOUR / 2)
    with refused("slot_taken"):
        scene.held(where, day=MONDAY + WEEK, hour=10, asked_at=at(MONDAY + DAY))


def test_the_database_alone_refuses_what_comes_under_or_over_later():
    from tests.registers.test_overlaps import refused as refused_by_database

    where = scene.practice().place
    nine = at(MONDAY)
    people = [scene.insured() for _ in range(4)]

    def write(number: int, hours: float, overbooked_for: str = "") -> Booking:
        return factories.booking(
            where,
            who=people[number],
            starts_at=nine + hours * HOUR,
            overbooked_for=overbooked_for,
        )

    under = write(0, 0)
    laid = write(1, 0.5, "urgent")
    refused_by_database("agenda_booking_over_once", lambda: write(2, 1))
    refused_by_database("agenda_booking_over_once", lambda: write(2, 0.25, "urgent"))
    refused_by_database("agenda_booking_psychologist_once", lambda: write(2, -0.75))
    for row in (under, laid):
        Booking.objects.filter(pk=row.pk).update(status="fulfilled")
    Booking.objects.filter(pk=under.pk).update(status="cancelled")
    refused_by_database(
        "agenda_booking_over_once",
        lambda: Booking.objects.filter(pk=under.pk).update(status="confirmed"),
    )
    later = write(3, 5)
    refused_by_database(
        "agenda_booking_over_once",
        lambda: Booking.objects.filter(pk=later.pk).update(
            starts_at=nine + HOUR, ends_at=nine + 2 * HOUR
        ),
    )


def test_twin_without_the_protection_two_lie_over_one():
    take_away("agenda_booking_over_once", "agenda_booking")
    where = scene.practice().place
    for _ in range(2):
        factories.booking(
            where, who=scene.insured(), starts_at=at(MONDAY), overbooked_for="urgent"
        )


def test_outside_the_hours_nothing_lies_under_and_the_reason_is_kept():
    where = scene.practice()
    who = patient(where)
    booking = over(where, who, starts_at=at(MONDAY + WEEK, 20), reason="agreed_with_both")
    assert booking.overbooked_for == ""
    assert Entry.objects.get(event="agenda.booking.overbooked").reason == "agreed_with_both"


def test_the_law_the_person_and_the_reason_still_bind():
    where = scene.practice()
    who, stranger = patient(where), scene.insured()
    scene.booked(where, who, day=MONDAY + WEEK)
    for code, words in (
        ("same_day", {}),
        ("overbooking_reason", {"reason": "because"}),
        ("slot_length", {"minutes": 5}),
        ("slot_past", {"starts_at": at(MONDAY - DAY)}),
        ("evaluation_in_person", {"kind": "evaluation", "modality": "remote"}),
        ("not_allowed", {"person_id": stranger.pk}),
        ("not_allowed", {"actor": scene.of(who)}),
        ("not_found", {"place_id": scene.practice().place.pk}),
    ):
        with refused(code):
            over(where, who, **words)
    assert Seat.objects.count() == 2


def test_a_person_is_never_in_two_chairs_even_on_purpose():
    where, elsewhere = scene.practice(), scene.practice()
    who = patient(where)
    factories.booking(
        elsewhere.place,
        who=who,
        starts_at=at(MONDAY + WEEK),
        status="held",
        held_until=at(MONDAY + 2 * WEEK),
    )
    with refused("person_busy"):
        over(where, who)
