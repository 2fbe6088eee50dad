"""Writing many rows at once, and saying how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

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


def store(rows: Iterable[_Row], tally: Tally | None = None) -> list[_Row]:
    """Write rows of one table in their order; each then has its key."""
    stored: list[_Row] = []
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        type(batch[0])._default_manager.bulk_create(batch)
        stored += batch
        if tally:
            tally.add(len(batch))
    return stored
