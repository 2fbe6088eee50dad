"""Rows become what the two of a care pair see of it: episodes, goals, reviews, sessions.

A part of steps, shared by those that look.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from soutien.registers.care import episodes, hand_overs
from soutien.registers.care import queries as care
from soutien.registers.care.episodes import Episode, Goals, Review
from soutien.registers.care.queries import SessionRow
from soutien.registers.consents import queries as consents
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import Writing
from soutien.rules.accompaniment import half_way
from soutien.rules.codes import Kind, word
from soutien.steps import gather
from soutien.steps.shown import count_of, name_of, sessions_of_one
from soutien.steps.views import Count, SessionView
from soutien.steps.written import signed_at

EVALUATION = word(Kind.EVALUATION)


@dataclass(frozen=True, slots=True)
class GoalsView:
    """What the person hopes for, and who wrote it down."""

    text: str
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewView:
    """Where things stood, as last written."""

    kind: str
    sessions_held: int
    change: str
    symptoms: str
    evolution: str
    technique: str
    conclusion: str
    next_step: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class EndReport:
    """The document that is written at the end (R-141); a draft is its psychologist's alone."""

    public_id: uuid.UUID
    written_on: date
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class EpisodeView:
    """One episode. ``evaluated`` and ``evaluated_in_year`` look at all psychologists together.

    ``rolled_over`` says that a new year began since, without an evaluation in it (R-063).
    """

    public_id: uuid.UUID
    psychologist_id: int
    psychologist_public_id: uuid.UUID
    psychologist_name: str
    opened_on: date
    opened_for: str
    planned_sessions: int | None
    needs_appraised: bool
    framework_presented: bool
    limit_told: bool
    person_agreed: bool
    checked_at: datetime | None
    exchanged_with: str
    closed_before: date | None
    ended_for: str
    goals: GoalsView | None
    mid_course: ReviewView | None
    end: EndReport | None
    sessions: tuple[SessionView, ...]
    held: int
    review_due: bool
    evaluated_in_year: bool
    rolled_over: bool

    @property
    def checked(self) -> bool:
        """Whether all that the first session must do was done (R-059)."""
        ticked = self.needs_appraised, self.framework_presented, self.limit_told
        return all(ticked) and self.person_agreed and self.planned_sessions is not None

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.closed_before is None


@dataclass(frozen=True, slots=True)
class Received:
    """What the person let this psychologist read of an earlier care, by item."""

    from_name: str
    agreed_at: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CareView:
    """Somebody's care with one psychologist, or with all, the last episode first."""

    person_public_id: uuid.UUID
    person_name: str
    birth_date: date
    count: Count
    episodes: tuple[EpisodeView, ...]
    received: tuple[Received, ...] = ()
    visit: uuid.UUID | None = None

    @property
    def current(self) -> EpisodeView | None:
        """The episode that goes on, if one does."""
        return next((episode for episode in self.episodes if episode.open), None)


def episodes_of(person_id: int, found: Sequence[Episode], on: date) -> tuple[EpisodeView, ...]:
    """These episodes of one person as the pair sees them on a day."""
    keys = [episode.pk for episode in found]
    goals, reviews = episodes.latest_goals(keys), episodes.latest_reviews(keys)
    reports = writings.end_reports_of(person_id)
    everything = list(episodes.of_person(person_id)) if reports else []
    rows = care.sessions_of_person(person_id)
    views = dict(zip(rows, sessions_of_one(person_id, rows), strict=True))
    return tuple(
        _episode(
            episode,
            goals.get(episode.pk),
            reviews.get((episode.pk, "mid_course")),
            report_of(episode, everything, reports),
            rows,
            tuple(views[row] for row in within(episode, rows)),
            on,
        )
        for episode in found
    )


def within(episode: Episode, rows: Sequence[SessionRow]) -> list[SessionRow]:
    """The sessions that belong to an episode."""
    return [
        row
        for row in rows
        if row.psychologist_id == episode.psychologist_id and episodes.covers(episode, row.held_on)
    ]


