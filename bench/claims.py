"""How many claims a second are entered and decided, and whether that depends on what is there.

    python -m bench.claims      (options: --sessions N N, --claims, --at-once,
                                     --side-by-side 1, --counter, --quick)

Into a base of each size, people's evaluations and follow-ups are entered by ``receive_claims``,
``--at-once`` lines a transaction, two of them at once on PostgreSQL as ``soutien claims enter``
does: matched, their years locked, decided, written with sheet, claim, decision, seat, ledger,
letter and chained line of the journal. Then ``--counter`` people send a sheet each, by a request
to the whole application. Told: claims a second (median of the
transactions), queries a claim, the milliseconds of one at the counter, and the ratio between the
sizes.

The base is made by the database itself: sessions with their seat, sheet, claim and decision, five
a person. First on PostgreSQL that writes safely to disk (``--quick``: one that does not), then on
SQLite.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from bench.engines import ready, run_both

# As ``soutien claims enter`` does; 1 for one transaction at a time.
SIDE_BY_SIDE = 2
FOUND = 302
SIZES = (10_000, 3_000_000)
SESSIONS_A_PERSON, CAP = 5, 12
FIRST_DAY = date(2026, 1, 5)
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
OPENED = date(2022, 4, 5)
FUND = "019990069"
PSYCHOLOGISTS = 200
PERCENTILE_95 = 0.95
FAR = 500_000_000
NIRS_A_DAY = 900
RECURSIVE = "WITH RECURSIVE s(n) AS (SELECT {a} UNION ALL SELECT n + 1 FROM s WHERE n < {b})"


class Entered(NamedTuple):
    """One size: claims a second, queries a claim, and the counter's milliseconds."""

    a_second: float
    own_cpu_ms: float
    served_ms: float
    queries: float
    counter_p50: float
    counter_p95: float


@contextmanager
def counted() -> Iterator[list[int]]:
    """A mark for each statement given to the database, whoever gives it; copies are among them."""
    from unittest.mock import patch

    from django.db.backends.utils import CursorWrapper
    from psycopg import Cursor

    asked: list[int] = []

    def count(original: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*words: Any, **named: Any) -> Any:
            asked.append(1)
            return original(*words, **named)

        return counting

    with (
        patch.object(CursorWrapper, "execute", count(CursorWrapper.execute)),
        patch.object(CursorWrapper, "executemany", count(CursorWrapper.executemany)),
        patch.object(Cursor, "copy", count(Cursor.copy)),
    ):
        yield asked


def fill(model: Any, first: int, last: int, **columns: str) -> None:
    """Rows ``first`` to ``last`` of a table, made by the database; ``n`` is the row's number."""
    from django.db import connection

    postgresql = connection.vendor == "postgresql"
    names, values, given = [], [], []
    for field in model._meta.local_concrete_fields:
        names.append(field.column)
        if field.column in columns:
            values.append(columns[field.column].replace("%", "%%"))
            continue
        value = _neutral(field, postgresql)
        values.append(value if isinstance(value, str) else "%s")
        given += [] if isinstance(value, str) else [value[0]]
    head = "" if postgresql else RECURSIVE.format(a=first, b=last)
    source = f"generate_series({first}, {last}) AS s(n)" if postgresql else "s"
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) {head} "
            f"SELECT {', '.join(values)} FROM {source}",
            given,
        )


def _neutral(field: Any, postgresql: bool) -> str | tuple[Any]:
    """A value that says nothing; text is SQL, a tuple holds what is given to it."""
    from django.db import connection

    kind = field.get_internal_type()
    if field.primary_key:
        return "n"
    if field.null:
        return "NULL"
    if kind == "UUIDField":
        return "gen_random_uuid()" if postgresql else "lower(hex(randomblob(16)))"
    if kind == "BinaryField":
        return (connection.Database.Binary(b"\x01" * 160),)
    if kind == "DateTimeField":
        return (connection.ops.adapt_datetimefield_value(NOW),)
    if kind == "JSONField":
        return ("{}",) if not postgresql else "'{}'::jsonb"
    if kind == "BooleanField":
        return "false"
    return "''" if kind in ("CharField", "TextField", "SlugField") else "0"


