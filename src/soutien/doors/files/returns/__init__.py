"""What payers answer, in the dialects that can be read. See docs/exchange-files.md.

A dialect is a module with ``read(lines)``, which gives ``PayerLine`` or ``Fault`` for each line.
One more is a row here; one installed beside us is found by its entry point ``soutien.returns``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import entry_points
from typing import Any

from soutien.doors.files.b2.read import Fault
from soutien.doors.files.returns import b2_return
from soutien.steps.returned import PayerLine

Read = Callable[[Iterable[bytes]], Iterator[PayerLine | Fault]]
GROUP = "soutien.returns"
DIALECTS: dict[str, Any] = {"b2-return": b2_return}


class UnknownDialect(ValueError):
    """Nobody here reads it; the message says which are read."""


def dialects() -> list[str]:
    """The names of the dialects that can be read."""
    return sorted({*DIALECTS, *(entry.name for entry in entry_points(group=GROUP))})


def reader(dialect: str) -> Read:
    """What reads a dialect. Raises UnknownDialect."""
    if dialect in DIALECTS:
        found: Read = DIALECTS[dialect].read
        return found
    for entry in entry_points(group=GROUP, name=dialect):
        installed: Read = entry.load().read
        return installed
    raise UnknownDialect(f"no dialect {dialect!r}: {', '.join(dialects())} can be read")
