"""What was written about a person before they corrected it, kept until they are forgotten."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from soutien.sealing import SealedTextField

# What a person may correct by hand; the names of the columns of people.person.
FIELDS = ("given_name", "family_name", "birth_date", "email", "phone", "language", "discreet")


class FormerValue(models.Model):
    """One value that was replaced, when, and by whose hand.

    The database refuses to change a line, and to remove it before its person is forgotten.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=16)
    value = SealedTextField(blank=True)
    replaced_at = models.DateTimeField()
    replaced_by = models.CharField(max_length=20, help_text="a role")

    class Meta:
        indexes = [models.Index(fields=["person", "id"], name="corrections_of_a_person")]
        constraints = [
            models.CheckConstraint(
                name="corrections_field_known", condition=Q(field__in=list(FIELDS))
            ),
        ]
