"""What insurers tell and are told: members as they are kept, claims with what is left to decide.

A part of the steps about insurers; nothing here asks who may.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.insurance import queries as insurance
from soutien.registers.insurance.models import Contract, Member, MembersFile, PartDecision
from soutien.registers.ledger import queries as ledger
from soutien.registers.people import rights as periods
from soutien.registers.people.models import Cover, Person
from soutien.rules.codes import ThirdParty
from soutien.rules.insurer import Guarantee, Part, PartReason, decide_part
from soutien.rules.owed import Shares, owed
from soutien.steps import gather
from soutien.steps.actor import SYSTEM
from soutien.steps.entitled import (
    ZONE,
    Evidence,
    Right,
    announce_change,
    locked,
    note,
    right_of,
    write,
)
from soutien.steps.errors import Refusal
from soutien.steps.shown import name_of

EVIDENCE = Evidence("members_file")
TO_DECIDE, ACCEPTED, REFUSED = "to_decide", "accepted", "refused"


@dataclass(frozen=True, slots=True)
class MemberSaid:
    """A line of a file of members, read and in the form in which it is kept."""

    number: str
    family_name: str
    given_name: str
    birth_date: date
    nir: str
    contract_code: str
    valid_from: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class PartLine:
    """A claim as its insurer's list shows it. ``state`` is to_decide, accepted or refused."""

    public_id: uuid.UUID
    reference: str
    member_name: str
    member_number: str
    held_on: date
    price_cents: int
    amo_cents: int
    remainder_cents: int
    amc_cents: int
    state: str
    reasons: PartReason
    decided_at: datetime | None
    to_psychologist: bool


