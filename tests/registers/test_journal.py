"""The journal, in the transaction of the act: no gap, few messages, lanes side by side."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.append_only import append_only_set_aside
from tests.registers.test_races import kinds, race

from soutien.registers.audit import queries as audit
from soutien.registers.audit.damage import Kind
from soutien.registers.audit.models import LANES, LANES_MAX, Entry, Head, Named
from soutien.registers.audit.queries import JournalDamaged, Line
from soutien.registers.audit.reading import verify
from soutien.sealing import chain, keyring
from soutien.sealing.keyfile import KeyFile, write_key_file

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
WRITERS, EACH = 24, 20


def line(number: int = 1, **fields: Any) -> Line:
    values = {
        "at": AT + timedelta(microseconds=number),
        "actor_role": "psychologist",
        "actor_account": 7,
        "event": "care.line.opened",
        "object_kind": "care.line",
        "object_id": str(number),
        "person_id": number,
    }
    return Line(**(values | fields))


class Undone(Exception):
    """What a step that fails raises."""


@pytest.mark.django_db
def test_what_is_undone_leaves_neither_line_nor_gap():
    audit.append([line(1)])
    with pytest.raises(Undone), transaction.atomic():
        audit.append([line(2), line(3)])
        raise Undone
    audit.append([line(4)])
    assert [(one.lane, one.sequence, one.object_id) for one in Entry.objects.order_by("pk")] == [
        (0, 1, "1"),
        (0, 2, "4"),
    ]
    assert verify() == (2, ())


@pytest.mark.django_db
def test_lines_after_an_inner_undoing_follow_what_is_left():
    with transaction.atomic():
        audit.append([line(1)])
        with pytest.raises(Undone), transaction.atomic():
            audit.append([line(2)])
            raise Undone
        audit.append([line(3)])
    assert list(Entry.objects.order_by("pk").values_list("object_id", flat=True)) == ["1", "3"]
    assert verify() == (2, ())


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 50])
def test_many_lines_are_a_few_statements(number: int):
    lines = [line(one, people=(1, 2, 3)) for one in range(number)]
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        audit.append(lines)
    asked = [one["sql"] for one in captured if "SAVEPOINT" not in one["sql"]]
    # Take a lane, then all the rest; SQLite needs no message and says it in three.
    assert len(asked) <= (2 if connection.vendor == "postgresql" else 2 + 2 * number)
    assert Named.objects.count() == 3 * number
    assert verify() == (number, ())


@pytest.mark.django_db
def test_more_lines_than_one_statement_takes_are_one_chain():
    audit.append([line(one) for one in range(1, 1203)])
    assert verify() == (1202, ())
    assert Head.objects.get(lane=0).sequence == 1202


@pytest.mark.django_db
def test_every_kind_of_word_is_proved():
    for words in ("é", "\u2028", '"quoted"', "\\", "a" * 120, "日本"):
        audit.append([line(reason=words)])
    assert verify() == (6, ())


@pytest.mark.django_db
def test_a_key_that_is_replaced_still_proves_what_it_chained(settings: Any):
    first = settings.JOURNAL_KEY
    audit.append([line(1), line(2)])
    settings.JOURNAL_KEYS_OLD, settings.JOURNAL_KEY = [first], "another secret of the operator"
    audit.append([line(3)])
    assert verify() == (3, ())
    assert len(set(map(bytes, Entry.objects.values_list("key_id", flat=True)))) == 2
    settings.JOURNAL_KEYS_OLD = []
    damages = verify().damages
    assert {one.kind for one in damages} == {Kind.UNKNOWN_KEY}
    assert (damages[0].lane, damages[0].first, damages[0].last) == (0, 1, 2)


@pytest.mark.django_db
def test_the_journal_follows_the_key_file_while_the_product_runs(settings: Any, tmp_path: Path):
    first, second = settings.SEALING_KEY, "the key of the second day, long enough"
    path = tmp_path / "keys"
    settings.SEALING_KEY_FILE = str(path)
    used = []
    for number, kept in enumerate(
        ([[first], []], [[first, second], []], [[second, first], []], [[second], [first]]), start=1
    ):
        write_key_file(path, KeyFile(*kept))
        keyring.keyring(again=True)
        audit.append([line(number)])
        used.append(bytes(Entry.objects.get(object_id=str(number)).key_id))
        assert verify() == (number, ())
    assert used == [chain.chain_key(key).key_id for key in (first, first, second, second)]
    # A secret of its own is not the file's.
    settings.JOURNAL_KEY = "the journal's own secret, kept by somebody else"
    audit.append([line(5)])
    own = chain.chain_key(settings.JOURNAL_KEY).key_id
    assert bytes(Entry.objects.get(object_id="5").key_id) == own


@pytest.mark.django_db
def test_a_lane_that_was_damaged_is_left_as_it_is_and_another_one_used():
    """Written on, its damage would be sealed with a good seal."""
    audit.append([line(1), line(2)])
    with transaction.atomic(), append_only_set_aside(connection), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE id = %s", [2 * LANES_MAX])
        cursor.execute("UPDATE audit_head SET sequence = 1 WHERE lane = 0")
    audit.append([line(3)])
    assert Entry.objects.get(object_id="3").lane == 1
    assert Kind.HEAD in {one.kind for one in verify().damages}


@pytest.mark.django_db
def test_without_any_lane_to_trust_nothing_is_done(settings: Any, caplog: Any):
    settings.JOURNAL_KEY, settings.JOURNAL_KEYS_OLD = "a secret that nobody used before", []
    with caplog.at_level(logging.CRITICAL), pytest.raises(JournalDamaged), transaction.atomic():
        audit.append([line(1)])
    assert "soutien audit verify" in caplog.text


@pytest.mark.django_db
def test_somebody_in_a_list_finds_the_line():
    audit.append([line(1, person_id=5), line(2, person_id=None, people=(5, 6)), line(3)])
    assert [one.object_id for one in audit.about_person(5)] == ["2", "1"]
    assert [one.object_id for one in audit.about_person(6)] == ["2"]


@pytest.mark.django_db
def test_what_was_refused_is_not_told_as_done():
    audit.append([line(1, result="refused"), line(1)])
    assert [one.result for one in audit.about_object("care.line", 1)] == ["done"]
    assert audit.about_person(1).count() == 2


# Side by side, on PostgreSQL


def writers(number: int) -> list[Any]:
    """Each writes so many transactions of one line, and undoes one in five."""

    def one(position: int) -> Any:
        def write() -> int:
            for count in range(EACH):
                try:
                    with transaction.atomic():
                        audit.append([line(position * 1000 + count)])
                        if count % 5 == 4:
                            raise Undone
                except Undone:
                    continue
            return EACH

        return write

    return [one(position) for position in range(number)]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_connections_write_one_sound_journal():
    assert kinds(race(writers(WRITERS))) == {"int": WRITERS}
    found = verify()
    assert found == (WRITERS * EACH * 4 // 5, ())
    used = Counter(one % LANES_MAX for one in Entry.objects.values_list("pk", flat=True))
    assert len(used) > 1, "nobody ever wrote beside another"
    for lane, lines in used.items():
        assert Head.objects.get(lane=lane).sequence == lines


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_more_transactions_than_lanes_wait_and_none_is_lost():
    holding = LANES + 8

    def hold() -> str:
        with transaction.atomic():
            audit.append([line(1)])
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.2)")
        return "done"

    assert kinds(race([hold] * holding)) == {"str": holding}
    assert verify() == (holding, ())


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twin_without_the_lock_of_a_lane_the_journal_breaks(monkeypatch: pytest.MonkeyPatch):
    """Two read the same head: one of them fails, or both follow the same line."""
    locked = audit._locked
    monkeypatch.setattr(audit, "_locked", lambda which, lock: locked(which, ""))
    results = race(writers(WRITERS))
    assert "IntegrityError" in kinds(results) or verify().damages


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_reading_while_others_write_finds_nothing_wrong():
    readings: list[Any] = []

    def read() -> str:
        for _time in range(6):
            readings.append(verify().damages)
        return "read"

    race([*writers(8), read, read])
    assert readings == [()] * 12
