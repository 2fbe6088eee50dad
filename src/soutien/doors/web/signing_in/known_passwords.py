"""Long passwords that were found in breaches, the most used first: whether one is among them.

Kept as the first bytes of their digests, in order (``tools/passwords.py`` writes the file): what
people chose elsewhere, some with their names, is in no file of ours, and nobody outside is asked.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

FILE = Path(__file__).with_name("known_passwords.sha256")
# Enough that no other password is taken for one of them: once in 400 million million.
KEPT_BYTES = 8


def digest(password: str) -> bytes:
    """What stands in the file for a password, whatever its capitals and the spaces around it."""
    plain = password.strip().casefold()
    return sha256(plain.encode("utf-8", "surrogateescape")).digest()[:KEPT_BYTES]


@cache
def _kept() -> bytes:
    return FILE.read_bytes()


def how_many() -> int:
    """How many there are."""
    return len(_kept()) // KEPT_BYTES


def is_known(password: str) -> bool:
    """Whether it is one of them: the half where it must stand, again and again."""
    wanted, kept = digest(password), _kept()
    low, high = 0, how_many()
    while low < high:
        middle = (low + high) // 2
        found = kept[middle * KEPT_BYTES : (middle + 1) * KEPT_BYTES]
        if found == wanted:
            return True
        low, high = (middle + 1, high) if found < wanted else (low, middle)
    return False
