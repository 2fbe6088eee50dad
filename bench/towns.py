"""How often, and how fast, the town finder finds a town from a damaged name.

Run `python bench/towns.py` (options: `--seed`, `--each`). Two samples of towns: drawn evenly
(most communes have a few hundred inhabitants), and drawn by population (what people look for).
An answer is right when it has the INSEE code of the town drawn, homonyms counting as wrong
("strict"), or when it bears its name ("name"). Times are for one call, in process, warm.

Beside it, on the same names and in turn: rapidfuzz over every distinct name (needs
`uv sync --group bench`), and SQLite's own full-text index of trigrams. Both rank by likeness,
then by population, over names folded as ours are.
"""

from __future__ import annotations

import argparse
import random
import re
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from math import log
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from soutien.registers.places.gazetteer import Town, all_towns, towns_matching  # noqa: E402
from soutien.registers.places.spelling import plain  # noqa: E402

Finder = Callable[[str], list[Town]]
FIVE = 5

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SAME_SOUND = (
    ("eaux", "o"), ("eau", "o"), ("eau", "au"), ("au", "o"), ("o", "au"), ("ph", "f"), ("f", "ph"),
    ("qu", "k"), ("c(?=[aou])", "k"), ("c(?=[ei])", "s"), ("s(?=[ei])", "c"), ("ss", "c"),
    ("ai", "e"), ("ai", "é"), ("ei", "ai"), ("é", "er"), ("è", "ai"), ("ê", "ai"), ("y", "i"),
    ("i", "y"), ("th", "t"), ("h", ""), ("en", "an"), ("an", "en"), ("ain", "in"), ("in", "ain"),
    ("ein", "in"), ("ll", "l"), ("l", "ll"), ("tt", "t"), ("t(?=[aeiou])", "tt"), ("nn", "n"),
    ("n(?=[aeiou])", "nn"), ("mm", "m"), ("rr", "r"), ("ss", "s"), ("pp", "p"), ("ff", "f"),
    ("x$", ""), ("s$", ""), ("t$", ""), ("d$", ""), ("e$", ""), ("$", "s"), ("$", "e"),
    ("g(?=[ei])", "j"), ("ge(?=[ao])", "j"), ("gu(?=[ei])", "g"), ("z", "s"), ("s", "z"),
    ("x", "s"), ("œ", "e"), ("eu", "oe"), ("ç", "ss"), ("em", "am"), ("v", "w"), ("w", "v"),
)  # fmt: skip


def letter_lost(name: str, dice: random.Random) -> str | None:
    places = [i for i, c in enumerate(name) if c.isalpha()]
    at = dice.choice(places)
    return name[:at] + name[at + 1 :] if len(places) > 2 else None


def swap(name: str, dice: random.Random) -> str | None:
    places = [
        i for i, (a, b) in enumerate(zip(name, name[1:], strict=False))
        if a.isalpha() and b.isalpha() and a.lower() != b.lower()
    ]  # fmt: skip
    if not places or len(name) < 3:
        return None
    at = dice.choice(places)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def wrong_letter(name: str, dice: random.Random) -> str | None:
    places = [i for i, c in enumerate(name) if c.isalpha()]
    at = dice.choice(places)
    other = dice.choice([c for c in LETTERS if c != name[at].lower()])
    return name[:at] + other + name[at + 1 :] if len(places) > 2 else None


def saint_shortened(name: str, dice: random.Random) -> str | None:
    short = re.sub(r"\bSainte\b", dice.choice(("Ste", "ste", "Ste.")), name)
    short = re.sub(r"\bSaint\b", dice.choice(("St", "st", "St.")), short)
    if short == name:
        return None
    return dice.choice((short, short.replace("-", " ")))


def words_glued(name: str, dice: random.Random) -> str | None:
    together = re.sub(r"[ '\-]", "", name)
    return together if together != name else None


