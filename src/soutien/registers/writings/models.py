"""What is written in the product about somebody in care: letters, notes, reports, certificates.

What is written stays as it was: a correction is another version, and what was signed is not
written again. The rows go when their person is forgotten.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.sealing import SealedJSONField, SealedTextField

# A doctor's two letters: one for the fund, one for the psychologist only.
REFERRAL, ACCOMPANIMENT = "referral", "accompaniment"
BY_DOCTORS = (REFERRAL, ACCOMPANIMENT)
BY_PSYCHOLOGISTS = (
    "evaluation_note",
    "end_report",
    "doctor_signal",
    "specialist_letter",
    "attendance",
)
KINDS = (*BY_DOCTORS, *BY_PSYCHOLOGISTS)
# What holds no word on care; all the rest is for the person and who treats them.
NOT_CLINICAL = (REFERRAL, "attendance")


class Deposit(models.Model):
    """A doctor's letters on their way: whoever has the code on paper can open them, we cannot.

    ``content`` is sealed by the code, and once more as every text; empty once a psychologist has
    received the letters. ``kept_code`` is there for doctors with an account, who read their own
    again; it goes with the content.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    place = models.CharField(max_length=64, unique=True, editable=False)
    content = SealedTextField(blank=True)
    kept_code = SealedTextField(blank=True)
    author = models.ForeignKey(
        "accounts.Account", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    written_on = models.DateField()
    left_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["author", "id"], name="writings_deposits_of")]
        constraints = [
            models.CheckConstraint(
                name="writings_deposit_ends", condition=Q(ends_at__gt=F("left_at"))
            ),
        ]


class Writing(models.Model):
    """One document about one person: whose it is, and from which day to which it holds.

    ``psychologist`` wrote it or received it; ``author`` is the doctor's account, if they have one.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey(
        "accounts.Account", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    written_on = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    began_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["person", "id"], name="writings_of_a_person"),
            models.Index(fields=["psychologist", "person"], name="writings_of_a_pair"),
        ]
        constraints = [
            models.CheckConstraint(
                name="writings_writing_words",
                condition=Q(kind__in=KINDS)
                & (Q(kind__in=BY_DOCTORS) | Q(author__isnull=True, valid_before__isnull=True)),
            ),
            models.CheckConstraint(
                name="writings_writing_period",
                condition=Q(valid_before__isnull=True) | Q(valid_before__gt=F("written_on")),
            ),
        ]


class Version(models.Model):
    """What a document says, as it stood at one moment."""

    writing = models.ForeignKey(Writing, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    body = SealedJSONField(row="writing,number")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["writing", "number"], name="writings_version_once"),
            models.CheckConstraint(name="writings_version_counted", condition=Q(number__gte=1)),
        ]


class Signature(models.Model):
    """The version that its psychologist stands by: nothing is written after it."""

    writing = models.OneToOneField(Writing, on_delete=models.PROTECT, related_name="signature")
    number = models.PositiveSmallIntegerField()
    signed_at = models.DateTimeField()


# To whom a document goes, and on whose word it does.
RECIPIENTS = ("treating_doctor", "other_doctor", "psychiatry", "cmp", "emergency")
BASES = ("agreed", "before_agreement", "danger")
SEEN = ("seen", "not_yet", "not_seen")


class HandOver(models.Model):
    """A signed document that went to a doctor or a service, and on whose word."""

    writing = models.ForeignKey(Writing, on_delete=models.PROTECT, related_name="hand_overs")
    to = models.CharField(max_length=16)
    basis = models.CharField(max_length=16)
    handed_over_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="writings_hand_over_words",
                condition=Q(to__in=RECIPIENTS) & Q(basis__in=BASES),
            ),
        ]


class Answer(models.Model):
    """What became of it, when the psychologist was asked."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.PROTECT, related_name="answers")
    seen = models.CharField(max_length=8)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="writings_answer_words", condition=Q(seen__in=SEEN)),
        ]


class Showing(models.Model):
    """A document that its psychologist shows to one who acts for the child, until closed."""

    writing = models.ForeignKey(Writing, on_delete=models.PROTECT, related_name="showings")
    guardian = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    shown_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["writing", "guardian"],
                condition=Q(closed_at__isnull=True),
                name="writings_shown_once",
            ),
        ]
