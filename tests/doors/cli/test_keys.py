"""Keys are made, listed, replaced and retired by command, while the product runs."""

from __future__ import annotations

import argparse
import json
import os
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as real
from django.db import connection
from tests import factories
from tests.doors.cli.command import soutien

from soutien.doors.cli import keys
from soutien.doors.environment import SettingError
from soutien.registers.audit import queries as audit
from soutien.registers.audit.models import Entry
from soutien.registers.people.models import Person
from soutien.sealing import SealingError, keyring, rotation, seal, unseal
from soutien.sealing.columns import uses
from soutien.sealing.keyfile import KeyFile, read_key_file, write_key_file

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
FIRST, SECOND = "the first key, long enough to be taken", "the second key, long enough as well"
PLACE = ("people_person.given_name", "5a1f0e7c3d8b4c579b430a3cf2f6b001")


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    keys.add_arguments(parser)
    return keys.run(parser.parse_args(words))


def key_id(secret: str) -> str:
    return keyring.key_of(secret).key_id.hex()


@pytest.fixture
def key_file(tmp_path: Path, settings: Any) -> Path:
    """A file with one key, which the product uses."""
    path = tmp_path / "keys"
    write_key_file(path, KeyFile([FIRST], []))
    settings.SEALING_KEY_FILE = str(path)
    return path


def test_a_new_key_is_printed_without_any_setting():
    done = soutien("keys", "new")
    assert done.code == 0
    assert len(done.printed.strip()) > 60
    assert soutien("keys", "new").printed != done.printed


def test_a_new_key_file_is_its_owner_s_alone(tmp_path):
    path = tmp_path / "keys"
    before = os.umask(0)
    try:
        done = soutien("keys", "new", "--file", str(path))
    finally:
        os.umask(before)
    assert done.code == 0
    assert f"SOUTIEN_SEALING_KEY_FILE={path}" in done.printed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (first,) = read_key_file(path).live
    assert first not in done.printed
    again = soutien("keys", "new", "--file", str(path))
    assert "processes know it within a second" in again.printed
    assert read_key_file(path).live[0] == first
    assert len(read_key_file(path).live) == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644])
def test_a_key_file_open_to_others_stops_the_product(tmp_path, mode):
    path = tmp_path / "keys"
    write_key_file(path, KeyFile([FIRST], []))
    path.chmod(mode)
    done = product("manage", "check", SOUTIEN_SEALING_KEY_FILE=str(path))
    assert done.code == 1
    assert f"mode {mode:04o}" in done.complaint
    assert f"chmod 600 {path}" in done.complaint
    assert FIRST not in done.complaint + done.printed


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "cannot be read"), (b"# none\n", "holds no key"), (b"\xff\xfe", "cannot be read")],
)
def test_a_key_file_that_is_not_one_is_refused_in_a_sentence(tmp_path, content, told):
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    done = product("keys", "list", SOUTIEN_SEALING_KEY_FILE=str(path))
    assert (done.code, "Traceback" in done.complaint) == (1, False)
    assert told in done.complaint
    assert "soutien keys new" in done.complaint


def test_a_directory_is_no_key_file(tmp_path):
    with pytest.raises(SealingError, match="cannot be read|not a plain file"):
        read_key_file(tmp_path)


def test_keys_are_given_in_one_place_only(tmp_path):
    path = tmp_path / "keys"
    write_key_file(path, KeyFile([FIRST], []))
    for name in ("SOUTIEN_SEALING_KEY", "SOUTIEN_SEALING_KEYS_OLD"):
        given = {"SOUTIEN_SEALING_KEY_FILE": str(path), name: SECOND}
        done = product("keys", "list", **given)
        assert done.code == 1
        assert "take the others away" in done.complaint


def product(*words: str, **environment: str) -> Any:
    """The command with the settings it needs, but for the sealing key."""
    given = {"SOUTIEN_SECRET_KEY": "x" * 50, "DATABASE_URL": "sqlite://"} | environment
    return soutien(*words, **given)


def test_a_running_process_takes_up_a_key_put_in_the_file(key_file, monkeypatch):
    sealed = seal("Camille", *PLACE)
    write_key_file(key_file, KeyFile([SECOND, FIRST], []))
    assert unseal(sealed, *PLACE) == "Camille"
    monkeypatch.setattr(keyring, "FRESH_SECONDS", 0)
    later = seal("Camille", *PLACE)
    assert later[1:5].hex() == key_id(SECOND)
    assert unseal(sealed, *PLACE) == "Camille"


def test_a_text_of_a_key_of_a_moment_ago_is_opened_without_waiting(key_file):
    seal("read the file now", *PLACE)
    write_key_file(key_file, KeyFile([SECOND, FIRST], []))
    keyring._last_read = None
    later = seal("Camille", *PLACE)
    write_key_file(key_file, KeyFile([FIRST], []))
    keyring._last_read = None
    seal("read the former file", *PLACE)
    write_key_file(key_file, KeyFile([SECOND, FIRST], []))
    assert unseal(later, *PLACE) == "Camille"


def test_a_retired_key_opens_nothing(key_file):
    sealed = seal("Camille", *PLACE)
    write_key_file(key_file, KeyFile([SECOND], [FIRST]))
    keyring._last_read = None
    with pytest.raises(SealingError, match=key_id(FIRST)):
        unseal(sealed, *PLACE)


