"""Rights as people read them: rows in words of codes, what they say together, what would change.

A part of the steps about rights; nothing here asks who may.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.people import queries as people
from soutien.registers.people import rights as periods
from soutien.registers.people.models import Affiliation, Exemption, Person
from soutien.registers.people.rights import Row
from soutien.registers.rights import queries as seen
from soutien.registers.rights.models import EVIDENCE, Declaration, Entry
from soutien.rules.answer import Answer, answer
from soutien.rules.calendar import civil_date, day_number
from soutien.rules.codes import Reason, word
from soutien.rules.estimate import Situation
from soutien.rules.facts import former_css_last_day
from soutien.rules.life import Cause
from soutien.steps import decisions, gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.shown import name_of
from soutien.steps.trace import announce

ZONE = "Europe/Paris"
# A right that ends this soon is said, while there is time to renew it.
ENDS_SOON = timedelta(days=45)
KINDS = ("css", "ame", "ald", "maternity", "at_mp", "invalidity")
REGIMES = ("general", "msa", "regime_local_alsace_moselle", "special", "none")


@dataclass(frozen=True, slots=True)
class Right:
    """One right as it is written or asked: ``right`` is scheme, exemption or cover.

    ``ends_on`` is its last day. What does not belong to its kind is empty.
    """

    right: str
    valid_from: date
    ends_on: date | None = None
    regime: str = ""
    fund_code: str = ""
    kind: str = ""
    reference: str = ""
    insurer_code: str = ""
    insurer_name: str = ""
    member_number: str = ""
    responsible: bool = True

    def told(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Right:
        """Back from JSON."""
        days = {
            name: date.fromisoformat(told[name]) if told[name] else None
            for name in ("valid_from", "ends_on")
        }
        return cls(**{**told, **days})

    def columns(self) -> dict[str, Any]:
        """What is written in its table."""
        dated = {"valid_from": self.valid_from, "valid_before": gather.day_after(self.ends_on)}
        if self.right == "scheme":
            return {"regime": self.regime, "fund_code": self.fund_code, **dated}
        if self.right == "exemption":
            return {"kind": self.kind, "reference": self.reference, **dated}
        return {
            "insurer_code": self.insurer_code,
            "insurer_name": self.insurer_name,
            "member_number": self.member_number,
            "responsible_contract": self.responsible,
            **dated,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """On what a right was seen: a word of the register, the day it bears, a paper kept here."""

    kind: str
    dated_on: date | None = None
    document: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One act on a right: what it said, on what evidence, by whom and when."""

    act: str
    before: Right | None
    now: Right | None
    evidence: str
    evidence_on: date | None
    seen_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A right with its name, how it came here, and whether it holds on the day of the page."""

    public_id: uuid.UUID
    right: Right
    declared_by: str
    last: Seen | None
    open: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """What somebody says to have, as the agent and the person read it."""

    public_id: uuid.UUID
    person_public_id: uuid.UUID
    person_name: str
    right: Right
    document: uuid.UUID | None
    declared_at: datetime
    state: str
    reason: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The paper of a declaration, with what is inside."""

    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Late:
    """A claim that would be decided otherwise with the rights known today."""

    public_id: uuid.UUID
    reference: str
    held_on: date
    accepted_before: bool
    accepted_after: bool
    amo_before: int
    amo_after: int
    amc_before: int
    amc_after: int
    patient_before: int
    patient_after: int

    @property
    def back_cents(self) -> int:
        """How much less the session would cost the person; more is told with a minus."""
        return self.patient_before - self.patient_after


def right_of(row: Row) -> Right:
    """A row as a right."""
    since, until = row.valid_from, gather.last_day(row.valid_before)
    if isinstance(row, Affiliation):
        return Right("scheme", since, until, regime=row.regime, fund_code=row.fund_code)
    if isinstance(row, Exemption):
        return Right("exemption", since, until, kind=row.kind, reference=row.reference)
    return Right(
        "cover",
        since,
        until,
        insurer_code=row.insurer_code,
        insurer_name=row.insurer_name,
        member_number=row.member_number,
        responsible=row.responsible_contract,
    )


