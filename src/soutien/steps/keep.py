"""Writing what an import found: the register of the open file, and our own psychologists.

The steps of ``join`` decide when; nothing here asks who may, or locks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from soutien.registers.agenda import queries as agenda
from soutien.registers.places.gazetteer import time_zone_of
from soutien.registers.psychologists.models import (
    Agreement,
    Amendment,
    FieldSource,
    FormerNumber,
    PracticePlace,
    Psychologist,
    RegisteredPlace,
    Registration,
    Source,
)
from soutien.steps import merge
from soutien.steps.merge import AgreementsPlan, FieldsPlan, PlacesPlan, RegisterPlan
from soutien.steps.said import Change, Outcome, PartnerSaid, PlaceSaid


def amend(run_id: int, changes: Iterable[Change]) -> None:
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


def write_register(plan: RegisterPlan, known: Mapping[str, Registration], source_on: date) -> None:
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


def keep_former(rows: Sequence[FormerNumber]) -> None:
    FormerNumber.objects.bulk_create(rows, ignore_conflicts=True)


def _set(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def places_in_use(psychologists: Iterable[Psychologist], on: date) -> set[int]:
    ids = [
        place.pk
        for psychologist in psychologists
        for place in psychologist.places.all()
        if place.closed_on is None
    ]
    return agenda.places_in_use(ids, on)


def said_by_register(registration: Registration) -> dict[str, str | bool]:
    said: dict[str, str | bool] = {
        "given_name": registration.given_name,
        "family_name": registration.family_name,
    }
    if phone := merge.phone_of_register(registration):
        said["phone"] = phone
    return said


def register_places(
    rows: Collection[PracticePlace],
    said: Collection[PlaceSaid],
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


def names_of(said: PartnerSaid, registration: Registration | None) -> dict[str, str | bool]:
    """The name the file gives, else that of the open file; empty when nobody knows."""
    names = {name: said.fields.get(name, "") for name in ("given_name", "family_name")}
    if all(names.values()):
        return names
    if registration is None:
        return {}
    return {name: names[name] or getattr(registration, name) for name in names}


def newcomer(said: PartnerSaid, names: Mapping[str, str | bool]) -> Psychologist:
    """A psychologist not yet stored."""
    row = Psychologist(rpps=said.rpps)
    _set(row, {**said.fields, **names})
    row.search_name = merge.search_name(row.given_name, row.family_name)
    return row


def take_partner(
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
    of_register = register_places(places_left, said.places, registration, in_use)
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
        write_places(psychologist, places, Source.PARTNER_FILE, source_on)
        write_places(psychologist, of_register, Source.REGISTER, source_on)
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
        write_fields(psychologist, fields, _filled(said), Source.PARTNER_FILE, source_on)
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


def write_fields(
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


def write_places(
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
