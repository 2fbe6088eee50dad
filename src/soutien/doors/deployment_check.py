"""Whether an installation is fit to serve people: what is wrong, and what to do about it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from soutien.doors import scanner
from soutien.doors.database_roles import append_only
from soutien.doors.environment import NO_SCANNER
from soutien.sealing import SealingError
from soutien.sealing.keyring import keyring

WRONG, DOUBTFUL, GOOD = "wrong", "doubtful", "good"
SECRET_CHARACTERS, SECRET_DIFFERENT = 40, 10
POSTGRESQL_LEAST, SQLITE_LEAST = 140000, (3, 37, 0)
# A clock that says less was never set.
FIRST_RELEASE_YEAR = 2026
CLOCK_MOST = timedelta(seconds=5)
OPEN_TO_OTHERS = 0o077
# libpq's: encrypted and sure to whom; encrypted to whoever answers. The others may be in clear.
CHECKED_BY_NAME, ENCRYPTED_UNPROVED = "verify-full", {"require", "verify-ca"}
# Django's own, which a setting of ours answers: HSTS for names beside ours is the operator's.
ANSWERED = frozenset({"security.W005", "security.W021"})


class Found(NamedTuple):
    """One thing looked at: how it is, and what to do when it is not good."""

    what: str
    state: str
    said: str


def secrets_strong() -> Found:
    """The secret of sessions cannot be guessed, and is no other's."""
    secret = settings.SECRET_KEY
    if len(secret) < SECRET_CHARACTERS or len(set(secret)) < SECRET_DIFFERENT:
        return Found("secret", WRONG, "SOUTIEN_SECRET_KEY can be guessed: give 48 random bytes.")
    if secret == settings.SEALING_KEY:
        return Found("secret", WRONG, "SOUTIEN_SECRET_KEY and the sealing key are one: make two.")
    return Found("secret", GOOD, "long and of its own")


def not_a_demo() -> Found:
    """Neither a demo nor a workshop."""
    if settings.DEMO or settings.DEBUG:
        return Found("kind", WRONG, "SOUTIEN_DEMO or SOUTIEN_DEBUG is on: take it away.")
    return Found("kind", GOOD, "neither demo nor debugging")


def hosts_named() -> Found:
    """It answers to names people open, and to no other."""
    names = settings.ALLOWED_HOSTS
    if "*" in names or any(name.startswith(".") for name in names):
        return Found("hosts", WRONG, "SOUTIEN_HOSTS takes any name: write the names, in full.")
    if all(_is_local(name) for name in names):
        return Found("hosts", WRONG, "SOUTIEN_HOSTS names this machine only: add the public name.")
    if urlsplit(settings.ADDRESS).hostname not in names:
        return Found("hosts", WRONG, "SOUTIEN_ADDRESS is at a host that SOUTIEN_HOSTS lacks.")
    return Found("hosts", GOOD, ", ".join(names))


def only_https() -> Found:
    """Nothing is said in clear."""
    if not settings.HTTPS or urlsplit(settings.ADDRESS).scheme != "https":
        return Found("https", WRONG, "SOUTIEN_HTTPS is off, or SOUTIEN_ADDRESS is not https://.")
    if not settings.BEHIND_PROXY:
        return Found("https", DOUBTFUL, "SOUTIEN_PROXY is off: who speaks HTTPS in front of it?")
    if not settings.PROXIES:
        return Found(
            "https", DOUBTFUL, "SOUTIEN_PROXY_ADDRESSES is empty: any sender may claim to be one."
        )
    elsewhere = [str(network) for network in settings.PROXIES if not network.is_loopback]
    if elsewhere and not settings.CERTIFICATE:
        return Found(
            "https",
            DOUBTFUL,
            f"From {', '.join(elsewhere)} to us it is said in clear: set SOUTIEN_CERTIFICATE.",
        )
    return Found("https", GOOD, "asked for, behind the named proxies")


def mail_leaves() -> Found:
    """The mail server answers, and knows us."""
    if not settings.COURIERS.get("mail"):
        return Found("mail", WRONG, "SOUTIEN_SMTP is not set: no mail ever leaves.")
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if not encrypted and not _is_local(settings.EMAIL_HOST):
        return Found(
            "mail", WRONG, "SOUTIEN_SMTP speaks in clear to another machine: no tls=none."
        )
    line = get_connection(timeout=5)
    try:
        line.open()
        line.close()
    except OSError as error:
        return Found("mail", WRONG, f"SOUTIEN_SMTP does not answer ({type(error).__name__}).")
    return Found("mail", GOOD, "the mail server takes our name")


def home_ours() -> Found:
    """Its directory can be written to, and by nobody else."""
    home = Path(settings.HOME)
    if not os.access(home, os.W_OK | os.X_OK):
        return Found("home", WRONG, f"{home} cannot be written to: see SOUTIEN_HOME.")
    if home.stat().st_mode & OPEN_TO_OTHERS:
        return Found("home", DOUBTFUL, f"Others may read {home}: chmod 700 {home}")
    return Found("home", GOOD, str(home))


