"""Deciding again: a session told anew, a right opened late, a claim taken back.

The past is never rewritten: a new decision says which one it takes the place of, and why. What
was paid by the former one and is not owed any more is asked back by the same way.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from soutien.registers.care import queries as care
from soutien.registers.care.models import Year
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.people import queries as people
from soutien.rules.codes import word
from soutien.rules.life import Cause, State
from soutien.steps import decisions
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.trace import act, announce, record

# What an agent may say of one claim; the others are the product's own, or come with a contest.
BY_HAND = (
    Cause.SESSION_CORRECTED,
    Cause.RIGHT_OPENED_LATE,
    Cause.AGENT_CORRECTED,
    Cause.LAW_CHANGED,
    Cause.ANOTHER_CLAIM,
)
TAKEN_BACK = word(Cause.CANCELLED)


@act("claims.claim.decided_again")
def decide_again(
    *, actor: Actor, claim_public_id: uuid.UUID, cause: Cause, at: datetime
) -> Decision:
    """Ask the law again about one claim, with all that is known now; the decision that counts.

    When nothing changes nothing is written. Refuses ``not_decided_again`` while people must still
    confirm a refusal, and for a cause that is not an agent's to say.
    """
    claim = _claim(actor, claim_public_id, "decide_again")
    if cause not in BY_HAND:
        raise Refusal("not_decided_again")
    years = _locked(claim.person_id, [claim.care_session.held_on.year])
    former = claims.latest_decision(claim.pk)
    if former is None or former.to_confirm:
        raise Refusal("not_decided_again")
    decided = _again(actor, claim, former, cause, years, at)
    return decided or former


@act("claims.claim.decided_again")
def decide_person_again(
    *,
    actor: Actor,
    person_id: int,
    cause: Cause,
    at: datetime,
    civil_years: Collection[int] = (),
) -> tuple[Decision, ...]:
    """Ask the law again about all claims of a person, or of some years; the new decisions.

    In order of receipt, which is the order in which they took the year's seats; refusals once
    more at the end, since what another gave up may be theirs. Each changes once at most.
    """
    fund_codes = [actor.fund_code] if claims.fund_received(person_id, actor.fund_code) else [""]
    allow(actor, "decide_person_again", _ties(actor, person_id, fund_codes))
    found = claims.of_person(person_id, civil_years)
    if not found or people.is_forgotten(person_id):
        return ()
    years = _locked(person_id, [claim.care_session.held_on.year for claim in found])
    changed: dict[int, Decision] = {}
    for freed in (False, True):
        for claim in found if changed or not freed else ():
            former = claims.latest_decision(claim.pk)
            if claim.pk in changed or former is None or _stays(former, freed):
                continue
            if decided := _again(actor, claim, former, cause, years, at):
                changed[claim.pk] = decided
    return tuple(changed.values())


@act("claims.claim.cancelled")
def cancel_claim(*, actor: Actor, claim_public_id: uuid.UUID, at: datetime) -> Decision:
    """Take a claim back: it was sent by mistake. Nothing is owed for it any more.

    Whoever sent it may until a payment is ordered, an agent of the fund always; what was paid
    is then asked back. Taken back twice, it is once.
    """
    claim = _claim(actor, claim_public_id, "cancel_claim")
    if actor.side not in (claim.sent_by, "fund_agent"):
        raise Refusal("not_allowed")
    years = _locked(claim.person_id, [claim.care_session.held_on.year])
    former = claims.latest_decision(claim.pk)
    if former is not None and former.cause == TAKEN_BACK:
        return former
    if former is None or former.to_confirm:
        raise Refusal("not_decided_again")
    standing = decisions.life_of(claim.pk)
    untouched = not (standing.account.ordered_cents or standing.account.paid_cents)
    if actor.side != "fund_agent" and (not untouched or standing.state is State.CONTESTED):
        raise Refusal("paid_already")
    cancelled = decisions.cancelled(former, at)
    _write(actor, claim, cancelled, years, at, event="claims.claim.cancelled")
    return cancelled


def _stays(former: Decision, freed: bool) -> bool:
    """What is not asked again: what people read, what was taken back, what is paid already."""
    return former.to_confirm or former.cause == TAKEN_BACK or (freed and former.accepted)


def _again(
    actor: Actor,
    claim: Claim,
    former: Decision,
    cause: Cause,
    years: dict[int, Year],
    at: datetime,
) -> Decision | None:
    """The new decision, written; None when it would say the same."""
    later = decisions.asked_again(claim, former, cause, at)
    if decisions.says_the_same(former, later):
        return None
    _write(actor, claim, later, years, at, event="claims.claim.decided_again")
    return later


def _write(
    actor: Actor,
    claim: Claim,
    later: Decision,
    years: dict[int, Year],
    at: datetime,
    *,
    event: str,
) -> None:
    later.save()
    decisions.post_again(later, at)
    session = claim.care_session
    year = years[session.held_on.year]
    displaced = decisions.settle_the_seat(year, session, later, again=True)
    record(actor, event, at=at, object_id=claim.pk, person_id=claim.person_id, reason=later.cause)
    announce("claims.claim.decided", at=at, claim=claim.pk, decision=later.pk)
    if displaced is not None:
        announce("care.seat.displaced", at=at, booking=displaced, claim=claim.pk)


def _locked(person_id: int, civil_years: Iterable[int]) -> dict[int, Year]:
    """The person's years, each locked, the earliest first."""
    return {year: care.lock_year(person_id, year) for year in sorted(set(civil_years))}


def _claim(actor: Actor, public_id: uuid.UUID, step: str) -> Claim:
    found = claims.by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    ties = relations(
        actor,
        person_id=found.person_id,
        psychologist_id=found.psychologist_id,
        fund_code=found.fund_code,
    )
    allow(actor, step, ties)
    return found


def _ties(actor: Actor, person_id: int, fund_codes: Iterable[str]) -> Ties:
    """An agent may when their fund has a claim of the person."""
    return relations(actor, person_id=person_id, fund_code=next(iter(fund_codes)))
