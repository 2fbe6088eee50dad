"""How fast the sessions of a nation are decided, and how far that is from what memory allows.

    python -m bench.batch                  (options: --rows, --rounds, --files)

One made-up population for all: sessions of 2025 and 2026 by day, as claims come in, some eight a
person and year, an evaluation first, dated CSS rights for one person in six. No other refusal than
the cap of the year occurs, so that Polars and DuckDB, in whose windows a refused session uses up a
place, come to the same sums; all sums are compared. They do what this population needs (the count
of the year, the price, the dated right, the split) and give three sums; ours does the whole law
and gives the whole answer of each session.

Contenders run in turn; medians, by the clock and by the processor (all cores together): on a
machine that does other work, the second is what to compare. Then files: each phase apart, and the
peak memory of the command.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from soutien.batch.agree import decided_one_by_one
from soutien.batch.people import compiled_law, decided, grouped
from soutien.batch.reading import Reader
from soutien.batch.run import Job, run
from soutien.rules.codes import Profile
from soutien.rules.decide import Decision
from soutien.rules.terms import load_law

FIRST = date(2025, 1, 1).toordinal()
CSS_DAYS = ("2024-03-01/2025-02-28", "2025-06-01/2026-05-31", "2025-01-01/")
SEED, SAMPLE, A_CHUNK = 8, 20_000, 1_000_000
LAW = load_law()


def population(people: int, first_person: int, seed: int) -> pa.Table:
    """Sessions of so many people, as a file holds them: typed days and cents, words coded."""
    rng = np.random.default_rng(seed)
    held = [rng.poisson(8, people).clip(0, 20) for _ in (2025, 2026)]
    who = np.concatenate([np.repeat(np.arange(people), counts) for counts in held])
    year = np.repeat([0, 1], [counts.sum() for counts in held])
    place = np.concatenate(
        [
            np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            for counts in held
        ]
    )
    # The days of one person are all different: a week apart, from a start of their own.
    day = FIRST + 365 * year + place * 17 + who % 11
    order = np.argsort(day, kind="stable")
    who, day, place = who[order], day[order], place[order]
    css, amc = np.arange(people) % 6 == 0, np.arange(people) % 10 > 0
    rights = pa.array([None, *(f"css:{span}" for span in CSS_DAYS)])
    born = date(1950, 1, 1).toordinal() - 719_163 + np.arange(people) * 37 % 18_000

    def days(numbers: Any) -> pa.Array:
        return pa.array(numbers.astype(np.int32)).cast(pa.date32())

    def always(text: str) -> pa.Array:
        return pa.DictionaryArray.from_arrays(np.zeros(len(who), np.int8), [text])

    of_css = np.where(css[who], who // 6 % len(CSS_DAYS) + 1, 0)
    return pa.table(
        {
            "person": pa.array(who + first_person),
            "psychologist": pa.array(who % 5_000),
            "held_on": days(day - 719_163),
            "kind": pa.DictionaryArray.from_arrays(
                (place > 0).astype(np.int8), ["evaluation", "follow_up"]
            ),
            "birth_date": days(born[who]),
            "regime": always("general"),
            "price_cents": pa.array(np.full(len(who), 5_000, np.int32)),
            "modality": always("in_person"),
            "amc": pa.array(amc[who]),
            "exemptions": pa.DictionaryArray.from_arrays(
                of_css.astype(np.int8), rights.fill_null("")
            ),
            "agreements": always("2022-04-05/"),
        }
    )


def written(path: Path, rows: int) -> int:
    """A Parquet file of about so many sessions; how many they are."""
    total, person, writer = 0, 0, None
    while total < rows:
        table = population(max(1, min(A_CHUNK, rows - total) // 16), person, SEED + person)
        person += A_CHUNK
        writer = writer or parquet.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        total += table.num_rows
    if writer:
        writer.close()
    return total


# --- What others can do -------------------------------------------------------------------

QUERY = """
    select sum(accepted)::bigint, sum(case when accepted then amo else 0 end)::bigint,
           sum(case when accepted and amc then 5000 - amo else 0 end)::bigint
    from (
        select amc, case when day between css_from and css_before then 5000 else 3000 end as amo,
               row_number() over (partition by person, year(day) order by day) <= 12 as accepted
        from sessions)
