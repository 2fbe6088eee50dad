"""Questions to the agenda: what is free, what is booked, and taking a time for good."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet

from soutien.registers.agenda.free import (
    USUAL,
    Agenda,
    Away,
    Busy,
    Closing,
    Limits,
    Opening,
    Slot,
    is_open,
    nearest,
    slots_of,
)
from soutien.registers.agenda.models import (
    LIVE,
    AgendaLimits,
    Booking,
    BusyTime,
    OpeningException,
    OpeningRule,
)
from soutien.registers.agenda.public_holidays import department_of, public_holidays

__all__ = [
    "DayCount",
    "Hand",
    "Limits",
    "Line",
    "Slot",
    "TimeTaken",
    "agenda_of",
    "agendas_between",
    "book",
    "book_over",
    "bookings_of_day",
    "bookings_of_person",
    "busy_times",
    "by_public_id",
    "days_of",
    "first_free",
    "free_slots",
    "held_before",
    "knows",
    "let_go_all_but",
    "limits_of",
    "lock",
    "nearest_free",
    "of_feed",
    "of_plan",
    "openings_of",
    "outside_hours",
    "planned_at",
    "people_of",
    "places_in_use",
    "public_ids_of",
    "refusing_overlaps",
    "release_expired",
    "replace_busy",
    "taken",
    "wait_for_hand",
    "wait_for_writers",
    "with_places",
]

# The database refuses longer bookings and longer appointments.
LONGEST = timedelta(hours=12)
# A local day starts up to this long before or after the UTC day of the same name.
WIDEST_ZONE = timedelta(hours=14)
# What a week keeps for first sessions is known from the whole week.
WEEK = timedelta(days=7)
A_YEAR = timedelta(days=366)
# Almost everybody is found in the first weeks: bookings further off are then never read.
WINDOWS = (timedelta(days=7), timedelta(days=21), timedelta(days=90))


# Whose time is taken, by the constraint or trigger that says so.
OWNER_OF_CONSTRAINT = {
    "agenda_booking_psychologist_once": "psychologist",
    "agenda_booking_over_once": "psychologist",
    "agenda_booking_person_once": "person",
}


class TimeTaken(Exception):
    """The database refused the time: ``whose`` is ``psychologist`` or ``person``."""

    def __init__(self, whose: str) -> None:
        super().__init__(f"Another live booking of this {whose} overlaps this time.")
        self.whose = whose


class Line(NamedTuple):
    """A booking as lists show it."""

    id: int
    public_id: uuid.UUID
    psychologist_id: int
    place_id: int
    person_id: int | None
    kind: str
    modality: str
    starts_at: datetime
    ends_at: datetime
    civil_day: date
    status: str
    held_until: datetime | None


class DayCount(NamedTuple):
    """How many appointments a day has; ``unclosed`` have begun and wait to be closed."""

    booked: int
    unclosed: int


def free_slots(
    psychologist_ids: Collection[int],
    *,
    since: datetime,
    until: datetime,
    kind: str,
    now: datetime,
    modality: str = "",
    own: bool = False,
    leaving_out: int | None = None,
) -> dict[int, list[Slot]]:
    """Every free slot of each psychologist that starts in [since, until), in order.

    ``kind`` is evaluation or follow_up; ``modality`` in_person, remote, or empty for either.
    Holds that ended at or before ``now`` do not count. Nobody is missing from the answer.
    ``own`` is the psychologist's own look, which notice, horizon and what is kept for first
    sessions do not bind; ``leaving_out`` is a booking that is about to move.
    """
    agendas = agendas_between(psychologist_ids, since, until)
    _read_busy(agendas, since, until, now, leaving_out)
    seen_at = None if own else now
    return {
        psychologist_id: list(_slots(agenda, since, until, kind, modality, seen_at))
        for psychologist_id, agenda in agendas.items()
    }


def first_free(
    psychologist_ids: Collection[int],
    *,
    since: datetime,
    until: datetime,
    kind: str,
    now: datetime,
    modality: str = "",
    count: int = 3,
    place_ids: Collection[int] | None = None,
) -> dict[int, list[Slot]]:
    """The first ``count`` slots of each psychologist in [since, until); see ``free_slots``.

    ``place_ids`` keeps to these places; None means everywhere.
    """
    agendas = agendas_between(psychologist_ids, since, until)
    if place_ids is not None:
        for agenda in agendas.values():
            # What a week keeps is chosen among all places.
            if not agenda.limits.first_sessions_kept:
                agenda.keep_places(place_ids)
    found: dict[int, list[Slot]] = {psychologist_id: [] for psychologist_id in agendas}
    start = since
    for reach in (*WINDOWS, None):
        end = until if reach is None else min(since + reach, until)
        short = {key: agendas[key] for key, slots in found.items() if len(slots) < count}
        if start >= end or not short:
            break
        _read_busy(short, start, end, now)
        for key, agenda in short.items():
            missing = count - len(found[key])
            slots = _slots(agenda, start, end, kind, modality, now)
            if place_ids is not None:
                slots = (slot for slot in slots if slot.place_id in place_ids)
            found[key] += islice(slots, missing)
        start = end
    return found


def agenda_of(psychologist_id: int, *, since: datetime, until: datetime, now: datetime) -> Agenda:
    """One agenda with what is booked in [since, until): to ask it several things."""
    agendas = agendas_between([psychologist_id], since, until)
    _read_busy(agendas, since, until, now)
    return agendas[psychologist_id]


def nearest_free(
    psychologist_id: int,
    *,
    moment: datetime,
    since: datetime,
    until: datetime,
    kind: str,
    now: datetime,
    modality: str = "",
    count: int = 3,
    own: bool = False,
) -> list[Slot]:
    """The free slots of [since, until) that start closest to ``moment``, in order."""
    slots = free_slots(
        [psychologist_id],
        since=since,
        until=until,
        kind=kind,
        now=now,
        modality=modality,
        own=own,
    )
    return nearest(slots[psychologist_id], moment, count)


def book(
    *,
    psychologist_id: int,
    place_id: int,
    kind: str,
    modality: str,
    starts_at: datetime,
    ends_at: datetime,
    civil_day: date,
    status: str,
    created_at: datetime,
    held_until: datetime | None = None,
    person_id: int | None = None,
    holder: str = "",
    plan: uuid.UUID | None = None,
    overbooked_for: str = "",
) -> Booking:
    """Take a time for good. Raises TimeTaken when a live booking overlaps it.

    With ``overbooked_for``, one live booking of the psychologist may lie under it, and no more.
    Expired holds still occupy their time in the database: call ``release_expired`` before.
    """
    with refusing_overlaps(psychologist_id, person_id):
        return Booking.objects.create(
            psychologist_id=psychologist_id,
            place_id=place_id,
            person_id=person_id,
            kind=kind,
            modality=modality,
            starts_at=starts_at,
            ends_at=ends_at,
            civil_day=civil_day,
            status=status,
            held_until=held_until,
            created_at=created_at,
            holder=holder,
            plan=plan,
            overbooked_for=overbooked_for,
        )


def book_over(reason: str, **values: Any) -> Booking:
    """``book``, and when another of the psychologist's bookings has the time, laid over it.

    Raises TimeTaken when two have it already, or when the person is booked at that time.
    """
    try:
        return book(**values)
    except TimeTaken as taken:
        if taken.whose == "person":
            raise
        return book(**values, overbooked_for=reason)


@contextmanager
def refusing_overlaps(psychologist_id: int, person_id: int | None = None) -> Iterator[None]:
    """Write bookings of these two inside: an overlap raises TimeTaken, the rest is undone.

    On PostgreSQL the writers of one agenda queue, because two that insert at once under an
    exclusion constraint may wait for each other until the server kills one.
    """
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        _queue(psychologist_id, person_id)
        try:
            with transaction.atomic():
                yield
        except IntegrityError as error:
            for name, whose in OWNER_OF_CONSTRAINT.items():
                if name in str(error):
                    raise TimeTaken(whose) from error
            raise


def wait_for_writers(psychologist_id: int) -> None:
    """Wait for whoever else writes in this agenda, and make them wait to the end."""
    _queue(psychologist_id, None)


def release_expired(*, at: datetime, psychologist_id: int | None = None) -> list[int]:
    """End the holds that ran out at or before ``at``; the ids of their bookings.

    One psychologist's only, when given: what a step does before it books.
    """
    moment = connection.ops.adapt_datetimefield_value(at)
    sql = (
        "UPDATE agenda_booking SET status = 'expired', ended_at = %s, ended_by = 'time' "
        "WHERE status = 'held' AND held_until <= %s"
    )
    values: list[Any] = [moment, moment]
    if psychologist_id is not None:
        sql += " AND psychologist_id = %s"
        values.append(psychologist_id)
    with connection.cursor() as cursor:
        cursor.execute(sql + " RETURNING id", values)
        return [booking_id for (booking_id,) in cursor.fetchall()]


class Hand(NamedTuple):
    """Who holds times: a person, or else a browser by its own key; nobody known when neither."""

    holder: str
    person_id: int | None

    @property
    def known(self) -> bool:
        return bool(self.holder) or self.person_id is not None


def wait_for_hand(hand: Hand) -> None:
    """Wait for the other holds of the same hand, to the end of the transaction."""
    if hand.known and connection.vendor == "postgresql":
        key = f"{hand.person_id}" if hand.person_id is not None else hand.holder
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext('agenda_booking_hand'), hashtext(%s))",
                [key],
            )


def held_before(
    hand: Hand, psychologist_id: int, starts_at: datetime, *, since: datetime
) -> Booking | None:
    """The last hold of the same time by the same hand that ends after a moment, live or not."""
    found = _holds(
        hand,
        "psychologist_id = %s AND starts_at = %s AND held_until > %s",
        (psychologist_id, starts_at, since),
        "held_until",
    )
    return Booking.objects.get(pk=found[0]) if found else None


def let_go_all_but(count: int, hand: Hand, *, at: datetime) -> list[int]:
    """End the oldest live holds of a hand but the ``count`` latest; their ids.

    A hold that somebody is writing at this moment is left alone.
    """
    oldest = _holds(hand, "status = 'held' AND held_until > %s", (at,), "created_at")[count:]
    if not oldest:
        return []
    locked = Booking.objects.select_for_update(skip_locked=True).filter(pk__in=oldest)
    ended = [booking.pk for booking in locked if booking.status == "held"]
    Booking.objects.filter(pk__in=ended).update(status="expired", ended_at=at, ended_by="person")
    return ended


def _holds(hand: Hand, about: str, values: tuple[int | datetime, ...], latest: str) -> list[int]:
    """The times a hand holds, or held and did not confirm, the latest by a column first: ids."""
    if not hand.known:
        return []
    owner = "holder" if hand.person_id is None else "person_id"
    adapt = connection.ops.adapt_datetimefield_value
    known = [adapt(value) if isinstance(value, datetime) else value for value in values]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM agenda_booking WHERE {owner} = %s AND held_until IS NOT NULL "
            f"AND {about} ORDER BY {latest} DESC, id DESC",
            [hand.holder if hand.person_id is None else hand.person_id, *known],
        )
        return [booking_id for (booking_id,) in cursor.fetchall()]


def limits_of(psychologist_id: int) -> Limits:
    """How a psychologist lets others book."""
    row = (
        AgendaLimits.objects.filter(psychologist_id=psychologist_id)
        .values_list(*Limits._fields)
        .first()
    )
    return USUAL if row is None else Limits._make(row)


def by_public_id(public_id: uuid.UUID) -> Booking | None:
    """The booking of an address, with its psychologist, place and person."""
    return (
        Booking.objects.select_related("psychologist", "place", "person")
        .filter(public_id=public_id)
        .first()
    )


def with_places(booking_ids: Collection[int]) -> list[Booking]:
    """These bookings in order of their start, with their psychologist and place."""
    bookings = Booking.objects.select_related("psychologist", "place")
    return list(bookings.filter(pk__in=booking_ids).order_by("starts_at", "id"))


def lock(booking_id: int) -> Booking:
    """The booking, locked to the end of the transaction. Raises Booking.DoesNotExist."""
    return Booking.objects.select_for_update().get(pk=booking_id)


def bookings_of_day(psychologist_id: int, day: date) -> list[Line]:
    """What fills a psychologist's day at its places, in order; cancelled and expired left out."""
    return _lines(
        Booking.objects.filter(psychologist_id=psychologist_id, civil_day=day, status__in=LIVE)
    )


