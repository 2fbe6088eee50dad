"""Runs what is due. Any number of schedulers may look at once: each moment is one row."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError
from django.utils import timezone

from soutien.doors.jobs.table import JOBS, Job
from soutien.registers.jobs import queries as runs
from soutien.registers.jobs.models import Run

log = logging.getLogger(__name__)
# How long whoever runs a job is waited for: all of them take seconds.
LEASE = timedelta(minutes=10)
# After a failure, and how often in all; then its next moment comes.
AGAIN_AFTER, TRIES_MOST = timedelta(minutes=5), 5

Clock = Callable[[], datetime]


class Standing(NamedTuple):
    """A job: its last run if any, when it was last done, and when it is due next."""

    name: str
    job: Job
    run: Run | None
    last_done_at: datetime | None
    next_at: datetime

    @property
    def failing(self) -> bool:
        """Whether its last run was tried and did not end well."""
        return bool(self.run and self.run.done_at is None and self.run.trouble)


def run_due(*, clock: Clock = timezone.now, jobs: Mapping[str, Job] = JOBS) -> dict[str, int]:
    """Run each job whose moment has come and that nobody ran yet; what each did."""
    did = {}
    for name, job in jobs.items():
        at = clock()
        due_at = job.when.last(at)
        if job.late_most is not None and at - due_at > job.late_most:
            continue
        counted = _run(name, job, due_at, clock)
        if counted is not None:
            did[name] = counted
    return did


def run_now(name: str, *, clock: Clock = timezone.now) -> int | None:
    """Run a job whether it is due or not; what it did, None when it failed."""
    return _run(name, JOBS[name], clock(), clock)


def standings(at: datetime) -> list[Standing]:
    """How each job stands, in the order of the table."""
    last, done = runs.last_runs(JOBS.keys()), runs.last_done(JOBS.keys())
    return [
        Standing(name, job, last.get(name), done.get(name), job.when.next(at))
        for name, job in JOBS.items()
    ]


def _run(name: str, job: Job, due_at: datetime, clock: Clock) -> int | None:
    if runs.is_done(name, due_at):
        return None
    me, at = uuid.uuid4(), clock()
    if not runs.take(name, due_at, at=at, by=me, until=at + LEASE, most=TRIES_MOST):
        return None
    try:
        counted = job.act(at)
    except DatabaseError:
        # The lease says that it was begun; whoever finds it ended begins again.
        raise
    except Exception as error:
        log.exception("The job %s failed.", name)
        runs.failed(
            name, due_at, by=me, again_at=clock() + AGAIN_AFTER, trouble=type(error).__name__
        )
        return None
    runs.done(name, due_at, by=me, at=clock(), counted=counted)
    return counted
