"""``soutien demo``: made-up people, made once, and never in somebody's own database."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from soutien.doors.cli import demo
from soutien.doors.environment import SettingError


def test_the_demo_leaves_a_real_database_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "soutien.sqlite3").write_text("somebody's practice")
    monkeypatch.setenv("SOUTIEN_HOME", str(tmp_path))
    with pytest.raises(SettingError, match="the demo leaves it alone"):
        demo.prepared_home()
    assert (tmp_path / "soutien.sqlite3").read_text() == "somebody's practice"


def test_starting_over_forgets_the_data_and_keeps_the_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOUTIEN_HOME", str(tmp_path / "home"))
    home = demo.prepared_home()
    for name in (*demo.DATABASE_FILES, demo.LOADED, "soutien_secret_key"):
        (home / name).write_text("made before")
    assert demo.prepared_home() == home
    demo.forget(home)
    assert sorted(path.name for path in home.iterdir()) == ["soutien_secret_key", demo.MARK]


def test_progress_is_one_line_a_part_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    progress = demo.Progress()
    for label in ("psychologists", "people"):
        for done in range(101):
            progress(label, done, 100)
    assert capsys.readouterr().err.splitlines() == ["  psychologists …", "  people …"]


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = demo.Progress()
    for done in range(1001):
        progress("people", done, 1000)
    shown = terminal.getvalue()
    assert shown.endswith("█ 1000/1000\n")
    assert shown.count("\r") <= demo.BAR_WIDTH + 1
