"""Where the journal ended on a day, signed, in a file that is kept elsewhere.

Whoever holds the database and its keys could write the journal anew. They could not make it
contain the links of a file that somebody else has: one line a day, each bound to the line before
it, signed with a key that is in no database.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from soutien.sealing import signing

FORMAT = "soutien-journal-heads/1"


class Wrong(Exception):
    """A line of an export is not what was written: the message says which line, and what."""


class HeadsOf(NamedTuple):
    """One line of an export: where each lane ended at a moment."""

    at: datetime
    ends: Mapping[int, tuple[int, bytes]]


def written(
    at: datetime, ends: Mapping[int, tuple[int, bytes]], key: Ed25519PrivateKey, former: str = ""
) -> str:
    """The line of a moment. ``former`` is the line before it in the same file."""
    told = {
        "format": FORMAT,
        "at": at.astimezone(UTC).isoformat(),
        "lanes": {str(lane): [number, link.hex()] for lane, (number, link) in ends.items()},
        "former": _digest(former),
    }
    told["signature"] = signing.sign(key, _bytes(told))
    return _bytes(told).decode()


def append(
    path: Path, at: datetime, ends: Mapping[int, tuple[int, bytes]], key: Ed25519PrivateKey
) -> str:
    """Add the line of a moment to a file, after what is there. Two at once wait for each other."""
    path.touch(mode=0o644)
    with path.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.read().splitlines()
        line = written(at, ends, key, lines[-1] if lines else "")
        file.write(line + "\n")
        file.flush()
    return line


def read(path: Path, public_key: Ed25519PublicKey | None = None) -> Iterator[HeadsOf]:
    """The lines of a file, in order. Raises Wrong at the first that does not hold.

    Each must follow the line before it and no lane may go back; with a key, each must be signed.
    """
    former, ends = "", dict[int, tuple[int, bytes]]()
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, start=1):
            line = text.rstrip("\n")
            heads = _heads(number, line, former, public_key)
            for lane, (sequence, link) in heads.ends.items():
                before = ends.get(lane, (0, b""))
                if sequence < before[0] or (
                    sequence == before[0] and sequence and link != before[1]
                ):
                    raise Wrong(f"line {number}: lane {lane} goes back.")
            ends |= heads.ends
            former = line
            yield heads


def _heads(number: int, line: str, former: str, public_key: Ed25519PublicKey | None) -> HeadsOf:
    try:
        told: dict[str, Any] = json.loads(line)
        signature = str(told.pop("signature"))
        ends = {
            int(lane): (int(sequence), bytes.fromhex(link))
            for lane, (sequence, link) in told["lanes"].items()
        }
        at = datetime.fromisoformat(told["at"])
        known = told["format"] == FORMAT
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Wrong(f"line {number}: it is not a line of heads.") from None
    if not known:
        raise Wrong(f"line {number}: it is of another format than {FORMAT}.")
    if told["former"] != _digest(former):
        raise Wrong(f"line {number}: the line before it is not the one that it followed.")
    if public_key is not None and not signing.signed(public_key, _bytes(told), signature):
        raise Wrong(f"line {number}: it is not signed with this key.")
    return HeadsOf(at, ends)


def _bytes(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest() if line else ""


def day_closed(at: datetime) -> str:
    """The daily task: add today's heads to the file of the settings, signed.

    The line written; nothing where no signing key was made. Raises SigningError and OSError.
    """
    from django.conf import settings

    path = Path(settings.JOURNAL_SIGNING_KEY)
    if not path.exists():
        return ""
    return append(Path(settings.JOURNAL_HEADS), at, ends_now(), signing.read_key(path))


def ends_now() -> dict[int, tuple[int, bytes]]:
    """Where each lane ends now."""
    from soutien.registers.audit.queries import heads

    return {head.lane: (head.sequence, head.link) for head in heads()}


def total(ends: Iterable[tuple[int, bytes]]) -> int:
    """How many lines these lanes hold together."""
    return sum(sequence for sequence, _link in ends)
