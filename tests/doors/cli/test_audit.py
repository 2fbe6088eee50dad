"""The journal is proved by command, and its heads signed for whoever keeps them elsewhere."""

from __future__ import annotations

import argparse
import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from tests import factories
from tests.append_only import append_only_set_aside
from tests.doors.cli.command import soutien

from soutien.doors import journal_heads
from soutien.doors.cli import audit
from soutien.doors.environment import SettingError
from soutien.registers.audit import queries
from soutien.registers.audit.models import LANES_MAX, Entry
from soutien.sealing import signing
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.errors import Refusal
from soutien.steps.operate import note_backup, note_key, note_restore

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    audit.add_arguments(parser)
    return audit.run(parser.parse_args(words))


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """Where the signing key and the heads are kept."""
    settings.JOURNAL_SIGNING_KEY = str(tmp_path / "signing.pem")
    settings.JOURNAL_HEADS = str(tmp_path / "heads.jsonl")
    return tmp_path


@pytest.fixture
def lines(db: None) -> list[Entry]:
    return [factories.entry(at=AT + timedelta(minutes=number)) for number in range(9)]


@pytest.fixture
def tampering(db: None) -> Iterator[None]:
    """The protections are set aside, as by who owns the tables."""
    with transaction.atomic(), append_only_set_aside(connection):
        yield


def test_what_was_done_to_everything_is_listed_and_nothing_else(lines, capsys) -> None:
    note_backup(actor=SYSTEM, name="soutien-20260302T090000Z.backup", at=AT)
    note_key(actor=SYSTEM, key_id="00c0ffee", what="retired", at=AT + timedelta(minutes=1))
    note_restore(actor=SYSTEM, name="a.backup", at=AT + timedelta(minutes=2))
    assert run("operations") == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-03-02 09:00:00 UTC  audit.backup.made  soutien-20260302T090000Z.backup",
        "2026-03-02 09:01:00 UTC  audit.key.changed  00c0ffee  retired",
        "2026-03-02 09:02:00 UTC  audit.backup.restored  a.backup",
    ]
    assert run("operations", "--json") == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["what"] for line in told][1] == "00c0ffee"
    assert run("verify") == 0
    for step, words in (
        (note_backup, {"name": "a"}),
        (note_key, {"key_id": "a", "what": "seals"}),
    ):
        with pytest.raises(Refusal):
            step(actor=Actor("administrator", account_id=1), at=AT, **words)


def test_a_whole_journal_is_said_to_be_whole(lines: list[Entry], capsys: Any) -> None:
    assert run("verify") == 0
    said = capsys.readouterr().out
    assert "9 lines read" in said
    assert "a second)" in said
    assert "The journal is whole" in said


def test_an_empty_journal_is_whole(db: None, capsys: Any) -> None:
    assert run("verify") == 0
    assert "0 lines read" in capsys.readouterr().out


def test_a_change_is_named_with_its_place(
    lines: list[Entry], tampering: None, capsys: Any
) -> None:
    Entry.objects.filter(pk=lines[4].pk).update(person_id=12)
    assert run("verify") == 1
    said = capsys.readouterr().out
    assert "Lane 0, line 5 (2026-03-02 09:04:00 UTC): changed: not what was written." in said
    assert "damaged in 1 places" in said


def test_for_programs_each_damage_is_an_object(
    lines: list[Entry], tampering: None, capsys: Any
) -> None:
    Entry.objects.filter(pk__in=[lines[2].pk, lines[3].pk]).delete()
    assert run("verify", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["whole"], told["lines"]) == (False, 7)
    [damage] = told["damages"]
    assert (damage["kind"], damage["lane"], damage["first"], damage["last"]) == (
        "missing",
        0,
        3,
        4,
    )
    assert damage["at"] == "2026-03-02T09:01:00+00:00"


def test_what_a_sqlite_table_holds_that_is_no_moment_is_found(
    lines: list[Entry], tampering: None, capsys: Any
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps moments only")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET at = 'yesterday' WHERE id = %s", [lines[0].pk])
    assert run("verify") == 1
    assert "Lane 0, line 1: cannot be read" in capsys.readouterr().out


def test_the_key_is_made_once_for_its_owner_alone(home: Path, capsys: Any) -> None:
    assert run("key") == 0
    path = home / "signing.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "BEGIN PUBLIC KEY" in capsys.readouterr().out
    with pytest.raises(SettingError, match="never overwritten"):
        run("key")
    assert run("key", "--public") == 0
    said = capsys.readouterr().out
    assert said.startswith("-----BEGIN PUBLIC KEY")
    assert "PRIVATE" not in said


