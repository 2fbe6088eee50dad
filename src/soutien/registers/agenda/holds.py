"""Times held while somebody types: all that a hold asks in one message, and how holds end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from soutien.registers.agenda.asking import Question, Rows, ask
from soutien.registers.agenda.free import Agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.reading import (
    as_day,
    as_moment,
    busy_question,
    fill_busy,
    hours_questions,
    read_busy,
    read_hours,
    shifted,
    stored,
    times_taken,
)

A_MINUTE = timedelta(minutes=1)

_RECEPTION = """
    SELECT place.practice, place.time_zone, owner.accepts_new_patients,
        period.agreed, period.valid_from, period.valid_before, period.resignation_received_on
    FROM psychologists_practiceplace place
    JOIN psychologists_psychologist owner ON owner.id = place.psychologist_id
    LEFT JOIN (
        SELECT 1 AS agreed, valid_from, valid_before, resignation_received_on
        FROM psychologists_agreement WHERE psychologist_id = %s
        UNION ALL
        SELECT 0, valid_from, valid_before, NULL
        FROM psychologists_suspension WHERE psychologist_id = %s
    ) period ON 1 = 1
    WHERE place.id = %s AND place.psychologist_id = %s
    ORDER BY period.valid_from
"""
_RELEASE = (
    "UPDATE agenda_booking SET status = 'expired', ended_at = %s, ended_by = 'time' "
    "WHERE status = 'held' AND held_until <= %s"
)
# The index of a browser's holds leaves out what has no key: a prepared question must say so.
_HOLDS = """
    SELECT id, place_id, kind, modality, held_until, status = 'held' AND held_until > %s,
        psychologist_id = %s AND starts_at = %s
    FROM agenda_booking WHERE {whose} AND held_until > %s
    ORDER BY created_at DESC, id DESC
"""
_BY_BROWSER, _BY_PERSON = "holder = %s AND holder <> ''", "person_id = %s"

# From a day on, before another, and for an agreement when its resignation was received.
Period = tuple[date, "date | None", "date | None"]


class Hand(NamedTuple):
    """Who holds times: a person, or else a browser by its own key; nobody known when neither."""

    holder: str
    person_id: int | None

    @property
    def known(self) -> bool:
        return bool(self.holder) or self.person_id is not None


class Reception(NamedTuple):
    """The place of somebody who wants to hold a time, and whether its psychologist may receive."""

    practice: str
    time_zone: str
    accepts_new_patients: bool
    agreements: tuple[Period, ...]
    suspensions: tuple[Period, ...]


class Hold(NamedTuple):
    """A time that a hand holds (``live``), or held and did not confirm."""

    booking_id: int
    place_id: int
    kind: str
    modality: str
    held_until: datetime
    live: bool
    same_time: bool


class Look(NamedTuple):
    """What was seen before holding: ``holds`` are the same hand's, the latest first."""

    reception: Reception | None
    holds: tuple[Hold, ...]
    agenda: Agenda

    @property
    def before(self) -> Hold | None:
        """The last hold of the same time by the same hand, live or not."""
        same = [hold for hold in self.holds if hold.same_time]
        return max(same, key=lambda hold: (hold.held_until, hold.booking_id), default=None)

    def live_but(self, count: int) -> list[int]:
        """The live holds of the hand but the ``count`` latest."""
        return [hold.booking_id for hold in self.holds if hold.live][count:]


