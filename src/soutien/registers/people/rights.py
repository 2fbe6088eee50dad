"""The dated rights of a person, of three kinds, each found by its own name."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from soutien.registers.people.models import Affiliation, Cover, Exemption, Person
from soutien.sealing import index_field

Row = Affiliation | Exemption | Cover
TABLES: dict[str, type[Row]] = {
    "scheme": Affiliation,
    "exemption": Exemption,
    "cover": Cover,
}
SAME_GROUND = index_field(Exemption, "same_index")
SAME_MEMBER = index_field(Cover, "member_index")


def ground_index(person: Person, kind: str, reference: str = "") -> str:
    """What the column ``same_index`` holds for a ground of a person."""
    return SAME_GROUND.index(str(person.public_id), kind, reference) or ""


def member_index(insurer_code: str, member_number: str) -> str:
    """What the column ``member_index`` holds; empty while a number is not known."""
    return SAME_MEMBER.index(insurer_code, member_number) or ""


def word_of(row: Row) -> str:
    """Which kind of right a row is."""
    return next(word for word, table in TABLES.items() if isinstance(row, table))


def add(person: Person, right: str, **values: Any) -> Row:
    """A right of a person. Raises IntegrityError when it overlaps one that excludes it."""
    return TABLES[right]._default_manager.create(
        person=person, **values, **_indexes(person, right, values)
    )


def alter(row: Row, **values: Any) -> None:
    """What the right is from now on. Raises IntegrityError as ``add``."""
    right = word_of(row)
    told = {name: values.get(name, getattr(row, name)) for name in _INDEXED[right]}
    indexes = _indexes(row.person, right, told) if told else {}
    for name, value in {**values, **indexes}.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, *indexes])


def by_public_id(public_id: uuid.UUID) -> Row | None:
    """The right of that name, with its person."""
    for table in TABLES.values():
        found = table._default_manager.select_related("person").filter(public_id=public_id)
        row = found.first()
        if row is not None:
            return row
    return None


def overlapping(
    person: Person, right: str, since: date, before: date | None, **told: str
) -> QuerySet[Any]:
    """The rights of a person that exclude one of these days; of a ground, the same ground."""
    found: QuerySet[Any] = TABLES[right]._default_manager.filter(
        Q(valid_before__isnull=True) | Q(valid_before__gt=since), person=person
    )
    if before is not None:
        found = found.filter(valid_from__lt=before)
    if right == "exemption":
        same = SAME_GROUND.indexes(str(person.public_id), told["kind"], told["reference"])
        found = found.filter(same_index__in=same)
    return found


def ending(since: date, before: date) -> Iterable[Row]:
    """The rights whose last day lies between two days, of people who are remembered."""
    for table in TABLES.values():
        yield from table._default_manager.select_related("person").filter(
            valid_before__gt=since,
            valid_before__lte=before,
            person__forgotten_at__isnull=True,
            person__erasure_asked_at__isnull=True,
        )


def members(insurer_code: str) -> QuerySet[Cover]:
    """The covers of an insurer, with their people; none of nobody's code."""
    found = Cover.objects.select_related("person").filter(person__forgotten_at__isnull=True)
    return found.filter(insurer_code=insurer_code) if insurer_code else found.none()


def cover_on(person_id: int, on: date) -> Cover | None:
    """Somebody's complementary insurance on a day."""
    found = Cover.objects.filter(
        Q(valid_before__isnull=True) | Q(valid_before__gt=on),
        person_id=person_id,
        valid_from__lte=on,
    )
    return found.first()


def insurers_on(asked: Iterable[tuple[int, date]]) -> dict[tuple[int, date], str]:
    """The code of the insurer of each of these people on a day, where one is known."""
    wanted = set(asked)
    rows = Cover.objects.filter(person_id__in={person_id for person_id, _on in wanted})
    covers: dict[int, list[tuple[str, date, date | None]]] = {}
    columns = rows.values_list("person_id", "insurer_code", "valid_from", "valid_before")
    for person_id, code, since, before in columns:
        covers.setdefault(person_id, []).append((code, since, before))
    return {
        (person_id, on): code
        for person_id, on in wanted
        for code, since, before in covers.get(person_id, ())
        if since <= on and (before is None or on < before)
    }


def member_numbers(insurer_code: str, person_ids: Collection[int]) -> dict[int, str]:
    """The member number of each of these people at an insurer, where it is known."""
    found = members(insurer_code).filter(person_id__in=list(person_ids)).order_by("valid_from")
    return {row.person_id: row.member_number for row in found}


def insurer_name(insurer_code: str) -> str:
    """What certificates call an insurer; empty while none named it."""
    found = members(insurer_code).exclude(insurer_name="").order_by("id")
    return found.values_list("insurer_name", flat=True).first() or ""


_INDEXED = {
    "scheme": (),
    "exemption": ("kind", "reference"),
    "cover": ("insurer_code", "member_number"),
}


def _indexes(person: Person, right: str, values: dict[str, Any]) -> dict[str, str]:
    if right == "exemption":
        kind, reference = values["kind"], values.get("reference", "")
        return {"same_index": ground_index(person, kind, reference)}
    if right == "cover":
        code, number = values.get("insurer_code", ""), values.get("member_number", "")
        return {"member_index": member_index(code, number)}
    return {}
