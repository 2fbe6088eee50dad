"""Proof 8: a backup made while everybody writes comes back equal; a damaged one never comes back.

The source is the tests' own database, SQLite or PostgreSQL. It is restored by the command, in a
process of its own, into a database that did not exist. The rows are then compared by plain SQL,
which shares no line with what made the backup.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from tests import factories
from tests.proof.served import FULL, SOUTIEN, address_of, new_name, on_server

from soutien.doors.backups import making
from soutien.doors.backups.content import checked, each_table
from soutien.doors.backups.envelope import MAGIC, BackupRefused, Secrets
from soutien.doors.backups.making import make
from soutien.doors.backups.restoring import restore
from soutien.doors.backups.tables import proof, tables
from soutien.registers.audit import queries as journal
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 3, 2, 10, 11, 12, 131415, tzinfo=UTC)
KEY = "a key for backups, long enough to be taken"
SECRETS = Secrets(keys=[KEY])
WRITERS = 3
DAMAGES = 1000 if FULL else 200


def something_in_every_register() -> None:
    """Whatever the factories make, some removed again, so that numbers are missing."""
    for number in range(12):
        who, where = (
            factories.person(at=AT, with_nir=True),
            factories.place(factories.psychologist()),
        )
        factories.affiliation(who, valid_from=AT.date())
        factories.cover(who, valid_from=AT.date(), insurer_name="Mutuelle d’Été \\ \t «œuvre» 🌻")
        factories.opening(where, number % 7, valid_from=AT.date())
        booked = factories.booking(where, starts_at=AT + timedelta(days=number), who=who)
        session = factories.care_session(who, where, held_on=AT.date(), booking=booked)
        sheet = factories.care_sheet(session)
        claim = factories.claim(sheet, received_on=AT.date())
        factories.decision(claim, facts={"é": [1, None, {"b": 1.5, "a": True}]})
        Letter.objects.create(
            kind="booking.confirmed", payload={"b": 1, "a": ["x"]}, created_at=AT, deliver_after=AT
        )
        factories.account(email=f"somebody{number}@example.org")
    factories.entry(at=AT)
    Letter.objects.order_by("-pk").first().delete()


def add_one(number: int) -> None:
    """One act: somebody new, and the line of the journal that says so, in one transaction."""
    with transaction.atomic():
        who = factories.person(at=AT, given_name=f"Number {number}")
        journal.write(
            at=AT,
            actor_role="person",
            actor_account=None,
            event="people.person.added",
            object_kind="person",
            object_id=who.pk,
            person_id=who.pk,
        )


@contextmanager
def writers() -> Iterator[list[int]]:
    """Threads that add people while the block runs; how many acts were acknowledged."""
    until, done = threading.Event(), [0] * WRITERS

    def write(share: int) -> None:
        try:
            while not until.is_set():
                add_one(share)
                done[share] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(share,)) for share in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        while not all(done):
            until.wait(0.01)
        yield done
    finally:
        until.set()
        for thread in threads:
            thread.join(timeout=30)


def people_and_lines(path: Path) -> tuple[set[int], set[int]]:
    """In a backup: the people, and those whom a line says were added."""
    people: set[int] = set()
    told: set[int] = set()
    for table, lines in each_table(path, SECRETS):
        names = [column.name for column in table.columns]
        for line in lines:
            row = dict(zip(names, json.loads(line), strict=True))
            if table.name == "people_person":
                people.add(row["id"])
            if table.name == "audit_entry" and row["event"] == "people.person.added":
                told.add(row["person_id"])
    return people, told


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "backup-key"
    path.write_text(KEY)
    path.chmod(0o600)
    return path


@pytest.fixture(params=["same", "other"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a table: of the engine of the source, and of the other."""
    on_postgresql = (request.param == "same") == (connection.vendor == "postgresql")
    if not on_postgresql:
        yield f"sqlite:///{quote(str(tmp_path / 'target.sqlite3'))}"
        return
    if not os.environ.get("SOUTIEN_TEST_DATABASE"):
        pytest.skip("needs PostgreSQL: python -m tests.postgres pytest …")
    name = new_name()
    on_server(f"CREATE DATABASE {name}")
    yield address_of(name)
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


