"""Accompanying somebody: what the first session agrees on, the goals, the reviews, the end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from soutien.registers.agenda import queries as agenda
from soutien.registers.care import episodes
from soutien.registers.care import queries as care
from soutien.registers.care.episodes import (
    CHANGES,
    ENDED_FOR,
    EXCHANGED_WITH,
    NEXT_STEPS,
    REVIEWS,
    Episode,
    Review,
)
from soutien.registers.consents import queries as consents
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.rules.accompaniment import plan_fits
from soutien.rules.purposes import CARE_DAYS
from soutien.steps import gather
from soutien.steps.accompanied import (
    CareView,
    EpisodeView,
    civil_today,
    episodes_of,
    held_in,
    received_by,
    why_opened,
    year_of,
)
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation, allow, relations, without
from soutien.steps.shown import name_of
from soutien.steps.trace import act, looking, record

MOST_GOALS, MOST_REVIEW = 4_000, 8_000
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the first session must do (R-059), as the psychologist ticks it."""

    needs_appraised: bool
    framework_presented: bool
    limit_told: bool
    person_agreed: bool
    planned_sessions: int | None
    exchanged_with: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What a review says; ``next_step`` only when nothing got better (R-142)."""

    change: str = "unknown"
    symptoms: str = ""
    evolution: str = ""
    technique: str = ""
    conclusion: str = ""
    next_step: str = ""


@looking("care.episode.opened")
def open_care(*, actor: Actor, patient_id: uuid.UUID, at: datetime) -> CareView:
    """Somebody's care with the psychologist who treats them. ``patient_id`` is the public id."""
    person = _patient(actor, "open_care", patient_id)
    found = episodes.of_person(person.pk, psychologist_id=actor.psychologist_id)
    record(actor, "care.episode.opened", at=at, object_id=person.pk, person_id=person.pk)
    view = _care(person, list(found), civil_today(at))
    assert actor.psychologist_id is not None
    mine = actor.psychologist_id
    return replace(
        view,
        received=received_by(mine, person.pk),
        visit=agenda.last_of_pair(mine, person.pk, at=at),
    )


@looking("care.episode.opened")
def open_own_care(*, actor: Actor, person_id: int, at: datetime) -> CareView:
    """One's own care with every psychologist; who acts for a child reads no words of it.

    Who acts for a teenager reads the days alone, and only once the teenager said yes.
    """
    ties = relations(actor, person_id=person_id)
    private = not consents.allows(person_id, CARE_DAYS)
    allow(actor, "open_own_care", without(ties, Relation.MY_TEENAGER) if private else ties)
    if actor.account_id is None:
        # A browser that only booked never proved who it is.
        raise Refusal("not_allowed")
    person = people.with_rights(person_id)
    record(actor, "care.episode.opened", at=at, object_id=person_id, person_id=person_id)
    view = _care(person, list(episodes.of_person(person_id)), civil_today(at))
    shown = _finished if actor.on_behalf_of is None else _without_words
    return replace(view, episodes=tuple(shown(episode) for episode in view.episodes))


@act("care.episode.planned")
def plan_care(*, actor: Actor, patient_id: uuid.UUID, plan: Plan, at: datetime) -> Episode:
    """Write down what was agreed; begins the episode when none goes on. The same again: nothing.

    Refuses ``planned_beyond_law`` when the law gives fewer sessions in a year.
    """
    person = _patient(actor, "plan_care", patient_id)
    assert actor.psychologist_id is not None
    today = civil_today(at)
    most = gather.terms_on(today).sessions_per_year_max
    if plan.planned_sessions is not None and not plan_fits(plan.planned_sessions, most):
        raise Refusal("planned_beyond_law", most=most, fields=("planned_sessions",))
    if plan.exchanged_with not in ("", *EXCHANGED_WITH):
        raise Refusal("choice_unclear", fields=("exchanged_with",))
    # One at a time for a person, so that one episode begins.
    Person.objects.select_for_update().get(pk=person.pk)
    open_one = episodes.open_with(actor.psychologist_id, [person.pk]).get(person.pk)
    if open_one is None:
        reason = why_opened(person.pk, actor.psychologist_id, _first_kind(person, today), today)
        open_one = episodes.begin(
            person.pk, actor.psychologist_id, on=today, opened_for=reason, at=at
        )
    agreed = {name: getattr(plan, name) for name in Plan.__dataclass_fields__}
    if open_one.checked_at and all(
        getattr(open_one, key) == value for key, value in agreed.items()
    ):
        return open_one
    for name, value in agreed.items():
        setattr(open_one, name, value)
    open_one.checked_at = at
    open_one.save(update_fields=[*agreed, "checked_at"])
    record(actor, "care.episode.planned", at=at, object_id=open_one.pk, person_id=person.pk)
    return open_one


