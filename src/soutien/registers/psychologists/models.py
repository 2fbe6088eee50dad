"""Psychologists, where they practise, and when they are under agreement."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class Psychologist(models.Model):
    """A psychologist as the directory shows them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    search_name = models.CharField(max_length=170, db_index=True)
    rpps = models.CharField(max_length=11, unique=True)
    am_number = models.CharField(max_length=9, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    sees_adults = models.BooleanField(default=True)
    sees_teenagers = models.BooleanField(default=False)
    sees_children = models.BooleanField(default=False)
    languages = models.CharField(max_length=80, default="fr", help_text="codes, comma separated")
    offers_video = models.BooleanField(default=False)
    accepts_new_patients = models.BooleanField(default=True)
    presentation_fr = models.TextField(blank=True)
    presentation_en = models.TextField(blank=True)
    confirmed_on = models.DateField(null=True, blank=True)


class PracticePlace(models.Model):
    """An address where a psychologist receives people. Latitude and longitude in degrees."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    psychologist = models.ForeignKey(Psychologist, on_delete=models.PROTECT, related_name="places")
    label = models.CharField(max_length=120, blank=True)
    address_line = models.CharField(max_length=160)
    postcode = models.CharField(max_length=5)
    town_name = models.CharField(max_length=80)
    insee = models.CharField(max_length=5, db_index=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    position_precision = models.CharField(max_length=12, default="town")
    practice = models.CharField(max_length=8, default="liberal")
    finess = models.CharField(max_length=9, blank=True)
    step_free = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=40, default="Europe/Paris")

    class Meta:
        indexes = [models.Index(fields=["latitude", "longitude"], name="place_position")]
        constraints = [
            models.CheckConstraint(
                name="psychologists_practice_known",
                condition=Q(practice__in=["liberal", "cds", "msp"]),
            ),
        ]


class Agreement(models.Model):
    """A period under agreement with the Assurance Maladie (R-150, R-163)."""

    psychologist = models.ForeignKey(
        Psychologist, on_delete=models.PROTECT, related_name="agreements"
    )
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    resignation_received_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="psychologists_agreement_period",
                condition=Q(valid_before__isnull=True) | Q(valid_before__gt=F("valid_from")),
            ),
        ]


class Suspension(models.Model):
    """A period during which the agreement is suspended (R-165)."""

    psychologist = models.ForeignKey(
        Psychologist, on_delete=models.PROTECT, related_name="suspensions"
    )
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="psychologists_suspension_period",
                condition=Q(valid_before__isnull=True) | Q(valid_before__gt=F("valid_from")),
            ),
        ]
