"""What this machine's processes have counted, together: each writes a file, the sum is told.

A count is eight bytes of a file in memory: it is kept whatever ends the process, and adding to it
costs about a microsecond. Names and labels come from our own code: routes, statuses, events.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from collections import defaultdict
from pathlib import Path

from django.conf import settings

# One entry: how long its name is, the number, the name filled up.
NAME_BYTES = 112
ENTRY = struct.Struct(f"<d{NAME_BYTES}s")
NUMBER = struct.Struct("<d")
ENTRIES_MOST = 8_192
# Bounds of how long a page takes, in seconds.
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Counts:
    """The counts of one process, in its file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w+b") as file:
            file.truncate(ENTRY.size * ENTRIES_MOST)
            self._map = mmap.mmap(file.fileno(), ENTRY.size * ENTRIES_MOST)
        self._places: dict[str, int] = {}
        self._lock = threading.Lock()

    def add(self, name: str, number: float) -> None:
        with self._lock:
            place = self._places.get(name)
            if place is None:
                encoded = name.encode()
                if len(self._places) >= ENTRIES_MOST or len(encoded) > NAME_BYTES:
                    return
                place = self._places[name] = len(self._places) * ENTRY.size
                ENTRY.pack_into(self._map, place, number, encoded)
                return
            NUMBER.pack_into(self._map, place, NUMBER.unpack_from(self._map, place)[0] + number)


_mine: tuple[int, Counts] | None = None
_making = threading.Lock()


def directory() -> Path:
    """Where the processes of this machine count."""
    return Path(settings.COUNTERS)


def _counts() -> Counts | None:
    """This process's own, made at its first count; a forked child makes its own."""
    global _mine
    if _mine is None or _mine[0] != os.getpid():
        with _making:
            if _mine is None or _mine[0] != os.getpid():
                name = f"{os.getpid()}-{os.urandom(4).hex()}.counts"
                _mine = (os.getpid(), Counts(directory() / name))
    return _mine[1]


def add(name: str, number: float = 1, **labels: object) -> None:
    """Add to a count. A machine that cannot count still answers."""
    try:
        counts = _counts()
    except OSError:
        return
    if counts is not None:
        counts.add(_named(name, labels), number)


def add_request(route: str, method: str, status: int, seconds: float) -> None:
    """One request, by what it asked, how it ended and how long it took."""
    add("soutien_requests_total", route=route, method=method, status=status)
    bound = next((str(bound) for bound in BOUNDS if seconds <= bound), "+Inf")
    add("soutien_request_seconds_bucket", route=route, le=bound)
    add("soutien_request_seconds_sum", seconds, route=route)


def summed() -> dict[str, float]:
    """Every count of this machine; those of processes that ended are kept in one file."""
    _gather_ended()
    found: dict[str, float] = defaultdict(float)
    for path in sorted(directory().glob("*.counts")):
        for name, number in _read(path).items():
            found[name] += number
    return dict(found)


def _gather_ended() -> None:
    """One file for all that ended, instead of one each: written whole, then they go."""
    kept = directory() / "ended.counts"
    ended = [
        path
        for path in directory().glob("*-*.counts")
        if path.name.partition("-")[0].isdigit() and not _lives(int(path.name.partition("-")[0]))
    ]
    if not ended:
        return
    # Whoever moves a file counts it: two that gather at once do not count it twice.
    lock = directory() / "gathering"
    try:
        lock.mkdir()
    except OSError:
        return
    try:
        total: dict[str, float] = defaultdict(float, _read(kept) if kept.exists() else {})
        for path in ended:
            for name, number in _read(path).items():
                total[name] += number
        draft = kept.with_suffix(".draft")
        draft.write_bytes(
            b"".join(ENTRY.pack(number, name.encode()) for name, number in total.items())
        )
        draft.replace(kept)
        for path in ended:
            path.unlink(missing_ok=True)
    finally:
        lock.rmdir()


def _read(path: Path) -> dict[str, float]:
    try:
        content = path.read_bytes()
    except OSError:
        return {}
    found = {}
    for number, name in ENTRY.iter_unpack(content[: len(content) // ENTRY.size * ENTRY.size]):
        if not name[0]:
            break
        found[name.rstrip(b"\0").decode("utf-8", "replace")] = number
    return found


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _named(name: str, labels: dict[str, object]) -> str:
    if not labels:
        return name
    inside = ",".join(f'{label}="{_plain(value)}"' for label, value in labels.items())
    return f"{name}{{{inside}}}"


def _plain(value: object) -> str:
    """A label's value: words of ours only, so nothing has to be escaped."""
    return "".join(letter for letter in str(value) if letter.isalnum() or letter in "._+-")
