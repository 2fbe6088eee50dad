"""How long "the earliest near me" takes, over all psychologists at once.

    python -m bench.find                            6,700 psychologists, a scratch SQLite file
    python -m bench.find --psychologists 100000 --booked 10
    python -m tests.postgres python -m bench.find   the same on PostgreSQL

The psychologists and their hours are those of the demo; ``--booked`` percent of the times of the
coming four weeks are then taken. Questions are asked around places where psychologists are, so
that big towns count as often as people look there: a radius of 5 to 50 km, new patients, and up
to four wishes.

Contenders take turns question by question, and their answers are compared:

engine      soutien.steps.projection: one question for what was written since, then memory
slot rows   a table with one row a free time, which the product does not have: the tables of
            places and times joined and sorted by SQL (making and mending the rows not counted)
on the fly  candidates_near and first_free: all from the tables, for each question anew
whole step  find_psychologists: the engine, and twenty cards with three times each

Times are those of the processor here and the wall clock beside; what PostgreSQL's server spends
is on the wall clock only.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from math import pi, sin
from random import Random
from typing import Any

import numpy as np

AT = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
WEEKS = timedelta(weeks=4)
EARLIEST = 20
GRID = 25
KIND, MODALITY = "evaluation", "in_person"
AIMS_MS = {"engine": 2.0, "grid": 10.0}


def settle(directory: str) -> None:
    """Settings for a scratch database, or for the server that ``tests.postgres`` started."""
    server = os.environ.get("SOUTIEN_TEST_DATABASE")
    os.environ.update(
        SOUTIEN_DEMO="1",
        SOUTIEN_HOME=directory,
        DATABASE_URL=server or f"sqlite:///{directory}/bench.sqlite3",
        DJANGO_SETTINGS_MODULE="soutien.doors.settings",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def fill(psychologists: int, booked_percent: int) -> dict[str, int]:
    """The demo's psychologists and hours, some of their times taken; how many rows of each."""
    from django.db import connection, transaction

    from soutien.doors.cli.demo_data.agendas import agenda
    from soutien.doors.cli.demo_data.psychologists import practitioners
    from soutien.doors.cli.demo_data.storing import pour, store
    from soutien.registers.agenda import queries
    from soutien.registers.agenda.models import Booking, OpeningException, OpeningRule
    from soutien.registers.people.models import Person
    from soutien.registers.psychologists.models import PracticePlace

    made = practitioners(psychologists, AT.date())
    with transaction.atomic():
        store(item.psychologist for item in made)
        store(place for item in made for place in item.places)
        store(item.agreement for item in made)
        store(item.suspension for item in made if item.suspension)
        agendas = [agenda(item, AT.date()) for item in made]
        pour(rule for item in agendas for rule in item.rules)
        pour(exception for item in agendas for exception in item.exceptions)
        # Nobody is in two places at once: each psychologist sees one person of their own.
        people = [
            Person(given_name="", family_name="", birth_date="1990-01-01", created_at=AT)
            for _ in made
        ]
        store(people)
    random = Random(1)
    keys = [item.psychologist.pk for item in made]
    of = dict(zip(keys, people, strict=True))

    def taken() -> Iterator[Booking]:
        for start in range(0, len(keys), 500):
            some = keys[start : start + 500]
            free = queries.free_slots(
                some, since=AT, until=AT + WEEKS, kind="follow_up", now=AT, own=True
            )
            first = queries.free_slots(
                some, since=AT, until=AT + WEEKS, kind=KIND, now=AT, own=True
            )
            for key in some:
                until = AT
                for slot in sorted({*free[key], *first[key]}, key=lambda slot: slot.starts_at):
                    if slot.starts_at < until or random.random() * 100 >= booked_percent:
                        continue
                    until = slot.ends_at
                    yield Booking(
                        psychologist_id=key,
                        place_id=slot.place_id,
                        person_id=of[key].pk,
                        kind="follow_up",
                        starts_at=slot.starts_at,
                        ends_at=slot.ends_at,
                        civil_day=slot.starts_at.date(),
                        status="confirmed",
                        created_at=AT,
                    )

    with transaction.atomic():
        pour(taken())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    counted = {
        "places": PracticePlace,
        "rules": OpeningRule,
        "exceptions": OpeningException,
        "bookings": Booking,
    }
    return {name: model.objects.count() for name, model in counted.items()}


