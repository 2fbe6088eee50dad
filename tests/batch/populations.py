"""Random people as a file of sessions: every reason, every coverage, boundary days."""

from __future__ import annotations

import random
from typing import Any

from tests.law.histories import random_case

Row = dict[str, str]


def _span(item: dict[str, Any]) -> str:
    return f"{item['from']}/{item['to'] or ''}"


def _agreement(item: dict[str, Any]) -> str:
    resigned = item.get("resignation_received_on")
    return f"{_span(item)}/{resigned}" if resigned else _span(item)


def _of_person(patient: dict[str, Any]) -> Row:
    return {
        "birth_date": patient["birth_date"],
        "regime": patient["regime"] or "none",
        "amc": str(patient["amc"]).lower(),
        "exemptions": " ".join(f"{one['kind']}:{_span(one)}" for one in patient["exonerations"]),
        "psychiatric": " ".join(
            f"{one['kind']}:{_span(one)}" for one in patient.get("psychiatric_history") or ()
        ),
    }


def _of_psychologist(case: dict[str, Any], name: str) -> Row:
    known = case["psychologists"].get(name, {})
    return {
        "psychologist": name,
        "agreements": " ".join(map(_agreement, known.get("conventions", ()))),
        "suspensions": " ".join(map(_span, known.get("suspensions", ()))),
        "practice": known.get("practice", "liberal"),
    }


def _of_claim(claim: dict[str, Any]) -> Row:
    complete = claim.get("sheet_signed", True) and claim.get("sheet_complete", True)
    return {
        "held_on": claim["date"],
        "kind": claim["kind"],
        "modality": claim["modality"],
        "price_cents": str(claim["price_cents"]),
        "act_code": claim.get("act_code") or "",
        "linked_to": claim.get("linked_to") or "",
        "third_party_requested": str(claim.get("third_party_requested") == "amo").lower(),
        "received_on": claim.get("received_on") or "",
        "performed": str(claim.get("performed", True)).lower(),
        "sheet_complete": str(complete).lower(),
        "prescribed": str(claim.get("prescribed", False)).lower(),
    }


def person(rng: random.Random, name: str) -> list[Row]:
    """One person's sessions: some of the history is to be decided too, and all is shuffled."""
    case = random_case(rng)
    letter = case["referral"] or {}
    asked = {
        **_of_person(case["patient"]),
        "person": name,
        "referrer": letter.get("referrer", ""),
        "referral_day": letter.get("date", ""),
    }
    rows = [{**asked, **_of_claim(case["claim"]), "status": ""}]
    rows[0] |= _of_psychologist(case, case["claim"]["psychologist"])
    for item in case["history"]:
        again = rng.random() < 0.6 and item.get("programme", "mon-soutien-psy") == (
            "mon-soutien-psy"
        )
        price = rng.choice((5000, 5000, 3000, 4000))
        held = {**_of_claim({"modality": "in_person", "price_cents": price, **item}), **asked}
        held |= _of_psychologist(case, item["psychologist"])
        held["status"] = "" if again else item.get("status", "paid")
        held["programme"] = item.get("programme", "")
        rows.append(held)
    if rng.random() < 0.5:
        rows.reverse()
    return rows


def population(sessions: int, seed: int) -> list[Row]:
    """At least so many rows; people's rows lie among one another's, as claims come in."""
    rng, rows, number = random.Random(seed), list[Row](), 0
    while len(rows) < sessions:
        number += 1
        rows += person(rng, f"person-{number}")
    rng.shuffle(rows)
    for row in rows:
        row.setdefault("programme", "")
    return rows
