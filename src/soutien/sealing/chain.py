"""Chaining lines so that a change, a removal or an insertion shows.

Each line carries a link: a keyed fingerprint of the link before it and of all its own columns.
The last link of a lane stands in its head, under a seal of its own. Whoever can write to the
tables but has no key can make neither. The keys are derived from the operator's secret.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_ID_BYTES, LINK_BYTES = 4, 32
# What the first line of a lane is linked to.
BEGINNING = bytes(LINK_BYTES)


class ChainKey(NamedTuple):
    """What one operator's secret gives."""

    key_id: bytes
    link_secret: bytes
    seal_secret: bytes


@lru_cache(maxsize=32)
def chain_key(secret: str) -> ChainKey:
    """The key that a secret gives, always the same."""
    return ChainKey(
        _derived(secret, "key id", KEY_ID_BYTES),
        _derived(secret, "link", LINK_BYTES),
        _derived(secret, "head", LINK_BYTES),
    )


def keyring(secrets: Iterable[str]) -> dict[bytes, ChainKey]:
    """The keys of several secrets, by id."""
    return {key.key_id: key for key in map(chain_key, secrets)}


def content(columns: Sequence[Any]) -> bytes:
    """The bytes of a line's columns; two lines that differ never give the same."""
    return json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode(
        errors="surrogatepass"
    )


def link(key: ChainKey, previous: bytes, line: bytes) -> bytes:
    """The link of a line to the one before it."""
    return hmac.digest(key.link_secret, previous + line, "sha256")


def seal_of_head(key: ChainKey, lane: int, sequence: int, last: bytes) -> bytes:
    """What says that a lane ends with this link, at this number."""
    return hmac.digest(key.seal_secret, b"%d/%d/" % (lane, sequence) + last, "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Whether two fingerprints are the same, in a time that tells nothing."""
    return hmac.compare_digest(one, other)


def _derived(secret: str, purpose: str, length: int) -> bytes:
    info = f"soutien journal {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret.encode())