def engine_new_enough() -> Found:
    """The database is of a version we try."""
    if connection.vendor == "sqlite":
        good = sqlite3.sqlite_version_info >= SQLITE_LEAST
        said = f"SQLite {sqlite3.sqlite_version}"
        least = ".".join(map(str, SQLITE_LEAST))
    else:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            number = int(cursor.fetchone()[0])
        good, said, least = number >= POSTGRESQL_LEAST, f"PostgreSQL {number // 10000}", "14"
    if not good:
        return Found("engine", WRONG, f"{said} is too old: at least {least}.")
    return Found("engine", GOOD, said)


def database_encrypted() -> Found:
    """What is asked of a database elsewhere is read by nobody on the way, and by it alone."""
    told = connection.settings_dict
    host = str(told["HOST"]) if connection.vendor == "postgresql" else ""
    if not host or host.startswith("/") or _is_local(host):
        return Found("database", GOOD, "on this machine")
    sslmode = str(told["OPTIONS"].get("sslmode", "prefer"))
    if sslmode == CHECKED_BY_NAME:
        return Found("database", GOOD, f"{host}, encrypted, its certificate checked by name")
    state = DOUBTFUL if sslmode in ENCRYPTED_UNPROVED else WRONG
    return Found(
        "database",
        state,
        f"DATABASE_URL to {host} has sslmode={sslmode}: write sslmode={CHECKED_BY_NAME} "
        "and sslrootcert=FILE.",
    )


def database_proof() -> Found:
    """How we prove to the database who we are: a password stays the same for years."""
    told = connection.settings_dict
    if connection.vendor != "postgresql" or not told["PASSWORD"]:
        return Found("credential", GOOD, "no password")
    return Found(
        "credential",
        DOUBTFUL,
        "DATABASE_URL holds a password: a socket (peer) or a certificate (sslcert) proves more.",
    )


def scanner_answers() -> Found:
    """Papers that people add are read by the virus scanner, when there is one."""
    if settings.SCANNER == NO_SCANNER:
        return Found("scanner", GOOD, "none: papers are checked by their form only")
    if not scanner.answers():
        return Found("scanner", WRONG, "SOUTIEN_SCANNER does not answer: no paper can be added.")
    return Found("scanner", GOOD, "it answers")


def migrations_applied() -> Found:
    """The tables are as this version knows them."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return Found("migrations", WRONG, f"{len(waiting)} not applied: soutien manage migrate")
    return Found("migrations", GOOD, "all applied")


def role_narrow() -> Found:
    """Whoever takes over the product cannot write history anew."""
    if connection.vendor != "postgresql":
        return Found("role", GOOD, "SQLite has none")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            return Found("role", WRONG, "It runs as a superuser: soutien database grants ROLE")
        for table in sorted(append_only()):
            cursor.execute(
                "SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class "
                "WHERE oid = %s::regclass",
                [table],
            )
            if cursor.fetchone()[0]:
                return Found("role", DOUBTFUL, f"It owns {table}: soutien database grants ROLE")
    return Found("role", GOOD, "it may add to the journal, and not change it")


def clock_right() -> Found:
    """The clocks of this machine and of the database agree."""
    if connection.vendor != "postgresql":
        year = datetime.now(UTC).year
        good = year >= FIRST_RELEASE_YEAR
        return Found("clock", GOOD if good else WRONG, f"this machine says {year}")
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
    apart = abs(theirs - (before + time.time()) / 2)
    if apart > CLOCK_MOST.total_seconds():
        return Found(
            "clock", WRONG, f"This clock and the database's differ by {apart:.0f} s: use NTP."
        )
    return Found("clock", GOOD, f"within {apart:.1f} s of the database's")


def keys_open() -> Found:
    """The sealing keys are there, and in a file that only we read."""
    try:
        count = len(keyring().keys)
    except SealingError as error:
        return Found("keys", WRONG, str(error))
    if not settings.SEALING_KEY_FILE:
        return Found(
            "keys", DOUBTFUL, "They are in the environment: a file can be changed while running."
        )
    return Found("keys", GOOD, f"{count} in {settings.SEALING_KEY_FILE}")


def journal_signed() -> Found:
    """The end of the journal is signed every day."""
    if not Path(settings.JOURNAL_SIGNING_KEY).exists():
        return Found("journal", DOUBTFUL, "Its end is not signed: soutien audit key")
    return Found("journal", GOOD, "its end is signed every day")


CHECKS: tuple[Callable[[], Found], ...] = (
    not_a_demo,
    secrets_strong,
    hosts_named,
    only_https,
    mail_leaves,
    home_ours,
    keys_open,
    journal_signed,
    engine_new_enough,
    database_encrypted,
    database_proof,
    scanner_answers,
    migrations_applied,
    role_narrow,
    clock_right,
)


def all_found() -> list[Found]:
    """Everything, then what Django itself has to say; one that cannot be looked at is wrong."""
    return [_looked_at(check) for check in CHECKS] + [
        Found("django", DOUBTFUL, f"{said.msg} ({said.id})")
        for said in checks.run_checks(include_deployment_checks=True)
        if said.level >= checks.WARNING and said.id not in ANSWERED
    ]


def _looked_at(check: Callable[[], Found]) -> Found:
    try:
        return check()
    except (DatabaseError, sqlite3.Error, OSError) as error:
        name = check.__name__.partition("_")[0]
        return Found(name, WRONG, f"It cannot be looked at ({type(error).__name__}).")


def _is_local(name: str) -> bool:
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"
