"""Sealing a text so that the database, its backups and its logs never hold it in clear.

A sealed text is ``format (1 byte) | key id (4) | nonce (12) | cipher text, tag``, by AES-256-GCM.
The column it belongs to is authenticated with it: moved to another column, it does not open.
Keys are derived from the operator's secrets; the key id is derived too, so that a secret is known
again by what it seals and several may be in use while an operator replaces one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Stored with every text. A later form (for example bound to its row) takes the next number.
FORMAT_COLUMN_BOUND = 1
KEY_ID_BYTES = 4
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES
SECRET_CHARACTERS_MIN = 24


class SealingError(Exception):
    """A text cannot be sealed or opened. The message never holds the text or a key."""


class Key(NamedTuple):
    """What one operator's secret gives."""

    key_id: bytes
    cipher: AESGCM
    index_secret: bytes


def seal(text: str, context: str) -> bytes:
    """Seal ``text`` for the place named by ``context``, written ``table.column``."""
    key = _current_key()
    header = bytes([FORMAT_COLUMN_BOUND]) + key.key_id
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + key.cipher.encrypt(nonce, text.encode(), _bound(header, context))


def unseal(sealed: bytes, context: str) -> str:
    """Open what ``seal`` made for the same ``context``.

    Raises SealingError when the bytes were changed, belong to another column, or were sealed
    with a key that is not among the settings.
    """
    if len(sealed) < HEADER_BYTES + TAG_BYTES or sealed[0] != FORMAT_COLUMN_BOUND:
        raise SealingError(
            f"{context} does not hold a sealed text of a known form: it was written by another "
            "programme or by a newer version. Restore it from a backup or upgrade Soutien."
        )
    header, nonce = sealed[: 1 + KEY_ID_BYTES], sealed[1 + KEY_ID_BYTES : HEADER_BYTES]
    key_id = header[1:]
    key = _keys().get(key_id)
    if key is None:
        raise SealingError(
            f"{context} was sealed with key {key_id.hex()}, which is not among the keys given. "
            "Add its secret to SOUTIEN_SEALING_KEYS_OLD (comma separated) and start again."
        )
    try:
        text = key.cipher.decrypt(nonce, sealed[HEADER_BYTES:], _bound(header, context))
    except InvalidTag:
        raise SealingError(
            f"{context} does not open with its key {key_id.hex()}: the stored bytes were changed "
            "or moved from another column. Restore the row from a backup."
        ) from None
    return text.decode()


def blind_index(text: str, purpose: str) -> str:
    """A keyed fingerprint (64 hexadecimal digits), to find an exact text without storing it.

    Give the text in its normal form (a NIR without spaces). ``purpose`` keeps the fingerprints
    of two columns from being compared. It depends on the current key only: replacing the key
    means computing the fingerprints again.
    """
    secret = _current_key().index_secret
    return hmac.new(secret, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def _bound(header: bytes, context: str) -> bytes:
    return header + context.encode()


def _current_key() -> Key:
    return _key(settings.SEALING_KEY)


def _keys() -> dict[bytes, Key]:
    """The keys that may open a text, by id."""
    return _keyring(settings.SEALING_KEY, tuple(getattr(settings, "SEALING_KEYS_OLD", ())))


@lru_cache(maxsize=8)
def _keyring(current: str, old: tuple[str, ...]) -> dict[bytes, Key]:
    keys = [_key(secret) for secret in (*old, current)]
    return {key.key_id: key for key in keys}


@lru_cache(maxsize=16)
def _key(secret: str) -> Key:
    if len(secret) < SECRET_CHARACTERS_MIN:
        raise SealingError(
            f"A sealing key has fewer than {SECRET_CHARACTERS_MIN} characters. Give a long random "
            "text in SOUTIEN_SEALING_KEY, for example the output of "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    return Key(
        key_id=_derived(secret, "key id", KEY_ID_BYTES),
        cipher=AESGCM(_derived(secret, "text", 32)),
        index_secret=_derived(secret, "blind index", 32),
    )


def _derived(secret: str, purpose: str, length: int) -> bytes:
    info = f"soutien sealing {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret.encode())
