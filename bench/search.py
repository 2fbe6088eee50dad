"""How long the search page takes over HTTP, and its processor time, against a nearly empty view.

    python -m bench.search        (options: --psychologists, --seconds, --rounds, --sqlite)

The product as it is served: ``soutien serve`` with two workers, over the demo's made-up country
(6,700 psychologists; ``--psychologists 100000`` for more), on a PostgreSQL server started here,
or on SQLite. Pages are asked for in turn with 1 and with 8 clients, on the same machine:

- health: /health, a view with hardly anything in it but one question to the database;
- still: a page without a question, /aide;
- near: the psychologists nearest a town, towns drawn by population;
- earliest: the same sorted by the earliest place;
- filters: the nearest with three wishes.

Asked once each worker has read the agendas ahead. "CPU" is the processor time of a request in all
web workers; "base" in the database server. Both say the same on a busy machine; the milliseconds
a client waits do not.
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
HOST, WORKERS, CLIENTS = "127.0.0.1", 2, (1, 8)
AIM_P95_MS, AIM_CPU_MS = 100, 10
TICKS = os.sysconf("SC_CLK_TCK")
SOUTIEN = [sys.executable, "-m", "soutien.doors.cli.main"]
TOWNS = 300


class Asked(NamedTuple):
    """What one round saw: seconds a request, and processor seconds in all."""

    waits: list[float]
    lasted: float
    processor: float
    base: float


def towns(dice: random.Random) -> list[str]:
    """Names of towns, the large ones more often."""
    from soutien.registers.places.gazetteer import all_towns

    known = [town for town in all_towns() if town.population]
    drawn = dice.choices(known, [town.population for town in known], k=TOWNS)
    return [quote(town.name) for town in drawn]


def pages(dice: random.Random) -> dict[str, Callable[[], str]]:
    """An address a call, for each kind of page."""
    names = towns(dice)
    return {
        "health": lambda: "/health",
        "still": lambda: "/aide",
        "near": lambda: f"/trouver?place={dice.choice(names)}",
        "earliest": lambda: f"/trouver?place={dice.choice(names)}&order=earliest&radius=25",
        "filters": lambda: (
            f"/trouver?place={dice.choice(names)}&public=child&step_free=on&radius=25"
        ),
    }


# --- processor time ----------------------------------------------------------------------------


def family(parent: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            try:
                told = (directory / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(told[1]), []).append(int(directory.name))
    found = [parent]
    for pid in found:
        found += children.get(pid, [])
    return found


def processor(pid: int | None) -> float:
    """Processor seconds of a process and its descendants so far; none of none."""
    total = 0
    for one in family(pid) if pid else ():
        try:
            told = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # Its own, and that of its children which have ended.
        total += sum(map(int, told[11:15]))
    return total / TICKS


# --- the product -------------------------------------------------------------------------------


def made_country(psychologists: int) -> None:
    """The demo's country in the database of the settings."""
    import django

    django.setup()
    from django.core.management import call_command

    from soutien.doors.cli.demo_data.load import Scale, load

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    load(at=datetime.now(UTC), scale=Scale(psychologists=psychologists, people=300))
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()


@contextmanager
def served(environment: dict[str, str], home: Path) -> Iterator[tuple[int, int]]:
    """The product on a free port: the port and the process."""
    from soutien.doors.cli.serve import free_port

    port = free_port(HOST, 0)
    assert port is not None
    environment = environment | {"SOUTIEN_LOG_LEVEL": "INFO"}
    words = [*SOUTIEN, "serve", "--port", str(port), "--workers", str(WORKERS)]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(words, env=environment, cwd=home, stdout=log, stderr=log)
    try:
        for _ in range(600):
            try:
                http.client.HTTPConnection(HOST, port).request("GET", "/health")
                break
            except OSError:
                time.sleep(0.1)
        # What is measured is a process that has read the agendas ahead, as all soon have.
        for _ in range(1200):
            if (home / "log").read_text().count("are ready for searches") == WORKERS:
                break
            time.sleep(0.1)
        print((home / "log").read_text().strip())
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def asked(
    port: int, pids: tuple[int, int | None], page: Callable[[], str], clients: int, seconds: float
) -> Asked:
    """So many clients, each on a connection of its own, one request after the other."""
    waits: list[float] = []
    start = threading.Barrier(clients + 1)

    def client() -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        connection.connect()
        start.wait()
        end = time.perf_counter() + seconds
        before = time.perf_counter()
        while before < end:
            connection.request("GET", page(), headers={"Accept-Encoding": "gzip"})
            response = connection.getresponse()
            response.read()
            if response.status >= 400:
                raise SystemExit(f"{response.status}")
            after = time.perf_counter()
            waits.append(after - before)
            before = after
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    web, base = processor(pids[0]), processor(pids[1])
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - began
    return Asked(waits, lasted, processor(pids[0]) - web, processor(pids[1]) - base)