def days_of(
    psychologist_id: int, *, since: date, before: date, now: datetime
) -> dict[date, DayCount]:
    """How many appointments each day of [since, before) has, and how many wait to be closed."""
    rows = Booking.objects.filter(
        Q(status__in=("confirmed", "fulfilled", "missed")),
        psychologist_id=psychologist_id,
        civil_day__gte=since,
        civil_day__lt=before,
    )
    unclosed = Count("pk", filter=Q(status="confirmed", starts_at__lte=now))
    counts = rows.values("civil_day").annotate(booked=Count("pk"), unclosed=unclosed)
    return {
        row["civil_day"]: DayCount(row["booked"], row["unclosed"])
        for row in counts.order_by("civil_day")
    }


def bookings_of_person(
    person_id: int, *, since: datetime | None = None, statuses: Sequence[str] = LIVE
) -> list[Line]:
    """A person's bookings in order, from those that end after ``since`` on."""
    bookings = Booking.objects.filter(person_id=person_id, status__in=statuses)
    return _lines(bookings.filter(ends_at__gt=since) if since else bookings)


def public_ids_of(psychologist_id: int, *, since: datetime) -> set[uuid.UUID]:
    """The public ids of a psychologist's bookings that end after a moment, in any state."""
    rows = Booking.objects.filter(psychologist_id=psychologist_id, ends_at__gt=since)
    return set(rows.values_list("public_id", flat=True))


