"""What must be told to somebody, written in the transaction of the act, delivered later."""

from __future__ import annotations

from django.db import models


class Letter(models.Model):
    """One message to deliver. The payload holds keys only, never health or identity."""

    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    deliver_after = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["delivered_at", "deliver_after"], name="outbox_due")]
