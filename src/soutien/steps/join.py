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

from soutien.registers.agenda import queries as agenda
from soutien.registers.places.gazetteer import time_zone_of
from soutien.registers.psychologists import entries
from soutien.registers.psychologists.models import (
    Agreement,
    Amendment,
    FieldSource,
    FormerNumber,
    ImportRun,
    PracticePlace,
    Psychologist,
    RegisteredPlace,
    Registration,
    Source,
)
from soutien.steps import merge
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.merge import (
    AgreementsPlan,
    Change,
    FieldsPlan,
    FormerNumberLine,
    Outcome,
    PartnerSaid,
    PlacesPlan,
    Refused,
    RegisterLine,
    RegisterPlan,
    Seen,
)
from soutien.steps.permissions import allow
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
    _write_register(plan, known, source_on)
    _keep_former(
        [FormerNumber(source_on=source_on, **line._asdict()) for line in former if line.adeli]
    )
    if plan.changes:
        _amend(run_id, plan.changes)
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
    _amend(run_id, changes)
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
    in_use = _places_in_use(psychologists.values(), source_on)
    changes: list[Change] = []
    for rpps, psychologist in psychologists.items():
        registration = registrations[rpps]
        if registration.gone_on != psychologist.left_register_on:
            psychologist.left_register_on = registration.gone_on
            psychologist.save(update_fields=["left_register_on"])
        if registration.gone_on is not None:
            continue
        said = _said_by_register(registration)
        notes = {note.field: note for note in psychologist.field_sources.all()}
        fields = merge.fields_plan(psychologist, notes, said, Source.REGISTER)
        changes += _write_fields(psychologist, fields, said, Source.REGISTER, source_on)
        rows = list(psychologist.places.all())
        places = _register_places(rows, (), registration, in_use)
        _write_places(psychologist, places, Source.REGISTER, source_on)
        changes += places.changes(rpps)
    told = [change for change in changes if change.what == "changed"]
    if told:
        _amend(run_id, told)
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
    in_use = _places_in_use(psychologists.values(), source_on)
    outcome = Outcome([], [])
    for said in partners:
        seen.first_meeting(said.rpps)
        known, registration = psychologists.get(said.rpps), registrations.get(said.rpps)
        if known is None and not (names := _names(said, registration)):
            outcome.refused.append(
                Refused(said.line, "family_name", "", "no name, and the open file has none")
            )
            continue
        psychologist = known or _newcomer(said, names)
        changes = _take_partner(psychologist, said, registration, in_use, source_on, run_id)
        outcome.refused.extend(changes.refused)
        outcome.changes.extend(changes.changes)
    if run_id is not None and any(change.what != "kept" for change in outcome.changes):
        _amend(run_id, outcome.changes)
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


def _amend(run_id: int, changes: Iterable[Change]) -> None:
    """Former values, so that they can still be told."""
    Amendment.objects.bulk_create(
        [
            Amendment(
                run_id=run_id,
                rpps=change.rpps,
                field=change.field or change.what,
                before=change.before,
                after=change.after,
            )
            for change in changes
            if change.what in ("changed", "gone", "returned")
            and (change.before or not change.after)
        ]
    )


def _write_register(
    plan: RegisterPlan, known: Mapping[str, Registration], source_on: date
) -> None:
    people = Registration.objects.bulk_create(
        [
            Registration(
                rpps=line.rpps,
                given_name=line.given_name,
                family_name=line.family_name,
                search_name=merge.search_name(line.given_name, line.family_name),
                source_on=source_on,
            )
            for line in plan.people.values()
        ]
    )
    ids = {row.rpps: row.pk for row in [*known.values(), *people]}
    for entry, line in plan.renamed:
        entry.given_name, entry.family_name = line.given_name, line.family_name
        entry.search_name = merge.search_name(line.given_name, line.family_name)
        entry.source_on, entry.gone_on = source_on, None
        entry.save()
    RegisteredPlace.objects.bulk_create(
        [
            RegisteredPlace(registration_id=ids[rpps], source_on=source_on, **place._asdict())
            for rpps, place in plan.places
        ]
    )
    for row, place in plan.moved:
        _set(row, place._asdict())
        row.source_on, row.closed_on = source_on, None
        row.save()


def _keep_former(rows: Sequence[FormerNumber]) -> None:
    FormerNumber.objects.bulk_create(rows, ignore_conflicts=True)