def of_feed(
    *, since: datetime, psychologist_id: int | None = None, person_id: int | None = None
) -> list[Booking]:
    """Appointments for a calendar, of a psychologist or of a person, cancelled ones too.

    Those that end after ``since``, in order, with their psychologist, place and person.
    """
    live = Booking.objects.filter(
        status__in=("confirmed", "fulfilled", "missed", "cancelled"), ends_at__gt=since
    ).select_related("psychologist", "place", "person")
    if psychologist_id is not None:
        live = live.filter(psychologist_id=psychologist_id)
    elif person_id is not None:
        live = live.filter(person_id=person_id)
    else:
        return []
    return list(live.order_by("starts_at", "id"))


def of_plan(plan: uuid.UUID | str) -> list[Booking]:
    """All that was booked as one plan, in order, with psychologist, place and person."""
    rows = Booking.objects.filter(plan=plan).select_related("psychologist", "place", "person")
    return list(rows.order_by("starts_at", "id"))


def planned_at(
    psychologist_id: int, person_id: int, starts: Collection[datetime]
) -> list[Booking]:
    """A person's appointments booked as a plan that start at these moments, in order."""
    planned = Booking.objects.filter(plan__isnull=False, status="confirmed")
    return list(
        planned.filter(
            psychologist_id=psychologist_id, person_id=person_id, starts_at__in=starts
        ).order_by("starts_at")
    )


