"""Questions to the register of people. Whoever asks leaves a trace: steps/look.py sees to it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from soutien.registers.people.guardianships import OF_CHILDREN, Guardianship
from soutien.registers.people.majorities import Majority
from soutien.registers.people.models import Affiliation, Person
from soutien.sealing import ForRow, index_field

NIR_INDEX = index_field(Person, "nir_index")
LIKENESS_INDEX = index_field(Person, "likeness_index")
# Nobody's: what stands in place of a day of birth that was erased.
NO_DAY_OF_BIRTH = "0001-01-01"


def nir_index(nir: str) -> str:
    """What the column ``nir_index`` holds for a NIR (13 characters and the key, no spaces)."""
    return NIR_INDEX.index(nir) or ""


def likeness_index(family_name: str, birth_date: str) -> str:
    """What the column ``likeness_index`` holds; empty when the name cannot be compared."""
    return LIKENESS_INDEX.index(family_name, birth_date) or ""


def add_person(*, nir: str = "", **fields: Any) -> Person:
    """A new person; the NIR, when given, is stored sealed and as its blind index.

    Raises IntegrityError when somebody has this NIR already.
    """
    NIR_INDEX.refuse_another(nir)
    return Person.objects.create(
        nir=nir,
        nir_index=nir_index(nir) if nir else None,
        likeness_index=likeness_index(fields["family_name"], fields["birth_date"]),
        **fields,
    )


def alike(family_name: str, birth_date: str) -> list[Person]:
    """Who has this family name, however it is spelt, and this day of birth."""
    indexes = LIKENESS_INDEX.indexes(family_name, birth_date)
    return list(Person.objects.filter(likeness_index__in=indexes).order_by("id"))


def record_nir(person_id: int, nir: str) -> None:
    """Store a person's NIR. Raises IntegrityError when somebody else has it."""
    NIR_INDEX.refuse_another(nir, but=person_id)
    public_id = Person.objects.values_list("public_id", flat=True).get(pk=person_id)
    Person.objects.filter(pk=person_id).update(
        nir=ForRow(nir, public_id), nir_index=NIR_INDEX.index(nir)
    )


def change(person_id: int, **values: str | bool) -> None:
    """Write other names, another day of birth, or another way to be reached.

    Names and the day of birth bring the index of likeness along.
    """
    kept = Person.objects.get(pk=person_id)
    for name, value in values.items():
        setattr(kept, name, value)
    kept.likeness_index = likeness_index(kept.family_name, kept.birth_date)
    kept.save(update_fields=[*values, "likeness_index"])


def forget(person_id: int, at: datetime) -> None:
    """Leave nothing that says who it was: no name, day of birth, NIR, contact or right.

    The row stays, for what must be kept points to it; it is nobody's from then on.
    """
    kept = Person.objects.get(pk=person_id)
    kept.given_name = kept.family_name = kept.nir = kept.email = kept.phone = ""
    kept.birth_date, kept.nir_index, kept.likeness_index = NO_DAY_OF_BIRTH, None, ""
    kept.language, kept.discreet, kept.forgotten_at = "fr", False, at
    kept.save()
    for rights in (kept.affiliations, kept.exemptions, kept.covers, kept.psychiatric):
        rights.all().delete()
    Guardianship.objects.filter(Q(guardian=kept) | Q(child=kept)).delete()


def is_forgotten(person_id: int) -> bool:
    """Whether nothing says any more who somebody was."""
    return Person.objects.filter(pk=person_id, forgotten_at__isnull=False).exists()


def with_rights(person_id: int) -> Person:
    """The person with all affiliations, exemptions, covers and psychiatric situations read.

    Raises Person.DoesNotExist.
    """
    return _with_rights().get(pk=person_id)


def all_with_rights(person_ids: Collection[int]) -> dict[int, Person]:
    """The same of each of these people, by key."""
    return _with_rights().in_bulk(person_ids)


def in_keys(person_ids: Collection[int]) -> dict[int, Person]:
    """These people without their rights, by key."""
    return Person.objects.in_bulk(person_ids)


def by_public_id(public_id: uuid.UUID) -> Person | None:
    """The person of an address, with their rights."""
    return _with_rights().filter(public_id=public_id).first()


def by_nir(nir: str) -> Person | None:
    """The person with exactly this NIR, with their rights."""
    return _with_rights().filter(nir_index__in=NIR_INDEX.indexes(nir)).first()


def by_nirs(nirs: Collection[str]) -> dict[str, Person]:
    """Who has exactly these NIRs, with their rights; of themselves the day of birth alone is read.

    Nobody who was forgotten has a number any more.
    """
    of_index = {index: nir for nir in nirs for index in NIR_INDEX.indexes(nir)}
    found = _with_rights().filter(nir_index__in=list(of_index))
    rows = found.only("public_id", "birth_date", "nir_index", "forgotten_at")
    return {of_index[str(row.nir_index)]: row for row in rows}


def affiliation_on(person_id: int, on: date) -> Affiliation | None:
    """The person's compulsory scheme on a day."""
    return (
        Affiliation.objects.filter(
            Q(valid_before__isnull=True) | Q(valid_before__gt=on),
            person_id=person_id,
            valid_from__lte=on,
        )
        .order_by("valid_from")
        .first()
    )


def not_told(also: Collection[int], on: date) -> Iterator[Person]:
    """Those somebody acts for, or (``also``) answers for, and who were not told of majority."""
    held = Guardianship.objects.filter(
        Q(valid_before__isnull=True) | Q(valid_before__gt=on),
        child=OuterRef("pk"),
        kind__in=OF_CHILDREN,
    )
    told = Majority.objects.filter(person=OuterRef("pk"))
    found = Person.objects.filter(Exists(held) | Q(pk__in=list(also)), forgotten_at__isnull=True)
    return found.exclude(Exists(told)).order_by("pk").iterator(chunk_size=2000)


def count() -> int:
    """How many people there are."""
    return Person.objects.count()


def _with_rights() -> QuerySet[Person]:
    return Person.objects.prefetch_related("affiliations", "exemptions", "covers", "psychiatric")
