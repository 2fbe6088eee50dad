"""``soutien deliver``: a turn, what is parked, and trying again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from tests.migrated_once import PostgresCopy, SqliteCopy

from soutien.doors.cli import main as cli
from soutien.doors.couriers import deliver, work
from soutien.doors.environment import SettingError
from soutien.doors.jobs.table import ANY, JOBS
from soutien.registers.jobs.models import Run
from soutien.registers.outbox import queries as outbox
from soutien.registers.outbox.models import Letter

BOX = "soutien.doors.couriers.mailbox.LocalMailbox"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def strange(db: None) -> Letter:
    """A letter nobody understands."""
    return outbox.announce(kind="moon.landed", payload={"moon": 1}, at=NOW)


@pytest.fixture(autouse=True)
def box() -> Any:
    with override_settings(COURIERS={"mail": BOX, "text": ""}):
        yield


def test_a_turn_says_what_it_did_and_what_is_parked_can_be_tried_again(
    strange: Letter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["deliver", "--once"]) == 1
    assert "0 delivered, 0 sent, 0 to try again, 1 parked." in capsys.readouterr().err
    assert cli.main(["deliver", "--parked"]) == 0
    shown = capsys.readouterr().out
    assert f"{strange.pk}  moon.landed  moon:1" in shown
    assert "unknown_kind: moon.landed" in shown
    assert cli.main(["deliver", "--again", "all"]) == 0
    assert "1 to be tried again." in capsys.readouterr().out
    assert cli.main(["deliver", "--again", str(strange.pk)]) == 0
    assert "0 to be tried again." in capsys.readouterr().out
    assert cli.main(["deliver", "--again", "moon"]) == 1
    Letter.objects.all().delete()
    assert cli.main(["deliver", "--once"]) == 0


def test_a_worker_told_to_stop_gives_back_what_it_has_not_begun(db: None) -> None:
    left = [outbox.announce(kind="moon.landed", payload={"moon": n}, at=NOW) for n in range(3)]
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) > 1

    done = deliver.deliver_due({}, stopped=stopped)
    assert done.seen == 1
    kept = Letter.objects.filter(pk__in=[letter.pk for letter in left], parked_at=None)
    assert [(row.leased_by, row.attempts) for row in kept] == [(None, 0)] * 2


def test_the_worker_leaves_jobs_to_the_scheduler_unless_told(db: None) -> None:
    assert cli.main(["worker", "--once"]) == 0
    assert not Run.objects.exists()
    assert cli.main(["worker", "--once", "--with-jobs"]) == 0
    assert set(Run.objects.values_list("job", flat=True)) <= set(JOBS)
    # What may be too late to do at this hour is left out; the rest is done at any.
    always = {name for name, job in JOBS.items() if job.late_most is ANY}
    assert always <= set(Run.objects.exclude(done_at=None).values_list("job", flat=True))


def test_status_says_what_is_parked_why_and_what_to_do(
    strange: Letter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["status", "--json"]) == 1
    before = json.loads(capsys.readouterr().out)
    assert before["letters"]["due"] == 1
    assert "is `soutien worker` running?" in before["wrong"][0]
    assert cli.main(["worker", "--once", "--with-jobs"]) == 1
    capsys.readouterr()
    assert cli.main(["status"]) == 1
    shown = capsys.readouterr().out
    assert f"{strange.pk}  moon.landed  parked after 1: unknown_kind: moon.landed" in shown
    assert "this version does not know it: upgrade the workers" in shown
    assert "Jobs never done" not in shown or "confirmations" in shown
    Letter.objects.all().delete()
    runs_done(datetime.now(UTC))
    assert cli.main(["status"]) == 0
    assert "All is well." in capsys.readouterr().out


def runs_done(at: datetime) -> None:
    """Every job was done, whatever the minute of the hour is."""
    for name in JOBS:
        Run.objects.get_or_create(
            job=name, due_at=at, defaults={"done_at": at, "counted": 0, "attempts": 1}
        )


def test_nothing_parked_is_said(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["deliver", "--parked"]) == 0
    assert capsys.readouterr().out == "Nothing is parked.\n"


@pytest.mark.parametrize("words", [["--every", "0"], ["--every", "x"], ["--every", "99999"]])
def test_a_rest_that_makes_no_sense_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["deliver", *words])
    assert stopped.value.code == 2


def test_without_a_mail_server_it_says_what_to_set() -> None:
    with override_settings(COURIERS={"mail": "", "text": ""}):
        with pytest.raises(SettingError, match="SOUTIEN_SMTP"):
            work.checked_couriers()
        assert cli.main(["deliver", "--once"]) == 1


def alone(tmp_path: Path) -> dict[str, str]:
    """The environment of a demo of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SOUTIEN_")}
    kept.pop("DATABASE_URL", None)
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"SOUTIEN_DEMO": "1", "SOUTIEN_HOME": str(tmp_path)}


def with_tables(tmp_path: Path, copy: SqliteCopy | PostgresCopy) -> dict[str, str]:
    """The same, once its tables are there."""
    environment = alone(tmp_path)
    if not copy.fill(f"sqlite:///{tmp_path}/soutien.sqlite3"):
        migrate = [sys.executable, "-m", "soutien.doors.cli.main", "manage", "migrate", "-v", "0"]
        subprocess.run(migrate, env=environment, check=True)
    return environment


def started(
    tmp_path: Path, copy: SqliteCopy | PostgresCopy, *words: str
) -> subprocess.Popen[bytes]:
    environment = with_tables(tmp_path, copy)
    return subprocess.Popen(
        [sys.executable, "-m", "soutien.doors.cli.main", "worker", "--every", "0.2", *words],
        env=environment,
    )


def wait_until_it_listens(process: subprocess.Popen[bytes]) -> None:
    """Until the kernel says that the program catches SIGTERM: before, it would just die."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert process.poll() is None
        told = Path(f"/proc/{process.pid}/status").read_text()
        caught = int(told.split("SigCgt:")[1].split()[0], 16)
        if caught >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.1)
    pytest.fail("it never listened")


@pytest.mark.own_file
def test_it_stops_when_asked(tmp_path: Path, tables_kept: SqliteCopy | PostgresCopy) -> None:
    process = started(tmp_path, tables_kept)
    wait_until_it_listens(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0


@pytest.mark.own_file
def test_it_ends_with_who_started_it(
    tmp_path: Path, tables_kept: SqliteCopy | PostgresCopy
) -> None:
    environment = with_tables(tmp_path, tables_kept)
    start = (
        "import subprocess, sys, time\n"
        "words = ['-m', 'soutien.doors.cli.main', 'worker', '--every', '0.2', '--with-parent']\n"
        "child = subprocess.Popen([sys.executable, *words])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", start], env=environment, stdout=subprocess.PIPE, check=True
    )
    child = int(done.stdout.split()[0])
    for _wait in range(50):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        # A child left to the first process of a container may stay as a name only.
        state = Path(f"/proc/{child}/stat")
        if state.exists() and state.read_text().split(")")[1].split()[0] == "Z":
            return
        time.sleep(0.2)
    pytest.fail("the courier outlived the program that started it")