def report_of(
    episode: Episode, all_episodes: Sequence[Episode], reports: Sequence[Writing]
) -> Writing | None:
    """The report that closes an episode: written from its first day on, before the next one."""
    following = [
        other.opened_on
        for other in all_episodes
        if other.psychologist_id == episode.psychologist_id and other.opened_on > episode.opened_on
    ]
    before = min(following, default=date.max)
    for report in reports:
        mine = report.psychologist_id == episode.psychologist_id
        if mine and episode.opened_on <= report.written_on < before:
            return report
    return None


def held_in(episode: Episode, rows: Sequence[SessionRow]) -> int:
    """How many sessions of an episode took place."""
    return sum(row.performed for row in within(episode, rows))


def year_of(person_id: int, on: date) -> Count:
    """The beads of a person's year on a day."""
    rows = care.sessions_of_person(
        person_id, since=date(on.year, 1, 1), before=date(on.year + 1, 1, 1)
    )
    seats = care.seats_of_person(person_id, on.year)
    return count_of(on.year, on, seats, sessions_of_one(person_id, rows))


def why_opened(person_id: int, psychologist_id: int, kind: str, on: date) -> str:
    """Why an episode begins with a session of this kind: the first words of ``OPENED_FOR``."""
    if kind == EVALUATION:
        return "evaluation"
    if episodes.of_person(person_id, psychologist_id=psychologist_id).exists():
        return "again"
    others = care.sessions_of_person(person_id, since=date(on.year, 1, 1))
    changed = any(row.performed and row.psychologist_id != psychologist_id for row in others)
    return "change" if changed else "follow_up"


def received_by(psychologist_id: int, person_id: int) -> tuple[Received, ...]:
    """What was handed over to a psychologist, while the person's consent holds."""
    found = list(hand_overs.received(psychologist_id, person_id))
    if not found or not consents.allows(person_id, "hand_over"):
        return ()
    return tuple(
        Received(name_of(row.episode.psychologist), row.agreed_at, row.content) for row in found
    )


def civil_today(at: datetime) -> date:
    """The civil day of a moment in Paris."""
    return gather.civil_day(at, "Europe/Paris")


def _episode(
    episode: Episode,
    goals: Goals | None,
    mid_course: Review | None,
    report: Writing | None,
    all_rows: Sequence[SessionRow],
    sessions: tuple[SessionView, ...],
    on: date,
) -> EpisodeView:
    held, planned = held_in(episode, all_rows), episode.planned_sessions
    evaluated = any(
        row.kind == EVALUATION and row.performed and row.held_on.year == on.year
        for row in all_rows
    )
    due = planned is not None and mid_course is None and half_way(planned, held)
    going_on = episode.closed_before is None
    return EpisodeView(
        public_id=episode.public_id,
        psychologist_id=episode.psychologist_id,
        psychologist_public_id=episode.psychologist.public_id,
        psychologist_name=name_of(episode.psychologist),
        opened_on=episode.opened_on,
        opened_for=episode.opened_for,
        planned_sessions=planned,
        needs_appraised=episode.needs_appraised,
        framework_presented=episode.framework_presented,
        limit_told=episode.limit_told,
        person_agreed=episode.person_agreed,
        checked_at=episode.checked_at,
        exchanged_with=episode.exchanged_with,
        closed_before=episode.closed_before,
        ended_for=episode.ended_for,
        goals=GoalsView(goals.text, goals.said_by, goals.said_at) if goals else None,
        mid_course=_review(mid_course) if mid_course else None,
        end=_end_report(report) if report else None,
        sessions=sessions,
        held=held,
        review_due=due and going_on,
        evaluated_in_year=evaluated,
        rolled_over=going_on and episode.opened_on.year < on.year and not evaluated,
    )


def _end_report(row: Writing) -> EndReport:
    return EndReport(row.public_id, row.written_on, signed_at(row))


def _review(row: Review) -> ReviewView:
    return ReviewView(
        kind=row.kind,
        sessions_held=row.sessions_held,
        change=row.change,
        symptoms=row.symptoms,
        evolution=row.evolution,
        technique=row.technique,
        conclusion=row.conclusion,
        next_step=row.next_step,
        written_at=row.written_at,
    )