def _set(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _places_in_use(psychologists: Iterable[Psychologist], on: date) -> set[int]:
    ids = [
        place.pk
        for psychologist in psychologists
        for place in psychologist.places.all()
        if place.closed_on is None
    ]
    return agenda.places_in_use(ids, on)


def _said_by_register(registration: Registration) -> dict[str, str | bool]:
    said: dict[str, str | bool] = {
        "given_name": registration.given_name,
        "family_name": registration.family_name,
    }
    if phone := merge.phone_of_register(registration):
        said["phone"] = phone
    return said


def _register_places(
    rows: Collection[PracticePlace],
    said: Collection[merge.PlaceSaid],
    registration: Registration | None,
    in_use: Collection[int],
) -> PlacesPlan:
    """The places of the open file: shown while nobody stronger names any."""
    zones = (
        {place.insee: time_zone_of(place.insee) for place in registration.places.all()}
        if registration is not None
        else {}
    )
    wanted = (
        []
        if merge.register_gives_way(rows, list(said))
        else merge.places_of_register(registration, zones)
    )
    return merge.places_plan(rows, wanted, Source.REGISTER, in_use)


def _names(said: PartnerSaid, registration: Registration | None) -> dict[str, str | bool]:
    """The name the file gives, else that of the open file; empty when nobody knows."""
    names = {name: said.fields.get(name, "") for name in ("given_name", "family_name")}
    if all(names.values()):
        return names
    if registration is None:
        return {}
    return {name: names[name] or getattr(registration, name) for name in names}


def _newcomer(said: PartnerSaid, names: Mapping[str, str | bool]) -> Psychologist:
    """A psychologist not yet stored."""
    row = Psychologist(rpps=said.rpps)
    _set(row, {**said.fields, **names})
    row.search_name = merge.search_name(row.given_name, row.family_name)
    return row


def _take_partner(
    psychologist: Psychologist,
    said: PartnerSaid,
    registration: Registration | None,
    in_use: Collection[int],
    source_on: date,
    run_id: int | None,
) -> Outcome:
    """Compares one psychologist with what the file says, and writes unless it rehearses."""
    new = psychologist.pk is None
    notes = {} if new else {note.field: note for note in psychologist.field_sources.all()}
    rows = [] if new else list(psychologist.places.all())
    if not said.whole:
        in_use = {row.pk for row in rows}
    agreements = merge.agreements_plan(
        [] if new else sorted(psychologist.agreements.all(), key=lambda row: row.valid_from),
        said.agreements,
        "agreement_from",
    )
    fields = merge.fields_plan(psychologist, notes, _filled(said), Source.PARTNER_FILE)
    places = merge.places_plan(rows, said.places, Source.PARTNER_FILE, in_use)
    places_left = [row for row in rows if row not in places.close]
    of_register = _register_places(places_left, said.places, registration, in_use)
    if new:
        changes = [Change(said.rpps, "added")]
    else:
        changes = [*_standing(psychologist), *_field_changes(psychologist, fields), *fields.kept]
        changes += [*places.changes(said.rpps), *of_register.changes(said.rpps)]
        changes += _agreement_changes(said.rpps, agreements)
    closing = [*places.close, *of_register.close]
    stays = any(row.closed_on is None and row not in closing for row in rows)
    if not (stays or said.places or of_register.create or of_register.rewrite):
        changes.append(Change(said.rpps, "placeless"))
    if run_id is not None:
        _store_partner(psychologist, said, fields, agreements, source_on)
        _write_places(psychologist, places, Source.PARTNER_FILE, source_on)
        _write_places(psychologist, of_register, Source.REGISTER, source_on)
    return Outcome(changes, agreements.refused)


def _filled(said: PartnerSaid) -> dict[str, str | bool]:
    """The fields of the file; an empty name is no name."""
    return {
        name: value
        for name, value in said.fields.items()
        if value != "" or name not in ("given_name", "family_name")
    }


def _standing(psychologist: Psychologist) -> list[Change]:
    if psychologist.joined_partners_on is not None and psychologist.left_partners_on is not None:
        return [Change(psychologist.rpps, "returned")]
    if psychologist.joined_partners_on is None:
        return [Change(psychologist.rpps, "changed", "partner_file", "", "named")]
    return []


def _store_partner(
    psychologist: Psychologist,
    said: PartnerSaid,
    fields: FieldsPlan,
    agreements: AgreementsPlan,
    source_on: date,
) -> None:
    """The row, its notes, its agreements and its former number."""
    new = psychologist.pk is None
    if new or psychologist.joined_partners_on is None or psychologist.left_partners_on is not None:
        psychologist.joined_partners_on = psychologist.joined_partners_on or source_on
        psychologist.left_partners_on = None
        psychologist.save()
    if new:
        written = {"given_name", "family_name", *said.fields}
        borrowed = written - set(_filled(said))
        FieldSource.objects.bulk_create(
            FieldSource(
                psychologist=psychologist,
                field=name,
                source=Source.REGISTER if name in borrowed else Source.PARTNER_FILE,
                value=str(getattr(psychologist, name)),
                source_on=source_on,
            )
            for name in sorted(written)
        )
    else:
        _write_fields(psychologist, fields, _filled(said), Source.PARTNER_FILE, source_on)
    _write_agreements(psychologist, agreements)
    if said.adeli:
        FormerNumber.objects.update_or_create(
            adeli=said.adeli,
            defaults={"rpps": said.rpps},
            create_defaults={
                "rpps": said.rpps,
                "given_name": psychologist.given_name,
                "family_name": psychologist.family_name,
                "source_on": source_on,
            },
        )


def _write_agreements(psychologist: Psychologist, plan: AgreementsPlan) -> None:
    """Each period first shrinks to what its former and new days share, so that none overlap."""
    for row, period in plan.rewrite:
        row.valid_from = max(row.valid_from, period.valid_from)
        row.valid_before = min(filter(None, [row.valid_before, period.valid_before]), default=None)
        row.save()
    for row, period in plan.rewrite:
        row.valid_from, row.valid_before = period.valid_from, period.valid_before
        row.resignation_received_on = period.resignation_received_on or row.resignation_received_on
        row.save()
    Agreement.objects.bulk_create(
        Agreement(
            psychologist=psychologist,
            valid_from=period.valid_from,
            valid_before=period.valid_before,
            resignation_received_on=period.resignation_received_on,
        )
        for period in plan.create
    )


def _field_changes(psychologist: Psychologist, plan: FieldsPlan) -> list[Change]:
    return [
        Change(psychologist.rpps, "changed", name, str(getattr(psychologist, name)), str(value))
        for name, value in plan.write.items()
    ]


def _write_fields(
    psychologist: Psychologist,
    plan: FieldsPlan,
    said: Mapping[str, str | bool],
    source: Source,
    source_on: date,
) -> list[Change]:
    """Writes the fields of a plan with their notes, and tells them."""
    changes = _field_changes(psychologist, plan) + plan.kept
    if plan.write:
        _set(psychologist, plan.write)
        psychologist.search_name = merge.search_name(
            psychologist.given_name, psychologist.family_name
        )
        psychologist.save(update_fields=[*plan.write, "search_name"])
    noted = [(name, source, str(said[name])) for name in plan.note]
    noted += [(name, Source.OWN_WORDS, "") for name in plan.own]
    for name, whose, value in noted:
        FieldSource.objects.update_or_create(
            psychologist=psychologist,
            field=name,
            defaults={"source": whose, "value": value, "source_on": source_on},
        )
    return changes


def _write_places(
    psychologist: Psychologist, plan: PlacesPlan, source: Source, source_on: date
) -> None:
    for row in plan.own:
        row.source = Source.OWN_WORDS
        row.save(update_fields=["source"])
    for row in plan.close:
        row.closed_on = source_on
        row.source_digest = merge.place_digest(row)
        row.save(update_fields=["closed_on", "source_digest"])
    created = [(PracticePlace(psychologist=psychologist, source=source), s) for s in plan.create]
    for row, said in [*plan.rewrite, *created]:
        values = said._asdict()
        row.source_key = values.pop("key")
        if values["step_free"] is None:
            del values["step_free"]
        _set(row, values)
        row.closed_on = None
        row.source_digest = merge.place_digest(row)
        row.save()


def _agreement_changes(rpps: str, plan: AgreementsPlan) -> list[Change]:
    return [
        *(
            Change(rpps, "changed", "agreement", "", _period(said.valid_from, said.valid_before))
            for said in plan.create
        ),
        *(
            Change(
                rpps,
                "changed",
                "agreement",
                _period(row.valid_from, row.valid_before),
                _period(said.valid_from, said.valid_before),
            )
            for row, said in plan.rewrite
        ),
    ]


def _period(valid_from: date, valid_before: date | None) -> str:
    """A period, half-open, as a report shows it."""
    return f"{valid_from} to before {valid_before}" if valid_before else f"from {valid_from}"
