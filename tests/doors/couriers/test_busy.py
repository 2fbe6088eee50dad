"""What another calendar closes here: when, never what, and never more than one can bear."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.doors.couriers.post_office import Clock
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, at

from soutien.doors.couriers import busy, calendars
from soutien.doors.couriers.busy import busy_times
from soutien.doors.couriers.outside import Fetched, NotRead
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import BusyTime
from soutien.registers.calendars import queries as followed
from soutien.registers.calendars.models import OutsideCalendar
from soutien.steps.share import follow_calendar, stop_following

SINCE, UNTIL = datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC)


def file_of(*events: str, uid: str = "") -> bytes:
    parts = [
        f"BEGIN:VEVENT\nUID:{uid or number}\nDTSTAMP:20260101T000000Z\n{event}\nEND:VEVENT\n"
        for number, event in enumerate(events)
    ]
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{''.join(parts)}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def busy_in(content: bytes, zone: str = "Europe/Paris", **words: Any) -> list[str]:
    found = busy_times(content, since=SINCE, until=UNTIL, time_zone=zone, **words)
    return [f"{start:%d %H:%M}-{end:%d %H:%M}" for start, end in found]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART:20261021T090000Z\nDTEND:20261021T100000Z", ["21 09:00-21 10:00"]),
        # Without a zone: the wall clock of the practice.
        ("DTSTART:20261021T090000\nDURATION:PT30M", ["21 07:00-21 07:30"]),
        ("DTSTART;TZID=America/Cayenne:20261021T090000\nDURATION:PT1H", ["21 12:00-21 13:00"]),
        # A whole day, and two of them over the change of the clock: 25 hours on the 25th.
        ("DTSTART;VALUE=DATE:20261021", ["20 22:00-21 22:00"]),
        ("DTSTART;VALUE=DATE:20261024\nDTEND;VALUE=DATE:20261026", ["23 22:00-25 23:00"]),
        # Every week at the same wall time, before and after the change.
        (
            "DTSTART;TZID=Europe/Paris:20260107T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=WE",
            ["21 07:00-21 08:00", "28 08:00-28 09:00", "04 08:00-04 09:00"],
        ),
        (
            "DTSTART:20261021T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\n"
            "EXDATE:20261022T090000Z",
            ["21 09:00-21 10:00", "23 09:00-23 10:00"],
        ),
        (
            "DTSTART:20261021T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20261022T090000Z",
            ["21 09:00-21 10:00", "22 09:00-22 10:00"],
        ),
        (
            "DTSTART:20200101T090000Z\nDURATION:PT1H\nRDATE:20261101T120000Z",
            ["01 12:00-01 13:00"],
        ),
        ("DTSTART:20261021T090000Z\nDTEND:20261021T100000Z\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20261021T090000Z\nDTEND:20261021T100000Z\nSTATUS:CANCELLED", []),
        ("DTSTART:20261021T090000Z\nDTEND:20261021T080000Z", []),
        ("DTSTART:20261021T090000Z", []),
        ("SUMMARY:nothing", []),
        ("DTSTART:20261021T090000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY", []),
        ("DTSTART:20200101T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", []),
        ("DTSTART:99990101T090000Z\nDTEND:99991231T090000Z", []),
    ],
)
def test_when_an_event_is_busy(event: str, expected: list[str]) -> None:
    assert busy_in(file_of(event)) == expected


def test_a_changed_repetition_takes_the_place_of_the_one_it_names() -> None:
    content = file_of(
        "DTSTART:20261021T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2",
        "DTSTART:20261022T150000Z\nDURATION:PT1H\nRECURRENCE-ID:20261022T090000Z",
        uid="same",
    )
    assert busy_in(content) == ["21 09:00-21 10:00", "22 15:00-22 16:00"]


def test_times_that_touch_or_overlap_are_one() -> None:
    content = file_of(
        "DTSTART:20261021T090000Z\nDURATION:PT1H",
        "DTSTART:20261021T093000Z\nDURATION:PT1H",
        "DTSTART:20261021T103000Z\nDURATION:PT1H",
    )
    assert busy_in(content) == ["21 09:00-21 11:30"]


def test_our_own_appointments_that_come_back_close_nothing() -> None:
    ours = uuid4()
    content = file_of("DTSTART:20261021T090000Z\nDURATION:PT1H", uid=str(ours))
    assert busy_in(content, ours={ours}) == []
    assert busy_in(content, ours={uuid4()}) == ["21 09:00-21 10:00"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html></html>",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        b"BEGIN:VCALENDAR\r\n" * 5000,
        b"BEGIN:VCARD\r\nEND:VCARD\r\n",
    ],
)
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(NotRead, match="not_a_calendar"):
        busy_in(content)


def test_a_file_that_asks_for_too_much_is_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy, "EVENTS_MOST", 10)
    with pytest.raises(NotRead, match="too_many_events"):
        busy_in(file_of(*["DTSTART:20261021T090000Z\nDURATION:PT1H"] * 11))
    monkeypatch.undo()
    never = (
        "DTSTART:20200101T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=1;BYMONTH=2;BYMONTHDAY=30"
    )
    monkeypatch.setattr(busy, "SECONDS_MOST", 0.2)
    started = time.monotonic()
    with pytest.raises(NotRead, match="too_many_events"):
        busy_in(file_of(*[never] * 2000))
    assert time.monotonic() - started < 5


# --- in the agenda -----------------------------------------------------------------------------

CLOCK_AT = at(MONDAY - DAY, 8)
LUNCH = file_of("DTSTART:20260302T100000Z\nDTEND:20260302T120000Z")


class Elsewhere:
    """A calendar elsewhere: what it gives, and what it was asked."""

    def __init__(self, content: bytes | str) -> None:
        self.content = content
        self.asked: list[str] = []

    def __call__(
        self, address: str, *, etag: str = "", local: bool = False, hosts: Collection[str] = ()
    ) -> Fetched:
        self.asked.append(etag)
        if isinstance(self.content, str):
            raise NotRead(self.content)
        if etag == '"1"':
            return Fetched(None, etag)
        return Fetched(self.content, '"1"')


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    calendar = Elsewhere(LUNCH)
    monkeypatch.setattr(calendars, "fetch", calendar)
    return calendar


def follows(where: scene.Practice) -> None:
    follow_calendar(actor=where.actor, address="https://example.org/a.ics", at=CLOCK_AT)


def free_hours(where: scene.Practice) -> list[int]:
    slots = agenda.free_slots(
        [where.psychologist_id],
        since=at(MONDAY, 0),
        until=at(MONDAY + DAY, 0),
        kind="follow_up",
        now=CLOCK_AT,
    )
    return [slot.starts_at.hour for slot in slots[where.psychologist_id]]


@pytest.mark.django_db
def test_busy_times_elsewhere_are_not_offered_and_cannot_be_booked(elsewhere: Elsewhere) -> None:
    where = scene.practice()
    before = free_hours(where)
    follows(where)
    assert calendars.read_due(clock=Clock(CLOCK_AT)) == 1
    assert set(before) - set(free_hours(where)) == {10, 11}
    with refused("slot_not_open"):
        scene.held(where, hour=10, asked_at=CLOCK_AT)
    found = OutsideCalendar.objects.get()
    assert (found.busy_times, found.trouble, found.read_at) == (1, "", CLOCK_AT)
    stop_following(actor=where.actor, at=CLOCK_AT)
    assert free_hours(where) == before


@pytest.mark.django_db
def test_it_is_read_again_after_a_while_and_whole_once_a_day(elsewhere: Elsewhere) -> None:
    where, clock = scene.practice(), Clock(CLOCK_AT)
    follows(where)
    for _turn in range(3):
        calendars.read_due(clock=clock)
        clock.on(minutes=5)
    assert elsewhere.asked == [""]
    clock.on(minutes=5)
    calendars.read_due(clock=clock)
    assert elsewhere.asked == ["", '"1"']
    assert BusyTime.objects.count() == 1
    clock.on(days=1)
    calendars.read_due(clock=clock)
    assert elsewhere.asked[-1] == ""


@pytest.mark.django_db
def test_what_was_known_stays_closed_while_it_cannot_be_read(elsewhere: Elsewhere) -> None:
    where, clock = scene.practice(), Clock(CLOCK_AT)
    follows(where)
    calendars.read_due(clock=clock)
    elsewhere.content = "server_unreachable"
    waited = []
    for _turn in range(6):
        clock.at = OutsideCalendar.objects.get().read_again_at
        calendars.read_due(clock=clock)
        found = OutsideCalendar.objects.get()
        waited.append(found.read_again_at - clock.at)
    assert found.trouble == "server_unreachable"
    assert BusyTime.objects.count() == 1
    assert waited == sorted(waited)
    assert waited[-1] <= calendars.LONGEST_WAIT
    elsewhere.content = LUNCH
    clock.at = found.read_again_at
    calendars.read_due(clock=clock)
    assert OutsideCalendar.objects.get().trouble == ""


@pytest.mark.django_db
def test_an_error_nobody_thought_of_stops_no_other_calendar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(address: str, **words: Any) -> Fetched:
        if "bad" in address:
            raise RuntimeError("to https://secret")
        return Fetched(LUNCH, "")

    monkeypatch.setattr(calendars, "fetch", broken)
    first, second = scene.practice(), scene.practice()
    follow_calendar(actor=first.actor, address="https://bad.example/a.ics", at=CLOCK_AT)
    follows(second)
    assert calendars.read_due(clock=Clock(CLOCK_AT)) == 2
    assert followed.followed_by(first.psychologist_id).trouble == "RuntimeError"  # type: ignore[union-attr]
    assert 10 not in free_hours(second)


@pytest.mark.django_db
def test_a_calendar_followed_no_more_while_it_was_read_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = scene.practice()
    follows(where)

    def forgotten_meanwhile(address: str, **words: Any) -> Fetched:
        follow_calendar(
            actor=where.actor,
            address="https://example.org/other.ics",
            at=CLOCK_AT + timedelta(seconds=1),
        )
        return Fetched(LUNCH, "")

    monkeypatch.setattr(calendars, "fetch", forgotten_meanwhile)
    calendars.read_due(clock=Clock(CLOCK_AT))
    assert not BusyTime.objects.exists()
    assert OutsideCalendar.objects.get().read_at is None


@pytest.mark.django_db
def test_the_address_is_sealed_and_only_what_changed_is_written(elsewhere: Elsewhere) -> None:
    where = scene.practice()
    follows(where)
    calendars.read_due(clock=Clock(CLOCK_AT))
    kept = BusyTime.objects.get()
    times = [(kept.starts_at, kept.ends_at), (at(MONDAY, 13), at(MONDAY, 14))]
    assert agenda.replace_busy(where.psychologist_id, times)
    assert BusyTime.objects.filter(pk=kept.pk).exists()
    assert not agenda.replace_busy(where.psychologist_id, times)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM calendars_outsidecalendar")
        assert b"example.org" not in bytes(cursor.fetchone()[0])
