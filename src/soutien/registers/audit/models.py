"""The trace of every act and every look. Append-only: the database refuses change."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """Who did or saw what, when, on whom, and why. Never a clinical or identifying word."""

    at = models.DateTimeField()
    actor_role = models.CharField(max_length=20)
    actor_account = models.BigIntegerField(null=True, blank=True)
    event = models.CharField(max_length=60, help_text="register.object.verb")
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    person_id = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True)
    result = models.CharField(max_length=20, default="done")

    class Meta:
        indexes = [models.Index(fields=["person_id", "at"], name="audit_entry_person")]
