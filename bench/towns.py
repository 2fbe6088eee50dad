"""How often, and how fast, the town finder finds a town from a damaged name.

Run `python -m bench.towns` (options: `--seed`, `--each`). Two samples of towns: drawn evenly
(most communes have a few hundred inhabitants), and drawn by population (what people look for).
An answer is right in three ways:

- "town": it has the INSEE code of the town drawn, homonyms counting as wrong;
- "name": it has the same name, folded (accents, case, hyphens): one of the homonyms;
- "told": as "town", but where homonyms exist the text carries the département or a postcode,
  written in one of five ways after or before the damaged name, as a person would who knows.
  Towns without a homonym are asked for by their damaged name alone, as in the other two.

No damage of "town" and "name" carries a département. Times are processor milliseconds for one
call of "town", in process, warm.

Beside it, on the same names and in turn: rapidfuzz over every distinct name (needs
`uv sync --group bench`), and SQLite's own full-text index of trigrams. Both rank by likeness,
then by population, over names folded as ours are. "best possible" is what one could do who knew
the damage and the draw (see bench/ambiguity.py).
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from math import log
from typing import NamedTuple

from bench.ambiguity import GIVEN_BY, Bound, rivals
from bench.damages import ALSO, DAMAGE, NEVER_SEEN, Damage, typed_plainly

from soutien.registers.places.gazetteer import (
    Town,
    all_towns,
    departement_name,
    towns_matching,
)
from soutien.registers.places.spelling import plain

Finder = Callable[[str], list[Town]]
Telling = Callable[[str, Town], str]
FIVE = 5
WARMING = 200
SEED = 90_210
"""Nothing was fitted or chosen on it; tools/fit_towns.py has seeds of its own."""


def sample(
    kind: str, damage: Damage, by_population: bool, each: int, seed: int
) -> list[tuple[str, Town]]:
    """`each` damaged names with the town they come from, the same for the same seed."""
    dice = random.Random(f"{seed} {kind} {by_population}")
    towns = [town for town in all_towns() if town.population]
    weights = [town.population if by_population else 1 for town in towns]
    found: list[tuple[str, Town]] = []
    while len(found) < each:
        for town in dice.choices(towns, weights, k=each):
            text = damage(town.name, dice)
            if text is not None and len(found) < each:
                found.append((text, town))
    return found


def by_name() -> dict[str, list[Town]]:
    """Towns by folded name, the most peopled first."""
    found: dict[str, list[Town]] = {}
    for town in sorted(all_towns(), key=lambda town: -town.population):
        found.setdefault(plain(town.name), []).append(town)
    return found


def with_rapidfuzz() -> Finder | None:
    """Likeness of the whole name over every distinct name; None when it is not installed."""
    try:
        from rapidfuzz import fuzz, process
    except ImportError:
        return None
    towns = by_name()
    names = list(towns)
    weight = {name: log(1 + some[0].population) for name, some in towns.items()}

    def find(text: str) -> list[Town]:
        best = process.extract(plain(text), names, scorer=fuzz.ratio, limit=4 * FIVE)
        best.sort(key=lambda hit: (-(hit[1] + weight[hit[0]]), hit[0]))
        return [town for name, _score, _at in best for town in towns[name]][:FIVE]

    return find


def with_sqlite() -> Finder:
    """SQLite's full-text index of trigrams: any trigram in common, best rank first."""
    towns = by_name()
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE names USING fts5(name, tokenize='trigram')")
    base.executemany("INSERT INTO names (name) VALUES (?)", [(name,) for name in towns])

    def find(text: str) -> list[Town]:
        folded = plain(text)
        parts = {folded[i : i + 3] for i in range(max(1, len(folded) - 2))}
        asked = " OR ".join('"' + part.replace('"', "") + '"' for part in sorted(parts))
        rows = base.execute(
            "SELECT name FROM names WHERE names MATCH ? ORDER BY rank LIMIT ?", (asked, 4 * FIVE)
        )
        return [town for (name,) in rows for town in towns[name]][:FIVE]

    return find


def told(text: str, town: Town, homonyms: set[str], dice: random.Random) -> str:
    """The text with the département or a postcode where the name alone does not decide."""
    if plain(town.name) not in homonyms or not town.postcodes:
        return text
    where = departement_name(town.departement)
    postcode = town.postcodes[0]
    return dice.choice(
        (
            f"{text} {town.departement}",
            f"{text} ({town.departement})",
            f"{text}, {where}",
            f"{text} {postcode}",
            f"{postcode} {text}",
        )
    )


class Result(NamedTuple):
    """Shares right: town first, in five; name first, in five; told first, in five. And times."""

    shares: list[float]
    times: list[float]


