"""Two transactions at once: while the database writes one, the law is asked about the other.

Lines of one person or of one sheet stay in one of them, in their order, so that what comes out is
what one after the other would have decided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from soutien.steps.received import Entered, Written

# Not worth a second transaction.
FEW = 100


class SideBySide:
    """Enters lines in one or two transactions at once; as many as the database can write."""

    def __init__(self, enter: Callable[[Sequence[Written]], Sequence[Entered]]) -> None:
        from django.db import connection

        self._enter = enter
        # SQLite has one writer.
        self.at_once = 2 if connection.vendor == "postgresql" else 1

    def __enter__(self) -> Self:
        self.other = ThreadPoolExecutor(1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from django.db import connections

        self.other.submit(connections.close_all).result()
        self.other.shutdown()

    def enter(self, lines: Sequence[Written]) -> list[Entered]:
        """What became of each line, in order. An error of one half leaves the other as it is."""
        if self.at_once == 1 or len(lines) < FEW:
            return list(self._enter(lines))
        here, there = halves(lines)
        waiting = self.other.submit(self._enter, [lines[place] for place in there])
        try:
            first = self._enter([lines[place] for place in here])
        finally:
            # Never left alone: its error counts when there is no other.
            second = waiting.result()
        told = dict(zip((*here, *there), (*first, *second), strict=True))
        return [told[place] for place in range(len(lines))]


def halves(lines: Sequence[Written]) -> tuple[list[int], list[int]]:
    """The places of lines in two lists about as long, one person or sheet never in both."""
    sets: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        person, sheet = f"person {line.nir}", f"sheet {line.sheet}"
        of_person, of_sheet = sets.setdefault(person, []), sets.setdefault(sheet, [])
        if of_person is not of_sheet:
            of_person += of_sheet
            for other in of_sheet:
                sets[f"person {lines[other].nir}"] = sets[f"sheet {lines[other].sheet}"] = (
                    of_person
                )
            sets[sheet] = of_person
        of_person.append(place)
    found: tuple[list[int], list[int]] = ([], [])
    seen: set[int] = set()
    for group in sets.values():
        if id(group) not in seen:
            seen.add(id(group))
            min(found, key=len).extend(group)
    return sorted(found[0]), sorted(found[1])
