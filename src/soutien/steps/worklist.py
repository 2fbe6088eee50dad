"""The fund's day: what waits for somebody, the oldest first, and the next to take up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.claims import worklist
from soutien.registers.claims.worklist import Day, Queue
from soutien.registers.people.models import Person
from soutien.rules.life import State
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.shown import name_of
from soutien.steps.trace import looking, record

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A claim that waits, and for how many days."""

    public_id: uuid.UUID
    reference: str
    person_name: str
    held_on: date
    kind: str
    price_cents: int
    since: datetime
    days: int


@dataclass(frozen=True, slots=True)
class WorkView:
    """What waits for one reason, page by page, and how many wait for each."""

    state: State
    queues: tuple[Queue, ...]
    lines: tuple[WaitingLine, ...]
    page: int
    pages: int
    day: Day


@looking("claims.work.listed")
def list_work(
    *, actor: Actor, state: State, page: int, days: int, since: datetime, at: datetime
) -> WorkView:
    """What waits for the actor's fund for one reason, longer than ``days``.

    The day's figures begin at ``since``.
    What the actor has read already waits for somebody else and is not shown to them. Refuses
    ``not_found`` for a state nobody has anything to do about.
    """
    allow(actor, "list_work", relations(actor, fund_code=actor.fund_code))
    if state not in worklist.WAITS:
        raise Refusal("not_found")
    before = at - timedelta(days=days) if days else at
    queues = worklist.queues(actor.fund_code, account_id=actor.account_id, before=before)
    [chosen] = [queue for queue in queues if queue.state is state]
    pages = max(1, -(-chosen.total // A_PAGE))
    found = worklist.waiting(
        state,
        actor.fund_code,
        account_id=actor.account_id,
        before=before,
        first=(page - 1) * A_PAGE,
        # Behind the last page nothing is asked: the oldest are the first ones.
        size=A_PAGE if page <= pages else 0,
    )
    names = Person.objects.in_bulk({row.person_id for row in found})
    record(actor, "claims.work.listed", at=at, object_id=page, people=names)
    return WorkView(
        state=state,
        queues=tuple(queues),
        lines=tuple(
            WaitingLine(
                public_id=row.public_id,
                reference=row.reference,
                person_name=name_of(names[row.person_id]),
                held_on=row.held_on,
                kind=row.kind,
                price_cents=row.price_cents,
                since=row.since,
                days=(at - row.since).days,
            )
            for row in found
        ),
        page=page,
        pages=pages,
        day=worklist.between(actor.fund_code, since, at),
    )


@looking("claims.work.next")
def next_work(
    *, actor: Actor, state: State, at: datetime, after: uuid.UUID | None = None
) -> uuid.UUID | None:
    """The claim that waits longest; with ``after``, the one that waits longest but for it.

    None when nothing is left. Opening it is another step, which leaves its own line.
    """
    allow(actor, "next_work", relations(actor, fund_code=actor.fund_code))
    if state not in worklist.WAITS:
        raise Refusal("not_found")
    found = worklist.next_waiting(state, actor.fund_code, account_id=actor.account_id, after=after)
    record(actor, "claims.work.next", at=at, object_id=int(state))
    return found