def _day(offset: str) -> str:
    from django.db import connection

    if connection.vendor == "postgresql":
        return f"DATE '{FIRST_DAY}' + ({offset})::int"
    return f"date('{FIRST_DAY}', '+' || ({offset}) || ' days')"


@contextmanager
def unguarded(models: Sequence[Any]) -> Iterator[None]:
    """Tables that the database fills at once: keys are not looked up, plain indexes come after.

    The rows point to each other by construction; what is measured later is guarded as ever.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        cursor.execute("SET session_replication_role TO replica")
        cursor.execute("SET maintenance_work_mem TO '256MB'")
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique AND NOT indisexclusion",
            [tables],
        )
        indexes = cursor.fetchall()
        for name, _made_by in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for _name, made_by in indexes:
            cursor.execute(made_by)
        cursor.execute("SET session_replication_role TO DEFAULT")
        cursor.execute("RESET synchronous_commit")
        cursor.execute("CHECKPOINT")


def grow(before: int, sessions: int, places: list[tuple[int, int]]) -> None:
    """The base with so many sessions, from so many; those measured have other numbers."""
    from soutien.registers.care.models import CareSession, Seat, Year
    from soutien.registers.claims.models import CareSheet, Claim, Decision, SheetLine
    from soutien.registers.people.models import Affiliation, Person

    begun = time.perf_counter()
    tables = (Person, Affiliation, Year, CareSession, Seat, CareSheet, SheetLine, Claim, Decision)
    with unguarded(tables):
        _grow(before, sessions, places)
    print(f"  {sessions - before:,} sessions made in {time.perf_counter() - begun:.0f} s")


def _grow(before: int, sessions: int, places: list[tuple[int, int]]) -> None:
    from django.db import connection

    from soutien.registers.care.models import CareSession, Seat, Year
    from soutien.registers.claims.models import CareSheet, Claim, Decision, SheetLine
    from soutien.registers.people.models import Affiliation, Person

    first, last = before + 1, sessions
    people = f"(n - 1) / {SESSIONS_A_PERSON} + 1"
    rank = f"(n - 1) % {SESSIONS_A_PERSON}"
    low, high = (number // SESSIONS_A_PERSON for number in (before, sessions))
    place_id, owner = places[0]
    kind = f"CASE WHEN {rank} = 0 THEN 'evaluation' ELSE 'follow_up' END"
    day, code = _day(f"{rank} * 7 + n % 7"), f"CASE WHEN {rank} = 0 THEN 'EEP' ELSE 'APS' END"
    psychologist_id, session = f"{owner}", {"care_session_id": "n", "person_id": people}
    fill(Person, low + 1, high, language="'fr'")
    fill(Affiliation, low + 1, high, person_id="n", regime="'general'", fund_code=f"'{FUND}'",
         valid_from=_day("0"), declared_by="'person'")  # fmt: skip
    fill(Year, low + 1, high, person_id="n", civil_year="2026")
    fill(CareSession, first, last, person_id=people, psychologist_id=psychologist_id,
         place_id=f"{place_id}", held_on=day, kind=kind, modality="'in_person'", performed="true",
         price_cents="5000")  # fmt: skip
    fill(Seat, first, last, year_id=people, number=f"{rank} + 1", cap=f"{CAP}", kind=kind,
         used="true", care_session_id="n")  # fmt: skip
    fill(CareSheet, first, last, person_id=people, number="'B' || n",
         psychologist_id=psychologist_id, issued_on=day, signed_by_person="true",
         signed_by_psychologist="true", complete="true")  # fmt: skip
    fill(SheetLine, first, last, care_sheet_id="n", position="1", care_session_id="n",
         act_code=code, price_cents="5000")  # fmt: skip
    fill(Claim, first, last, **session, reference="'B' || n", care_sheet_id="n",
         psychologist_id=psychologist_id, fund_code=f"'{FUND}'", sent_by="'person'",
         received_on=day)  # fmt: skip
    fill(Decision, first, last, claim_id="n", sequence="1", profile="'operational'",
         accepted="true", coverage="1", price_cents="5000", amo_cents="3000", amc_cents="2000",
         patient_upfront_cents="5000", used_before=rank, used_after=f"{rank} + 1",
         law_version="'000000000000'")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def far_numbers() -> None:
    """What is measured is numbered far above the base, which grows below it."""
    from django.db import connection

    from soutien.registers.care.models import CareSession, Seat, Year
    from soutien.registers.claims.models import CareSheet, Claim, Decision, SheetLine
    from soutien.registers.people.models import Affiliation, Person

    tables = (Person, Affiliation, Year, CareSession, Seat, CareSheet, SheetLine, Claim, Decision)
    for model in tables:
        table = model._meta.db_table
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {FAR})")
            else:
                cursor.execute(f"DELETE FROM sqlite_sequence WHERE name = '{table}'")
                cursor.execute(f"INSERT INTO sqlite_sequence VALUES ('{table}', {FAR})")


def practices() -> list[tuple[int, int, str]]:
    """Places of psychologists under agreement: place, psychologist, RPPS number."""
    from tests import factories

    found = []
    for _ in range(PSYCHOLOGISTS):
        who = factories.psychologist(under_agreement_from=OPENED)
        found.append((factories.place(who).pk, who.pk, who.rpps))
    return found


def newcomers(number: int, first: int) -> list[Any]:
    """People with their rights, whose numbers are read."""
    from tests import factories

    from soutien.registers.people import queries as people
    from soutien.registers.people.models import Affiliation, Cover, Person

    made = []
    for offset in range(number):
        number = first + offset
        born = date(1950, 1, 1) + timedelta(days=31 * (number // NIRS_A_DAY))
        nir = factories.made_up_nir(number % NIRS_A_DAY, born_on=born)
        made.append(
            Person(
                given_name="Camille",
                family_name="Exemple",
                birth_date=born.isoformat(),
                nir=nir,
                nir_index=people.nir_index(nir),
                created_at=NOW,
            )
        )
    Person.objects.bulk_create(made, batch_size=500)
    Affiliation.objects.bulk_create(
        [
            Affiliation(person=who, regime="general", fund_code=FUND, valid_from=OPENED)
            for who in made
        ],
        batch_size=500,
    )
    Cover.objects.bulk_create(
        [Cover(person=who, insurer_name="Mutuelle", valid_from=OPENED) for who in made],
        batch_size=500,
    )
    return made


def lines(people: list[Any], places: list[tuple[int, int, str]], rank: int) -> list[Any]:
    """The session of this rank of each of them: an evaluation, then follow-ups."""
    from soutien.rules.codes import Kind, Modality
    from soutien.steps.received import Written

    day = FIRST_DAY + timedelta(days=7 * rank)
    return [
        Written(
            sheet=f"Z{who.pk}-{rank}",
            nir=who.nir,
            birth_date=date.fromisoformat(who.birth_date),
            psychologist=places[who.pk % len(places)][2],
            held_on=day,
            kind=Kind.FOLLOW_UP if rank else Kind.EVALUATION,
            modality=Modality.IN_PERSON,
            price_cents=5000,
            received_on=day + timedelta(days=3),
        )
        for who in people
    ]


def processor_of_the_database(entering: Any) -> float:
    """Seconds of processor of the server's processes for this one; nothing on SQLite."""
    from django.db import connection

    def spent() -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [process] = cursor.fetchone()
        told = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    if connection.vendor != "postgresql":
        return 0.0
    return spent() + entering.other.submit(spent).result()


