"""The service of rights is asked before a session; what differs waits for an agent of the fund.

The question itself is a door's: it waits for somebody else's machine. Steps say whom to ask, keep
what was answered, and write it once an agent has taken it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.accounts import queries as accounts
from soutien.registers.agenda import queries as agenda
from soutien.registers.outbox import queries as outbox
from soutien.registers.people import queries as people
from soutien.registers.people import rights as periods
from soutien.registers.rights import queries as seen
from soutien.registers.rights.models import Check
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.entitled import (
    ENDS_SOON,
    ZONE,
    announce_change,
    ending_soon,
    fund_that_may,
    funds_of,
    locked,
)
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.trace import act, announce, looking, record
from soutien.steps.verified import CheckView, Said, check_view, differences, in_force, take

# Who comes within so many days is asked about, unless the service answered not long ago.
ASKED_BEFORE, ASKED_AGAIN_AFTER = timedelta(days=2), timedelta(days=14)
MOST_A_RUN = 2_000


@dataclass(frozen=True, slots=True)
class Question:
    """Whom the service is asked about, and for which day."""

    person_id: int
    nir: str
    birth_date: date
    on: date


@looking("rights.check.planned")
def plan_checks(*, at: datetime) -> tuple[Question, ...]:
    """Whoever has an appointment soon and a number, and about whom no answer came of late."""
    allow(SYSTEM, "plan_checks")
    coming = agenda.days_of_people(at, at + ASKED_BEFORE)
    known = seen.asked_since(coming, at - ASKED_AGAIN_AFTER)
    wanted = [key for key in coming if key not in known][:MOST_A_RUN]
    found = people.in_keys(wanted)
    record(SYSTEM, "rights.check.planned", at=at, object_id=len(found), people=list(found))
    return tuple(
        Question(key, row.nir, date.fromisoformat(row.birth_date), coming[key])
        for key, row in found.items()
        if row.nir and row.forgotten_at is None
    )


@act("rights.check.kept")
def keep_check(
    *, actor: Actor, person_id: int, said: Said | None, on: date, at: datetime
) -> Check | None:
    """What the service answered about somebody for a day; ``said`` is None when it did not.

    Nothing is changed by it: what differs waits for an agent of the person's fund. Nobody
    forgotten is kept anything of.
    """
    person = people.with_rights(person_id)
    ties = relations(actor, person_id=person_id, fund_code=fund_that_may(actor, person))
    allow(actor, "keep_check", ties)
    if person.forgotten_at is not None:
        return None
    found = differences(in_force(person, on), said, on) if said and said.known else ()
    outcome = "silent" if said is None else "unknown" if not said.known else "same"
    scheme = gather.in_force(person.affiliations.all(), on)
    check = seen.add_check(
        person_id,
        fund_code=scheme.fund_code if scheme else next(iter(sorted(funds_of(person))), ""),
        asked_at=at,
        outcome="differs" if found else outcome,
        differences=[one.told() for one in found],
    )
    record(
        actor, "rights.check.kept", at=at, object_id=check.pk, person_id=person_id,
        reason=check.outcome,
    )  # fmt: skip
    return check


@looking("rights.check.listed")
def list_checks(*, actor: Actor, at: datetime) -> tuple[CheckView, ...]:
    """Answers that differ from what is written, of the actor's fund, the oldest first."""
    allow(actor, "list_checks", relations(actor, fund_code=actor.fund_code))
    rows = list(seen.to_settle(actor.fund_code))
    record(
        actor,
        "rights.check.listed",
        at=at,
        object_id=len(rows),
        people=[row.person_id for row in rows],
    )
    return tuple(check_view(row, row.person) for row in rows)


@looking("rights.check.opened")
def open_check(*, actor: Actor, check_id: uuid.UUID, at: datetime) -> CheckView:
    """One answer; once it was taken, the claims that were decided otherwise since."""
    check = seen.check_by_public_id(check_id)
    if check is None:
        raise Refusal("not_found")
    allow(actor, "open_check", _ties(actor, check))
    record(actor, "rights.check.opened", at=at, object_id=check.pk, person_id=check.person_id)
    return check_view(check, check.person)


@act("rights.check.settled")
def settle_check(*, actor: Actor, check_id: uuid.UUID, taken: bool, at: datetime) -> CheckView:
    """Take what the service says, or keep what is written. Settled alike before: the same.

    Taken, what changed is announced; the past is decided again by its own step. Refuses
    ``check_settled`` when it was settled otherwise.
    """
    found = seen.check_by_public_id(check_id)
    if found is None:
        raise Refusal("not_found")
    allow(actor, "settle_check", _ties(actor, found))
    person = locked(found.person_id)
    check = seen.lock_check(check_id)
    if check is None:
        raise Refusal("not_found")
    how = "taken" if taken else "kept"
    if check.settled_how:
        if check.settled_how == how:
            return check_view(check, person)
        raise Refusal("check_settled")
    seen.settle(check, how, at=at, by=actor.account_id)
    view = check_view(check, person)
    on = gather.civil_day(check.asked_at, ZONE)
    if taken and take(actor, person, view.differences, on, at):
        announce_change(person.pk, at)
    record(
        actor, "rights.check.settled", at=at, object_id=check.pk, person_id=person.pk, reason=how
    )
    return view


@act("rights.ending.told")
def tell_of_endings(*, at: datetime) -> int:
    """Write to people with an account whose right ends soon and is followed by none; how many.

    Each is told once of each right.
    """
    allow(SYSTEM, "tell_of_endings")
    today, told = gather.civil_day(at, ZONE), 0
    rows = periods.ending(today, today + ENDS_SOON + timedelta(days=1))
    for person_id in sorted({row.person_id for row in rows}):
        if accounts.of_person(person_id) is None:
            continue
        for right in ending_soon(people.with_rights(person_id), today):
            once = f"ending:{person_id}:{right.right}:{right.kind}:{right.ends_on}"
            if outbox.left_before(once):
                continue
            announce("rights.person.ending", at=at, once=once, person=person_id)
            told += 1
            record(SYSTEM, "rights.ending.told", at=at, object_id=person_id, person_id=person_id)
    return told


def _ties(actor: Actor, check: Check) -> Ties:
    return relations(actor, person_id=check.person_id, fund_code=check.fund_code)
