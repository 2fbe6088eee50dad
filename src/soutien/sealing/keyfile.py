"""A file of sealing keys that only its owner reads.

One secret a line: the first seals, all of them open. After ``retired`` a secret opens nothing any
more; it still proves the lines of the journal that were linked with it.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import NamedTuple

RETIRED = "retired "
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_HEADING = "# Soutien sealing keys, one a line: the first seals, all of them open.\n"


class SealingError(Exception):
    """A text cannot be sealed or opened. The message never holds the text or a key."""


class KeyFile(NamedTuple):
    """The secrets that open, the current one first, and those that only prove the journal."""

    live: list[str]
    retired: list[str]


def read_key_file(path: Path) -> KeyFile:
    """The secrets of a key file.

    Raises SealingError when it is missing, without a key, not a plain file, or when its mode
    lets anybody but its owner read it.
    """
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise SealingError(f"The key file {path} is not a plain file.")
            if state.st_mode & _OTHERS:
                raise SealingError(
                    f"The key file {path} can be read by others than its owner (mode "
                    f"{stat.S_IMODE(state.st_mode):04o}). Close it:  chmod 600 {path}"
                )
            text = file.read().decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise SealingError(
            f"The key file {path} cannot be read ({reason}). Make one with "
            f"`soutien keys new --file {path}`, or give its right path."
        ) from error
    lines = [line.strip() for line in text.splitlines()]
    told = [line for line in lines if line and not line.startswith("#")]
    found = KeyFile(
        [line for line in told if not line.startswith(RETIRED)],
        [line.removeprefix(RETIRED).strip() for line in told if line.startswith(RETIRED)],
    )
    if not found.live:
        raise SealingError(
            f"The key file {path} holds no key. Put one back from where you keep a copy; for a "
            f"new product:  soutien keys new --file {path}"
        )
    return found


def write_key_file(path: Path, kept: KeyFile) -> None:
    """Write a key file whole, mode 600: a reader sees the former one or this one.

    The owner of a file that is there stays its owner. Raises OSError.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            lines = [*kept.live, *(f"{RETIRED}{secret}" for secret in kept.retired)]
            file.write(_HEADING + "".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
            if path.exists():
                owner = path.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def new_secret() -> str:
    """A long random text."""
    return secrets.token_urlsafe(48)
