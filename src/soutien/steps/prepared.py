"""What is known before a document is written: who comes, sessions held, what was said together.

A part of steps.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from soutien.registers.agenda.models import Booking
from soutien.registers.care import episodes
from soutien.registers.care import queries as care
from soutien.registers.care.episodes import Episode
from soutien.registers.people.models import Person
from soutien.registers.writings import queries as writings
from soutien.steps.accompanied import within
from soutien.steps.shown import name_of
from soutien.steps.written import Prepared, is_minor


def as_it_stands(booking: Booking, person: Person, at: datetime) -> Prepared:
    """Who comes, when, and the sessions held; nothing of what was said."""
    return Prepared(
        person_name=name_of(person),
        born_on=date.fromisoformat(person.birth_date),
        minor=is_minor(person, at),
        psychologist_name=name_of(booking.psychologist),
        sessions=_held(booking),
        held=care.session_of_booking(booking.pk) is not None,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        time_zone=booking.place.time_zone,
    )


def _episode(booking: Booking) -> Episode | None:
    """The care that goes on between the two, or the last one."""
    assert booking.person_id is not None
    found = episodes.of_person(booking.person_id, psychologist_id=booking.psychologist_id)
    return found.first()


def _held(booking: Booking) -> tuple[date, ...]:
    """The days of the sessions that the two had in this care."""
    assert booking.person_id is not None
    rows, episode = care.sessions_of_person(booking.person_id), _episode(booking)
    if episode is not None:
        rows = within(episode, rows)
    mine = booking.psychologist_id
    return tuple(row.held_on for row in rows if row.psychologist_id == mine and row.performed)


def said_together(booking: Booking) -> dict[str, Any]:
    """What the two wrote down together so far."""
    assert booking.person_id is not None
    doctor = writings.doctor_of_pair(booking.psychologist_id, booking.person_id)
    episode = _episode(booking)
    if episode is None:
        return {"doctor": doctor}
    goals = episodes.latest_goals([episode.pk]).get(episode.pk)
    review = episodes.latest_reviews([episode.pk]).get((episode.pk, "mid_course"))
    names = ("symptoms", "evolution", "technique")
    return {
        "doctor": doctor,
        "goals": goals.text if goals else "",
        "planned_sessions": episode.planned_sessions,
        **{name: getattr(review, name) if review else "" for name in names},
    }
