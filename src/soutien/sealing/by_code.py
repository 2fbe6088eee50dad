"""Sealing a text under a code that somebody keeps on paper, so that we cannot open it alone.

The code is long and random: nobody finds it by trying, whatever they took. Two things come from
it, apart: a digest to find the row, which is kept, and a key, which never is.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from soutien.sealing.box import NONCE_BYTES
from soutien.sealing.keyfile import SealingError

KEY_BYTES = 32
# No 0 and o, 1, i and l: what is copied from paper must not be guessed.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 4, 4
_WRITTEN = re.compile(f"[{LETTERS}]{{{GROUPS * GROUP}}}")


def code_from(secret: str, text: str) -> str:
    """The code of a text and of a secret of the page it was typed in: the same sent twice."""
    number = int.from_bytes(_derived(secret, f"code\0{_digest(text)}"), "big")
    letters = []
    for _letter in range(GROUPS * GROUP):
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    return "-".join("".join(letters[n : n + GROUP]) for n in range(0, len(letters), GROUP))


def plain_code(typed: str) -> str:
    """The code without what people write between its letters; empty when it cannot be one."""
    plain = "".join(character for character in typed.lower() if character.isalnum())
    return plain if _WRITTEN.fullmatch(plain) else ""


def place_of(code: str) -> str:
    """What the row of a code is found by: 64 digits that tell nothing of the code."""
    return _derived(plain_code(code), "place").hex()


def seal_by(code: str, text: str) -> str:
    """The text, for whoever has the code."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(code).encrypt(nonce, text.encode(), None)
    return b64encode(sealed).decode()


def open_by(code: str, sealed: str) -> str:
    """What ``seal_by`` made. Raises SealingError with another code, or when it was changed."""
    kept = b64decode(sealed)
    try:
        return _cipher(code).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], None).decode()
    except InvalidTag:
        raise SealingError("This code does not open what is kept, or it was changed.") from None


def _cipher(code: str) -> AESGCM:
    return AESGCM(_derived(plain_code(code), "key"))


def _derived(secret: str, purpose: str) -> bytes:
    kdf = HKDF(SHA256(), KEY_BYTES, salt=b"soutien.sealing.by_code", info=purpose.encode())
    return kdf.derive(secret.encode())


def _digest(text: str) -> str:
    digest = Hash(SHA256())
    digest.update(text.encode())
    return digest.finalize().hex()
