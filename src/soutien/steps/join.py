"""Psychologists join, change and leave by the files that name them.

An import is many steps: each takes a part of the file in one transaction, so that a file of two
million lines never holds the registers, and a killed import leaves whole parts behind it. Only
the end of a reading knows who is gone. Without a ``run_id`` a step rehearses: it says what it
would change and writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from soutien.registers.psychologists import entries
from soutien.registers.psychologists.models import (
    FormerNumber,
    ImportRun,
    Psychologist,
    RegisteredPlace,
    Registration,
    Source,
)
from soutien.steps import keep, merge
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow
from soutien.steps.said import (
    Change,
    FormerNumberLine,
    Outcome,
    PartnerSaid,
    Refused,
    RegisterLine,
    Seen,
)
from soutien.steps.trace import record

RUNNING, DONE, PARTIAL, OVERTAKEN = "running", "done", "partial", "overtaken"
_AT_ONCE = 500


@transaction.atomic
def begin_import(*, actor: Actor, kind: str, file_name: str, source_on: date, at: datetime) -> int:
    """Opens a reading (``rpps`` or ``partners``) and gives its number.

    An earlier one that never ended is overtaken: if it still runs, it stops at its next part.
    Refuses ``import_older`` when the file tells about an earlier day than the last one read.
    """
    allow(actor, "begin_import")
    last = entries.last_import(kind)
    if last is not None and source_on < last.source_on:
        raise Refusal("import_older", known_on=last.source_on, given_on=source_on)
    ImportRun.objects.filter(kind=kind, state=RUNNING).update(state=OVERTAKEN, ended_at=at)
    run = ImportRun.objects.create(
        kind=kind, file_name=file_name, source_on=source_on, begun_at=at
    )
    record(actor, "psychologists.import.begun", at=at, object_id=run.pk)
    return run.pk


@transaction.atomic
def record_register_lines(
    *,
    actor: Actor,
    run_id: int | None,
    lines: Sequence[RegisterLine | FormerNumberLine],
    seen: Seen,
    source_on: date,
    at: datetime,
) -> Outcome:
    """Takes a part of the open RPPS file into its register; ``seen`` learns who was met.

    Former ADELI numbers are kept as history and found by no search.
    """
    allow(actor, "record_register_lines")
    people = [line for line in lines if isinstance(line, RegisterLine)]
    former = [line for line in lines if isinstance(line, FormerNumberLine)]
    if run_id is not None:
        _hold(run_id)
    known = entries.registrations_of({line.rpps for line in people})
    plan = merge.register_plan(people, known, seen)
    if run_id is None:
        return Outcome(plan.changes, [])
    keep.write_register(plan, known, source_on)
    keep.keep_former(
        [FormerNumber(source_on=source_on, **line._asdict()) for line in former if line.adeli]
    )
    if plan.changes:
        keep.amend(run_id, plan.changes)
        record(actor, "psychologists.register.recorded", at=at, object_id=run_id)
    return Outcome(plan.changes, [])


@transaction.atomic
def retire_from_register(
    *,
    actor: Actor,
    run_id: int | None,
    seen: Seen,
    source_on: date,
    losses_allowed: bool = False,
    at: datetime,
) -> Outcome:
    """Hides the people and places that the open RPPS file, read to its end, no longer names.

    They stay in history, and no search finds them. Refuses ``import_too_many_gone`` when so many
    are missing that the file must be cut short, unless ``losses_allowed``.
    """
    allow(actor, "retire_from_register")
    if run_id is not None:
        _hold(run_id)
    gone, known = _missing(entries.registered_now(), seen)
    _refuse_losses(len(gone), known, losses_allowed)
    closed = [
        (place_id, Change(rpps, "changed", "place", address))
        for place_id, rpps, key, address in entries.open_registered_places()
        if seen.misses_place(rpps, key)
    ]
    changes = [Change(rpps, "gone") for rpps in gone.values()]
    changes += [change for _place_id, change in closed]
    if run_id is None or not changes:
        return Outcome(changes, [])
    for part in _parts([place_id for place_id, _change in closed]):
        RegisteredPlace.objects.filter(pk__in=part).update(closed_on=source_on)
    for part in _parts(list(gone)):
        Registration.objects.filter(pk__in=part).update(gone_on=source_on)
    for numbers in _parts(list(gone.values())):
        Psychologist.objects.filter(rpps__in=numbers).update(left_register_on=source_on)
    keep.amend(run_id, changes)
    record(actor, "psychologists.register.retired", at=at, object_id=run_id)
    return Outcome(changes, [])


@transaction.atomic
def align_partners(
    *,
    actor: Actor,
    run_id: int,
    psychologist_ids: Collection[int],
    source_on: date,
    at: datetime,
) -> Outcome:
    """Brings our psychologists in line with the open file, where nobody stronger has spoken."""
    allow(actor, "align_partners")
    _hold(run_id)
    numbers = Psychologist.objects.filter(pk__in=psychologist_ids).values_list("rpps", flat=True)
    psychologists = entries.psychologists_of(list(numbers))
    registrations = entries.registrations_of(list(psychologists))
    in_use = keep.places_in_use(psychologists.values(), source_on)
    changes: list[Change] = []
    for rpps, psychologist in psychologists.items():
        registration = registrations[rpps]
        if registration.gone_on != psychologist.left_register_on:
            psychologist.left_register_on = registration.gone_on
            psychologist.save(update_fields=["left_register_on"])
        if registration.gone_on is not None:
            continue
        said = keep.said_by_register(registration)
        notes = {note.field: note for note in psychologist.field_sources.all()}
        fields = merge.fields_plan(psychologist, notes, said, Source.REGISTER)
        changes += keep.write_fields(psychologist, fields, said, Source.REGISTER, source_on)
        rows = list(psychologist.places.all())
        places = keep.register_places(rows, (), registration, in_use)
        keep.write_places(psychologist, places, Source.REGISTER, source_on)
        changes += places.changes(rpps)
    told = [change for change in changes if change.what == "changed"]
    if told:
        keep.amend(run_id, told)
        record(actor, "psychologists.partners.aligned", at=at, object_id=run_id)
    return Outcome(changes, [])


@transaction.atomic
def record_partners(
    *,
    actor: Actor,
    run_id: int | None,
    partners: Sequence[PartnerSaid],
    seen: Seen,
    source_on: date,
    at: datetime,
) -> Outcome:
    """Takes a part of the file of partners: who they are, where, and their agreements.

    What psychologists wrote themselves stays. Refuses, line by line, a psychologist without a
    name whom the open file does not know, and agreements that overlap.
    """
    allow(actor, "record_partners")
    if run_id is not None:
        _hold(run_id)
    numbers = [said.rpps for said in partners]
    psychologists = entries.psychologists_of(numbers)
    registrations = entries.registrations_of(numbers)
    in_use = keep.places_in_use(psychologists.values(), source_on)
    outcome = Outcome([], [])
    for said in partners:
        seen.first_meeting(said.rpps)
        known, registration = psychologists.get(said.rpps), registrations.get(said.rpps)
        if known is None and not (names := keep.names_of(said, registration)):
            outcome.refused.append(
                Refused(said.line, "family_name", "", "no name, and the open file has none")
            )
            continue
        psychologist = known or keep.newcomer(said, names)
        changes = keep.take_partner(psychologist, said, registration, in_use, source_on, run_id)
        outcome.refused.extend(changes.refused)
        outcome.changes.extend(changes.changes)
    if run_id is not None and any(change.what != "kept" for change in outcome.changes):
        keep.amend(run_id, outcome.changes)
        record(actor, "psychologists.partners.recorded", at=at, object_id=run_id)
    return outcome


@transaction.atomic
def retire_from_partners(
    *,
    actor: Actor,
    run_id: int | None,
    seen: Seen,
    source_on: date,
    losses_allowed: bool = False,
    at: datetime,
) -> Outcome:
    """Hides the partners whom the file, read to its end, no longer names.

    Their agreement is untouched: a line left out ends no convention (give ``agreement_to``).
    Refuses ``import_too_many_gone`` as for the open file.
    """
    allow(actor, "retire_from_partners")
    if run_id is not None:
        _hold(run_id)
    gone, known = _missing(entries.partners_named(), seen)
    _refuse_losses(len(gone), known, losses_allowed)
    changes = [Change(rpps, "gone") for rpps in gone.values()]
    if run_id is None or not changes:
        return Outcome(changes, [])
    for part in _parts(list(gone)):
        Psychologist.objects.filter(pk__in=part).update(left_partners_on=source_on)
    record(actor, "psychologists.partners.retired", at=at, object_id=run_id)
    return Outcome(changes, [])


@transaction.atomic
def finish_import(
    *, actor: Actor, run_id: int, counts: Mapping[str, int], whole: bool, at: datetime
) -> None:
    """Closes a reading; not ``whole`` when the people gone were left as they were."""
    allow(actor, "finish_import")
    run = _hold(run_id)
    run.state, run.ended_at, run.counts = DONE if whole else PARTIAL, at, dict(counts)
    run.save(update_fields=["state", "ended_at", "counts"])
    record(actor, "psychologists.import.finished", at=at, object_id=run_id)


def _hold(run_id: int) -> ImportRun:
    """The reading, locked. Refuses ``import_overtaken`` when another has begun since."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state != RUNNING:
        raise Refusal("import_overtaken")
    return run


def _parts(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


def _missing(known: Iterable[tuple[int, str]], seen: Seen) -> tuple[dict[int, str], int]:
    """Those of the known whom the file does not name, and how many are known."""
    gone: dict[int, str] = {}
    count = 0
    for key, rpps in known:
        count += 1
        if not seen.met(rpps):
            gone[key] = rpps
    return gone, count


def _refuse_losses(gone: int, known: int, losses_allowed: bool) -> None:
    if not losses_allowed and merge.too_many(gone, known):
        raise Refusal("import_too_many_gone", gone=gone, known=known)
