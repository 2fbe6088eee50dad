"""Free slots are openings, less exceptions, less bookings, at the wall clock of the place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import factories

from soutien.registers.agenda import holds, queries
from soutien.registers.agenda.free import Agenda, Busy, Closing, Opening, Slot, nearest, slots_of
from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.public_holidays import department_of, public_holidays

PARIS = "Europe/Paris"
MONDAY = date(2026, 3, 2)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
LONG_AGO = date(2020, 1, 1)


def opening(weekday: int = 0, starts: int = 9 * 60, ends: int = 12 * 60, **fields: Any) -> Opening:
    values: dict[str, Any] = {
        "place_id": 1,
        "starts_at_minute": starts,
        "ends_at_minute": ends,
        "appointment_minutes": 60,
        "accepts": "both",
        "modality": "in_person",
        "time_zone": PARIS,
        "department": "69",
        "weekday": weekday,
        "open_on_public_holidays": False,
        "valid_from": LONG_AGO,
        "valid_before": None,
    }
    return Opening(**(values | fields))


def agenda(*openings: Opening, busy: Iterable[tuple[datetime, datetime]] = ()) -> Agenda:
    made = Agenda()
    made.openings.extend(openings)
    made.busy = Busy((int(start.timestamp()), int(end.timestamp())) for start, end in busy)
    return made


def at(day: date, hour: int, minute: int = 0, zone: str = PARIS) -> datetime:
    """A wall time at a place."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone))


def of_days(
    made: Agenda, first: date = MONDAY, days: int = 1, zone: str = PARIS, **wishes: Any
) -> list[Slot]:
    """The slots of whole days at the place."""
    values: dict[str, Any] = {"kind": "follow_up", "modality": "", "holidays": public_holidays}
    last = first + timedelta(days=days)
    return list(
        slots_of(
            made, since=at(first, 0, zone=zone), until=at(last, 0, zone=zone), **(values | wishes)
        )
    )


def walls(slots: Iterable[Slot]) -> list[str]:
    """What the clock on the wall says when each starts."""
    return [f"{slot.starts_at.astimezone(ZoneInfo(slot.time_zone)):%H:%M}" for slot in slots]


def test_a_morning_of_three_hours_has_three_slots_of_an_hour():
    slots = of_days(agenda(opening()))
    assert walls(slots) == ["09:00", "10:00", "11:00"]
    assert slots[0] == Slot(1, at(MONDAY, 9), at(MONDAY, 10), PARIS, "in_person")
    assert all(slot.starts_at.tzinfo is UTC for slot in slots)


def test_slots_follow_the_grid_from_the_opening_and_fit_inside_it():
    half_past = opening(starts=9 * 60 + 10, ends=12 * 60, appointment_minutes=45)
    assert walls(of_days(agenda(half_past))) == ["09:10", "09:55", "10:40"]
    assert of_days(agenda(opening(appointment_minutes=181))) == []


def test_the_last_slot_may_end_at_midnight():
    evening = of_days(agenda(opening(starts=22 * 60, ends=24 * 60)))
    assert walls(evening) == ["22:00", "23:00"]
    assert evening[-1].ends_at == at(MONDAY + timedelta(days=1), 0)


def test_an_opening_holds_on_its_weekday_from_its_first_day_to_before_its_last():
    made = agenda(opening(valid_from=MONDAY + WEEK, valid_before=MONDAY + 3 * WEEK))
    days = {slot.starts_at.date() for slot in of_days(made, days=60)}
    assert days == {MONDAY + WEEK, MONDAY + 2 * WEEK}


def test_slots_start_neither_before_since_nor_at_until():
    made = agenda(opening())
    for since, until, expected in (
        (at(MONDAY, 9), at(MONDAY, 11), ["09:00", "10:00"]),
        (at(MONDAY, 9, 1), at(MONDAY, 11, 1), ["10:00", "11:00"]),
        (at(MONDAY, 9) + timedelta(microseconds=1), at(MONDAY, 10), []),
        (at(MONDAY, 11), at(MONDAY, 9), []),
    ):
        found = slots_of(
            made,
            since=since,
            until=until,
            kind="follow_up",
            modality="",
            holidays=public_holidays,
        )
        assert walls(found) == expected


def test_a_booking_takes_every_slot_it_touches_and_no_other():
    busy = [(at(MONDAY, 9, 30), at(MONDAY, 10, 30))]
    assert walls(of_days(agenda(opening(), busy=busy))) == ["11:00"]
    touching = [(at(MONDAY, 8), at(MONDAY, 9)), (at(MONDAY, 10), at(MONDAY, 11))]
    assert walls(of_days(agenda(opening(), busy=touching))) == ["09:00", "11:00"]


