"""Yes and no, one purpose at a time. Append-only: the last word is the one that holds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from soutien.rules.purposes import PURPOSES

SAID_BY = ("person", "guardian")


class Consent(models.Model):
    """What a person (or who acts for them) said to one text, at one moment."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=24)
    given = models.BooleanField()
    text_version = models.PositiveSmallIntegerField(help_text="the text that was read")
    said_by = models.CharField(max_length=20, help_text="a role")
    said_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "purpose", "id"], name="consents_of_a_person")]
        constraints = [
            models.CheckConstraint(
                name="consents_consent_words",
                condition=Q(purpose__in=list(PURPOSES)) & Q(said_by__in=SAID_BY),
            ),
            models.CheckConstraint(
                name="consents_consent_text_read", condition=Q(text_version__gte=1)
            ),
        ]
