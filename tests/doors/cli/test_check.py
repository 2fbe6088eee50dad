"""``soutien check``: each thing that is wrong with an installation is told, with what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.migrations.executor import MigrationExecutor
from django.test import override_settings
from tests.proof.crashing import post_office

from soutien.doors import deployment_check
from soutien.doors.cli import main as cli
from soutien.doors.deployment_check import CHECKS, DOUBTFUL, GOOD, WRONG, all_found
from soutien.doors.environment import database, networks
from soutien.sealing.keyfile import KeyFile, write_key_file

pytestmark = pytest.mark.django_db
SECRET = "T8cP0vWkq3ZbX5nJrLs7dGhYfMuEa1Ci9OxQ"[::-1] + "zR4wK2yB6tVj"


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Settings of an installation with nothing wrong, mail server included."""
    tmp_path.chmod(0o700)
    keys, signing = tmp_path / "keys", tmp_path / "signing.pem"
    write_key_file(keys, KeyFile(["a sealing key of its own, long enough"], []))
    signing.touch()
    monkeypatch.setenv("X_PROXIES", "127.0.0.1")
    with post_office() as office:
        yield {
            "SECRET_KEY": SECRET,
            "SEALING_KEY_FILE": str(keys),
            "JOURNAL_SIGNING_KEY": str(signing),
            "ALLOWED_HOSTS": ["soutien.example.org", "127.0.0.1"],
            "ADDRESS": "https://soutien.example.org",
            "HTTPS": True,
            "BEHIND_PROXY": True,
            "PROXIES": networks("X_PROXIES"),
            "COURIERS": {"mail": "soutien.doors.couriers.mail.MailCourier", "text": ""},
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": office.server_address[1],
            "HOME": tmp_path,
        }


def states(**settings: Any) -> dict[str, str]:
    with override_settings(**settings):
        return {found.what: found.state for found in all_found()[: len(CHECKS)]}


def test_nothing_is_wrong_with_what_is_fit(fit: dict[str, Any]) -> None:
    found = states(**fit)
    # The tests' own role may do everything: that alone is told.
    role = found.pop("role")
    assert role in (GOOD, WRONG)
    assert set(found.values()) == {GOOD}, found


# The port of a service of the eighties: nothing listens there.
CLOSED_PORT = 1


@pytest.mark.parametrize(
    ("what", "state", "changed"),
    [
        ("kind", WRONG, {"DEMO": True}),
        ("secret", WRONG, {"SECRET_KEY": "short"}),
        ("secret", WRONG, {"SECRET_KEY": "ab" * 40}),
        ("secret", WRONG, {"SEALING_KEY": SECRET}),
        ("hosts", WRONG, {"ALLOWED_HOSTS": ["*"]}),
        ("hosts", WRONG, {"ALLOWED_HOSTS": ["localhost", "[::1]"]}),
        ("hosts", WRONG, {"ADDRESS": "https://elsewhere.example.org"}),
        ("https", WRONG, {"HTTPS": False}),
        ("https", DOUBTFUL, {"BEHIND_PROXY": False}),
        ("https", DOUBTFUL, {"PROXIES": []}),
        ("https", DOUBTFUL, {"PROXIES": [ip_network("10.0.0.0/8")]}),
        (
            "https",
            GOOD,
            {"PROXIES": [ip_network("10.0.0.0/8")], "CERTIFICATE": "/etc/soutien/web.crt"},
        ),
        ("mail", WRONG, {"EMAIL_HOST": "mail.example.org"}),
        ("mail", WRONG, {"COURIERS": {"mail": "", "text": ""}}),
        ("mail", WRONG, {"EMAIL_PORT": CLOSED_PORT}),
        ("home", WRONG, {"HOME": Path("/nowhere/at/all")}),
        ("keys", WRONG, {"SEALING_KEY_FILE": "/nowhere/keys"}),
        ("keys", DOUBTFUL, {"SEALING_KEY_FILE": ""}),
        ("journal", DOUBTFUL, {"JOURNAL_SIGNING_KEY": "/nowhere/key.pem"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_not_fit_is_told(
    fit: dict[str, Any], what: str, state: str, changed: dict[str, Any]
) -> None:
    assert states(**fit | changed)[what] == state


ELSEWHERE = "postgresql://soutien_app:secret@db.example.org/soutien"


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("sqlite:////srv/soutien.sqlite3", GOOD),
        ("postgresql://soutien_app@/soutien?host=%2Frun%2Fpostgresql", GOOD),
        ("postgresql://soutien_app@127.0.0.1/soutien", GOOD),
        ("postgresql://soutien_app@localhost/soutien", GOOD),
        (f"{ELSEWHERE}?sslmode=verify-full", GOOD),
        (f"{ELSEWHERE}?sslmode=verify-ca", DOUBTFUL),
        (f"{ELSEWHERE}?sslmode=require", DOUBTFUL),
        (f"{ELSEWHERE}?sslmode=prefer", WRONG),
        (f"{ELSEWHERE}?sslmode=disable", WRONG),
        (ELSEWHERE, WRONG),
    ],
)
def test_a_database_elsewhere_is_spoken_to_in_secret_and_by_its_name(
    monkeypatch: pytest.MonkeyPatch, url: str, state: str
) -> None:
    told(monkeypatch, url)
    assert deployment_check.database_encrypted().state == state


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("postgresql://soutien_app@/soutien?host=%2Frun%2Fpostgresql", GOOD),
        ("postgresql://soutien_app@db.example.org/soutien?sslcert=/etc/soutien/db.crt", GOOD),
        (f"{ELSEWHERE}?sslmode=verify-full", DOUBTFUL),
    ],
)
def test_a_password_for_the_database_is_told(
    monkeypatch: pytest.MonkeyPatch, url: str, state: str
) -> None:
    told(monkeypatch, url)
    found = deployment_check.database_proof()
    assert found.state == state
    assert "secret" not in found.said


def told(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """As though DATABASE_URL were this one; nothing connects."""
    read = database(url)
    line = SimpleNamespace(vendor=read["ENGINE"].rpartition(".")[2], settings_dict=read)
    monkeypatch.setattr(deployment_check, "connection", line)


def test_tables_behind_the_version_are_told(
    fit: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_words: ["one"])
    assert states(**fit)["migrations"] == WRONG


def test_an_engine_too_old_is_told(fit: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment_check, "POSTGRESQL_LEAST", 990000)
    monkeypatch.setattr(deployment_check, "SQLITE_LEAST", (99, 0, 0))
    assert states(**fit)["engine"] == WRONG


def test_the_command_says_it_in_words_and_by_its_code(
    fit: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with override_settings(**fit | {"SECRET_KEY": "short"}):
        assert cli.main(["check"]) == 1
        assert "wrong     secret      SOUTIEN_SECRET_KEY can be guessed" in capsys.readouterr().out
        assert cli.main(["check", "--json"]) == 1
    told = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert told["secret"]["state"] == WRONG
    # What Django would say of a deployment is there too.
    assert "django" in told


def test_doubts_refuse_only_when_asked(
    fit: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment_check, "CHECKS", (deployment_check.journal_signed,))
    with override_settings(**fit | {"JOURNAL_SIGNING_KEY": "/nowhere/key.pem"}):
        assert cli.main(["check"]) == 0
        assert cli.main(["check", "--strict"]) == 1