def test_a_booking_at_another_place_takes_the_time_here_too():
    made = agenda(opening(), opening(place_id=2), busy=[(at(MONDAY, 10), at(MONDAY, 11))])
    assert [(slot.place_id, slot.starts_at.hour) for slot in of_days(made)] == [
        (1, 8),
        (2, 8),
        (1, 10),
        (2, 10),
    ]


def test_kinds_and_modalities_are_respected():
    made = agenda(
        opening(accepts="evaluation", starts=9 * 60, ends=10 * 60),
        opening(accepts="follow_up", starts=10 * 60, ends=11 * 60),
        opening(modality="remote", starts=11 * 60, ends=12 * 60),
        opening(modality="both", starts=12 * 60, ends=13 * 60),
    )
    assert walls(of_days(made, kind="evaluation")) == ["09:00", "11:00", "12:00"]
    assert walls(of_days(made)) == ["10:00", "11:00", "12:00"]
    assert walls(of_days(made, modality="in_person")) == ["10:00", "12:00"]
    assert walls(of_days(made, modality="remote")) == ["11:00", "12:00"]


def test_two_openings_with_the_same_slots_offer_them_once():
    made = agenda(opening(), opening(starts=10 * 60, ends=13 * 60))
    assert walls(of_days(made)) == ["09:00", "10:00", "11:00", "12:00"]


def test_a_day_closed_everywhere_has_no_slots():
    made = agenda(opening(), opening(place_id=2))
    made.close(Closing(None, MONDAY, 0, 1440))
    assert of_days(made) == []


def test_a_closing_of_one_place_or_some_hours_takes_only_these():
    made = agenda(opening(), opening(place_id=2))
    made.close(Closing(2, MONDAY, 0, 1440))
    made.close(Closing(1, MONDAY, 10 * 60 + 30, 11 * 60))
    assert walls(of_days(made)) == ["09:00", "11:00"]
    assert len(of_days(made, MONDAY + WEEK)) == 6


def test_special_hours_take_the_place_of_the_weekly_ones_of_their_place():
    made = agenda(opening(), opening(place_id=2, starts=10 * 60, ends=11 * 60))
    made.open_specially(opening(valid_from=MONDAY, starts=14 * 60, ends=16 * 60))
    assert walls(of_days(made)) == ["10:00", "14:00", "15:00"]
    made.close(Closing(None, MONDAY, 14 * 60, 15 * 60))
    assert walls(of_days(made)) == ["10:00", "15:00"]


@pytest.mark.parametrize(
    ("department", "day", "closed"),
    [
        ("69", date(2026, 5, 1), True),
        ("69", date(2026, 4, 3), False),
        ("67", date(2026, 4, 3), True),
        ("57", date(2026, 12, 26), True),
        ("974", date(2026, 12, 20), True),
        ("69", date(2026, 12, 20), False),
        ("972", date(2026, 5, 22), True),
        ("973", date(2026, 5, 22), False),
    ],
)
def test_public_holidays_are_closed_where_they_are_holidays(department, day, closed):
    here = {"department": department, "weekday": day.weekday()}
    assert (of_days(agenda(opening(**here)), day) == []) is closed
    working = opening(open_on_public_holidays=True, **here)
    assert len(of_days(agenda(working), day)) == 3


def test_special_hours_hold_on_a_public_holiday():
    armistice = date(2026, 11, 11)
    made = agenda(opening(weekday=armistice.weekday()))
    made.open_specially(opening(valid_from=armistice, open_on_public_holidays=True))
    assert walls(of_days(made, armistice)) == ["09:00", "10:00", "11:00"]


def test_a_commune_belongs_to_its_departement():
    found = [department_of(insee) for insee in ("69123", "2A004", "97411", "98735")]
    assert found == ["69", "2A", "974", "987"]


SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def test_the_hour_that_spring_skips_is_not_offered():
    night = agenda(opening(weekday=6, starts=60, ends=300))
    slots = of_days(night, SPRING)
    assert walls(slots) == ["01:00", "03:00", "04:00"]
    assert slots[0].ends_at == slots[1].starts_at


def test_the_hour_that_autumn_repeats_is_offered_once_the_first_time():
    night = agenda(opening(weekday=6, starts=60, ends=300))
    slots = of_days(night, AUTUMN)
    assert walls(slots) == ["01:00", "02:00", "03:00", "04:00"]
    assert slots[1].starts_at == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert slots[2].starts_at == datetime(2026, 10, 25, 2, tzinfo=UTC)


