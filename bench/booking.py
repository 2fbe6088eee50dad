"""How many times are held a second, and never one twice, against a bare exclusion constraint.

    python -m bench.booking     (options: --seconds, --rounds, --quick, --queries, --profile)

Contenders take random times of the same agendas, in turn (A B C A B C …), with 1, 4 and 8
processes, each with a connection of its own; the median of the rounds is told:

- bare: one INSERT into a table with nothing but an exclusion constraint (a psychologist, a
  period). It knows no agenda, no law, no person; it is the limit;
- table: the same INSERT into the product's table of bookings, with its indexes and protections;
- hold_slot: the step, in process, as a visitor's page calls it.

First on PostgreSQL, on a server started here that writes safely to disk (``--quick``: one that
does not), then on SQLite, which has no exclusion constraint: bare is then a unique key. At the
end of each, overlaps are looked for. "own CPU" is the processor time of one try in the asking
process, "base CPU" that of the server's process for it (on SQLite they are one): they depend
least on what else the machine does. ``--queries``
tells what one hold asks of the database and how long each question takes; ``--profile`` where
its processor time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import multiprocessing
import os
import pstats
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from bench.engines import ready, run_both

PSYCHOLOGISTS, DAYS, FIRST_HOUR, LAST_HOUR = 400, 60, 8, 18
CONNECTIONS = (1, 4, 8)
AIM_A_SECOND, AIM_SHARE = 500, 0.5
NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
OPENED = date(2022, 4, 5)
LIVE = "('held', 'confirmed', 'fulfilled', 'missed')"


class Done(NamedTuple):
    """What processes did: times taken and refused, how long each try lasted, their own processor
    time and that of the database for them (all in seconds)."""

    taken: int
    refused: int
    tries: list[float]
    processor: float
    database: float


class Agenda(NamedTuple):
    """One psychologist, and where they receive."""

    psychologist_id: int
    place_id: int


def agendas() -> list[Agenda]:
    """The psychologists of the bench, made once."""
    from django.db import transaction
    from tests import factories as make

    made = []
    with transaction.atomic():
        for _ in range(PSYCHOLOGISTS):
            place = make.place(make.psychologist(under_agreement_from=OPENED))
            for weekday in range(7):
                make.opening(
                    place,
                    weekday,
                    valid_from=OPENED,
                    starts_at_minute=FIRST_HOUR * 60,
                    ends_at_minute=LAST_HOUR * 60,
                    open_on_public_holidays=True,
                )
            made.append(Agenda(place.psychologist_id, place.pk))
    return made


def some_time(dice: random.Random, among: list[Agenda]) -> tuple[Agenda, datetime]:
    """A random time that an agenda offers; Lyon is an hour ahead of UTC until the end of March."""
    day = NOW.date() + timedelta(days=dice.randrange(1, min(DAYS, 26)))
    hour = dice.randrange(FIRST_HOUR - 1, LAST_HOUR - 1)
    return dice.choice(among), datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


# --- contenders --------------------------------------------------------------------------------


def inserted(statement: str, values: list[Any]) -> bool:
    """One statement on the bare driver, committed; false when a protection refused it."""
    from django.db import connection

    connection.ensure_connection()
    driver = connection.connection
    try:
        driver.execute(statement, values)
    except connection.Database.IntegrityError:
        return False
    return True


def bare(agenda: Agenda, starts_at: datetime) -> bool:
    """One INSERT; the constraint has the last word."""
    from django.db import connection

    if connection.vendor == "postgresql":
        return inserted(
            "INSERT INTO bare_booking VALUES (%s, tstzrange(%s, %s, '[)'))",
            [agenda.psychologist_id, starts_at, starts_at + timedelta(hours=1)],
        )
    return inserted(
        "INSERT INTO bare_booking VALUES (?, ?)", [agenda.psychologist_id, starts_at.isoformat()]
    )


TABLE = """
    INSERT INTO agenda_booking (public_id, psychologist_id, place_id, kind, modality, starts_at,
        ends_at, civil_day, status, held_until, created_at, ended_by, holder, overbooked_for,
        times_moved)
    VALUES (%s, %s, %s, 'evaluation', 'in_person', %s, %s, %s, 'held', %s, %s, '', '', '', 0)
