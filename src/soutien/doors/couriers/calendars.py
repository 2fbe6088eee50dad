"""Reads the calendars that psychologists follow, and closes their agenda where these are busy."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from soutien.doors.couriers.busy import busy_times
from soutien.doors.couriers.deliver import Clock
from soutien.doors.couriers.outside import NotRead, fetch
from soutien.registers.agenda import queries as agenda
from soutien.registers.calendars import queries as calendars
from soutien.registers.calendars.models import OutsideCalendar
from soutien.registers.psychologists import queries as directory
from soutien.steps.share import record_busy_times

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=15)
# After a failure, longer each time, up to a few hours: what was known stays closed meanwhile.
LONGEST_WAIT = timedelta(hours=6)
# A courier that stops while reading leaves the calendar to the next one after this.
TAKEN_FOR = timedelta(minutes=5)
WHOLE_EVERY = timedelta(days=1)
BEHIND, AHEAD = timedelta(days=1), timedelta(days=400)


def read_due(*, clock: Clock = timezone.now) -> int:
    """Read the calendars whose turn it is; how many were tried."""
    at = clock()
    due = calendars.take_to_read(at, until=at + TAKEN_FOR)
    for calendar in due:
        try:
            _read(calendar, clock)
        except NotRead as trouble:
            _note(calendar, str(trouble), clock())
        except Exception as trouble:
            log.exception("The calendar %s cannot be read.", calendar.pk)
            _note(calendar, type(trouble).__name__[:40], clock())
    return len(due)


def _read(calendar: OutsideCalendar, clock: Clock) -> None:
    at = clock()
    # A calendar that has not changed still moves on with what it repeats: once a day it is asked
    # for as if for the first time.
    whole = calendar.whole_at is None or at - calendar.whole_at > WHOLE_EVERY
    etag = "" if whole else calendar.etag
    fetched = fetch(
        calendar.address,
        etag=etag,
        local=settings.LOCAL_CALENDARS,
        hosts=settings.CALENDAR_HOSTS,
    )
    times = None
    if fetched.content is not None:
        times = busy_times(
            fetched.content,
            since=at - BEHIND,
            until=at + AHEAD,
            time_zone=directory.time_zone_of(calendar.psychologist_id) or settings.TIME_ZONE,
            ours=agenda.public_ids_of(calendar.psychologist_id, since=at - BEHIND),
        )
    record_busy_times(
        calendar=calendar, times=times, etag=fetched.etag, again_at=at + EVERY, at=at
    )


def _note(calendar: OutsideCalendar, trouble: str, at: datetime) -> None:
    failing_for = at - (calendar.trouble_since or at)
    wait = min(max(EVERY, failing_for / 2), LONGEST_WAIT)
    calendars.was_not_read(calendar, at=at, again_at=at + wait, trouble=trouble)