def outside_hours(psychologist_id: int, *, after: datetime) -> list[Line]:
    """Times held or booked after a moment that lie outside the hours open, in order.

    What was booked over another on purpose is not told again.
    """
    bookings = list(
        Booking.objects.select_related("place")
        .filter(psychologist_id=psychologist_id, starts_at__gt=after, overbooked_for="")
        .filter(status__in=("held", "confirmed"))
        .order_by("starts_at", "id")
    )
    if not bookings:
        return []
    until = max(booking.ends_at for booking in bookings)
    agenda = agendas_between([psychologist_id], after, until)[psychologist_id]
    return [
        Line._make(getattr(booking, name) for name in Line._fields)
        for booking in bookings
        if not is_open(
            agenda,
            booking.place_id,
            int(booking.starts_at.timestamp()),
            int(booking.ends_at.timestamp()),
            booking.place.time_zone,
            public_holidays,
        )
    ]


def openings_of(
    psychologist_id: int, *, first: date, before: date | None
) -> tuple[list[Opening], list[Opening]]:
    """The weekly hours, and those of one day, in force in [first, before), at all places."""
    midnight = datetime(first.year, first.month, first.day, tzinfo=UTC)
    until = midnight + A_YEAR
    if before is not None:
        last = datetime(before.year, before.month, before.day, tzinfo=UTC)
        until = min(until, last)
    agenda = agendas_between([psychologist_id], midnight, until)[psychologist_id]
    special = [opening for day in sorted(agenda.special) for opening in agenda.special[day]]
    return agenda.openings, special