def measured(find: Finder, cases: list[tuple[str, Town]], telling: Telling) -> Result:
    hits = [0.0] * 6
    times = []
    for text, town in cases:
        before = time.thread_time()
        answer = find(text)
        times.append((time.thread_time() - before) * 1000)
        codes = [t.insee for t in answer]
        names = [plain(t.name) for t in answer]
        fuller = telling(text, town)
        told_codes = codes if fuller == text else [t.insee for t in find(fuller)]
        hits[0] += codes[:1] == [town.insee]
        hits[1] += town.insee in codes
        hits[2] += names[:1] == [plain(town.name)]
        hits[3] += plain(town.name) in names
        hits[4] += told_codes[:1] == [town.insee]
        hits[5] += town.insee in told_codes
    return Result([hit / len(cases) for hit in hits], times)


def line(kind: str, result: Result) -> str:
    pairs = "   ".join(
        f"{first:.3f} / {five:.3f}"
        for first, five in zip(result.shares[::2], result.shares[1::2], strict=True)
    )
    if not result.times:
        return f"{kind:20} {pairs}"
    middle = statistics.median(result.times)
    slow = sorted(result.times)[len(result.times) * 95 // 100]
    return f"{kind:20} {pairs}   {middle:.2f}   {slow:.2f}"


def mean(kind: str, results: list[Result]) -> str:
    columns = zip(*(result.shares for result in results), strict=True)
    times = [moment for result in results for moment in result.times]
    return line(kind, Result([statistics.fmean(column) for column in columns], times))


HEAD = f"{'':20} town: 1st / five  name: 1st / five  told: 1st / five  p50    p95 ms"


def compare(finders: dict[str, Finder], by_population: bool, each: int, seed: int) -> None:
    """Every kind of damage for ours, then everybody on all of it."""
    homonyms = {name for name, some in by_name().items() if len(some) > 1}
    dice = random.Random(seed)

    def telling(text: str, town: Town) -> str:
        return told(text, town, homonyms, dice)

    results: dict[str, list[Result]] = {name: [] for name in finders}
    bounds: list[Result] = []
    for kind, damage in DAMAGE.items():
        cases = sample(kind, damage, by_population, each, seed)
        for name, find in finders.items():
            results[name].append(measured(find, cases, telling))
        print(line(kind, results["ours"][-1]))
        if kind in GIVEN_BY:
            bound = Bound(kind, by_population)
            shares = [bound.shares(text, FIVE) for text, _ in cases]
            best = [statistics.fmean(column) for column in zip(*shares, strict=True)]
            bounds.append(Result(best, []))
            print(line("   best possible", bounds[-1]))
    print()
    for name in finders:
        print(mean(name, results[name]))
    print(mean("best possible, but sound-alikes", bounds))
    for title, also in (("fitted on too", ALSO), ("never fitted on", NEVER_SEEN)):
        print(f"\n{title}")
        for kind, damage in also.items():
            cases = sample(kind, damage, by_population, each, seed)
            print(line(kind, measured(finders["ours"], cases, telling)))
    plainly = [
        measured(
            finders["ours"],
            [
                (typed_plainly(text), town)
                for text, town in sample(k, d, by_population, each, seed)
            ],
            telling,
        )
        for k, d in DAMAGE.items()
    ]
    print(mean("\nthe seven, plainly", plainly))


def ambiguity(by_population: bool, each: int, seed: int) -> None:
    """How many damaged texts are, or are nearer to, another town's name than to the right one."""
    names = list(by_name())
    for kind in ("letter lost", "swap", "wrong letter", "sound-alike"):
        found = [
            rivals(text, town, names)
            for text, town in sample(kind, DAMAGE[kind], by_population, each, seed)
        ]
        equal, nearer = (sum(column) / len(found) for column in zip(*found, strict=True))
        print(f"{kind:20} {equal:.3f} another's name   {nearer:.3f} nearer to another's")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--each", type=int, default=500, help="names of each kind and sample")
    wanted = parser.parse_args()
    before, memory = time.process_time(), resident()
    towns_matching("Craponne")
    taken = (time.process_time() - before) * 1000
    print(f"Python {sys.version.split()[0]}, seed {wanted.seed}, {wanted.each} names of each kind")
    print(f"first answer, files read included: {taken:.0f} ms, {resident() - memory} MB")
    for kind, damage in DAMAGE.items():
        for text, _ in sample(kind, damage, False, WARMING, wanted.seed + 1):
            towns_matching(text, FIVE)
    finders: dict[str, Finder] = {
        "ours": lambda text: towns_matching(text, FIVE),
        "SQLite FTS5 trigram": with_sqlite(),
    }
    fuzzy = with_rapidfuzz()
    if fuzzy:
        finders["rapidfuzz"] = fuzzy
    else:
        print("rapidfuzz is not installed (uv sync --group bench): left out")
    for by_population in (True, False):
        print(f"\ntowns drawn {'by population' if by_population else 'evenly'}\n{HEAD}")
        compare(finders, by_population, wanted.each, wanted.seed)
        print("\nundecided by the letters alone")
        ambiguity(by_population, wanted.each, wanted.seed)
    return 0


def resident() -> int:
    """Megabytes that the process has taken at most until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    raise SystemExit(main())
