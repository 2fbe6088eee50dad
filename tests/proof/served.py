"""The product as it runs in life: processes of granian beside one scratch database.

A scratch database is copied from one that ``soutien manage migrate`` made, and dropped at the end:
a twin may lose its protections for good, and nothing has to be put back.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg
from django.conf import settings
from django.db import connection, connections

from soutien.doors.cli.serve import free_port

ROOT = Path(__file__).resolve().parents[2]
SOUTIEN = [sys.executable, "-m", "soutien.doors.cli.main"]
HOST = "127.0.0.1"
FULL = os.environ.get("SOUTIEN_PROOF") == "full"
# All tests run on SQLite first. What asks the same of both engines is then sent less of it in the
# short form: of every page and field something, and in turn.
SECOND = not FULL and bool(os.environ.get("SOUTIEN_TEST_DATABASE"))
# Each thread has a database connection; the test server allows a hundred for everybody.
THREADS = 16 if FULL else 6
START_SECONDS, STOP_SECONDS = 180, 20


@dataclass
class Product:
    """Web processes over one database: their ports, and where they say what went wrong."""

    url: str
    home: Path
    ports: list[int] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.home / "log"

    def start(self, *, late: timedelta = timedelta(0), without: tuple[str, ...] = ()) -> int:
        """One more process; its port. ``late`` puts its clock back, ``without`` unprotects it."""
        port = free_port(HOST, 0)
        assert port is not None
        command = [*SOUTIEN, "serve", "--port", str(port), "--workers", "1"]
        command += ["--threads", str(THREADS)]
        if late or without:
            command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1"]
            command += ["--host", HOST, "--port", str(port), "--log-level", "warning"]
            command += ["--blocking-threads", str(THREADS), "--no-ws"]
            command += ["tests.proof.unprotected:application"]
        environment = environment_of(self.url, self.home) | {
            "SOUTIEN_PROOF_LATE_SECONDS": str(late // timedelta(seconds=1)),
            "SOUTIEN_PROOF_WITHOUT": ",".join(without),
        }
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                command, env=environment, cwd=self.home, stdout=output, stderr=output
            )
        self.processes.append(process)
        self.wait_for(port)
        self.ports.append(port)
        return port

    def wait_for(self, port: int) -> None:
        """Returns when the process answers. Raises AssertionError with its log otherwise."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                urlopen(f"http://{HOST}:{port}/health", timeout=10).close()
                return
            except OSError:
                # Not there yet, or too slow to say so on a busy machine.
                time.sleep(0.05)
        raise AssertionError(f"No answer within {START_SECONDS} s:\n{self.log.read_text()}")

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGINT)
        for process in self.processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def run_sql(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """What one statement answers, on a connection of its own."""
        with psycopg.connect(self.url, autocommit=True) as direct:
            cursor = direct.execute(statement, values)  # type: ignore[call-overload]
            return list(cursor.fetchall()) if cursor.description else []


def environment_of(url: str, home: Path) -> dict[str, str]:
    """Settings as an operator writes them; the keys are those of the tests, to open sessions."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "SOUTIEN_HOME": str(home),
        "SOUTIEN_STATIC_ROOT": str(home.parent / "static"),
        "SOUTIEN_SECRET_KEY": settings.SECRET_KEY,
        "SOUTIEN_SEALING_KEY": settings.SEALING_KEY,
        "SOUTIEN_HTTPS": "0",
        # Everybody comes from one address here; the proof of the rates sets them again.
        "SOUTIEN_RATES": "0",
    }


def address_of(name: str) -> str:
    """The address of a database of the test server."""
    return urlsplit(os.environ["SOUTIEN_TEST_DATABASE"])._replace(path=f"/{name}").geturl()


def new_name() -> str:
    return f"proof_{uuid.uuid4().hex[:12]}"


def on_server(statement: str) -> None:
    """One statement on the test server, outside any transaction."""
    server = os.environ["SOUTIEN_TEST_DATABASE"]
    with psycopg.connect(server, autocommit=True) as direct:
        direct.execute(statement)  # type: ignore[call-overload]


def files_of_pages(url: str, home: Path) -> None:
    """The pages' own files, as an operator puts them in place."""
    command = [*SOUTIEN, "manage", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(command, env=environment_of(url, home), cwd=home, check=True)


@contextmanager
def scratch_product(template: str, home: Path, *, may_fail: bool = False) -> Iterator[Product]:
    """An empty database of its own, which the tests' own connection uses too, and no process.

    Nothing a process says in its log is a traceback, unless it may fail, as a twin does.
    """
    with scratch_database(template) as url:
        product = Product(url, home)
        try:
            yield product
        finally:
            product.stop()
        said = product.log.read_text().splitlines() if product.log.exists() else []
        # A log that tells everything tells which words a template did without; that is no failure.
        failed = [line for line in said if "Traceback" in line and '"level": "debug"' not in line]
        assert may_fail or not failed, "\n".join([*failed[:5], *said[-40:]])


@contextmanager
def scratch_database(template: str) -> Iterator[str]:
    """The address of a copy of a database, which Django uses meanwhile."""
    connections.close_all()
    before, name = connection.settings_dict["NAME"], new_name()
    on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
    connection.settings_dict["NAME"] = name
    try:
        yield address_of(name)
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before
        on_server(f"DROP DATABASE {name} WITH (FORCE)")
