"""The psychologist arranges the agenda; what was booked stays, and what falls outside is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import ANONYMOUS, DAY, MONDAY, at

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import USUAL
from soutien.registers.agenda.models import (
    Absence,
    AgendaLimits,
    Booking,
    OpeningException,
    OpeningRule,
)
from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.steps.actor import Actor
from soutien.steps.arrange import (
    RANGES_MOST,
    Arranged,
    Hours,
    Weekly,
    add_absence,
    add_opening,
    arrange_week,
    change_opening,
    close_once,
    end_opening,
    open_once,
    remove_absence,
    remove_exception,
    set_limits,
)

pytestmark = pytest.mark.django_db
WEEK = 7 * DAY
NOW = at(MONDAY - WEEK)
MORNING = Hours(9 * 60, 12 * 60)
AFTERNOON = Hours(14 * 60, 18 * 60)


@pytest.fixture
def where() -> scene.Practice:
    """A psychologist who has not said anything yet."""
    made = scene.practice()
    OpeningRule.objects.all().delete()
    return made


def opened(where: scene.Practice, weekday: int = 0, hours: Hours = MORNING, **words: Any) -> int:
    values = {
        "actor": where.actor,
        "place_id": where.place.pk,
        "weekday": weekday,
        "hours": hours,
        "valid_from": MONDAY - WEEK,
        "at": NOW,
    }
    return add_opening(**(values | words)).id  # type: ignore[arg-type]


def second_place(where: scene.Practice, **fields: Any) -> int:
    return factories.place(where.place.psychologist, **fields).pk


def starts(where: scene.Practice, day: date) -> list[int]:
    """The hours, universal time, of a day's free times."""
    found = agenda.free_slots(
        [where.psychologist_id],
        since=at(day, 0),
        until=at(day, 23),
        kind="follow_up",
        now=NOW,
        own=True,
    )
    return [slot.starts_at.hour for slot in found[where.psychologist_id]]


def booked_at(where: scene.Practice, day: date, hour: int) -> Booking:
    return factories.booking(
        where.place, who=scene.insured(), starts_at=at(day, hour), civil_day=day
    )


def test_a_week_is_set_up_from_nothing(where: scene.Practice):
    for weekday in range(5):
        opened(where, weekday, MORNING)
    opened(where, 2, AFTERNOON)
    assert starts(where, MONDAY) == [8, 9, 10]
    assert starts(where, MONDAY + 2 * DAY) == [8, 9, 10, 13, 14, 15, 16]
    assert starts(where, MONDAY + 5 * DAY) == []
    assert Entry.objects.filter(event="agenda.opening.added").count() == 6
    assert Letter.objects.filter(kind="agenda.hours.changed").count() == 6


def test_changed_hours_end_on_a_day_and_the_old_ones_keep_what_was_booked(where: scene.Practice):
    former = opened(where)
    before, after = booked_at(where, MONDAY, 8), booked_at(where, MONDAY + WEEK, 8)
    later = booked_at(where, MONDAY + WEEK, 13)
    changed = change_opening(
        actor=where.actor, opening_id=former, hours=AFTERNOON, from_day=MONDAY + DAY, at=NOW
    )
    assert [line.id for line in changed.outside] == [after.pk]
    assert starts(where, MONDAY) == [9, 10]
    assert starts(where, MONDAY + WEEK) == [14, 15, 16]
    for booking in (before, after, later):
        assert factories.reread(booking).status == "confirmed"
    assert OpeningRule.objects.get(pk=former).valid_before == MONDAY + DAY
    # What was outside already is not told again.
    ended = end_opening(
        actor=where.actor, opening_id=changed.id, from_day=MONDAY + 30 * DAY, at=NOW
    )
    assert ended.outside == ()


def test_hours_changed_before_they_began_are_replaced(where: scene.Practice):
    former = opened(where, valid_from=MONDAY)
    changed = change_opening(
        actor=where.actor,
        opening_id=former,
        hours=AFTERNOON,
        weekday=1,
        from_day=MONDAY - DAY,
        at=NOW,
    )
    [rule] = OpeningRule.objects.all()
    assert (rule.pk, rule.weekday, rule.valid_from) == (changed.id, 1, MONDAY)


