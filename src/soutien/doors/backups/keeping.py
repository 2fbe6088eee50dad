"""What opens a backup: a key file, or a passphrase from a file or the keyboard."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from soutien.doors.backups.envelope import Secrets
from soutien.doors.environment import SettingError
from soutien.sealing.keyfile import SealingError, read_key_file

PASSPHRASE_CHARACTERS_MIN = 12


def secrets_from(
    *, key_file: Path | None, passphrase_file: Path | None, twice: bool, asked_for: str = ""
) -> Secrets:
    """What was given, by option or by setting; otherwise the keyboard is asked, ``twice`` to make.

    ``asked_for`` is what a backup opens with, when that is known. Raises SettingError.
    """
    if key_file and passphrase_file:
        raise SettingError("Give --key-file or --passphrase-file, not both.")
    named = os.environ.get("SOUTIEN_BACKUP_KEY_FILE", "").strip()
    if key_file is None and passphrase_file is None and named and asked_for != "passphrase":
        key_file = Path(named)
    try:
        if key_file is not None:
            return Secrets(keys=read_key_file(key_file.absolute()).live)
        if passphrase_file is not None:
            return Secrets(passphrase=_long(read_key_file(passphrase_file.absolute()).live[0]))
    except SealingError as error:
        raise SettingError(str(error)) from error
    if asked_for == "key" or not sys.stdin.isatty():
        raise SettingError(
            "A backup needs a key: set SOUTIEN_BACKUP_KEY_FILE (made by `soutien keys new --file "
            "FILE`), or give --key-file FILE or --passphrase-file FILE."
        )
    passphrase = _long(getpass.getpass("Passphrase: "))
    if twice and getpass.getpass("The same again: ") != passphrase:
        raise SettingError("The two passphrases differ.")
    return Secrets(passphrase=passphrase)


def _long(passphrase: str) -> str:
    if len(passphrase) < PASSPHRASE_CHARACTERS_MIN:
        raise SettingError(
            f"The passphrase has fewer than {PASSPHRASE_CHARACTERS_MIN} characters: take several "
            "words that nobody would guess together."
        )
    return passphrase
