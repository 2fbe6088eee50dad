"""From the tables to agendas: hours, days away, limits, and what is booked, for many at once.

The same few questions each time, written in SQL: the ORM's own writing of them took longer than
their answers (bench/booking.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Q

from soutien.registers.agenda.asking import Question, Rows, ask
from soutien.registers.agenda.free import Agenda, Away, Busy, Closing, Limits, Opening
from soutien.registers.agenda.models import LIVE, Booking
from soutien.registers.agenda.public_holidays import department_of

# The database refuses longer bookings and longer appointments.
LONGEST = timedelta(hours=12)
# And a longer time free after them.
LONGEST_BUFFER = timedelta(hours=4)
# A local day starts up to this long before or after the UTC day of the same name.
WIDEST_ZONE = timedelta(hours=14)
# What a week keeps for first sessions is known from the whole week.
WEEK = timedelta(days=7)
AROUND = WIDEST_ZONE + WEEK
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)

_SECONDS = "CAST(floor(extract(epoch FROM {0})) AS bigint)"
_SECONDS_OF_TEXT = "CAST(strftime('%%s', {0}) AS integer)"
_LIMITS = f"SELECT psychologist_id, {', '.join(Limits._fields)} FROM agenda_agendalimits hours"
_ABSENCES = """
    SELECT psychologist_id, place_id, valid_from, valid_before FROM agenda_absence hours
    WHERE valid_before > %s AND valid_from <= %s
"""
_RULES = """
    SELECT hours.psychologist_id, place_id, starts_at_minute, ends_at_minute, appointment_minutes,
        accepts, modality, place.time_zone, place.insee, weekday, open_on_public_holidays,
        valid_from, valid_before
    FROM agenda_openingrule hours JOIN psychologists_practiceplace place ON place.id = place_id
    WHERE (valid_before IS NULL OR valid_before > %s) AND valid_from <= %s
"""
_EXCEPTIONS = """
    SELECT closed, day, hours.psychologist_id, place_id, starts_at_minute, ends_at_minute,
        appointment_minutes, accepts, modality, place.time_zone, place.insee
    FROM agenda_openingexception hours
    LEFT JOIN psychologists_practiceplace place ON place.id = place_id
    WHERE day >= %s AND day <= %s
