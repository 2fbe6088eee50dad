"""What machines ask: measures, readiness, whom to tell of a weakness, what not to read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from soutien.doors import counters
from soutien.doors.web import health
from soutien.doors.web.well_known import expires
from soutien.registers.outbox.models import Letter

pytestmark = pytest.mark.django_db
TOKEN = {"authorization": "Bearer a-long-token"}
LINE = re.compile(
    r'[a-z_]+(\{[a-z]+="[A-Za-z0-9._+-]*"(,[a-z]+="[A-Za-z0-9._+-]*")*\})? [0-9.e+-]+'
)


@pytest.fixture
def measured(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.METRICS_TOKEN = "a-long-token"
    settings.COUNTERS = tmp_path
    monkeypatch.setattr(counters, "_mine", None)
    return tmp_path


def read(browser: Client) -> dict[str, float]:
    answer = browser.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    assert not [line for line in lines if not LINE.fullmatch(line)]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_the_measures_are_closed_but_to_who_has_the_token_or_asks_from_inside(
    measured: Path, settings: Any
):
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"authorization": "Bearer no"}).status_code == 404
    assert Client().get("/metrics", headers=TOKEN).status_code == 200
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
    settings.METRICS_FROM = [ip_network("10.0.0.0/8")]
    assert Client(REMOTE_ADDR="10.1.2.3").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.1").get("/metrics").status_code == 404


def test_requests_are_counted_by_route_and_never_by_path(measured: Path):
    browser = Client()
    for _time in range(3):
        browser.get("/aide", {"nom": "Zebulon"})
    browser.get("/rendez-vous/zebulon-token")
    browser.generic("INVENTED", "/aide")
    browser.get("/trouver", {"place": "Lyon"})
    found = read(browser)
    assert found['soutien_requests_total{route="help",method="GET",status="200"}'] == 3
    assert found['soutien_requests_total{route="help",method="other",status="405"}'] == 1
    assert found['soutien_request_seconds_count{route="help"}'] == 4
    assert found["soutien_database_queries_total"] > 0
    assert found["soutien_database_up"] == 1
    assert found["soutien_holds"] == 0
    assert "ebulon" not in str(found)


def test_what_processes_counted_is_one_sum_and_outlives_them(measured: Path, settings: Any):
    words = (
        "from types import SimpleNamespace as S; import sys; from pathlib import Path;"
        "from soutien.doors import counters;"
        "counters.settings = S(COUNTERS=Path(sys.argv[1]));"
        "counters.add('soutien_requests_total', route='help', method='GET', status=200);"
        "import os; os.kill(os.getpid(), 9)"
    )
    for _process in range(2):
        subprocess.run(
            [sys.executable, "-c", words, str(measured)], check=False, env=dict(os.environ)
        )
    Client().get("/aide")
    name = 'soutien_requests_total{route="help",method="GET",status="200"}'
    assert read(Client())[name] == 3
    # Gathered in one file by now, and still told.
    assert len(list(measured.glob("*-*.counts"))) == 1
    assert read(Client())[name] == 3


def letter(due: datetime) -> None:
    Letter.objects.create(kind="x", payload={}, created_at=due, deliver_after=due)


def test_what_waits_is_told(measured: Path):
    letter(timezone.now() - timedelta(hours=1))
    letter(timezone.now() + timedelta(hours=1))
    found = read(Client())
    assert found["soutien_outbox_due"] == 1
    assert 3500 < found["soutien_outbox_oldest_seconds"] < 3700


def test_a_machine_that_cannot_count_still_answers(settings: Any, monkeypatch: Any):
    monkeypatch.setattr(counters, "_mine", None)
    settings.COUNTERS = Path("/proc/nowhere")
    assert Client().get("/aide").status_code == 200


def test_ready_when_all_is_there():
    answer = Client().get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "checks": dict.fromkeys(("database", "migrations", "disk", "journal", "outbox"), "ok"),
    }


def test_late_letters_are_told_and_people_still_come():
    letter(timezone.now() - timedelta(hours=1))
    answer = Client().get("/ready")
    assert answer.status_code == 200
    assert answer.json()["checks"]["outbox"] == "failing"


@pytest.mark.parametrize("name", health.NEEDED)
def test_not_ready_when_something_needed_lacks(monkeypatch: pytest.MonkeyPatch, name: str):
    def lacks() -> None:
        raise OperationalError("hunter2")

    monkeypatch.setitem(health.NEEDED, name, lacks)
    answer = Client().get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"][name] == "failing"
    assert "hunter2" not in answer.content.decode()


def test_a_migration_that_is_not_applied_is_seen(monkeypatch: pytest.MonkeyPatch):
    from django.db.migrations.recorder import MigrationRecorder

    monkeypatch.setattr(health, "_migrated", [])
    MigrationRecorder.Migration.objects.filter(app="limits").delete()
    assert Client().get("/ready").json()["checks"]["migrations"] == "failing"


def test_a_disk_that_takes_nothing_is_seen(settings: Any):
    settings.HOME = Path("/proc/nowhere")
    assert Client().get("/ready").json()["checks"]["disk"] == "failing"


def test_security_txt_says_whom_to_tell_and_until_when(settings: Any):
    assert Client().get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "securite@example.org"
    answer = Client().get("/.well-known/security.txt")
    assert answer["Content-Type"].startswith("text/plain")
    said = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert said["Contact"] == "mailto:securite@example.org"
    ends = datetime.fromisoformat(said["Expires"])
    assert timedelta(days=150) < ends - timezone.now() < timedelta(days=365)
    assert said["Canonical"].endswith("/.well-known/security.txt")


def test_security_txt_never_ends_soon_nor_after_a_year():
    for day in range(0, 800, 37):
        at = datetime(2026, 1, 1, 23, 30, tzinfo=UTC) + timedelta(days=day)
        assert timedelta(days=170) < expires(at) - at < timedelta(days=200)


def test_robots_leave_what_is_ones_own():
    said = Client().get("/robots.txt").content.decode()
    for path in ("/mon-annee", "/cabinet", "/rendez-vous/", "/en/rendez-vous/", "/trouver?"):
        assert f"Disallow: {path}\n" in said
