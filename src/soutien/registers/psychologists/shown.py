"""What the directory shows of the places found lately, in memory, for a process that searches."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from soutien.registers.psychologists.queries import DirectoryRow, directory_rows

# More than a day's searches show in one process; some 20 MB.
MOST_KEPT = 20_000


class Shown:
    """The entries shown lately, by place. Not thread-safe: lock around each call."""

    def __init__(self) -> None:
        self._rows: dict[int, DirectoryRow] = {}
        self._places_of: dict[int, set[int]] = {}

    def __len__(self) -> int:
        """How many entries are kept."""
        return len(self._rows)

    def forget(self, psychologist_ids: Iterable[int]) -> None:
        """Read these again when they are next shown."""
        for psychologist_id in psychologist_ids:
            for place_id in self._places_of.pop(psychologist_id, ()):
                self._rows.pop(place_id, None)

    def rows(self, place_ids: Collection[int]) -> dict[int, DirectoryRow]:
        """The same as ``queries.directory_rows``, in the order of the places."""
        missing = [place_id for place_id in place_ids if place_id not in self._rows]
        if len(self._rows) + len(missing) > MOST_KEPT:
            self._rows.clear()
            self._places_of.clear()
            missing = list(place_ids)
        if missing:
            for place_id, row in directory_rows(missing).items():
                self._rows[place_id] = row
                self._places_of.setdefault(row.psychologist_id, set()).add(place_id)
        return {place: self._rows[place] for place in place_ids if place in self._rows}
