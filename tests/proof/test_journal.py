"""Whatever is done to the tables of the journal behind the product's back is found, and where.

The tamperer owns the tables: triggers and constraints are set aside. Each tampering is drawn at
random, tried in a savepoint, and taken back. What the chain alone cannot find (an older state put
back, lines written anew by somebody who has the keys) is found by the heads exported before.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from tests.append_only import append_only_set_aside

from soutien.registers.audit import queries as audit
from soutien.registers.audit.damage import Damage, Kind
from soutien.registers.audit.models import LANES, LANES_MAX
from soutien.registers.audit.queries import LaneHead, Line, content
from soutien.registers.audit.reading import Exported, Found, verify
from soutien.sealing import chain

pytestmark = pytest.mark.django_db
FULL = os.environ.get("SOUTIEN_PROOF") == "full"
ON_POSTGRESQL = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
TAMPERINGS = (1_000 if ON_POSTGRESQL else 10_000) if FULL else (200 if ON_POSTGRESQL else 1_000)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BEGUN, LINES = (0, 1, 2, 7), 40
FAR = 2**50
# Neighbours that may be named beside the place itself.
NEAR = 2


@dataclass(frozen=True)
class Done:
    """What was done: the place, the lines there, and what it may be called."""

    lane: int
    lines: tuple[int, ...]
    kinds: frozenset[Kind]
    by_heads_only: bool = False


@dataclass
class Journal:
    """A journal as it was written, its heads at some moments, and what a tamperer does to it."""

    chance: random.Random
    exported: list[Exported]
    old_heads: dict[int, LaneHead]

    def lane(self) -> int:
        """A lane with lines."""
        return self.chance.choice(BEGUN)

    def line(self, *, last: bool = True) -> int:
        """The number of a line; not of the last one when told so."""
        return self.chance.randint(1, LINES if last else LINES - 1)


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def key_of(lane: int, number: int) -> int:
    return number * LANES_MAX + lane


def written(number: int, chance: random.Random) -> Line:
    """Some line or other; one in four is a list of people."""
    people = tuple(sorted(chance.sample(range(1, 99), 3))) if number % 4 == 0 else ()
    return Line(
        at=AT + timedelta(minutes=number),
        actor_role=chance.choice(["person", "psychologist", "fund_agent"]),
        actor_account=chance.choice([None, 3, 4]),
        event=chance.choice(["care.year.opened", "claims.claim.sent"]),
        object_kind="care.year",
        object_id=str(number),
        person_id=None if people else chance.randint(1, 99),
        people=people,
        on_behalf_of=chance.choice([None, 8]),
        reason=chance.choice(["", "urgent"]),
    )


@pytest.fixture
def journal() -> Iterator[Journal]:
    """Four lanes of lines; heads exported when half was there, and now. The triggers are off."""
    chance = random.Random(2026)
    half = LINES // 2
    exported, old_heads = [], {}
    for lines in (range(1, half + 1), range(half + 1, LINES + 1)):
        for lane in BEGUN:
            audit.append([written(number, chance) for number in lines], lane=lane)
        ends = {head.lane: (head.sequence, head.link) for head in audit.heads()}
        exported.append(Exported(AT + timedelta(days=len(exported)), ends))
        old_heads = old_heads or {head.lane: head for head in audit.heads()}
    with transaction.atomic(), append_only_set_aside(connection):
        if ON_POSTGRESQL:
            sql("SET CONSTRAINTS ALL DEFERRED")
            sql("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_numbered")
        else:
            sql("PRAGMA ignore_check_constraints = ON")
        try:
            yield Journal(chance, exported, old_heads)
        finally:
            if not ON_POSTGRESQL:
                # It belongs to the connection, which outlives the transaction.
                sql("PRAGMA ignore_check_constraints = OFF")


# What a tamperer does

CHANGES: dict[str, Callable[[random.Random], Any]] = {
    "at": lambda chance: f"2026-03-0{chance.randint(3, 9)} 10:00:00",
    "actor_role": lambda chance: f"role{chance.random():.6f}",
    "actor_account": lambda chance: chance.randint(100, 999),
    "on_behalf_of": lambda chance: chance.randint(100, 999),
    "event": lambda chance: f"care.line.opened{chance.randint(0, 9)}",
    "object_kind": lambda chance: "agenda.booking",
    "object_id": lambda chance: str(chance.randint(1000, 9999)),
    "person_id": lambda chance: chance.randint(100, 999),
    "reason": lambda chance: "another",
    "result": lambda chance: "refused",
    "key_id": lambda chance: chance.randbytes(4),
    "link": lambda chance: chance.randbytes(32),
}


def change_a_column(journal: Journal) -> Done:
    lane, number = journal.lane(), journal.line()
    column = journal.chance.choice([*CHANGES])
    value = CHANGES[column](journal.chance)
    sql(f"UPDATE audit_entry SET {column} = %s WHERE id = %s", value, key_of(lane, number))
    return Done(lane, (number,), frozenset({Kind.CHANGED, Kind.UNKNOWN_KEY}))


def change_the_people_of_a_list(journal: Journal) -> Done:
    lane, number = journal.lane(), journal.chance.randrange(4, LINES + 1, 4)
    entry, how = key_of(lane, number), journal.chance.choice(["more", "less", "other"])
    if how == "more":
        sql("INSERT INTO audit_named (entry_id, person_id) VALUES (%s, %s)", entry, 1234)
    elif how == "less":
        sql("DELETE FROM audit_named WHERE entry_id = %s", entry)
    else:
        [(person,), *_] = sql("SELECT person_id FROM audit_named WHERE entry_id = %s", entry)
        sql(
            "UPDATE audit_named SET person_id = 4321 WHERE entry_id = %s AND person_id = %s",
            entry,
            person,
        )
    return Done(lane, (number,), frozenset({Kind.CHANGED}))


def delete(lane: int, numbers: range) -> None:
    keys = ", ".join(str(key_of(lane, number)) for number in numbers)
    sql(f"DELETE FROM audit_named WHERE entry_id IN ({keys})")
    sql(f"DELETE FROM audit_entry WHERE id IN ({keys})")


def shift(lane: int, since: int, away: int) -> None:
    """Renumber the lines of a lane from a number on."""
    for table, column in (("audit_entry", "id"), ("audit_named", "entry_id")):
        where = f"{column} >= {key_of(lane, since)} AND {column} %% {LANES_MAX} = {lane}"
        sql(f"UPDATE {table} SET {column} = {column} + {FAR} WHERE {where} AND {column} < {FAR}")
    for table, column in (("audit_entry", "id"), ("audit_named", "entry_id")):
        back = away * LANES_MAX - FAR
        sql(f"UPDATE {table} SET {column} = {column} + ({back}) WHERE {column} >= {FAR}")


def delete_lines(journal: Journal) -> Done:
    lane, first = journal.lane(), journal.line(last=False)
    last = min(LINES - 1, first + journal.chance.randint(0, 5))
    delete(lane, range(first, last + 1))
    return Done(lane, tuple(range(first, last + 1)), frozenset({Kind.MISSING}))


def delete_lines_and_close_up(journal: Journal) -> Done:
    lane, first = journal.lane(), journal.chance.randint(1, LINES - 8)
    count = journal.chance.randint(1, 5)
    delete(lane, range(first, first + count))
    shift(lane, first + count, -count)
    return Done(lane, tuple(range(first, first + count)), frozenset({Kind.MISSING}))


def insert_a_line(journal: Journal) -> Done:
    lane, number = journal.lane(), journal.line(last=False)
    shift(lane, number, 1)
    forge(journal, lane, number)
    return Done(lane, (number,), frozenset({Kind.INSERTED}))


def renumber_the_rest(journal: Journal) -> Done:
    """Nothing is taken out or put in; the lines from one on have other numbers."""
    lane, number = journal.lane(), journal.line(last=False)
    away = journal.chance.randint(1, 5)
    shift(lane, number, away)
    return Done(lane, tuple(range(number, number + away + 1)), frozenset({Kind.MOVED}))


def insert_at_the_end(journal: Journal) -> Done:
    lane = journal.lane()
    forge(journal, lane, LINES + 1)
    return Done(lane, (LINES + 1,), frozenset({Kind.INSERTED}))


def insert_in_a_lane_never_begun(journal: Journal) -> Done:
    lane = journal.chance.choice([5, 9, 15, 16, 200])
    forge(journal, lane, 1)
    return Done(lane, (1,), frozenset({Kind.INSERTED}))


def forge(journal: Journal, lane: int, number: int) -> None:
    """A line that looks like another, with a link that was made without the key."""
    # Of two lines that are the same, nobody can say which one was put in.
    models = [n for n in (2, 3, 5, 6) if n not in {number, number + 1}]
    model = key_of(journal.lane(), journal.chance.choice(models))
    columns = ", ".join(audit.COLUMNS)
    links = ["link", "%s"]
    link = journal.chance.choice(links)
    values = [journal.chance.randbytes(32)] if link == "%s" else []
    sql(
        f"INSERT INTO audit_entry (id, {columns}, key_id, link) "
        f"SELECT {key_of(lane, number)}, {columns}, key_id, {link} FROM audit_entry "
        f"WHERE id = {model}",
        *values,
    )


def swap(lane: int, first: int, second: int) -> None:
    """Two lines of a lane change places, whole."""
    one, other = key_of(lane, first), key_of(lane, second)
    for table, column in (("audit_entry", "id"), ("audit_named", "entry_id")):
        for before, after in ((one, FAR), (other, one), (FAR, other)):
            sql(f"UPDATE {table} SET {column} = {after} WHERE {column} = {before}")


def swap_two_lines(journal: Journal) -> Done:
    lane = journal.lane()
    first, second = sorted(journal.chance.sample(range(1, LINES + 1), 2))
    swap(lane, first, second)
    # The last one's link is also in the head.
    return Done(lane, (first, second), frozenset({Kind.MOVED}))


def reorder_lines(journal: Journal) -> Done:
    lane, first = journal.lane(), journal.chance.randint(1, LINES - 6)
    moved = set[int]()
    where = list(range(5))
    for place in range(5):
        other = journal.chance.randint(place, 4)
        if other != place:
            swap(lane, first + place, first + other)
            where[place], where[other] = where[other], where[place]
    moved = {first + place for place, came in enumerate(where) if place != came}
    if not moved:
        return swap_two_lines(journal)
    return Done(lane, tuple(sorted(moved)), frozenset({Kind.MOVED}))


def move_a_line_to_another_lane(journal: Journal) -> Done:
    lane, other = journal.chance.sample(BEGUN, 2)
    number = journal.chance.choice([1, 2, 3, 5, 6, 7])
    delete(other, range(number, number + 1))
    sql(f"UPDATE audit_entry SET id = {key_of(other, number)} WHERE id = {key_of(lane, number)}")
    return Done(lane, (number,), frozenset({Kind.MISSING}))


def cut_the_end_off(journal: Journal) -> Done:
    lane, first = journal.lane(), journal.line()
    delete(lane, range(first, LINES + 1))
    return Done(lane, tuple(range(first, LINES + 1)), frozenset({Kind.TRUNCATED}))


def cut_the_end_off_and_turn_the_head_back(journal: Journal) -> Done:
    lane, first = journal.lane(), journal.chance.randint(2, LINES)
    [(link,)] = sql("SELECT link FROM audit_entry WHERE id = %s", key_of(lane, first - 1))
    delete(lane, range(first, LINES + 1))
    sql(
        "UPDATE audit_head SET sequence = %s, link = %s WHERE lane = %s",
        first - 1,
        bytes(link),
        lane,
    )
    return Done(lane, (first - 1,), frozenset({Kind.HEAD}))


def alter_a_head(journal: Journal) -> Done:
    lane = journal.lane()
    column, value = journal.chance.choice(
        [
            ("sequence", journal.chance.randint(LINES + 1, 99)),
            ("link", journal.chance.randbytes(32)),
            ("key_id", journal.chance.randbytes(4)),
            ("seal", journal.chance.randbytes(32)),
        ]
    )
    sql(f"UPDATE audit_head SET {column} = %s WHERE lane = %s", value, lane)
    number = value if column == "sequence" else LINES
    return Done(lane, (int(number),), frozenset({Kind.HEAD, Kind.UNKNOWN_KEY}))  # type: ignore[call-overload]


def take_a_head_away(journal: Journal) -> Done:
    lane = journal.chance.randrange(LANES)
    sql("DELETE FROM audit_head WHERE lane = %s", lane)
    lines = range(1, LINES + 1) if lane in BEGUN else range(1, 2)
    return Done(lane, tuple(lines), frozenset({Kind.NO_LANE}))


def take_a_lane_away(journal: Journal) -> Done:
    lane = journal.lane()
    delete(lane, range(1, LINES + 1))
    if journal.chance.random() < 0.5:
        return Done(lane, tuple(range(1, LINES + 1)), frozenset({Kind.TRUNCATED}))
    sql("DELETE FROM audit_head WHERE lane = %s", lane)
    return Done(lane, (1,), frozenset({Kind.NO_LANE}))


def hang_people_on_no_line(journal: Journal) -> Done:
    lane = journal.lane()
    number = LINES + journal.chance.randint(1, 9)
    sql("INSERT INTO audit_named VALUES (%s, %s)", key_of(lane, number), 12)
    return Done(lane, (number,), frozenset({Kind.NOT_A_LINE}))


def put_an_older_state_back(journal: Journal) -> Done:
    """Rows and head of a copy made earlier: all of it was true once."""
    lane = journal.lane()
    old = journal.old_heads[lane]
    delete(lane, range(old.sequence + 1, LINES + 1))
    sql(
        "UPDATE audit_head SET sequence = %s, link = %s, key_id = %s, seal = %s WHERE lane = %s",
        *old[1:],
        lane,
    )
    lines = tuple(range(old.sequence + 1, LINES + 1))
    return Done(lane, lines, frozenset({Kind.FORGOTTEN}), by_heads_only=True)


def write_the_end_anew_with_the_keys(journal: Journal) -> Done:
    """An insider who has the operator's secret leaves one line out and chains the rest again."""
    lane, number = journal.lane(), journal.chance.randint(LINES // 2 + 1, LINES)
    key = chain.chain_key(settings.JOURNAL_KEY)
    sql("UPDATE audit_entry SET person_id = 555 WHERE id = %s", key_of(lane, number))
    rows = sql(
        f"SELECT id, {', '.join(audit.COLUMNS)} FROM audit_entry "
        f"WHERE id %% {LANES_MAX} = {lane} ORDER BY id"
    )
    last = chain.BEGINNING
    for entry, at, *rest in rows:
        people = sql("SELECT person_id FROM audit_named WHERE entry_id = %s ORDER BY 1", entry)
        line = Line(**dict(zip(audit.COLUMNS, [at, *rest], strict=True)))
        moment = line.at if line.at.tzinfo else line.at.replace(tzinfo=UTC)
        line = line._replace(at=moment, people=tuple(one for (one,) in people))
        last = chain.link(key, last, content(lane, entry // LANES_MAX, line, key.key_id))
        sql("UPDATE audit_entry SET link = %s WHERE id = %s", last, entry)
    seal = chain.seal_of_head(key, lane, LINES, last)
    sql("UPDATE audit_head SET link = %s, seal = %s WHERE lane = %s", last, seal, lane)
    return Done(lane, (number,), frozenset({Kind.REWRITTEN}), by_heads_only=True)


TAMPERS = [
    change_a_column,
    change_a_column,
    change_a_column,
    change_the_people_of_a_list,
    delete_lines,
    delete_lines_and_close_up,
    insert_a_line,
    renumber_the_rest,
    insert_at_the_end,
    insert_in_a_lane_never_begun,
    swap_two_lines,
    reorder_lines,
    move_a_line_to_another_lane,
    cut_the_end_off,
    cut_the_end_off_and_turn_the_head_back,
    alter_a_head,
    take_a_head_away,
    take_a_lane_away,
    hang_people_on_no_line,
    put_an_older_state_back,
    write_the_end_anew_with_the_keys,
]


@pytest.fixture
def tried(journal: Journal) -> Callable[[Callable[[Journal], Done]], tuple[Done, Found, Found]]:
    """Does it, reads the journal alone and with the exported heads, and takes it back."""

    def attempt(tamper: Callable[[Journal], Done]) -> tuple[Done, Found, Found]:
        point = transaction.savepoint()
        done = tamper(journal)
        alone, with_heads = verify(), verify(exported=journal.exported)
        transaction.savepoint_rollback(point)
        # Rolled back it still stands: thousands of them, one inside the other, hold each a lock.
        transaction.savepoint_commit(point)
        return done, alone, with_heads

    return attempt


def located(done: Done, found: Found) -> bool:
    """Whether every line is named, nothing far from it, and in one of the right words."""
    here = [one for one in found.damages if one.lane == done.lane]
    named = all(any(one.first <= line <= one.last for one in here) for line in done.lines)
    near = range(min(done.lines) - NEAR, max(done.lines) + NEAR + 1)
    exact = done.by_heads_only or all(one.first in near and one.last in near for one in here)
    return named and exact and bool(done.kinds & {one.kind for one in here})


def test_a_thousand_random_tamperings_are_all_found_and_located(
    journal: Journal, tried: Callable[..., tuple[Done, Found, Found]]
) -> None:
    assert verify(exported=journal.exported) == Found(len(BEGUN) * LINES, ())
    missed = []
    for number in range(TAMPERINGS):
        tamper = TAMPERS[number % len(TAMPERS)]
        done, alone, with_heads = tried(tamper)
        found = with_heads if done.by_heads_only else alone
        if not located(done, found):
            missed.append((tamper.__name__, done, found.damages))
        if done.by_heads_only and alone.damages:
            missed.append((f"{tamper.__name__} without heads", done, alone.damages))
    assert not missed, f"{len(missed)} of {TAMPERINGS}: {missed[:5]}"
    # Taken back, all of them.
    assert verify(exported=journal.exported).damages == ()


def test_without_the_seals_of_the_heads_a_shortened_lane_is_not_found(
    journal: Journal, tried: Callable[..., tuple[Done, Found, Found]], monkeypatch: Any
) -> None:
    monkeypatch.setattr(LaneHead, "holds", lambda self, keys: True)
    _done, alone, with_heads = tried(cut_the_end_off_and_turn_the_head_back)
    assert alone.damages == ()
    assert with_heads.damages


def test_without_a_key_of_its_own_a_chain_is_written_anew_by_anybody(
    journal: Journal, tried: Callable[..., tuple[Done, Found, Found]]
) -> None:
    """What the key is for: with it, only the exported heads find what was rewritten."""
    done, alone, with_heads = tried(write_the_end_anew_with_the_keys)
    assert alone.damages == ()
    [damage] = with_heads.damages
    assert (damage.kind, damage.lane) == (Kind.REWRITTEN, done.lane)
    assert damage.first <= done.lines[0] <= damage.last
    assert damage.first == LINES // 2 + 1, "since the last head that still holds"


def test_two_damages_in_two_lanes_are_two_places(journal: Journal) -> None:
    point = transaction.savepoint()
    sql("UPDATE audit_entry SET reason = 'x' WHERE id = %s", key_of(1, 5))
    delete(2, range(9, 12))
    damages = verify().damages
    transaction.savepoint_rollback(point)
    assert [(one.kind, one.lane, one.first, one.last) for one in damages] == [
        (Kind.CHANGED, 1, 5, 5),
        (Kind.MISSING, 2, 9, 11),
    ]
    assert all(isinstance(one, Damage) and one.at for one in damages)
