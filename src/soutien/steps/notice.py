"""The fund's second look: what stands out among its claims, explained, and never called fraud."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.claims import beside
from soutien.registers.claims import queries as claims
from soutien.registers.people.models import Person
from soutien.registers.psychologists import queries as psychologists
from soutien.rules.anomalies import Anomaly, Told
from soutien.rules.codes import words
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.noticed import Noticed, noticed
from soutien.steps.permissions import allow, relations
from soutien.steps.shown import name_of
from soutien.steps.trace import looking, record

A_PAGE = 50
ONE_DAY = timedelta(days=1)
# So many claims of a period are read at once, the newest first; more is told, never hidden.
READ_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class NoticedLine:
    """A claim that deserves a second look, as a list shows it."""

    public_id: uuid.UUID
    reference: str
    person_name: str
    psychologist_name: str
    held_on: date
    accepted: bool
    noticed: Noticed


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What deserves a second look on one claim, and the person's other claims for that day."""

    told: tuple[Told, ...]
    others: tuple[tuple[uuid.UUID, str], ...]


@dataclass(frozen=True, slots=True)
class NoticedView:
    """What stands out in a period: how many of each, one page of them, and of how many claims."""

    counts: Mapping[str, int]
    lines: tuple[NoticedLine, ...]
    page: int
    pages: int
    read: int
    cut: bool


@looking("claims.anomaly.listed")
def list_anomalies(
    *,
    actor: Actor,
    since: datetime,
    before: datetime,
    at: datetime,
    kind: Anomaly = Anomaly.NONE,
    page: int = 1,
) -> NoticedView:
    """What deserves a second look among the claims received in a period; of one kind, if told."""
    allow(actor, "list_anomalies", relations(actor, fund_code=actor.fund_code))
    rows = beside.decided_between(actor.fund_code, since, before, READ_AT_ONCE)
    found = noticed(rows)
    counts = Counter(code for one in found for code in words(one.found))
    wanted = [one for one in found if not kind or one.found & kind]
    first = (max(page, 1) - 1) * A_PAGE
    shown = wanted[first : first + A_PAGE]
    record(
        actor,
        "claims.anomaly.listed",
        at=at,
        object_id=page,
        people=[one.row.person_id for one in shown],
    )
    return NoticedView(
        counts=counts,
        lines=_lines(shown),
        page=page,
        pages=max(1, -(-len(wanted) // A_PAGE)),
        read=len(rows),
        cut=len(rows) == READ_AT_ONCE,
    )


@looking("claims.anomaly.opened")
def open_anomalies(
    *, actor: Actor, claim_public_id: uuid.UUID, lang: str, at: datetime
) -> SecondLook:
    """What deserves a second look on one claim, in words; nothing before it is decided."""
    claim = claims.by_public_id(claim_public_id)
    if claim is None:
        raise Refusal("not_found")
    ties = relations(actor, person_id=claim.person_id, fund_code=claim.fund_code)
    allow(actor, "open_anomalies", ties)
    record(actor, "claims.anomaly.opened", at=at, object_id=claim.pk, person_id=claim.person_id)
    found = noticed(beside.decided_claim(claim.pk))
    day = claim.care_session.held_on
    same_day = beside.of_people([claim.person_id], day, day + ONE_DAY)
    others = {row.claim_id for row in same_day} - {claim.pk}
    return SecondLook(
        tuple(told for one in found for told in one.told(lang)),
        tuple(claims.references(others).values()),
    )


def _lines(shown: list[Noticed]) -> tuple[NoticedLine, ...]:
    people = Person.objects.in_bulk({one.row.person_id for one in shown})
    known = psychologists.names({one.row.psychologist_id for one in shown})
    keys = claims.references({one.row.claim_id for one in shown})
    return tuple(
        NoticedLine(
            *keys[one.row.claim_id],
            name_of(people[one.row.person_id]),
            known[one.row.psychologist_id],
            one.row.held_on,
            one.row.accepted,
            one,
        )
        for one in shown
    )
