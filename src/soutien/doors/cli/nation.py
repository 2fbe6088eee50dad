"""``soutien nation``: a made-up nation as Parquet, steered to what is published."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from soutien.doors.environment import law_dates
from soutien.rules.terms import TermError, load_law

DONE, WRONG_USE = 0, 2
PEOPLE = 1_500_000
NEEDS = (
    "this needs numba and pyarrow: install soutien with its `batch` extra, "
    "pip install 'soutien[batch]'"
)


def positive(text: str) -> int:
    """A whole number above zero, or a sentence."""
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, how many people, and which chance."""
    parser.add_argument("target", type=Path, metavar="OUT", help="a new folder")
    parser.add_argument("--people", type=positive, default=PEOPLE, help=f"how many ({PEOPLE:,})")
    parser.add_argument("--seed", type=positive, default=1, help="the same nation again (1)")
    parser.add_argument("--json", action="store_true", help="totals in a form for programs")


def bar(title: str, size: int) -> Any:
    """How far it is, with rate and time left, on a terminal."""
    from tqdm import tqdm

    return tqdm(desc=title, total=size or None, unit_scale=True, disable=None, file=sys.stderr)


def complain(command: str, message: str) -> int:
    """A sentence, and the code of a wrong use."""
    print(f"soutien {command}: {message.rstrip('.')}.", file=sys.stderr)
    return WRONG_USE


def run(args: argparse.Namespace) -> int:
    """0 done, 2 and a sentence when it cannot start."""
    try:
        from soutien.batch.nation import Nation
        from soutien.batch.nation_files import NationError, write_nation
        from soutien.batch.ready import ready
    except ImportError:
        return complain("nation", NEEDS)
    try:
        law = load_law(law_dates())
        totals = write_nation(Nation(args.people, args.seed, law), args.target, bar)
        for part in ready(args.target, law, bar).each():
            held = part.wished == 0
            totals.note_spent(part.rows.held_on[held], part.amo_cents[held])
    except (NationError, TermError) as error:
        return complain("nation", str(error))
    except OSError as error:
        return complain("nation", f"{error.filename or args.target}: {error.strerror}")
    beside = totals.beside()
    told = {
        "people": totals.people,
        "sessions": totals.sessions,
        "wished_beyond_the_cap": totals.wished,
        "seed": args.seed,
        "totals": beside,
    }
    (args.target / "nation.json").write_text(json.dumps(told, ensure_ascii=False, indent=1))
    print(json.dumps(told, ensure_ascii=False, indent=1) if args.json else in_text(told))
    return DONE


def in_text(told: dict[str, Any]) -> str:
    """The totals beside the published ones, a line each."""
    lines = [
        f"{told['people']:,} people, {told['sessions']:,} sessions, "
        f"{told['wished_beyond_the_cap']:,} wished beyond the cap (--seed {told['seed']}).",
        "",
        f"{'day':10}  {'what':20} {'published':>15} {'here':>15} {'gap':>8}",
    ]
    for row in told["totals"]:
        mark = "" if row["steered"] else "  not steered"
        source = f"  {row['source']}" if row["source"] else "  carried on"
        lines.append(
            f"{row['on']:10}  {row['what']:20} {row['published']:15,.1f} {row['here']:15,.1f} "
            f"{row['gap_percent']:+7.1f} %{mark}{source}"
        )
    return "\n".join([*lines, "", "Published counts are scaled to the size of this nation."])
