"""What a line of the journal costs when it is chained, and how fast the whole is proved.

    python -m bench.journal     (options: --seconds, --rounds, --lines, --quick)

Contenders write a line in a transaction of its own, in turn (A B C …), with 1, 4 and 8 processes,
each with a connection of its own; the median of the rounds is told:

- plain: one INSERT into a table with the same columns and indexes, and nothing else;
- one lane: chained, every process in the same lane;
- lanes: chained as the product does it, sixteen lanes and whichever is free;
- lanes, 20 at once: twenty lines of one transaction, as a step that does much.

First on PostgreSQL, on a server started here that writes safely to disk (``--quick``: one that
does not), then on SQLite. "own CPU" is the processor time of a line in the writing process, the
least disturbed figure on a busy machine. The journal is proved after each number of processes; at
the end ``--lines`` lines are read: lines a second, and the memory it took.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from bench.engines import ready, run_both

CONNECTIONS = (1, 4, 8)
AT_ONCE = 20
NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)


class Done(NamedTuple):
    """What one process did: lines, and its own processor time in seconds."""

    lines: int
    processor: float


def plain_table() -> None:
    """The table of the first contender, beside the product's."""
    from django.db import connection

    number = "bigserial" if connection.vendor == "postgresql" else "integer"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE plain_entry (id {number} PRIMARY KEY, at timestamp, "
            "actor_role varchar(20), actor_account bigint, on_behalf_of bigint, "
            "event varchar(60), object_kind varchar(40), object_id varchar(40), "
            "person_id bigint, reason varchar(120), result varchar(20))"
        )
        cursor.execute("CREATE INDEX plain_person ON plain_entry (person_id, at)")
        cursor.execute("CREATE INDEX plain_object ON plain_entry (object_kind, object_id)")


def line(number: int) -> Any:
    """A line as a page of a psychologist leaves it."""
    from soutien.registers.audit.queries import Line

    return Line(
        at=NOW,
        actor_role="psychologist",
        actor_account=number % 977,
        event="care.line.opened",
        object_kind="care.line",
        object_id=str(number),
        person_id=number % 4999,
    )


def plain(number: int) -> int:
    from django.db import connection, transaction

    from soutien.registers.audit.queries import COLUMNS

    told = line(number)
    values = [getattr(told, name) for name in COLUMNS]
    marks = ", ".join(["%s"] * len(COLUMNS))
    with transaction.atomic(), connection.cursor() as cursor:
        values[0] = connection.ops.adapt_datetimefield_value(values[0])
        cursor.execute(f"INSERT INTO plain_entry ({', '.join(COLUMNS)}) VALUES ({marks})", values)
    return 1


def one_lane(number: int) -> int:
    from soutien.registers.audit.queries import append

    append([line(number)], lane=0)
    return 1


def lanes(number: int) -> int:
    from soutien.registers.audit.queries import append

    append([line(number)])
    return 1


def at_once(number: int) -> int:
    from soutien.registers.audit.queries import append

    append([line(number + one) for one in range(AT_ONCE)])
    return AT_ONCE


CONTENDERS: dict[str, Callable[[int], int]] = {
    "plain": plain,
    "one lane": one_lane,
    "lanes": lanes,
    f"lanes, {AT_ONCE} at once": at_once,
}


def work(name: str, seconds: float, seed: int, start: Any, results: Any) -> None:
    """One process: writes until it is over."""
    from django.db import connections

    connections.close_all()
    act, lines = CONTENDERS[name], 0
    act(seed)
    start.wait()
    processor, end = time.process_time(), time.perf_counter() + seconds
    while time.perf_counter() < end:
        lines += act(seed * 1_000_003 + lines)
    results.put(Done(lines, time.process_time() - processor))


def measured(name: str, processes: int, seconds: float) -> Done:
    """All processes at once; the journal is proved afterwards."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(processes), context.Queue()
    workers = [
        context.Process(target=work, args=(name, seconds, seed, start, results))
        for seed in range(processes)
    ]
    for worker in workers:
        worker.start()
    done = [results.get(timeout=seconds + 60) for _ in workers]
    for worker in workers:
        worker.join()
    return Done(sum(one.lines for one in done), sum(one.processor for one in done))


def compare(engine: str, seconds: float, rounds: int) -> None:
    """The table of one engine."""
    from soutien.registers.audit.reading import verify

    print(f"\n{engine}")
    print(f"{'processes':>9}  {'contender':18} {'lines/s':>8} {'share':>6} {'own CPU ms':>11}")
    for processes in CONNECTIONS:
        found: dict[str, list[Done]] = {name: [] for name in CONTENDERS}
        for _ in range(rounds):
            for name in CONTENDERS:
                found[name].append(measured(name, processes, seconds))
        if damages := verify().damages:
            raise SystemExit(f"The journal is damaged: {damages[:3]}")
        limit = statistics.median(done.lines for done in found["plain"]) / seconds
        for name, all_done in found.items():
            rate = statistics.median(done.lines for done in all_done) / seconds
            spent = sum(done.processor for done in all_done)
            processor = 1000 * spent / sum(done.lines for done in all_done)
            print(f"{processes:>9}  {name:18} {rate:8.0f} {rate / limit:6.0%} {processor:11.3f}")


def prove(engine: str, lines: int) -> None:
    """How fast so many lines are read, and in how much memory."""
    from soutien.registers.audit.queries import append
    from soutien.registers.audit.reading import lines_expected, verify

    missing = lines - lines_expected()
    for first in range(0, max(0, missing), 500):
        append([line(number) for number in range(first, min(first + 500, missing))])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, processor = time.perf_counter(), time.process_time()
    found = verify()
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"{engine}: {found.lines:,} lines proved in {seconds:.1f} s, {found.lines / seconds:,.0f} "
        f"a second ({1e6 * processor / found.lines:.0f} µs of own CPU each), "
        f"{grown / 1024:.0f} MB more memory, {len(found.damages)} damages"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="each contender, each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", type=int, default=200_000, help="to prove at the end")
    parser.add_argument("--quick", action="store_true", help="PostgreSQL without fsync")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.engine:
        return run_both("bench.journal", quick=options.quick)
    with tempfile.TemporaryDirectory() as home:
        ready(os.environ["DATABASE_URL"], home)
        plain_table()
        compare(options.engine, options.seconds, options.rounds)
        prove(options.engine, options.lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
