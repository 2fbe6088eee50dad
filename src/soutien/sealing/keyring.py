"""The keys in use: from the environment, or from a file that only its owner reads.

The first secret seals, the others only open. A file is looked at again while the product runs, so
that a key is added, put first or removed without stopping anybody.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from soutien.sealing.keyfile import KeyFile, SealingError, read_key_file

KEY_ID_BYTES = 4
SECRET_CHARACTERS_MIN = 24
# How long a process may go on with the keys it read last: nobody waits longer for a new one.
FRESH_SECONDS = 1.0


class Key(NamedTuple):
    """What one operator's secret gives."""

    key_id: bytes
    cipher: AESGCM
    index_secret: bytes


class Keyring(NamedTuple):
    """The key that seals, and all that open, by id; the current one first."""

    current: Key
    keys: dict[bytes, Key]


class _Read(NamedTuple):
    path: str
    state: tuple[int, int, int]
    looked_at: float
    ring: Keyring
    kept: KeyFile


_last_read: _Read | None = None


def keyring(*, again: bool = False) -> Keyring:
    """The keys in use now. ``again`` looks at the file whatever was read a moment ago.

    Raises SealingError when a key is too short, or the file is missing or open to others.
    """
    path = str(getattr(settings, "SEALING_KEY_FILE", "") or "")
    if path:
        return _read(path, again=again).ring
    return _ring((settings.SEALING_KEY, *getattr(settings, "SEALING_KEYS_OLD", ())))


def journal_secrets() -> tuple[str, list[str]]:
    """The secret that chains the journal now, and all that may have chained it.

    Without a secret of its own the journal follows the key file while the product runs, retired
    keys included: what they chained is still proved.
    """
    current: str = settings.JOURNAL_KEY
    known = [*settings.JOURNAL_KEYS_OLD, current]
    path = str(getattr(settings, "SEALING_KEY_FILE", "") or "")
    if not path:
        return current, known
    kept = _read(path, again=False).kept
    if current == settings.SEALING_KEY:
        current = kept.live[0]
    return current, [*known, *kept.live, *kept.retired]


def key_of(secret: str) -> Key:
    """What a secret gives. Raises SealingError when it is too short."""
    return _key(secret)


def derived(secret: str, purpose: str, length: int) -> bytes:
    """A key of its own for each use of one secret."""
    info = f"soutien sealing {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret.encode())


def _read(path: str, *, again: bool) -> _Read:
    global _last_read
    last, now = _last_read, time.monotonic()
    known = last is not None and last.path == path
    if last is not None and known and not again and now - last.looked_at < FRESH_SECONDS:
        return last
    try:
        found = os.stat(path)
        state = (found.st_mtime_ns, found.st_size, found.st_ino)
    except OSError:
        state = (0, 0, 0)
    if last is not None and known and last.state == state:
        found_again = last._replace(looked_at=now)
    else:
        kept = read_key_file(Path(path))
        found_again = _Read(path, state, now, _ring(tuple(kept.live)), kept)
    _last_read = found_again
    return found_again


@lru_cache(maxsize=8)
def _ring(given: tuple[str, ...]) -> Keyring:
    keys = [_key(secret) for secret in given]
    return Keyring(keys[0], {key.key_id: key for key in keys})


@lru_cache(maxsize=16)
def _key(secret: str) -> Key:
    if len(secret) < SECRET_CHARACTERS_MIN:
        raise SealingError(
            f"A sealing key has fewer than {SECRET_CHARACTERS_MIN} characters. Give a long random "
            "text in SOUTIEN_SEALING_KEY, for example the output of `soutien keys new`."
        )
    return Key(
        key_id=derived(secret, "key id", KEY_ID_BYTES),
        cipher=AESGCM(derived(secret, "text", 32)),
        index_secret=derived(secret, "blind index", 32),
    )