def soutien(address: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The command over a database."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": address,
        "SOUTIEN_SECRET_KEY": settings.SECRET_KEY,
        "SOUTIEN_SEALING_KEY": settings.SEALING_KEY,
    }
    return subprocess.run(
        [*SOUTIEN, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def plain_rows(address: str) -> dict[str, list[str]]:
    """All rows of all tables, by plain SQL; values as text that both databases write alike."""
    if address.startswith("sqlite"):
        direct: Any = sqlite3.connect(address.removeprefix("sqlite:///"))
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    else:
        direct = psycopg.connect(address)
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    found = {}
    for (name,) in direct.execute(names).fetchall():
        # What is looked up in the full text of SQLite is made again from the rows themselves.
        if name == "django_migrations" or name.startswith("contents_words"):
            continue
        cursor = direct.execute(f'SELECT * FROM "{name}"')
        columns = [column[0] for column in cursor.description]
        found[name] = sorted(
            str(sorted((column, alike(value)) for column, value in zip(columns, row, strict=True)))
            for row in cursor.fetchall()
        )
    direct.close()
    return found


def apart(rows: dict[str, list[str]]) -> tuple[dict[str, list[str]], int]:
    """The rows but for the lines that backups and restores leave, and how many of those."""
    lines = [line for line in rows["audit_entry"] if "'audit.backup." not in line]
    kept = rows | {"audit_entry": lines, "audit_head": []}
    return kept, len(rows["audit_entry"]) - len(lines)


def alike(value: object) -> str:
    """One writing for what two drivers say of one value."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    text = str(value)
    if text.startswith(("[", "{")):
        return json.dumps(json.loads(text), sort_keys=True)
    return text.replace("-", "") if len(text) == 36 and text.count("-") == 4 else text


def source_address() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return address_of(str(found["NAME"]))


def protections(address: str) -> set[str]:
    """Every trigger, index and constraint, as the database itself writes it."""
    if address.startswith("sqlite"):
        with sqlite3.connect(address.removeprefix("sqlite:///")) as direct:
            rows = direct.execute("SELECT type || name || coalesce(sql, '') FROM sqlite_master")
            return {row[0] for row in rows}
    with psycopg.connect(address) as direct:
        asked = (
            "SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger "
            "WHERE NOT tgisinternal",
            "SELECT pg_get_constraintdef(oid) || conname FROM pg_constraint",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        )
        return {row[0] for question in asked for row in direct.execute(question).fetchall()}


def test_what_is_backed_up_while_others_write_comes_back_equal(tmp_path, key_file, target):
    something_in_every_register()
    backup = tmp_path / "while-writing.backup"
    with writers() as done:
        before = sum(done)
        make(backup, SECRETS, made_at=AT, version="0.1.0")
        while sum(done) == before:
            pass
    people, told = people_and_lines(backup)
    added = Person.objects.count()
    assert told == people & told
    assert len(people) - len(told) == 12
    assert before <= len(told) <= added
    restored = soutien(target, "restore", str(backup), "--key-file", str(key_file), "--json")
    assert restored.returncode == 0, restored.stderr
    again = tmp_path / "again.backup"
    made = soutien(target, "backup", str(again), "--key-file", str(key_file))
    assert made.returncode == 0, made.stderr
    first, second = checked(backup, SECRETS), checked(again, SECRETS)
    # The restore left its line in the journal; everything else is as it was.
    grown = {"audit_entry", "audit_head"}
    assert {name for name in first.proofs if first.proofs[name] != second.proofs[name]} == grown
    assert second.proofs["audit_entry"].rows == first.proofs["audit_entry"].rows + 1
    assert first.witnesses["journal"].keys() == second.witnesses["journal"].keys()


def test_a_restored_database_is_the_same_row_for_row_and_protects_the_same(
    tmp_path, key_file, target
):
    something_in_every_register()
    backup = tmp_path / "quiet.backup"
    make(backup, SECRETS, made_at=AT, version="0.1.0")
    restored = soutien(target, "restore", str(backup), "--key-file", str(key_file))
    assert restored.returncode == 0, restored.stderr
    assert "restored and compared" in restored.stdout
    there, noted = apart(plain_rows(target))
    assert noted == 1
    assert sum(map(len, there.values())) > 300
    assert there == apart(plain_rows(source_address()))[0]
    if target.startswith("sqlite") == (connection.vendor == "sqlite"):
        assert protections(target) == protections(source_address())
    again = soutien(target, "restore", str(backup), "--key-file", str(key_file))
    assert again.returncode == 1
    assert "The database is not empty" in again.stderr
    replaced = soutien(target, "restore", str(backup), "--key-file", str(key_file), "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert apart(plain_rows(target)) == (there, 1)


@pytest.mark.postgres_only
def test_a_database_moves_from_one_engine_to_the_other_and_back(tmp_path, key_file):
    something_in_every_register()
    first, second = tmp_path / "postgresql.backup", tmp_path / "sqlite.backup"
    make(first, SECRETS, made_at=AT, version="0.1.0")
    between, name = f"sqlite:///{quote(str(tmp_path / 'between.sqlite3'))}", new_name()
    on_server(f"CREATE DATABASE {name}")
    try:
        for address, words in (
            (between, ["restore", str(first)]),
            (between, ["backup", str(second)]),
            (address_of(name), ["restore", str(second)]),
        ):
            done = soutien(address, *words, "--key-file", str(key_file))
            assert done.returncode == 0, done.stderr
        assert checked(second, SECRETS).manifest.engine == "sqlite"
        there, noted = apart(plain_rows(address_of(name)))
        # The line of the first restore came along; that of the backup is where it was made.
        assert noted == 2
        assert there == apart(plain_rows(source_address()))[0]
        assert protections(address_of(name)) == protections(source_address())
    finally:
        on_server(f"DROP DATABASE {name} WITH (FORCE)")


def test_no_number_is_given_twice_after_a_restore(tmp_path):
    something_in_every_register()
    gone = Letter.objects.create(
        kind="booking.confirmed", payload={}, created_at=AT, deliver_after=AT
    )
    last = gone.pk
    gone.delete()
    backup = tmp_path / "numbers.backup"
    make(backup, SECRETS, made_at=AT, version="0.1.0")
    restore(backup, SECRETS, replace=True)
    made = Letter.objects.create(
        kind="booking.confirmed", payload={}, created_at=AT, deliver_after=AT
    )
    assert made.pk == last + 1


@pytest.mark.postgres_only
def test_twin_without_one_snapshot_the_tables_are_of_several_moments(tmp_path, monkeypatch):
    """On SQLite, a transaction without this would keep every writer out instead."""
    monkeypatch.setattr(making, "snapshot", transaction.atomic)
    seen = False
    for number in range(20):
        backup = tmp_path / f"{number}.backup"
        with writers():
            make(backup, SECRETS, made_at=AT, version="0.1.0")
        people, told = people_and_lines(backup)
        seen = seen or people != told
        if seen:
            break
    assert seen


# --- damages ------------------------------------------------------------------------------------


def parts_of(content: bytes) -> tuple[bytes, list[bytes]]:
    """The head of a backup, and its chunks."""
    (length,) = struct.unpack_from(">I", content, len(MAGIC))
    place = len(MAGIC) + 4 + length
    head, chunks = content[:place], []
    while place < len(content):
        (size,) = struct.unpack_from(">I", content, place + 1)
        chunks.append(content[place : place + 5 + size])
        place += 5 + size
    return head, chunks


def flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    changed[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut_off(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def cut_at_a_chunk(content: bytes, chance: random.Random) -> bytes:
    head, chunks = parts_of(content)
    return head + b"".join(chunks[: chance.randrange(len(chunks))])


def swapped(content: bytes, chance: random.Random) -> bytes:
    head, chunks = parts_of(content)
    one, other = chance.sample(range(len(chunks)), 2)
    chunks[one], chunks[other] = chunks[other], chunks[one]
    return head + b"".join(chunks)


def repeated(content: bytes, chance: random.Random) -> bytes:
    head, chunks = parts_of(content)
    chunks.insert(chance.randrange(len(chunks) + 1), chance.choice(chunks))
    return head + b"".join(chunks)


def left_out(content: bytes, chance: random.Random) -> bytes:
    head, chunks = parts_of(content)
    del chunks[chance.randrange(len(chunks))]
    return head + b"".join(chunks)


def added_to(content: bytes, chance: random.Random) -> bytes:
    return content + chance.randbytes(chance.randint(1, 100))


def blanked(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) - 50)
    return content[:start] + bytes(50) + content[start + 50 :]


KINDS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flipped,
    flipped,
    flipped,
    cut_off,
    cut_at_a_chunk,
    swapped,
    repeated,
    left_out,
    added_to,
    blanked,
)


def test_every_damage_is_refused_with_its_reason_before_anything_is_written(tmp_path):
    something_in_every_register()
    backup = tmp_path / "whole.backup"
    make(backup, SECRETS, made_at=AT, version="0.1.0", chunk_bytes=512)
    content = backup.read_bytes()
    another = tmp_path / "another.backup"
    make(another, SECRETS, made_at=AT, version="0.1.0", chunk_bytes=512)
    head, chunks = parts_of(content)
    _other_head, foreign = parts_of(another.read_bytes())
    assert len(chunks) > 20
    # Somebody writes after the backup: a restore that began would take this away.
    add_one(0)
    before = {table.name: proof(table) for table in tables()}
    chance = random.Random(20261122)
    damaged = [KINDS[number % len(KINDS)](content, chance) for number in range(DAMAGES)]
    damaged.append(head + chunks[0] + foreign[1] + b"".join(chunks[2:]))
    damaged.append(b"")
    damaged = [found for found in damaged if found != content]
    assert len(damaged) >= DAMAGES - 5
    path = tmp_path / "damaged.backup"
    reasons = set()
    for found in damaged:
        path.write_bytes(found)
        with pytest.raises(BackupRefused) as refusal:
            restore(path, SECRETS, replace=True)
        reasons.add(str(refusal.value).split(":")[0].rstrip("0123456789. "))
    assert len(reasons) >= 5, reasons
    assert {table.name: proof(table) for table in tables()} == before
    # The same file, undamaged, is taken: it is the damage that was refused.
    path.write_bytes(content)
    assert restore(path, SECRETS, replace=True).warnings == ()
    assert {table.name: proof(table) for table in tables()} != before


def test_a_wrong_key_is_told_apart_from_a_damage(tmp_path):
    backup = tmp_path / "a.backup"
    make(backup, SECRETS, made_at=AT, version="0.1.0")
    with pytest.raises(BackupRefused, match="None of the keys given opens the backup"):
        checked(backup, Secrets(keys=["another key, long enough to be taken"]))
    with pytest.raises(BackupRefused, match="opens with a key file, and none was given"):
        checked(backup, Secrets(passphrase="correct horse battery staple"))
    assert checked(backup, Secrets(keys=["another key, long enough to be taken", KEY])).proofs


def test_a_passphrase_opens_what_it_closed(tmp_path):
    backup, words = tmp_path / "a.backup", Secrets(passphrase="correct horse battery staple")
    make(backup, words, made_at=AT, version="0.1.0")
    assert checked(backup, words).manifest.engine == connection.vendor
    with pytest.raises(BackupRefused, match="This passphrase does not open the backup"):
        checked(backup, Secrets(passphrase="correct horse battery stable"))


def test_nothing_is_readable_in_a_backup(tmp_path):
    factories.account(email="somebody.recognisable@example.org")
    backup = tmp_path / "a.backup"
    make(backup, SECRETS, made_at=AT, version="0.1.0")
    content = backup.read_bytes()
    for secret in (b"recognisable", b"accounts_account", b"people_person", KEY.encode()):
        assert secret not in content
    assert backup.stat().st_mode & 0o077 == 0