def test_the_day_after_the_clock_changes_starts_at_the_same_wall_time():
    for day, before, after in ((SPRING, 8, 7), (AUTUMN, 7, 8)):
        made = agenda(*(opening(weekday=weekday) for weekday in (5, 6, 0)))
        starts = [
            slot.starts_at.hour
            for slot in of_days(made, day - timedelta(days=1), 3)
            if walls([slot]) == ["09:00"]
        ]
        assert starts == [before, after, after]


@pytest.mark.parametrize(
    ("zone", "utc_hour"),
    [
        ("America/Martinique", 13),
        ("Indian/Reunion", 5),
        ("Pacific/Tahiti", 19),
        ("Pacific/Noumea", 22),
        ("America/Miquelon", 12),
    ],
)
def test_overseas_nine_in_the_morning_is_theirs(zone, utc_hour):
    slots = of_days(agenda(opening(time_zone=zone)), zone=zone)
    assert walls(slots) == ["09:00", "10:00", "11:00"]
    assert slots[0].starts_at.hour == utc_hour
    assert {slot.starts_at.astimezone(ZoneInfo(zone)).date() for slot in slots} == {MONDAY}


def test_miquelon_changes_its_clock_on_its_own_day():
    zone = "America/Miquelon"
    spring, autumn = date(2026, 3, 8), date(2026, 11, 1)
    # The autumn change falls on All Saints' Day, a public holiday.
    every_sunday = opening(weekday=6, starts=0, ends=240, open_on_public_holidays=True)
    night = agenda(every_sunday._replace(time_zone=zone))
    assert walls(of_days(night, spring, zone=zone)) == ["00:00", "01:00", "03:00"]
    repeated = of_days(night, autumn, zone=zone)
    assert walls(repeated) == ["00:00", "01:00", "02:00", "03:00"]
    assert [slot.starts_at.hour for slot in repeated] == [2, 3, 5, 6]


def test_places_in_two_zones_are_told_in_the_order_of_time():
    made = agenda(opening(), opening(place_id=2, time_zone="America/Martinique", starts=5 * 60))
    slots = of_days(made)
    assert slots == sorted(slots, key=lambda slot: slot.starts_at)
    assert {slot.place_id for slot in slots} == {1, 2}


def test_the_nearest_slots_are_told_in_order():
    slots = of_days(agenda(opening(ends=18 * 60)))
    assert walls(nearest(slots, at(MONDAY, 14, 20), 3)) == ["13:00", "14:00", "15:00"]
    assert walls(nearest(slots, at(MONDAY, 6), 2)) == ["09:00", "10:00"]
    assert nearest([], at(MONDAY, 6), 2) == []


def test_busy_times_may_overlap_and_come_in_any_order():
    busy = Busy([(50, 60), (0, 100), (10, 20)])
    assert busy.overlaps(70, 80)
    assert busy.overlaps(99, 120)
    assert not busy.overlaps(100, 120)
    assert not Busy().overlaps(0, 10)


def slowly(
    openings: list[Opening],
    closings: list[Closing],
    special: list[Opening],
    busy: list[tuple[datetime, datetime]],
    since: datetime,
    until: datetime,
) -> set[tuple[int, datetime, datetime]]:
    """The same answer, minute by minute and all at once, with none of the fast one's means."""
    found = set()
    day = since.date() - timedelta(days=2)
    while day <= until.date() + timedelta(days=2):
        todays = [one for one in special if one.valid_from == day]
        replaced = {one.place_id for one in todays}
        todays += [
            one
            for one in openings
            if one.weekday == day.weekday()
            and one.place_id not in replaced
            and one.valid_from <= day < (one.valid_before or date.max)
            and day.toordinal() not in public_holidays(one.department, day.year)
        ]
        for one in todays:
            minute = one.starts_at_minute
            while minute + one.appointment_minutes <= one.ends_at_minute:
                midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
                as_if_utc = midnight + timedelta(minutes=minute)
                zone = ZoneInfo(one.time_zone)
                moments = [
                    moment
                    for moment in (
                        as_if_utc + timedelta(minutes=shift)
                        for shift in range(-14 * 60, 14 * 60 + 1, 30)
                    )
                    if moment.astimezone(zone).replace(tzinfo=UTC) == as_if_utc
                ]
                shut = any(
                    closing.day == day
                    and (closing.place_id is None or closing.place_id == one.place_id)
                    and not minute >= closing.ends_at_minute
                    and not minute + one.appointment_minutes <= closing.starts_at_minute
                    for closing in closings
                )
                minute += one.appointment_minutes
                if not moments or shut:
                    continue
                start = min(moments)
                end = start + timedelta(minutes=one.appointment_minutes)
                taken = any(start < last and first < end for first, last in busy)
                if since <= start < until and not taken:
                    found.add((one.place_id, start, end))
        day += timedelta(days=1)
    return found


