"""``soutien law [TERM]``: the terms in force on a day, their texts, sources and history.

``soutien law diff DAY DAY``: what changes between two days, and by which text.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from soutien.doors.environment import law_dates
from soutien.rules.amendments import Amendment, amendments
from soutien.rules.codes import Profile, word
from soutien.rules.explain import LANGUAGES
from soutien.rules.money import euros
from soutien.rules.terms import Law, Term, TermError, Value, load_law


def a_day(text: str) -> date:
    """A day written as 2026-11-22."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a day: write it as 2026-11-22"
        ) from error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A term, a day, a profile, a language."""
    parser.add_argument("term", nargs="?", help="one term, with its history; all when left out")
    parser.add_argument(
        "days", nargs="*", type=a_day, metavar="DAY", help="after diff: the two days to compare"
    )
    parser.add_argument("--on", type=a_day, help="the day asked about (today in Paris)")
    parser.add_argument(
        "--profile",
        choices=[word(profile) for profile in Profile],
        default=word(Profile.OPERATIONAL),
        help="what caisses applied (operational), or the strict text (legal)",
    )
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the titles")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def shown(term: Term, value: Value, lang: str) -> str:
    """A value with its unit, as people read it."""
    if term.unit == "cents":
        return euros(value.number, lang)
    if term.unit == "yes_no":
        yes, no = ("oui", "non") if lang == "fr" else ("yes", "no")
        return yes if value.number else no
    if term.unit == "day":
        return str(value.written)
    if term.unit == "percent":
        return f"{value.number} %"
    return f"{value.number} {term.unit.removesuffix('s') if value.number == 1 else term.unit}"


def as_json(term: Term, on: date, profile: Profile, lang: str) -> dict[str, Any]:
    """One term with the value in force and its whole history."""

    def told(value: Value) -> dict[str, Any]:
        return {
            "from": str(value.valid_from),
            "value": str(value.written) if term.unit == "day" else value.number,
            "law": value.law,
            "source": value.source,
            "confidence": value.confidence,
        }

    return {
        "term": term.name,
        "title": term.title(lang),
        "unit": term.unit,
        "rules": list(term.rules),
        "reviewed_on": str(term.reviewed_on),
        "moved_by_operator": term.moved_by_operator,
        "in_force": told(term.value_on(on, profile)),
        "caution": term.caution(lang, on, profile),
        "history": [told(value) for value in term.values[profile]],
    }


def print_all(law: Law, on: date, profile: Profile, lang: str) -> None:
    """One line a term: value, name, title."""
    print(f"Terms in force on {on}, {word(profile)} profile (law version {law.version})\n")
    rows = [
        (name, shown(term, term.value_on(on, profile), lang), term.title(lang))
        for name, term in law.terms.items()
    ]
    name_width = max(len(name) for name, _, _ in rows)
    value_width = max(len(value) for _, value, _ in rows)
    for name, value, title in rows:
        print(f"  {name:{name_width}}  {value:>{value_width}}  {title}")
    print("\nOne term, with its texts and history:  soutien law TERM")


def print_one(term: Term, on: date, profile: Profile, lang: str) -> None:
    """The value in force, then every value the term has had, each with its text."""
    current = term.value_on(on, profile)
    print(f"{term.name}: {term.title(lang)}")
    print(f"On {on}, {word(profile)} profile: {shown(term, current, lang)}")
    print(f"Rules {', '.join(term.rules)}; last reviewed on {term.reviewed_on}")
    if term.moved_by_operator:
        print("This day was moved by the operator (SOUTIEN_LAW_DATES).")
    if caution := term.caution(lang, on, profile):
        print(f"Caution: {caution}")
    print()
    for value in term.values[profile]:
        mark = "*" if value is current else " "
        print(f"{mark} from {value.valid_from}  {shown(term, value, lang)}  [{value.confidence}]")
        print(f"      {value.law}")
        print(f"      source: {value.source}")


def step_as_json(step: Amendment, lang: str) -> dict[str, Any]:
    """One change, with the text that made it."""
    return {
        "day": str(step.day),
        "term": step.term.name,
        "title": step.term.title(lang),
        "before": None if step.before is None else shown(step.term, step.before, lang),
        "after": shown(step.term, step.after, lang),
        "law": step.after.law,
        "source": step.after.source,
        "confidence": step.after.confidence,
    }


def print_steps(
    steps: list[Amendment], since: date, until: date, args: argparse.Namespace
) -> None:
    """What changes, day by day; a day that a term names is told when it comes."""
    print(f"What changes after {since}, up to {until}, {args.profile} profile\n")
    for step in steps:
        before = "" if step.before is None else f"{shown(step.term, step.before, args.lang)} -> "
        print(f"{step.day}  {step.term.name}: {before}{shown(step.term, step.after, args.lang)}")
        print(f"      {step.term.title(args.lang)}  [{step.after.confidence}]")
        print(f"      {step.after.law}")
        print(f"      source: {step.after.source}")
    if not steps:
        print("Nothing.")


def compare_days(args: argparse.Namespace) -> int:
    """Print what changes between two days; 2 and a clear message for days it cannot compare."""
    two_days = 2
    if len(args.days) != two_days or args.on:
        print(
            "soutien law: write two days and no --on: soutien law diff 2024-01-01 2026-01-01",
            file=sys.stderr,
        )
        return 2
    since, until = args.days
    if since > until:
        print(f"soutien law: {until} is before {since}: write the earlier first.", file=sys.stderr)
        return 2
    try:
        steps = amendments(load_law(law_dates()), since, until, Profile[args.profile.upper()])
    except TermError as error:
        print(f"soutien law: {error}", file=sys.stderr)
        return 2
    if args.json:
        told = [step_as_json(step, args.lang) for step in steps]
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        print_steps(steps, since, until, args)
    return 0


def run(args: argparse.Namespace) -> int:
    """Print the terms; 2 and a clear message when there is no such term or no such day."""
    if args.term == "diff":
        return compare_days(args)
    if args.days:
        print("soutien law: days are compared by `soutien law diff DAY DAY`.", file=sys.stderr)
        return 2
    on = args.on or datetime.now(ZoneInfo("Europe/Paris")).date()
    profile = Profile[args.profile.upper()]
    try:
        law = load_law(law_dates())
        law.on(on, profile)
    except TermError as error:
        print(f"soutien law: {error}", file=sys.stderr)
        return 2
    if args.term and args.term not in law.terms:
        near = difflib.get_close_matches(args.term, law.terms, n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]}?" if near else ""
        print(
            f"soutien law: there is no term {args.term!r}.{hint} `soutien law` lists them.",
            file=sys.stderr,
        )
        return 2
    asked = [law.terms[args.term]] if args.term else list(law.terms.values())
    if args.json:
        told = [as_json(term, on, profile, args.lang) for term in asked]
        print(json.dumps(told[0] if args.term else told, ensure_ascii=False, indent=1))
    elif args.term:
        print_one(asked[0], on, profile, args.lang)
    else:
        print_all(law, on, profile, args.lang)
    overdue = law.needs_review(on)
    if overdue:
        names = ", ".join(term.name for term in overdue)
        print(f"Long after their last review, to be checked: {names}", file=sys.stderr)
    return 0