def test_hours_end_on_a_day_or_go_away_when_they_never_began(where: scene.Practice):
    former = opened(where)
    booking = booked_at(where, MONDAY + WEEK, 9)
    ended = end_opening(actor=where.actor, opening_id=former, from_day=MONDAY + DAY, at=NOW)
    assert [line.id for line in ended.outside] == [booking.pk]
    assert (starts(where, MONDAY), starts(where, MONDAY + WEEK)) == ([8, 9, 10], [])
    with refused("opening_over"):
        end_opening(actor=where.actor, opening_id=former, from_day=MONDAY + 2 * DAY, at=NOW)
    with refused("opening_over"):
        change_opening(
            actor=where.actor, opening_id=former, hours=MORNING, from_day=MONDAY + WEEK, at=NOW
        )
    end_opening(actor=where.actor, opening_id=former, from_day=MONDAY - WEEK, at=NOW)
    assert not OpeningRule.objects.exists()


def test_nobody_is_at_two_places_at_once(where: scene.Practice):
    opened(where)
    elsewhere = second_place(where)
    late = Hours(11 * 60, 13 * 60)
    with refused("openings_at_once") as caught:
        opened(where, place_id=elsewhere, hours=late, valid_from=MONDAY)
    assert "2 mars 2026" in caught.value.sentence("fr")
    opened(where, place_id=elsewhere, hours=AFTERNOON)
    opened(where, 1, place_id=elsewhere)
    # At one place two ways of receiving may share an hour.
    opened(where, hours=Hours(9 * 60, 12 * 60, accepts="evaluation"))
    rule = OpeningRule.objects.get(weekday=1)
    with refused("openings_at_once"):
        change_opening(
            actor=where.actor,
            opening_id=rule.pk,
            hours=late,
            weekday=0,
            from_day=MONDAY,
            at=NOW,
        )
    assert factories.reread(rule).valid_before is None


def test_two_places_in_two_zones_are_compared_in_true_time(where: scene.Practice):
    opened(where)
    reunion = second_place(where, time_zone="Indian/Reunion", insee="97411")
    opened(where, place_id=reunion, hours=Hours(9 * 60, 11 * 60))
    with refused("openings_at_once") as caught:
        opened(where, place_id=reunion, hours=Hours(14 * 60, 15 * 60))
    # Nine to noon in Paris is noon to three there in winter, eleven to two in summer.
    assert caught.value.context["day"] == MONDAY - WEEK


def test_one_day_open_replaces_that_days_hours_and_tells_what_falls_outside(
    where: scene.Practice,
):
    opened(where)
    booking = booked_at(where, MONDAY, 8)
    arranged = open_once(
        actor=where.actor, place_id=where.place.pk, day=MONDAY, hours=AFTERNOON, at=NOW
    )
    assert [line.id for line in arranged.outside] == [booking.pk]
    assert starts(where, MONDAY) == [13, 14, 15, 16]
    remove_exception(actor=where.actor, exception_id=arranged.id, at=NOW)
    assert starts(where, MONDAY) == [9, 10]
    assert not OpeningException.objects.exists()


def test_one_day_at_another_place_is_refused_only_when_the_usual_place_is_open(
    where: scene.Practice,
):
    opened(where)
    elsewhere = second_place(where)

    def once(day: date, hours: Hours = MORNING, place_id: int = elsewhere) -> Any:
        return open_once(actor=where.actor, place_id=place_id, day=day, hours=hours, at=NOW)

    with refused("openings_at_once"):
        once(MONDAY)
    once(MONDAY, AFTERNOON)
    # Easter Monday: the usual place is closed.
    once(date(2026, 4, 6))
    # Once the usual place has hours of its own that day, its weekly ones do not count.
    once(MONDAY + WEEK, AFTERNOON, where.place.pk)
    once(MONDAY + WEEK)
    with refused("openings_at_once"):
        once(MONDAY + WEEK, AFTERNOON)
    # Weekly hours added later must not meet a day already opened elsewhere.
    with refused("openings_at_once"):
        opened(where, hours=AFTERNOON)


def test_days_away_tell_who_was_expected_and_cancel_nobody(where: scene.Practice):
    opened(where)
    expected = [booked_at(where, MONDAY + weeks * WEEK, 9) for weeks in range(3)]
    absence = add_absence(
        actor=where.actor, valid_from=MONDAY, valid_before=MONDAY + 8 * DAY, at=NOW
    )
    assert [line.id for line in absence.outside] == [row.pk for row in expected[:2]]
    assert (starts(where, MONDAY), starts(where, MONDAY + 2 * WEEK)) == ([], [8, 10])
    assert {row.status for row in map(factories.reread, expected)} == {"confirmed"}
    assert Absence.objects.count() == 1
    assert remove_absence(actor=where.actor, absence_id=absence.id, at=NOW).outside == ()
    assert starts(where, MONDAY) == [8, 10]


