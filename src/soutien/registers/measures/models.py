"""Questionnaires asked in care, their outcomes, and who read them. All three are written once.

Nothing clear tells which questionnaire it was, what was answered, or that an answer spoke of a
danger, not even the length of what is sealed: every outcome is read in the same way.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.sealing import SealedJSONField

PHONE, PAPER = "phone", "paper"
# What was done about an outcome. Only the last leaves it to be read.
READ, TALKED, ORIENTED, EMERGENCY, NOT_REACHED = (
    *("read", "talked", "oriented", "emergency"),
    "not_reached",
)
DONE = (READ, TALKED, ORIENTED, EMERGENCY, NOT_REACHED)


class Questionnaire(models.Model):
    """A psychologist asks a person to fill in a scale before a moment, if they wish.

    ``by_link``: whoever holds its unguessable address may fill it in. Not so when the address
    would reach somebody else than who answers: a parent, for an adolescent.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    booking = models.ForeignKey("agenda.Booking", on_delete=models.PROTECT, related_name="+")
    scale = SealedJSONField(
        padded=64, help_text="its name, which tells what somebody may suffer from"
    )
    version = models.CharField(max_length=20, help_text="of the scale")
    by_link = models.BooleanField()
    asked_at = models.DateTimeField()
    valid_before = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["person", "psychologist"], name="measures_asked_of_a_pair"),
            models.Index(fields=["booking"], name="measures_asked_before"),
        ]
        constraints = [
            models.CheckConstraint(
                name="measures_asked_period", condition=Q(valid_before__gt=F("asked_at"))
            ),
        ]


class Outcome(models.Model):
    """The answers to one scale with their score, of one person and one psychologist.

    ``told``: scale, version, answers (null for a blank), sex when the band depends on it, total,
    total_max, band, danger, estimated.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    questionnaire = models.OneToOneField(
        Questionnaire, null=True, blank=True, on_delete=models.PROTECT, related_name="outcome"
    )
    told = SealedJSONField(padded=512)
    way = models.CharField(max_length=5, help_text="phone or paper")
    filled_on = models.DateField(help_text="the day of the answers")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=20, help_text="a role")

    class Meta:
        indexes = [
            models.Index(fields=["person", "psychologist"], name="measures_of_a_pair"),
            models.Index(fields=["psychologist", "recorded_at"], name="measures_to_read"),
        ]
        constraints = [
            models.CheckConstraint(
                name="measures_way_whole",
                condition=Q(way=PHONE, questionnaire__isnull=False)
                | Q(way=PAPER, questionnaire__isnull=True),
            ),
        ]


class Review(models.Model):
    """The psychologist read an outcome, and what they did about it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="reviews")
    done = SealedJSONField(padded=64, help_text="one of DONE")
    reviewed_at = models.DateTimeField()
    reviewed_by = models.CharField(max_length=20, help_text="a role")

    class Meta:
        indexes = [models.Index(fields=["outcome", "id"], name="measures_reviews")]
