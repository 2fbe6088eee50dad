"""Which account an identity elsewhere opens. A link is made or removed, never changed."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.sealing import BlindIndexField, SealedJSONField, SealedTextField


class ExternalIdentity(models.Model):
    """Somebody known to an identity provider, and the account here that is theirs.

    The subject is found by its blind index. The database refuses a second account for it, a
    second identity of the same issuer for an account, and moving it to another account.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.CharField(max_length=40)
    issuer = models.CharField(max_length=200)
    subject = SealedTextField()
    subject_index = BlindIndexField(of="subject", purpose="identities.externalidentity.subject")
    account = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, related_name="+")
    linked_how = models.CharField(max_length=12)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject_index"], name="identities_subject_once"
            ),
            models.UniqueConstraint(
                fields=["account", "issuer"], name="identities_one_of_an_issuer"
            ),
            models.CheckConstraint(
                name="identities_linked_how_known",
                condition=Q(linked_how__in=["exact", "by_hand", "opened", "rpps", "email"]),
            ),
        ]


class CertifiedTraits(models.Model):
    """Who the person is, as the provider answers for it. Goes with the link."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity = models.OneToOneField(
        ExternalIdentity, on_delete=models.CASCADE, related_name="traits"
    )
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    family_name = SealedTextField(row="identity", help_text="at birth")
    given_names = SealedJSONField(row="identity", help_text="all, in order")
    birth_date = SealedTextField(row="identity", help_text="ISO day")
    sex = SealedTextField(row="identity", blank=True)
    birth_place = SealedTextField(row="identity", blank=True, help_text="INSEE code")
    certified_at = models.DateTimeField()


class Held(models.Model):
    """What is kept for one browser during a sign-in elsewhere: for minutes, for one use.

    ``key_index`` and ``browser_index`` are fingerprints: reading the table opens nothing.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key_index = models.CharField(max_length=64, unique=True, editable=False)
    browser_index = models.CharField(max_length=64, editable=False)
    kind = models.CharField(max_length=10)
    content = SealedJSONField(row="key_index")
    held_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="identities_held_kind_known", condition=Q(kind__in=["asked", "presented"])
            ),
            models.CheckConstraint(
                name="identities_held_ends", condition=Q(ends_at__gt=F("held_at"))
            ),
        ]
