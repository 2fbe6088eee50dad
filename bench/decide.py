"""How long one decision takes, one by one, in plain Python.

    python -m bench.decide                 (options: --rounds, --each)

Four contenders, each building on the one before: the decision on facts already at hand, the
answer to a dossier with no history, the same with twelve earlier sessions, and that with its
explanation in French. They run in turn (A B C D A B C D …), so that whatever else the machine
does falls on all of them; the median of the rounds is told, and its ratio to the first. Times
are those of the processor, so that waiting for other programs does not count.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta

from soutien.rules.answer import answer
from soutien.rules.codes import Kind, Modality, Regime
from soutien.rules.decide import decide
from soutien.rules.dossier import (
    Agreement,
    ClaimedSession,
    Dossier,
    PastSession,
    Person,
    Psychologist,
)
from soutien.rules.explain import explain
from soutien.rules.terms import load_law

AIM_US = 50
SESSIONS = 12
DOSSIERS = 500  # as many people as there are days, so that no answer is a remembered one


def earlier_sessions(number: int) -> tuple[PastSession, ...]:
    """Seven sessions of this year and five of the year before, an evaluation first in each."""
    held = [(date(2025, 1, 6), 7), (date(2024, 9, 2), SESSIONS - 7)]
    return tuple(
        PastSession(
            held_on=first + timedelta(days=7 * week + number % 5),
            kind=Kind.FOLLOW_UP if week else Kind.EVALUATION,
            psychologist="other" if week % 3 == 0 else "one",
        )
        for first, weeks in held
        for week in range(weeks)
    )


def dossiers(followed: bool) -> list[Dossier]:
    """Sessions of as many people, each on a day and with a birthday of their own.

    All are accepted: an accepted claim is the one with most to settle and to explain.
    """
    psychologists = {
        name: Psychologist((Agreement(date(2022, 4, 5)),)) for name in ("one", "other")
    }
    return [
        Dossier(
            person=Person(
                birth_date=date(1950, 1, 1) + timedelta(days=37 * number),
                regime=Regime.GENERAL,
                amc=number % 10 > 0,
            ),
            psychologists=psychologists,
            claim=ClaimedSession(
                held_on=date(2025, 4, 1) + timedelta(days=number % 200),
                kind=Kind.FOLLOW_UP if followed else Kind.EVALUATION,
                modality=Modality.IN_PERSON,
                psychologist="one",
                price_cents=5_000,
            ),
            history=earlier_sessions(number) if followed else (),
        )
        for number in range(DOSSIERS)
    ]


def contenders() -> dict[str, Callable[[], None]]:
    """What is measured; each call works through all dossiers once."""
    law = load_law()
    fresh, followed = dossiers(followed=False), dossiers(followed=True)
    facts = [answer(dossier, law) for dossier in followed]
    saved = [(one.session, one.past, one.terms) for one in facts]
    assert all(one.decision.accepted for one in facts)
    assert all(answer(dossier, law).decision.accepted for dossier in fresh)

    def only_decide() -> None:
        for session, past, terms in saved:
            decide(session, past, terms)

    def without_history() -> None:
        for dossier in fresh:
            answer(dossier, law)

    def with_history() -> None:
        for dossier in followed:
            answer(dossier, law)

    def explained() -> None:
        for dossier in followed:
            explain(answer(dossier, law), "fr")

    return {
        "decide() on saved facts": only_decide,
        "answer(), no history": without_history,
        f"answer(), {SESSIONS} earlier sessions": with_history,
        f"answer() + explain(fr), {SESSIONS} earlier": explained,
    }


def measured(rounds: int, each: int) -> dict[str, list[float]]:
    """Microseconds a decision, a figure a round, contenders in turn."""
    times: dict[str, list[float]] = {name: [] for name in contenders()}
    working = contenders()
    for run in working.values():
        run()
    for _ in range(rounds):
        for name, run in working.items():
            started = time.process_time()
            for _ in range(each):
                run()
            spent = time.process_time() - started
            times[name].append(spent / each / DOSSIERS * 1e6)
    return times


def main() -> None:
    """Prints one line a contender."""
    parser = argparse.ArgumentParser(description="How long one decision takes.")
    parser.add_argument("--rounds", type=int, default=15, help="how often each takes its turn")
    parser.add_argument("--each", type=int, default=4, help="times through all dossiers a turn")
    args = parser.parse_args()
    times = measured(args.rounds, args.each)
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} CPUs "
        f"({platform.machine()}); one process, one by one; median of {args.rounds} rounds "
        f"of {args.each * DOSSIERS:,} decisions\n"
    )
    medians = {name: statistics.median(found) for name, found in times.items()}
    [first, *_] = medians.values()
    width = max(map(len, medians))
    print(f"{'':{width}}  {'µs each':>8}  {'a second':>9}  {'ratio':>6}  {'fastest..slowest':>17}")
    for name, median in medians.items():
        spread = f"{min(times[name]):.1f}..{max(times[name]):.1f}"
        print(
            f"{name:{width}}  {median:8.1f}  {1e6 / median:9,.0f}  {median / first:6.1f}"
            f"  {spread:>17}"
        )
    verdict = "met" if list(medians.values())[-1] <= AIM_US else "missed"
    print(f"\nAim for the last line, {AIM_US} µs or less: {verdict}.")


if __name__ == "__main__":
    main()
