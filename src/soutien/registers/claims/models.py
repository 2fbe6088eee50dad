"""Care sheets, claims and decisions. Append-only: a correction is a new row that points back."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.rules.codes import word
from soutien.rules.life import Cause, Mark, Payer
from soutien.sealing import SealedJSONField, SealedTextField

TAKEN_BACK = word(Cause.CANCELLED)
MARKS = tuple(word(mark) for mark in Mark if mark is not Mark.DECIDED)
PAYERS = tuple(word(payer) for payer in Payer)
# The form has as many lines for acts, and no second page.
LINES_A_SHEET = 8


class CareSheet(models.Model):
    """The care sheet S 3130 as issued: one person, one psychologist, a line for each session."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    amo_third_party = models.BooleanField()
    amc_third_party = models.BooleanField(default=False)
    signed_by_person = models.BooleanField()
    signed_by_psychologist = models.BooleanField()
    complete = models.BooleanField()
    printed = SealedTextField(
        blank=True,
        help_text="the printed fields as JSON, as they were when issued; empty once forgotten",
    )


class SheetLine(models.Model):
    """One act of a care sheet. A session stands on one sheet, or on the one that replaces it."""

    care_sheet = models.ForeignKey(CareSheet, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField(default=1)
    care_session = models.ForeignKey(
        "care.CareSession", on_delete=models.PROTECT, related_name="+"
    )
    act_code = models.CharField(max_length=3)
    price_cents = models.PositiveIntegerField()
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["care_sheet", "position"], name="claims_line_once"),
            models.UniqueConstraint(
                fields=["care_session"],
                condition=Q(replaces__isnull=True),
                name="claims_line_of_a_session",
            ),
            models.CheckConstraint(
                name="claims_line_on_the_form",
                condition=Q(position__gte=1, position__lte=LINES_A_SHEET),
            ),
        ]


class Claim(models.Model):
    """A line of a care sheet that reached the fund: the law decides session by session."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=20, unique=True)
    care_sheet = models.ForeignKey(CareSheet, on_delete=models.PROTECT, related_name="claims")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    care_session = models.ForeignKey(
        "care.CareSession", on_delete=models.PROTECT, related_name="+"
    )
    fund_code = models.CharField(max_length=9, blank=True)
    sent_by = models.CharField(max_length=20)
    received_on = models.DateField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["person", "received_on"], name="claims_claim_person"),
            models.Index(fields=["received_at"], name="claims_claim_received"),
            models.Index(fields=["fund_code", "received_at"], name="claims_claim_fund"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["care_session"], name="claims_claim_of_a_session"),
        ]


class Decision(models.Model):
    """What the law core answered, with its proof: facts, terms, counter before and after."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="decisions")
    sequence = models.PositiveSmallIntegerField(default=1)
    decided_at = models.DateTimeField()
    profile = models.CharField(max_length=12)
    accepted = models.BooleanField()
    to_confirm = models.BooleanField(
        default=False, help_text="notified only after a person confirms (R-022)"
    )
    reasons = models.PositiveIntegerField(help_text="bits of rules.codes.Reason")
    notices = models.PositiveIntegerField(default=0, help_text="bits of rules.codes.Notice")
    coverage = models.PositiveSmallIntegerField(help_text="rules.codes.Coverage")
    third_party = models.PositiveSmallIntegerField(help_text="rules.codes.ThirdParty")
    price_cents = models.PositiveIntegerField()
    amo_cents = models.PositiveIntegerField()
    local_regime_cents = models.PositiveIntegerField(default=0)
    amc_cents = models.PositiveIntegerField()
    patient_cents = models.PositiveIntegerField()
    patient_upfront_cents = models.PositiveIntegerField()
    sessions_left = models.PositiveSmallIntegerField(null=True, blank=True)
    used_before = models.PositiveSmallIntegerField()
    used_after = models.PositiveSmallIntegerField()
    law_version = models.CharField(max_length=16)
    # Sealed: a day of majority is a birth date, and a psychiatric bar is clinical.
    facts = SealedJSONField(
        row="claim,sequence", blank=True, help_text="the integers that were decided on"
    )
    terms = models.JSONField(help_text="the terms in force that were used")
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    cause = models.CharField(
        max_length=24, blank=True, help_text="a word of rules.life.Cause; empty for the first"
    )

    class Meta:
        indexes = [
            # Few wait for people among all that was decided.
            models.Index(
                fields=["decided_at"],
                condition=Q(to_confirm=True),
                name="claims_decision_to_confirm",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["claim", "sequence"], name="claims_decision_once"),
            models.CheckConstraint(
                name="claims_decision_parts_add_up",
                condition=Q(
                    accepted=True,
                    price_cents=F("amo_cents") + F("amc_cents") + F("patient_cents"),
                )
                | Q(accepted=False, amo_cents=0, amc_cents=0, patient_cents=0),
            ),
            models.CheckConstraint(
                name="claims_decision_reason_or_coverage",
                condition=Q(accepted=True, reasons=0, coverage__gt=0)
                | Q(accepted=False, reasons__gt=0, coverage=0)
                # Taken back by who sent it: the law was not asked.
                | Q(accepted=False, reasons=0, coverage=0, cause=TAKEN_BACK),
            ),
            models.CheckConstraint(
                name="claims_decision_first",
                condition=Q(sequence__gt=1) | Q(replaces__isnull=True, cause=""),
            ),
        ]


class Review(models.Model):
    """What one person of the fund said of a refusal to be confirmed (R-022), and why, in codes."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="reviews")
    sequence = models.PositiveSmallIntegerField()
    ground = models.CharField(max_length=24, help_text="a word of rules.review.Ground")
    role = models.CharField(max_length=20)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "sequence"], name="claims_review_once"),
            # Two readers are two people.
            models.UniqueConstraint(
                fields=["decision", "account"], name="claims_review_one_a_reader"
            ),
        ]


class Event(models.Model):
    """What happened to a claim beside decisions: contested, ordered, paid, returned, reconciled.

    With decisions, all that ``rules.life`` reads. ``reference`` names the order, the transfer or
    the contest; the same thing is told once.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="events")
    mark = models.CharField(max_length=20, help_text="a word of rules.life.Mark")
    payer = models.CharField(max_length=8, blank=True, help_text="empty: of the claim as a whole")
    cents = models.PositiveIntegerField(default=0)
    reference = models.CharField(max_length=40)
    happened_at = models.DateTimeField()
    role = models.CharField(max_length=20)

    class Meta:
        indexes = [models.Index(fields=["mark", "happened_at"], name="claims_event_mark")]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "mark", "payer", "reference"], name="claims_event_once"
            ),
            models.CheckConstraint(
                name="claims_event_words",
                condition=Q(mark__in=MARKS) & Q(payer__in=["", *PAYERS]),
            ),
        ]


# Tables of this register, in a file of their own with their questions.
from soutien.registers.claims.contests import Contest as Contest  # noqa: E402
from soutien.registers.claims.contests import ContestAnswer as ContestAnswer  # noqa: E402
from soutien.registers.claims.papers import PaperSheet as PaperSheet  # noqa: E402
from soutien.registers.claims.papers import PaperTyping as PaperTyping  # noqa: E402
