"""A plan of several sessions: proposed with a reason for each line, booked or refused as one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, at

from soutien.registers.agenda.free import USUAL
from soutien.registers.agenda.models import Absence, AgendaLimits, Booking, OpeningRule
from soutien.registers.audit.models import Entry
from soutien.registers.care.models import Seat
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.steps.actor import ANONYMOUS
from soutien.steps.book import cancel_booking
from soutien.steps.plan import book_plan
from soutien.steps.plan_lines import Chosen, Line, Plan
from soutien.steps.propose import propose_plan

pytestmark = pytest.mark.django_db
WEEK = 7 * DAY
TEN = 10 * 60
PARIS = ZoneInfo("Europe/Paris")
TUESDAY = date(2026, 9, 1)


def proposed(where: scene.Practice, who: Person, day: date = MONDAY, **words: Any) -> Plan:
    values = {
        "actor": scene.of(who),
        "person_id": who.pk,
        "psychologist_id": where.psychologist_id,
        "place_id": where.place.pk,
        "starts_on": day,
        "starts_at_minute": TEN,
        "at": at(day - WEEK),
    }
    return propose_plan(**(values | words))  # type: ignore[arg-type]


def booked(
    where: scene.Practice, who: Person, plan: Plan | tuple[Chosen, ...], **words: Any
) -> list[Booking]:
    values = {
        "actor": scene.of(who),
        "person_id": who.pk,
        "psychologist_id": where.psychologist_id,
        "chosen": plan.chosen if isinstance(plan, Plan) else plan,
        "at": at(MONDAY - WEEK),
    }
    return book_plan(**(values | words))  # type: ignore[arg-type]


def days(plan: Plan) -> list[date | None]:
    return [line.slot and line.slot.starts_at.astimezone(PARIS).date() for line in plan.lines]


def codes(plan: Plan) -> list[str]:
    return [line.because.code if line.because else "" for line in plan.lines]


def on(plan: Plan, day: date) -> Line:
    """The line of a week."""
    return next(line for line in plan.lines if line.wished_on == day)


def usual_hours(where: scene.Practice) -> None:
    """Closed on public holidays and at weekends, as most are."""
    OpeningRule.objects.update(open_on_public_holidays=False)
    OpeningRule.objects.filter(weekday__gte=5).delete()


def test_a_whole_year_is_proposed_at_one_hour_the_first_in_person():
    where, who = scene.practice(), scene.insured()
    plan = proposed(where, who, modality="remote")
    assert days(plan) == [MONDAY + week * WEEK for week in range(12)]
    assert {f"{line.slot.starts_at.astimezone(PARIS):%H:%M}" for line in plan.lines} == {"10:00"}
    assert [line.kind for line in plan.lines] == ["evaluation", *["follow_up"] * 11]
    assert [line.modality for line in plan.lines] == ["in_person", *["remote"] * 11]
    assert codes(plan) == [""] * 12
    # The clocks changed on 29 March: ten o'clock is an hour earlier in universal time.
    assert [line.slot.starts_at.hour for line in plan.lines[:5]] == [9, 9, 9, 9, 8]
    assert Booking.objects.count() == 0
    assert Entry.objects.get().event == "agenda.plan.proposed"


def test_as_many_are_proposed_as_the_year_has_left():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    scene.booked(where, who, day=MONDAY + 3 * WEEK)
    plan = proposed(where, who, MONDAY + WEEK)
    assert len(plan.chosen) == 10
    assert {line.kind for line in plan.lines} == {"follow_up"}
    # One week is taken by the session already booked that day: the next day is proposed.
    assert on(plan, MONDAY + 3 * WEEK).because.code == "same_day"
    assert days(plan)[2] == MONDAY + 3 * WEEK + DAY
    assert len(proposed(where, who, MONDAY + WEEK, count=3).lines) == 3
    assert days(proposed(where, who, MONDAY + WEEK, count=2, weeks_apart=4)) == [
        MONDAY + WEEK,
        MONDAY + 5 * WEEK,
    ]


def test_nothing_left_or_an_impossible_number_is_said():
    where, who = scene.practice(), scene.insured()
    for count in (0, 13, -1):
        with refused("plan_length") as caught:
            proposed(where, who, count=count)
    assert "12" in caught.value.sentence("fr")
    booked(where, who, proposed(where, who))
    with refused("plan_empty") as caught:
        proposed(where, who, MONDAY + 20 * WEEK)
    assert "1er janvier 2027" in caught.value.sentence("fr")


def test_public_holidays_and_days_closed_give_way_to_the_next_day_with_the_reason():
    where, who = scene.practice(), scene.insured()
    usual_hours(where)
    Absence.objects.create(
        psychologist_id=where.psychologist_id,
        valid_from=MONDAY + 3 * WEEK,
        valid_before=MONDAY + 3 * WEEK + 2 * DAY,
    )
    plan = proposed(where, who, count=6)
    easter = date(2026, 4, 6)
    assert on(plan, easter).because.code == "line_holiday"
    assert "6 avril 2026 est un jour férié" in on(plan, easter).because.sentence("fr")
    assert on(plan, MONDAY + 3 * WEEK).because.code == "line_closed"
    assert days(plan)[3] == MONDAY + 3 * WEEK + 2 * DAY
    assert days(plan)[5] == easter + DAY
    assert len(plan.chosen) == 6


def test_a_time_taken_gives_way_to_the_nearest_of_the_day():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, scene.insured(), day=MONDAY, kind="evaluation")
    plan = proposed(where, who, count=2)
    assert codes(plan) == ["line_busy", ""]
    assert f"{plan.lines[0].slot.starts_at.astimezone(PARIS):%d %H:%M}" == "02 09:00"


def test_a_week_without_any_time_is_told_and_the_plan_goes_on():
    where, who = scene.practice(), scene.insured()
    Absence.objects.create(
        psychologist_id=where.psychologist_id,
        valid_from=MONDAY + WEEK,
        valid_before=MONDAY + 2 * WEEK,
    )
    plan = proposed(where, who, count=3)
    assert days(plan) == [MONDAY, None, MONDAY + 2 * WEEK, MONDAY + 3 * WEEK]
    assert codes(plan) == ["", "line_closed", "", ""]
    assert len(plan.chosen) == 3


def test_each_year_has_its_own_number():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=TUESDAY, kind="evaluation")
    for week in range(1, 10):
        scene.booked(where, who, day=TUESDAY + week * WEEK)
    first = TUESDAY + 12 * WEEK
    plan = proposed(where, who, first, count=10)
    assert codes(plan) == ["", "", *["year_full"] * 4, *[""] * 4]
    # The last week of the year reaches into the next: its first day, at the usual hour.
    assert days(plan)[2:6] == [None, None, None, date(2027, 1, 1)]


def test_who_stays_a_partner_until_a_day_is_refused_after_it():
    where = scene.practice(under_agreement_from=None)
    last = MONDAY + 2 * WEEK + DAY
    factories.agreement(where.place.psychologist, valid_from=date(2024, 1, 1), valid_before=last)
    plan = proposed(where, scene.insured(), count=5)
    assert days(plan) == [MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK, None, None]
    assert codes(plan) == ["", "", "", "not_under_agreement", "not_under_agreement"]


def test_a_resignation_ends_the_plan_two_months_after_it_was_received():
    where = scene.practice(under_agreement_from=None)
    factories.agreement(
        where.place.psychologist,
        valid_from=date(2024, 1, 1),
        resignation_received_on=date(2026, 1, 20),
    )
    plan = proposed(where, scene.insured(), count=5)
    # The last covered day is 19 March.
    assert codes(plan) == ["", "", "", "not_under_agreement", "not_under_agreement"]


def test_rights_that_will_have_ended_are_a_warning():
    where, who = scene.practice(), scene.insured(amc=False)
    ends = MONDAY + 2 * WEEK
    factories.cover(who, valid_from=date(2024, 1, 1), valid_before=ends)
    factories.exemption(
        who, "css", valid_from=date(2024, 1, 1), valid_before=ends, declared_by="person"
    )
    factories.exemption(
        who, "css", valid_from=ends, valid_before=ends + WEEK, declared_by="person"
    )
    plan = proposed(where, who, count=4)
    assert [[right.kind for right in line.rights_ended] for line in plan.lines] == [
        [],
        [],
        ["cover"],
        ["cover", "css"],
    ]
    assert plan.lines[3].rights_ended[0].ends_on == ends - DAY
    assert len(plan.chosen) == 4


def test_the_horizon_and_the_notice_bind_the_person_and_not_the_psychologist():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY - WEEK, kind="evaluation")
    AgendaLimits.objects.create(
        psychologist_id=where.psychologist_id,
        **USUAL._replace(notice_hours=24 * 8, horizon_days=15)._asdict(),
    )
    plan = proposed(where, who, count=3)
    assert codes(plan)[:3] == ["line_too_soon", "", "line_too_far"]
    assert days(plan)[:2] == [MONDAY + DAY, MONDAY + WEEK]
    own = proposed(where, who, count=3, actor=where.actor)
    assert codes(own) == ["", "", ""]


def test_a_time_kept_for_first_sessions_is_told():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    AgendaLimits.objects.create(
        psychologist_id=where.psychologist_id,
        **USUAL._replace(first_sessions_kept=7, kept_until_days=1)._asdict(),
    )
    plan = proposed(where, who, MONDAY + WEEK, count=1, starts_at_minute=8 * 60)
    assert codes(plan) == ["line_kept"]


@pytest.mark.parametrize(
    ("zone", "insee", "day", "hours"),
    [
        ("America/Miquelon", "97502", date(2026, 3, 1), [13, 12]),
        ("Indian/Reunion", "97411", date(2026, 3, 26), [6, 6]),
        ("America/Cayenne", "97302", date(2026, 3, 26), [13, 13]),
        ("Pacific/Noumea", "98818", date(2026, 3, 26), [23, 23]),
        ("Europe/Paris", "69123", date(2026, 10, 22), [8, 9]),
    ],
)
def test_ten_oclock_stays_ten_oclock_at_the_place(zone: str, insee: str, day: date, hours: list):
    where, who = scene.practice(time_zone=zone, insee=insee), scene.insured()
    plan = proposed(where, who, day, count=2)
    assert [line.slot.starts_at.hour for line in plan.lines] == hours
    bookings = booked(where, who, plan, at=at(day - WEEK))
    assert [booking.civil_day for booking in bookings] == [day, day + WEEK]


def test_a_plan_is_booked_as_one_thing():
    where, who = scene.practice(), scene.insured()
    plan = proposed(where, who)
    bookings = booked(where, who, plan)
    assert [booking.starts_at for booking in bookings] == [one.starts_at for one in plan.chosen]
    assert len({booking.plan for booking in bookings}) == 1
    assert scene.seats(who) == (0, 12)
    entry = Entry.objects.get(event="agenda.plan.booked")
    assert entry.object_id == str(bookings[0].plan)
    letter = Letter.objects.get(kind="agenda.plan.booked")
    assert letter.payload == {"plan": str(bookings[0].plan)}


def test_booked_twice_it_answers_the_same():
    where, who = scene.practice(), scene.insured()
    plan = proposed(where, who, count=3)
    first, second = booked(where, who, plan), booked(where, who, plan)
    assert [booking.pk for booking in first] == [booking.pk for booking in second]
    assert Booking.objects.count() == Seat.objects.count() == 3
    assert Letter.objects.filter(kind="agenda.plan.booked").count() == 1


def test_one_line_that_cannot_be_refuses_all_and_says_why_for_each():
    where, who = scene.practice(), scene.insured()
    chosen = list(proposed(where, who, count=5).chosen)
    scene.booked(where, scene.insured(), day=MONDAY + WEEK, hour=9, kind="evaluation")
    Absence.objects.create(
        psychologist_id=where.psychologist_id,
        valid_from=MONDAY + 2 * WEEK,
        valid_before=MONDAY + 2 * WEEK + DAY,
    )
    # The fourth twice on one day, in the order of a page, not of time.
    twice = replace(chosen[3], starts_at=chosen[3].starts_at + scene.HOUR)
    with refused("plan_refused") as caught:
        booked(where, who, (twice, *chosen))
    told = [line and line.code for line in caught.value.context["lines"]]
    assert told == ["same_day", None, "line_busy", "line_closed", None, None]
    assert "3 sur 6" in caught.value.sentence("fr")
    assert Seat.objects.filter(year__person=who).count() == 0
    assert Booking.objects.filter(person=who).count() == 0
    assert not Entry.objects.filter(event="agenda.plan.booked", result="done").exists()


def test_a_follow_up_first_a_video_evaluation_and_too_many_are_refused_line_by_line():
    where, who = scene.practice(), scene.insured()
    chosen = proposed(where, who).chosen
    with refused("plan_refused") as caught:
        booked(where, who, chosen[1:3])
    assert [line.code for line in caught.value.context["lines"]] == ["evaluation_needed"] * 2
    with refused("plan_refused") as caught:
        booked(where, who, (replace(chosen[0], modality="remote"), chosen[1]))
    assert [line and line.code for line in caught.value.context["lines"]] == [
        "evaluation_in_person",
        None,
    ]
    scene.booked(where, who, day=MONDAY - DAY, kind="evaluation")
    later = tuple(replace(one, kind="follow_up", starts_at=one.starts_at + DAY) for one in chosen)
    with refused("plan_refused") as caught:
        booked(where, who, later, at=at(MONDAY - 2 * DAY))
    told = [line and line.code for line in caught.value.context["lines"]]
    assert told == [*[None] * 11, "year_full"]
    with refused("plan_length"):
        booked(where, who, ())
    with refused("plan_length"):
        booked(where, who, (*later, chosen[0]))


def test_a_plan_over_new_year_takes_seats_of_both_years():
    where, who = scene.practice(), scene.insured()
    plan = proposed(where, who, date(2026, 12, 14), count=5)
    booked(where, who, plan, at=at(date(2026, 12, 7)))
    assert (scene.seats(who, 2026), scene.seats(who, 2027)) == ((0, 3), (0, 2))


def test_the_psychologist_books_the_plan_of_a_patient_and_one_line_can_be_cancelled():
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    plan = proposed(where, who, MONDAY + WEEK, actor=where.actor, count=4)
    bookings = booked(where, who, plan, actor=where.actor, at=at(MONDAY))
    cancel_booking(actor=where.actor, booking_id=bookings[1].public_id, at=at(MONDAY))
    assert scene.seats(who) == (0, 4)
    again = proposed(where, who, MONDAY + 2 * WEEK, actor=where.actor, count=1)
    assert codes(again) == [""]


def test_nobody_plans_for_somebody_else():
    where, who = scene.practice(), scene.insured()
    plan = proposed(where, who, count=2)
    for actor in (ANONYMOUS, scene.of(scene.insured()), where.actor, scene.practice().actor):
        with refused("not_allowed"):
            proposed(where, who, actor=actor)
        with refused("not_allowed"):
            booked(where, who, plan, actor=actor)


def test_places_of_somebody_else_and_psychologists_who_take_nobody_new():
    where, who = scene.practice(accepts_new_patients=False), scene.insured()
    with refused("no_new_patients"):
        proposed(where, who)
    with refused("not_found"):
        proposed(where, who, place_id=scene.practice().place.pk)


def test_a_proposal_asks_few_questions(django_assert_max_num_queries):
    where, who = scene.practice(), scene.insured()
    with django_assert_max_num_queries(30):
        proposed(where, who)


def test_a_day_that_spring_skips_is_told_as_closed():
    where, who = scene.practice(), scene.insured()
    OpeningRule.objects.update(starts_at_minute=60, ends_at_minute=240)
    skipped = date(2026, 3, 29)
    plan = proposed(where, who, skipped, count=1, starts_at_minute=2 * 60)
    assert codes(plan) == ["line_closed"]
    assert plan.lines[0].slot.starts_at == at(skipped, 0)