def write(
    actor: Actor, person: Person, right: Right, evidence: Evidence, *, at: datetime
) -> Row | None:
    """Open a right of a locked person; None when it stands already, word for word.

    Refuses ``right_unclear`` and ``right_overlaps``.
    """
    refuse_unclear(right)
    columns = right.columns()
    others = _excluded(person, right)
    if any(right_of(row) == right for row in others):
        return None
    if others:
        raise Refusal("right_overlaps", day=others[0].valid_from, fields=("valid_from",))
    try:
        with transaction.atomic():
            row = periods.add(person, right.right, declared_by=actor.side, **columns)
    except IntegrityError as error:
        raise Refusal("right_overlaps", day=right.valid_from, fields=("valid_from",)) from error
    note(actor, person, row.public_id, "opened", None, right, evidence, at=at)
    return row


def _excluded(person: Person, right: Right) -> list[Row]:
    return list(
        periods.overlapping(
            person,
            right.right,
            right.valid_from,
            gather.day_after(right.ends_on),
            kind=right.kind,
            reference=right.reference,
        )
    )


def note(
    actor: Actor,
    person: Person,
    subject: uuid.UUID,
    done: str,
    before: Right | None,
    now: Right | None,
    evidence: Evidence,
    *,
    at: datetime,
) -> None:
    """The line that says what was done to a right, on what, by whom."""
    told = {
        "before": before.told() if before else None,
        "now": now.told() if now else None,
    }
    seen.keep(
        person_id=person.pk,
        right=(now or before).right,  # type: ignore[union-attr]
        subject=subject,
        act=done,
        content=told,
        evidence=evidence.kind,
        evidence_on=evidence.dated_on,
        document=evidence.document,
        seen_by=actor.role,
        seen_by_account=actor.account_id,
        recorded_at=at,
    )


def refuse_unclear(right: Right) -> None:
    """Refuses ``right_unclear``: a kind that is not one, an end before the start, no name."""
    fields = []
    if right.right == "scheme" and right.regime not in REGIMES:
        fields.append("regime")
    if right.right == "exemption" and right.kind not in KINDS:
        fields.append("kind")
    if right.right == "cover" and not right.insurer_name.strip():
        fields.append("insurer_name")
    if right.ends_on is not None and right.ends_on < right.valid_from:
        fields.append("ends_on")
    if fields:
        raise Refusal("right_unclear", fields=tuple(fields))


def held(person: Person, on: date) -> tuple[Held, ...]:
    """All rights of somebody read with them: those that hold first, then by the day they began."""
    rows = list(rows_of(person))
    last = seen.latest_of([row.public_id for row in rows])
    found = [
        Held(
            row.public_id,
            right_of(row),
            row.declared_by,
            seen_of(last[row.public_id]) if row.public_id in last else None,
            gather.in_force([row], on) is not None,
        )
        for row in rows
    ]
    order = ("scheme", "exemption", "cover")
    return tuple(
        sorted(
            found,
            key=lambda one: (
                not one.open,
                order.index(one.right.right),
                -one.right.valid_from.toordinal(),
            ),
        )
    )


def seen_of(entry: Entry) -> Seen:
    """A line of the register as it is shown."""
    told = entry.content
    return Seen(
        act=entry.act,
        before=Right.of(told["before"]) if told["before"] else None,
        now=Right.of(told["now"]) if told["now"] else None,
        evidence=entry.evidence,
        evidence_on=entry.evidence_on,
        seen_by=entry.seen_by,
        at=entry.recorded_at,
    )


def situation(person: Person, on: date) -> Situation:
    """Somebody's situation on a day, for a session without a link to an illness or an accident."""
    held_on = gather.person(person, on, psychiatric=False)
    open_kinds = {row.kind for row in person.exemptions.all() if gather.in_force([row], on)}
    former = former_css_until(person, on) is not None
    return Situation(
        regime=held_on.regime,
        amc=held_on.amc,
        css="css" in open_kinds,
        css_ended_less_than_a_year_ago=former,
        ame="ame" in open_kinds,
        invalidity="invalidity" in open_kinds,
    )


def former_css_until(person: Person, on: date) -> date | None:
    """Until when nobody who had the CSS advances the obligatory share (R-105); None otherwise."""
    terms = gather.terms_on(on)
    ended = [
        gather.last_day(row.valid_before)
        for row in person.exemptions.all()
        if row.kind == "css" and row.valid_before is not None and row.valid_before <= on
    ]
    until = [civil_date(former_css_last_day(day_number(last), terms)) for last in ended if last]
    return max((day for day in until if day >= on), default=None)


