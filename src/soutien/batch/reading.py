"""Opens files of sessions (Parquet, Arrow, CSV) and reads them piece by piece, bad rows apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import compress, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, ipc, parquet

from soutien.batch.columns import (
    ALWAYS,
    COLUMNS,
    LISTS,
    NAMES,
    TO_DECIDE,
    CellError,
    Column,
    written,
)
from soutien.rules.calendar import NO_DAY
from soutien.rules.codes import Referrer

CSV, PARQUET, ARROW = ".csv", ".parquet", {".arrow", ".feather", ".ipc"}
SUFFIXES = (PARQUET, *sorted(ARROW), CSV)
_MISSING, _MOST_KEPT, _BYTES_OF_A_LINE = "missing", 1 << 20, 100
_NAME_TYPES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)


class InputError(Exception):
    """A file that cannot be read at all; the message says what to do."""


class Reject(NamedTuple):
    """A row that is not decided: where it stands, which column, and why."""

    file: str
    line: int
    column: str
    reason: str


class Piece(NamedTuple):
    """So many rows of one file: those understood, and those that are not."""

    table: pa.Table
    rejects: list[Reject]
    rows: int
    bytes_read: int


def input_files(path: Path) -> list[Path]:
    """The files of a folder in the order of their names, or the one file. Raises InputError."""
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES)
        if not files:
            raise InputError(f"{path} holds no file that ends with {', '.join(SUFFIXES)}")
        return files
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    if path.suffix not in SUFFIXES:
        raise InputError(f"{path} must end with one of {', '.join(SUFFIXES)}")
    return [path]


def rows_of(path: Path) -> int:
    """How many rows a file says it holds; a CSV is estimated from its size."""
    try:
        if path.suffix == PARQUET:
            return int(parquet.read_metadata(path).num_rows)
        if path.suffix in ARROW:
            with pa.memory_map(str(path)) as file:
                found = ipc.open_file(file)
                return sum(found.get_batch(n).num_rows for n in range(found.num_record_batches))
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{path.name} cannot be read: {error}") from error
    return path.stat().st_size // _BYTES_OF_A_LINE


@dataclass
class _Cells:
    """One column's cells once read: each text is understood once a run."""

    column: Column
    known: dict[object, Any] = field(default_factory=dict)

    def of(self, value: object) -> Any:
        """The number or numbers of a cell, or the reason why there are none."""
        if value not in self.known:
            if len(self.known) > _MOST_KEPT:
                self.known.clear()
            self.known[value] = self._read(value)
        return self.known[value]

    def _read(self, value: object) -> Any:
        try:
            text = "" if value is None else written(value)
            if not text:
                return self.column.empty
            return self.column.read(text)
        except CellError as error:
            return str(error)


