"""Questions to the agenda: what is free, what is booked, and taking a time for good."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet

from soutien.registers.agenda.asking import Question, ask
from soutien.registers.agenda.free import (
    USUAL,
    Agenda,
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
from soutien.registers.agenda.public_holidays import public_holidays
from soutien.registers.agenda.reading import (
    LONGEST,
    WIDEST_ZONE,
    agendas_between,
    read_busy,
    shifted,
    stored,
)

__all__ = [
    "WIDEST_ZONE",
    "DayCount",
    "Limits",
    "Line",
    "Slot",
    "TimeTaken",
    "agenda_of",
    "book",
    "book_over",
    "bookings_of_day",
    "bookings_of_people",
    "bookings_of_person",
    "by_public_id",
    "days_of",
    "first_free",
    "free_at",
    "free_slots",
    "knows",
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
    "replace_busy",
    "shifted",
    "taken",
    "wait_for_writers",
    "with_places",
]

A_MINUTE, A_YEAR = timedelta(minutes=1), timedelta(days=366)
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
    read_busy(agendas, since, until, now, leaving_out)
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
        read_busy(short, start, end, now)
        for key, agenda in short.items():
            missing = count - len(found[key])
            slots = _slots(agenda, start, end, kind, modality, now)
            if place_ids is not None:
                slots = (slot for slot in slots if slot.place_id in place_ids)
            found[key] += islice(slots, missing)
        start = end
    return found


def agenda_of(
    psychologist_id: int,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    leaving_out: int | None = None,
) -> Agenda:
    """One agenda with what is booked in [since, until): to ask it several things.

    ``leaving_out`` is a booking that is about to move.
    """
    agendas = agendas_between([psychologist_id], since, until)
    read_busy(agendas, since, until, now, leaving_out)
    return agendas[psychologist_id]


def free_at(
    agenda: Agenda,
    *,
    place_id: int,
    starts_at: datetime,
    kind: str,
    modality: str,
    now: datetime | None,
) -> Slot | None:
    """The free slot of an agenda that starts at a moment; ``now`` None: the psychologist's own."""
    free = _slots(agenda, starts_at, shifted(starts_at, A_MINUTE), kind, modality, now)
    return next((s for s in free if (s.place_id, s.starts_at) == (place_id, starts_at)), None)


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
    booking = Booking(
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
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        booking.pk = _inserted(booking)
    booking._state.adding, booking._state.db = False, connection.alias
    return booking


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
        wait_for_writers(psychologist_id, person_id)
        try:
            with transaction.atomic():
                yield
        except IntegrityError as error:
            _tell_whose(error)
            raise


def wait_for_writers(psychologist_id: int, person_id: int | None = None) -> None:
    """Wait for whoever else writes in this agenda, and make them wait to the end.

    Then, when given, for whoever writes in this person's.
    """
    turns = _turns(psychologist_id, person_id)
    if turns:
        ask(*turns)


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


def new_addresses(person_id: int, since: datetime) -> list[int]:
    """Give a person's appointments to come another address: the former opens nothing any more."""
    found = Booking.objects.filter(person_id=person_id, status__in=LIVE, starts_at__gt=since)
    renewed = list(found.order_by("starts_at").values_list("pk", flat=True))
    for key in renewed:
        Booking.objects.filter(pk=key).update(public_id=uuid.uuid4())
    return renewed


def bookings_of_people(
    person_ids: Collection[int], *, statuses: Sequence[str] = LIVE
) -> dict[int, list[Line]]:
    """The bookings of each of these people in order; nobody is missing."""
    found: dict[int, list[Line]] = {person_id: [] for person_id in person_ids}
    for line in _lines(Booking.objects.filter(person__in=list(found), status__in=statuses)):
        assert line.person_id is not None
        found[line.person_id].append(line)
    return found


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
    until = shifted(midnight, A_YEAR)
    if before is not None:
        last = datetime(before.year, before.month, before.day, tzinfo=UTC)
        until = min(until, last)
    agendas = agendas_between([psychologist_id], midnight, until, around=WIDEST_ZONE)
    agenda = agendas[psychologist_id]
    special = [opening for day in sorted(agenda.special) for opening in agenda.special[day]]
    return agenda.openings, special


def knows(psychologist_id: int, person_id: int) -> bool:
    """Whether the person has, or had, an appointment with the psychologist."""
    return Booking.objects.filter(
        psychologist_id=psychologist_id,
        person_id=person_id,
        status__in=("confirmed", "fulfilled", "missed"),
    ).exists()


def last_of_pair(psychologist_id: int, person_id: int, *, at: datetime) -> uuid.UUID | None:
    """The address of somebody's last appointment with a psychologist that began, else the next."""
    found = Booking.objects.filter(
        psychologist_id=psychologist_id, person_id=person_id, status__in=LIVE
    )
    begun = found.filter(starts_at__lte=at).order_by("-starts_at")
    ahead = found.filter(starts_at__gt=at).order_by("starts_at")
    row = begun.first() or ahead.first()
    return row.public_id if row else None


def days_of_people(since: datetime, before: datetime) -> dict[int, date]:
    """The day of the first confirmed appointment of each person in a stretch of time."""
    bookings = Booking.objects.filter(
        status="confirmed", person__isnull=False, starts_at__gte=since, starts_at__lt=before
    )
    found: dict[int, date] = {}
    for person_id, day in bookings.order_by("starts_at").values_list("person_id", "civil_day"):
        found.setdefault(person_id, day)
    return found


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


def _lines(bookings: QuerySet[Booking]) -> list[Line]:
    rows = bookings.order_by("starts_at", "id").values_list(*Line._fields)
    return [Line._make(row) for row in rows]


def _turns(psychologist_id: int, person_id: int | None) -> list[Question]:
    """The questions that wait for other writers: always the agenda's, then the person's."""
    if connection.vendor != "postgresql":
        return []
    return [
        Question(
            "SELECT pg_advisory_xact_lock(hashtext(%s), %s)",
            [f"agenda_booking_{name}_once", key % 2**31],
        )
        for name, key in (("psychologist", psychologist_id), ("person", person_id))
        if key is not None
    ]


def _inserted(booking: Booking) -> int:
    """Write a new booking and tell its key; when refused, the rest of the transaction stands.

    In one message: wait for the turn, write, and forget the savepoint. SQLite undoes a statement
    that fails by itself.
    """
    names, sql = _insertion()
    insert = Question(sql, stored([getattr(booking, name) for name in names]), "agenda_book")
    on_postgresql = connection.vendor == "postgresql"
    try:
        if not on_postgresql:
            [[(key,)]] = ask(insert)
        else:
            *_turns_taken, [(key,)], _released = ask(
                *_turns(booking.psychologist_id, booking.person_id),
                Question(f"SAVEPOINT {_UNDO}"),
                insert,
                Question(f"RELEASE SAVEPOINT {_UNDO}"),
            )
    except IntegrityError as error:
        if on_postgresql:
            ask(Question(f"ROLLBACK TO SAVEPOINT {_UNDO}"))
        _tell_whose(error)
        raise
    return int(key)


_UNDO = "agenda_before_booking"


@lru_cache(maxsize=1)
def _insertion() -> tuple[list[str], str]:
    """The attributes of a new booking, and the statement that writes them."""
    fields = [f for f in Booking._meta.local_concrete_fields if not f.primary_key]
    columns, marks = ", ".join(str(f.column) for f in fields), ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO agenda_booking ({columns}) VALUES ({marks}) RETURNING id"
    return [f.attname for f in fields], sql


def _tell_whose(error: IntegrityError) -> None:
    """Raises TimeTaken when that is why the database refused."""
    for name, whose in OWNER_OF_CONSTRAINT.items():
        if name in str(error):
            raise TimeTaken(whose) from error


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
