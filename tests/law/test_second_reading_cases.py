"""The second reading passes the worked cases, and the random cases reach what they should."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.law import histories
from tests.law.histories import codes_reached, random_case
from tests.law.second_reading import (
    COVERAGES,
    REFUSALS_IN_ORDER,
    WARNINGS_IN_ORDER,
    Case,
    decide,
    months_later,
)

WORKED_CASES: list[Case] = json.loads(
    (Path(__file__).parent / "cases.json").read_text(encoding="utf-8")
)
HOW_MANY, SEED, ENOUGH = 20_000, 20261122, 20


@cache
def drawn_cases() -> tuple[Case, ...]:
    rng = random.Random(SEED)
    return tuple(random_case(rng) for _ in range(HOW_MANY))


def day_in(item: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(item[name]) if item.get(name) is not None else None


@pytest.mark.parametrize("case", WORKED_CASES, ids=lambda case: case["id"])
def test_the_second_reading_answers_a_worked_case_as_the_rule_book_does(case: Case) -> None:
    assert decide(case) == {"id": case["id"], **case["expected"]}


def test_there_are_sixty_worked_cases() -> None:
    assert len(WORKED_CASES) == 60


def test_the_same_seed_draws_the_same_cases() -> None:
    drawn = [[random_case(random.Random(seed)) for seed in range(50)] for _ in range(2)]
    assert drawn[0] == drawn[1]


def test_a_drawn_case_survives_json() -> None:
    rng = random.Random(SEED)
    for _ in range(200):
        case = random_case(rng)
        assert json.loads(json.dumps(case)) == case


def test_every_code_is_reached_often_enough() -> None:
    seen = codes_reached(HOW_MANY, SEED)
    wanted = (
        *REFUSALS_IN_ORDER,
        *(f"alone: {code}" for code in REFUSALS_IN_ORDER),
        *COVERAGES,
        *WARNINGS_IN_ORDER,
        *("third_party_none", "third_party_amo", "third_party_full"),
        *("operational", "legal", "several_reasons"),
    )
    assert {code: seen[code] for code in wanted if seen[code] < ENOUGH} == {}
    assert seen["accepted"] > HOW_MANY * 0.3


def test_every_turning_day_is_a_day_of_claim_under_both_profiles() -> None:
    seen = Counter((case["claim"]["date"], case["rule_profile"]) for case in drawn_cases())
    wanted = [
        (day.isoformat(), profile)
        for day in histories.TURNING_DAYS
        for profile in ("operational", "legal")
    ]
    assert [pair for pair in wanted if seen[pair] < ENOUGH] == []


def values_of(case: Case) -> Iterator[tuple[str, Any]]:
    person, claim = case["patient"], case["claim"]
    yield "regime", person["regime"]
    for right in person["exonerations"]:
        yield "exoneration", right["kind"]
    for item in person.get("psychiatric_history", []):
        yield "psychiatric", item["kind"]
    yield "referrer", case["referral"]["referrer"] if case["referral"] else None
    for psychologist in case["psychologists"].values():
        yield "practice", psychologist["practice"]
    yield "act_code", claim.get("act_code")
    yield "linked_to", claim.get("linked_to")
    yield "claimed", (claim["kind"], claim["modality"])
    yield "requested", claim.get("third_party_requested")
    for past in case["history"]:
        yield "past", (past.get("programme", "unsaid"), past.get("status", "unsaid"))
    yield "history", len(case["history"])
    yield "known", claim["psychologist"] in case["psychologists"]


def test_every_enumerated_value_is_reached_often_enough() -> None:
    seen = Counter(value for case in drawn_cases() for value in values_of(case))
    wanted: dict[str, tuple[Any, ...]] = {
        "regime": (*histories.REGIMES, None),
        "exoneration": histories.EXONERATION_KINDS,
        "psychiatric": histories.PSYCHIATRIC_KINDS,
        "referrer": (
            *histories.DOCTORS,
            *histories.DATED_REFERRERS,
            *histories.OTHER_REFERRERS,
            None,
        ),
        "practice": histories.PRACTICES,
        "act_code": (*histories.ACT_CODES, None),
        "linked_to": (*histories.LINKS, None),
        "claimed": tuple(
            (kind, modality)
            for kind in ("evaluation", "follow_up")
            for modality in ("in_person", "remote")
        ),
        "requested": ("amo", None),
        "past": tuple(
            (programme, status)
            for programme in (*histories.PROGRAMMES, "unsaid")
            for status in (*histories.STATUSES, "unsaid")
        ),
        "history": tuple(range(17)),
        "known": (True, False),
    }
    missing = [
        (name, value)
        for name, values in wanted.items()
        for value in values
        if seen[name, value] < ENOUGH
    ]
    assert missing == []


# The day each edge of the law falls on, from a day the case gives. Every edge is written as the
# first day on its far side, so that -1 and 0 are the two days that matter.
Edge = tuple[str, int]


def months_edge(name: str, start: date, months: int, past: int, day: date) -> Iterator[Edge]:
    """An edge some months after ``start``; named apart when that month lacks the day number."""
    falls_on = months_later(start, months)
    distance = (day - falls_on).days - past
    yield name, distance
    if falls_on.day != start.day:
        yield f"{name}, day number missing", distance


def edges_of_period(name: str, item: dict[str, Any], day: date) -> Iterator[Edge]:
    yield f"{name} begins", (day - date.fromisoformat(item["from"])).days
    end = day_in(item, "to")
    if end is not None:
        yield f"{name} is over", (day - end).days - 1


def edges_of_patient(case: Case, day: date) -> Iterator[Edge]:
    person = case["patient"]
    born = date.fromisoformat(person["birth_date"])
    yield from months_edge("third birthday", born, 36, 0, day)
    yield from months_edge("eighteenth birthday", born, 216, 0, day)
    for right in person["exonerations"]:
        yield from edges_of_period(right["kind"], right, day)
        if right["kind"] == "css" and right["to"] is not None:
            yield from months_edge("former CSS", date.fromisoformat(right["to"]), 12, 1, day)
    for item in person.get("psychiatric_history", []):
        yield f"{item['kind']} begins", (day - date.fromisoformat(item["from"])).days
        end = day_in(item, "to")
        if end is not None:
            yield from months_edge("psychiatric anniversary", end, 24, 0, day)
        if item["kind"] == "psychiatric_sick_leave":
            start = date.fromisoformat(item["from"])
            yield from months_edge("long leave", start, 6, 1, min(end or day, day))


def edges_of_psychologist(case: Case, day: date) -> Iterator[Edge]:
    psychologist = case["psychologists"].get(case["claim"]["psychologist"], {})
    for convention in psychologist.get("conventions", []):
        yield from edges_of_period("convention", convention, day)
        received = day_in(convention, "resignation_received_on")
        if received is not None:
            yield from months_edge("resignation", received, 2, 0, day)
    for suspension in psychologist.get("suspensions", []):
        yield from edges_of_period("suspension", suspension, day)


def edges_of_letter_and_sheet(case: Case, day: date) -> Iterator[Edge]:
    letter = case["referral"]
    required = day <= date(2024, 6, 14)
    if letter is not None and required and case["claim"]["kind"] == "evaluation":
        written = date.fromisoformat(letter["date"])
        yield "letter after the session", (written - day).days - 1
        yield from months_edge("letter", written, 6, 1, day)
    received = day_in(case["claim"], "received_on")
    if received is not None:
        yield "eight days", (received - day).days - 9
        yield "received before its own date", (day - received).days - 1
        quarter = months_later(date(day.year, 3 * ((day.month - 1) // 3) + 1, 1), 3)
        yield from months_edge("two years", quarter, 24, 0, received)


MONTHS_EDGES = (
    "third birthday",
    "eighteenth birthday",
    "former CSS",
    "psychiatric anniversary",
    "long leave",
    "resignation",
    "letter",
)
EDGES = (
    *MONTHS_EDGES,
    *(f"{name}, day number missing" for name in MONTHS_EDGES),
    *(f"{kind} begins" for kind in histories.EXONERATION_KINDS),
    *(f"{kind} is over" for kind in histories.EXONERATION_KINDS),
    # A sick leave that begins counts for nothing yet: its edge is the long leave.
    *(
        f"{kind} begins"
        for kind in histories.PSYCHIATRIC_KINDS
        if kind != "psychiatric_sick_leave"
    ),
    *("convention begins", "convention is over", "suspension begins", "suspension is over"),
    *("letter after the session", "eight days", "received before its own date", "two years"),
)


def test_both_sides_of_every_edge_are_reached() -> None:
    seen: Counter[Edge] = Counter()
    for case in drawn_cases():
        day = date.fromisoformat(case["claim"]["date"])
        seen.update(edges_of_patient(case, day))
        seen.update(edges_of_psychologist(case, day))
        seen.update(edges_of_letter_and_sheet(case, day))
    thin = {(name, d): seen[name, d] for name in EDGES for d in (-1, 0) if seen[name, d] < ENOUGH}
    assert thin == {}
