"""What was seen of people's rights, by whom and on what; what they declare; what a service says.

The rights themselves are periods in the register of people. Here stands how each came there, was
ended or corrected: an old decision can be explained by what was known then.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from soutien.sealing import SealedJSONField, SealedTextField

RIGHTS = ("scheme", "exemption", "cover")
ACTS = ("opened", "ended", "corrected", "withdrawn")
# On what it was seen: paper of the fund, letter or protocol, card of the insurer, at the counter,
# the service of rights, the insurer's own file of members.
EVIDENCE = ("certificate", "letter", "insurer_card", "counter", "service", "members_file")
OPEN, ACCEPTED, REFUSED, WITHDRAWN = "open", "accepted", "refused", "withdrawn"
STATES = (OPEN, ACCEPTED, REFUSED, WITHDRAWN)
# What a service answered: nothing differs, something does, nobody by that number, nothing at all.
OUTCOMES = ("same", "differs", "unknown", "silent")
SETTLED = ("taken", "kept")
# Of a sealed text, so that its length does not tell one ground from another.
PADDED = 512


class Entry(models.Model):
    """One act on one right: what it said before and after, on what evidence, who saw it.

    ``subject`` is the public id of the right. The database refuses to change a line, and to
    remove it before its person is forgotten.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    right = models.CharField(max_length=10)
    subject = models.UUIDField()
    act = models.CharField(max_length=10)
    content = SealedJSONField(padded=PADDED, help_text="the right before and after")
    evidence = models.CharField(max_length=16)
    evidence_on = models.DateField(null=True, blank=True, help_text="the day it bears")
    document = models.UUIDField(null=True, blank=True, help_text="public id of a paper")
    seen_by = models.CharField(max_length=20, help_text="a role")
    seen_by_account = models.BigIntegerField(null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["person", "id"], name="rights_of_a_person"),
            models.Index(fields=["subject", "id"], name="rights_of_a_right"),
        ]
        constraints = [
            models.CheckConstraint(
                name="rights_entry_words",
                condition=Q(right__in=RIGHTS) & Q(act__in=ACTS) & Q(evidence__in=EVIDENCE),
            ),
        ]


class Declaration(models.Model):
    """A right that a person says to have, which an agent of their fund answers.

    It opens nothing by itself. Answered or withdrawn, it stays as it is; the reason is the
    agent's, in words that the person reads.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    fund_code = models.CharField(max_length=9, help_text="the person's fund on that day")
    content = SealedJSONField(padded=PADDED, help_text="the right as it is declared")
    document = models.UUIDField(null=True, blank=True, help_text="public id of a paper")
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=20, help_text="a role")
    state = models.CharField(max_length=10, default=OPEN)
    reason = SealedTextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_account = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "id"], name="rights_declared_by"),
            models.Index(fields=["fund_code", "state", "declared_at"], name="rights_declared_to"),
        ]
        constraints = [
            models.CheckConstraint(name="rights_declaration_state", condition=Q(state__in=STATES)),
            models.CheckConstraint(
                name="rights_declaration_end",
                condition=Q(state=OPEN, ended_at__isnull=True)
                | (~Q(state=OPEN) & Q(ended_at__isnull=False)),
            ),
        ]


class Check(models.Model):
    """What the service of rights answered about somebody, and where it differs from what we hold.

    It changes nothing by itself: an agent takes what it says, or keeps what is written.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    fund_code = models.CharField(max_length=9, blank=True, help_text="the fund of that day")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10)
    differences = SealedJSONField(
        padded=PADDED, help_text="each right as it is written, and as the service says it"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_how = models.CharField(max_length=10, blank=True)
    settled_by_account = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "id"], name="rights_checks_of"),
            models.Index(
                fields=["fund_code", "asked_at"],
                name="rights_checks_to_settle",
                condition=Q(outcome="differs", settled_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="rights_check_outcome", condition=Q(outcome__in=OUTCOMES)),
            models.CheckConstraint(
                name="rights_check_settled",
                condition=Q(settled_at__isnull=True, settled_how="")
                | Q(settled_at__isnull=False, settled_how__in=SETTLED),
            ),
        ]
