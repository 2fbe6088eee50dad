"""How fast texts are sealed and opened, a key is replaced, and everything is saved and restored.

    python -m bench.sealing     (options: --people, --quick)

First on PostgreSQL, on a server started here that writes safely to disk (``--quick``: one that
does not), then on SQLite. The registers hold so many people, each with seven sealed texts and two
blind indexes. A rotation is measured alone, then beside a writer that saves people all the time:
what both do a second is told. The peak of memory is that of a process that makes a backup of all
of them, and of one that makes it of a hundredth.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from bench.engines import ready, run_both

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ROUNDS, BATCH = 5, 1000
KEY = "a key for the backups of a bench"
ROW = UUID("5a1f0e7c-3d8b-4c57-9b43-0a3cf2f6b001")


def filled(number: int) -> None:
    """So many people."""
    from tests import factories

    from soutien.registers.people.models import Person
    from soutien.registers.people.queries import likeness_index, nir_index

    born = date(1990, 5, 17)
    for first in range(0, number, BATCH):
        nirs = [factories.made_up_nir(first + one) for one in range(min(BATCH, number - first))]
        Person.objects.bulk_create(
            Person(
                given_name="Camille",
                family_name="d’Exemple-Très-Long",
                birth_date=born.isoformat(),
                nir=nir,
                nir_index=nir_index(nir),
                likeness_index=likeness_index("d’Exemple", born.isoformat()),
                email="camille.dexemple@example.org",
                phone="06 00 00 00 00",
                created_at=AT,
            )
            for nir in nirs
        )


def a_second(act: Callable[[], int]) -> float:
    """How many of what an act counts are done in a second, by the median of the rounds."""
    speeds = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        speeds.append(act() / (time.perf_counter() - started))
    return statistics.median(speeds)


def sealed_texts() -> int:
    from soutien.sealing import seal

    for _text in range(10_000):
        seal("marguerite@example.org", "people_person.email", ROW)
    return 10_000


def opened_texts() -> int:
    from soutien.sealing import seal, unseal

    sealed = seal("marguerite@example.org", "people_person.email", ROW)
    for _text in range(10_000):
        unseal(sealed, "people_person.email", ROW)
    return 10_000


def people_read() -> int:
    from soutien.registers.people.models import Person

    return len(Person.objects.all()[:5_000])


def next_key(number: int) -> None:
    """Another key seals from now on; the last two open."""
    from django.conf import settings

    settings.SEALING_KEYS_OLD = [settings.SEALING_KEY]
    settings.SEALING_KEY = f"sealing key number {number} of a bench"


def rotated() -> int:
    from soutien.sealing.rotation import rotate

    outcome = rotate()
    assert outcome.left == 0
    return outcome.done


def beside_a_writer(number: int) -> tuple[float, float, int]:
    """Rows rotated and rows saved a second at once, and how often one overtook the other."""
    from django.db import connection

    from soutien.registers.people.models import Person
    from soutien.sealing.rotation import rotate

    until, saved = threading.Event(), [0]
    keys = list(Person.objects.values_list("pk", flat=True)[:500])

    def write() -> None:
        while not until.is_set():
            for key in keys:
                row = Person.objects.get(pk=key)
                row.phone = str(saved[0])
                row.save(update_fields=["phone"])
                saved[0] += 1
        connection.close()

    next_key(number)
    thread = threading.Thread(target=write)
    thread.start()
    started = time.perf_counter()
    outcome = rotate()
    seconds = time.perf_counter() - started
    until.set()
    thread.join()
    assert outcome.left == 0
    return outcome.done / seconds, saved[0] / seconds, outcome.overtaken


def saved_and_restored(home: Path) -> tuple[float, float, float, float]:
    """Rows a second of a backup and of a restore over it, its MiB, and the peak of memory."""
    from soutien.doors.backups.envelope import Secrets
    from soutien.doors.backups.making import make
    from soutien.doors.backups.restoring import restore

    path, secrets = home / "bench.backup", Secrets(keys=[KEY])
    started = time.perf_counter()
    made = make(path, secrets, made_at=AT, version="bench")
    making = made.rows / (time.perf_counter() - started)
    started = time.perf_counter()
    restore(path, secrets, replace=True)
    restoring = made.rows / (time.perf_counter() - started)
    path.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return making, restoring, made.bytes / (1 << 20), peak


def tell(engine: str, people: int, home: str) -> None:
    small = max(people // 100, 1)
    filled(small)
    _making, _restoring, _size, few = saved_and_restored(Path(home))
    from soutien.registers.people.models import Person

    Person.objects.all().delete()
    filled(people)
    making, restoring, size, many = saved_and_restored(Path(home))
    print(f"\n{engine}, {people:,} people")
    print(f"  seal one text                 {a_second(sealed_texts):>10,.0f} a second")
    print(f"  open one text                 {a_second(opened_texts):>10,.0f} a second")
    print(f"  read people, seven texts each {a_second(people_read):>10,.0f} a second")
    next_key(1)
    started, processor = time.perf_counter(), time.process_time()
    rows = rotated()
    alone, own = time.perf_counter() - started, time.process_time() - processor
    print(
        f"  rotate, alone                 {rows / alone:>10,.0f} rows a second, "
        f"{own / rows * 1000:.2f} ms of own processor each"
    )
    rotating, writing, overtaken = beside_a_writer(2)
    print(
        f"  rotate, beside a writer       {rotating:>10,.0f} rows a second, and {writing:,.0f} "
        f"saved; {overtaken} overtaken"
    )
    print(f"  backup                        {making:>10,.0f} rows a second, {size:.1f} MiB")
    print(f"  restore, all checks           {restoring:>10,.0f} rows a second")
    print(
        f"  peak of memory                {few:>10,.0f} MiB for {small:,}, {many:,.0f} MiB for all"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--quick", action="store_true", help="PostgreSQL without fsync")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.engine:
        return run_both("bench.sealing", quick=options.quick)
    with tempfile.TemporaryDirectory() as home:
        ready(os.environ["DATABASE_URL"], home)
        tell(options.engine, options.people, home)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
