"""Calendars shared with the outside: those we give to read, and those we read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from soutien.sealing import SealedTextField


class Feed(models.Model):
    """A private address where one's own appointments are read. It is kept as its digest only.

    Whoever has the address reads it: it is shown once, and taken back at any time.
    """

    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    person = models.ForeignKey(
        "people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    psychologist = models.ForeignKey(
        "psychologists.Psychologist",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    language = models.CharField(max_length=2, default="fr")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="calendars_feed_one_owner",
                condition=Q(person__isnull=True, psychologist__isnull=False)
                | Q(person__isnull=False, psychologist__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["person"],
                name="calendars_feed_person_once",
                condition=Q(revoked_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["psychologist"],
                name="calendars_feed_psychologist_once",
                condition=Q(revoked_at__isnull=True),
            ),
        ]


class OutsideCalendar(models.Model):
    """A calendar elsewhere whose busy times close the agenda of a psychologist.

    The address often is a secret of its own: it is sealed. ``etag`` is what its server said last.
    """

    psychologist = models.OneToOneField(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    address = SealedTextField(row="psychologist")
    created_at = models.DateTimeField()
    etag = models.CharField(max_length=200, blank=True)
    read_again_at = models.DateTimeField(db_index=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="the last success")
    whole_at = models.DateTimeField(null=True, blank=True, help_text="the last with its content")
    trouble = models.CharField(max_length=40, blank=True, help_text="a code; empty when it works")
    trouble_since = models.DateTimeField(null=True, blank=True)
    busy_times = models.PositiveIntegerField(default=0)
