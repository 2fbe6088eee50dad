"""Who may act for a child, on which proof and on which days."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q, QuerySet

from soutien.sealing import SealedTextField

OF_CHILDREN = ("parent", "sole_authority", "tutor", "judge")
OF_ADULTS = ("adult_tutor", "adult_curator")


class Guardianship(models.Model):
    """One person may act for one child, until the child comes of age; or for an adult.

    The day of majority is not written here: it would tell the day of birth, which is sealed. The
    rule is ``rules/guardianship.py``, asked at every use. For an adult a judge decided until
    when: the end is always written. An empty period was recorded by mistake.
    """

    class Kind(models.TextChoices):
        PARENT = "parent", "holds parental authority with the other parent"
        SOLE_AUTHORITY = "sole_authority", "holds parental authority alone"
        TUTOR = "tutor", "is the child's tutor"
        JUDGE = "judge", "was named by a judge"
        ADULT_TUTOR = "adult_tutor", "represents an adult (tutelle)"
        ADULT_CURATOR = "adult_curator", "assists an adult (curatelle)"

    class Ending(models.TextChoices):
        JUDGMENT = "judgment", "a judge decided so"
        TERM = "term", "the decision that began it said until when"
        EMANCIPATION = "emancipation", "the child was emancipated"
        GIVEN_UP = "given_up", "the guardian gave it up"
        MISTAKE = "mistake", "it was recorded by mistake"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    guardian = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="wards")
    child = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="guardians")
    kind = models.CharField(max_length=14, choices=Kind)
    proof = SealedTextField(help_text="the paper that was seen, with its date or number")
    paper = models.ForeignKey(
        "guardians.Paper", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    ended_for = models.CharField(max_length=12, choices=Ending, blank=True)
    ending_proof = SealedTextField(blank=True)
    recorded_by = models.CharField(max_length=20, help_text="a role")
    recorded_by_account = models.BigIntegerField(null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_guardianship_period",
                condition=Q(valid_before__isnull=True) | Q(valid_before__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="people_guardianship_not_oneself", condition=~Q(guardian=F("child"))
            ),
            models.CheckConstraint(
                name="people_guardianship_kind_known",
                condition=Q(kind__in=[*OF_CHILDREN, *OF_ADULTS]),
            ),
            models.CheckConstraint(
                name="people_guardianship_of_an_adult_ends",
                condition=~Q(kind__in=OF_ADULTS) | Q(valid_before__isnull=False),
            ),
            models.CheckConstraint(
                name="people_guardianship_end_has_a_reason",
                condition=Q(valid_before__isnull=True, ended_for="")
                | Q(
                    valid_before__isnull=False,
                    ended_for__in=["judgment", "term", "emancipation", "given_up", "mistake"],
                ),
            ),
        ]


def wards_on(guardian_id: int, on: date) -> QuerySet[Guardianship]:
    """What a person holds for others on a day, whatever their age."""
    return (
        Guardianship.objects.filter(
            Q(valid_before__isnull=True) | Q(valid_before__gt=on),
            guardian_id=guardian_id,
            valid_from__lte=on,
        )
        .select_related("child")
        .order_by("id")
    )


def of_child(child_id: int) -> list[Guardianship]:
    """Whoever acts, acted or will act for a child, the first recorded first."""
    found = Guardianship.objects.filter(child_id=child_id).select_related("guardian")
    return list(found.order_by("id"))


def of_adult_on(person_id: int, on: date) -> Guardianship | None:
    """Who protects an adult on a day, if a judge named somebody."""
    return Guardianship.objects.filter(
        child_id=person_id, kind__in=OF_ADULTS, valid_from__lte=on, valid_before__gt=on
    ).first()


def by_id(key: int) -> Guardianship | None:
    """The guardianship of a letter, with its two people."""
    found = Guardianship.objects.select_related("guardian", "child").filter(pk=key)
    return found.first()


def lock(public_id: uuid.UUID) -> Guardianship | None:
    """One guardianship, locked until the transaction ends."""
    return Guardianship.objects.select_for_update().filter(public_id=public_id).first()
