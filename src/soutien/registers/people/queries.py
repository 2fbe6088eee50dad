"""Questions to the register of people. Whoever asks leaves a trace: steps/look.py sees to it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from soutien.registers.people.models import Affiliation, Person
from soutien.sealing import blind_index

NIR_PURPOSE = "people.person.nir"


def nir_index(nir: str) -> str:
    """What the column ``nir_index`` holds for a NIR (13 characters and the key, no spaces)."""
    return blind_index(nir, NIR_PURPOSE)


def add_person(*, nir: str = "", **fields: Any) -> Person:
    """A new person; the NIR, when given, is stored sealed and as its blind index.

    Raises IntegrityError when somebody has this NIR already.
    """
    return Person.objects.create(nir=nir, nir_index=nir_index(nir) if nir else None, **fields)


def record_nir(person_id: int, nir: str) -> None:
    """Store a person's NIR. Raises IntegrityError when somebody else has it."""
    Person.objects.filter(pk=person_id).update(nir=nir, nir_index=nir_index(nir) if nir else None)


def with_rights(person_id: int) -> Person:
    """The person with all affiliations, exemptions, covers and psychiatric situations read.

    Raises Person.DoesNotExist.
    """
    return _with_rights().get(pk=person_id)


def by_public_id(public_id: uuid.UUID) -> Person | None:
    """The person of an address, with their rights."""
    return _with_rights().filter(public_id=public_id).first()


def by_nir(nir: str) -> Person | None:
    """The person with exactly this NIR, with their rights."""
    return _with_rights().filter(nir_index=nir_index(nir)).first()


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


def count() -> int:
    """How many people there are."""
    return Person.objects.count()


def _with_rights() -> QuerySet[Person]:
    return Person.objects.prefetch_related("affiliations", "exemptions", "covers", "psychiatric")
