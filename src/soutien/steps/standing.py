"""For whom somebody acts just now: for themselves, for a child, or in a psychologist's place.

A part of steps, asked at every request: what was chosen earlier is only a wish, and holds as long
as the registers say so. It reads who may act; whatever is then done leaves its own line.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date

from soutien.registers.people import guardianships
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.psychologists import replacements
from soutien.rules.calendar import NEVER, civil_date, day_number
from soutien.rules.guardianship import acts_for_child, over_on
from soutien.steps import gather
from soutien.steps.actor import Actor


@dataclass(frozen=True, slots=True)
class Ward:
    """A child somebody may act for, until before a day."""

    person_id: int
    public_id: uuid.UUID
    given_name: str
    family_name: str
    born_on: date
    kind: str
    until: date


@dataclass(frozen=True, slots=True)
class Replaced:
    """A psychologist somebody replaces, until before a day."""

    psychologist_id: int
    public_id: uuid.UUID
    name: str
    until: date


@dataclass(frozen=True, slots=True)
class Standing:
    """Who acts, for whom (a name; empty: for themselves) and until before which day."""

    actor: Actor
    name: str = ""
    until: date | None = None
    public_id: uuid.UUID | None = None


def wards_of(guardian_id: int | None, on: date) -> tuple[Ward, ...]:
    """The children a person may act for on a day; none who is of age."""
    if guardian_id is None:
        return ()
    found: dict[int, Ward] = {}
    for row in guardianships.wards_on(guardian_id, on):
        ward = _ward(row, on)
        if ward is not None:
            found.setdefault(ward.person_id, ward)
    return tuple(found.values())


def replaced_by(psychologist_id: int | None, on: date) -> tuple[Replaced, ...]:
    """Whom a psychologist replaces on a day."""
    if psychologist_id is None:
        return ()
    return tuple(
        Replaced(
            row.replaced_id,
            row.replaced.public_id,
            f"{row.replaced.given_name} {row.replaced.family_name}",
            row.valid_before,
        )
        for row in replacements.replaced_on(psychologist_id, on)
    )


def standing(own: Actor, chosen: uuid.UUID | None, on: date) -> Standing:
    """The actor as they stand on a day. ``chosen`` is the public id of whom they act for.

    What is no longer so leaves them with what is their own. A replacement has nothing of their
    own: without a choice they act for the one psychologist they replace, or for nobody.
    """
    if own.side == "person" and chosen is not None:
        for ward in wards_of(own.person_id, on):
            if ward.public_id == chosen:
                actor = replace(own, role="guardian", on_behalf_of=ward.person_id)
                return Standing(actor, ward.given_name, ward.until, ward.public_id)
    if own.side == "psychologist" and (chosen is not None or own.role == "replacement"):
        return _in_their_place(own, chosen, replaced_by(own.psychologist_id, on))
    return Standing(own)


def _in_their_place(own: Actor, chosen: uuid.UUID | None, them: tuple[Replaced, ...]) -> Standing:
    found = [one for one in them if one.public_id == chosen]
    if not found and own.role == "replacement" and len(them) == 1:
        found = list(them)
    if not found:
        return Standing(own if own.role == "psychologist" else replace(own, psychologist_id=None))
    actor = replace(own, role="replacement", psychologist_id=found[0].psychologist_id)
    return Standing(actor, found[0].name, found[0].until, found[0].public_id)


def _ward(row: Guardianship, on: date) -> Ward | None:
    child = row.child
    born_on = date.fromisoformat(child.birth_date)
    majority = gather.terms_on(on).majority_age_years
    start, born = day_number(row.valid_from), day_number(born_on)
    end = NEVER if row.valid_before is None else day_number(row.valid_before)
    if not acts_for_child(day_number(on), born, start, end, majority):
        return None
    return Ward(
        person_id=child.pk,
        public_id=child.public_id,
        given_name=child.given_name,
        family_name=child.family_name,
        born_on=born_on,
        kind=row.kind,
        until=civil_date(over_on(born, end, majority)),
    )
