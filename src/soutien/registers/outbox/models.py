"""What must be told to somebody, written in the transaction of the act, delivered later."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from soutien.sealing import SealedTextField


class Letter(models.Model):
    """Something to tell. The payload holds keys only, never health or identity.

    One letter becomes several messages (its dispatches), or none. It waits until it is delivered
    or parked; what nobody here understands is parked, never thrown away.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    about = models.CharField(max_length=60, blank=True, help_text="its first key: booking:12")
    created_at = models.DateTimeField()
    deliver_after = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_by = models.UUIDField(null=True, blank=True, help_text="the courier who has it")
    leased_until = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=120, blank=True, help_text="why it is not delivered")
    parked_at = models.DateTimeField(null=True, blank=True, help_text="no courier tries any more")

    class Meta:
        indexes = [
            models.Index(fields=["delivered_at", "deliver_after"], name="outbox_due"),
            models.Index(fields=["about", "kind"], name="outbox_about", condition=~Q(about="")),
            models.Index(
                fields=["parked_at"], name="outbox_parked", condition=Q(parked_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="outbox_lease_whole",
                condition=Q(leased_by__isnull=True, leased_until__isnull=True)
                | Q(leased_by__isnull=False, leased_until__isnull=False),
            ),
        ]


class Dispatch(models.Model):
    """One message of a letter: to whom, by which channel, and how far it got.

    Begun and not sent means that a courier stopped in between: nobody knows, unless the channel
    can tell. ``key`` is the message's own for ever: the Message-ID of a mail.
    """

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="dispatches")
    channel = models.CharField(max_length=10)
    recipient = models.CharField(max_length=20, help_text="person or psychologist")
    key = models.UUIDField(unique=True, editable=False)
    begun_at = models.DateTimeField(null=True, blank=True)
    begun_times = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "channel", "recipient"], name="outbox_dispatch_once"
            ),
        ]


class LocalMessage(models.Model):
    """A message that stays here: what the demo and the simulator show instead of sending."""

    key = models.UUIDField(unique=True, editable=False)
    channel = models.CharField(max_length=10)
    sender = SealedTextField(row="key")
    recipient = SealedTextField(row="key")
    subject = SealedTextField(row="key", blank=True)
    body = SealedTextField(row="key")
    attachment = SealedTextField(row="key", blank=True, help_text="a calendar file")
    arrived_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["arrived_at"], name="outbox_local_arrived")]
