"""Settings: safe by default, and wrong ones are told in a sentence."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from soutien.doors import environment
from soutien.doors.environment import SettingError

NAMES = [
    *["DEBUG", "ALLOWED_HOSTS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"],
    *[
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECRET_KEY",
    ],
]
READ = f"""
import json
from soutien.doors import settings
print(json.dumps({{name: getattr(settings, name) for name in {NAMES}}}))
"""


def settings_of(directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The settings as a fresh process reads them."""
    return subprocess.run(
        [sys.executable, "-c", READ],
        cwd=directory,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
    )


def test_nothing_starts_without_a_secret_of_its_own(tmp_path: Path) -> None:
    done = settings_of(tmp_path)
    assert done.returncode != 0
    assert "SettingError: SOUTIEN_SECRET_KEY is not set." in done.stderr
    done = settings_of(tmp_path, SOUTIEN_SECRET_KEY="x" * 50)
    assert "SettingError: SOUTIEN_SEALING_KEY is not set." in done.stderr


def test_production_is_safe_by_default(tmp_path: Path) -> None:
    done = settings_of(tmp_path, SOUTIEN_SECRET_KEY="x" * 50, SOUTIEN_SEALING_KEY="y" * 50)
    found = json.loads(done.stdout)
    assert found["DEBUG"] is False
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["CSRF_COOKIE_SECURE"] is True
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert "*" not in found["ALLOWED_HOSTS"]


def test_the_demo_makes_its_secret_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    first, second = (settings_of(tmp_path, SOUTIEN_DEMO="1") for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["SECRET_KEY"] == json.loads(second.stdout)["SECRET_KEY"]
    kept = tmp_path / ".demo" / "soutien_secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(first.stdout)["DEBUG"] is False


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="Set SOUTIEN_HOME to a directory"):
        environment.made_directory(tmp_path / "file" / "home")


def test_a_switch_is_yes_or_no_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, value in (("1", True), ("yes", True), ("0", False), ("off", False), ("", False)):
        monkeypatch.setenv("SOUTIEN_DEBUG", text)
        assert environment.switch("SOUTIEN_DEBUG") is value
    monkeypatch.setenv("SOUTIEN_DEBUG", "perhaps")
    with pytest.raises(SettingError, match="SOUTIEN_DEBUG is 'perhaps': write 1 for yes or 0"):
        environment.switch("SOUTIEN_DEBUG")


def test_a_sqlite_file_may_have_any_name() -> None:
    path = Path("/home/zoë/my #1 practice?/soutien 100%.sqlite3")
    assert environment.database(environment.sqlite_address(path))["NAME"] == str(path)


def test_a_postgresql_address_is_read_whole() -> None:
    found = environment.database(
        "postgresql://me:p%40ss@db.example:5433/soutien?sslmode=verify-full&connect_timeout=5"
    )
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["USER"], found["PASSWORD"]) == ("me", "p@ss")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "5433", "soutien")
    told = {"sslmode": "verify-full", "connect_timeout": "5"}
    assert found["OPTIONS"] == environment.ANSWERS_SOON | told


def test_a_file_may_be_forced_to_the_disk_at_each_act() -> None:
    usual = environment.database("sqlite:////srv/soutien.sqlite3")["OPTIONS"]["init_command"]
    assert "synchronous=NORMAL" in usual
    found = environment.database("sqlite:////srv/soutien.sqlite3?synchronous=full")
    assert found["NAME"] == "/srv/soutien.sqlite3"
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]
    with pytest.raises(SettingError, match="write normal or full"):
        environment.database("sqlite:////srv/soutien.sqlite3?synchronous=off")


def test_a_unix_socket_is_an_address_too() -> None:
    found = environment.database("postgresql://me@/soutien?host=%2Frun%2Fpostgresql")
    assert found["HOST"] == "/run/postgresql"


def test_an_unknown_database_is_told() -> None:
    with pytest.raises(SettingError, match="DATABASE_URL starts with 'mysql'"):
        environment.database("mysql://me@host/base")


def vault(directory: Path, *lines: str, code: int = 0) -> str:
    """A command that prints these lines, as the client of a vault does."""
    program = directory / "vault of ours.py"
    program.write_text(f"import sys\nprint({chr(10).join(lines)!r})\nsys.exit({code})\n")
    return shlex.join([sys.executable, str(program)])


def test_secrets_may_come_from_a_vault_and_what_is_set_goes_before(tmp_path: Path) -> None:
    command = vault(tmp_path, "SOUTIEN_SECRET_KEY=" + "x" * 50, "", "SOUTIEN_SEALING_KEY=a=b" * 9)
    done = settings_of(tmp_path, SOUTIEN_SECRETS_COMMAND=command)
    assert json.loads(done.stdout)["SECRET_KEY"] == "x" * 50, done.stderr
    own = settings_of(tmp_path, SOUTIEN_SECRETS_COMMAND=command, SOUTIEN_SECRET_KEY="z" * 50)
    assert json.loads(own.stdout)["SECRET_KEY"] == "z" * 50


@pytest.mark.parametrize(
    ("line", "code"), [("SOUTIEN_SECRET_KEY=hidden", 1), ("hidden", 0), ("PATH=hidden", 0)]
)
def test_a_vault_that_does_not_answer_stops_all_and_tells_nothing(
    tmp_path: Path, line: str, code: int
) -> None:
    done = settings_of(tmp_path, SOUTIEN_SECRETS_COMMAND=vault(tmp_path, line, code=code))
    assert done.returncode != 0
    assert "SettingError: SOUTIEN_SECRETS_COMMAND " in done.stderr
    assert "hidden" not in done.stderr + done.stdout


def test_a_certificate_and_its_key_go_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert environment.certificate() == ("", "")
    file = tmp_path / "web.crt"
    file.touch()
    monkeypatch.setenv("SOUTIEN_CERTIFICATE", str(file))
    with pytest.raises(SettingError, match="go together"):
        environment.certificate()
    monkeypatch.setenv("SOUTIEN_CERTIFICATE_KEY", str(file))
    assert environment.certificate() == (str(file), str(file))
