"""The encrypted file: a clear header, then chunks that follow each other or nothing opens.

``magic | header length (4) | header (JSON) | chunks``; a chunk is ``last (1) | length (4) | cipher
text, tag`` by AES-256-GCM. Its nonce is its number, under a key made for this file alone; the
header, the number, the mark of the last chunk and the length are authenticated with it. A bit
changed, a chunk moved, repeated or missing, an end cut off or added to: all refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"SOUTIEN BACKUP 1\n"
CHUNK_BYTES = 1 << 20
CHUNK_BYTES_MAX = 1 << 24
HEADER_BYTES_MAX = 4096
SALT_BYTES, CHECK_BYTES, TAG_BYTES = 32, 16, 16
SCRYPT = {"n": 1 << 17, "r": 8, "p": 1}
# How much memory a header may ask for before anything of it is known to be true: 1 GiB.
SCRYPT_N_MAX, SCRYPT_R_MAX, SCRYPT_P_MAX = 1 << 20, 8, 4
COMPRESSION = 3
_CHUNK = struct.Struct(">?I")
_LENGTH = struct.Struct(">I")


class BackupRefused(Exception):
    """A backup cannot be made, read or restored: the message says why, and what to do."""


class Secrets(NamedTuple):
    """What opens a backup: the secrets of a key file, or a passphrase."""

    keys: Sequence[str] = ()
    passphrase: str = ""


class Writer:
    """Encrypts lines into a file as they come. ``close`` writes the end; without it, no backup."""

    def __init__(self, file: IO[bytes], secrets: Secrets, chunk_bytes: int = CHUNK_BYTES) -> None:
        salt = os.urandom(SALT_BYTES)
        header: dict[str, Any] = {"salt": b64encode(salt).decode(), "chunk": chunk_bytes}
        if secrets.keys:
            header["kind"] = "key"
            given = secrets.keys[0]
        else:
            header |= {"kind": "passphrase", "scrypt": SCRYPT}
            given = secrets.passphrase
        master = _master(header, given, salt)
        header["check"] = b64encode(_derived(master, salt, "check", CHECK_BYTES)).decode()
        text = json.dumps(header).encode()
        file.write(MAGIC + _LENGTH.pack(len(text)) + text)
        self._file, self._chunk_bytes, self._number = file, chunk_bytes, 0
        self._bound = hashlib.sha256(MAGIC + text).digest()
        self._cipher = AESGCM(_derived(master, salt, "file", 32))
        self._press = zlib.compressobj(COMPRESSION)
        self._waiting = bytearray()

    def write(self, data: bytes) -> None:
        self._waiting += self._press.compress(data)
        while len(self._waiting) > self._chunk_bytes:
            self._chunk(bytes(self._waiting[: self._chunk_bytes]), last=False)
            del self._waiting[: self._chunk_bytes]

    def close(self) -> None:
        self._waiting += self._press.flush()
        while len(self._waiting) > self._chunk_bytes:
            self._chunk(bytes(self._waiting[: self._chunk_bytes]), last=False)
            del self._waiting[: self._chunk_bytes]
        self._chunk(bytes(self._waiting), last=True)

    def _chunk(self, text: bytes, *, last: bool) -> None:
        head = _CHUNK.pack(last, len(text) + TAG_BYTES)
        nonce = self._number.to_bytes(12, "big")
        self._file.write(head + self._cipher.encrypt(nonce, text, self._bound + head))
        self._number += 1


def lines(file: IO[bytes], secrets: Secrets) -> Iterator[bytes]:
    """The lines of a backup, each checked before it is given.

    Raises BackupRefused at the first place that is not as it was written.
    """
    kept = b""
    for text in _texts(file, secrets):
        parts = (kept + text).split(b"\n")
        kept = parts.pop()
        yield from parts
    if kept:
        raise BackupRefused("The backup ends in the middle of a line.")


def kind_of(file: IO[bytes]) -> str:
    """What opens this file: ``key`` or ``passphrase``. Raises BackupRefused for another file."""
    header, _bound = _header(file)
    return str(header["kind"])


def _texts(file: IO[bytes], secrets: Secrets) -> Iterator[bytes]:
    unpress = zlib.decompressobj()
    try:
        for chunk in _chunks(file, secrets):
            # A bounded step: a chunk that swells is read in parts.
            text = unpress.decompress(chunk, CHUNK_BYTES)
            while text:
                yield text
                text = unpress.decompress(unpress.unconsumed_tail, CHUNK_BYTES)
    except zlib.error as error:
        raise BackupRefused("The backup is damaged: its content cannot be unpacked.") from error
    if not unpress.eof:
        raise BackupRefused("The backup is damaged: its content ends too early.")


def _chunks(file: IO[bytes], secrets: Secrets) -> Iterator[bytes]:
    header, bound = _header(file)
    cipher = _opened(header, secrets)
    number, last = 0, False
    while not last:
        head = file.read(_CHUNK.size)
        if len(head) < _CHUNK.size:
            raise BackupRefused(f"The backup is cut off: it ends after part {number}.")
        last, length = _CHUNK.unpack(head)
        if not TAG_BYTES <= length <= header["chunk"] + TAG_BYTES:
            raise BackupRefused(f"The backup is damaged in part {number + 1}: a wrong length.")
        sealed = file.read(length)
        if len(sealed) < length:
            raise BackupRefused(f"The backup is cut off in the middle of part {number + 1}.")
        try:
            text = cipher.decrypt(number.to_bytes(12, "big"), sealed, bound + head)
        except InvalidTag:
            raise BackupRefused(
                f"The backup is damaged in part {number + 1}: it was changed, moved or repeated "
                "since it was written. Use another backup."
            ) from None
        number += 1
        yield text
    if file.read(1):
        raise BackupRefused(f"Something was added to the backup after its end (part {number}).")


def _header(file: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise BackupRefused(
            "This is not a backup of Soutien, or its first bytes are damaged, or a newer version "
            "wrote it."
        )
    try:
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        text = file.read(min(length, HEADER_BYTES_MAX))
        header = json.loads(text)
        wanted = {"salt": str, "check": str, "kind": str, "chunk": int}
        sound = len(text) == length and all(
            isinstance(header[name], kind) for name, kind in wanted.items()
        )
        sound = sound and header["kind"] in {"key", "passphrase"}
        sound = sound and 0 < header["chunk"] <= CHUNK_BYTES_MAX
        sound = sound and len(b64decode(header["salt"], validate=True)) == SALT_BYTES
        b64decode(header["check"], validate=True)
        if sound and header["kind"] == "passphrase":
            asked = header["scrypt"]
            sound = (
                1 < asked["n"] <= SCRYPT_N_MAX
                and asked["n"].bit_count() == 1
                and 1 <= asked["r"] <= SCRYPT_R_MAX
                and 1 <= asked["p"] <= SCRYPT_P_MAX
            )
    except (struct.error, ValueError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise BackupRefused("The backup is damaged: its first lines cannot be read.")
    return header, hashlib.sha256(MAGIC + text).digest()


def _opened(header: dict[str, Any], secrets: Secrets) -> AESGCM:
    salt = b64decode(header["salt"])
    check = b64decode(header["check"])
    given = secrets.keys if header["kind"] == "key" else filter(None, [secrets.passphrase])
    tried = 0
    for secret in given:
        tried += 1
        master = _master(header, secret, salt)
        if hmac.compare_digest(_derived(master, salt, "check", CHECK_BYTES), check):
            return AESGCM(_derived(master, salt, "file", 32))
    if not tried:
        what = "a key file" if header["kind"] == "key" else "a passphrase"
        raise BackupRefused(f"This backup opens with {what}, and none was given.")
    what = "None of the keys given" if header["kind"] == "key" else "This passphrase does not"
    raise BackupRefused(
        f"{what} opens the backup." if header["kind"] == "key" else f"{what} open the backup."
    )


def _master(header: dict[str, Any], secret: str, salt: bytes) -> bytes:
    if header["kind"] == "key":
        return _derived(secret.encode(), salt, "key", 32)
    asked = header["scrypt"]
    return Scrypt(salt=salt, length=32, n=asked["n"], r=asked["r"], p=asked["p"]).derive(
        secret.encode()
    )


def _derived(secret: bytes, salt: bytes, purpose: str, length: int) -> bytes:
    info = f"soutien backup {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