def measured(
    people: list[Any], places: list[Any], claims: int, at_once: int, together: int = 1
) -> list[float]:
    """Seconds a claim of each part, processor seconds here and in the database, the queries."""
    from soutien.doors.cli.side_by_side import SideBySide
    from soutien.steps.actor import SYSTEM
    from soutien.steps.receive import receive_claims

    def enter(part: Any) -> Any:
        return receive_claims(actor=SYSTEM, lines=part, at=NOW)

    seconds, processor, done = [], 0.0, 0
    with counted() as asked, SideBySide(enter) as entering:
        entering.at_once = min(entering.at_once, together)
        at_once *= entering.at_once
        served = processor_of_the_database(entering)
        for rank in range(-(-claims // len(people))):
            file = lines(people, places, rank)
            for first in range(0, len(file), at_once):
                batch = file[first : first + at_once]
                started, used = time.perf_counter(), time.process_time()
                answers = entering.enter(batch)
                seconds.append((time.perf_counter() - started) / len(batch))
                processor += time.process_time() - used
                done += len(batch)
                if not all(answer.accepted for answer in answers):
                    raise SystemExit(f"Not accepted: {answers[:3]}")
        served = processor_of_the_database(entering) - served
    return [statistics.median(seconds), processor / done, served / done, sum(asked) / done]


def at_the_counter(people: list[Any], places: list[Any], number: int) -> list[float]:
    """Milliseconds of each sheet sent by itself, by its person's request to the application.

    Through all of it: the session, what guards an address, the step, the journal.
    """
    from django.test import Client
    from tests import factories

    from soutien.registers.accounts.models import Role
    from soutien.registers.psychologists.models import PracticePlace

    found = []
    for who in people[:number]:
        place = PracticePlace.objects.get(pk=places[who.pk % len(places)][0])
        held_on = FIRST_DAY + timedelta(days=300)
        session = factories.care_session(who, place, held_on=held_on)
        sheet = factories.care_sheet(session, act_code="APS")
        client = Client(SERVER_NAME="localhost")
        client.force_login(factories.account(Role.PERSON, person=who))
        started = time.perf_counter()
        answer = client.post(f"/feuilles/{sheet.public_id}/envoyer")
        found.append(1000 * (time.perf_counter() - started))
        if answer.status_code != FOUND:
            raise SystemExit(f"Not sent: {answer.status_code}")
    return sorted(found)


def compare(options: argparse.Namespace) -> None:
    """The table of one engine."""
    engine, sizes, claims = options.engine, options.sessions, options.claims
    at_once, counter, together = options.at_once, options.counter, options.side_by_side
    far_numbers()
    places = practices()
    print(f"\n{engine}, {at_once} claims a transaction, load {os.getloadavg()[0]:.1f}")
    print(
        f"{'sessions there':>15} {'claims/s':>9} {'own CPU ms':>11} {'database CPU ms':>16} "
        f"{'queries/claim':>14} "
        f"{'counter p50 ms':>15} {'p95':>6}"
    )
    found: list[Entered] = []
    before = 0
    for place, size in enumerate(sizes):
        grow(before, size, [(row[0], row[1]) for row in places])
        before = size
        people = newcomers(at_once + max(2 * at_once, claims // 8), 1 + place * 100_000)
        measured(people[:at_once], places, 1, at_once, together)
        people = people[at_once:]
        each, processor, served, queries = measured(people, places, claims, at_once, together)
        waited = at_the_counter(people, places, counter)
        found.append(
            Entered(
                1 / each,
                1000 * processor,
                1000 * served,
                queries,
                statistics.median(waited),
                waited[int(PERCENTILE_95 * (len(waited) - 1))],
            )
        )
        row = found[-1]
        print(
            f"{size:>15,} {row.a_second:9.0f} {row.own_cpu_ms:11.2f} {row.served_ms:16.2f} "
            f"{row.queries:14.3f} "
            f"{row.counter_p50:15.1f} {row.counter_p95:6.1f}",
            flush=True,
        )
    ratio = found[0].a_second / found[-1].a_second
    print(f"cost of a claim, largest base against smallest: {ratio:.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--claims", type=int, default=20_000, help="entered into each size")
    parser.add_argument("--at-once", type=int, default=500, help="lines of one transaction")
    parser.add_argument("--side-by-side", type=int, default=SIDE_BY_SIDE, help="transactions")
    parser.add_argument("--counter", type=int, default=200, help="sent one by one")
    parser.add_argument("--quick", action="store_true", help="PostgreSQL without fsync")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.engine:
        return run_both("bench.claims", quick=options.quick)
    with tempfile.TemporaryDirectory() as home:
        ready(os.environ["DATABASE_URL"], home)
        compare(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