def test_heads_are_exported_checked_and_held_against_the_journal(
    home: Path, lines: list[Entry], capsys: Any
) -> None:
    run("key")
    export, public = home / "export.jsonl", home / "public.pem"
    public.write_text(signing.public_pem(signing.read_key(home / "signing.pem")))
    assert run("head", "--export", str(export)) == 0
    factories.entry(at=AT + timedelta(days=1))
    assert run("head", "--export", str(export)) == 0
    assert run("check-head", str(export), "--public-key", str(public)) == 0
    assert "2 heads, all signed and in order" in capsys.readouterr().out
    assert run("verify", "--heads", str(export)) == 0
    assert run("verify", "--heads", str(export), "--public-key", str(public)) == 0
    assert "held against 2 exported heads" in capsys.readouterr().out


def test_an_older_state_is_found_by_the_heads_alone(
    home: Path, lines: list[Entry], tampering: None, capsys: Any
) -> None:
    """Rows and heads of a true copy: nothing in the database tells."""
    run("key")
    old = queries.heads()[0]
    factories.entry(at=AT + timedelta(days=1))
    export = home / "export.jsonl"
    run("head", "--export", str(export))
    Entry.objects.filter(pk__gt=old.sequence * LANES_MAX).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_head SET sequence = %s, link = %s, key_id = %s, seal = %s "
            "WHERE lane = %s",
            [*old[1:], old.lane],
        )
    capsys.readouterr()
    assert run("verify") == 0
    assert run("verify", "--heads", str(export)) == 1
    assert "an older state was put back" in capsys.readouterr().out


def test_a_damaged_head_is_not_exported(
    home: Path, lines: list[Entry], tampering: None, capsys: Any
) -> None:
    run("key")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_head SET sequence = 99 WHERE lane = 0")
    assert run("head", "--export", str(home / "export.jsonl")) == 1
    assert "soutien audit verify" in capsys.readouterr().err
    assert not (home / "export.jsonl").exists()


@pytest.fixture
def export(home: Path) -> Path:
    """A file of three heads, made without a database."""
    key = signing.make_key(home / "signing.pem")
    (home / "public.pem").write_text(signing.public_pem(key))
    path = home / "export.jsonl"
    for number in (1, 2, 3):
        ends = {0: (number, bytes([number]) * 32), 1: (0, bytes(32))}
        journal_heads.append(path, AT + timedelta(days=number), ends, key)
    return path


def told(line: str, **changes: Any) -> str:
    return json.dumps(json.loads(line) | changes, sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda one, two, three: [one, three], "line 2: the line before it"),
        (lambda one, two, three: [two, one, three], "line 1: the line before it"),
        (
            lambda one, two, three: [one, told(two, at="2026-03-09T09:00:00+00:00"), three],
            "line 2",
        ),
        (
            lambda one, two, three: [one, told(two, lanes={"0": [2, "00" * 32]})],
            "line 2: it is not",
        ),
        (lambda one, two, three: [one, told(two, signature="AAAA")], "line 2: it is not signed"),
        (lambda one, two, three: [one, told(two, format="other/1")], "line 2: it is of another"),
        (lambda one, two, three: [one, "{}"], "line 2: it is not a line of heads"),
        (lambda one, two, three: [one, "nonsense"], "line 2: it is not a line of heads"),
    ],
    ids=["removed", "moved", "dated anew", "changed", "unsigned", "format", "empty", "nonsense"],
)
def test_a_damaged_export_is_refused_at_its_line(export: Path, damage: Any, said: str) -> None:
    lines = export.read_text().splitlines()
    export.write_text("\n".join(damage(*lines)) + "\n")
    public = export.parent / "public.pem"
    done = soutien("audit", "check-head", str(export), "--public-key", str(public))
    assert done.code == 1
    assert said in done.complaint


def test_a_lane_never_goes_back_even_when_it_is_signed(export: Path) -> None:
    key = signing.read_key(export.parent / "signing.pem")
    journal_heads.append(export, AT, {0: (2, bytes(32))}, key)
    with pytest.raises(journal_heads.Wrong, match="line 4: lane 0 goes back"):
        list(journal_heads.read(export, key.public_key()))


def test_another_key_proves_nothing(export: Path, tmp_path: Path) -> None:
    other = signing.make_key(tmp_path / "other.pem").public_key()
    with pytest.raises(journal_heads.Wrong, match="line 1: it is not signed"):
        list(journal_heads.read(export, other))


def test_the_daily_task_adds_a_line_and_nothing_without_a_key(
    home: Path, lines: list[Entry]
) -> None:
    assert journal_heads.day_closed(AT) == ""
    run("key")
    for day in range(3):
        assert journal_heads.day_closed(AT + timedelta(days=day))
    key = signing.read_key(home / "signing.pem").public_key()
    assert len(list(journal_heads.read(home / "heads.jsonl", key))) == 3


def test_what_is_asked_wrongly_is_said_in_a_sentence(home: Path, db: None) -> None:
    for words in (["key", "--public"], ["head", "--sign"], ["verify", "--heads", "nowhere"]):
        with pytest.raises(SettingError):
            run(*words)
    (home / "signing.pem").write_text("no key at all")
    with pytest.raises(SettingError, match="holds no key"):
        run("head", "--sign")