def knows(psychologist_id: int, person_id: int) -> bool:
    """Whether the person has, or had, an appointment with the psychologist."""
    return Booking.objects.filter(
        psychologist_id=psychologist_id,
        person_id=person_id,
        status__in=("confirmed", "fulfilled", "missed"),
    ).exists()


def people_of(psychologist_id: int, *, since: datetime) -> set[int]:
    """Who has, or had since a moment, an appointment with the psychologist that was not ended."""
    bookings = Booking.objects.filter(
        psychologist_id=psychologist_id,
        starts_at__gte=since,
        person__isnull=False,
        status__in=("confirmed", "fulfilled", "missed"),
    )
    return set(bookings.values_list("person_id", flat=True))


def taken(psychologist_id: int, moment: datetime) -> bool:
    """Whether a live booking of the psychologist holds a moment."""
    return Booking.objects.filter(
        psychologist_id=psychologist_id,
        starts_at__gt=moment - LONGEST,
        starts_at__lte=moment,
        ends_at__gt=moment,
        status__in=LIVE,
    ).exists()


def places_in_use(place_ids: Collection[int], on: date) -> set[int]:
    """Those of these places with hours or live appointments on a day or later."""
    later = Q(valid_before__isnull=True) | Q(valid_before__gt=on)
    rules = OpeningRule.objects.filter(later, place__in=place_ids)
    openings = OpeningException.objects.filter(place__in=place_ids, day__gte=on, closed=False)
    bookings = Booking.objects.filter(place__in=place_ids, civil_day__gte=on, status__in=LIVE)
    return {
        place_id
        for rows in (rules, openings, bookings)
        for place_id in rows.values_list("place_id", flat=True).distinct()
        if place_id is not None
    }


def _lines(bookings: QuerySet[Booking]) -> list[Line]:
    rows = bookings.order_by("starts_at", "id").values_list(*Line._fields)
    return [Line._make(row) for row in rows]


def _queue(psychologist_id: int, person_id: int | None) -> None:
    """Wait for other writers of this agenda, then of this person's: always in this order."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name, key in (("psychologist", psychologist_id), ("person", person_id)):
            if key is not None:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(hashtext(%s), %s)",
                    [f"agenda_booking_{name}_once", key % 2**31],
                )


def _slots(
    agenda: Agenda,
    since: datetime,
    until: datetime,
    kind: str,
    modality: str,
    now: datetime | None,
) -> Iterator[Slot]:
    return slots_of(
        agenda,
        since=since,
        until=until,
        kind=kind,
        modality=modality,
        holidays=public_holidays,
        now=now,
    )


# The same four questions each time: written once, the ORM's own writing of them took longer than
# their answers (bench/booking.py).
_LIMITS = (
    f"SELECT psychologist_id, {', '.join(Limits._fields)} FROM agenda_agendalimits hours WHERE"
)
_ABSENCES = """
    SELECT psychologist_id, place_id, valid_from, valid_before FROM agenda_absence hours
    WHERE valid_before > %s AND valid_from <= %s AND