def compare(port: int, pids: tuple[int, int | None], seconds: float, rounds: int) -> None:
    """All pages in turn, by so many clients."""
    kinds = pages(random.Random(20261122))
    for page in kinds.values():
        # Each worker reads what it keeps in memory at its first question.
        asked(port, pids, page, 8, 1.5)
    print(
        f"{'clients':>7}  {'page':9}{'req/s':>8}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}"
        f"{'CPU ms':>8}{'base ms':>8}{'CPU ratio':>10}"
    )
    for clients in CLIENTS:
        seen: dict[str, list[Asked]] = {name: [] for name in kinds}
        for _ in range(rounds):
            for name, page in kinds.items():
                seen[name].append(asked(port, pids, page, clients, seconds))
        empty = 0.0
        for name, found in seen.items():
            waits = sorted(1000 * wait for one in found for wait in one.waits)
            rate = statistics.median(len(one.waits) / one.lasted for one in found)
            cpu = 1000 * sum(one.processor for one in found) / len(waits)
            base = 1000 * sum(one.base for one in found) / len(waits)
            empty = empty or cpu
            print(
                f"{clients:>7}  {name:9}{rate:8.0f}{waits[len(waits) // 2]:8.1f}"
                f"{waits[len(waits) * 95 // 100]:8.1f}{waits[len(waits) * 99 // 100]:8.1f}"
                f"{cpu:8.2f}{base:8.2f}{cpu / empty:10.1f}"
            )


def postmaster(url: str) -> int | None:
    """The process of the PostgreSQL server started here, None of another."""
    import psycopg

    with psycopg.connect(url) as direct:
        [directory] = direct.execute("SHOW data_directory").fetchone() or [""]
    try:
        return int((Path(directory) / "postmaster.pid").read_text().splitlines()[0])
    except OSError:
        return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--psychologists", type=int, default=6_700)
    parser.add_argument("--seconds", type=float, default=3, help="each page, each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead")
    options = parser.parse_args()
    from tests import postgres

    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        base, url = None, f"sqlite:///{home}/bench.sqlite3"
        if not options.sqlite:
            url = stack.enter_context(postgres.server()).url
            base = postmaster(url)
        os.environ |= {
            "DATABASE_URL": url,
            "SOUTIEN_HOME": str(home),
            "SOUTIEN_SECRET_KEY": "for the bench only, long enough to please Django's checks",
            "SOUTIEN_SEALING_KEY": "for the bench only, as long as a key",
            "SOUTIEN_HTTPS": "0",
            "SOUTIEN_RATES": "0",
            "SOUTIEN_WARM_SECONDS": "120",
            "DJANGO_SETTINGS_MODULE": "soutien.doors.settings",
        }
        made_country(options.psychologists)
        engine = "SQLite" if options.sqlite else "PostgreSQL"
        print(
            f"{platform.machine()}, {os.cpu_count()} cores, CPython {platform.python_version()}, "
            f"{engine}, {options.psychologists:,} psychologists, {WORKERS} workers"
        )
        print(f"aim: p95 under {AIM_P95_MS} ms with 8 clients, under {AIM_CPU_MS} ms of CPU")
        print(f"load before: {os.getloadavg()[0]:.1f}")
        port, pid = stack.enter_context(served(dict(os.environ), home))
        compare(port, (pid, base), options.seconds, options.rounds)
        print(f"load after: {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