@dataclass(frozen=True, slots=True)
class PartView:
    """One claim for its insurer: the line, and what the contract says of it."""

    line: PartLine
    by_contract: Part
    contract_name: str
    history: tuple[PartDecision, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim, the insurer's code on the day of care, and the fund's decision that counts."""

    claim: Claim
    insurer_code: str
    cover: Cover | None
    decision: Decision


def due(insurer_code: str, state: str = "") -> QuerySet[Decision]:
    """The fund's decisions that leave an insurer something to say, newest first.

    Those that leave it nothing are shown only where it had said something before: who has a
    ground of full coverage is not the insurer's to know.
    """
    said = PartDecision.objects.filter(insurer_code=insurer_code)
    now = said.filter(decision=OuterRef("pk"))
    later = PartDecision.objects.filter(claim=OuterRef("claim"), sequence__gt=OuterRef("sequence"))
    counts = now.filter(~Exists(later))
    found = claims.counting().filter(
        Q(pk__in=claims.covered_by(insurer_code).values("pk"))
        | Exists(said.filter(claim=OuterRef("claim"))),
        to_confirm=False,
    )
    if state == TO_DECIDE:
        found = found.filter(~Exists(now))
    elif state in (ACCEPTED, REFUSED):
        found = found.filter(Exists(counts.filter(accepted=state == ACCEPTED)))
    return found.select_related(
        "claim__person", "claim__care_session", "claim__care_sheet"
    ).order_by("-claim__received_at", "-pk")


def decided_since(insurer_code: str, since: date) -> QuerySet[Decision]:
    """The same of what the insurer decided from a day on."""
    begins = datetime.combine(since, time(), ZoneInfo(ZONE))
    said = PartDecision.objects.filter(
        insurer_code=insurer_code, decision=OuterRef("pk"), decided_at__gte=begins
    )
    return due(insurer_code).filter(Exists(said))


def lines_of(insurer_code: str, decisions: Iterable[Decision]) -> tuple[PartLine, ...]:
    """These decisions as an insurer's list shows them."""
    rows = list(decisions)
    parts = insurance.latest_parts([row.claim_id for row in rows])
    numbers = periods.member_numbers(insurer_code, [row.claim.person_id for row in rows])
    return tuple(
        _line(row, parts.get(row.claim_id), numbers.get(row.claim.person_id, "")) for row in rows
    )


def _line(decision: Decision, part: PartDecision | None, number: str) -> PartLine:
    claim = decision.claim
    current = part if part is not None and part.decision_id == decision.pk else None
    paid_nothing = decision.third_party == int(ThirdParty.FULL)
    return PartLine(
        public_id=claim.public_id,
        reference=claim.reference,
        member_name=name_of(claim.person),
        member_number=number,
        held_on=claim.care_session.held_on,
        price_cents=decision.price_cents,
        amo_cents=decision.amo_cents,
        remainder_cents=remainder_of(decision),
        amc_cents=current.amc_cents if current else 0,
        state=TO_DECIDE if current is None else ACCEPTED if current.accepted else REFUSED,
        reasons=PartReason(current.reasons if current else 0),
        decided_at=current.decided_at if current else None,
        to_psychologist=paid_nothing or claim.care_sheet.amc_third_party,
    )


def claim_for_insurer(public_id: uuid.UUID) -> Asked:
    """A claim that leaves an insurer something to say. Raises Refusal(not_found) otherwise."""
    claim = claims.by_public_id(public_id)
    decision = claims.latest_decision(claim.pk) if claim is not None else None
    if claim is None or decision is None or decision.to_confirm:
        raise Refusal("not_found")
    cover = periods.cover_on(claim.person_id, claim.care_session.held_on)
    before = insurance.parts_of(claim.pk)
    code = before[-1].insurer_code if before else cover.insurer_code if cover else ""
    if not code or (not before and not remainder_of(decision)):
        raise Refusal("not_found")
    return Asked(claim, code, cover if cover and cover.insurer_code == code else None, decision)


def remainder_of(decision: Decision) -> int:
    """What the compulsory scheme leaves of an accepted session; nothing of a refused one."""
    return decision.price_cents - decision.amo_cents if decision.accepted else 0


def by_contract(asked: Asked) -> tuple[Part, Contract | None]:
    """What the contract of the day of care says, and which it is.

    Of an insurer that never sent a file of members, what the cover says counts.
    """
    on = asked.claim.care_session.held_on
    member = _member_on(asked, on)
    told = insurance.has_members(asked.insurer_code)
    contract = (
        insurance.contract_on(asked.insurer_code, member.contract_code, on) if member else None
    )
    if told:
        guarantee = Guarantee(
            member=int(member is not None),
            contract=int(contract is not None),
            responsible=int(contract is not None and contract.responsible),
            copay_percent=contract.copay_percent if contract else 0,
        )
    else:
        responsible = int(asked.cover is not None and asked.cover.responsible_contract)
        guarantee = Guarantee(int(asked.cover is not None), 1, responsible, 0)
    part = decide_part(
        accepted=int(asked.decision.accepted),
        remainder_cents=remainder_of(asked.decision),
        guarantee=guarantee,
    )
    return part, contract


def _member_on(asked: Asked, on: date) -> Member | None:
    found = insurance.members_of_person(asked.insurer_code, asked.claim.person_id)
    return gather.in_force(found, on)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an insurer gives for sessions outside the programme: information, never paid here."""

    insurer_name: str
    cents: int
    sessions: int


def allowance_of(person: Person, on: date) -> Allowance | None:
    """The allowance of somebody's contract on a day; None without one that is written here."""
    cover = gather.in_force(person.covers.all(), on)
    if cover is None or not cover.insurer_code:
        return None
    found = insurance.members_of_person(cover.insurer_code, person.pk)
    member = gather.in_force(found, on)
    contract = (
        insurance.contract_on(cover.insurer_code, member.contract_code, on) if member else None
    )
    if contract is None or not contract.allowance_cents:
        return None
    return Allowance(cover.insurer_name, contract.allowance_cents, contract.allowance_sessions)


def post_part(asked: Asked, part: PartDecision, at: datetime) -> None:
    """What the insurer owes from now on, in the ledger: only what differs from what stood."""
    claim, decision = asked.claim, asked.decision
    shares = Shares(0, part.amc_cents, decision.third_party, claim.care_sheet.amc_third_party)
    parties = ledger.Parties(
        claim.person_id, claim.psychologist_id, claim.fund_code, asked.insurer_code
    )
    stood = [
        move for move in ledger.standing([claim.pk])[claim.pk] if move.debit.kind == "insurer"
    ]
    moved = ledger.corrections(stood, ledger.moves(owed(shares), parties))
    why = "amc_decided" if part.sequence == 1 else "amc_corrected"
    on = gather.civil_day(at, ZONE)
    ledger.post([ledger.Transaction(why, part.pk, moved, on, at, claim.pk)])


def part_view(asked: Asked) -> PartView:
    """One claim as its insurer reads it."""
    part, contract = by_contract(asked)
    (line,) = lines_of(asked.insurer_code, [_with_its_claim(asked)])
    history = tuple(insurance.parts_of(asked.claim.pk))
    return PartView(line, part, contract.name if contract else "", history)


def _with_its_claim(asked: Asked) -> Decision:
    asked.decision.claim = asked.claim
    return asked.decision


def new_member(members_file: MembersFile, line: MemberSaid, person: Person | None) -> Member:
    """A membership that the insurer's files did not hold before."""
    return Member(
        insurer_code=members_file.insurer_code,
        person=person,
        last_file=members_file,
        **_columns(members_file.insurer_code, line),
    )


def _columns(insurer_code: str, line: MemberSaid) -> dict[str, object]:
    return {
        "member_number": line.number,
        "family_name": line.family_name,
        "given_name": line.given_name,
        "birth_date": line.birth_date.isoformat(),
        "nir": line.nir,
        "contract_code": line.contract_code,
        "valid_from": line.valid_from,
        "valid_before": gather.day_after(line.ends_on),
        **insurance.indexes_of(insurer_code, line.number, line.nir),
    }


def same_member(member: Member, line: MemberSaid) -> bool:
    """Whether the file says what it said before."""
    told = _columns(member.insurer_code, line)
    return all(
        getattr(member, name) == value
        for name, value in told.items()
        if not name.endswith("_index")
    )


def rewrite_member(
    member: Member, members_file: MembersFile, line: MemberSaid, person: Person | None
) -> None:
    """The membership as this file says it."""
    for name, value in _columns(member.insurer_code, line).items():
        setattr(member, name, value)
    member.last_file, member.person = members_file, person
    member.save()


def cover_member(
    members_file: MembersFile, line: MemberSaid, person: Person, at: datetime
) -> None:
    """The cover of somebody who is here, as their insurer says it; another's is left alone."""
    contract = insurance.contract_on(
        members_file.insurer_code, line.contract_code, line.valid_from
    )
    right = Right(
        "cover",
        line.valid_from,
        line.ends_on,
        insurer_code=members_file.insurer_code,
        insurer_name=periods.insurer_name(members_file.insurer_code) or members_file.insurer_code,
        member_number=line.number,
        responsible=contract is None or contract.responsible,
    )
    person = locked(person.pk)
    mine = [row for row in person.covers.all() if row.insurer_code == right.insurer_code]
    if not mine:
        try:
            changed = write(SYSTEM, person, right, EVIDENCE, at=at) is not None
        except Refusal:
            # Somebody else's cover stands on these days: an agent or a paper tells which.
            return
    else:
        changed = _align(person, mine[-1], right, at)
    if changed:
        announce_change(person.pk, at)


def _align(person: Person, row: Cover, right: Right, at: datetime) -> bool:
    """The insurer's own cover follows its file, from the first day that either says."""
    before = right_of(row)
    since = min(before.valid_from, right.valid_from)
    now = Right.of({**right.told(), "valid_from": since.isoformat()})
    now = (
        now
        if right.insurer_name
        else Right.of({**now.told(), "insurer_name": before.insurer_name})
    )
    if (
        now == before
        or periods.overlapping(person, "cover", now.valid_from, gather.day_after(now.ends_on))
        .exclude(pk=row.pk)
        .exists()
    ):
        return False
    periods.alter(row, **now.columns())
    note(SYSTEM, person, row.public_id, "corrected", before, now, EVIDENCE, at=at)
    return True


def uncover_member(member: Member, before: date, at: datetime) -> None:
    """The cover of somebody whom a whole file does not name any more ends with it."""
    assert member.person_id is not None
    person = locked(member.person_id)
    for row in person.covers.all():
        open_then = row.valid_before is None or row.valid_before > before
        if row.insurer_code != member.insurer_code or not open_then or row.valid_from >= before:
            continue
        former = right_of(row)
        periods.alter(row, valid_before=before)
        note(SYSTEM, person, row.public_id, "ended", former, right_of(row), EVIDENCE, at=at)
        announce_change(person.pk, at)
