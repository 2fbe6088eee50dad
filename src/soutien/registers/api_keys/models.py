"""Keys with which a program acts for an account. Only a digest is kept of each."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class ApiKey(models.Model):
    """A key of an account: its name, what it opens (``scopes``, codes), until when.

    It never opens more than its account does. ``second_factor`` says that one was given when it
    was made: roles that see other people's data need one.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="api_keys"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(max_length=60)
    scopes = models.CharField(max_length=40, help_text="read, book, claim: with commas")
    second_factor = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    valid_before = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "revoked_at"], name="api_keys_of_account")]
        constraints = [
            models.CheckConstraint(name="api_keys_scoped", condition=~Q(scopes="")),
            models.CheckConstraint(
                name="api_keys_in_order", condition=Q(valid_before__gt=F("made_at"))
            ),
        ]

    @property
    def opens(self) -> frozenset[str]:
        """What it may be used for."""
        return frozenset(self.scopes.split(","))
