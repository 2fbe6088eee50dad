"""People, their rights and covers as dated periods. Identifying fields are sealed at rest."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.rules.traits import normal_name
from soutien.sealing import BlindIndexField, SealedTextField


def periods_in_order(name: str) -> models.CheckConstraint:
    """A period is half-open and never empty or backwards."""
    return models.CheckConstraint(
        name=name,
        condition=Q(valid_before__isnull=True) | Q(valid_before__gt=F("valid_from")),
    )


def likeness(family_name: str, birth_date: str) -> str:
    """What is the same for two spellings of one name and one day; empty without a name."""
    name = normal_name(family_name)
    return f"{name}\0{birth_date}" if name else ""


class Person(models.Model):
    """Somebody who looks for help or receives it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    given_name = SealedTextField()
    family_name = SealedTextField()
    birth_date = SealedTextField(help_text="ISO day")
    nir = SealedTextField(blank=True, help_text="13 characters and the key, no spaces")
    nir_index = BlindIndexField(of="nir", purpose="people.person.nir", null=True, unique=True)
    # Family name and day of birth, to find who may be the same person; never enough alone.
    likeness_index = BlindIndexField(
        of="family_name,birth_date",
        purpose="people.person.likeness",
        normal=likeness,
        blank=True,
        db_index=True,
    )
    email = SealedTextField(blank=True)
    phone = SealedTextField(blank=True)
    language = models.CharField(max_length=2, default="fr")
    discreet = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(
        null=True, blank=True, help_text="nothing says who it was from then on"
    )
    erasure_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="only what must be kept is, from then on"
    )


class Affiliation(models.Model):
    """The person's compulsory scheme during a period, and the fund that manages it.

    ``none`` is no scheme: the fund then manages the person's State medical aid (R-002).
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="affiliations")
    regime = models.CharField(max_length=32)
    fund_code = models.CharField(max_length=9, blank=True)
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    declared_by = models.CharField(max_length=20, default="person")

    class Meta:
        constraints = [
            periods_in_order("people_affiliation_period"),
            models.CheckConstraint(
                name="people_affiliation_regime_known",
                condition=Q(
                    regime__in=["general", "msa", "regime_local_alsace_moselle", "special", "none"]
                ),
            ),
        ]


EXEMPTIONS = ("css", "ame", "ald", "maternity", "at_mp", "invalidity")
PSYCHIATRIC_SITUATIONS = (
    "psychiatric_ald",
    "psychiatric_invalidity",
    "psychiatric_sick_leave",
    "child_psychiatry_follow_up",
)


class Exemption(models.Model):
    """A ground of full coverage during a period. Which one tells of health or of means: sealed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exemptions")
    kind = SealedTextField(one_of=EXEMPTIONS)
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    declared_by = models.CharField(max_length=20, default="person")

    class Meta:
        constraints = [
            periods_in_order("people_exemption_period"),
        ]


class Cover(models.Model):
    """The person's complementary insurance during a period."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="covers")
    insurer_name = models.CharField(max_length=120)
    responsible_contract = models.BooleanField(default=True)
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [periods_in_order("people_cover_period")]


class PsychiatricSituation(models.Model):
    """What R-022 asks about. Read only by the decision and a confirming agent."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="psychiatric")
    kind = SealedTextField(one_of=PSYCHIATRIC_SITUATIONS)
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            periods_in_order("people_psychiatric_period"),
        ]


# A table of this register, in a file of its own with its questions.
from soutien.registers.people.guardianships import Guardianship as Guardianship  # noqa: E402