def sound_alike(name: str, dice: random.Random) -> str | None:
    low = name.lower()
    rules = [rule for rule in SAME_SOUND if re.search(rule[0], low)]
    for written, heard in dice.sample(rules, k=min(len(rules), dice.choice((1, 1, 2)))):
        spots = list(re.finditer(written, low))
        if spots:
            spot = dice.choice(spots)
            low = low[: spot.start()] + heard + low[spot.end() :]
    return low if low != name.lower() else None


def first_two_thirds(name: str, dice: random.Random) -> str | None:
    kept = name[: -(-2 * len(name) // 3)].rstrip(" -'")
    return kept if len(kept) > 2 else None


DAMAGE: dict[str, Callable[[str, random.Random], str | None]] = {
    "letter lost": letter_lost,
    "swap": swap,
    "wrong letter": wrong_letter,
    '"st"': saint_shortened,
    "glued": words_glued,
    "sound-alike": sound_alike,
    "first two thirds": first_two_thirds,
}


def sample(kind: str, by_population: bool, each: int, seed: int) -> list[tuple[str, Town]]:
    """`each` damaged names with the town they come from, the same for the same seed."""
    dice = random.Random(f"{seed} {kind} {by_population}")
    towns = [town for town in all_towns() if town.population]
    weights = [town.population if by_population else 1 for town in towns]
    found: list[tuple[str, Town]] = []
    while len(found) < each:
        for town in dice.choices(towns, weights, k=each):
            text = DAMAGE[kind](town.name, dice)
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


def measured(find: Finder, cases: list[tuple[str, Town]]) -> tuple[list[float], list[float]]:
    """Shares (strict first, strict five, name first, name five) and the times in milliseconds."""
    hits = [0, 0, 0, 0]
    times = []
    for text, town in cases:
        before = time.perf_counter()
        answer = find(text)
        times.append((time.perf_counter() - before) * 1000)
        codes = [t.insee for t in answer]
        names = [t.name for t in answer]
        hits[0] += codes[:1] == [town.insee]
        hits[1] += town.insee in codes
        hits[2] += names[:1] == [town.name]
        hits[3] += town.name in names
    return [hit / len(cases) for hit in hits], times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--each", type=int, default=500, help="names of each kind and sample")
    wanted = parser.parse_args()
    before = time.perf_counter()
    towns_matching("Craponne")
    print(f"first answer, files read included: {(time.perf_counter() - before) * 1000:.0f} ms")
    for text in ("villeurbane", "st etiene", "la rochel", "bourkoin", "aulnay", "yvetot", "hxzqw"):
        towns_matching(text)
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
        print(f"\ntowns drawn {'by population' if by_population else 'evenly'}")
        print(f"{'':17} strict: first / five   name: first / five      p50      p95")
        compare(finders, by_population, wanted.each, wanted.seed)
    return 0


def compare(finders: dict[str, Finder], by_population: bool, each: int, seed: int) -> None:
    """Every kind of damage for ours, then everybody on all of it, with ratios to ours."""
    means = {name: [0.0] * 4 for name in finders}
    every: dict[str, list[float]] = {name: [] for name in finders}
    for kind in DAMAGE:
        cases = sample(kind, by_population, each, seed)
        for name, find in finders.items():
            shares, times = measured(find, cases)
            every[name] += times
            share = len(DAMAGE)
            means[name] = [m + s / share for m, s in zip(means[name], shares, strict=True)]
            if name == "ours":
                print(line(kind, shares, times))
    print()
    ours = statistics.median(every["ours"])
    for name in finders:
        slower = statistics.median(every[name]) / ours
        print(f"{line(name, means[name], every[name])}  x{slower:.1f}")


def line(kind: str, shares: list[float], times: list[float]) -> str:
    middle, slow = statistics.median(times), sorted(times)[len(times) * 95 // 100]
    return (
        f"{kind:19}      {shares[0]:.3f} / {shares[1]:.3f}        {shares[2]:.3f} / "
        f"{shares[3]:.3f}  {middle:.2f} ms  {slow:.2f} ms"
    )


if __name__ == "__main__":
    raise SystemExit(main())