def questions(count: int) -> list[dict[str, Any]]:
    """Where, how far, and which wishes."""
    from soutien.registers.psychologists.models import PracticePlace

    random = Random(7)
    places = list(PracticePlace.objects.order_by("id").values_list("latitude", "longitude"))
    return [
        {
            "near": random.choice(places),
            "radius_km": float(random.choice((5, 10, 20, 30, 50))),
            "public": random.choice(("", "", "adult", "child")),
            "video": random.random() < 0.2,
            "languages": random.choice(((), (), (), ("en",), ("ar", "pt"))),
            "step_free": random.random() < 0.2,
            "new_patients": True,
        }
        for _ in range(count)
    ]


def asked_of_directory(question: dict[str, Any]) -> dict[str, Any]:
    """The words of a question that the directory takes."""
    return {key: value for key, value in question.items() if key not in ("near", "radius_km")}


Answer = list[tuple[int, int]]  # the second of the first free time, and the psychologist


def by_engine(question: dict[str, Any]) -> Answer:
    """The twenty earliest, from memory."""
    from soutien.registers.agenda.horizon import NEVER
    from soutien.steps.projection import projection

    with projection() as known:
        found = known.nearby.around(
            *question["near"],
            question["radius_km"],
            on=AT.date(),
            **asked_of_directory(question),
        )
        firsts = known.first_sessions(MODALITY, AT).firsts(
            found.places, found.psychologists, at=AT
        )
    last = min(EARLIEST, len(firsts)) - 1
    latest = min(np.partition(firsts, last)[last], NEVER - 1) if last >= 0 else NEVER - 1
    chosen = np.flatnonzero(firsts <= latest)
    rows = zip(firsts[chosen].tolist(), found.only(chosen).rows(), strict=True)
    first = sorted((start, *near) for start, near in rows)
    return [(start, key) for start, _away, _place, key in first[:EARLIEST]]


def on_the_fly(question: dict[str, Any]) -> Answer:
    """The twenty earliest, derived anew from the tables."""
    from soutien.registers.agenda import queries as agenda
    from soutien.registers.psychologists import queries as directory
    from soutien.steps.projection import HORIZON

    found = directory.candidates_near(
        *question["near"],
        question["radius_km"],
        on=AT.date(),
        **asked_of_directory(question),
    )
    slots = agenda.first_free(
        [one.psychologist_id for one in found],
        since=AT,
        until=AT + HORIZON,
        kind=KIND,
        now=AT,
        modality=MODALITY,
        count=1,
        place_ids={one.place_id for one in found},
    )
    times = [
        (int(slots[one.psychologist_id][0].starts_at.timestamp()), rank, one.psychologist_id)
        for rank, one in enumerate(found)
        if slots[one.psychologist_id]
    ]
    return [(start, key) for start, _rank, key in sorted(times)[:EARLIEST]]


def whole_step(question: dict[str, Any]) -> None:
    """The search as a page asks it."""
    from soutien.steps.find import Wishes, find_psychologists

    wishes = Wishes(**asked_of_directory(question))
    find_psychologists(
        near=question["near"],
        radius_km=question["radius_km"],
        wishes=wishes,
        at=AT,
        order="earliest",
        page_size=EARLIEST,
    )


