"""The journal: every act and every look. Append-only and chained: see docs/journal.md."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

# Lanes let transactions that run side by side append without waiting for each other.
LANES = 16
# A line's id is its number in its lane, times this, plus the lane.
LANES_MAX = 256


class Entry(models.Model):
    """Who did or saw what, when, on whom, on behalf of whom, why, and whether it was refused.

    Never a clinical or identifying word. ``link`` binds the line to the one before it in its lane.
    """

    id = models.BigIntegerField(primary_key=True, help_text="sequence * 256 + lane")
    at = models.DateTimeField()
    actor_role = models.CharField(max_length=20)
    actor_account = models.BigIntegerField(null=True, blank=True)
    on_behalf_of = models.BigIntegerField(null=True, blank=True, help_text="a person")
    event = models.CharField(max_length=60, help_text="register.object.verb")
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    person_id = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True)
    result = models.CharField(max_length=20, default="done", help_text="done or refused")
    key_id = models.BinaryField(max_length=4, editable=False, help_text="the key of the link")
    link = models.BinaryField(max_length=32, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "at"], name="audit_entry_person"),
            models.Index(fields=["object_kind", "object_id"], name="audit_entry_object"),
        ]
        constraints = [
            models.CheckConstraint(name="audit_entry_numbered", condition=Q(id__gte=LANES_MAX)),
        ]

    @property
    def lane(self) -> int:
        """The chain it belongs to."""
        return self.pk % LANES_MAX

    @property
    def sequence(self) -> int:
        """Its number in the lane, from 1."""
        return self.pk // LANES_MAX


class Named(models.Model):
    """A person who stood in a list that was looked at; part of what the line's link covers."""

    pk = models.CompositePrimaryKey("entry_id", "person_id")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="named")
    person_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["person_id"], name="audit_named_person")]


class Head(models.Model):
    """Where a lane ends. It only moves forward, in the statement that appends the lines."""

    lane = models.PositiveSmallIntegerField(primary_key=True)
    sequence = models.BigIntegerField()
    link = models.BinaryField(max_length=32, editable=False)
    key_id = models.BinaryField(max_length=4, editable=False)
    seal = models.BinaryField(max_length=32, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="audit_head_known", condition=Q(lane__lt=LANES_MAX, sequence__gte=0)
            ),
        ]
