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


def same_ground(person: str | uuid.UUID, kind: str, reference: str) -> str:
    """What two rows of one ground of one person have in common; the person is in it."""
    return f"{person}\0{kind}\0{reference}"


def same_member(insurer_code: str, member_number: str) -> str:
    """What is one membership; empty while a number is not known."""
    return f"{insurer_code}\0{member_number}" if insurer_code and member_number else ""


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

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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
    """A ground of full coverage during a period. Which one tells of health or of means: sealed.

    ``reference`` tells two grounds of one kind apart: the protocol of an ALD, the number of a
    work accident. On any day a person has each ground once.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exemptions")
    kind = SealedTextField(one_of=EXEMPTIONS)
    reference = SealedTextField(blank=True)
    same_index = BlindIndexField(
        of="person__public_id,kind,reference",
        purpose="people.exemption.same",
        normal=same_ground,
    )
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    declared_by = models.CharField(max_length=20, default="person")

    class Meta:
        constraints = [
            periods_in_order("people_exemption_period"),
            models.CheckConstraint(name="people_exemption_indexed", condition=~Q(same_index="")),
        ]


class Cover(models.Model):
    """The person's complementary insurance during a period.

    ``insurer_code`` is the insurer's number, as on the certificate of rights and on the accounts
    of its agents: empty, nobody there sees anything.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="covers")
    insurer_code = models.CharField(max_length=10, blank=True)
    insurer_name = models.CharField(max_length=120)
    member_number = SealedTextField(blank=True)
    member_index = BlindIndexField(
        of="insurer_code,member_number",
        purpose="people.cover.member",
        normal=same_member,
        blank=True,
        db_index=True,
    )
    responsible_contract = models.BooleanField(default=True)
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    declared_by = models.CharField(max_length=20, default="person")

    class Meta:
        indexes = [models.Index(fields=["insurer_code", "person"], name="people_cover_insurer")]
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


# Tables of this register, each in a file of its own with its questions.
from soutien.registers.people.guardianships import Guardianship as Guardianship  # noqa: E402
from soutien.registers.people.majorities import Majority as Majority  # noqa: E402
