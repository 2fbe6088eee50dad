"""Complementary insurers: their contracts, the members they told us of, what they decide.

A file of members is kept as the insurer sent it, whoever of them is in care or not: what it is
told of its file never says who is.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.sealing import BlindIndexField, SealedTextField

MOST_PERCENT = 100


def same_number(insurer_code: str, member_number: str) -> str:
    """What is one membership of one insurer."""
    return f"{insurer_code}\0{member_number}"


def in_order(name: str) -> models.CheckConstraint:
    """A period is half-open and never empty or backwards."""
    return models.CheckConstraint(
        name=name,
        condition=Q(valid_before__isnull=True) | Q(valid_before__gt=F("valid_from")),
    )


class Contract(models.Model):
    """What an insurer guarantees during a period, under a code of its own.

    ``copay_percent`` is its share of what the compulsory scheme leaves, where the contract is not
    responsible: a responsible one pays all of it. The allowance is for a session outside the
    programme: told as information, never paid here.
    """

    insurer_code = models.CharField(max_length=10)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    responsible = models.BooleanField(default=True)
    copay_percent = models.PositiveSmallIntegerField(default=MOST_PERCENT)
    allowance_cents = models.PositiveIntegerField(default=0)
    allowance_sessions = models.PositiveSmallIntegerField(default=0)
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    written_at = models.DateTimeField()
    written_by_account = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["insurer_code", "code"], name="insurance_contracts_of")]
        constraints = [
            in_order("insurance_contract_period"),
            models.CheckConstraint(
                name="insurance_contract_share", condition=Q(copay_percent__lte=MOST_PERCENT)
            ),
        ]


class MembersFile(models.Model):
    """A file of members that was read, and what it changed. The same file is read once."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    insurer_code = models.CharField(max_length=10)
    digest = models.CharField(max_length=64, help_text="of the bytes that came")
    whole = models.BooleanField(help_text="whoever is not in it is a member no more")
    as_of = models.DateField()
    lines = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    by_account = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["insurer_code", "digest"], name="insurance_file_once"),
        ]


class RefusedLine(models.Model):
    """A line of a file that could not be read: its number and why, in a code; not what it held."""

    members_file = models.ForeignKey(
        MembersFile, on_delete=models.CASCADE, related_name="refused_lines"
    )
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["members_file", "number"], name="insurance_refused_line_once"
            ),
        ]


class Member(models.Model):
    """One membership as the last file says it; ``person`` is who it is here, if anybody."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    insurer_code = models.CharField(max_length=10)
    member_number = SealedTextField()
    member_index = BlindIndexField(
        of="insurer_code,member_number",
        purpose="insurance.member.number",
        normal=same_number,
        unique=True,
    )
    family_name = SealedTextField()
    given_name = SealedTextField()
    birth_date = SealedTextField(help_text="ISO day")
    nir = SealedTextField(blank=True)
    nir_index = BlindIndexField(
        of="nir", purpose="insurance.member.nir", blank=True, db_index=True
    )
    contract_code = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    last_file = models.ForeignKey(
        MembersFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        indexes = [models.Index(fields=["insurer_code", "id"], name="insurance_members_of")]
        constraints = [in_order("insurance_member_period")]


class PartDecision(models.Model):
    """What an insurer decided of its part of a claim, on the fund's decision that it names.

    Append-only: decided again, one more row. ``reasons`` are bits of rules.insurer.PartReason;
    ``said`` is what an agent adds, in a word of that list.
    """

    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="+")
    decision = models.ForeignKey("claims.Decision", on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveSmallIntegerField(default=1)
    insurer_code = models.CharField(max_length=10)
    contract_code = models.CharField(max_length=20, blank=True)
    accepted = models.BooleanField()
    reasons = models.PositiveIntegerField(default=0)
    remainder_cents = models.PositiveIntegerField(help_text="what the compulsory scheme left")
    amc_cents = models.PositiveIntegerField()
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=20, help_text="a role")
    account = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["insurer_code", "decided_at"], name="insurance_parts_of"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["claim", "sequence"], name="insurance_part_once"),
            models.CheckConstraint(
                name="insurance_part_reason_or_money",
                condition=Q(accepted=True, reasons=0, amc_cents__gt=0)
                | Q(accepted=False, reasons__gt=0, amc_cents=0),
            ),
            models.CheckConstraint(
                name="insurance_part_never_more",
                condition=Q(amc_cents__lte=F("remainder_cents")),
            ),
        ]
