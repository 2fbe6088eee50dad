"""Jobs run once for each moment, are made up for once, and are tried again when they fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time as clock_time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from tests.migrated_once import PostgresCopy, SqliteCopy

from soutien.doors.cli import main as cli
from soutien.doors.jobs import running
from soutien.doors.jobs.moments import Daily, Hourly
from soutien.doors.jobs.table import JOBS, RUNS_KEPT, Job
from soutien.registers.jobs import queries as runs
from soutien.registers.jobs.models import Run
from soutien.registers.outbox import queries as outbox
from soutien.registers.outbox.models import Letter

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Bell:
    """A job that counts how often it rang, and fails when it is told to."""

    def __init__(self) -> None:
        self.rang: list[datetime] = []
        self.error: Exception | None = None

    def __call__(self, at: datetime) -> int:
        if self.error is not None:
            raise self.error
        self.rang.append(at)
        return len(self.rang)


@pytest.fixture
def bell() -> Bell:
    return Bell()


def look(bell: Bell, at: datetime, *, late_most: timedelta | None = None) -> dict[str, int]:
    job = Job(Daily(time(8, 0)), late_most, "ring", bell)
    return running.run_due(clock=lambda: at, jobs={"bell": job})


@pytest.mark.django_db
def test_a_moment_is_run_once_and_the_next_one_too(bell: Bell) -> None:
    assert look(bell, NOW) == {"bell": 1}
    assert look(bell, NOW + MINUTE) == {}
    # The clock of the machine is put back: what was done is done.
    assert look(bell, NOW - HOUR) == {}
    assert look(bell, NOW + DAY) == {"bell": 2}


@pytest.mark.django_db
def test_after_days_without_a_scheduler_it_is_made_up_for_once(bell: Bell) -> None:
    look(bell, NOW)
    assert look(bell, NOW + 10 * DAY) == {"bell": 2}
    assert look(bell, NOW + 10 * DAY + MINUTE) == {}


@pytest.mark.django_db
def test_what_would_be_too_late_waits_for_its_next_moment(bell: Bell) -> None:
    assert look(bell, NOW + 2 * HOUR, late_most=HOUR) == {}
    assert look(bell, NOW + DAY - 3 * HOUR, late_most=HOUR) == {}
    assert look(bell, NOW + DAY - 2 * HOUR + 30 * MINUTE, late_most=HOUR) == {"bell": 1}


@pytest.mark.django_db
def test_a_job_that_fails_is_tried_again_later_and_not_for_ever(bell: Bell) -> None:
    bell.error = ValueError("a name")
    look(bell, NOW)
    [run] = Run.objects.all()
    assert (run.attempts, run.trouble, run.done_at) == (1, "ValueError", None)
    look(bell, NOW + MINUTE)
    assert Run.objects.get().attempts == 1
    for number in range(1, 2 * running.TRIES_MOST):
        look(bell, NOW + number * running.AGAIN_AFTER)
    assert Run.objects.get().attempts == running.TRIES_MOST
    bell.error = None
    assert look(bell, NOW + DAY) == {"bell": 1}


@pytest.mark.django_db
def test_what_a_killed_scheduler_began_is_begun_again_when_its_lease_ends(bell: Bell) -> None:
    bell.error = OperationalError("the server closed the connection")
    with pytest.raises(OperationalError):
        look(bell, NOW)
    bell.error = None
    assert look(bell, NOW + running.LEASE - MINUTE) == {}
    assert look(bell, NOW + running.LEASE) == {"bell": 1}


@pytest.mark.django_db
def test_who_lost_its_lease_says_nothing_any_more(bell: Bell) -> None:
    slow, other = uuid.uuid4(), uuid.uuid4()
    for who, at in ((slow, NOW), (other, NOW + HOUR)):
        assert runs.take("bell", NOW, at=at, by=who, until=at + MINUTE, most=5)
    assert not runs.done("bell", NOW, by=slow, at=NOW, counted=1)
    assert runs.done("bell", NOW, by=other, at=NOW, counted=2)
    assert Run.objects.get().counted == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_try", range(3))
def test_of_many_schedulers_at_once_one_runs_it(_try: int, bell: Bell) -> None:
    assert rung_by_many(bell) == 1


@pytest.mark.django_db(transaction=True)
def test_twin_without_the_row_of_the_moment_several_run_it(
    bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "take", lambda *_words, **_named: True)
    assert rung_by_many(bell) > 1


def rung_by_many(bell: Bell, number: int = 8) -> int:
    start = threading.Barrier(number)
    errors: list[Exception] = []

    def one() -> None:
        try:
            start.wait(timeout=30)
            look(bell, NOW)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not errors
    return len(bell.rang)


@pytest.mark.django_db
def test_old_runs_are_forgotten_and_young_ones_kept(bell: Bell) -> None:
    look(bell, NOW)
    assert JOBS["runs"].act(NOW + DAY) == 0
    assert JOBS["runs"].act(NOW + RUNS_KEPT + DAY) == 1


@pytest.mark.django_db
def test_the_jobs_of_the_product_do_what_their_line_says() -> None:
    """Each is run for real, on empty tables; none fails."""
    assert set(running.run_due()) <= set(JOBS)
    assert not Run.objects.exclude(trouble="").exists()
    for name in JOBS:
        assert running.run_now(name) == 0


@pytest.mark.django_db
def test_the_command_lists_and_runs_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scheduler", "--list"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("never done") == len(JOBS)
    assert "daily at 03:20" in shown
    assert cli.main(["scheduler", "--run", "tries"]) == 0
    assert capsys.readouterr().out == "tries: 0\n"
    assert cli.main(["scheduler", "--list", "--json"]) == 0
    assert '"job": "tries"' in capsys.readouterr().out
    assert cli.main(["scheduler", "--run", "moon"]) == 1
    assert "There is no job 'moon'. What there is: confirmations," in capsys.readouterr().err


@pytest.mark.django_db
def test_a_failing_job_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, bell: Bell
) -> None:
    bell.error = KeyError("x")
    monkeypatch.setitem(JOBS, "tries", Job(Hourly(20), None, "ring", bell))
    assert cli.main(["scheduler", "--run", "tries"]) == 1
    assert "the job tries failed" in capsys.readouterr().err
    assert cli.main(["scheduler", "--list"]) == 1
    assert "FAILING: KeyError" in capsys.readouterr().out


@pytest.mark.own_file
def test_a_scheduler_runs_what_is_due_and_stops_when_asked(
    alone: Callable[[], dict[str, str]], tables_kept: SqliteCopy | PostgresCopy
) -> None:
    environment = alone()
    program = [sys.executable, "-m", "soutien.doors.cli.main"]
    if not tables_kept.fill(f"sqlite:///{environment['SOUTIEN_HOME']}/soutien.sqlite3"):
        subprocess.run([*program, "manage", "migrate", "-v", "0"], env=environment, check=True)
    with subprocess.Popen([*program, "scheduler", "--every", "0.2"], env=environment) as process:
        try:
            # What may be too late to do at this hour is left out.
            always = sum(job.late_most is None for job in JOBS.values())
            listed = ""
            ends = clock_time.monotonic() + 60
            while listed.count("last done") < always and clock_time.monotonic() < ends:
                listed = subprocess.run(
                    [*program, "scheduler", "--list"],
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
            assert listed.count("last done") >= always
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


@pytest.fixture
def alone(tmp_path: Path) -> Callable[[], dict[str, str]]:
    """The environment of a demo of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SOUTIEN_")}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    return lambda: kept | {"SOUTIEN_DEMO": "1", "SOUTIEN_HOME": str(tmp_path)}


@pytest.mark.django_db
def test_what_was_kept_long_enough_goes_by_its_job() -> None:
    letter = outbox.announce(kind="moon.landed", payload={"moon": 1}, at=NOW)
    Letter.objects.filter(pk=letter.pk).update(delivered_at=NOW)
    assert JOBS["retention"].act(NOW + DAY) == 0
    assert JOBS["retention"].act(NOW + 3 * 365 * DAY) == 1
    assert not Letter.objects.exists()
