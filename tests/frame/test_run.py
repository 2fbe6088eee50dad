"""``run.py``: what it does when the machine lacks something, and how it sums up."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run() -> ModuleType:
    """run.py as a module."""
    spec = spec_from_file_location("run", ROOT / "run.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def program(directory: Path, name: str, text: str) -> None:
    """A small program of that name, first on PATH when the directory is."""
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_it_needs_the_standard_library_only() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "run.py"), "--help"],
        cwd="/",
        env={},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "python3 run.py demo" in done.stdout


@pytest.mark.parametrize("words", [[], ["dmeo"]])
def test_wrong_use_says_what_to_write(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *words], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "python3 run.py demo" in done.stderr


def test_an_old_python_is_told(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit):
        run.main(["demo"])
    assert "Python 3.11 or later is needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "used"),
    [("uv 0.13.9 (linux)", True), ("uv 1.0.0", True), ("uv 0.4.1", False), ("what?", False)],
)
def test_a_uv_on_path_is_used_when_it_is_recent(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, used: bool
) -> None:
    program(tmp_path, "uv", f"echo '{answer}'")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(run, "TOOLS", tmp_path / "none")
    assert (run.recent_uv(dict(os.environ)) == str(tmp_path / "uv")) is used


def test_a_python_without_venv_is_told_the_one_command_that_mends_it(
    run: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # What Debian's python3 says without python3-venv.
    program(tmp_path, "python", "echo 'ensurepip is not available'; exit 1")
    monkeypatch.setattr(run, "running_interpreter", lambda: str(tmp_path / "python"))
    monkeypatch.setattr(run, "TOOLS", tmp_path / ".tools")
    with pytest.raises(SystemExit) as ended:
        run.installed_uv(dict(os.environ))
    assert ended.value.code == 1
    assert "sudo apt-get install -y python3-venv" in capsys.readouterr().err


def test_a_missing_chromium_is_one_line_and_fails_its_step_only(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    assert "sudo apt-get install -y chromium" in run.chromium_is_there({})
    [browser] = [step for step in run.steps([]) if step.name == "browser"]
    outcome = run.run_step(browser, {})
    assert outcome.state == "failed"


def test_continuous_integration_installs_chromium_itself(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = f'echo "$@" >> {tmp_path}/asked; case "$1" in install) ' + (
        f"cp {tmp_path}/bin/apt-get {tmp_path}/bin/chromium;; esac"
    )
    program(tmp_path / "bin", "apt-get", made)
    program(tmp_path / "bin", "sudo", 'shift; exec "$@"')
    for name in ("env", "sh", "cp"):
        os.symlink(f"/bin/{name}" if name != "env" else "/usr/bin/env", tmp_path / "bin" / name)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("CI", "true")
    assert run.chromium_is_there({}) == ""
    assert (tmp_path / "asked").read_text().splitlines() == [
        "update -q",
        "install -y -q --no-install-recommends chromium",
    ]


def test_continuous_integration_fails_when_chromium_cannot_be_installed(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "apt-get", "exit 100")
    program(tmp_path, "sudo", "exit 1")
    os.symlink("/usr/bin/env", tmp_path / "env")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    assert "there is no Chromium" in run.chromium_is_there({})


def test_the_steps_stand_in_their_order(run: ModuleType) -> None:
    assert [step.name for step in run.steps([])] == [
        *["format", "lint", "types", "contracts", "lock", "migrations"],
        *["sqlite", "postgresql", "browser"],
    ]
    assert [step.name for step in run.steps(["-k", "health"])] == [
        *["sqlite", "postgresql", "browser"]
    ]


def test_one_failed_step_fails_the_whole(
    run: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    good = run.Outcome("sqlite", "ok", 1.0, "9 passed in 1.0s")
    bad = run.Outcome("lint", "failed", 0.1, "")
    assert run.summary([good], expected_empty=False) == 0
    assert run.summary([bad, good], expected_empty=False) == 1
    shown = capsys.readouterr().out
    assert "9 passed in 1.0s" in shown
    assert "Failed: lint." in shown


def test_a_full_run_that_finds_no_test_fails(run: ModuleType) -> None:
    good = run.Outcome("sqlite", "ok", 1.0, "")
    none = run.Outcome("browser", "nothing", 1.0, "")
    assert run.summary([good, none], expected_empty=False) == 1
    assert run.summary([good, none], expected_empty=True) == 0
    assert run.summary([none], expected_empty=True) == 1


def test_a_step_shows_its_output_and_keeps_its_closing_line(
    run: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    program(tmp_path / "bin", "pytest", "echo first; echo '==== 3 passed in 0.1s ===='; exit 5")
    monkeypatch.setattr(run, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    outcome = run.run_step(run.Step("sqlite", ["pytest"], pytest=True), dict(os.environ))
    assert outcome.state == "nothing"
    assert outcome.closing == "3 passed in 0.1s"
    assert b"first\n" in capfdbinary.readouterr().out