"""
_RULES = """
    SELECT hours.psychologist_id, place_id, starts_at_minute, ends_at_minute, appointment_minutes,
        accepts, modality, place.time_zone, place.insee, weekday, open_on_public_holidays,
        valid_from, valid_before
    FROM agenda_openingrule hours JOIN psychologists_practiceplace place ON place.id = place_id
    WHERE (valid_before IS NULL OR valid_before > %s) AND valid_from <= %s AND
"""
_EXCEPTIONS = """
    SELECT closed, day, hours.psychologist_id, place_id, starts_at_minute, ends_at_minute,
        appointment_minutes, accepts, modality, place.time_zone, place.insee
    FROM agenda_openingexception hours
    LEFT JOIN psychologists_practiceplace place ON place.id = place_id
    WHERE day >= %s AND day <= %s AND
"""


def agendas_between(
    psychologist_ids: Collection[int], since: datetime, until: datetime
) -> dict[int, Agenda]:
    """Limits, openings and closings of each psychologist, nothing booked yet."""
    agendas = {psychologist_id: Agenda() for psychologist_id in psychologist_ids}
    if not agendas:
        return agendas
    wide = WIDEST_ZONE
    for owner, *values in _rows_of(agendas, _LIMITS):
        agendas[owner].limits = Limits._make(values)
        if agendas[owner].limits.first_sessions_kept:
            wide = WIDEST_ZONE + WEEK
    first_day, last_day = (since - wide).date(), (until + wide).date()
    for absent, where, first, before in _rows_of(agendas, _ABSENCES, first_day, last_day):
        away = Away(where, _day(first).toordinal(), _day(before).toordinal())
        agendas[absent].away.append(away)
    for owner, *opening, holidays, first, before in _rows_of(agendas, _RULES, first_day, last_day):
        period = _day(first), None if before is None else _day(before)
        agendas[owner].openings.append(_opening(*opening, bool(holidays), *period))
    for closed, on, owner, *opening in _rows_of(agendas, _EXCEPTIONS, first_day, last_day):
        agenda, day = agendas[owner], _day(on)
        if closed:
            place_id, starts, ends, *_ = opening
            agenda.close(Closing._make((place_id, day, starts, ends)))
        else:
            agenda.open_specially(_opening(*opening, day.weekday(), True, day, None))
    return agendas


def _rows_of(psychologist_ids: Collection[int], sql: str, *days: date) -> list[tuple[Any, ...]]:
    """What one of the questions above answers about these psychologists."""
    marks = ", ".join(["%s"] * len(psychologist_ids))
    bounds = map(connection.ops.adapt_datefield_value, days)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} hours.psychologist_id IN ({marks})", [*bounds, *psychologist_ids])
        return list(cursor.fetchall())


def _day(stored: date | str) -> date:
    """A day of a raw query: SQLite stores it as text."""
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


def _opening(*values: Any) -> Opening:
    """The columns of a rule in their order, with the place's commune made its département."""
    department = Opening._fields.index("department")
    return Opening._make(
        (*values[:department], department_of(values[department]), *values[department + 1 :])
    )