def test_who_comes_back_early_is_back_today_and_was_away_before(where: scene.Practice):
    opened(where)
    absence = add_absence(
        actor=where.actor,
        place_id=where.place.pk,
        valid_from=MONDAY - WEEK,
        valid_before=MONDAY + WEEK,
        at=NOW,
    )
    remove_absence(actor=where.actor, absence_id=absence.id, at=at(MONDAY))
    assert Absence.objects.get().valid_before == MONDAY
    with refused("day_past"):
        remove_absence(actor=where.actor, absence_id=absence.id, at=at(MONDAY + DAY))


def test_some_hours_of_one_day_are_closed(where: scene.Practice):
    opened(where)
    booking = booked_at(where, MONDAY, 10)
    closed = close_once(
        actor=where.actor, day=MONDAY, starts_at_minute=10 * 60, ends_at_minute=12 * 60, at=NOW
    )
    assert [line.id for line in closed.outside] == [booking.pk]
    assert starts(where, MONDAY) == [8]


def test_how_others_book_is_set_and_set_again(where: scene.Practice):
    opened(where)
    set_limits(actor=where.actor, limits=USUAL._replace(buffer_minutes=15), at=NOW)
    assert starts(where, MONDAY) == [8, 9]
    set_limits(actor=where.actor, limits=USUAL._replace(first_sessions_kept=2), at=NOW)
    assert AgendaLimits.objects.get().buffer_minutes == 0
    assert agenda.limits_of(where.psychologist_id).first_sessions_kept == 2
    assert agenda.limits_of(scene.practice().psychologist_id) == USUAL
    for name, value in (("buffer_minutes", 241), ("horizon_days", 0), ("notice_hours", -1)):
        with refused("limits_wrong") as caught:
            set_limits(actor=where.actor, limits=USUAL._replace(**{name: value}), at=NOW)
        assert caught.value.context["fields"] == (name,)


@pytest.mark.parametrize(
    ("hours", "words", "code"),
    [
        (Hours(12 * 60, 9 * 60), {}, "hours_wrong"),
        (Hours(9 * 60, 9 * 60), {}, "hours_wrong"),
        (Hours(-60, 9 * 60), {}, "hours_wrong"),
        (Hours(23 * 60, 25 * 60), {}, "hours_wrong"),
        (Hours(9 * 60, 10 * 60, 90), {}, "hours_wrong"),
        (Hours(9 * 60, 10 * 60, 5), {}, "hours_wrong"),
        (Hours(9 * 60, 10 * 60, accepts="all"), {}, "hours_wrong"),
        (Hours(9 * 60, 10 * 60, modality="phone"), {}, "hours_wrong"),
        (MORNING, {"weekday": 7}, "hours_wrong"),
        (MORNING, {"valid_before": MONDAY - WEEK}, "days_wrong"),
        (MORNING, {"valid_from": MONDAY - 8 * DAY}, "day_past"),
    ],
)
def test_impossible_hours_are_told(
    where: scene.Practice, hours: Hours, words: dict[str, Any], code: str
):
    with refused(code) as caught:
        opened(where, hours=hours, **words)
    assert caught.value.context["fields"]
    assert not OpeningRule.objects.exists()


@pytest.mark.parametrize("last", [date.max, date.max - DAY, date.max - 3 * DAY])
def test_the_last_days_of_the_calendar_are_days_like_others(where: scene.Practice, last: date):
    for zone in ("Pacific/Noumea", "America/Guadeloupe"):
        elsewhere = second_place(where, time_zone=zone)
        opened(where, last.weekday())
        opened(where, last.weekday(), valid_from=last, place_id=elsewhere, hours=AFTERNOON)
        OpeningRule.objects.all().delete()
        words: dict[str, Any] = {"actor": where.actor, "at": NOW}
        open_once(place_id=elsewhere, day=last, hours=MORNING, **words)
        close_once(day=last, starts_at_minute=0, ends_at_minute=600, **words)
        add_absence(place_id=None, valid_from=last - DAY, valid_before=last, **words)
        OpeningException.objects.all().delete()
        Absence.objects.all().delete()


def test_impossible_days_are_told(where: scene.Practice):
    with refused("days_wrong"):
        add_absence(actor=where.actor, valid_from=MONDAY, valid_before=MONDAY, at=NOW)
    with refused("day_past"):
        add_absence(
            actor=where.actor,
            valid_from=MONDAY - 3 * WEEK,
            valid_before=MONDAY - 2 * WEEK,
            at=NOW,
        )
    with refused("hours_wrong"):
        close_once(actor=where.actor, day=MONDAY, starts_at_minute=9, ends_at_minute=9, at=NOW)