def store_slot_rows() -> int:
    """One row a free time and one a place that is listed, for the contender that has them."""
    from django.db import connection

    from soutien.registers.psychologists.nearby import _on_sphere
    from soutien.registers.psychologists.queries import LISTED
    from soutien.steps.projection import projection

    wishes = ("sees_adults", "sees_children", "offers_video", "accepts_new_patients")
    with projection() as known, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT place.id, person.id, latitude, longitude, languages, {', '.join(wishes)}, "
            "step_free FROM psychologists_practiceplace place "
            "JOIN psychologists_psychologist person ON person.id = place.psychologist_id "
            f"WHERE place.closed_on IS NULL AND {LISTED}",
            {"on": AT.date().isoformat()},
        )
        places = cursor.fetchall()
        free = known.first_sessions(MODALITY, AT)
        free.first_starts([row[:2] for row in places], at=AT)
        times = [
            (row[0], int(slot.starts_at.timestamp()))
            for row in places
            for slot in free.slots(row[1], row[0], at=AT)
        ]
        columns = ", ".join(f"{wish} integer" for wish in (*wishes, "step_free"))
        cursor.execute(
            "CREATE TABLE bench_place (id bigint PRIMARY KEY, owner bigint, x float8, y float8, "
            f"z float8, latitude float8, longitude float8, languages text, {columns})"
        )
        cursor.execute(
            "CREATE TABLE bench_time (place bigint, start bigint, PRIMARY KEY (place, start))"
        )
        cursor.executemany(
            f"INSERT INTO bench_place VALUES ({', '.join(['%s'] * (8 + len(wishes) + 1))})",
            [
                (
                    *row[:2],
                    *_on_sphere(*row[2:4]).tolist(),
                    *row[2:4],
                    f",{row[4]},",
                    *(int(bit) for bit in row[5:]),
                )
                for row in places
            ],
        )
        cursor.executemany("INSERT INTO bench_time VALUES (%s, %s)", times)
        cursor.execute("CREATE INDEX bench_place_around ON bench_place (latitude, longitude)")
        cursor.execute("ANALYZE")
    return len(times)


def by_slot_rows(question: dict[str, Any]) -> Answer:
    """The twenty earliest, from one row a free time."""
    from django.db import connection

    from soutien.registers.psychologists.nearby import _on_sphere
    from soutien.registers.psychologists.queries import (
        EARTH_RADIUS_M,
        METRES_IN_KM,
        degrees_around,
    )

    reach = question["radius_km"] * METRES_IN_KM
    box = degrees_around(*question["near"], reach)
    x, y, z = _on_sphere(*question["near"]).tolist()
    limit = (2 * sin(min(reach / (2 * EARTH_RADIUS_M), pi / 2))) ** 2
    wanted = ["accepts_new_patients = 1"]
    wanted += ["offers_video = 1"] if question["video"] else []
    wanted += ["step_free = 1"] if question["step_free"] else []
    columns = {"adult": "sees_adults", "child": "sees_children"}
    wanted += [f"{columns[question['public']]} = 1"] if question["public"] else []
    spoken = [f"languages LIKE '%%,{code},%%'" for code in question["languages"]]
    wanted += [f"({' OR '.join(spoken)})"] if spoken else []
    away = f"((x - {x!r}) * (x - {x!r}) + (y - {y!r}) * (y - {y!r}) + (z - {z!r}) * (z - {z!r}))"
    # Of a psychologist's places found only the nearest counts.
    sql = f"""
        WITH found AS (
            SELECT id, owner, {away} AS away,
                   row_number() OVER (PARTITION BY owner ORDER BY {away}, id) AS nearest
            FROM bench_place
            WHERE latitude BETWEEN %s AND %s AND longitude BETWEEN %s AND %s
              AND {" AND ".join(wanted)} AND {away} <= {limit!r}
        ), times AS (
            SELECT owner, away, id, (
                SELECT min(start) FROM bench_time WHERE place = found.id AND start >= %s
            ) AS start
            FROM found WHERE nearest = 1
        )
        SELECT start, owner FROM times WHERE start IS NOT NULL
        ORDER BY start, away, id LIMIT {EARLIEST}
    """
    since = int((AT + timedelta(hours=2)).timestamp())
    with connection.cursor() as cursor:
        cursor.execute(sql, [box["south"], box["north"], box["west"], box["east"], since])
        return [(start, key) for start, key in cursor.fetchall()]


