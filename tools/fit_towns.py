"""Fits the weights by which the town finder ranks, on names damaged at random.

    python -m tools.fit_towns             writes src/soutien/registers/places/weights.json

Needs numpy (`uv sync --extra batch`). Each damaged name gives the towns that the finder
considers, with their clues; the weights are those under which the right ones are likeliest (a
conditional logit, a small ridge, Newton's steps). Half of the towns are drawn evenly and half by
population, half of the texts are typed plainly. The seeds are here only: bench/towns.py reports
on others. The same package and seeds give the same file.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from bench.damages import ALSO, DAMAGE, typed_plainly

from soutien.registers.places.clues import CLUES
from soutien.registers.places.finder import considered
from soutien.registers.places.search import meant_by, written_with_accents
from soutien.registers.places.spelling import plain
from soutien.registers.places.table import table

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "src/soutien/registers/places/weights.json"
SEEDS = ("fit 1", "fit 2")
LISTED = 5
RIDGE = 2.0
STEPS = 30
Questions = tuple[Any, Any, Any]


def questions(each: int) -> Questions:
    """Clues of all the towns considered, where each question starts, and the right rows."""
    rows: list[list[float]] = []
    starts: list[int] = []
    right: list[int] = []
    for seed in SEEDS:
        for kind, damage in (DAMAGE | ALSO).items():
            for by_population in (True, False):
                dice = random.Random(f"{seed} {kind} {by_population}")
                for text, number in drawn(damage, by_population, each, dice):
                    words = plain(text).split()
                    meant = meant_by(words)
                    if meant.lowest <= 0 or number not in meant.costs:
                        continue
                    close = considered(meant, LISTED, written_with_accents(text))
                    numbers = [n for n, _ in close]
                    if number not in numbers or len(numbers) < 2:
                        continue
                    starts.append(len(rows))
                    right.append(len(rows) + numbers.index(number))
                    rows += [found for _, found in close]
    return np.array(rows), np.array(starts), np.array(right)


def drawn(
    damage: Any, by_population: bool, each: int, dice: random.Random
) -> list[tuple[str, int]]:
    """`each` damaged names, half of them typed plainly, with the number of their town."""
    known = table()
    peopled = [n for n, population in enumerate(known.populations) if population]
    weights = [known.populations[n] if by_population else 1 for n in peopled]
    found: list[tuple[str, int]] = []
    while len(found) < each:
        for number in dice.choices(peopled, weights, k=each):
            text = damage(known.names[number], dice)
            if text is not None and len(found) < each:
                found.append((typed_plainly(text) if dice.random() < 0.5 else text, number))
    return found


def fitted(clues: Any, starts: Any, right: Any) -> Any:
    """The weights under which the right rows are likeliest, by Newton's steps."""
    weights = np.zeros(clues.shape[1])
    sizes = np.diff(np.append(starts, len(clues)))
    for step in range(STEPS):
        scores = clues @ weights
        scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
        odds = np.exp(scores)
        shares = odds / np.repeat(np.add.reduceat(odds, starts), sizes)
        means = np.add.reduceat(clues * shares[:, None], starts)
        slope = (clues[right] - means).sum(axis=0) - RIDGE * weights
        curve = (clues.T * shares) @ clues - means.T @ means + RIDGE * np.eye(len(weights))
        move = np.linalg.solve(curve, slope)
        weights += move
        print(f"step {step}: {float(np.log(shares[right]).mean()):.5f} a question")
        if np.abs(move).max() < 1e-5:
            break
    return weights


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=2_000, help="names of each kind and draw")
    wanted = parser.parse_args()
    clues, starts, right = questions(wanted.each)
    print(f"{len(starts):,} questions, {len(clues):,} towns considered")
    weights = fitted(clues, starts, right)
    written = {name: round(1000 * weight) for name, weight in zip(CLUES, weights, strict=True)}
    WEIGHTS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print(WEIGHTS.read_text("utf-8"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