ZONES = (PARIS, "America/Miquelon", "Indian/Reunion", "Pacific/Tahiti")
minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)
around_a_change = st.sampled_from([SPRING, AUTUMN, date(2026, 3, 8), date(2026, 11, 1), MONDAY])


@st.composite
def openings_of_a_place(draw: st.DrawFn) -> Opening:
    starts, ends = sorted(draw(st.lists(minutes, min_size=2, max_size=2, unique=True)))
    place_id = draw(st.integers(1, 4))
    return opening(
        weekday=draw(st.integers(0, 6)),
        starts=starts,
        ends=ends,
        place_id=place_id,
        time_zone=ZONES[place_id - 1],
        department=("69", "975", "974", "987")[place_id - 1],
        appointment_minutes=draw(st.sampled_from([15, 45, 60, 90])),
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(openings_of_a_place(), max_size=6),
    st.lists(openings_of_a_place(), max_size=2),
    st.lists(st.tuples(st.sampled_from([None, 1, 2, 3, 4]), minutes, minutes), max_size=3),
    st.lists(st.tuples(st.integers(0, 6000), st.integers(1, 600)), max_size=8),
    around_a_change,
    st.integers(0, 5000),
)
def test_a_second_slow_reading_finds_the_same_slots(weekly, extra, shut, taken, middle, span):
    since = datetime(middle.year, middle.month, middle.day, tzinfo=UTC) - timedelta(days=2)
    until = since + timedelta(minutes=span)
    special = [
        one._replace(valid_from=middle, open_on_public_holidays=True, weekday=middle.weekday())
        for one in extra
    ]
    closings = [
        Closing(place_id, middle, min(first, last), max(first, last) + 15)
        for place_id, first, last in shut
    ]
    busy = [
        (since + timedelta(minutes=start), since + timedelta(minutes=start + length))
        for start, length in taken
    ]
    made = agenda(*weekly, busy=busy)
    for one in special:
        made.open_specially(one)
    for closing in closings:
        made.close(closing)
    fast = list(
        slots_of(
            made, since=since, until=until, kind="follow_up", modality="", holidays=public_holidays
        )
    )
    assert {slot[:3] for slot in fast} == slowly(weekly, closings, special, busy, since, until)
    assert [slot.starts_at for slot in fast] == sorted(slot.starts_at for slot in fast)


NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.fixture
def practice(db):
    where = factories.place(factories.psychologist())
    factories.opening(where, 0, valid_from=LONG_AGO)
    return where


def free_on_monday(practice, now: datetime = NOW, **wishes: Any) -> list[str]:
    values: dict[str, Any] = {"kind": "follow_up", "since": NOW, "until": NOW + WEEK, "now": now}
    found = queries.free_slots([practice.psychologist_id], **(values | wishes))
    return walls(found[practice.psychologist_id])


def test_live_bookings_take_their_time_and_ended_ones_give_it_back(practice):
    who = factories.person(at=NOW)
    factories.booking(practice, who=who, starts_at=at(MONDAY, 9))
    factories.booking(practice, who=who, starts_at=at(MONDAY, 10), status="cancelled")
    factories.booking(practice, who=who, starts_at=at(MONDAY, 11), status="missed")
    assert free_on_monday(practice) == ["10:00"]


def test_a_hold_takes_its_time_until_the_moment_it_ends(practice):
    ends = NOW - HOUR
    factories.booking(practice, starts_at=at(MONDAY, 9), status="held", held_until=ends)
    before = ends - timedelta(microseconds=1)
    assert free_on_monday(practice, before) == ["10:00", "11:00"]
    assert free_on_monday(practice, ends) == ["09:00", "10:00", "11:00"]


def test_an_expired_hold_is_ended_before_its_time_is_booked(practice):
    ends = NOW + timedelta(minutes=10)
    hold = factories.booking(practice, starts_at=at(MONDAY, 9), status="held", held_until=ends)
    elsewhere = factories.place(factories.psychologist())
    other = factories.booking(elsewhere, starts_at=at(MONDAY, 9), status="held", held_until=ends)
    assert holds.release_expired(at=ends - HOUR / 60) == []
    released = holds.release_expired(at=ends, psychologist_id=practice.psychologist_id)
    assert released == [hold.pk]
    ended = factories.reread(hold)
    assert (ended.status, ended.ended_at, ended.ended_by) == ("expired", ends, "time")
    queries.book(
        psychologist_id=practice.psychologist_id,
        place_id=practice.pk,
        kind="follow_up",
        modality="in_person",
        starts_at=at(MONDAY, 9),
        ends_at=at(MONDAY, 10),
        civil_day=MONDAY,
        status="held",
        held_until=ends + HOUR,
        created_at=ends,
    )
    assert holds.release_expired(at=ends) == [other.pk]


