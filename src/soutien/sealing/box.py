"""Sealing a text so that the database, its backups and its logs never hold it in clear.

A sealed text is ``format (1 byte) | key id (4) | nonce (12) | cipher text, tag``, by AES-256-GCM.
The column and the row it belongs to are authenticated with it: moved to another, it does not
open. The key id is derived from the secret, so that a secret is known again by what it seals.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from uuid import UUID

from cryptography.exceptions import InvalidTag

from soutien.sealing.keyfile import SealingError
from soutien.sealing.keyring import KEY_ID_BYTES, Key, keyring

# Stored with every text. 1 was bound to its column only, and was never released.
FORMAT_ROW_BOUND = 2
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES
KEY_ID_DIGITS = 2 * KEY_ID_BYTES
INDEX_DIGITS = 64
# What names a row: digits, and the slash between two columns. No control character, so that it
# is told apart from the sealed text behind it.
ROW_NAME = re.compile(r"[0-9a-z_]+(?:/[0-9a-z_]+)*")

Row = UUID | int | str | tuple[UUID | int | str, ...]


def row_name(row: Row) -> str:
    """One writing for what both databases say of a row. Raises SealingError for anything else."""
    parts = row if isinstance(row, tuple) else (row,)
    name = "/".join(part.hex if isinstance(part, UUID) else str(part) for part in parts)
    if ROW_NAME.fullmatch(name) is None:
        raise SealingError("A text is sealed for a row that has no name yet: give the row first.")
    return name


def seal(text: str, context: str, row: Row) -> bytes:
    """Seal ``text`` for the place named by ``context`` (``table.column``) and its ``row``."""
    key = keyring().current
    header = bytes([FORMAT_ROW_BOUND]) + key.key_id
    nonce = os.urandom(NONCE_BYTES)
    bound = _bound(header, context, row_name(row))
    return header + nonce + key.cipher.encrypt(nonce, text.encode(), bound)


def unseal(sealed: bytes, context: str, row: Row) -> str:
    """Open what ``seal`` made for the same ``context`` and ``row``.

    Raises SealingError when the bytes were changed, belong to another column or row, or were
    sealed with a key that is not among the settings.
    """
    if len(sealed) < HEADER_BYTES + TAG_BYTES or sealed[0] != FORMAT_ROW_BOUND:
        raise SealingError(
            f"{context} does not hold a sealed text of a known form: it was written by another "
            "programme, or by another version of this one. Restore it from a backup; a demo "
            "starts anew with --reset."
        )
    header, nonce = sealed[: 1 + KEY_ID_BYTES], sealed[1 + KEY_ID_BYTES : HEADER_BYTES]
    key = _key_of(header[1:], context)
    try:
        bound = _bound(header, context, row_name(row))
        text = key.cipher.decrypt(nonce, sealed[HEADER_BYTES:], bound)
    except InvalidTag:
        raise SealingError(
            f"{context} does not open with its key {header[1:].hex()}: the stored bytes were "
            "changed, or moved from another row or column. Restore the row from a backup."
        ) from None
    return text.decode()


def sealed_with(sealed: bytes) -> bytes:
    """The id of the key that sealed these bytes."""
    return bytes(sealed[1 : 1 + KEY_ID_BYTES])


def blind_index(text: str, purpose: str) -> str:
    """A keyed fingerprint (64 hexadecimal digits), to find an exact text without storing it.

    Give the text in its normal form (a NIR without spaces). ``purpose`` keeps the fingerprints
    of two columns from being compared. It starts with the id of its key, the current one: while
    a key is replaced, look for ``blind_indexes``.
    """
    return _index(keyring().current, text, purpose)


def blind_indexes(text: str, purpose: str) -> list[str]:
    """The fingerprints of a text under every key in use: any of them may be in the table."""
    return [_index(key, text, purpose) for key in keyring().keys.values()]


def several_keys() -> bool:
    """Whether a key is being replaced: one text may then have several blind indexes."""
    return len(keyring().keys) > 1


def _index(key: Key, text: str, purpose: str) -> str:
    made = hmac.new(key.index_secret, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
    return key.key_id.hex() + made[: INDEX_DIGITS - KEY_ID_DIGITS]


def _bound(header: bytes, context: str, row: str) -> bytes:
    return header + f"{context}\0{row}".encode()


def _key_of(key_id: bytes, context: str) -> Key:
    # Somebody may have put a new key in the file a moment ago and sealed with it already.
    key = keyring().keys.get(key_id) or keyring(again=True).keys.get(key_id)
    if key is None:
        raise SealingError(
            f"{context} was sealed with key {key_id.hex()}, which is not among the keys given. "
            "Add its secret to SOUTIEN_SEALING_KEYS_OLD (comma separated) or to the key file."
        )
    return key
