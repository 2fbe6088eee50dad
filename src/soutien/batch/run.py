"""The whole job: parted by person on the disk, decided part by part, written as one file.

Two passes, so that memory holds some hundred thousand rows whatever the length of the input, and
the input needs no order. Each piece and each part is a file that is there whole or not at all:
after a kill the next run goes on with what is missing, and writes the same file.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numba
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc

from soutien.batch.columns import COLUMNS
from soutien.batch.people import compiled_law, decided, grouped
from soutien.batch.reading import CANONICAL, SUFFIXES, Reader, Reject, rows_of
from soutien.batch.writing import (
    DECIDED,
    in_columns,
    read_rejects,
    total,
    write_decisions,
    write_rejects,
)
from soutien.rules.codes import Profile, word
from soutien.rules.terms import load_law

ROWS_AT_ONCE = 250_000
_OFFSET, _PRIME, _MIX = 0xCBF29CE484222325, 0x100000001B3, 0x9E3779B97F4A7C15
# What a work folder of another shape says: it is begun again.
_SHAPE = 1


class RunError(Exception):
    """The job cannot start; the message says what to do."""


class Progress(Protocol):
    """What a bar on a terminal understands."""

    total: float | None

    def update(self, n: float | None = 1) -> bool | None: ...
    def refresh(self) -> object: ...


Bar = Callable[[str, int], Any]


@dataclass(frozen=True)
class Job:
    """What is asked: which files, which reading of the law, and how much at once."""

    source: Path
    target: Path
    profile: Profile = Profile.OPERATIONAL
    moved: Mapping[str, date] | None = None
    rows_at_once: int = ROWS_AT_ONCE
    threads: int = 1
    ignored: frozenset[str] = frozenset()

    @property
    def work(self) -> Path:
        return self.target.with_name(f"{self.target.name}.work")

    @property
    def rejects(self) -> Path:
        return self.target.with_name(f"{self.target.stem}.rejects.csv")


class Done(NamedTuple):
    """What came out."""

    sessions: int
    accepted: int
    amo_cents: int
    rejected_cells: int
    resumed: bool


def _fnv(bounds: Any, letters: Any, parts: int, out: Any) -> None:
    """The part of each name: FNV-1a, then mixed, so that near names fall apart."""
    for row in range(len(bounds) - 1):
        mixed = np.uint64(_OFFSET)
        for place in range(bounds[row], bounds[row + 1]):
            mixed = (mixed ^ np.uint64(letters[place])) * np.uint64(_PRIME)
        mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(_MIX)
        out[row] = (mixed >> np.uint64(33)) % np.uint64(parts)


_fnv_quick = numba.njit(_fnv, nogil=True)


def parts_of(names: pa.ChunkedArray, parts: int) -> Any:
    """Which part each person belongs to; the same in every run."""
    column = names.combine_chunks()
    out = np.zeros(len(column), np.int32)
    if parts > 1 and len(column):
        _, bounds, letters = column.buffers()
        where = np.frombuffer(bounds, np.int32)[column.offset : column.offset + len(column) + 1]
        _fnv_quick(where, np.frombuffer(letters, np.uint8), parts, out)
    return out


def _plan(job: Job, reader: Reader) -> dict[str, Any]:
    """Everything that the answer depends on: a work folder of another plan is of no use."""
    rows = sum(rows_of(path) for path in reader.files)
    stats = [(str(path.resolve()), path.stat()) for path in reader.files]
    return {
        "shape": _SHAPE,
        "files": [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats],
        "law": load_law(job.moved).version,
        "profile": word(job.profile),
        "columns": list(COLUMNS),
        "ignored": sorted(job.ignored),
        "rows_at_once": job.rows_at_once,
        "parts": max(1, -(-rows // job.rows_at_once)),
    }


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """A file that is there whole or not at all."""
    unfinished = path.with_name(f"unfinished-{path.name}")
    write(unfinished)
    unfinished.replace(path)


def _opened(job: Job, plan: dict[str, Any]) -> bool:
    """Makes the work folder, or takes up the one that a killed run of the same plan left."""
    told = job.work / "plan.json"
    if told.exists() and json.loads(told.read_text("utf-8")) == plan:
        return True
    shutil.rmtree(job.work, ignore_errors=True)
    job.work.mkdir(parents=True, mode=0o700)
    _whole(told, lambda path: path.write_text(json.dumps(plan), "utf-8"))
    return False


def _part_in_pieces(job: Job, reader: Reader, parts: int, bar: Bar) -> list[Path]:
    """First pass: each piece of the input as numbers, one batch a part."""
    size, files, seen = sum(path.stat().st_size for path in reader.files), list[Path](), 0
    there = 0
    while (job.work / f"piece-{there:06}.arrow").exists():
        there += 1
    with bar("reading", 0) as shown:
        for number, piece in enumerate(reader.pieces(skipped=there)):
            path = job.work / f"piece-{number:06}.arrow"
            files.append(path)
            if piece is None:
                continue
            _whole(path.with_suffix(".rejects.csv"), partial(write_rejects, rejects=piece.rejects))
            _whole(path, partial(_spill, table=piece.table, parts=parts))
            seen += piece.rows
            shown.total = max(seen, round(seen * size / max(piece.bytes_read, 1)))
            shown.update(piece.rows)
    return files


def _spill(path: Path, table: pa.Table, parts: int) -> None:
    """One record batch a part, in order, so that a part is found without reading the others."""
    chosen = parts_of(table.column("person"), parts)
    order = np.argsort(chosen, kind="stable")
    ends = np.cumsum(np.bincount(chosen, minlength=parts))
    table = (table.take(pa.array(order)) if parts > 1 else table).combine_chunks()
    with pa.OSFile(str(path), "wb") as raw, ipc.new_file(raw, CANONICAL) as file:
        for begin, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
            batches = table.slice(begin, end - begin).to_batches()
            file.write_batch(batches[0] if batches else _EMPTY)


_EMPTY = pa.RecordBatch.from_arrays(
    [pa.array([], one.type) for one in CANONICAL], schema=CANONICAL
)


def _gathered(pieces: list[Path], part: int) -> pa.Table:
    """Everything of the people of one part, in the order of the input."""
    batches = []
    for path in pieces:
        with pa.memory_map(str(path)) as mapped:
            batches.append(ipc.open_file(mapped).get_batch(part))
    return pa.Table.from_batches(batches, CANONICAL)


def _decide_parts(job: Job, pieces: list[Path], parts: int, bar: Bar) -> list[Path]:
    """Second pass: each part decided and put into words."""
    law, files = compiled_law(load_law(job.moved), job.profile), list[Path]()
    rows = [sum(_lengths(path)) for path in pieces]
    with bar("deciding", sum(rows)) as shown:
        for part in range(parts):
            path = job.work / f"part-{part:06}.arrow"
            files.append(path)
            table = None if path.exists() else _gathered(pieces, part)
            if table is not None:
                ready = grouped(table)
                told = in_columns(ready.table, decided(ready, law, job.threads))
                _whole(path, partial(_keep, table=told))
                shown.update(table.num_rows)
    return files


def _lengths(path: Path) -> Iterator[int]:
    with pa.memory_map(str(path)) as mapped:
        found = ipc.open_file(mapped)
        for number in range(found.num_record_batches):
            yield found.get_batch(number).num_rows


def _keep(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as raw, ipc.new_file(raw, DECIDED) as file:
        file.write_table(table.combine_chunks())


def _kept(paths: list[Path], sums: dict[str, int]) -> Iterator[pa.Table]:
    for path in paths:
        with pa.memory_map(str(path)) as mapped:
            table = ipc.open_file(mapped).read_all()
            sums["sessions"] += table.num_rows
            sums["accepted"] += total(
                pc.equal(table.column("outcome").cast(pa.string()), "accepted")
            )
            sums["amo_cents"] += total(table.column("amo_cents"))
            yield table


def _every_reject(pieces: list[Path]) -> Iterator[Reject]:
    for path in pieces:
        yield from read_rejects(path.with_suffix(".rejects.csv"))


def run(job: Job, bar: Bar) -> Done:
    """Decides every session of the input. Raises RunError, InputError or TermError."""
    if job.target.suffix not in SUFFIXES:
        raise RunError(f"{job.target} must end with one of {', '.join(SUFFIXES)}")
    if job.target.exists():
        raise RunError(f"{job.target} is there already: remove it, or give another name")
    reader = Reader(job.source, job.rows_at_once, job.ignored)
    plan = _plan(job, reader)
    resumed = _opened(job, plan)
    pieces = _part_in_pieces(job, reader, plan["parts"], bar)
    parts = _decide_parts(job, pieces, plan["parts"], bar)
    sums = dict.fromkeys(("sessions", "accepted", "amo_cents"), 0)
    refused = 0

    def write(path: Path) -> None:
        nonlocal refused
        refused = write_rejects(path, _every_reject(pieces))

    _whole(job.rejects, write)
    unfinished = job.work / f"whole{job.target.suffix}"
    write_decisions(unfinished, _kept(parts, sums))
    unfinished.chmod(0o600)
    job.rejects.chmod(0o600)
    # A second run beside this one may have been quicker: never over a file.
    os.link(unfinished, job.target)
    shutil.rmtree(job.work)
    return Done(rejected_cells=refused, resumed=resumed, **sums)