def _read_busy(
    agendas: dict[int, Agenda],
    since: datetime,
    until: datetime,
    now: datetime,
    leaving_out: int | None = None,
) -> None:
    """Fill in what is booked around [since, until); the database gives the seconds."""
    keeping = [key for key, agenda in agendas.items() if agenda.limits.first_sessions_kept]
    if keeping:
        since, until = since - WEEK, until + WEEK
        _read_first_sessions(agendas, keeping, since, until, now)
    times: dict[int, list[tuple[int, int]]] = {key: [] for key in agendas}
    for psychologist_id, start, end, held_until in busy_times(
        agendas, since, until, leaving_out=leaving_out
    ):
        if held_until is None or held_until > now:
            times[psychologist_id].append((start, end))
    for psychologist_id, agenda in agendas.items():
        agenda.busy = Busy(times[psychologist_id])


def busy_times(
    psychologist_ids: Collection[int],
    since: datetime,
    until: datetime,
    *,
    leaving_out: int | None = None,
) -> list[tuple[int, int, int, datetime | None]]:
    """Times taken around [since, until), here and elsewhere, live bookings and busy times.

    Each with its psychologist, its first second and the one before which it ends. And for a
    hold, the moment it ends; some ended already. ``leaving_out`` is a booking's id.
    """
    if not psychologist_ids:
        return []
    seconds = (
        "CAST(floor(extract(epoch FROM {0})) AS bigint)"
        if connection.vendor == "postgresql"
        else "CAST(strftime('%%s', {0}) AS integer)"
    )
    moment = connection.ops.adapt_datetimefield_value
    marks = ", ".join(["%s"] * len(psychologist_ids))
    live = ", ".join(f"'{status}'" for status in LIVE)
    about = f"psychologist_id IN ({marks}) AND starts_at < %s"
    columns = f"psychologist_id, {seconds.format('starts_at')}, {seconds.format('ends_at')}"
    first, before = moment(since - LONGEST), moment(until + LONGEST)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns}, CASE WHEN status = 'held' THEN held_until END FROM agenda_booking "
            f"WHERE {about} AND starts_at > %s AND status IN ({live}) AND id <> %s UNION ALL "
            f"SELECT {columns}, NULL FROM agenda_busytime WHERE {about} AND ends_at > %s",
            [
                *(*psychologist_ids, before, first, leaving_out or 0),
                *(*psychologist_ids, before, first),
            ],
        )
        rows = cursor.fetchall()
    return [(*times, _moment(held_until)) for *times, held_until in rows]


def replace_busy(psychologist_id: int, times: Collection[tuple[datetime, datetime]]) -> bool:
    """Make these the times taken elsewhere; what stays is not written. False: nothing changed.

    Half-open, UTC, each at least a second long. To be called inside a transaction.
    """
    wanted = set(times)
    rows = BusyTime.objects.filter(psychologist_id=psychologist_id)
    known = {
        (start, end): key for key, start, end in rows.values_list("id", "starts_at", "ends_at")
    }
    gone = [key for time, key in known.items() if time not in wanted]
    new = sorted(wanted - known.keys())
    BusyTime.objects.filter(pk__in=gone).delete()
    BusyTime.objects.bulk_create(
        BusyTime(psychologist_id=psychologist_id, starts_at=start, ends_at=end)
        for start, end in new
    )
    return bool(gone or new)


def _moment(stored: datetime | str | None) -> datetime | None:
    """A moment of a raw query: SQLite stores UTC as text."""
    if isinstance(stored, str):
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    return stored


def _read_first_sessions(
    agendas: dict[int, Agenda],
    psychologist_ids: Collection[int],
    since: datetime,
    until: datetime,
    now: datetime,
) -> None:
    """Fill in the days of the first sessions booked around [since, until)."""
    booked = Booking.objects.filter(
        ~Q(status="held") | Q(held_until__gt=now),
        psychologist__in=psychologist_ids,
        kind="evaluation",
        status__in=LIVE,
        starts_at__gt=since - LONGEST,
        starts_at__lt=until + LONGEST,
    ).values_list("psychologist_id", "civil_day")
    for psychologist_id in psychologist_ids:
        agendas[psychologist_id].first_sessions = []
    for psychologist_id, day in booked:
        agendas[psychologist_id].first_sessions.append(day.toordinal())
