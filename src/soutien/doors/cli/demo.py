"""Starts the product with made-up people, on SQLite, in a directory of its own (SOUTIEN_HOME).

The first start fills the database; the next ones keep what was done. --reset starts over.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from soutien.doors.cli.serve import add_address, free_port, serve
from soutien.doors.environment import SettingError

DATABASE_FILES = ("soutien.sqlite3", "soutien.sqlite3-wal", "soutien.sqlite3-shm")
MARK = "this-is-a-demo"
LOADED = "demo-data-loaded"
STATIC_STAMP = "static-stamp"
BAR_WIDTH = 30
# Somebody who books looks for the mail at once.
COURIER_SECONDS = "3"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_address(parser)
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")


class Progress:
    """A bar on the terminal; one line a part where the output is a file."""

    def __init__(self) -> None:
        self.label = ""
        self.shown = -1

    def __call__(self, label: str, done: int, total: int) -> None:
        """Shows that ``done`` of ``total`` items of the part ``label`` are made."""
        filled = BAR_WIDTH * done // max(total, 1)
        if (label, filled) == (self.label, self.shown):
            return
        alive = sys.stderr.isatty()
        if label != self.label and not alive:
            print(f"  {label} …", file=sys.stderr, flush=True)
        if alive:
            bar = "█" * filled + "·" * (BAR_WIDTH - filled)
            end = "\n" if done >= total else ""
            print(f"\r  {label:28} {bar} {done}/{total}", end=end, file=sys.stderr, flush=True)
        self.label, self.shown = label, filled


def prepared_home() -> Path:
    """The demo's directory, marked as such. Raises SettingError when it is somebody's own."""
    home = Path(os.environ.setdefault("SOUTIEN_HOME", ".demo")).resolve()
    mark = home / MARK
    if not mark.exists() and any((home / name).exists() for name in DATABASE_FILES):
        raise SettingError(
            f"{home} holds a database that the demo did not make; the demo leaves it alone. "
            "Set SOUTIEN_HOME to another directory."
        )
    home.mkdir(parents=True, exist_ok=True)
    mark.write_text("Made by `soutien demo`; may be removed at any time.\n")
    return home


def forget(home: Path) -> None:
    """Removes the demo's database and what was derived from it; the secrets stay."""
    for name in (*DATABASE_FILES, LOADED, STATIC_STAMP):
        (home / name).unlink(missing_ok=True)
    shutil.rmtree(home / "static", ignore_errors=True)


def fill(home: Path) -> None:
    """Brings the tables up to date and makes the data when they are not there yet."""
    from django.core.management import call_command

    loaded = home / LOADED
    if not loaded.exists():
        # A database without the mark was interrupted half-way: it starts again.
        forget(home)
    call_command("migrate", verbosity=0, interactive=False)
    if loaded.exists():
        return
    from soutien.doors.cli import demo_data

    print("Making the demo's people, once:", file=sys.stderr, flush=True)
    started = time.monotonic()
    at = datetime.now(UTC)
    demo_data.load(at=at, progress=Progress())
    loaded.write_text(f"{at.isoformat()}\n")
    print(f"  done in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def collect_static(home: Path) -> None:
    """Copies and compresses the pages' files when one of them changed."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    stamp = home / STATIC_STAMP
    current = digest.hexdigest()
    if stamp.exists() and stamp.read_text() == current:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(current)


def welcome(url: str) -> str:
    """The address and the accounts, as they are shown when the demo is ready."""
    from soutien.doors.cli import demo_data

    rows = [("", "e-mail", "password", ""), *demo_data.ACCOUNTS]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"  {a:{widths[0]}}  {b:{widths[1]}}  {c:{widths[2]}}  {d}" for a, b, c, d in rows]
    return "\n".join(
        [
            "",
            f"Soutien is ready:  {url}/    (English: {url}/en/)",
            "",
            f"Everybody in it is made up. Accounts to sign in with, at {url}/connexion:",
            *lines,
            "",
            "Where a code is asked too, the page shows it: these people are made up.",
            f"Mails and texts stay here, at {url}/dev/boite.",
            "",
            "Ctrl-C stops it; what you did is kept. --reset starts over.",
        ]
    )


@contextmanager
def courier() -> Iterator[None]:
    """A worker beside the server, with the same settings; it ends with it, however that ends."""
    words = ["worker", "--with-jobs", "--every", COURIER_SECONDS, "--with-parent"]
    with subprocess.Popen([sys.executable, "-m", "soutien.doors.cli.main", *words]) as process:
        try:
            yield
        finally:
            process.terminate()


def run(args: argparse.Namespace) -> int:
    """Prepares the demo and serves it until it is interrupted."""
    os.environ["SOUTIEN_DEMO"] = "1"
    # Never somebody's real database, whatever the environment says.
    os.environ.pop("DATABASE_URL", None)
    port = free_port(args.host, args.port)
    if port is None:
        return 1
    home = prepared_home()
    shown = "localhost" if args.host in {"127.0.0.1", "0.0.0.0", "::"} else args.host
    address = f"http://{shown}:{port}"
    # What is written in mails and calendars leads back here.
    os.environ["SOUTIEN_ADDRESS"] = address
    if args.reset:
        forget(home)
    from soutien.doors.cli.framework import start

    start()
    fill(home)
    collect_static(home)
    message = welcome(address)
    with courier():
        serve(
            host=args.host,
            port=port,
            workers=1,
            threads=4,
            when_ready=lambda: print(message, flush=True),
        )
    return 0