class Reader:
    """Reads files in order; every row has its number in the whole input, from 1."""

    def __init__(self, path: Path, rows_at_once: int, ignored: frozenset[str] = frozenset()):
        self.files = input_files(path)
        self._root = path if path.is_dir() else path.parent
        self._rows_at_once = rows_at_once
        self._ignored = ignored
        self._cells = {name: _Cells(column) for name, column in COLUMNS.items()}

    def pieces(self, skipped: int = 0) -> Iterator[Piece | None]:
        """Every piece in order; None for each of the first ``skipped``, which are not read."""
        row, number, before = 1, 0, 0
        for path in self.files:
            size = path.stat().st_size
            for batch, lines, malformed, share in self._batches(path):
                number += 1
                rows = batch.num_rows + len(malformed)
                if number <= skipped:
                    yield None
                else:
                    told = str(path.relative_to(self._root))
                    table, rejects = self._understood(batch, lines, row, told, set(malformed))
                    yield Piece(table, rejects, rows, before + int(size * share))
                row += rows
            before += size

    def _batches(self, path: Path) -> Iterator[tuple[pa.Table, Any, list[int], float]]:
        """Tables of about equal length, the line of each row, malformed lines, share read."""
        opened = _OPENERS["parquet" if path.suffix == PARQUET else path.suffix.strip(".")]
        try:
            yield from opened(path, self._rows_at_once, self._check)
        except (pa.ArrowInvalid, OSError) as error:
            raise InputError(f"{path.name} cannot be read: {error}") from error

    def _check(self, path: Path, schema: pa.Schema) -> None:
        """Raises InputError when a column is missing, twice there, or nobody's."""
        names = [name for name in schema.names if name not in self._ignored]
        known = {*NAMES, *COLUMNS}
        unknown, missing = sorted(set(names) - known), sorted(set(ALWAYS) - set(names))
        if unknown:
            raise InputError(
                f"{path.name}: nobody reads {', '.join(unknown)}: correct the spelling, or pass "
                f"over it with --ignore {unknown[0]}"
            )
        if missing:
            raise InputError(f"{path.name} lacks {', '.join(missing)}")
        if len(set(names)) < len(names):
            raise InputError(f"{path.name} names a column twice")

    def _understood(
        self, table: pa.Table, lines: Any, first_row: int, file: str, malformed: set[int]
    ) -> tuple[pa.Table, list[Reject]]:
        """The rows of a table as numbers, without those that are not understood."""
        length = table.num_rows
        rejects = [Reject(file, line, "", "wrong_number_of_cells") for line in malformed]
        found: dict[str, Any] = {"row": _rows(lines, malformed, first_row, length)}
        bad = np.zeros(length, bool)

        def refuse(column: str, where: Any, reasons: Sequence[str | None], of: Any) -> None:
            """``reasons`` are told once each; ``of`` says which of them is a row's."""
            for place in np.flatnonzero(where).tolist():
                why = str(reasons[of[place]])
                rejects.append(Reject(file, int(lines[place]), column, why))
            np.logical_or(bad, where, out=bad)

        for name in NAMES:
            texts, wrong = _texts(table.column(name))
            empty = np.array([not text for text in texts.to_pylist()]) if wrong.any() else wrong
            refuse(name, wrong, ("not_text", _MISSING), empty.astype(int))
            found[name] = texts
        problems: dict[str, Any] = {}
        for name, cells in self._cells.items():
            column = table.column(name) if name in table.column_names else pa.nulls(length)
            values, reasons, places = _numbers(column, cells)
            found[name] = values
            problems[name] = (reasons, places)
        deciding = np.asarray(found["status"]) == TO_DECIDE
        for name, (reasons, places) in problems.items():
            needed = COLUMNS[name].only_to_decide
            wrong = np.array([reason is not None for reason in reasons], bool)[places]
            if needed:
                absent = np.array([reason == _MISSING for reason in reasons], bool)[places]
                wrong &= deciding | ~absent
            refuse(name, wrong, reasons, places)
        nothing = np.zeros(length, int)
        letter = np.asarray(found["referral_day"]) != NO_DAY
        author = np.asarray(found["referrer"]) != int(Referrer.NONE)
        refuse("referral_day", author & ~letter & ~bad, (_MISSING,), nothing)
        refuse("referrer", letter & ~author & ~bad, (_MISSING,), nothing)
        understood = pa.table({name: found[name] for name in CANONICAL.names}, CANONICAL)
        rejects.sort()
        return (understood.filter(pa.array(~bad)) if bad.any() else understood), rejects


CANONICAL = pa.schema(
    [
        ("row", pa.int64()),
        *((name, pa.binary()) for name in NAMES),
        *((name, pa.list_(pa.int32()) if name in LISTS else pa.int32()) for name in COLUMNS),
    ]
)


def _rows(lines: Any, malformed: set[int], first_row: int, length: int) -> Any:
    """The number of each row, where malformed lines count as rows too."""
    if not malformed:
        return np.arange(first_row, first_row + length)
    every = np.sort(np.concatenate([np.asarray(lines), np.array(sorted(malformed))]))
    return first_row + np.searchsorted(every, lines)


