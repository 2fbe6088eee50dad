"""A table for accountants as CSV or Parquet, written as it is read: its length costs no memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from soutien.doors.tabular import TableWriter

CSV, PARQUET = "csv", "parquet"
Rows = Sequence[tuple[Any, ...]]


class NoParquet(Exception):
    """What writes Parquet is not installed; the message says what to do."""


class CsvFile(AbstractContextManager["CsvFile"]):
    """UTF-8 with a mark that spreadsheets know, semicolons, nothing that becomes a formula."""

    def __init__(self, path: Path, columns: Mapping[str, type]) -> None:
        # Never over a file; what is inside is for its owner alone.
        self._file = path.open("x", encoding="utf-8-sig", newline="")
        path.chmod(0o600)
        self._table = TableWriter(self._file, separator=";")
        self._table.writerow(columns)

    def write(self, rows: Rows) -> None:
        self._table.writerows(told(row) for row in rows)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


class ParquetFile(AbstractContextManager["ParquetFile"]):
    """Columns with their own types: whole cents stay whole, days are days."""

    def __init__(self, path: Path, columns: Mapping[str, type]) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as error:
            raise NoParquet(
                "Parquet needs pyarrow: install soutien with its `batch` extra, or write CSV"
            ) from error
        sorts = {
            str: pyarrow.string(),
            int: pyarrow.int64(),
            bool: pyarrow.bool_(),
            date: pyarrow.date32(),
            datetime: pyarrow.timestamp("us", tz="UTC"),
        }
        self._arrow = pyarrow
        self._schema = pyarrow.schema([(name, sorts[kind]) for name, kind in columns.items()])
        self._file = path.open("xb")
        path.chmod(0o600)
        self._writer = parquet.ParquetWriter(self._file, self._schema)

    def write(self, rows: Rows) -> None:
        if not rows:
            return
        columns = zip(*rows, strict=True)
        arrays = [
            self._arrow.array(column, field.type)
            for column, field in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        self._file.close()


FILES: dict[str, type[CsvFile] | type[ParquetFile]] = {CSV: CsvFile, PARQUET: ParquetFile}


def told(row: Iterable[Any]) -> list[object]:
    """A row as a spreadsheet takes it: ISO days, moments in UTC, 1 and 0."""
    return [_cell(value) for value in row]


def _cell(value: Any) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value