"""


def shifted(moment: datetime, by: timedelta) -> datetime:
    """A moment moved, never out of the calendar."""
    try:
        return moment + by
    except OverflowError:
        return _LAST if by > timedelta(0) else _FIRST


def hours_questions(
    psychologist_ids: Collection[int],
    since: datetime,
    until: datetime,
    around: timedelta = AROUND,
) -> tuple[Question, ...]:
    """The four questions that ``read_hours`` reads the answers of."""
    days = [shifted(since, -around).date(), shifted(until, around).date()]
    return (
        _about(psychologist_ids, _LIMITS, "WHERE", "agenda_limits"),
        _about(psychologist_ids, _ABSENCES, "AND", "agenda_absences", days),
        _about(psychologist_ids, _RULES, "AND", "agenda_rules", days),
        _about(psychologist_ids, _EXCEPTIONS, "AND", "agenda_exceptions", days),
    )


def read_hours(agendas: dict[int, Agenda], answers: Sequence[Rows]) -> None:
    """Fill in what the four questions answered."""
    limits, absences, rules, exceptions = answers
    for owner, *values in limits:
        agendas[owner].limits = Limits._make(values)
    for absent, where, first, before in absences:
        away = Away(where, as_day(first).toordinal(), as_day(before).toordinal())
        agendas[absent].away.append(away)
    for owner, *opening, holidays, first, before in rules:
        period = as_day(first), None if before is None else as_day(before)
        agendas[owner].openings.append(_opening(*opening, bool(holidays), *period))
    for closed, on, owner, *opening in exceptions:
        agenda, day = agendas[owner], as_day(on)
        if closed:
            place_id, starts, ends, *_ = opening
            agenda.close(Closing._make((place_id, day, starts, ends)))
        else:
            agenda.open_specially(_opening(*opening, day.weekday(), True, day, None))


def agendas_between(
    psychologist_ids: Collection[int],
    since: datetime,
    until: datetime,
    around: timedelta = AROUND,
) -> dict[int, Agenda]:
    """Limits, openings and closings of each psychologist, nothing booked yet.

    Those in force in [since, until), and so long ``around`` it.
    """
    agendas = {psychologist_id: Agenda() for psychologist_id in psychologist_ids}
    if agendas:
        read_hours(agendas, ask(*hours_questions(agendas, since, until, around)))
    return agendas


def busy_question(
    psychologist_ids: Collection[int],
    since: datetime,
    until: datetime,
    leaving_out: int | None = None,
) -> Question:
    """What ``times_taken`` reads the answer of."""
    on_postgresql = connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
    seconds = _SECONDS if on_postgresql else _SECONDS_OF_TEXT
    owners, one = _owners(psychologist_ids)
    live = ", ".join(f"'{status}'" for status in LIVE)
    about = f"psychologist_id {owners} AND starts_at < %s"
    columns = f"psychologist_id, {seconds.format('starts_at')}, {seconds.format('ends_at')}"
    first = shifted(since, -LONGEST - LONGEST_BUFFER)
    before = shifted(until, LONGEST + LONGEST_BUFFER)
    return Question(
        f"SELECT {columns}, CASE WHEN status = 'held' THEN held_until END FROM agenda_booking "
        f"WHERE {about} AND starts_at > %s AND status IN ({live}) AND id <> %s UNION ALL "
        f"SELECT {columns}, NULL FROM agenda_busytime WHERE {about} AND ends_at > %s",
        stored(
            [
                *(*psychologist_ids, before, first, leaving_out or 0),
                *(*psychologist_ids, before, first),
            ]
        ),
        "agenda_busy" if one else "",
    )


def times_taken(rows: Rows) -> Iterator[tuple[int, int, int, datetime | None]]:
    """What that question answered; see ``busy_times``."""
    for owner, start, end, held_until in rows:
        yield owner, start, end, as_moment(held_until)


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
    [rows] = ask(busy_question(psychologist_ids, since, until, leaving_out))
    return list(times_taken(rows))


def read_busy(
    agendas: dict[int, Agenda],
    since: datetime,
    until: datetime,
    now: datetime,
    leaving_out: int | None = None,
) -> None:
    """Fill in what is booked around [since, until); the database gives the seconds."""
    keeping = [key for key, agenda in agendas.items() if agenda.limits.first_sessions_kept]
    if keeping:
        since, until = shifted(since, -WEEK), shifted(until, WEEK)
        _read_first_sessions(agendas, keeping, since, until, now)
    fill_busy(agendas, busy_times(agendas, since, until, leaving_out=leaving_out), now)


def fill_busy(
    agendas: dict[int, Agenda],
    taken: Collection[tuple[int, int, int, datetime | None]] | Iterator[Any],
    now: datetime,
) -> None:
    """Fill in the times taken, less the holds that ended at or before ``now``."""
    times: dict[int, list[tuple[int, int]]] = {key: [] for key in agendas}
    for psychologist_id, start, end, held_until in taken:
        if held_until is None or held_until > now:
            times[psychologist_id].append((start, end))
    for psychologist_id, agenda in agendas.items():
        agenda.busy = Busy(times[psychologist_id])


def stored(values: Iterable[Any]) -> list[Any]:
    """Values as a raw question gives them to the database."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        return list(values)
    return [_as_text(value) for value in values]


def _as_text(value: Any) -> Any:
    """A value as SQLite stores it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return value.hex if isinstance(value, uuid.UUID) else value


def as_day(told: date | str) -> date:
    """A day of a raw question: SQLite stores it as text."""
    return date.fromisoformat(told) if isinstance(told, str) else told


def as_moment(told: datetime | str | None) -> datetime | None:
    """A moment of a raw question: SQLite stores UTC, as text and without saying so."""
    moment = datetime.fromisoformat(told) if isinstance(told, str) else told
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _about(
    psychologist_ids: Collection[int],
    sql: str,
    word: str,
    name: str,
    days: Sequence[Any] = (),
) -> Question:
    """A question about some psychologists; the one about one alone is prepared."""
    owners, one = _owners(psychologist_ids)
    return Question(
        f"{sql} {word} hours.psychologist_id {owners}",
        stored([*days, *psychologist_ids]),
        name if one else "",
    )


def _owners(psychologist_ids: Collection[int]) -> tuple[str, bool]:
    """How a question names its psychologists, and whether there is only one."""
    if len(psychologist_ids) == 1:
        return "= %s", True
    return f"IN ({', '.join(['%s'] * len(psychologist_ids))})", False


def _opening(*values: Any) -> Opening:
    """The columns of a rule in their order, with the place's commune made its département."""
    return Opening._make((*values[:_PLACE], department_of(values[_PLACE]), *values[_PLACE + 1 :]))


_PLACE = Opening._fields.index("department")


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
        starts_at__gt=shifted(since, -LONGEST),
        starts_at__lt=shifted(until, LONGEST),
    ).values_list("psychologist_id", "civil_day")
    for psychologist_id in psychologist_ids:
        agendas[psychologist_id].first_sessions = []
    for psychologist_id, day in booked:
        agendas[psychologist_id].first_sessions.append(day.toordinal())
