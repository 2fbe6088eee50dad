"""One day of an agenda, put together for the page: appointments, free times, the week around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from soutien.doors.web.components.beads import Beads
from soutien.doors.web.components.days import clock
from soutien.doors.web.psychologist.words import (
    ADDED_FOR,
    EVALUATION,
    FOLLOW_UP,
    Watch,
    absence_in_words,
    beads_of,
    foreseen,
    how_it_is_held,
    kinds_in_words,
    state_of,
    watches,
    what_it_is,
)
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.queries import DayCount, Slot
from soutien.registers.psychologists.models import PracticePlace
from soutien.steps.views import DayLine, DayView

ONE_DAY = timedelta(days=1)
DAYS_IN_WEEK = 7
# Sessions left open longer than this are too late to send in time: the fund is asked instead.
LOOK_BACK = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the day. ``watches`` is empty once the session is closed."""

    line: DayLine
    starts: str
    ends: str
    what: str
    how: str
    place: str
    beads: Beads | None
    watches: list[Watch]
    state: Watch | None
    added_over: str = ""
    foreseen: str = ""
    absence: str = ""

    @property
    def public_id(self) -> UUID:
        return self.line.booking.public_id

    @property
    def who(self) -> str:
        return self.line.short_name

    @property
    def held(self) -> bool:
        """Somebody is still filling in the booking."""
        return self.line.booking.status == "held"

    @property
    def evaluation(self) -> bool:
        return self.line.booking.kind == EVALUATION

    @property
    def sheet(self) -> str:
        """Where the care sheet of a closed session is; empty when there is none."""
        session = self.line.session
        if session is None or session.care_sheet_public_id is None:
            return ""
        return reverse("sheet", args=[session.care_sheet_public_id])


@dataclass(frozen=True, slots=True)
class Free:
    """Free times that follow each other, and what they accept."""

    starts: tuple[str, ...]
    accepts: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One day of the strip above the agenda."""

    day: date
    booked: int
    unclosed: int
    shown: bool
    today: bool


@dataclass(frozen=True, slots=True)
class DayPage:
    """All that the page of a day shows."""

    day: date
    today: date
    to_close: list[Row]
    ahead: list[Row | Free]
    closed: list[Row]
    week: list[WeekDay]
    elsewhere: list[WeekDay]

    @property
    def previous(self) -> date:
        return self.day - ONE_DAY

    @property
    def next(self) -> date:
        return self.day + ONE_DAY

    @property
    def is_today(self) -> bool:
        return self.day == self.today

    @property
    def past(self) -> bool:
        return self.day < self.today

    @property
    def empty(self) -> bool:
        return not (self.to_close or self.ahead or self.closed)


def time_zone_of(psychologist_id: int) -> str:
    """The wall clock of the psychologist's first place: it says what day it is."""
    places = PracticePlace.objects.filter(psychologist_id=psychologist_id).order_by("pk")
    return places.values_list("time_zone", flat=True).first() or settings.TIME_ZONE


def row_of(line: DayLine, *, several_places: bool = False, added_for: str = "") -> Row:
    """An appointment as its line; ``added_for`` is why it was laid over the agenda, if it was."""
    booking = line.booking
    closed = booking.status in ("fulfilled", "missed")
    return Row(
        line=line,
        starts=clock(booking.starts_at, booking.time_zone),
        ends=clock(booking.ends_at, booking.time_zone),
        what=what_it_is(line),
        how=how_it_is_held(booking.modality),
        place=(booking.place_label or booking.address_line) if several_places else "",
        beads=beads_of(line.count, sag=0) if line.count else None,
        watches=[] if closed or booking.status == "held" else watches(line),
        state=state_of(line.session) if closed else None,
        added_over=_added_in_words(added_for),
        foreseen="" if closed else foreseen(line),
        absence=absence_in_words(line.session) if line.session else "",
    )


def _added_in_words(reason: str) -> str:
    return _("ajouté en plus : %(why)s") % {"why": ADDED_FOR[reason]} if reason else ""


def free_times(psychologist_id: int, day: date, zone: str, now: datetime) -> list[Free]:
    """The free times left on a day, those that follow each other together."""
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    until = datetime.combine(day + ONE_DAY, time(), ZoneInfo(zone))
    since = max(midnight, now)
    if since >= until:
        return []
    kinds: dict[Slot, set[str]] = {}
    for kind in (EVALUATION, FOLLOW_UP):
        slots = agenda.free_slots([psychologist_id], since=since, until=until, kind=kind, now=now)
        for slot in slots[psychologist_id]:
            kinds.setdefault(slot, set()).add(kind)
    return [
        Free((clock(slot.starts_at, slot.time_zone),), kinds_in_words(accepted), slot.starts_at)
        for slot, accepted in sorted(kinds.items(), key=lambda item: item[0].starts_at)
    ]


def _added_over(view: DayView) -> dict[UUID, str]:
    """Why appointments were laid over the agenda on purpose, by appointment."""
    ids = [line.booking.public_id for line in view.lines]
    added = Booking.objects.filter(public_id__in=ids).exclude(overbooked_for="")
    return dict(added.values_list("public_id", "overbooked_for"))


def _in_order(rows: Sequence[Row], free: Sequence[Free]) -> list[Row | Free]:
    """Appointments and free times by the clock; free times side by side become one line."""

    def moment(item: Row | Free) -> datetime:
        return item.starts_at if isinstance(item, Free) else item.line.booking.starts_at

    together: list[Row | Free] = [*rows, *free]
    merged: list[Row | Free] = []
    for item in sorted(together, key=moment):
        last = merged[-1] if merged else None
        if isinstance(item, Free) and isinstance(last, Free) and last.accepts == item.accepts:
            merged[-1] = Free((*last.starts, *item.starts), last.accepts, last.starts_at)
        else:
            merged.append(item)
    return merged


def _week(day: date, today: date, counts: Mapping[date, DayCount]) -> list[WeekDay]:
    monday = day - day.weekday() * ONE_DAY
    days = [monday + number * ONE_DAY for number in range(DAYS_IN_WEEK)]
    return [_week_day(each, counts.get(each, DayCount(0, 0)), day, today) for each in days]


def _week_day(each: date, count: DayCount, shown: date, today: date) -> WeekDay:
    return WeekDay(each, count.booked, count.unclosed, each == shown, each == today)


def day_page(view: DayView, *, today: date, zone: str, now: datetime) -> DayPage:
    """The page of one day; what waits to be closed stands first, other days' too."""
    several = len({line.booking.place_id for line in view.lines}) > 1
    added = _added_over(view)
    rows = [
        row_of(line, several_places=several, added_for=added.get(line.booking.public_id, ""))
        for line in view.lines
    ]
    began = [row for row in rows if row.line.booking.starts_at <= now]
    week_starts = view.day - view.day.weekday() * ONE_DAY
    counts = agenda.days_of(
        view.psychologist_id,
        since=min(week_starts, today - LOOK_BACK),
        before=max(week_starts + DAYS_IN_WEEK * ONE_DAY, today + ONE_DAY),
        now=now,
    )
    return DayPage(
        day=view.day,
        today=today,
        to_close=[row for row in began if row.line.booking.status == "confirmed"],
        ahead=_in_order(
            [row for row in rows if row.state is None and row.line.booking.starts_at > now],
            free_times(view.psychologist_id, view.day, zone, now),
        ),
        closed=[row for row in rows if row.state is not None],
        week=_week(view.day, today, counts),
        elsewhere=[
            _week_day(each, count, view.day, today)
            for each, count in counts.items()
            if count.unclosed and each != view.day
        ],
    )