# A whole week at once


def arranged(
    where: scene.Practice, *week: Weekly, valid_from: date = MONDAY, limits: Any = USUAL
) -> Arranged:
    return arrange_week(actor=where.actor, week=week, valid_from=valid_from, limits=limits, at=NOW)


def told_of() -> tuple[list[str], int]:
    """The events and the letters so far."""
    events = Entry.objects.order_by("pk").values_list("event", flat=True)
    return [one for one in events if one.startswith("agenda.")], Letter.objects.count()


def test_a_week_is_one_change_with_one_line_and_one_letter(where: scene.Practice):
    at_ten = Hours(10 * 60, 12 * 60)
    own = where.place.pk
    arranged(
        where, Weekly(own, 0, MORNING), Weekly(own, 1, MORNING, True), Weekly(own, 2, MORNING)
    )
    assert told_of() == (["agenda.week.arranged"], 1)
    kept = OpeningRule.objects.get(weekday=0)
    later = MONDAY + WEEK
    arranged(
        where,
        Weekly(own, 0, MORNING),
        Weekly(own, 1, at_ten, True),
        valid_from=later,
        limits=USUAL._replace(buffer_minutes=15),
    )
    assert told_of() == (["agenda.week.arranged"] * 2, 2)
    rows = OpeningRule.objects.order_by("weekday", "valid_from")
    assert [(row.weekday, row.valid_from, row.valid_before) for row in rows] == [
        (0, MONDAY, None),
        (1, MONDAY, later),
        (1, later, None),
        (2, MONDAY, later),
    ]
    assert rows[0].pk == kept.pk and rows[2].open_on_public_holidays
    assert agenda.limits_of(where.psychologist_id).buffer_minutes == 15


def test_a_week_that_changes_nothing_is_not_told(where: scene.Practice):
    week = [Weekly(where.place.pk, day, MORNING) for day in range(5)]
    arranged(where, *week)
    before = told_of()
    arranged(where, *week)
    assert told_of() == before and OpeningRule.objects.count() == 5


def test_hours_that_would_start_later_give_way_to_the_week(where: scene.Practice):
    opened(where, 3, valid_from=MONDAY + 4 * WEEK)
    arranged(where, Weekly(where.place.pk, 0, MORNING))
    assert [row.weekday for row in OpeningRule.objects.all()] == [0]


def test_the_same_hours_twice_are_two_ranges_and_only_one_is_kept(where: scene.Practice):
    monday = Weekly(where.place.pk, 0, MORNING)
    arranged(where, monday)
    arranged(where, monday, Weekly(where.place.pk, 0, AFTERNOON), valid_from=MONDAY + WEEK)
    rows = OpeningRule.objects.order_by("starts_at_minute")
    assert [(row.starts_at_minute, row.valid_before) for row in rows] == [(540, None), (840, None)]


def test_appointments_a_week_leaves_outside_are_kept_and_told(where: scene.Practice):
    own = where.place.pk
    arranged(where, *(Weekly(own, day, Hours(8 * 60, 18 * 60)) for day in range(7)))
    booking = scene.held(where, day=MONDAY + WEEK, hour=9, asked_at=NOW)
    left = arranged(where, Weekly(own, 0, AFTERNOON), valid_from=MONDAY + DAY).outside
    assert [line.id for line in left] == [booking.pk]
    assert Booking.objects.get().status == "held"


@pytest.mark.parametrize(
    ("code", "week"),
    [
        ("hours_wrong", lambda own, other: [Weekly(own, 7, MORNING)]),
        ("hours_wrong", lambda own, other: [Weekly(own, 0, Hours(540, 500))]),
        ("not_found", lambda own, other: [Weekly(4_000_000, 0, MORNING)]),
        (
            "openings_at_once",
            lambda own, other: [Weekly(own, 0, MORNING), Weekly(other, 0, MORNING)],
        ),
        ("openings_at_once", lambda own, other: [Weekly(own, 1, AFTERNOON)]),
        ("week_too_long", lambda own, other: [Weekly(own, 0, MORNING)] * (RANGES_MOST + 1)),
    ],
)
def test_a_week_refused_leaves_all_as_it_was(
    where: scene.Practice, code: str, week: Callable[[int, int], list[Weekly]]
):
    other = second_place(where)
    own = where.place.pk
    arranged(where, Weekly(own, 4, MORNING))
    open_once(actor=where.actor, place_id=other, day=MONDAY + DAY, hours=AFTERNOON, at=NOW)
    before = told_of(), list(OpeningRule.objects.values())
    with refused(code):
        arranged(where, *week(own, other))
    assert (told_of(), list(OpeningRule.objects.values())) == before