def look_before(
    hand: Hand,
    *,
    psychologist_id: int,
    place_id: int,
    starts_at: datetime,
    at: datetime,
    since: datetime,
) -> Look:
    """All that somebody must know who wants to hold a time, in one message.

    Waits for the other holds of the same hand, to the end of the transaction; ends the holds of
    this agenda that ran out; then looks. ``holds`` are those that end after ``since``. There is
    no reception when the place is not the psychologist's.
    """
    until = shifted(starts_at, A_MINUTE)
    one = (psychologist_id,)
    *_waited, released, place, holds, limits, absences, rules, exceptions, busy = ask(
        *_waiting(hand),
        _release(at, psychologist_id),
        Question(_RECEPTION, [*one, *one, place_id, psychologist_id], "psychologists_reception"),
        _holds(hand, psychologist_id, starts_at, at, since),
        *hours_questions(one, starts_at, until),
        busy_question(one, starts_at, until),
    )
    agendas = {psychologist_id: Agenda()}
    read_hours(agendas, (limits, absences, rules, exceptions))
    if agendas[psychologist_id].limits.first_sessions_kept:
        read_busy(agendas, starts_at, until, at)
    else:
        fill_busy(agendas, times_taken(busy), at)
    return Look(_reception(place), tuple(map(_hold, holds)), agendas[psychologist_id])


def release_expired(*, at: datetime, psychologist_id: int | None = None) -> list[int]:
    """End the holds that ran out at or before ``at``; the ids of their bookings.

    One psychologist's only, when given: what a step does before it books.
    """
    [rows] = ask(_release(at, psychologist_id))
    return [booking_id for (booking_id,) in rows]


def let_go(booking_ids: list[int], *, at: datetime) -> list[int]:
    """End these live holds of somebody who holds others now; the ids of those that ended.

    A hold that somebody is writing at this moment is left alone.
    """
    if not booking_ids:
        return []
    locked = Booking.objects.select_for_update(skip_locked=True).filter(pk__in=booking_ids)
    ended = [booking.pk for booking in locked if booking.status == "held"]
    Booking.objects.filter(pk__in=ended).update(status="expired", ended_at=at, ended_by="person")
    return ended


def _waiting(hand: Hand) -> list[Question]:
    """Wait for the other holds of the same hand, to the end of the transaction."""
    if not hand.known or connection.vendor != "postgresql":
        return []
    key = f"{hand.person_id}" if hand.person_id is not None else hand.holder
    return [
        Question(
            "SELECT pg_advisory_xact_lock(hashtext('agenda_booking_hand'), hashtext(%s))", [key]
        )
    ]


def _release(at: datetime, psychologist_id: int | None) -> Question:
    if psychologist_id is None:
        return Question(f"{_RELEASE} RETURNING id", stored([at, at]))
    return Question(
        f"{_RELEASE} AND psychologist_id = %s RETURNING id",
        stored([at, at, psychologist_id]),
        "agenda_release",
    )


def _holds(
    hand: Hand, psychologist_id: int, starts_at: datetime, at: datetime, since: datetime
) -> Question:
    """The times a hand holds, or held and did not confirm; an empty answer for nobody."""
    if hand.person_id is None:
        sql, name = _HOLDS.format(whose=_BY_BROWSER), "agenda_holds_browser"
    else:
        sql, name = _HOLDS.format(whose=_BY_PERSON), "agenda_holds_person"
    owner = hand.holder if hand.person_id is None else hand.person_id
    return Question(sql, stored([at, psychologist_id, starts_at, owner, since]), name)


def _hold(row: tuple[Any, ...]) -> Hold:
    booking_id, place_id, kind, modality, held_until, live, same_time = row
    ends = as_moment(held_until)
    assert ends is not None
    return Hold(booking_id, place_id, kind, modality, ends, bool(live), bool(same_time))


def _reception(rows: Rows) -> Reception | None:
    """The place, with a row for each period of its psychologist."""
    if not rows:
        return None
    periods: tuple[list[Period], list[Period]] = ([], [])
    for *_place, agreed, first, before, resigned in rows:
        if first is not None:
            days = as_day(first), before and as_day(before), resigned and as_day(resigned)
            periods[bool(agreed)].append(days)
    practice, time_zone, accepts, *_period = rows[0]
    suspensions, agreements = periods
    return Reception(practice, time_zone, bool(accepts), tuple(agreements), tuple(suspensions))


def live_holds(at: datetime) -> int:
    """How many times are kept just now for people who are booking."""
    return Booking.objects.filter(status="held", held_until__gt=at).count()
