"""``soutien demo``: made-up people, made once, and never in somebody's own database."""

from __future__ import annotations

import io
import sys
from datetime import datetime
from pathlib import Path

import pytest

from soutien.doors.cli import demo, demo_data
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


@pytest.mark.django_db
def test_the_data_is_made_once_and_again_when_it_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[datetime] = []

    def interrupted(*, at: datetime, progress: demo.Progress) -> None:
        raise KeyboardInterrupt

    def load(*, at: datetime, progress: demo.Progress) -> None:
        made.append(at)

    monkeypatch.setattr(demo_data, "load", interrupted)
    with pytest.raises(KeyboardInterrupt):
        demo.fill(tmp_path)
    assert not (tmp_path / demo.LOADED).exists()
    (tmp_path / "soutien.sqlite3").write_text("half of it")
    monkeypatch.setattr(demo_data, "load", load)
    demo.fill(tmp_path)
    assert not (tmp_path / "soutien.sqlite3").exists()
    demo.fill(tmp_path)
    assert len(made) == 1
    assert made[0].utcoffset() is not None


def test_the_accounts_are_shown_with_the_address() -> None:
    shown = demo.welcome("http://localhost:8000")
    assert "http://localhost:8000/connexion" in shown
    for account in demo_data.ACCOUNTS:
        assert account.email in shown
        assert account.password in shown
