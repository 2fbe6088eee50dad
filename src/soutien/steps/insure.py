"""An insurer tells us of its members and contracts, and decides its part of their sessions.

Its agents see their own members and what the fund decided, in cents: never the reasons of care,
nor a ground of full coverage, which leaves nothing to pay. What they are told of a file never
says who of its members is in care.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from soutien.registers.care import queries as care
from soutien.registers.insurance import queries as insurance
from soutien.registers.insurance.models import Contract, Member, MembersFile, PartDecision
from soutien.registers.people import queries as people
from soutien.rules.insurer import BY_HAND, Part, PartReason
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.insured import (
    Asked,
    MemberSaid,
    PartLine,
    PartView,
    by_contract,
    claim_for_insurer,
    cover_member,
    decided_since,
    due,
    lines_of,
    new_member,
    part_view,
    post_part,
    remainder_of,
    rewrite_member,
    same_member,
    uncover_member,
)
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.trace import act, announce, looking, record

LINES_A_PAGE = 50
_PERCENT = range(101)


class Guarantees(NamedTuple):
    """What a contract guarantees from a day on; see the register's Contract for each."""

    name: str
    responsible: bool
    copay_percent: int
    allowance_cents: int
    allowance_sessions: int
    valid_from: date


@looking("insurance.member.listed")
def list_members(*, actor: Actor, at: datetime, page: int = 1) -> tuple[int, tuple[Member, ...]]:
    """The members as the insurer's own files say them, and how many they are."""
    allow(actor, "list_members", relations(actor, insurer_code=actor.insurer_code))
    first = (max(page, 1) - 1) * LINES_A_PAGE
    total, found = insurance.members_page(actor.insurer_code, first, LINES_A_PAGE)
    known = [member.person_id for member in found if member.person_id is not None]
    record(actor, "insurance.member.listed", at=at, object_id=page, people=known)
    return total, tuple(found)


@act("insurance.contract.written")
def write_contract(*, actor: Actor, code: str, guarantees: Guarantees, at: datetime) -> Contract:
    """What a contract guarantees from a day on; what it guaranteed before ends there.

    Refuses ``contract_unclear`` without a code, a name, or beyond the whole.
    """
    allow(actor, "write_contract", relations(actor, insurer_code=actor.insurer_code))
    if not code.strip() or not guarantees.name.strip() or guarantees.copay_percent not in _PERCENT:
        raise Refusal("contract_unclear", fields=("code", "name", "copay_percent"))
    written = insurance.write_contract(
        actor.insurer_code,
        code.strip(),
        written_at=at,
        written_by_account=actor.account_id,
        **guarantees._asdict(),
    )
    record(actor, "insurance.contract.written", at=at, object_id=written.pk)
    return written


@act("insurance.file.begun")
def begin_members_file(
    *, actor: Actor, insurer_code: str, digest: str, whole: bool, as_of: date, at: datetime
) -> MembersFile:
    """Begin to read a file of members. The same bytes again are the same file, read once."""
    allow(actor, "begin_members_file", _of(actor, insurer_code))
    known = insurance.file_of(insurer_code, digest)
    if known is not None:
        # Read to its end: nothing more. Broken off: read again from its first line.
        return known if known.done_at is not None else insurance.from_the_start(known)
    begun = MembersFile.objects.create(
        insurer_code=insurer_code,
        digest=digest,
        whole=whole,
        as_of=as_of,
        begun_at=at,
        by_account=actor.account_id,
    )
    record(actor, "insurance.file.begun", at=at, object_id=begun.pk)
    return begun


@act("insurance.file.read")
def record_members(
    *,
    actor: Actor,
    file_id: uuid.UUID,
    said: Collection[MemberSaid],
    refused: Collection[tuple[int, str]],
    at: datetime,
) -> None:
    """Some lines of a file: members added, changed or the same; lines that could not be read."""
    members_file = _open_file(file_id)
    allow(actor, "record_members", _of(actor, members_file.insurer_code))
    known = insurance.members_by_number(members_file.insurer_code, [line.number for line in said])
    here = people.by_nirs([line.nir for line in said if line.nir])
    fresh: dict[str, Member] = {}
    for line in said:
        member, person = known.get(line.number), here.get(line.nir)
        if member is None:
            fresh[line.number] = new_member(members_file, line, person)
            continue
        members_file.same += same_member(member, line)
        members_file.changed += not same_member(member, line)
        rewrite_member(member, members_file, line, person)
    insurance.add_members(fresh.values())
    for line in said:
        if line.nir in here:
            cover_member(members_file, line, here[line.nir], at)
    insurance.refuse_lines(members_file, refused)
    members_file.added += len(fresh)
    members_file.refused += len(refused)
    members_file.lines += len(said) + len(refused)
    members_file.save()
    record(
        actor,
        "insurance.file.read",
        at=at,
        object_id=members_file.pk,
        people=[person.pk for person in here.values()],
    )