@act("care.goals.said")
def say_goals(*, actor: Actor, episode_id: uuid.UUID, text: str, at: datetime) -> None:
    """What the person hopes for, in their words, written by either of the two.

    The same words again write nothing; empty words take them back. Refuses ``words_too_long``.
    """
    episode = _episode(actor, "say_goals", episode_id)
    if actor.side == "person" and actor.account_id is None:
        raise Refusal("not_allowed")
    _still_open(episode)
    said = _trimmed(text, MOST_GOALS, "text")
    row = episodes.say_goals(episodes.lock(episode.pk), said, by=actor.side, at=at)
    if row is not None:
        person_id = episode.person_id
        record(actor, "care.goals.said", at=at, object_id=row.pk, person_id=person_id)


@act("care.review.written")
def write_review(
    *, actor: Actor, episode_id: uuid.UUID, kind: str, words: Words, at: datetime
) -> Review:
    """Where things stand, half-way. Written again the same, it stays one."""
    episode = _episode(actor, "write_review", episode_id)
    said = _read(kind, words)
    episodes.lock(episode.pk)
    last = episodes.latest_reviews([episode.pk]).get((episode.pk, kind))
    told = {name: getattr(said, name) for name in Words.__dataclass_fields__}
    if last is not None and all(getattr(last, name) == value for name, value in told.items()):
        return last
    rows = care.sessions_of_person(episode.person_id)
    review = Review.objects.create(
        episode=episode,
        kind=kind,
        sequence=1 + (last.sequence if last else 0),
        sessions_held=held_in(episode, rows),
        written_at=at,
        **told,
    )
    record(actor, "care.review.written", at=at, object_id=review.pk, person_id=episode.person_id)
    return review


@act("care.episode.ended")
def end_care(
    *, actor: Actor, episode_id: uuid.UUID, ended_for: str, last_day: date, at: datetime
) -> Episode:
    """Say that the care is over, and why. Ended already, it stays as it was said.

    Refuses a day that has not come or is before the last session (``end_day_wrong``).
    """
    episode = _episode(actor, "end_care", episode_id)
    if ended_for not in ENDED_FOR:
        raise Refusal("choice_unclear", fields=("ended_for",))
    locked = episodes.lock(episode.pk)
    if locked.closed_before is not None:
        return locked
    rows = care.sessions_of_person(episode.person_id)
    mine = [row.held_on for row in rows if row.psychologist_id == episode.psychologist_id]
    if not max([locked.opened_on, *mine]) <= last_day <= civil_today(at):
        raise Refusal("end_day_wrong", fields=("last_day",))
    locked.closed_before, locked.ended_for = last_day + _ONE_DAY, ended_for
    locked.save(update_fields=["closed_before", "ended_for"])
    record(actor, "care.episode.ended", at=at, object_id=locked.pk, person_id=locked.person_id)
    return locked


def _patient(actor: Actor, step: str, public_id: uuid.UUID) -> Person:
    person = people.by_public_id(public_id)
    if person is None:
        raise Refusal("not_found")
    mine = actor.psychologist_id
    treats = mine is not None and gather.treats(mine, person.pk)
    allow(actor, step, relations(actor, person_id=person.pk, treats=treats))
    return person


def _episode(actor: Actor, step: str, public_id: uuid.UUID) -> Episode:
    episode = episodes.by_public_id(public_id)
    if episode is None:
        raise Refusal("not_found")
    ties = relations(actor, person_id=episode.person_id, psychologist_id=episode.psychologist_id)
    allow(actor, step, ties)
    return episode


def _care(person: Person, found: list[Episode], today: date) -> CareView:
    return CareView(
        person_public_id=person.public_id,
        person_name=name_of(person),
        birth_date=date.fromisoformat(person.birth_date),
        count=year_of(person.pk, today),
        episodes=episodes_of(person.pk, found, today),
    )


def _finished(episode: EpisodeView) -> EpisodeView:
    """What the person sees: a report once it is signed."""
    signed = episode.end is not None and episode.end.signed_at is not None
    return episode if signed else replace(episode, end=None)


def _without_words(episode: EpisodeView) -> EpisodeView:
    """What is said in care stays between the two, even towards who acts for the child."""
    return replace(episode, goals=None, mid_course=None, end=None)


def _first_kind(person: Person, today: date) -> str:
    """The kind of the first session: an evaluation, unless one took place this year."""
    rows = care.sessions_of_person(person.pk, since=date(today.year, 1, 1))
    done = any(row.performed and row.kind == "evaluation" for row in rows)
    return "follow_up" if done else "evaluation"


def _still_open(episode: Episode) -> None:
    if episode.closed_before is not None:
        raise Refusal("care_over")


def _read(kind: str, words: Words) -> Words:
    """The words of a review, trimmed. Refuses what is no review, or says nothing."""
    if kind not in REVIEWS or words.change not in CHANGES:
        raise Refusal("choice_unclear", fields=("change",))
    if words.next_step not in ("", *NEXT_STEPS):
        raise Refusal("choice_unclear", fields=("next_step",))
    texts = ("symptoms", "evolution", "technique", "conclusion")
    said = {name: _trimmed(getattr(words, name), MOST_REVIEW, name) for name in texts}
    if not any(said.values()):
        raise Refusal("review_empty", fields=("evolution",))
    return replace(words, **said)


def _trimmed(text: str, most: int, field: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if len(said) > most:
        raise Refusal("words_too_long", most=most, fields=(field,))
    return said