"""


def for_queries(table: pa.Table) -> pa.Table:
    """What a query needs, rights already read into columns."""
    rights = table.column("exemptions").cast(pa.string())
    first, last = pc.utf8_slice_codeunits(rights, 4, 14), pc.utf8_slice_codeunits(rights, 15, 25)
    first = pc.if_else(pc.equal(first, ""), "9999-01-01", first)
    last = pc.if_else(pc.equal(last, ""), "9999-12-31", last)
    return pa.table(
        {
            "person": table.column("person"),
            "day": table.column("held_on"),
            "amc": table.column("amc"),
            "css_from": pc.cast(first, pa.date32()),
            "css_before": pc.cast(last, pa.date32()),
        }
    )


def with_duckdb(table: pa.Table, threads: int) -> tuple[int, int, int]:
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.register("sessions", table)
        found = connection.execute(QUERY).fetchone()
    assert found
    return int(found[0]), int(found[1]), int(found[2])


def with_polars(frame: pl.DataFrame) -> tuple[int, int, int]:
    place = pl.col("day").rank("ordinal").over("person", pl.col("day").dt.year())
    css = pl.col("day").is_between("css_from", "css_before")
    # Wide numbers: the cents of a nation do not fit 32 bits.
    amo = pl.when(css).then(pl.lit(5_000, pl.Int64)).otherwise(pl.lit(3_000, pl.Int64))
    found = (
        frame.lazy()
        .with_columns(accepted=place <= 12, amo=amo)
        .filter(pl.col("accepted"))
        .select(
            pl.len().alias("sessions"),
            pl.col("amo").sum().alias("all_amo"),
            (5_000 - pl.col("amo")).filter(pl.col("amc")).sum().alias("all_amc"),
        )
        .collect()
        .row(0)
    )
    return int(found[0]), int(found[1]), int(found[2])


def sums(out: Any) -> tuple[int, int, int]:
    """Sessions accepted, AMO and AMC cents."""
    at = Decision._fields.index
    accepted, amo, amc = (
        out[:, at(name)].sum() for name in ("accepted", "amo_cents", "amc_cents")
    )
    return int(accepted), int(amo), int(amc)


# --- Measuring ----------------------------------------------------------------------------


class Spent(NamedTuple):
    """Seconds by the clock, and seconds of processor on all cores together."""

    clock: float
    processor: float


def in_turn(contenders: dict[str, Callable[[], Any]], rounds: int) -> dict[str, Spent]:
    """Medians of each; the first round warms and is not counted."""
    times: dict[str, list[Spent]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, work in contenders.items():
            clock, processor = time.perf_counter(), time.process_time()
            work()
            spent = Spent(time.perf_counter() - clock, time.process_time() - processor)
            times[name] += [spent] if turn else []
    return {
        name: Spent(*(statistics.median(kind) for kind in zip(*found, strict=True)))
        for name, found in times.items()
    }


def copied(rows: int, bytes_a_row: int) -> Callable[[], None]:
    """As many bytes as the decision reads and writes, copied and nothing else."""
    half = rows * bytes_a_row // 2
    source, target = np.ones(half, np.uint8), np.zeros(half, np.uint8)
    return lambda: np.copyto(target, source)


def in_memory(path: Path, rows: int, rounds: int) -> None:
    """Everybody on the same table in memory, by day."""
    table = parquet.read_table(path)
    asked = for_queries(table).combine_chunks()
    frame = pl.from_arrow(asked)
    assert isinstance(frame, pl.DataFrame)
    numbers = pa.concat_tables(
        piece.table for piece in Reader(path, A_CHUNK).pieces() if piece
    ).combine_chunks()
    law = compiled_law(LAW, Profile.OPERATIONAL)
    ready = grouped(numbers)
    expected = sums(decided(ready, law, 1))
    ours = decided(ready, law, 2)
    assert sums(ours) == expected == with_duckdb(asked, 2) == with_polars(frame)
    of_rows = sum(array.nbytes for array in ready.rows) + ready.people.nbytes
    bytes_a_row = (of_rows + ours.nbytes) // rows
    people = [
        ready.table.slice(begin, end - begin).to_pylist()
        for begin, end in zip(ready.people, ready.people[1:], strict=False)
        if begin < SAMPLE
    ]
    for one in people:
        for row in one:
            row.update(person=row["person"].decode(), psychologist=row["psychologist"].decode())

    def plain() -> None:
        for one in people:
            decided_one_by_one(one, Profile.OPERATIONAL, LAW)

    seconds = in_turn(
        {
            f"copying {bytes_a_row} bytes a session": copied(rows, bytes_a_row),
            "decide, grouped, 1 core": lambda: decided(ready, law, 1),
            "decide, grouped, 2 cores": lambda: decided(ready, law, 2),
            "group and decide, 1 core": lambda: decided(grouped(numbers), law, 1),
            "group and decide, 2 cores": lambda: decided(grouped(numbers), law, 2),
            "DuckDB window, 2 cores": lambda: with_duckdb(asked, 2),
            f"Polars window, {pl.thread_pool_size()} cores": lambda: with_polars(frame),
        },
        rounds,
    )
    each = {
        name: Spent(found.clock / rows, found.processor / rows) for name, found in seconds.items()
    }
    some = sum(map(len, people))
    alone = in_turn({"": plain}, 1)[""]
    each["plain Python, one by one"] = Spent(alone.clock / some, alone.processor / some)
    first, ours_each = next(iter(each.values())), each["decide, grouped, 1 core"]
    print(
        f"{'in memory':32}{'ns by clock':>12}{'processor':>11}{'sessions/s':>13}"
        f"{'of the copy':>13}{'ratio':>9}"
    )
    for name, found in each.items():
        print(
            f"{name:32}{found.clock * 1e9:12,.1f}{found.processor * 1e9:11,.1f}"
            f"{1 / found.clock:13,.0f}{first.processor / found.processor:12.2%}"
            f"{found.processor / ours_each.processor:9,.2f}"
        )
    print(f"all the same: {expected[0]:,} accepted, AMO {expected[1] / 100:,.2f} EUR\n")


def phases(path: Path, folder: Path, threads: int) -> dict[str, float]:
    """Seconds of reading, deciding and writing of one whole run."""
    found: dict[str, float] = {}

    class Silent:
        total: float | None = None

        def update(self, n: float | None = 1) -> None:
            del n

    @contextmanager
    def bar(title: str, rows: int) -> Iterator[Silent]:
        del rows
        started = time.perf_counter()
        yield Silent()
        found[title] = time.perf_counter() - started

    target = folder / "phases.parquet"
    started = time.perf_counter()
    run(Job(source=path, target=target, threads=threads), bar)
    found["writing and the rest"] = time.perf_counter() - started - sum(found.values())
    target.unlink()
    return found


MEASURED = """
import re, sys
from pathlib import Path
from soutien.doors.cli.main import main
code = main(sys.argv[1:])
# Not ru_maxrss: that one begins with what the process held that started this one.
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
sys.exit(code)
"""


def on_files(folder: Path, sizes: list[int]) -> None:
    """Parquet to Parquet: the phases, and the peak memory of the command by itself."""
    print(
        f"{'Parquet to Parquet':14}{'ns a row: read':>18}{'decide':>9}{'write':>9}"
        f"{'rows/s':>12}{'peak MB':>10}"
    )
    for size in sizes:
        path = folder / f"{size}.parquet"
        rows = written(path, size)
        found = phases(path, folder, 2)
        target = folder / "peak.parquet"
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, "batch", "decide", str(path), str(target)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        peak = int(done.stdout.split()[-1]) / 1024
        each = [seconds / rows * 1e9 for seconds in found.values()]
        print(
            f"{rows:14,}{each[0]:18,.0f}{each[1]:9,.0f}{each[2]:9,.0f}"
            f"{1e9 / sum(each):12,.0f}{peak:10,.0f}"
        )
        target.unlink()
        path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast a nation is decided.")
    parser.add_argument("--rows", type=int, default=2_000_000, help="sessions in memory")
    parser.add_argument("--rounds", type=int, default=5, help="how often each takes its turn")
    parser.add_argument(
        "--files", type=int, nargs="*", default=[1_000_000, 10_000_000], help="rows of the files"
    )
    args = parser.parse_args()
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} CPUs "
        f"({platform.machine()}), load {os.getloadavg()[0]:.1f}; DuckDB {duckdb.__version__}, "
        f"Polars {pl.__version__}; median of {args.rounds} rounds"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory.parquet"
        rows = written(path, args.rows)
        print(f"{rows:,} sessions of 2025 and 2026\n")
        in_memory(path, rows, args.rounds)
        on_files(Path(folder), args.files)


if __name__ == "__main__":
    main()
