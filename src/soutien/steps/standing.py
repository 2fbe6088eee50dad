"""For whom somebody acts just now: for themselves, for a child, or in a psychologist's place.

A part of steps, asked at every request: what was chosen earlier is only a wish, and holds as long
as the registers say so. It reads who may act; whatever is then done leaves its own line.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from django.conf import settings

from soutien.registers.people import guardianships
from soutien.registers.people.guardianships import OF_ADULTS, Guardianship
from soutien.registers.people.models import Person
from soutien.registers.psychologists import replacements
from soutien.rules.calendar import NEVER, add_years, civil_date, day_number
from soutien.rules.guardianship import (
    acts_for_adult,
    acts_for_child,
    comes_of_age_on,
    over_on,
)
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.permissions import Relation


@dataclass(frozen=True, slots=True)
class Ward:
    """A child or an adult somebody may act for, until before a day, and by which relation."""

    person_id: int
    public_id: uuid.UUID
    given_name: str
    family_name: str
    born_on: date
    kind: str
    until: date
    acts_as: str
    guardianship_id: uuid.UUID


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
                actor = replace(
                    own, role="guardian", on_behalf_of=ward.person_id, acts_as=ward.acts_as
                )
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
    of_adult = row.kind in OF_ADULTS
    holds = acts_for_adult if of_adult else acts_for_child
    if not holds(day_number(on), born, start, end, majority):
        return None
    return Ward(
        person_id=child.pk,
        public_id=child.public_id,
        given_name=child.given_name,
        family_name=child.family_name,
        born_on=born_on,
        kind=row.kind,
        until=civil_date(end if of_adult else over_on(born, end, majority)),
        acts_as=_ACTS_AS.get(row.kind) or _as_a_parent(born_on, on),
        guardianship_id=row.public_id,
    )


_ACTS_AS = {"adult_tutor": Relation.MY_PROTECTED, "adult_curator": Relation.MY_ASSISTED}


def _as_a_parent(born_on: date, on: date) -> Relation:
    return Relation.MY_TEENAGER if has_own_space(born_on, on) else Relation.MY_WARD


class Reads(Enum):
    """What whoever acts for somebody reads of their care."""

    NOTHING = "nothing"
    BILLS = "bills"
    REPRESENTED = "represented"
    APPOINTMENTS = "appointments"
    ALL_BUT_WORDS = "all_but_words"


def who_reads(person: Person, on: date) -> Reads:
    """What whoever acts for a person reads on a day; of most adults, nothing."""
    born_on = date.fromisoformat(person.birth_date)
    majority = gather.terms_on(on).majority_age_years
    if day_number(on) >= comes_of_age_on(day_number(born_on), majority):
        held = guardianships.of_adult_on(person.pk, on)
        if held is None:
            return Reads.NOTHING
        return Reads.REPRESENTED if held.kind == "adult_tutor" else Reads.BILLS
    return Reads.APPOINTMENTS if has_own_space(born_on, on) else Reads.ALL_BUT_WORDS


def has_own_space(born_on: date, on: date) -> bool:
    """Whether somebody is old enough for what is said in care to be theirs alone."""
    age = settings.OWN_SPACE_AGE_YEARS
    return day_number(on) >= add_years(day_number(born_on), age)
