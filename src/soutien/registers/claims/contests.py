"""Contests of decisions and their answers, in codes: written once, like decisions."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from soutien.rules.codes import word
from soutien.rules.contest import LOOKS_MAX, Ground, Verdict

GROUNDS = tuple(word(ground) for ground in Ground)
VERDICTS = tuple(word(verdict) for verdict in Verdict)


class Contest(models.Model):
    """Somebody does not agree with a decision, and why in a word."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="contests")
    decision = models.ForeignKey(
        "claims.Decision", on_delete=models.PROTECT, related_name="contests"
    )
    look = models.PositiveSmallIntegerField(default=1, help_text="of the same decision")
    ground = models.CharField(max_length=24)
    role = models.CharField(max_length=20)
    contested_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "look"], name="claims_contest_once"),
            models.CheckConstraint(
                name="claims_contest_words",
                condition=Q(ground__in=GROUNDS, look__gte=1, look__lte=LOOKS_MAX),
            ),
        ]


class ContestAnswer(models.Model):
    """What somebody of the fund answered."""

    contest = models.OneToOneField(Contest, on_delete=models.PROTECT, related_name="answer")
    verdict = models.CharField(max_length=24)
    role = models.CharField(max_length=20)
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="claims_contest_answer_words", condition=Q(verdict__in=VERDICTS)
            ),
        ]


def contests_of(claim_id: int) -> list[Contest]:
    """A claim's contests with their answers, in order."""
    found = Contest.objects.filter(claim_id=claim_id).order_by("id")
    return list(found.select_related("answer"))


def by_public_id(public_id: uuid.UUID) -> Contest | None:
    """The contest of an address, with its claim."""
    found = Contest.objects.filter(public_id=public_id)
    return found.select_related("claim__care_session", "claim__care_sheet").first()