@pytest.mark.django_db
def test_a_key_is_replaced_from_the_first_command_to_the_last(key_file, capsys, monkeypatch):
    monkeypatch.setattr(keyring, "FRESH_SECONDS", 0)
    monkeypatch.setenv("SOUTIEN_SEALING_KEY_FILE", str(key_file))
    made = factories.person(at=AT, with_nir=True)
    assert run("new", "--file", str(key_file)) == 0
    new = read_key_file(key_file).live[1]
    capsys.readouterr()
    assert run("retire", key_id(FIRST)) == 1
    assert "still needed by 7 texts (people_person.given_name" in capsys.readouterr().err
    with pytest.raises(SettingError, match="There is no key 0000"):
        run("use", "0000")
    assert run("use", key_id(new)) == 0
    with pytest.raises(SettingError, match="is the one that seals"):
        run("retire", key_id(new))
    capsys.readouterr()
    assert run("rotate", "--json", "--batch", "10") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["key"], told["rows"], told["left"], told["unopened"]) == (key_id(new), 1, 0, [])
    assert run("retire", key_id(FIRST)) == 0
    capsys.readouterr()
    assert run("list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(row["key"], row["state"]) for row in listed] == [
        (key_id(new), "seals"),
        (key_id(FIRST), "retired"),
    ]
    assert listed[0]["texts"]["people_person.nir_index"] == 1
    assert listed[1]["texts"] == {}
    assert read_key_file(key_file) == KeyFile([new], [FIRST])
    assert factories.reread(made).nir == made.nir
    lines = Entry.objects.filter(event="audit.key.changed").order_by("at")
    assert [(line.object_id, line.reason) for line in lines] == [
        (key_id(new), "added"),
        (key_id(new), "seals"),
        (key_id(new), "rotated"),
        (key_id(FIRST), "retired"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_key_is_added_to_the_file_in_use_by_a_process_of_its_own(tmp_path):
    path = tmp_path / "keys"
    write_key_file(path, KeyFile([FIRST], []))
    given = {
        "DATABASE_URL": address(),
        "SOUTIEN_SECRET_KEY": real.SECRET_KEY,
        "SOUTIEN_SEALING_KEY_FILE": str(path),
        "SOUTIEN_JOURNAL_KEY": real.JOURNAL_KEY,
    }
    done = soutien("keys", "new", "--file", str(path), **given)
    assert (done.code, done.complaint) == (0, "")
    [_first, added] = read_key_file(path).live
    [line] = Entry.objects.filter(event="audit.key.changed")
    assert (line.object_id, line.reason) == (key_id(added), "added")


@pytest.mark.django_db
def test_a_key_file_stays_as_it_was_when_its_line_cannot_be_written(key_file, monkeypatch):
    other = key_id(SECOND)
    write_key_file(key_file, KeyFile([FIRST, SECOND], []))
    monkeypatch.setattr(audit, "append", refuses)
    for words in (("use", other), ("retire", other)):
        with pytest.raises(audit.JournalDamaged):
            run(*words)
        assert read_key_file(key_file) == KeyFile([FIRST, SECOND], [])


def refuses(_lines: Any) -> None:
    raise audit.JournalDamaged


@pytest.mark.django_db
def test_a_key_file_that_cannot_be_written_leaves_no_line(key_file, monkeypatch):
    write_key_file(key_file, KeyFile([FIRST, SECOND], []))
    monkeypatch.setattr(keys, "_written", lambda *_given: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        run("use", key_id(SECOND))
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_the_list_names_a_key_that_nobody_gave(settings, capsys):
    factories.person(at=AT)
    former = key_id(settings.SEALING_KEY)
    settings.SEALING_KEY = SECOND
    assert run("list") == 0
    told = capsys.readouterr().out
    assert f"{key_id(SECOND)}  seals\n             0\n" in told
    assert f"{former}  not among the keys given\n" in told
    assert run("rotate") == 1
    assert Entry.objects.get(event="audit.key.changed").reason == "rotated_in_part"
    told = capsys.readouterr().out
    assert "These do not open" in told
    assert "people_person.given_name of row" in told


@pytest.mark.django_db
def test_keys_of_the_environment_are_changed_by_whoever_sets_it(settings, capsys):
    with pytest.raises(SettingError, match="SOUTIEN_SEALING_KEYS_OLD"):
        run("use", key_id(FIRST))
    settings.SEALING_KEYS_OLD = [FIRST]
    assert run("retire", key_id(FIRST)) == 0
    assert "SOUTIEN_JOURNAL_KEYS_OLD" in capsys.readouterr().out


def address() -> str:
    """The tests' own database, for another process."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(found['NAME']))}"
    host = quote(found["HOST"], safe="")
    return f"postgresql://{found['USER']}@/{found['NAME']}?host={host}"


@pytest.mark.django_db(transaction=True)
def test_a_rotation_killed_in_the_middle_is_taken_up_again(settings):
    Person.objects.bulk_create(
        Person(given_name="Lou", family_name="X", birth_date="2000-01-01", created_at=AT)
        for _number in range(2000)
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": address(),
        "SOUTIEN_SECRET_KEY": real.SECRET_KEY,
        "SOUTIEN_SEALING_KEY": SECOND,
        "SOUTIEN_SEALING_KEYS_OLD": settings.SEALING_KEY,
    }
    words = [sys.executable, "-m", "soutien.doors.cli.main", "keys", "rotate", "--batch", "20"]
    settings.SEALING_KEYS_OLD, settings.SEALING_KEY = [settings.SEALING_KEY], SECOND

    def left() -> int:
        return rotation.to_do()["people_person"]

    process = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while left() == 2000 and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert 0 < left() < 2000
    done = subprocess.run(words, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert left() == 0
    assert {use.key_id.hex() for use in uses()} == {key_id(SECOND)}
    settings.SEALING_KEYS_OLD = []
    assert {person.given_name for person in Person.objects.all()} == {"Lou"}
