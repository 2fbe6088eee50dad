"""``soutien``: finds commands, refuses wrong use in a sentence, and is quick to start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from soutien.doors.cli import main as cli
from soutien.doors.cli import serve


def test_without_a_command_it_lists_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    shown = capsys.readouterr().out
    for name, command in cli.COMMANDS.items():
        assert f"{name} " in shown
        assert command.summary in shown


def test_a_misspelled_command_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["decidde"]) == 2
    assert "Did you mean `soutien decide`?" in capsys.readouterr().err


def test_a_wrong_argument_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", "--port", "99999"])
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert "'99999' is not a port: give 0 to 65535" in shown
    assert "soutien serve --help" in shown


def test_a_missing_setting_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "soutien.doors.cli.main", "manage", "check"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("soutien: SOUTIEN_SECRET_KEY is not set.")
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["decide", "law"])
def test_the_law_is_answered_without_django(name: str, tmp_path: Path) -> None:
    program = f"""
import sys
from soutien.doors.cli.main import main
try:
    main([{name!r}, "--help"])
finally:
    assert not [m for m in sys.modules if m.split(".")[0] in ("django", "numpy", "cryptography")]
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m soutien.doors.cli.main | true"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""


def test_a_busy_port_is_named_with_another(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert serve.free_port("127.0.0.1", port) is None
    shown = capsys.readouterr().err
    assert f"port {port} is already in use" in shown
    assert f"--port {port + 1}" in shown


def test_port_zero_takes_a_free_one() -> None:
    port = serve.free_port("127.0.0.1", 0)
    assert port
    assert port > 1023
