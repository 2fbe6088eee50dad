"""When each psychologist last said what is so, in memory, for a process that searches often."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from soutien.registers.psychologists.models import Psychologist

# One question names this many psychologists at most.
AT_ONCE = 5000


class Statements:
    """The day of each psychologist's last word. Not thread-safe: lock around each call."""

    def __init__(self) -> None:
        self._complete = False
        self._written: set[int] = set()
        self._stated_on: dict[int, date | None] = {}

    def forget(self, psychologist_ids: Iterable[int]) -> None:
        """Read these again before the next answer."""
        self._written.update(psychologist_ids)

    def stated_on(self) -> dict[int, date | None]:
        """By psychologist, the day the entry was confirmed; None when never, or in doubt."""
        if not self._complete:
            self._read(None)
            self._complete = True
            self._written.clear()
        while self._written:
            some = list(self._written)[:AT_ONCE]
            self._read(some)
            self._written.difference_update(some)
        return self._stated_on

    def _read(self, psychologist_ids: Collection[int] | None) -> None:
        rows = Psychologist.objects.values_list("id", "confirmed_on", "doubted_on")
        if psychologist_ids is not None:
            rows = rows.filter(pk__in=psychologist_ids)
        for key, confirmed_on, doubted_on in rows:
            self._stated_on[key] = None if doubted_on else confirmed_on
