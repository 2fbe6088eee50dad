"""Decisions as columns in words, written as Parquet, Arrow or CSV, and read again."""

from __future__ import annotations

import csv as lines_of_text
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, ipc, parquet

from soutien.batch.columns import TO_DECIDE
from soutien.batch.reading import ARROW, CSV, PARQUET, Reject
from soutien.rules.codes import Coverage, Notice, Reason, ThirdParty, word, words
from soutien.rules.decide import NO_CAP, Decision

_WORDS = pa.dictionary(pa.int32(), pa.string())
_CENTS = tuple(name for name in Decision._fields if name.endswith("_cents"))
DECIDED = pa.schema(
    [
        ("row", pa.int64()),
        ("person", pa.string()),
        ("held_on", pa.date32()),
        ("outcome", _WORDS),
        ("reasons", _WORDS),
        ("coverage", _WORDS),
        *((name, pa.int32()) for name in _CENTS),
        ("third_party", _WORDS),
        ("sessions_left", pa.int32()),
        ("notices", _WORDS),
    ]
)
PLAIN = pa.schema([(one.name, pa.string() if one.type == _WORDS else one.type) for one in DECIDED])
FROM_1970 = 719_163  # the ordinal of 1 January 1970


def _worded(numbers: Any, told: Callable[[int], str]) -> pa.DictionaryArray:
    """Codes as a column of words, each different code put in words once."""
    codes, places = np.unique(numbers, return_inverse=True)
    texts = pa.array([told(int(code)) for code in codes], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), texts)


def one_word(kind: type[IntEnum]) -> Callable[[int], str]:
    """How a code of a list is written; nothing where there is none."""
    return lambda code: word(kind(code)) if code or kind is ThirdParty else ""


def some_words(kind: type[IntFlag]) -> Callable[[int], str]:
    """How codes that may come together are written: in their stable order, parted by spaces."""
    return lambda code: " ".join(words(kind(code)))


def outcome(accepted: int) -> str:
    """The word of an answer."""
    return "accepted" if accepted else "rejected"


def in_columns(table: pa.Table, out: Any) -> pa.Table:
    """The sessions that were decided, with the answer to each."""
    asked = table.column("status").to_numpy() == TO_DECIDE
    table, out = table.filter(pa.array(asked)), out[asked]
    found = {name: out[:, place] for place, name in enumerate(Decision._fields)}
    left = found["sessions_left"]
    days = (table.column("held_on").to_numpy() - FROM_1970).astype(np.int32)
    columns: dict[str, Any] = {
        "row": table.column("row"),
        "person": table.column("person").cast(pa.string()),
        "held_on": pa.array(days).cast(pa.date32()),
        "outcome": _worded(found["accepted"], outcome),
        "reasons": _worded(found["reasons"], some_words(Reason)),
        "coverage": _worded(found["coverage"], one_word(Coverage)),
        **{name: pa.array(found[name].astype(np.int32)) for name in _CENTS},
        "third_party": _worded(found["third_party"], one_word(ThirdParty)),
        "sessions_left": pa.array(left.astype(np.int32), mask=left == NO_CAP),
        "notices": _worded(found["notices"], some_words(Notice)),
    }
    return pa.table([columns[name] for name in DECIDED.names], DECIDED)


def without_codes(table: pa.Table) -> pa.Table:
    """The same with plain texts: not every format keeps a list of words beside its numbers."""
    return table.cast(PLAIN)


def write_decisions(path: Path, tables: Iterable[pa.Table]) -> None:
    """Writes the tables one after the other in the format of the file's name."""
    if path.suffix == PARQUET:
        with parquet.ParquetWriter(path, DECIDED, compression="zstd") as file:
            for table in tables:
                file.write_table(table)
        return
    if path.suffix in ARROW:
        with pa.OSFile(str(path), "wb") as raw, ipc.new_file(raw, PLAIN) as file:
            for table in tables:
                file.write_table(without_codes(table))
        return
    assert path.suffix == CSV
    with csv.CSVWriter(path, PLAIN) as file:
        for table in tables:
            file.write_table(without_codes(table))


def read_decisions(path: Path) -> Iterator[pa.Table]:
    """A file of decisions, some rows at a time, as plain texts and numbers."""
    if path.suffix == PARQUET:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield without_codes(pa.Table.from_batches([batch]))
        return
    if path.suffix in ARROW:
        with pa.memory_map(str(path)) as mapped:
            found = ipc.open_file(mapped)
            for number in range(found.num_record_batches):
                yield pa.Table.from_batches([found.get_batch(number)])
        return
    types = {one.name: one.type for one in PLAIN}
    options = csv.ConvertOptions(
        column_types=types, strings_can_be_null=False, quoted_strings_can_be_null=False
    )
    for batch in csv.open_csv(path, convert_options=options):
        yield pa.Table.from_batches([batch])


def write_rejects(path: Path, rejects: Iterable[Reject]) -> int:
    """The rows that were not decided as a CSV; how many lines it has below the first."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        table = lines_of_text.writer(file)
        table.writerow(Reject._fields)
        for reject in rejects:
            table.writerow(reject)
            written += 1
    return written


def read_rejects(path: Path) -> Iterator[Reject]:
    """The rows of a file of rejects."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in lines_of_text.DictReader(file):
            yield Reject(row["file"], int(row["line"]), row["column"], row["reason"])


def total(column: Any) -> int:
    """The sum of a column of whole numbers."""
    return int(pc.sum(column).as_py() or 0)
