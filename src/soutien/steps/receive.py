"""Many claims of paper sheets at once: the same law, the same locks, in a few questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from soutien.steps.actor import Actor
from soutien.steps.permissions import allow, relations
from soutien.steps.received import Entered, Written, enter, matched
from soutien.steps.trace import act, record


@act("claims.claim.entered")
def receive_claims(*, actor: Actor, lines: Sequence[Written], at: datetime) -> tuple[Entered, ...]:
    """Make claims of many lines and decide them, all or none; what became of each, in order.

    A line that cannot be entered is told by a word and stops no other; entered before, it is not
    entered again. A refusal by the law is a decision. Lines of one number stand on one sheet.
    """
    allow(actor, "receive_claims", relations(actor, fund_code=actor.fund_code))
    told: dict[int, Entered] = {}
    entering = enter(matched(lines, at, told), told, at)
    for line in entering:
        record(
            actor,
            "claims.claim.entered",
            at=at,
            object_id=line.claim_id,
            person_id=line.person.pk,
        )
    return tuple(told[number] for number in range(len(lines)))
