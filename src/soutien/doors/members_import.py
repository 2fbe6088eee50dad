"""Reads a file of members, some lines at a time: for the insurer's page and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from soutien.doors.files.members_file import read_members
from soutien.registers.insurance.models import MembersFile
from soutien.steps.actor import Actor
from soutien.steps.insure import begin_members_file, finish_members_file, record_members
from soutien.steps.insured import MemberSaid

# One transaction each.
LINES_AT_ONCE = 500


def import_members(
    lines: Iterable[bytes],
    *,
    actor: Actor,
    insurer_code: str,
    digest: str,
    whole: bool,
    as_of: date,
    at: datetime,
) -> MembersFile:
    """The whole file; the same file again changes nothing. Raises NoMembers before anything."""
    taken = read_members(lines)
    first = next(taken, None)
    file = begin_members_file(
        actor=actor, insurer_code=insurer_code, digest=digest, whole=whole, as_of=as_of, at=at
    )
    if file.done_at is not None:
        return file
    said: dict[str, MemberSaid] = {}
    refused: list[tuple[int, str]] = []

    def write() -> None:
        record_members(
            actor=actor,
            file_id=file.public_id,
            said=tuple(said.values()),
            refused=tuple(refused),
            at=at,
        )
        said.clear()
        refused.clear()

    for one in [] if first is None else _again(first, taken):
        if isinstance(one, MemberSaid):
            said[one.number] = one
        else:
            refused.append(one)
        if len(said) + len(refused) >= LINES_AT_ONCE:
            write()
    write()
    return finish_members_file(actor=actor, file_id=file.public_id, at=at)


def _again(
    first: MemberSaid | tuple[int, str], rest: Iterable[MemberSaid | tuple[int, str]]
) -> Iterable[MemberSaid | tuple[int, str]]:
    yield first
    yield from rest
