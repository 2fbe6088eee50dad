"""Several sessions on one care sheet, at the psychologist's choice (R-113): one line a session."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from soutien.registers.care import queries as care
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet, SheetLine
from soutien.steps import issued
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.issued import Signatures
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, record


@act("claims.sheet.issued")
def issue_one_sheet(
    *, actor: Actor, session_ids: Collection[uuid.UUID], signatures: Signatures, at: datetime
) -> CareSheet:
    """Put sessions whose sheets no fund has on one sheet, which takes the place of theirs.

    ``session_ids`` are public ids, of one person. The same sessions again answer with the same
    sheet. Refuses ``lines_none``, ``lines_gone`` where one was sent or corrected since,
    ``lines_too_many``, ``lines_differ``, ``signature_missing`` and ``law_refuses``; then nothing
    is issued.
    """
    if not session_ids:
        raise Refusal("lines_none")
    sessions = care.by_public_ids(session_ids)
    if not sessions or len(sessions) != len(set(session_ids)):
        raise Refusal("not_found")
    person_id, psychologist_id = sessions[0].person_id, sessions[0].psychologist_id
    ties = relations(actor, person_id=person_id, psychologist_id=psychologist_id)
    allow(actor, "issue_one_sheet", ties)
    for civil_year in sorted({session.held_on.year for session in sessions}):
        care.lock_year(person_id, civil_year)
    wanted = {session.pk for session in sessions}
    standing = claims.lines_to_send(person_id, psychologist_id)
    lines = [line for line in standing if line.care_session_id in wanted]
    if len(lines) != len(wanted):
        raise Refusal("lines_gone")
    former = _one_sheet_of(lines, standing)
    if former is not None:
        return former
    asked = any(line.care_sheet.amo_third_party for line in lines)
    made = [issued.line_of(line.care_session, asked, replaces=line) for line in lines]
    number_of = lines[-1].care_session
    held_by = [issued.replacement_on(line.care_sheet) for line in lines]
    if any(one != held_by[0] for one in held_by):
        raise Refusal("lines_differ")
    sheet = issued.issue(made, signatures, at=at, number_of=number_of, replacement=held_by[0])
    record(actor, "claims.sheet.issued", at=at, object_id=sheet.pk, person_id=person_id)
    return sheet


def _one_sheet_of(lines: list[SheetLine], standing: list[SheetLine]) -> CareSheet | None:
    """The sheet that says exactly these lines already. Refuses to leave others of one behind."""
    sheets = {line.care_sheet_id for line in lines}
    left = [line for line in standing if line.care_sheet_id in sheets and line not in lines]
    if left:
        raise Refusal("lines_left_behind")
    return lines[0].care_sheet if len(sheets) == 1 else None
