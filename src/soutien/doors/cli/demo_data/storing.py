"""Writing many rows at once, and saying how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

# A part's name, how many of its rows are written, and how many there are.
Report = Callable[[str, int, int], None]
_BATCH = 500
_Row = TypeVar("_Row", bound=Model)


class Tally:
    """Counts the rows of one part and tells the report."""

    def __init__(self, label: str, total: int, report: Report | None) -> None:
        self.label, self.total, self.report = label, total, report
        self.done = 0

    def add(self, count: int = 1) -> None:
        """``count`` more are written."""
        self.done = min(self.done + count, self.total)
        if self.report:
            self.report(self.label, self.done, self.total)


def store(rows: Iterable[_Row], tally: Tally | None = None) -> None:
    """Write rows of one table in their order; each then has its key."""
    for batch in _batches(rows):
        type(batch[0])._default_manager.bulk_create(batch)
        if tally:
            tally.add(len(batch))


def pour(rows: Iterable[_Row], tally: Tally | None = None) -> None:
    """Write rows that nothing points at, three times as fast; they do not learn their keys.

    What they point at must have been stored before they were made.
    """
    quote: Callable[[str], str] = connection.ops.quote_name
    for batch in _batches(rows):
        table = type(batch[0])._meta
        fields: list[Any] = [
            field for field in table.local_concrete_fields if not field.primary_key
        ]
        columns = ", ".join(quote(field.column) for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {quote(table.db_table)} ({columns}) VALUES ({marks})",
                [
                    [
                        field.get_db_prep_save(field.pre_save(row, True), connection)
                        for field in fields
                    ]
                    for row in batch
                ],
            )
        if tally:
            tally.add(len(batch))


def _batches(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        yield batch
