"""What a week would give, before and after it is saved: first sessions, and who falls outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soutien.doors.days import when
from soutien.doors.web.components.days import local
from soutien.doors.web.psychologist.arrange_hours import WeeklyHours
from soutien.doors.web.psychologist.words import EVALUATION, IN_PERSON
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import Agenda, Limits, Opening, is_open, times_of
from soutien.registers.agenda.models import Booking, OpeningRule
from soutien.registers.agenda.public_holidays import department_of, public_holidays
from soutien.registers.psychologists.models import PracticePlace

WEEKS_AHEAD = 4
AHEAD = timedelta(weeks=WEEKS_AHEAD)
# How far ahead appointments are looked at; nobody books further (agenda_limits_sensible).
FURTHEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a week gives, from a day on."""

    first_sessions: int
    since: date
    starts_later: bool

    @property
    def sentence(self) -> str:
        """« 38 premières séances possibles dans les 4 semaines »."""
        if not self.first_sessions:
            return _("Aucune première séance possible dans les %(weeks)s semaines.") % {
                "weeks": WEEKS_AHEAD
            }
        count = {"n": self.first_sessions, "weeks": WEEKS_AHEAD}
        if self.starts_later:
            return (
                ngettext(
                    "%(n)s première séance possible dans les %(weeks)s premières semaines.",
                    "%(n)s premières séances possibles dans les %(weeks)s premières semaines.",
                    self.first_sessions,
                )
                % count
            )
        return (
            ngettext(
                "%(n)s première séance possible dans les %(weeks)s semaines.",
                "%(n)s premières séances possibles dans les %(weeks)s semaines.",
                self.first_sessions,
            )
            % count
        )

    @property
    def reason(self) -> str:
        """Why there is none, when there is none."""
        if self.first_sessions:
            return _("Sans les jours fériés, les absences et les heures déjà prises.")
        return _(
            "Une première séance a lieu au cabinet : il faut des heures libres, au cabinet, "
            "ouvertes aux premières séances."
        )


@dataclass(frozen=True, slots=True)
class Outside:
    """An appointment that the hours no longer cover. It is kept."""

    public_id: UUID
    sentence: str
    day: date


def hours_in_force(psychologist_id: int, since: date) -> tuple[list[WeeklyHours], date | None]:
    """The last week that was arranged, and the day it starts; nothing when there is none."""
    rows = list(
        OpeningRule.objects.filter(psychologist_id=psychologist_id)
        .exclude(valid_before__lte=since)
        .order_by("weekday", "starts_at_minute")
    )
    starts = max((row.valid_from for row in rows), default=None)
    if starts is None:
        return [], None
    day = max(starts, since)
    week = [
        WeeklyHours.of(row)
        for row in rows
        if row.valid_from <= day and (row.valid_before is None or row.valid_before > day)
    ]
    return week, starts


def arranged(
    psychologist_id: int,
    week: Sequence[WeeklyHours] | None,
    *,
    places: Sequence[PracticePlace],
    valid_from: date,
    limits: Limits | None,
    now: datetime,
) -> Agenda:
    """The agenda as it would be with a week from a day on; None: as it is."""
    found = agenda.agenda_of(psychologist_id, since=now, until=now + FURTHEST, now=now)
    if limits is not None:
        found.limits = limits
    if week is None:
        return found
    found.openings = [
        opening._replace(valid_before=min(valid_from, opening.valid_before or valid_from))
        for opening in found.openings
        if opening.valid_from < valid_from
    ]
    of_place = {place.pk: place for place in places}
    found.openings += [
        Opening(
            place_id=hours.place_id,
            starts_at_minute=hours.starts_at_minute,
            ends_at_minute=hours.ends_at_minute,
            appointment_minutes=hours.appointment_minutes,
            accepts=hours.accepts,
            modality=hours.modality,
            time_zone=of_place[hours.place_id].time_zone,
            department=department_of(of_place[hours.place_id].insee),
            weekday=hours.weekday,
            open_on_public_holidays=hours.open_on_public_holidays,
            valid_from=valid_from,
            valid_before=None,
        )
        for hours in week
    ]
    return found


def outlook(arranged: Agenda, *, valid_from: date, zone: str, now: datetime) -> Outlook:
    """How many first sessions could be booked in the first weeks."""
    midnight = datetime.combine(valid_from, time(), ZoneInfo(zone))
    since = max(now, midnight)
    times = times_of(
        arranged,
        since=since,
        until=since + AHEAD,
        kind=EVALUATION,
        modality=IN_PERSON,
        holidays=public_holidays,
        now=since,
    )
    return Outlook(sum(1 for _time in times), local(since, zone).date(), midnight > now)


def outside(arranged: Agenda, psychologist_id: int, *, now: datetime) -> list[Outside]:
    """The appointments to come that lie outside the hours, in order. None of them is touched.

    What was added on purpose outside the hours is not told again.
    """
    bookings = Booking.objects.filter(
        psychologist_id=psychologist_id,
        status="confirmed",
        starts_at__gt=now,
        overbooked_for="",
    )
    return [
        Outside(
            booking.public_id,
            when(booking.starts_at, booking.place.time_zone).sentence,
            booking.civil_day,
        )
        for booking in bookings.select_related("place").order_by("starts_at", "id")
        if not is_open(
            arranged,
            booking.place_id,
            int(booking.starts_at.timestamp()),
            int(booking.ends_at.timestamp()),
            booking.place.time_zone,
            public_holidays,
        )
    ]
