"""Taking a run, and saying how it ended. The unique constraint and one UPDATE say who has it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from soutien.registers.jobs.models import Run

SHOWN = 120


def take(
    job: str, due_at: datetime, *, at: datetime, by: uuid.UUID, until: datetime, most: int
) -> bool:
    """Whether the run is ours: nobody has it, it is not done, and it failed less than ``most``."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    with transaction.atomic():
        Run.objects.bulk_create([Run(job=job, due_at=due_at)], ignore_conflicts=True)
        # Of two who see it free, the second waits for the row and finds it taken.
        return bool(
            Run.objects.filter(
                free, job=job, due_at=due_at, done_at=None, attempts__lt=most
            ).update(leased_by=by, leased_until=until, begun_at=at, attempts=F("attempts") + 1)
        )


def done(job: str, due_at: datetime, *, by: uuid.UUID, at: datetime, counted: int) -> bool:
    """It ended well; false when somebody else has it by now."""
    return bool(
        _ours(job, due_at, by).update(
            done_at=at, counted=counted, leased_by=None, leased_until=None, trouble=""
        )
    )


def failed(job: str, due_at: datetime, *, by: uuid.UUID, again_at: datetime, trouble: str) -> bool:
    """It did not end: tried again from ``again_at`` on."""
    return bool(
        _ours(job, due_at, by).update(
            leased_by=None, leased_until=again_at, trouble=trouble[:SHOWN]
        )
    )


def is_done(job: str, due_at: datetime) -> bool:
    """Whether the run of that moment was done."""
    return Run.objects.filter(job=job, due_at=due_at, done_at__isnull=False).exists()


def last_runs(jobs: Collection[str]) -> dict[str, Run]:
    """The run of each job that was due last."""
    latest = Run.objects.filter(job__in=jobs).values("job").annotate(due=Max("due_at"))
    found = Q(pk__in=[])
    for row in latest:
        found |= Q(job=row["job"], due_at=row["due"])
    return {run.job: run for run in Run.objects.filter(found)}


def last_done(jobs: Collection[str]) -> dict[str, datetime]:
    """When each job was last done."""
    rows = Run.objects.filter(job__in=jobs, done_at__isnull=False).values("job")
    return {row["job"]: row["last"] for row in rows.annotate(last=Max("done_at"))}


def forget_before(at: datetime, *, kept: timedelta) -> int:
    """Remove runs that were due longer ago than ``kept``; how many."""
    return Run.objects.filter(due_at__lt=at - kept).delete()[0]


def _ours(job: str, due_at: datetime, by: uuid.UUID) -> QuerySet[Run]:
    return Run.objects.filter(job=job, due_at=due_at, leased_by=by, done_at=None)