def spent(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """Milliseconds of the processor and of the wall clock, and what came of it."""
    wall, processor = time.perf_counter(), time.process_time()
    found = run()
    return (time.process_time() - processor) * 1e3, (time.perf_counter() - wall) * 1e3, found


def share(times: list[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def told(name: str, times: list[tuple[float, float]], base: float | None) -> float:
    """Print one contender's line; its p95."""
    processor, wall = [one[0] for one in times], [one[1] for one in times]
    half, most = statistics.median(processor), share(processor, 0.95)
    ratio = f"{half / base:8.1f}" if base else f"{1:8.1f}"
    print(
        f"{name:12} {half:9.2f} {most:9.2f} {share(processor, 0.99):9.2f}   "
        f"{statistics.median(wall):9.2f} {share(wall, 0.95):9.2f} {ratio}"
    )
    return most


def race(rounds: int, count: int, slow: int) -> None:
    """All contenders, question by question; each question's best round counts."""
    contenders: dict[str, Callable[[dict[str, Any]], Any]] = {
        "engine": by_engine,
        "slot rows": by_slot_rows,
        "on the fly": on_the_fly,
        "whole step": whole_step,
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    differing = compared = 0
    for number, question in enumerate(questions(count)):
        answers = {}
        for name, run in contenders.items():
            if name == "on the fly" and number % slow:
                continue
            best = []
            for _ in range(1 if name == "on the fly" else rounds):
                *one, answers[name] = spent(lambda run=run, asked=question: run(asked))
                best.append(one)
            processor, wall = zip(*best, strict=True)
            times[name].append((min(processor), min(wall)))
        for name in ("slot rows", "on the fly"):
            if name in answers:
                compared += 1
                differing += answers[name] != answers["engine"]
    print(f"\n{'the 20 earliest':12}   processor, ms               wall clock, ms       ratio")
    print(f"{'':12} {'p50':>9} {'p95':>9} {'p99':>9}   {'p50':>9} {'p95':>9} {'of p50':>8}")
    base = statistics.median(one[0] for one in times["engine"])
    most = {name: told(name, of, base) for name, of in times.items()}
    print(f"{compared} answers compared with the engine's: {differing} differ.")
    verdict = "met" if most["engine"] <= AIMS_MS["engine"] else "missed"
    print(f"Aim: engine, p95 of {AIMS_MS['engine']:.0f} ms or less: {verdict}.")


def grid(rounds: int) -> None:
    """Every first session of four weeks of 25 psychologists near one another."""
    from soutien.registers.agenda import queries as agenda
    from soutien.registers.psychologists import queries as directory
    from soutien.steps.projection import projection

    near = [
        directory.candidates_near(*question["near"], 200, on=AT.date())[:GRID]
        for question in questions(40)
    ]

    def kept(some: list[Any]) -> int:
        with projection() as known:
            free = known.first_sessions(MODALITY, AT)
            free.first_starts([(one.place_id, one.psychologist_id) for one in some], at=AT)
            return sum(
                len(list(free.slots(one.psychologist_id, one.place_id, at=AT, until=AT + WEEKS)))
                for one in some
            )

    def derived(some: list[Any]) -> int:
        slots = agenda.free_slots(
            [one.psychologist_id for one in some],
            since=AT,
            until=AT + WEEKS,
            kind=KIND,
            now=AT,
            modality=MODALITY,
        )
        places = {one.place_id for one in some}
        return sum(slot.place_id in places for own in slots.values() for slot in own)

    times: dict[str, list[tuple[float, float]]] = {"engine": [], "on the fly": []}
    for some in near:
        assert kept(some) == derived(some)
        for name, run in (("engine", kept), ("on the fly", derived)):
            rows = [spent(lambda run=run, some=some: run(some))[:2] for _ in range(rounds)]
            processor, wall = zip(*rows, strict=True)
            times[name].append((min(processor), min(wall)))
    print(f"\n{GRID} psychologists, 4 weeks")
    base = statistics.median(one[0] for one in times["engine"])
    most = [told(name, of, base) for name, of in times.items()]
    verdict = "met" if most[0] <= AIMS_MS["grid"] else "missed"
    print(f"Aim: engine, {AIMS_MS['grid']:.0f} ms or less: {verdict}.")


def building() -> None:
    """How long everything takes when nobody has asked yet, and what it weighs."""
    from soutien.registers.agenda.horizon import NEVER, Horizon
    from soutien.registers.psychologists.models import PracticePlace
    from soutien.registers.psychologists.nearby import Nearby
    from soutien.steps.projection import HORIZON, projection

    pairs = list(PracticePlace.objects.order_by("id").values_list("id", "psychologist_id"))

    def weighed(make: Callable[[], Any]) -> tuple[float, Any]:
        gc.collect()
        tracemalloc.start()
        made = make()
        gc.collect()
        megabytes = tracemalloc.get_traced_memory()[0] / 1e6
        tracemalloc.stop()
        return megabytes, made

    def directory() -> Nearby:
        nearby = Nearby()
        nearby.around(46.0, 2.0, 1.0, on=AT.date())
        return nearby

    def agendas() -> Horizon:
        horizon = Horizon(modality=MODALITY, reach=HORIZON)
        horizon.first_starts(pairs, at=AT)
        return horizon

    with projection() as known:
        _processor, wall, _ = spent(lambda: known.nearby.around(46.0, 2.0, 1.0, on=AT.date()))
        free = known.first_sessions(MODALITY, AT)
        _processor, longer, firsts = spent(lambda: free.first_starts(pairs, at=AT))
    print(f"\ndirectory read        {wall / 1e3:7.2f} s   {weighed(directory)[0]:6.1f} MB")
    print(
        f"all agendas derived   {longer / 1e3:7.2f} s   {weighed(agendas)[0]:6.1f} MB   "
        f"({sum(first < NEVER for first in firsts):,} of {len(pairs):,} places have a time)"
    )


def keeping_true(rounds: int) -> None:
    """The first answer after one booking was committed, and after none."""
    from django.db import connection

    from soutien.registers.agenda.models import Booking

    asked = questions(60)
    rows: dict[str, list[tuple[float, float]]] = {"nothing new": [], "a booking": []}
    bookings = list(Booking.objects.order_by("id").values_list("id", flat=True)[: 60 * rounds])
    random = Random(3)
    with connection.cursor() as cursor:
        for question in asked:
            by_engine(question)
            processor, wall, _ = spent(lambda asked=question: by_engine(asked))
            rows["nothing new"].append((processor, wall))
            # Somebody of this very question gets an appointment, or loses one.
            cursor.execute(
                "UPDATE agenda_booking SET status = 'cancelled' WHERE id = %s",
                [random.choice(bookings)],
            )
            processor, wall, _ = spent(lambda asked=question: by_engine(asked))
            rows["a booking"].append((processor, wall))
        if found := by_engine(asked[0]):
            owner = found[0][1]
            times = []
            for _ in range(20):
                cursor.execute(
                    "UPDATE agenda_booking SET ended_by = '' WHERE id = (SELECT min(id) "
                    "FROM agenda_booking WHERE psychologist_id = %s)",
                    [owner],
                )
                times.append(spent(lambda: by_engine(asked[0]))[:2])
            rows["one of them"] = times
    print("\nthe answer after")
    base = statistics.median(one[0] for one in rows["nothing new"])
    for name, times in rows.items():
        told(name, times, base)


def main() -> None:
    """Fills a scratch database and prints the tables."""
    parser = argparse.ArgumentParser(description='How long "the earliest near me" takes.')
    parser.add_argument("--psychologists", type=int, default=6_700)
    parser.add_argument("--booked", type=int, default=60, help="percent of the coming 4 weeks")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3, help="how often each takes its turn")
    parser.add_argument(
        "--slow", type=int, default=3, help="one question in so many is asked on the fly"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soutien-bench-") as directory:
        settle(directory)
        from django.db import connection

        started = time.perf_counter()
        rows = fill(args.psychologists, args.booked)
        print(
            f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} "
            f"CPUs ({platform.machine()}), load {os.getloadavg()[0]:.1f}; {connection.vendor}; "
            f"{args.psychologists:,} psychologists, "
            + ", ".join(f"{number:,} {name}" for name, number in rows.items())
            + f" (made in {time.perf_counter() - started:.0f} s)"
        )
        building()
        print(f"{store_slot_rows():,} free first sessions as rows, for the contender")
        race(args.rounds, args.questions, args.slow)
        grid(args.rounds)
        keeping_true(args.rounds)
        connection.close()


if __name__ == "__main__":
    main()