"""


def table(agenda: Agenda, starts_at: datetime) -> bool:
    """The same into the product's table."""
    from django.db import connection

    moment = connection.ops.adapt_datetimefield_value
    moments = (starts_at, starts_at + timedelta(hours=1), NOW + timedelta(minutes=10), NOW)
    starts, ends, until, created = map(moment, moments)
    values = [os.urandom(16).hex(), agenda.psychologist_id, agenda.place_id, starts, ends]
    values += [starts_at.date().isoformat(), until, created]
    mark = "%s" if connection.vendor == "postgresql" else "?"
    return inserted(TABLE.replace("%s", mark), values)


def hold_slot(agenda: Agenda, starts_at: datetime) -> bool:
    """The step, for a visitor whose browser holds nothing else."""
    from soutien.steps import hold
    from soutien.steps.actor import ANONYMOUS
    from soutien.steps.errors import Refusal

    try:
        hold.hold_slot(
            actor=ANONYMOUS,
            psychologist_id=agenda.psychologist_id,
            place_id=agenda.place_id,
            starts_at=starts_at,
            kind="evaluation",
            modality="in_person",
            at=NOW,
            holder=os.urandom(16).hex(),
        )
    except Refusal:
        return False
    return True


CONTENDERS: dict[str, Callable[[Agenda, datetime], bool]] = {
    "bare": bare,
    "table": table,
    "hold_slot": hold_slot,
}


def empty() -> None:
    """Nothing is booked any more."""
    from django.db import connection

    with connection.cursor() as cursor:
        for name in ("bare_booking", "outbox_letter", "agenda_booking"):
            cursor.execute(f"DELETE FROM {name}")
            if connection.vendor == "postgresql":
                cursor.execute(f"VACUUM ANALYZE {name}")


def bare_table() -> None:
    """The table of the limit."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE TABLE bare_booking (psychologist_id bigint, during tstzrange, "
                "EXCLUDE USING gist (psychologist_id WITH =, during WITH &&))"
            )
        else:
            cursor.execute(
                "CREATE TABLE bare_booking (psychologist_id integer, starts_at text, "
                "PRIMARY KEY (psychologist_id, starts_at)) WITHOUT ROWID"
            )


def overlaps() -> int:
    """How many live bookings overlap another of their psychologist: must be none."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM agenda_booking a JOIN agenda_booking b "
            "ON a.psychologist_id = b.psychologist_id AND a.id < b.id "
            "AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at "
            f"WHERE a.status IN {LIVE} AND b.status IN {LIVE}"
        )
        return int(cursor.fetchone()[0])


def booked(name: str) -> int:
    """How many rows there are."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {'bare_booking' if name == 'bare' else 'agenda_booking'}"
        )
        return int(cursor.fetchone()[0])


# --- measuring ---------------------------------------------------------------------------------


def work(
    name: str, seconds: float, seed: int, among: list[Agenda], start: Any, results: Any
) -> None:
    """One process: takes random times until it is over."""
    from django.db import connections

    connections.close_all()
    dice, act = random.Random(seed), CONTENDERS[name]
    act(*some_time(dice, among))
    taken, refused, tries = 0, 0, []
    database = server_processor()
    start.wait()
    end = time.perf_counter() + seconds
    before, processor = time.perf_counter(), time.process_time()
    while before < end:
        won = act(*some_time(dice, among))
        after = time.perf_counter()
        tries.append(after - before)
        taken, refused, before = taken + won, refused + (not won), after
    processor = time.process_time() - processor
    results.put(Done(taken, refused, tries, processor, server_processor() - database))


def server_processor() -> float:
    """Seconds of processor that the server's process of this connection has used so far."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    status = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text()
    user, system = status.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def measured(name: str, processes: int, seconds: float, among: list[Agenda]) -> Done:
    """All processes at once, on empty agendas; fails when a time was sold twice."""
    from django.db import connections

    empty()
    connections.close_all()
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(processes), context.Queue()
    workers = [
        context.Process(target=work, args=(name, seconds, seed, among, start, results))
        for seed in range(processes)
    ]
    for worker in workers:
        worker.start()
    done = [results.get(timeout=seconds + 60) for _ in workers]
    for worker in workers:
        worker.join()
    if name != "bare" and overlaps():
        raise SystemExit(f"{name}: {overlaps()} times were sold twice.")
    taken = sum(one.taken for one in done)
    # Each process took one more before the start.
    if not taken <= booked(name) <= taken + processes:
        raise SystemExit(f"{name}: {taken} taken and {booked(name)} rows.")
    return Done(
        taken,
        sum(one.refused for one in done),
        [lasted for one in done for lasted in one.tries],
        sum(one.processor for one in done),
        sum(one.database for one in done),
    )


