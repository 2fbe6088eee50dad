"""`soutien towns`: which French town does a text mean?"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from functools import lru_cache

from soutien.registers.places.gazetteer import Town, departement_name, towns_matching

BAD_USE = 2
MOST_ANSWERS = 100
POSTCODES_SHOWN = 3
ANSWERS_REMEMBERED = 10_000
"""Files of addresses name the same towns again and again."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="*", metavar="QUERY", help="a name, a postcode, or both")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--batch",
        metavar="FILE",
        help="read one query a line ('-': standard input) and print one JSON object a line",
    )
    parser.add_argument(
        "--limit", type=int, default=8, metavar="N", help="at most N towns (8 unless told)"
    )


def run(args: argparse.Namespace) -> int:
    # Names have accents, and JSON is UTF-8 wherever it is printed.
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    query = " ".join(args.query).strip()
    if not 1 <= args.limit <= MOST_ANSWERS:
        return _refused(f"--limit takes a number from 1 to {MOST_ANSWERS}, not {args.limit}.")
    if args.batch is not None:
        if query:
            return _refused("--batch reads the queries itself: leave QUERY out.")
        return _batch(args.batch, args.limit)
    if not query:
        return _refused("Give a town to look for, such as: soutien towns craponne 69")
    towns = towns_matching(query, args.limit)
    if args.json:
        print(_object(towns))
    elif towns:
        _print_table(towns)
    else:
        print(f"No town looks like {query!r}. Try a postcode, or the first letters of the name.")
    return 0


def _batch(source: str, limit: int) -> int:
    if source == "-":
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")  # type: ignore[union-attr]
        _answer_lines(sys.stdin, limit)
        return 0
    try:
        with open(source, encoding="utf-8", errors="replace", newline="\n") as lines:
            _answer_lines(lines, limit)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _refused(f"Cannot read {source}: {error.strerror}.")
    return 0


def _answer_lines(lines: Iterable[str], limit: int) -> None:
    @lru_cache(maxsize=ANSWERS_REMEMBERED)
    def answer(line: str) -> str:
        return _object(towns_matching(line, limit))

    for line in lines:
        print(answer(line), flush=True)


def _object(towns: list[Town]) -> str:
    """The documented JSON: always the key `towns`, empty when nothing comes near."""
    answers = [
        {
            "name": town.name,
            "insee": town.insee,
            "postcodes": list(town.postcodes),
            "departement": town.departement,
            "lat": town.latitude,
            "lon": town.longitude,
        }
        for town in towns
    ]
    return json.dumps({"towns": answers}, ensure_ascii=False)


def _print_table(towns: list[Town]) -> None:
    width = max(len(town.name) for town in towns)
    for town in towns:
        shown = ", ".join(town.postcodes[:POSTCODES_SHOWN]) + (
            ", …" if len(town.postcodes) > POSTCODES_SHOWN else ""
        )
        where = f"{departement_name(town.departement)} ({town.departement})"
        print(
            f"{town.insee}  {town.name:{width}}  {where}  {shown}  {town.population:,} inhabitants"
        )


def _refused(sentence: str) -> int:
    print(f"soutien towns: {sentence}", file=sys.stderr)
    return BAD_USE
