"""How long the fund's pages of work take when a hundred thousand claims wait.

    python -m bench.worklist      (options: --waiting N, --claims N, --rounds N, --quick)

A base of ``--claims`` claims of one fund, of which ``--waiting`` wait for somebody: refusals to be
read, contests, transfers that came back, a third each. Then the steps that the pages take are
asked: the first page of each queue, one far behind, the next claim to take up, and what deserves a
second look over a week. Told: milliseconds, median and 95th percentile, and questions.

First on PostgreSQL, then on SQLite.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.claims import FUND, NOW, _day, counted, fill, newcomers, practices
from bench.engines import ready, run_both

PEOPLE_A_CLAIM = 10
PERCENTILE_95 = 0.95
DAYS = 300


def base(claims: int, waiting: int) -> None:
    """Claims of one fund over three hundred days; every n-th waits, for one reason or another."""
    from django.db import connection

    from soutien.registers.care.models import CareSession
    from soutien.registers.claims.models import CareSheet, Claim, Decision, Event, SheetLine

    people = claims // PEOPLE_A_CLAIM
    newcomers(people, 0)
    places = practices()
    owner = f"{places[0][1]} + n % {len(places)}"
    place_id = places[0][0]
    who, day = f"(n % {people}) + 1", _day(f"n % {DAYS} + n / {people}")
    session = {"care_session_id": "n", "person_id": who}
    step = max(claims // waiting, 1)
    waits = f"(n % {step} = 0)"
    kind = f"((n / {step}) % 3)"
    to_confirm = f"CASE WHEN {waits} AND {kind} = 0 THEN true ELSE false END"
    accepted = f"CASE WHEN {waits} AND {kind} = 0 THEN false ELSE true END"
    either = f"CASE WHEN {waits} AND {kind} = 0 THEN {{refused}} ELSE {{paid}} END"
    moment = _moment(f"n % {DAYS}")
    fill(CareSession, 1, claims, person_id=who, psychologist_id=f"{owner}",
         place_id=f"{place_id}", held_on=day, kind="'follow_up'", modality="'in_person'",
         performed="true", price_cents="5000")  # fmt: skip
    fill(CareSheet, 1, claims, person_id=who, number="'B' || n", psychologist_id=f"{owner}",
         issued_on=day, signed_by_person="true", signed_by_psychologist="true",
         complete="true")  # fmt: skip
    fill(SheetLine, 1, claims, care_sheet_id="n", position="1", care_session_id="n",
         act_code="'APS'", price_cents="5000")  # fmt: skip
    fill(Claim, 1, claims, **session, reference="'B' || n", care_sheet_id="n",
         psychologist_id=f"{owner}", fund_code=f"'{FUND}'", sent_by="'person'",
         received_on=day, received_at=moment)  # fmt: skip
    fill(Decision, 1, claims, claim_id="n", sequence="1", profile="'operational'",
         accepted=accepted, to_confirm=to_confirm, decided_at=moment, sessions_left="3",
         reasons=either.format(refused=1, paid=0), coverage=either.format(refused=0, paid=1),
         price_cents="5000", amo_cents=either.format(refused=0, paid=3000),
         amc_cents=either.format(refused=0, paid=2000), law_version="'000000000000'")  # fmt: skip
    mark = f"CASE WHEN {kind} = 1 THEN 'contested' ELSE 'returned' END"
    payer = f"CASE WHEN {kind} = 1 THEN '' ELSE 'fund' END"
    fill(Event, 1, claims // step, claim_id=f"n * {step}", mark=mark.replace(f"(n / {step})", "n"),
         payer=payer.replace(f"(n / {step})", "n"), reference="'R' || n",
         happened_at=_moment(f"(n * {step}) % {DAYS}", later=True), role="'person'")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _moment(offset: str, *, later: bool = False) -> str:
    from django.db import connection

    back = f"{DAYS} - ({offset})"
    hour = 1 if later else 2
    if connection.vendor == "postgresql":
        return f"TIMESTAMPTZ '{NOW}' - (({back}) || ' days {hour} hours')::interval"
    return f"datetime('{NOW:%Y-%m-%d %H:%M:%S}', '-' || ({back}) || ' days', '-{hour} hours')"


def measure(name: str, ask: Callable[[], Any], rounds: int) -> None:
    """Milliseconds and questions of one page."""
    ask()
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        with counted() as asked:
            ask()
        taken.append(1000 * (time.perf_counter() - begun))
    taken.sort()
    last = taken[min(len(taken) - 1, int(PERCENTILE_95 * len(taken)))]
    print(f"| {name} | {statistics.median(taken):.0f} | {last:.0f} | {asked[0]} |", flush=True)


def run(engine: str, claims: int, waiting: int, rounds: int) -> None:
    """The base of one engine, then each page."""
    from tests import factories

    from soutien.registers.accounts.models import Role
    from soutien.registers.claims.worklist import COUNTED_MOST, WAITS
    from soutien.rules.life import State
    from soutien.steps.actor import Actor
    from soutien.steps.look import list_claims
    from soutien.steps.notice import list_anomalies
    from soutien.steps.worklist import A_PAGE, list_work, next_work

    begun = time.perf_counter()
    base(claims, waiting)
    print(f"\n{engine}: {claims:,} claims, {waiting:,} wait, made in "
          f"{time.perf_counter() - begun:.0f} s\n\n"  # fmt: skip
          "| page | median ms | p95 ms | questions |\n| --- | --- | --- | --- |")  # fmt: skip
    account = factories.account(Role.FUND_AGENT, fund_code=FUND)
    actor = Actor("fund_agent", account_id=account.pk, fund_code=FUND)
    today = NOW - timedelta(hours=9)

    def work(state: State, page: int, days: int = 0) -> Callable[[], Any]:
        return lambda: list_work(
            actor=actor, state=state, page=page, days=days, since=today, at=NOW
        )

    for state in WAITS:
        measure(f"{state.name.lower()}, first page", work(state, 1), rounds)
    far = min(waiting // len(WAITS), COUNTED_MOST) // A_PAGE
    for state in WAITS:
        measure(f"{state.name.lower()}, page {far}", work(state, far), rounds)
    measure("older than 30 days", work(WAITS[0], 1, 30), rounds)
    for state in WAITS:
        measure(
            f"next {state.name.lower()}",
            lambda state=state: next_work(actor=actor, state=state, at=NOW),  # type: ignore[misc]
            rounds,
        )
    measure("all claims, first page", lambda: list_claims(actor=actor, at=NOW), rounds)
    week = NOW - timedelta(days=7)
    measure(
        "second look, a week",
        lambda: list_anomalies(actor=actor, since=week, before=NOW, at=NOW),
        rounds,
    )


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--claims", type=int, default=300_000)
    words.add_argument("--waiting", type=int, default=100_000)
    words.add_argument("--rounds", type=int, default=9)
    words.add_argument("--quick", action="store_true")
    words.add_argument("--engine", default="")
    given = words.parse_args()
    if not given.engine:
        return run_both("bench.worklist", quick=given.quick)
    import os

    with tempfile.TemporaryDirectory() as home:
        ready(os.environ["DATABASE_URL"], home)
        run(given.engine, given.claims, given.waiting, given.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
