"""What was asked once under a key, and what it was answered: asked again, it is not done again."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.sealing import SealedTextField


class Ask(models.Model):
    """One key of one somebody: an act that is running, or done with its answer.

    ``owner``, ``key`` and ``body`` are digests. ``attempt`` names who is at it: whoever lost it
    to somebody else writes nothing. An act that never ended frees its key at ``free_at``.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    what = models.CharField(max_length=200, help_text="method and path, or the form's address")
    body = models.CharField(max_length=64)
    done = models.BooleanField(default=False)
    attempt = models.UUIDField(default=uuid.uuid4)
    began_at = models.DateTimeField()
    free_at = models.DateTimeField(help_text="whoever is still at it then has given up")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = SealedTextField(blank=True)
    ends_at = models.DateTimeField(help_text="forgotten from then on")

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="idempotency_ask_ends")]
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="idempotency_ask_once"),
            models.CheckConstraint(
                name="idempotency_ask_answered",
                condition=Q(done=True, status__isnull=False) | Q(done=False, status__isnull=True),
            ),
            models.CheckConstraint(
                name="idempotency_ask_in_order",
                condition=Q(free_at__gt=F("began_at"), ends_at__gt=F("began_at")),
            ),
        ]
