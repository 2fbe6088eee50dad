"""Reads settings from the environment, and says in one sentence what is wrong with one."""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import subprocess
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from soutien.rules.scales import ScaleError, scales_in

# A database that does not answer is told to people at once, not after minutes; libpq's own names.
# An address may say otherwise: ``?connect_timeout=10``.
ANSWERS_SOON = {
    "connect_timeout": "3",
    "tcp_user_timeout": "4000",
    "keepalives_idle": "10",
    "keepalives_interval": "2",
    "keepalives_count": "2",
}
# What SQLite forces to the disk: with ``normal`` a killed process loses nothing, a power cut may
# lose the last acts; with ``full`` neither does.
SYNCHRONOUS = ("normal", "full")


# How long a vault may take, and the settings it may give.
VAULT_SECONDS = 30
CLAMD_PORT = 3310
SETTING_NAME = re.compile(r"SOUTIEN_[A-Z_]+|DATABASE_URL")


class SettingError(Exception):
    """A setting is missing or wrong: the message says which, and what to write."""


def switch(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes, on; false for 0, false, no, off; refuses anything else."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} is {value!r}: write 1 for yes or 0 for no.")


def whole_number(name: str, *, default: int, least: int = 1) -> int:
    """A whole number from ``least`` up; refuses anything else."""
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isdecimal() or int(text) < least:
        raise SettingError(f"{name} is {text!r}: write a whole number from {least} up.")
    return int(text)


def names(name: str, *, default: str = "") -> list[str]:
    """What stands between the commas of a setting."""
    text = os.environ.get(name) or default
    return [part.strip() for part in text.split(",") if part.strip()]


def one_of(name: str, words: tuple[str, ...]) -> str:
    """One of these words; the first when it is not set. Refuses anything else."""
    value = os.environ.get(name, "").strip().lower() or words[0]
    if value not in words:
        raise SettingError(f"{name} is {value!r}: write {' or '.join(words)}.")
    return value


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks between commas: ``10.0.0.0/8,::1``; refuses anything else."""
    try:
        return [ip_network(part) for part in names(name)]
    except ValueError as error:
        raise SettingError(
            f"{name} is wrong ({error}): write addresses or networks such as 10.0.0.0/8, "
            "separated by commas."
        ) from error


def secrets_from_a_vault() -> None:
    """Settings that SOUTIEN_SECRETS_COMMAND prints, NAME=value a line, where none is set.

    For a vault: its own client is the command, and no secret stands in a file of ours. Raises
    SettingError, which never repeats what was printed.
    """
    command = os.environ.get("SOUTIEN_SECRETS_COMMAND", "").strip()
    if not command:
        return
    try:
        printed = subprocess.run(
            shlex.split(command),
            stdout=subprocess.PIPE,
            text=True,
            timeout=VAULT_SECONDS,
            check=True,
        ).stdout
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise SettingError(
            f"SOUTIEN_SECRETS_COMMAND does not give the secrets ({type(error).__name__}): "
            "run it by hand as the account of the product."
        ) from None
    for number, line in enumerate(filter(None, map(str.strip, printed.splitlines())), start=1):
        name, equals, value = line.partition("=")
        if not equals or not SETTING_NAME.fullmatch(name):
            raise SettingError(
                f"SOUTIEN_SECRETS_COMMAND prints something else than NAME=value on line {number}."
            )
        os.environ.setdefault(name, value)


def secret(name: str, *, home: Path, made_on_first_run: bool) -> str:
    """A secret from the environment; the demo makes its own on first run and keeps it.

    Raises SettingError when it is missing and may not be made up.
    """
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if not made_on_first_run:
        raise SettingError(
            f"{name} is not set. Give a long random text, for example the output of "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    path = made_directory(home) / name.lower()
    if not path.exists():
        # Written aside, then linked into place: two processes that start together agree.
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


class SealingKeys(NamedTuple):
    """The secrets that seal and open, those that only prove the journal, and their file if any."""

    current: str
    old: list[str]
    retired: list[str]
    file: str


def sealing_keys(*, home: Path, made_on_first_run: bool) -> SealingKeys:
    """The sealing keys: in SOUTIEN_SEALING_KEY_FILE, or else in the environment.

    Raises SettingError when the file is missing or open to others, or both are given.
    """
    file = os.environ.get("SOUTIEN_SEALING_KEY_FILE", "").strip()
    old = names("SOUTIEN_SEALING_KEYS_OLD")
    if not file:
        current = secret("SOUTIEN_SEALING_KEY", home=home, made_on_first_run=made_on_first_run)
        return SealingKeys(current, old, [], "")
    if old or os.environ.get("SOUTIEN_SEALING_KEY", "").strip():
        raise SettingError(
            "SOUTIEN_SEALING_KEY_FILE is set together with SOUTIEN_SEALING_KEY or "
            "SOUTIEN_SEALING_KEYS_OLD: put all keys in the file and take the others away."
        )
    # Imported when it is needed: whoever asks for the law alone needs no Django.
    from soutien.sealing.keyfile import SealingError, read_key_file

    path = Path(file).absolute()
    try:
        found = read_key_file(path)
    except SealingError as error:
        raise SettingError(str(error)) from error
    return SealingKeys(found.live[0], found.live[1:], found.retired, str(path))


class Scanner(NamedTuple):
    """Where a virus scanner is asked: a socket of this machine, or a host and a port."""

    path: str
    host: str = ""
    port: int = 0


NO_SCANNER = Scanner("")


def scanner() -> Scanner:
    """The scanner that SOUTIEN_SCANNER names: ``clamd:///run/clamav/clamd.ctl``, ``clamd://HOST``.

    ``NO_SCANNER`` when it is not set. Raises SettingError for anything else.
    """
    url = os.environ.get("SOUTIEN_SCANNER", "").strip()
    if not url:
        return NO_SCANNER
    parts = urlsplit(url)
    if parts.scheme == "clamd" and parts.hostname:
        return Scanner("", parts.hostname, parts.port or CLAMD_PORT)
    if parts.scheme == "clamd" and len(parts.path) > 1:
        return Scanner(unquote(parts.path))
    raise SettingError(
        "SOUTIEN_SCANNER is not the address of a scanner: write clamd:///run/clamav/clamd.ctl "
        "or clamd://HOST:3310."
    )


def certificate() -> tuple[str, str]:
    """The files of our own certificate and of its key; two empty texts when none is set.

    Raises SettingError when one of the two is missing.
    """
    file = os.environ.get("SOUTIEN_CERTIFICATE", "").strip()
    key = os.environ.get("SOUTIEN_CERTIFICATE_KEY", "").strip()
    if (file or key) and not (Path(file).is_file() and Path(key).is_file()):
        raise SettingError(
            "SOUTIEN_CERTIFICATE and SOUTIEN_CERTIFICATE_KEY go together: name a file that is "
            "there for each, or take both away."
        )
    return file, key


def made_directory(path: Path) -> Path:
    """The directory, created when it is missing. Raises SettingError when it cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"The directory {path} cannot be created ({error.strerror}). "
            "Set SOUTIEN_HOME to a directory you may write to."
        ) from error
    return path


