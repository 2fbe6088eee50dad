"""What is done by the clock: one row for each moment at which a job was due."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Run(models.Model):
    """A job at one of its moments. The row exists once, so that of many schedulers one runs it.

    ``leased_until`` is how long whoever runs it is waited for; after a failure, when it may be
    tried again.
    """

    job = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_by = models.UUIDField(null=True, blank=True, help_text="the scheduler that has it")
    leased_until = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    counted = models.BigIntegerField(null=True, blank=True, help_text="what it did, as a number")
    trouble = models.CharField(max_length=120, blank=True, help_text="the kind of the last error")

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="jobs_run_due")]
        constraints = [
            models.UniqueConstraint(fields=["job", "due_at"], name="jobs_run_once"),
            models.CheckConstraint(
                name="jobs_run_counted",
                condition=Q(done_at__isnull=True, counted__isnull=True)
                | Q(done_at__isnull=False, counted__isnull=False),
            ),
        ]
