"""What was written about a person before a correction, and what they ask their fund to correct.

Both are kept until the person is forgotten, or asks to be erased.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from soutien.sealing import SealedTextField

# What a person may correct by hand; the names of the columns of people.person.
BY_HAND = ("given_name", "family_name", "birth_date", "email", "phone", "language", "discreet")
# What a fund corrects: it alone changes a number that is known.
FIELDS = (*BY_HAND, "nir")
OPEN, ACCEPTED, REFUSED, WITHDRAWN = "open", "accepted", "refused", "withdrawn"
STATES = (OPEN, ACCEPTED, REFUSED, WITHDRAWN)


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


class Request(models.Model):
    """Somebody's identity as it should be written, which an agent of their fund answers.

    One is open at a time; answered or withdrawn it stays as it is. The reason is the agent's, in
    words that the person reads.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    fund_code = models.CharField(max_length=9, help_text="the person's fund on that day")
    given_name = SealedTextField()
    family_name = SealedTextField()
    birth_date = SealedTextField(help_text="ISO day")
    nir = SealedTextField(blank=True, help_text="empty: the one that is written stays")
    explanation = SealedTextField(blank=True, help_text="the person's own words")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=20, help_text="a role")
    state = models.CharField(max_length=10, default=OPEN)
    reason = SealedTextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_account = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["fund_code", "state", "asked_at"], name="corrections_of_a_fund"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], name="corrections_request_one_open", condition=Q(state=OPEN)
            ),
            models.CheckConstraint(
                name="corrections_request_state", condition=Q(state__in=list(STATES))
            ),
            models.CheckConstraint(
                name="corrections_request_end",
                condition=Q(state=OPEN, ended_at__isnull=True)
                | (~Q(state=OPEN) & Q(ended_at__isnull=False)),
            ),
        ]