def sqlite_address(path: Path) -> str:
    """The address of a SQLite file, whatever characters its path holds."""
    return f"sqlite:///{quote(str(path))}"


def database(url: str) -> dict[str, Any]:
    """Django's form of a database address: ``sqlite:///FILE`` or ``postgresql://…``.

    ``sqlite:///FILE?synchronous=full`` survives a power cut too, and writes more slowly.

    What follows ``?`` in a PostgreSQL address goes to libpq (``sslmode=verify-full``, …), except
    ``prepared=off``: nothing is prepared, for poolers that share connections between transactions.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        synchronous = dict(parse_qsl(parts.query)).get("synchronous", SYNCHRONOUS[0]).lower()
        if synchronous not in SYNCHRONOUS:
            raise SettingError(
                f"DATABASE_URL ends with synchronous={synchronous}: write normal or full."
            )
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) or ":memory:",
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                # A transaction asks for the write lock when it starts: waiting, never deadlock.
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "PRAGMA journal_mode=WAL; "
                f"PRAGMA synchronous={synchronous.upper()};",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        options = ANSWERS_SOON | dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", unquote(parts.hostname or "")),
            "PORT": options.pop("port", str(parts.port or "")),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "PREPARED": options.pop("prepared", "on") != "off",
            "OPTIONS": options,
        }
    raise SettingError(
        f"DATABASE_URL starts with {parts.scheme!r}: write sqlite:///FILE or "
        "postgresql://USER:PASSWORD@HOST/NAME."
    )


def law_dates() -> dict[str, date]:
    """Days of the law an operator has moved: ``SOUTIEN_LAW_DATES={"TERM": "2026-10-01"}``.

    For terms whose text could not be read in full (``soutien law TERM`` says so). Raises
    SettingError when it is not a JSON object of days; an unknown term is refused by the law.
    """
    text = os.environ.get("SOUTIEN_LAW_DATES", "").strip()
    try:
        moved = json.loads(text or "{}")
        return {str(name): date.fromisoformat(day) for name, day in moved.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingError(
            f"SOUTIEN_LAW_DATES is {text!r}: write a JSON object of days, for example "
            '{"amo_third_party_from": "2026-10-01"}.'
        ) from error


def scales_folder() -> str:
    """The folder in ``SOUTIEN_SCALES_DIR`` with questionnaires the operator holds a licence for.

    Raises SettingError when one of its files does not hold, with what to mend.
    """
    folder = os.environ.get("SOUTIEN_SCALES_DIR", "").strip()
    try:
        scales_in(folder)
    except ScaleError as error:
        raise SettingError(f"SOUTIEN_SCALES_DIR: {error}") from error
    return folder


def mail_server() -> dict[str, Any]:
    """Django's settings for the server in SOUTIEN_SMTP; none when it is not set.

    ``smtp://USER:PASSWORD@HOST:587`` asks for STARTTLS, ``smtps://`` speaks TLS from the start
    (port 465), ``smtp://HOST:25?tls=none`` speaks in clear, for a relay on the same machine.
    """
    url = os.environ.get("SOUTIEN_SMTP", "").strip()
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SettingError(
            "SOUTIEN_SMTP is not the address of a mail server: write "
            "smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465."
        )
    tls = parts.scheme == "smtps"
    in_clear = dict(parse_qsl(parts.query)).get("tls") == "none"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": tls,
        "EMAIL_USE_TLS": not tls and not in_clear,
        "EMAIL_TIMEOUT": 30,
    }