def test_exceptions_of_the_table_are_followed(practice):
    factories.special_opening(practice, MONDAY, appointment_minutes=30)
    factories.closing(
        practice.psychologist, MONDAY, starts_at_minute=15 * 60, ends_at_minute=15 * 60 + 30
    )
    assert free_on_monday(practice) == ["14:00", "14:30", "15:30"]
    factories.closing(practice.psychologist, MONDAY)
    assert free_on_monday(practice) == []


@pytest.mark.django_db
def test_the_place_tells_its_zone_and_its_holidays():
    where = factories.place(factories.psychologist(), time_zone="Indian/Reunion", insee="97411")
    abolition = date(2026, 12, 20)
    factories.opening(where, abolition.weekday(), valid_from=LONG_AGO)
    since = at(abolition - WEEK, 0, zone="Indian/Reunion")
    found = queries.free_slots(
        [where.psychologist_id], since=since, until=since + 2 * WEEK, kind="evaluation", now=since
    )[where.psychologist_id]
    assert [slot.starts_at for slot in found] == [
        datetime(2026, 12, 13, hour, tzinfo=UTC) for hour in (5, 6, 7)
    ]


def test_the_first_free_slots_are_the_first_of_all_however_far(practice):
    factories.opening(practice, 2, valid_from=MONDAY + 8 * WEEK)
    nobody = factories.psychologist()
    who = factories.person(at=NOW)
    for week in range(5):
        for hour in (9, 10, 11):
            if (week, hour) != (1, 10):
                factories.booking(practice, who=who, starts_at=at(MONDAY + week * WEEK, hour))
    ids = [practice.psychologist_id, nobody.pk]
    wishes: dict[str, Any] = {"since": NOW, "until": NOW + 20 * WEEK, "kind": "evaluation"}
    every = queries.free_slots(ids, now=NOW, **wishes)
    first = queries.first_free(ids, now=NOW, count=5, **wishes)
    assert first == {practice.psychologist_id: every[practice.psychologist_id][:5], nobody.pk: []}
    assert len({slot.starts_at for slot in first[practice.psychologist_id]}) == 5
    short = queries.first_free(ids, since=NOW, until=NOW + HOUR, kind="evaluation", now=NOW)
    assert short == {practice.psychologist_id: [], nobody.pk: []}


def test_the_nearest_free_slots_leave_out_what_is_taken(practice):
    factories.booking(practice, who=factories.person(at=NOW), starts_at=at(MONDAY, 10))
    found = queries.nearest_free(
        practice.psychologist_id,
        moment=at(MONDAY, 10),
        since=NOW,
        until=NOW + 2 * WEEK,
        kind="follow_up",
        now=NOW,
    )
    assert walls(found) == ["09:00", "11:00", "09:00"]


def test_a_search_page_asks_five_questions_at_most(practice, django_assert_num_queries):
    """On PostgreSQL the four about hours go in one message."""
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 5):
        free_on_monday(practice)


def test_the_days_and_the_persons_bookings_are_told_in_order(practice):
    who = factories.person(at=NOW)
    later = factories.booking(practice, who=who, starts_at=at(MONDAY, 11), civil_day=MONDAY)
    first = factories.booking(practice, who=who, starts_at=at(MONDAY, 9), civil_day=MONDAY)
    factories.booking(practice, who=who, starts_at=at(MONDAY, 9), status="cancelled")
    after = factories.booking(practice, who=who, starts_at=at(MONDAY + WEEK, 9))
    day = queries.bookings_of_day(practice.psychologist_id, MONDAY)
    assert [line.id for line in day] == [first.pk, later.pk]
    assert day[0].public_id == first.public_id
    mine = queries.bookings_of_person(who.pk, since=at(MONDAY, 10))
    assert [line.id for line in mine] == [later.pk, after.pk]
    assert len(queries.bookings_of_person(who.pk, statuses=["cancelled"])) == 1
    assert queries.by_public_id(first.public_id) == first == queries.lock(first.pk)
    with pytest.raises(Booking.DoesNotExist):
        queries.lock(0)