def test_the_hours_of_one_day_take_the_place_of_the_week_there(where: scene.Practice):
    """So a day that differs at both places does not stand against the week."""
    other = second_place(where)
    tuesday = MONDAY + DAY
    for place_id, hours in ((other, AFTERNOON), (where.place.pk, MORNING)):
        open_once(actor=where.actor, place_id=place_id, day=tuesday, hours=hours, at=NOW)
    arranged(where, Weekly(where.place.pk, 1, AFTERNOON))
    assert OpeningRule.objects.count() == 1


def test_limits_out_of_bounds_refuse_the_whole_week(where: scene.Practice):
    with refused("limits_wrong"):
        arranged(
            where, Weekly(where.place.pk, 0, MORNING), limits=USUAL._replace(horizon_days=4000)
        )
    assert not OpeningRule.objects.exists()


def test_the_longest_week_over_many_appointments_asks_little(
    where: scene.Practice, django_assert_max_num_queries
):
    """The cost does not grow with the ranges: it took two questions an appointment and range."""
    other = second_place(where)
    own = where.place.pk
    arranged(where, *(Weekly(own, day, Hours(8 * 60, 18 * 60), True) for day in range(7)))
    for week in range(1, 6):
        scene.held(where, day=MONDAY + week * WEEK, hour=9, asked_at=NOW)
    longest = [
        Weekly((own, other)[number % 2], day, Hours(number * 240, number * 240 + 240, 15))
        for day in range(7)
        for number in range(6)
    ]
    with django_assert_max_num_queries(75):
        arranged(where, *longest, valid_from=MONDAY + DAY)
    assert OpeningRule.objects.filter(valid_before=None).count() == RANGES_MOST


ACTS: dict[str, Callable[[Actor, dict[str, int]], Any]] = {
    "arrange_week": lambda actor, ids: arrange_week(
        actor=actor,
        week=[Weekly(ids["place"], 0, AFTERNOON)],
        valid_from=MONDAY,
        limits=USUAL,
        at=NOW,
    ),
    "add_opening": lambda actor, ids: add_opening(
        actor=actor,
        place_id=ids["place"],
        weekday=0,
        hours=AFTERNOON,
        valid_from=MONDAY,
        at=NOW,
    ),
    "change_opening": lambda actor, ids: change_opening(
        actor=actor, opening_id=ids["opening"], hours=AFTERNOON, from_day=MONDAY, at=NOW
    ),
    "end_opening": lambda actor, ids: end_opening(
        actor=actor, opening_id=ids["opening"], from_day=MONDAY, at=NOW
    ),
    "add_absence": lambda actor, ids: add_absence(
        actor=actor,
        place_id=ids["place"],
        valid_from=MONDAY,
        valid_before=MONDAY + DAY,
        at=NOW,
    ),
    "remove_absence": lambda actor, ids: remove_absence(
        actor=actor, absence_id=ids["absence"], at=NOW
    ),
    "open_once": lambda actor, ids: open_once(
        actor=actor, place_id=ids["place"], day=MONDAY, hours=AFTERNOON, at=NOW
    ),
    "close_once": lambda actor, ids: close_once(
        actor=actor,
        place_id=ids["place"],
        day=MONDAY,
        starts_at_minute=0,
        ends_at_minute=60,
        at=NOW,
    ),
    "remove_exception": lambda actor, ids: remove_exception(
        actor=actor, exception_id=ids["exception"], at=NOW
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_one_arranges_ones_own_agenda_only(where: scene.Practice, name: str):
    ids = {
        "place": where.place.pk,
        "opening": opened(where),
        "absence": add_absence(
            actor=where.actor, valid_from=MONDAY, valid_before=MONDAY + DAY, at=NOW
        ).id,
        "exception": open_once(
            actor=where.actor, place_id=where.place.pk, day=MONDAY, hours=AFTERNOON, at=NOW
        ).id,
    }
    with refused("not_found"):
        ACTS[name](scene.practice().actor, ids)
    for actor in (ANONYMOUS, Actor("person", person_id=1), Actor("psychologist")):
        with refused("not_allowed"):
            ACTS[name](actor, ids)
    written = Entry.objects.count()
    ACTS[name](where.actor, ids)
    assert Entry.objects.count() == written + 1
