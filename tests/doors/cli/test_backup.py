"""The commands that write, check and restore backups, and what they refuse."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as real
from django.db import connection
from tests import factories
from tests.doors.cli.command import soutien

from soutien.doors.backups import making, restoring, tables, witnesses
from soutien.doors.backups.content import checked, line_of
from soutien.doors.backups.envelope import BackupRefused, Secrets, Writer
from soutien.doors.backups.making import keep_latest, make, name_at
from soutien.doors.backups.restoring import restore
from soutien.doors.cli import backup
from soutien.doors.cli import restore as restoring_command
from soutien.doors.environment import SettingError
from soutien.registers.audit.models import Entry
from soutien.registers.people.models import Person

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
KEY = "a key for backups, long enough to be taken"
SECRETS = Secrets(keys=[KEY])
everything = pytest.mark.django_db(transaction=True)


def run(command: Any, *words: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    code: int = command.run(parser.parse_args([str(word) for word in words]))
    return code


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    path = folder / "backup"
    path.write_text(KEY)
    path.chmod(0o600)
    return path


@everything
def test_a_backup_is_made_checked_and_restored(tmp_path, key_file, capsys, monkeypatch):
    made = factories.person(at=AT, given_name="Camille")
    path = tmp_path / "a.backup"
    monkeypatch.setenv("SOUTIEN_BACKUP_KEY_FILE", str(key_file))
    assert run(backup, path) == 0
    assert f"written to {path}" in capsys.readouterr().out
    assert run(backup, "--verify", path) == 0
    assert "is whole" in capsys.readouterr().out
    assert run(backup, "--verify", path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tables"]["people_person"] == 1
    assert told["engine"] == connection.vendor
    assert list(told["sealed_with"].values()) == [6]
    factories.person(at=AT)
    assert run(restoring_command, path, "--replace", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"] == told["rows"]
    assert Person.objects.get() == made
    assert Person.objects.get().given_name == "Camille"
    # The database of the backup: made before its own line was left.
    [line] = Entry.objects.filter(object_kind="audit.backup")
    assert (line.event, line.object_id) == ("audit.backup.restored", "a.backup")


@everything
def test_a_backup_leaves_a_line_and_a_refused_one_none(tmp_path, key_file):
    assert run(backup, tmp_path / "a.backup", "--key-file", key_file) == 0
    with pytest.raises(SettingError, match="exists already"):
        run(backup, tmp_path / "a.backup", "--key-file", key_file)
    [line] = Entry.objects.filter(object_kind="audit.backup")
    assert (line.event, line.object_id) == ("audit.backup.made", "a.backup")
    assert (line.actor_role, line.result) == ("system", "done")


@everything
def test_a_restore_into_a_journal_that_takes_no_line_says_so(tmp_path, key_file, settings, capsys):
    path = tmp_path / "a.backup"
    make(path, SECRETS, made_at=AT, version="0.1.0")
    settings.JOURNAL_KEY, settings.JOURNAL_KEYS_OLD = "another key altogether, long enough", []
    assert run(restoring_command, path, "--replace", "--key-file", key_file) == 1
    assert "The journal has no line of this restore" in capsys.readouterr().err
    assert not Entry.objects.filter(object_kind="audit.backup").exists()


@everything
def test_a_backup_never_overwrites_a_file_and_leaves_no_half_one(tmp_path, key_file):
    path = tmp_path / "a.backup"
    path.write_text("mine")
    with pytest.raises(SettingError, match="exists already"):
        run(backup, path, "--key-file", key_file)
    assert path.read_text() == "mine"
    with pytest.raises(SettingError, match="cannot be written"):
        run(backup, tmp_path / "nowhere" / "a.backup", "--key-file", key_file)
    with pytest.raises(ZeroDivisionError):
        make(
            tmp_path / "b.backup",
            SECRETS,
            made_at=AT,
            version="0.1.0",
            seen=lambda now, _total: now // 0,
        )
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.backup", "keys"]


@everything
def test_only_the_latest_backups_stay_and_nothing_else_is_touched(tmp_path, key_file):
    folder = tmp_path / "backups"
    folder.mkdir()
    for days in range(5):
        at = AT + timedelta(days=days)
        make(folder / name_at(at), SECRETS, made_at=at, version="0.1.0")
    others = ["soutien-notes.backup", "soutien-20200101T000000Z.txt", "mine.backup"]
    for name in others:
        (folder / name).write_text("not a backup" * 100)
    removed = keep_latest(folder, 2)
    assert [path.name for path in removed] == [
        name_at(AT + timedelta(days=days)) for days in range(3)
    ]
    assert run(backup, folder, "--keep", 1, "--key-file", key_file) == 0
    left = sorted(entry.name for entry in folder.iterdir())
    assert len(left) == len(others) + 1
    assert set(others) < set(left)
    with pytest.raises(SettingError, match="needs a directory"):
        run(backup, tmp_path / "a.backup", "--keep", 1, "--key-file", key_file)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "A backup needs a key"),
        (["--key-file", "nowhere"], "cannot be read"),
        (["--key-file", "a", "--passphrase-file", "b"], "not both"),
        (["--passphrase-file", "short"], "fewer than 12 characters"),
        (["--key-file", "open"], "chmod 600"),
    ],
)
def test_a_backup_without_a_good_key_is_refused_in_a_sentence(tmp_path, words, told, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOUTIEN_BACKUP_KEY_FILE", raising=False)
    for name, mode in (("short", 0o600), ("open", 0o644)):
        (tmp_path / name).write_text("too short" if name == "short" else KEY)
        (tmp_path / name).chmod(mode)
    with pytest.raises(SettingError, match=told):
        run(backup, tmp_path / "a.backup", *words)


@everything
def test_a_passphrase_in_a_file_makes_and_opens(tmp_path, capsys):
    words = tmp_path / "words"
    words.write_text("correct horse battery staple\n")
    words.chmod(0o600)
    assert run(backup, tmp_path / "a.backup", "--passphrase-file", words) == 0
    assert run(backup, "--verify", tmp_path / "a.backup", "--passphrase-file", words) == 0
    assert "is whole" in capsys.readouterr().out


def test_what_is_no_backup_is_said_to_be_none(tmp_path, key_file):
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG" * 100)
    for command, words in ((backup, ["--verify"]), (restoring_command, [])):
        with pytest.raises(SettingError, match="not a backup of Soutien"):
            run(command, *words, path, "--key-file", key_file)
    with pytest.raises(SettingError, match="cannot be read"):
        run(restoring_command, tmp_path / "nowhere", "--key-file", key_file)


def rewritten(path: Path, **changes: Any) -> Path:
    """The same backup with another manifest, honestly encrypted."""
    from soutien.doors.backups.envelope import lines

    with path.open("rb") as file:
        first, *rest = list(lines(file, SECRETS))
    other = path.with_suffix(".other")
    with other.open("wb") as file:
        writer = Writer(file, SECRETS)
        writer.write(line_of(json.loads(first) | changes))
        for line in rest:
            writer.write(line + b"\n")
        writer.close()
    return other


@everything
def test_a_backup_of_another_version_is_refused(tmp_path):
    path = tmp_path / "a.backup"
    make(path, SECRETS, made_at=AT, version="0.1.0")
    known = making.migrations()
    with pytest.raises(BackupRefused, match="made by a newer version"):
        restore(rewritten(path, migrations=[*known, ["people", "0999_later"]]), SECRETS)
    with pytest.raises(BackupRefused, match="give an empty database"):
        restore(rewritten(path, migrations=known[:-1]), SECRETS)
    with pytest.raises(BackupRefused, match="has form 2"):
        checked(rewritten(path, form=2), SECRETS)


@everything
def test_rows_that_do_not_amount_to_what_was_noted_are_refused(tmp_path, monkeypatch):
    """Not a damage, which the envelope sees, but a mistake of ours when it was made."""
    factories.person(at=AT)
    path = tmp_path / "a.backup"
    monkeypatch.setattr(making, "hashlib", SimpleNamespace(sha256=_Deaf))
    make(path, SECRETS, made_at=AT, version="0.1.0")
    with pytest.raises(BackupRefused, match="do not amount to what was noted"):
        checked(path, SECRETS)


class _Deaf:
    """A digest that hears nothing."""

    def update(self, _line: bytes) -> None:
        pass

    def hexdigest(self) -> str:
        return ""


@everything
def test_what_arrives_otherwise_than_it_left_takes_the_restore_back(tmp_path, monkeypatch):
    made = factories.person(at=AT)
    path = tmp_path / "a.backup"
    make(path, SECRETS, made_at=AT, version="0.1.0")
    later = factories.person(at=AT)
    writing = tables.write

    def changed(table: Any, lines: Any) -> None:
        if table.name == "people_person":
            lines = [line.replace(b'"fr"', b'"en"') for line in lines]
        writing(table, lines)

    monkeypatch.setattr(restoring, "write", changed)
    with pytest.raises(BackupRefused, match="people_person does not hold after the restore"):
        restore(path, SECRETS, replace=True)
    assert set(Person.objects.all()) == {made, later}
    monkeypatch.setattr(restoring, "write", writing)
    monkeypatch.setitem(witnesses.WITNESSES, "journal", lambda: {"0": [1, "00"]})
    with pytest.raises(BackupRefused, match="do not say again what they said"):
        restore(path, SECRETS, replace=True)
    assert set(Person.objects.all()) == {made, later}
    monkeypatch.undo()
    assert restore(path, SECRETS, replace=True).warnings == ()
    assert set(Person.objects.all()) == {made}


@everything
def test_a_missing_sealing_key_is_told_when_restoring(tmp_path, settings):
    factories.person(at=AT)
    path = tmp_path / "a.backup"
    make(path, SECRETS, made_at=AT, version="0.1.0")
    settings.SEALING_KEY = "another sealing key, long enough"
    (warning,) = restore(path, SECRETS, replace=True).warnings
    assert "6 texts were sealed with key" in warning


@everything
def test_a_table_that_nobody_knows_stops_the_backup(tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE notes_of_the_operator (id integer)")
    try:
        with pytest.raises(BackupRefused, match="notes_of_the_operator"):
            make(tmp_path / "a.backup", SECRETS, made_at=AT, version="0.1.0")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE notes_of_the_operator")


def test_a_database_without_tables_is_not_backed_up(tmp_path, key_file):
    done = soutien(
        "backup",
        str(tmp_path / "a.backup"),
        "--key-file",
        str(key_file),
        DATABASE_URL=f"sqlite:///{tmp_path}/none.sqlite3",
        SOUTIEN_SECRET_KEY=real.SECRET_KEY,
        SOUTIEN_SEALING_KEY=real.SEALING_KEY,
    )
    assert (done.code, "Traceback" in done.complaint) == (1, False)
    assert "soutien manage migrate" in done.complaint
    assert not (tmp_path / "a.backup").exists()


def test_every_column_of_the_product_can_be_kept():
    with_columns = {table.name: table for table in (tables._table(model) for model in _models())}
    assert len(with_columns) > 40
    assert all(table.key and table.columns for table in with_columns.values())


def _models() -> list[Any]:
    from django.apps import apps

    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


@pytest.mark.own_file
def test_a_backup_of_an_older_version_is_restored_and_brought_up_to_date(
    tmp_path, key_file, tables_kept
):
    """On SQLite, in processes of their own: tables as they were one migration ago."""

    def over(name: str, *words: object) -> None:
        subprocess.run(
            [sys.executable, "-m", "soutien.doors.cli.main", *map(str, words)],
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": f"sqlite:///{tmp_path / name}.sqlite3",
                "SOUTIEN_SECRET_KEY": real.SECRET_KEY,
                "SOUTIEN_SEALING_KEY": real.SEALING_KEY,
            },
            check=True,
            timeout=300,
        )

    if not tables_kept.fill(f"sqlite:///{tmp_path}/old.sqlite3"):
        over("old", "manage", "migrate", "-v", "0")
    over("old", "manage", "migrate", "-v", "0", "consents", "0001")
    over("old", "backup", tmp_path / "old.backup", "--key-file", key_file)
    over("new", "restore", tmp_path / "old.backup", "--key-file", key_file)
    over("new", "backup", tmp_path / "new.backup", "--key-file", key_file)
    old = {tuple(one) for one in checked(tmp_path / "old.backup", SECRETS).manifest.migrations}
    new = {tuple(one) for one in checked(tmp_path / "new.backup", SECRETS).manifest.migrations}
    assert ("consents", "0002_one_exchange_at_a_time") in new - old