def compare(engine: str, seconds: float, rounds: int, among: list[Agenda]) -> None:
    """The table of one engine."""
    print(f"\n{engine}, no time sold twice")
    print(
        f"{'processes':>9}  {'contender':10} {'held/s':>8} {'share':>6} "
        f"{'p50 ms':>7} {'p99 ms':>7} {'own CPU ms':>11} {'base CPU ms':>12}"
    )
    for processes in CONNECTIONS:
        found: dict[str, list[Done]] = {name: [] for name in CONTENDERS}
        for _ in range(rounds):
            for name in CONTENDERS:
                found[name].append(measured(name, processes, seconds, among))
        limit = statistics.median(done.taken for done in found["bare"]) / seconds
        for name, all_done in found.items():
            rate = statistics.median(done.taken for done in all_done) / seconds
            tries = sorted(1000 * lasted for done in all_done for lasted in done.tries)
            processor, database = (
                1000 * sum(getattr(done, whose) for done in all_done) / len(tries)
                for whose in ("processor", "database")
            )
            print(
                f"{processes:>9}  {name:10} {rate:8.0f} {rate / limit:6.0%} "
                f"{tries[len(tries) // 2]:7.2f} {tries[len(tries) * 99 // 100]:7.2f} "
                f"{processor:11.2f} {database:12.2f}"
            )


def tell_queries(among: list[Agenda]) -> None:
    """What one hold asks of the database."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    dice = random.Random(1)
    for _ in range(20):
        hold_slot(*some_time(dice, among))
    with CaptureQueriesContext(connection) as queries:
        before = time.perf_counter()
        while not hold_slot(*some_time(dice, among)):
            queries.initial_queries = len(connection.queries_log)
        lasted = time.perf_counter() - before
    print(f"\none hold: {len(queries)} questions, {1000 * lasted:.1f} ms (with their noting)")
    for number, query in zip(count(1), queries.captured_queries, strict=False):
        print(f"{number:3} {float(query['time']) * 1000:5.1f} ms  {query['sql'][:140]}")


def profile(among: list[Agenda]) -> None:
    """Where the processor's time goes, over a thousand tries."""
    dice = random.Random(2)
    profiler = cProfile.Profile(time.process_time)
    profiler.enable()
    for _ in range(1000):
        hold_slot(*some_time(dice, among))
    profiler.disable()
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="each contender, each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="PostgreSQL without fsync")
    parser.add_argument("--queries", action="store_true", help="tell what one hold asks")
    parser.add_argument("--profile", action="store_true", help="tell where the time goes")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.engine:
        print(f"aim: {AIM_A_SECOND} holds a second and {AIM_SHARE:.0%} of bare")
        return run_both("bench.booking", quick=options.quick)
    with tempfile.TemporaryDirectory() as home:
        ready(os.environ["DATABASE_URL"], home)
        among = agendas()
        bare_table()
        if options.queries:
            tell_queries(among)
        if options.profile:
            profile(among)
        if not options.queries and not options.profile:
            compare(options.engine, options.seconds, options.rounds, among)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
