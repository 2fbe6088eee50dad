"""Papers that a person adds for their psychologist: a referral letter, a statement of rights."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from soutien.sealing import BlindIndexField, SealedTextField

KINDS = ("referral_letter", "rights_statement", "other")
CONTENT_TYPES = ("application/pdf", "image/jpeg", "image/png")
# A page of paper, photographed or scanned, is far below.
MOST_BYTES = 5 * 1_048_576


class Document(models.Model):
    """One paper, sealed. Removed, its content is gone at once; the row says that it was there.

    The same content stands once in somebody's file, so that a form sent twice adds one paper.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    content_type = models.CharField(max_length=20)
    size_bytes = models.PositiveIntegerField()
    content = SealedTextField(blank=True, help_text="base64; empty once removed")
    content_index = BlindIndexField(
        of="content", purpose="documents.document.content", null=True, blank=True
    )
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=20, help_text="a role")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "id"], name="documents_of_a_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "content_index"],
                condition=Q(removed_at__isnull=True),
                name="documents_once_each",
            ),
            models.CheckConstraint(
                name="documents_words",
                condition=Q(kind__in=KINDS)
                & Q(content_type__in=CONTENT_TYPES)
                & Q(added_by__in=("person", "guardian")),
            ),
            models.CheckConstraint(
                name="documents_size", condition=Q(size_bytes__gte=1, size_bytes__lte=MOST_BYTES)
            ),
            models.CheckConstraint(
                name="documents_removed_is_empty",
                condition=Q(removed_at__isnull=False, content_index__isnull=True)
                | Q(removed_at__isnull=True, content_index__isnull=False),
            ),
        ]
