"""Questions to insurers' contracts, members and decisions."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from soutien.registers.insurance.models import (
    Contract,
    Member,
    MembersFile,
    PartDecision,
    RefusedLine,
)
from soutien.sealing import index_field

NUMBER = index_field(Member, "member_index")
NIR = index_field(Member, "nir_index")


def contracts_of(insurer_code: str) -> QuerySet[Contract]:
    """An insurer's contracts, by code, the latest period first."""
    return Contract.objects.filter(insurer_code=insurer_code).order_by("code", "-valid_from")


def contract_on(insurer_code: str, code: str, on: date) -> Contract | None:
    """The contract of that code on a day."""
    found = Contract.objects.filter(
        Q(valid_before__isnull=True) | Q(valid_before__gt=on),
        insurer_code=insurer_code,
        code=code,
        valid_from__lte=on,
    )
    return found.order_by("-valid_from").first()


def write_contract(insurer_code: str, code: str, **fields: Any) -> Contract:
    """A contract's guarantees from a day on; what stood before ends there."""
    since = fields["valid_from"]
    same = Contract.objects.filter(insurer_code=insurer_code, code=code)
    same.filter(valid_from__gte=since).delete()
    same.filter(Q(valid_before__isnull=True) | Q(valid_before__gt=since)).update(
        valid_before=since
    )
    return Contract.objects.create(insurer_code=insurer_code, code=code, **fields)


def has_members(insurer_code: str) -> bool:
    """Whether an insurer ever told us of its members."""
    return Member.objects.filter(insurer_code=insurer_code).exists()


def member_by_number(insurer_code: str, member_number: str) -> Member | None:
    """The member of that number."""
    indexes = NUMBER.indexes(insurer_code, member_number)
    return Member.objects.filter(member_index__in=indexes).first()


def members_by_number(insurer_code: str, numbers: Collection[str]) -> dict[str, Member]:
    """The members of these numbers, by number."""
    indexes = [index for one in numbers for index in NUMBER.indexes(insurer_code, one)]
    found = Member.objects.filter(member_index__in=indexes)
    return {member.member_number: member for member in found}


def members_of_person(insurer_code: str, person_id: int) -> list[Member]:
    """The memberships of somebody at an insurer."""
    return list(Member.objects.filter(insurer_code=insurer_code, person_id=person_id))


def members_page(insurer_code: str, first: int, size: int) -> tuple[int, list[Member]]:
    """How many members an insurer told us of, and some of them in the order they came."""
    found = Member.objects.filter(insurer_code=insurer_code).order_by("id")
    return found.count(), list(found[first : first + size])


def add_members(rows: Iterable[Member]) -> None:
    """New members, with the fingerprints that find them."""
    Member.objects.bulk_create(rows)


def indexes_of(insurer_code: str, member_number: str, nir: str) -> dict[str, str]:
    """The blind indexes of a member."""
    return {
        "member_index": NUMBER.index(insurer_code, member_number) or "",
        "nir_index": NIR.index(nir) or "",
    }


def not_in(members_file: MembersFile, before: date) -> QuerySet[Member]:
    """The members whom a whole file did not name, and who are not gone before a day."""
    return Member.objects.filter(
        Q(valid_before__isnull=True) | Q(valid_before__gt=before),
        insurer_code=members_file.insurer_code,
        valid_from__lt=before,
    ).exclude(last_file=members_file)


def file_of(insurer_code: str, digest: str) -> MembersFile | None:
    """The file with these very bytes that was read already."""
    return MembersFile.objects.filter(insurer_code=insurer_code, digest=digest).first()


def file_by_public_id(public_id: uuid.UUID) -> MembersFile | None:
    """A file that was read."""
    return MembersFile.objects.filter(public_id=public_id).first()


def files_of(insurer_code: str) -> QuerySet[MembersFile]:
    """The files of an insurer, newest first."""
    return MembersFile.objects.filter(insurer_code=insurer_code).order_by("-id")


def refuse_lines(members_file: MembersFile, refused: Iterable[tuple[int, str]]) -> None:
    """The lines that could not be read, by number."""
    RefusedLine.objects.bulk_create(
        [
            RefusedLine(members_file=members_file, number=number, reason=reason)
            for number, reason in refused
        ]
    )


def parts_of(claim_id: int) -> list[PartDecision]:
    """What was decided of a claim's part, in order."""
    return list(PartDecision.objects.filter(claim_id=claim_id).order_by("sequence"))


def latest_parts(claim_ids: Collection[int]) -> dict[int, PartDecision]:
    """The part decision that counts for each claim that has one."""
    found = PartDecision.objects.filter(claim_id__in=list(claim_ids)).order_by("sequence")
    return {row.claim_id: row for row in found}


def parts_of_claims(claim_ids: Collection[int]) -> dict[int, list[PartDecision]]:
    """What was decided of the part of each of these claims that has any, in order."""
    found: dict[int, list[PartDecision]] = {}
    for row in PartDecision.objects.filter(claim_id__in=list(claim_ids)).order_by("sequence"):
        found.setdefault(row.claim_id, []).append(row)
    return found


def agreed(claim_ids: Collection[int], decision_ids: Mapping[int, int]) -> set[int]:
    """The claims whose insurer said yes last, and on this decision of the fund."""
    return {
        claim_id
        for claim_id, part in latest_parts(claim_ids).items()
        if part.accepted and part.decision_id == decision_ids.get(claim_id)
    }


def add_part(**fields: Any) -> PartDecision:
    """One more decision of a part."""
    return PartDecision.objects.create(**fields)


def parts_decided(insurer_code: str, since: datetime | None = None) -> QuerySet[PartDecision]:
    """What an insurer decided that counts, the oldest first."""
    later = PartDecision.objects.filter(claim=OuterRef("claim"), sequence__gt=OuterRef("sequence"))
    found = PartDecision.objects.filter(~Exists(later), insurer_code=insurer_code)
    if since is not None:
        found = found.filter(decided_at__gte=since)
    return found.select_related("claim", "decision").order_by("id")


def forget(person_id: int) -> int:
    """Whoever is forgotten is nobody's member here."""
    return Member.objects.filter(person_id=person_id).delete()[0]


def lock_file(public_id: uuid.UUID) -> MembersFile | None:
    """A file being read, kept so until the transaction ends."""
    return MembersFile.objects.select_for_update().filter(public_id=public_id).first()


def from_the_start(members_file: MembersFile) -> MembersFile:
    """A file that was broken off, as if nothing of it had been read."""
    members_file.refused_lines.all().delete()
    for name in ("lines", "added", "changed", "same", "gone", "refused"):
        setattr(members_file, name, 0)
    members_file.save()
    return members_file


def insurers() -> list[str]:
    """The insurers that told us of their contracts."""
    found = Contract.objects.order_by("insurer_code").values_list("insurer_code", flat=True)
    return list(found.distinct())


def part_of_claim(public_id: uuid.UUID) -> PartDecision | None:
    """The part decision that counts for the claim of an address."""
    return PartDecision.objects.filter(claim__public_id=public_id).order_by("-sequence").first()


def part_by_id(key: int) -> PartDecision | None:
    """The part decision of a letter, with its claim and its person."""
    found = PartDecision.objects.select_related("claim__person", "claim__care_session")
    return found.filter(pk=key).first()
