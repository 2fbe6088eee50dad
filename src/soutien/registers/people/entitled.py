"""Somebody as the law reads them: a day of birth and dated rights, without the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from soutien.bulk import Among
from soutien.registers.people.models import (
    Affiliation,
    Cover,
    Exemption,
    Person,
    PsychiatricSituation,
)
from soutien.sealing import index_field


class Scheme(NamedTuple):
    """An affiliation to a compulsory scheme."""

    regime: str
    fund_code: str
    valid_from: date
    valid_before: date | None


class Insurance(NamedTuple):
    """A complementary cover."""

    insurer_code: str
    responsible_contract: bool
    valid_from: date
    valid_before: date | None


class Situation(NamedTuple):
    """An exemption, or a psychiatric situation, by its word."""

    kind: str
    valid_from: date
    valid_before: date | None


class Rights(NamedTuple):
    """All rights of one person, whatever their days."""

    affiliations: Sequence[Scheme]
    covers: Sequence[Insurance]
    exemptions: Sequence[Situation]
    psychiatric: Sequence[Situation]


class Entitled(NamedTuple):
    """A person's key, day of birth (ISO) and rights."""

    pk: int
    birth_date: str
    rights: Rights


def rights_of(person: Person) -> Rights:
    """The rights of a person whose rights were read."""
    return Rights(
        [
            Scheme(row.regime, row.fund_code, row.valid_from, row.valid_before)
            for row in person.affiliations.all()
        ],
        [
            Insurance(row.insurer_code, row.responsible_contract, row.valid_from, row.valid_before)
            for row in person.covers.all()
        ],
        [Situation(row.kind, row.valid_from, row.valid_before) for row in person.exemptions.all()],
        [
            Situation(row.kind, row.valid_from, row.valid_before)
            for row in person.psychiatric.all()
        ],
    )


def entitled(person_ids: Collection[int]) -> dict[int, Entitled]:
    """These people with their rights, by key: five questions, and nothing else is opened."""
    found = _entitled(Person.objects.filter(Among("pk", person_ids)))
    return {row.pk: row for row in found.values()}


def entitled_by_nirs(nirs: Collection[str]) -> dict[str, Entitled]:
    """The same of those with exactly these NIRs. Nobody who was forgotten has one any more."""
    field = index_field(Person, "nir_index")
    of_index = {index: nir for nir in nirs for index in field.indexes(nir)}
    found = _entitled(Person.objects.filter(Among("nir_index", of_index)))
    return {of_index[index]: row for index, row in found.items()}


def _entitled(wanted: QuerySet[Person]) -> dict[str, Entitled]:
    """Those wanted, by blind index of the NIR; without a NIR, by their key."""
    rows = list(wanted.values_list("pk", "nir_index", "birth_date"))
    keys = [row[0] for row in rows]
    schemes = _of(keys, Affiliation, Scheme)
    covers = _of(keys, Cover, Insurance)
    exemptions = _of(keys, Exemption, Situation)
    psychiatric = _of(keys, PsychiatricSituation, Situation)
    return {
        index or str(key): Entitled(
            key, born, Rights(schemes[key], covers[key], exemptions[key], psychiatric[key])
        )
        for key, index, born in rows
    }


_Right = TypeVar("_Right", Scheme, Insurance, Situation)


def _of(keys: list[int], model: type[Model], shape: type[_Right]) -> dict[int, list[_Right]]:
    """The rows of each of these people, in the order in which they were written."""
    found: dict[int, list[_Right]] = {key: [] for key in keys}
    rows = model._default_manager.filter(Among("person_id", keys)).order_by("pk")
    for key, *columns in rows.values_list("person_id", *shape._fields):
        found[key].append(shape._make(columns))
    return found
