"""Handing over: what the next psychologist reads is what the person chose, and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from soutien.registers.agenda import queries as agenda
from soutien.registers.care import episodes, hand_overs
from soutien.registers.care import queries as care
from soutien.registers.care.episodes import Episode
from soutien.registers.care.hand_overs import ITEMS, HandOver
from soutien.registers.consents import queries as consents
from soutien.registers.psychologists.models import Psychologist
from soutien.registers.writings import queries as writings
from soutien.rules.purposes import PURPOSES
from soutien.steps import gather
from soutien.steps.accompanied import EndReport, EpisodeView, civil_today, episodes_of
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.shown import name_of
from soutien.steps.trace import act, looking, record
from soutien.steps.written import END_REPORT, WORDS

PURPOSE = "hand_over"
# What is said in care is the person's own to give: who acts for a child gives days and numbers.
NOT_WORDS = ("plan", "sessions")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A psychologist the person saw or will see."""

    public_id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class Given:
    """What was agreed to, and to whom."""

    public_id: uuid.UUID
    name: str
    agreed_at: datetime
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandOverView:
    """An episode to hand over: what there is of it, to whom, and what was given already."""

    episode: EpisodeView
    items: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    given: tuple[Given, ...]


@looking("care.hand_over.opened")
def open_hand_over(*, actor: Actor, episode_id: uuid.UUID, at: datetime) -> HandOverView:
    """What could be handed over of one's own episode, and to whom."""
    episode = _own(actor, "open_hand_over", episode_id)
    view = _view(actor, episode, at)
    record(
        actor, "care.hand_over.opened", at=at, object_id=episode.pk, person_id=episode.person_id
    )
    return HandOverView(
        episode=view,
        items=tuple(_content(actor, view)),
        candidates=tuple(
            Candidate(row.public_id, name_of(row)) for row in _candidates(episode, at)
        ),
        given=tuple(
            Given(
                row.public_id,
                name_of(row.to_psychologist),
                row.agreed_at,
                tuple(item for item in ITEMS if item in row.content),
            )
            for row in hand_overs.given(episode.pk)
        ),
    )


@act("care.hand_over.agreed")
def agree_hand_over(
    *,
    actor: Actor,
    episode_id: uuid.UUID,
    to_psychologist_id: uuid.UUID,
    items: Collection[str],
    at: datetime,
) -> HandOver:
    """Let the next psychologist read these items, as they are now; what was agreed before goes.

    Refuses ``hand_over_to_whom`` unless the person sees or will see them, and
    ``hand_over_nothing`` without an item. The agreement stands among the consents.
    """
    episode = _own(actor, "agree_hand_over", episode_id)
    person_id, episode = episode.person_id, episodes.lock(episode.pk)
    there = _content(actor, _view(actor, episode, at))
    chosen = {item: there[item] for item in ITEMS if item in items and item in there}
    if not chosen:
        raise Refusal("hand_over_nothing", fields=("items",))
    receiving = [row for row in _candidates(episode, at) if row.public_id == to_psychologist_id]
    if not receiving:
        raise Refusal("hand_over_to_whom", fields=("to",))
    for former in hand_overs.given(episode.pk).filter(to_psychologist=receiving[0]):
        if former.content == chosen and consents.allows(person_id, PURPOSE):
            return former
        hand_overs.withdraw(former, at=at)
    version = PURPOSES[PURPOSE].text.version
    consents.say(person_id, PURPOSE, given=True, text_version=version, said_by=actor.role, at=at)
    agreed = HandOver.objects.create(
        episode=episode,
        to_psychologist=receiving[0],
        content=chosen,
        said_by=actor.role,
        agreed_at=at,
    )
    record(actor, "care.hand_over.agreed", at=at, object_id=agreed.pk, person_id=person_id)
    return agreed


@act("care.hand_over.withdrawn")
def withdraw_hand_over(*, actor: Actor, hand_over_id: uuid.UUID, at: datetime) -> uuid.UUID:
    """Take it back: its content is gone at once. The episode it was of."""
    found = hand_overs.by_public_id(hand_over_id)
    if found is None or found.withdrawn_at is not None:
        raise Refusal("not_found")
    person_id = found.episode.person_id
    allow(actor, "withdraw_hand_over", relations(actor, person_id=person_id))
    _signed_in(actor)
    hand_overs.withdraw(found, at=at)
    record(actor, "care.hand_over.withdrawn", at=at, object_id=found.pk, person_id=person_id)
    return found.episode.public_id


def _own(actor: Actor, step: str, public_id: uuid.UUID) -> Episode:
    episode = episodes.by_public_id(public_id)
    if episode is None:
        raise Refusal("not_found")
    allow(actor, step, relations(actor, person_id=episode.person_id))
    _signed_in(actor)
    return episode


def _signed_in(actor: Actor) -> None:
    """A browser that only booked never proved who it is."""
    if actor.account_id is None:
        raise Refusal("not_allowed")


def _view(actor: Actor, episode: Episode, at: datetime) -> EpisodeView:
    [view] = episodes_of(episode.person_id, [episode], civil_today(at))
    return view


def _candidates(episode: Episode, at: datetime) -> list[Psychologist]:
    """Whom the person saw or will see, but the one of the episode."""
    keys = {row.psychologist_id for row in care.sessions_of_person(episode.person_id)}
    ahead = agenda.bookings_of_person(episode.person_id, since=at, statuses=("confirmed",))
    keys |= {line.psychologist_id for line in ahead}
    treating = [key for key in keys if gather.treats(key, episode.person_id)]
    found = Psychologist.objects.filter(pk__in=treating).exclude(pk=episode.psychologist_id)
    return list(found.order_by("family_name", "given_name", "pk"))


def _content(actor: Actor, view: EpisodeView) -> dict[str, Any]:
    """What there is to hand over, by item."""
    found: dict[str, Any] = {}
    if view.goals and view.goals.text:
        found["goals"] = view.goals.text
    if view.planned_sessions is not None:
        found["plan"] = view.planned_sessions
    held = [session for session in view.sessions if session.performed]
    if held:
        found["sessions"] = [
            [session.held_on.isoformat(), session.kind, session.modality] for session in held
        ]
    if (review := view.mid_course) is not None:
        found["mid_course"] = {
            "change": review.change,
            "symptoms": review.symptoms,
            "evolution": review.evolution,
            "technique": review.technique,
            "conclusion": review.conclusion,
            "next_step": review.next_step,
            "sessions_held": review.sessions_held,
            "written_at": review.written_at.isoformat(),
        }
    if view.end is not None and view.end.signed_at is not None:
        found["end"] = _report(view.end)
    if actor.on_behalf_of is None:
        return found
    return {item: told for item, told in found.items() if item in NOT_WORDS}


def _report(report: EndReport) -> dict[str, str]:
    """What a signed report says, and its day. What the person hopes for is an item of its own."""
    writing = writings.by_public_id(report.public_id)
    assert writing is not None
    body = writings.latest(writing).body
    names = [name for name in WORDS[END_REPORT] if name not in ("recipient", "goals")]
    told = {name: body[name] for name in names if body.get(name)}
    return told | {"written_on": report.written_on.isoformat()}
