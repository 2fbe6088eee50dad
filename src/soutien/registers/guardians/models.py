"""Who holds parental authority over a child, and what they signed. Nobody needs an account."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.rules.consent import BOTH, CAPACITIES, TEXTS
from soutien.sealing import BlindIndexField, SealedTextField

# How a signature came: through a holder's own link, or on paper that a psychologist saw.
LINK, PAPER = "link", "paper"
HOW = (LINK, PAPER)
# Who writes down a paper.
WITNESSES = ("psychologist", "replacement")
# What a holder may send: a family book, a judge's decision, on one page or some.
PAPER_TYPES = ("application/pdf", "image/jpeg", "image/png")
PAPER_BYTES_MOST = 5 * 1_048_576
# How the wait of an appointment ended.
COMPLETE, OVER, GONE = "complete", "over", "gone"


def plain(text: str) -> str:
    """An address or a number without what two spellings differ by."""
    return "".join(text.casefold().split())


class Holder(models.Model):
    """Somebody said to hold parental authority over a child, and how to reach them.

    Two at most at a time, each with an address and a number of their own: one mailbox does not
    answer for both.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    seat = models.PositiveSmallIntegerField(help_text="1 or 2")
    capacity = models.CharField(max_length=14)
    given_name = SealedTextField()
    family_name = SealedTextField()
    email = SealedTextField(blank=True)
    email_index = BlindIndexField(
        of="email", purpose="guardians.holder.email", normal=plain, null=True, blank=True
    )
    phone = SealedTextField(blank=True)
    phone_index = BlindIndexField(
        of="phone", purpose="guardians.holder.phone", normal=plain, null=True, blank=True
    )
    language = models.CharField(max_length=2, default="fr")
    proof = SealedTextField(blank=True, help_text="the paper that says so, its date or number")
    proof_seen_at = models.DateTimeField(null=True, blank=True)
    proof_seen_by_account = models.BigIntegerField(null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=20, help_text="a role")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["child", "id"], name="guardians_of_a_child")]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "seat"],
                condition=Q(removed_at__isnull=True),
                name="guardians_two_at_most",
            ),
            models.UniqueConstraint(
                fields=["child", "email_index"],
                condition=Q(removed_at__isnull=True, email_index__isnull=False),
                name="guardians_own_email",
            ),
            models.UniqueConstraint(
                fields=["child", "phone_index"],
                condition=Q(removed_at__isnull=True, phone_index__isnull=False),
                name="guardians_own_phone",
            ),
            models.CheckConstraint(
                name="guardians_holder_words",
                condition=Q(seat__gte=1, seat__lte=BOTH) & Q(capacity__in=list(CAPACITIES)),
            ),
        ]


class Link(models.Model):
    """An address of one's own to read and answer, for one psychologist, until a day."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="links")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "psychologist"],
                condition=Q(revoked_at__isnull=True),
                name="guardians_one_link_each",
            ),
            models.CheckConstraint(
                name="guardians_link_period", condition=Q(ends_at__gt=F("made_at"))
            ),
        ]


class Paper(models.Model):
    """A paper that a holder sent by their link: what it says of them is for who verifies it.

    It is not among the child's documents, which the other parent may read.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="papers")
    content_type = models.CharField(max_length=20)
    size_bytes = models.PositiveIntegerField()
    content = SealedTextField(help_text="base64")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="guardians_paper_words",
                condition=Q(content_type__in=PAPER_TYPES)
                & Q(size_bytes__gte=1, size_bytes__lte=PAPER_BYTES_MOST),
            ),
        ]


class Signature(models.Model):
    """One word of one holder on one text. Append-only: the last word is the one that holds.

    ``given`` is false for a refusal and for a consent taken back. A paper is written down by who
    saw it; ``signed_on`` is then the day on the paper.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="signatures")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    matter = models.CharField(max_length=8, help_text="care or alone")
    given = models.BooleanField()
    text_version = models.PositiveSmallIntegerField(help_text="the text that was read")
    name = SealedTextField(help_text="as it was typed, or stands on the paper")
    how = models.CharField(max_length=8)
    signed_on = models.DateField()
    said_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=20, help_text="a role")
    recorded_by_account = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["child", "psychologist", "id"], name="guardians_what_was_said")
        ]
        constraints = [
            models.CheckConstraint(
                name="guardians_signature_words",
                condition=Q(matter__in=list(TEXTS)) & Q(how__in=HOW) & Q(text_version__gte=1),
            ),
            models.CheckConstraint(
                name="guardians_paper_has_a_witness",
                condition=~Q(how=PAPER) | Q(recorded_by__in=WITNESSES),
            ),
        ]


class Wait(models.Model):
    """An appointment that waits for consent, and until when its time is kept."""

    booking = models.OneToOneField("agenda.Booking", on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    kept_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_for = models.CharField(max_length=8, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["kept_until"],
                name="guardians_waits_over",
                condition=Q(ended_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="guardians_wait_end_has_a_reason",
                condition=Q(ended_at__isnull=True, ended_for="")
                | Q(ended_at__isnull=False, ended_for__in=[COMPLETE, OVER, GONE]),
            ),
        ]
