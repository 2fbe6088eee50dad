"""Signing with a key that stays outside the database; whoever has the public half can check."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)


class SigningError(Exception):
    """A key cannot be read or made. The message never holds the key."""


def make_key(path: Path) -> Ed25519PrivateKey:
    """A new key in a file of its own, readable by its owner alone. Never over another."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SigningError(
            f"{path} exists: a signing key is never overwritten. Move it away to make another, "
            "and keep its public half: it proves what was signed with it."
        ) from error
    except OSError as error:
        raise SigningError(f"{path} cannot be written ({error.strerror}).") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return key


def read_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file. Raises SigningError when there is none."""
    key = _loaded(path, lambda data: serialization.load_pem_private_key(data, password=None))
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"{path} holds another kind of key: Ed25519 is asked for.")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a file. Raises SigningError when there is none."""
    key = _loaded(path, serialization.load_pem_public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise SigningError(f"{path} holds another kind of key: a public Ed25519 one is asked for.")
    return key


def public_pem(key: Ed25519PrivateKey) -> str:
    """The public half, to give to whoever checks."""
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def sign(key: Ed25519PrivateKey, message: bytes) -> str:
    """The signature of a message, as text."""
    return base64.b64encode(key.sign(message)).decode()


def signed(key: Ed25519PublicKey, message: bytes, signature: str) -> bool:
    """Whether the signature is that of this very message by this key."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _loaded(path: Path, load: Callable[[bytes], object]) -> object:
    try:
        return load(path.read_bytes())
    except OSError as error:
        raise SigningError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningError(f"{path} holds no key in PEM form.") from error
