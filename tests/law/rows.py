"""Reads the tables of ``rows/``: what a lawyer checks, one sentence and its answer a row.

A row says only what differs from an ordinary session: an evaluation in person, at the right
price, with a partner psychologist, of an adult of the general scheme who has a responsible
complementary contract and a doctor's letter of the same day. What a row may hold:

    says, rule         the sentence it proves, and the rule of the programme
    on                 the day of the session
    profile            ``legal`` when it is not ``operational``
    evaluated_on       an evaluation already paid on that day …
    follow_ups         … and that many follow-ups, one a day, from the day after it
    history            other sessions, one by one
    letter             its date and referrer where they differ, or ``"none"``
    kind, price_cents, birth_date, exonerations, conventions …
                       any word of the case format; ``regime = "none"`` is no scheme
    moved              days of the law moved by an operator

    accepted           the ground of payment; or ``refused``, all the reasons
    amo_cents, amc_cents, patient_cents, local_regime_cents, upfront_cents, third_party,
    left               checked when said; ``left = "no cap"`` is no limit
    warnings           always checked: a row that says none expects none
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from soutien.rules.answer import Answer, answer
from soutien.rules.casefile import in_words, read_cases
from soutien.rules.codes import Profile
from soutien.rules.terms import load_law

ROWS = Path(__file__).parent / "rows"
STORY = {"says", "rule", "on", "profile", "evaluated_on", "follow_ups", "history", "letter"}
OF_THE_CLAIM = {
    *("kind", "modality", "psychologist", "price_cents", "act_code", "linked_to", "prescribed"),
    *("third_party_requested", "received_on", "performed", "sheet_signed", "sheet_complete"),
}
OF_THE_PERSON = {"birth_date", "regime", "amc", "exonerations", "psychiatric_history"}
OF_THE_PSYCHOLOGIST = {"conventions", "suspensions", "practice"}
# The word of a row, and the key of the answer it is compared with.
EXPECTED = {
    "amo_cents": "amo_cents",
    "amc_cents": "amc_cents",
    "patient_cents": "patient_cents",
    "local_regime_cents": "local_regime_cents",
    "upfront_cents": "patient_upfront_cents",
    "third_party": "third_party_payment",
    "left": "sessions_left",
    "warnings": "warnings",
}
KNOWN = {
    *STORY,
    *OF_THE_CLAIM,
    *OF_THE_PERSON,
    *OF_THE_PSYCHOLOGIST,
    *EXPECTED,
    *("accepted", "refused", "moved"),
}


class RowError(Exception):
    """A row is not written as rows are."""


@dataclass(frozen=True)
class Row:
    """One row: where it stands, the case it describes, and what it expects of the answer."""

    name: str
    says: str
    rules: tuple[str, ...]
    case: dict[str, Any]
    expected: Mapping[str, Any]
    moved: Mapping[str, date]

    def answered(self) -> Answer:
        """The answer of the rules to the case."""
        [(_, dossier)] = read_cases([self.case])
        return answer(dossier, load_law(self.moved))

    def told(self) -> dict[str, Any]:
        """That answer in words, cut down to what the row speaks of."""
        words = in_words(self.case["id"], self.answered())
        return self.cut(words)

    def cut(self, words: Mapping[str, Any]) -> dict[str, Any]:
        """What the row speaks of, out of an answer in words."""
        return {key: words.get(key, [] if key == "warnings" else None) for key in self.expected}


def as_json(value: Any) -> Any:
    """Days as the case format writes them; open ends may be left out of a row."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value


def picked(row: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    """The part of a row that belongs to one object of the case."""
    return {key: row[key] for key in row if key in keys}


def history_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sessions already paid: the evaluation, its follow-ups, then the others."""
    sessions: list[dict[str, Any]] = []
    if "evaluated_on" in row:
        sessions.append({"date": row["evaluated_on"], "kind": "evaluation"})
    for number in range(1, row.get("follow_ups", 0) + 1):
        held_on = row["evaluated_on"] + timedelta(days=number)
        sessions.append({"date": held_on, "kind": "follow_up"})
    sessions += row.get("history", [])
    return [{"modality": "in_person", "psychologist": "P1", **session} for session in sessions]


def letter_of(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The letter; an ordinary one is a doctor's, of the day of the episode's first session."""
    if row.get("letter") == "none":
        return None
    ordinary = {"date": row.get("evaluated_on", row["on"]), "referrer": "gp"}
    return {**ordinary, **row.get("letter", {})}


def price_of(row: Mapping[str, Any]) -> int:
    """The right price of the session; rows about the price write their own."""
    profile = Profile[row.get("profile", "operational").upper()]
    terms = load_law().at_session(row["on"].toordinal(), profile)
    evaluation = row.get("kind", "evaluation") == "evaluation"
    return terms.evaluation_fee_cents if evaluation else terms.follow_up_fee_cents


def case_of(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The whole case that a row describes, in the case format."""
    person = {
        "birth_date": "1988-03-12",
        "regime": "general",
        "amc": True,
        **picked(row, OF_THE_PERSON),
    }
    if person["regime"] == "none":
        person["regime"] = None
    ordinary_convention = [{"from": "2022-04-05"}]
    psychologist = {"conventions": ordinary_convention, **picked(row, OF_THE_PSYCHOLOGIST)}
    claim = {
        "date": row["on"],
        "kind": "evaluation",
        "modality": "in_person",
        "psychologist": "P1",
        "price_cents": price_of(row),
        **picked(row, OF_THE_CLAIM),
    }
    case = {
        "id": name,
        "programme": "mon-soutien-psy",
        "rule_profile": row.get("profile", "operational"),
        "patient": person,
        "psychologists": {"P1": psychologist, "P2": {"conventions": ordinary_convention}},
        "referral": letter_of(row),
        "history": history_of(row),
        "claim": claim,
    }
    written: dict[str, Any] = as_json(case)
    return written


def expected_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row expects, with the keys of an answer."""
    accepted = "accepted" in row
    expected = {EXPECTED[key]: row[key] for key in row if key in EXPECTED}
    if expected.get("sessions_left") == "no cap":
        expected["sessions_left"] = None
    return {
        "outcome": "accepted" if accepted else "rejected",
        "reasons": [row["accepted"]] if accepted else row["refused"],
        "warnings": [],
        **expected,
    }


def read_row(row: Mapping[str, Any], name: str) -> Row:
    """One row. Raises RowError when it lacks something or holds an unknown word."""
    if unknown := row.keys() - KNOWN:
        raise RowError(f"{name}: {', '.join(sorted(unknown))} unknown.")
    if missing := {"says", "rule", "on"} - row.keys():
        raise RowError(f"{name}: {', '.join(sorted(missing))} missing.")
    if ("accepted" in row) == ("refused" in row):
        raise RowError(f"{name}: write either accepted or refused.")
    if "follow_ups" in row and "evaluated_on" not in row:
        raise RowError(f"{name}: follow_ups are counted from evaluated_on.")
    rules = row["rule"].split()
    return Row(
        name, row["says"], tuple(rules), case_of(row, name), expected_of(row), row.get("moved", {})
    )


def all_rows() -> list[Row]:
    """Every row of every table, in order."""
    rows = []
    for path in sorted(ROWS.glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        for number, row in enumerate(table["row"], start=1):
            rows.append(read_row(row, f"{path.stem} {number}"))
    return rows
