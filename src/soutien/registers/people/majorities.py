"""Who was told that they come of age, and from when nobody acts for them any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import models


class Majority(models.Model):
    """One person: told once, and passed once. The day itself is not here, it is sealed."""

    person = models.OneToOneField("people.Person", on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()
    passed_at = models.DateTimeField(null=True, blank=True)


def tell(person_id: int, at: datetime) -> bool:
    """Note that somebody is told; false when they were."""
    return Majority.objects.get_or_create(person_id=person_id, defaults={"told_at": at})[1]


def not_passed() -> Iterator[Majority]:
    """Those who were told and for whom the day has not been dealt with."""
    found = Majority.objects.filter(passed_at__isnull=True).select_related("person")
    return found.order_by("pk").iterator(chunk_size=2000)


def passed(majority_id: int, at: datetime) -> bool:
    """Note that the day is dealt with; false when it was."""
    found = Majority.objects.filter(pk=majority_id, passed_at__isnull=True)
    return bool(found.update(passed_at=at))


def forget(person_id: int) -> None:
    """Nothing of it stays once the person is forgotten."""
    Majority.objects.filter(person_id=person_id).delete()