def _texts(column: pa.ChunkedArray) -> tuple[pa.Array, Any]:
    """Names as bytes, and which of them are missing or not UTF-8."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_integer(kind):
        column = column.cast(pa.string())
    elif not any(of(kind) for of in _NAME_TYPES):
        raise InputError(f"a name is text or a whole number, not {kind}")
    try:
        texts = column.cast(pa.string())
        texts = pc.utf8_trim(pc.utf8_trim_whitespace(texts), '"')
        wrong = pc.equal(pc.binary_length(pc.fill_null(texts, "")), 0)
        array = texts.cast(pa.binary())
    except pa.ArrowInvalid:
        cells = [_text(value) for value in column.cast(pa.binary()).to_pylist()]
        array = pa.chunked_array([pa.array([value for value, _ in cells], pa.binary())])
        wrong = pa.array([refused for _, refused in cells])
    return array.combine_chunks(), np.asarray(wrong).astype(bool)


def _text(value: bytes | None) -> tuple[bytes | None, bool]:
    try:
        text = "" if value is None else written(value)
    except CellError:
        return value, True
    return text.encode(), not text


def _numbers(column: pa.ChunkedArray, cells: _Cells) -> tuple[Any, list[str | None], Any]:
    """The numbers of a column, and the reason of each different cell with its places."""
    if pa.types.is_null(column.type):
        column = pa.chunked_array([pa.nulls(len(column), pa.string())])
    encoded = column.combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = pc.dictionary_encode(encoded, null_encoding="encode")
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    texts = [*encoded.dictionary.to_pylist(), None]
    places = pc.fill_null(encoded.indices, len(texts) - 1).to_numpy(zero_copy_only=False)
    read = [cells.of(text) for text in texts]
    listed = isinstance(cells.column.empty, list)
    reasons = [_MISSING if one is None else one if isinstance(one, str) else None for one in read]
    if listed:
        spans = [[] if isinstance(one, str) else one for one in read]
        return pa.array(spans, pa.list_(pa.int32())).take(pa.array(places)), reasons, places
    numbers = [0 if why else one for one, why in zip(read, reasons, strict=True)]
    return np.array(numbers, np.int32)[places], reasons, places


_Check = Callable[[Path, pa.Schema], None]
_Read = Iterator[tuple[pa.Table, Any, list[int], float]]


def _parquet(path: Path, rows_at_once: int, check: _Check) -> _Read:
    with parquet.ParquetFile(path) as file:
        check(path, file.schema_arrow)
        total, row = file.metadata.num_rows, 1
        for batch in file.iter_batches(rows_at_once):
            yield from _lined(pa.Table.from_batches([batch]), row, total)
            row += batch.num_rows


def _arrow(path: Path, rows_at_once: int, check: _Check) -> _Read:
    total, row = rows_of(path), 1
    with pa.memory_map(str(path)) as mapped:
        file = ipc.open_file(mapped)
        check(path, file.schema)
        for number in range(file.num_record_batches):
            batch = file.get_batch(number)
            for start in range(0, batch.num_rows, rows_at_once):
                part = pa.Table.from_batches([batch.slice(start, rows_at_once)])
                yield from _lined(part, row, total)
                row += part.num_rows


def _lined(table: pa.Table, row: int, total: int) -> _Read:
    rows = table.num_rows
    yield table, np.arange(row, row + rows), [], (row + rows - 1) / max(total, 1)


def _csv(path: Path, rows_at_once: int, check: _Check) -> _Read:
    """Each line is one row whatever it holds; the first names the columns, parted by , or ;."""
    with path.open("rb") as file:
        head = file.readline().removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip()
    delimiter = ";" if ";" in head else ","
    names = [name.strip().strip('"') for name in head.split(delimiter)]
    check(path, pa.schema([(name, pa.binary()) for name in names]))
    options = (
        csv.ReadOptions(column_names=names),
        csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.binary()), strings_can_be_null=False
        ),
    )
    size, line = max(path.stat().st_size, 1), 2
    with path.open("rb") as file:
        read = len(file.readline())
        while lines := list(islice(file, rows_at_once)):
            read += sum(map(len, lines))
            good, malformed, text = _cells_counted(lines, line, delimiter.encode(), len(names))
            empty = pa.schema([(name, pa.binary()) for name in names]).empty_table()
            table = csv.read_csv(BytesIO(text), *options) if len(good) else empty
            yield table, good, malformed, read / size
            line += len(lines)


def _cells_counted(
    lines: list[bytes], first: int, delimiter: bytes, columns: int
) -> tuple[Any, list[int], bytes]:
    """The numbers of the lines with the right number of cells and of the others, and the text."""
    ends = [line.rstrip(b"\r\n") for line in lines]
    right = [end.count(delimiter) == columns - 1 and b"\r" not in end for end in ends]
    good = [first + place for place, fits in enumerate(right) if fits]
    malformed = [first + place for place, fits in enumerate(right) if not fits]
    return np.array(good, np.int64), malformed, b"\n".join(compress(ends, right)) + b"\n"


_OPENERS: Mapping[str, Callable[[Path, int, _Check], _Read]] = {
    "parquet": _parquet,
    "csv": _csv,
    **{suffix.strip("."): _arrow for suffix in ARROW},
}