@act("insurance.file.done")
def finish_members_file(*, actor: Actor, file_id: uuid.UUID, at: datetime) -> MembersFile:
    """The end of a file: of a whole one, whoever it did not name is a member no more."""
    members_file = _open_file(file_id)
    allow(actor, "finish_members_file", _of(actor, members_file.insurer_code))
    gone: list[int] = []
    if members_file.whole:
        for member in insurance.not_in(members_file, members_file.as_of):
            member.valid_before = members_file.as_of
            member.save(update_fields=["valid_before"])
            members_file.gone += 1
            if member.person_id is not None:
                gone.append(member.person_id)
                uncover_member(member, members_file.as_of, at)
    members_file.done_at = at
    members_file.save(update_fields=["gone", "done_at"])
    record(actor, "insurance.file.done", at=at, object_id=members_file.pk, people=gone)
    return members_file


@looking("insurance.part.listed")
def list_parts(
    *, actor: Actor, at: datetime, state: str = "", page: int = 1
) -> tuple[int, tuple[PartLine, ...]]:
    """The claims of the insurer's members that leave it something to say, newest first."""
    allow(actor, "list_parts", relations(actor, insurer_code=actor.insurer_code))
    first = (max(page, 1) - 1) * LINES_A_PAGE
    found = due(actor.insurer_code, state)
    total, rows = found.count(), found[first : first + LINES_A_PAGE]
    lines = lines_of(actor.insurer_code, rows)
    record(
        actor,
        "insurance.part.listed",
        at=at,
        object_id=page,
        people=[row.claim.person_id for row in rows],
    )
    return total, lines


@looking("insurance.part.listed")
def open_returns(*, actor: Actor, since: date, at: datetime) -> tuple[PartLine, ...]:
    """What the insurer decided since a day, for its return file."""
    allow(actor, "open_returns", relations(actor, insurer_code=actor.insurer_code))
    rows = list(decided_since(actor.insurer_code, since))
    people_told = [row.claim.person_id for row in rows]
    record(actor, "insurance.part.listed", at=at, object_id=len(rows), people=people_told)
    return lines_of(actor.insurer_code, rows)


@looking("insurance.part.opened")
def open_part(*, actor: Actor, claim_id: uuid.UUID, at: datetime) -> PartView:
    """One claim for its insurer, with what its contract says. ``claim_id`` is the public id."""
    asked = claim_for_insurer(claim_id)
    allow(actor, "open_part", _tie(actor, asked))
    claim = asked.claim
    record(actor, "insurance.part.opened", at=at, object_id=claim.pk, person_id=claim.person_id)
    return part_view(asked)


@act("insurance.part.decided")
def settle_part(*, actor: Actor, claim_id: uuid.UUID, at: datetime) -> PartDecision:
    """Decide the insurer's part by its contract; decided alike before, that decision.

    Refuses ``not_found`` for a claim that leaves the insurer nothing to say.
    """
    asked = claim_for_insurer(claim_id)
    allow(actor, "settle_part", _tie(actor, asked))
    part, contract = by_contract(asked)
    return _written(actor, asked, part, contract.code if contract else "", at)


@act("insurance.part.decided")
def refuse_part(
    *, actor: Actor, claim_id: uuid.UUID, reason: PartReason, at: datetime
) -> PartDecision:
    """Refuse the part of one claim, for a reason that the contract does not know.

    Refuses ``part_reason`` for a word that is not an agent's to say.
    """
    asked = claim_for_insurer(claim_id)
    allow(actor, "refuse_part", _tie(actor, asked))
    if reason not in BY_HAND:
        raise Refusal("part_reason", fields=("reason",))
    return _written(actor, asked, Part(0, int(reason), 0), "", at)


def _written(
    actor: Actor, asked: Asked, part: Part, contract_code: str, at: datetime
) -> PartDecision:
    """One more row, when it says something else than the last one of the same decision."""
    claim = asked.claim
    # One after the other on one claim, as everything that decides.
    care.lock_year(claim.person_id, claim.care_session.held_on.year)
    before = insurance.parts_of(claim.pk)
    last = before[-1] if before else None
    said = (bool(part.accepted), part.reasons, part.amc_cents)
    same = last is not None and last.decision_id == asked.decision.pk
    if last is not None and same and (last.accepted, last.reasons, last.amc_cents) == said:
        return last
    made = insurance.add_part(
        claim_id=claim.pk,
        decision_id=asked.decision.pk,
        sequence=1 + len(before),
        insurer_code=asked.insurer_code,
        contract_code=contract_code,
        accepted=said[0],
        reasons=part.reasons,
        remainder_cents=remainder_of(asked.decision),
        amc_cents=part.amc_cents,
        decided_at=at,
        decided_by=actor.role,
        account=actor.account_id,
    )
    post_part(asked, made, at)
    event = "insurance.part.decided"
    record(actor, event, at=at, object_id=claim.pk, person_id=claim.person_id)
    announce("insurance.part.decided", at=at, claim=claim.pk, part=made.pk)
    return made


def _of(actor: Actor, insurer_code: str) -> Ties:
    return relations(actor, insurer_code=insurer_code)


def _tie(actor: Actor, asked: Asked) -> Ties:
    claim = asked.claim
    return relations(actor, person_id=claim.person_id, insurer_code=asked.insurer_code)


def _open_file(public_id: uuid.UUID) -> MembersFile:
    found = insurance.lock_file(public_id)
    if found is None:
        raise Refusal("not_found")
    return found
