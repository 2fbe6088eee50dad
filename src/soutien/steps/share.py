"""Calendars shared with the outside: one's own to read elsewhere, another to obey here."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from soutien.registers.agenda import queries as agenda
from soutien.registers.calendars import queries as calendars
from soutien.registers.calendars.models import Feed, OutsideCalendar
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation, allow, relations
from soutien.steps.trace import act, looking, record

TOKEN_BYTES = 32


@act("calendars.feed.opened")
def share_calendar(*, actor: Actor, language: str, at: datetime) -> str:
    """A new private address for the actor's appointments: its token, told this once only.

    The address they had before no longer opens.
    """
    allow(actor, "share_calendar", _own(actor))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = calendars.open_feed(token=token, at=at, language=language, **_owner(actor))
    record(actor, "calendars.feed.opened", at=at, object_id=feed.pk, person_id=feed.person_id)
    return token


@looking("calendars.feed.read")
def note_reading(*, actor: Actor, feed: Feed, people: Collection[int], at: datetime) -> None:
    """A calendar elsewhere was given the appointments of an address, those of these people."""
    allow(actor, "note_reading", relations(actor, person_id=feed.person_id, by_link=True))
    record(
        actor,
        "calendars.feed.read",
        at=at,
        object_id=feed.pk,
        person_id=feed.person_id,
        people=people if feed.person_id is None else (),
    )


@act("calendars.feed.closed")
def stop_sharing(*, actor: Actor, at: datetime) -> bool:
    """Take the private address back; false when there was none."""
    allow(actor, "stop_sharing", _own(actor))
    closed = calendars.close_feed(at=at, **_owner(actor))
    if closed:
        record(
            actor,
            "calendars.feed.closed",
            at=at,
            object_id=actor.psychologist_id or actor.person_id or 0,
            person_id=actor.person_id,
        )
    return closed


@transaction.atomic
def follow_calendar(*, actor: Actor, address: str, at: datetime) -> OutsideCalendar:
    """Let a calendar elsewhere close the actor's own agenda, from its next reading on."""
    allow(actor, "follow_calendar", _own(actor))
    if actor.psychologist_id is None:
        raise Refusal("not_allowed")
    calendar = calendars.follow(psychologist_id=actor.psychologist_id, address=address, at=at)
    agenda.replace_busy(actor.psychologist_id, ())
    record(actor, "calendars.outside.followed", at=at, object_id=calendar.pk)
    return calendar


@transaction.atomic
def stop_following(*, actor: Actor, at: datetime) -> bool:
    """Forget the calendar elsewhere and what it closed; false when there was none."""
    allow(actor, "stop_following", _own(actor))
    if actor.psychologist_id is None or not calendars.unfollow(actor.psychologist_id):
        return False
    agenda.replace_busy(actor.psychologist_id, ())
    record(actor, "calendars.outside.forgotten", at=at, object_id=actor.psychologist_id)
    return True


@transaction.atomic
def record_busy_times(
    *,
    calendar: OutsideCalendar,
    times: Sequence[tuple[datetime, datetime]] | None,
    etag: str,
    again_at: datetime,
    at: datetime,
) -> bool:
    """What a calendar elsewhere says; None when it said that nothing changed.

    False when it is followed no more, or another one is: then nothing is written.
    """
    allow(SYSTEM, "record_busy_times")
    if not calendars.lock(calendar):
        return False
    count = None if times is None else len(times)
    calendars.was_read(calendar, at=at, again_at=again_at, etag=etag, busy_times=count)
    if times is not None and agenda.replace_busy(calendar.psychologist_id, times):
        record(SYSTEM, "calendars.outside.read", at=at, object_id=calendar.pk)
    return True


def _own(actor: Actor) -> frozenset[Relation]:
    return relations(actor, person_id=actor.person_id, psychologist_id=actor.psychologist_id)


def _owner(actor: Actor) -> dict[str, int | None]:
    if actor.psychologist_id is not None:
        return {"psychologist_id": actor.psychologist_id}
    return {"person_id": actor.person_id}
