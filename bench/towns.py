"""How often, and how fast, the town finder finds a town from a damaged name.

Run `python bench/towns.py` (options: `--seed`, `--each`). Two samples of towns: drawn evenly
(most communes have a few hundred inhabitants), and drawn by population (what people look for).
An answer is right when it has the INSEE code of the town drawn, homonyms counting as wrong
("strict"), or when it bears its name ("name"). Times are for one call, in process, warm.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from soutien.registers.places.gazetteer import Town, all_towns, towns_matching  # noqa: E402

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


def measured(cases: list[tuple[str, Town]]) -> tuple[list[float], list[float]]:
    """Shares (strict first, strict five, name first, name five) and the times in milliseconds."""
    hits = [0, 0, 0, 0]
    times = []
    for text, town in cases:
        before = time.perf_counter()
        answer = towns_matching(text, 5)
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
    for by_population in (True, False):
        print(f"\ntowns drawn {'by population' if by_population else 'evenly'}")
        print(f"{'':17} strict: first / five   name: first / five      p50      p95")
        means = [0.0] * 4
        every: list[float] = []
        for kind in DAMAGE:
            shares, times = measured(sample(kind, by_population, wanted.each, wanted.seed))
            every += times
            means = [m + s / len(DAMAGE) for m, s in zip(means, shares, strict=True)]
            print(line(kind, shares, times))
        print(line("all", means, every))
    return 0


def line(kind: str, shares: list[float], times: list[float]) -> str:
    middle, slow = statistics.median(times), sorted(times)[len(times) * 95 // 100]
    return (
        f"{kind:17}        {shares[0]:.3f} / {shares[1]:.3f}        {shares[2]:.3f} / "
        f"{shares[3]:.3f}  {middle:.2f} ms  {slow:.2f} ms"
    )


if __name__ == "__main__":
    raise SystemExit(main())