def funds_of(person: Person) -> set[str]:
    """The funds that manage, or managed, somebody's scheme."""
    return {row.fund_code for row in person.affiliations.all() if row.fund_code}


def fund_that_may(actor: Actor, person: Person) -> str:
    """The code that ties an agent to somebody: theirs, or one that received a claim.

    Somebody whom no fund knows is opened to whichever agent was given their number.
    """
    known = funds_of(person)
    mine = actor.fund_code
    if not known or mine in known or claims.fund_received(person.pk, mine):
        return mine
    return ""


def late_claims(person_id: int) -> tuple[Late, ...]:
    """The claims that would be decided otherwise with the rights written today."""
    decided = {row.claim_id: row for row in claims.latest_decisions(person_id)}
    found = []
    for claim in claims.with_sheets(decided):
        last = claims.latest_decision(claim.pk)
        if last is None or last.to_confirm or last.cause == TAKEN_BACK:
            continue
        again = decided_today(claim, last)
        if _differs(last, again):
            found.append(_late(claim, last, again))
    return tuple(found)


def decided_today(claim: Claim, last: Decision) -> Answer:
    """The law's answer on a claim as it was received, with the rights written today.

    What a person at the fund set aside (R-022) stays aside: rights do not bring it back.
    """
    dossier = decisions.dossier(decisions.line_of(claim), claim.received_on)
    if not last.reasons & int(Reason.NON_INCLUSION_PSYCHIATRIC):
        dossier = decisions.unbarred(dossier)
    return answer(dossier, gather.law())


TAKEN_BACK = word(Cause.CANCELLED)
_COMPARED = ("coverage", "reasons", "amo_cents", "amc_cents", "patient_cents")


def _differs(last: Decision, again: Answer) -> bool:
    return any(getattr(last, name) != getattr(again.decision, name) for name in _COMPARED)


def _late(claim: Claim, last: Decision, again: Answer) -> Late:
    now = again.decision
    return Late(
        public_id=claim.public_id,
        reference=claim.reference,
        held_on=claim.care_session.held_on,
        accepted_before=last.accepted,
        accepted_after=bool(now.accepted),
        amo_before=last.amo_cents,
        amo_after=now.amo_cents,
        amc_before=last.amc_cents,
        amc_after=now.amc_cents,
        patient_before=last.patient_cents if last.accepted else last.price_cents,
        patient_after=now.patient_cents if now.accepted else now.price_cents,
    )


def locked(person_id: int) -> Person:
    """The person with their rights, so that two writers are one after the other."""
    Person.objects.select_for_update().get(pk=person_id)
    return people.with_rights(person_id)


def rows_of(person: Person) -> Iterable[Row]:
    """All rights of somebody who was read with them."""
    yield from person.affiliations.all()
    yield from person.exemptions.all()
    yield from person.covers.all()


def ending_soon(person: Person, on: date) -> Iterable[Right]:
    """The rights that end soon after a day, and that nothing of the same kind follows."""
    rights = [right_of(row) for row in rows_of(person)]
    for right in rights:
        last = right.ends_on
        if last is None or not on <= last <= on + ENDS_SOON or right.valid_from > on:
            continue
        if not any(_follows(other, right) for other in rights):
            yield right


def _follows(other: Right, right: Right) -> bool:
    """Whether another right goes on where this one ends."""
    assert right.ends_on is not None
    if (other.right, other.kind) != (right.right, right.kind) or other == right:
        return False
    after = right.ends_on + timedelta(days=1)
    return other.valid_from <= after and (other.ends_on is None or other.ends_on >= after)


def declared_view(row: Declaration, person: Person) -> Declared:
    return Declared(
        public_id=row.public_id,
        person_public_id=person.public_id,
        person_name=name_of(person),
        right=Right.of(row.content),
        document=row.document,
        declared_at=row.declared_at,
        state=row.state,
        reason=row.reason,
        ended_at=row.ended_at,
    )


def refuse_unclear_evidence(evidence: Evidence, at: datetime) -> None:
    ahead = evidence.dated_on is not None and evidence.dated_on > gather.civil_day(at, ZONE)
    if evidence.kind not in EVIDENCE or ahead:
        raise Refusal("evidence_unclear", fields=("evidence",))


def announce_change(person_id: int, at: datetime) -> None:
    """The person is told that something of their rights changed: once a day, however much."""
    day = gather.civil_day(at, ZONE)
    announce("rights.person.changed", at=at, once=f"{person_id}:{day}", person=person_id)
