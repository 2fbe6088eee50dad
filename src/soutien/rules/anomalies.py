"""What deserves a second look in claims: explained, with the plain reasons it may have.

Fraud is never presumed (R-118). Nothing here refuses, delays or marks anybody: a person of the
fund reads what is seen, what often explains it, and what to check. What the law refuses is the
decision's to say; this is about what stands beside one claim. Sentences are in ``anomalies.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import IntFlag
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from soutien.rules.accompaniment import remote_share
from soutien.rules.codes import words
from soutien.rules.money import euros
from soutien.rules.terms import Terms

# A day of so many minutes of sessions is worth a question. Our own choice: no text says so.
MINUTES_A_DAY = 14 * 60
# Below so many sessions a year, one remote session more or less says nothing of a share.
FEW_SESSIONS = 20


class Anomaly(IntFlag):
    """What is seen. Bits are never renumbered."""

    NONE = 0
    SAME_DAY = 1
    TWIN = 2
    BEYOND_CAP = 4
    REMOTE_SHARE = 8
    FULL_DAY = 16
    CLOSED_DAY = 32
    PRICE = 64


class Around(NamedTuple):
    """A claim and what stands beside it, as integers; yes is 1.

    ``same_day``: other accepted sessions of the person that day. ``twins``: other claims for the
    same person, psychologist, day and kind, accepted or not. ``paid_in_year``: the person's
    accepted sessions of the civil year, this one among them. The psychologist's day and year
    count accepted sessions. ``closed``: a Sunday or a public holiday of the place.
    """

    accepted: int
    evaluation: int
    remote: int
    price_cents: int
    same_day: int = 0
    twins: int = 0
    paid_in_year: int = 0
    uncapped: int = 0
    evaluations_that_day: int = 0
    follow_ups_that_day: int = 0
    remote_in_year: int = 0
    held_in_year: int = 0
    closed: int = 0


def anomalies(around: Around, terms: Terms) -> Anomaly:
    """All that is worth a second look, as bits; NONE for nearly every claim."""
    found = Anomaly.NONE
    if around.accepted and around.same_day:
        found |= Anomaly.SAME_DAY
    if around.twins:
        found |= Anomaly.TWIN
    if (
        around.accepted
        and not around.uncapped
        and around.paid_in_year > terms.sessions_per_year_max
    ):
        found |= Anomaly.BEYOND_CAP
    share = remote_share(
        around.remote_in_year, around.held_in_year, terms.remote_share_percent_max
    )
    if around.remote and around.held_in_year >= FEW_SESSIONS and share.beyond:
        found |= Anomaly.REMOTE_SHARE
    if minutes(around, terms) > MINUTES_A_DAY:
        found |= Anomaly.FULL_DAY
    if around.accepted and around.closed:
        found |= Anomaly.CLOSED_DAY
    if around.price_cents != _tariff_cents(around, terms):
        found |= Anomaly.PRICE
    return found


def minutes(around: Around, terms: Terms) -> int:
    """How long the psychologist's day was, each session as long as it may be told to be."""
    return (
        around.evaluations_that_day * terms.evaluation_minutes_max
        + around.follow_ups_that_day * terms.follow_up_minutes_max
    )


class Told(NamedTuple):
    """One anomaly in words: what is seen, what often explains it, what to check, the text."""

    code: str
    title: str
    seen: str
    often: str
    check: str
    text: str
    rules: tuple[str, ...]


@lru_cache(maxsize=1)
def wording() -> Mapping[str, Mapping[str, Any]]:
    """The sentences, by code."""
    found: Mapping[str, Mapping[str, Any]]
    found = tomllib.loads((files("soutien.rules") / "anomalies.toml").read_text("utf-8"))
    return found


def in_words(found: Anomaly, around: Around, terms: Terms, lang: str) -> list[Told]:
    """Each anomaly with its sentence; numbers come from the claim and from the terms."""
    share = remote_share(
        around.remote_in_year, around.held_in_year, terms.remote_share_percent_max
    )
    values = {
        "same_day": around.same_day,
        "twins": around.twins,
        "paid": around.paid_in_year,
        "cap": terms.sessions_per_year_max,
        "percent": share.percent,
        "percent_max": terms.remote_share_percent_max,
        "sessions": around.evaluations_that_day + around.follow_ups_that_day,
        "hours": minutes(around, terms) // 60,
        "price": euros(around.price_cents, lang),
        "tariff": euros(_tariff_cents(around, terms), lang),
    }
    return [
        Told(
            code=code,
            title=entry[f"title_{lang}"],
            seen=entry[f"seen_{lang}"].format(**values),
            often=entry[f"often_{lang}"],
            check=entry[f"check_{lang}"],
            text=entry.get("text", ""),
            rules=tuple(entry["rules"]),
        )
        for code in words(found)
        for entry in [wording()[code]]
    ]


def _tariff_cents(around: Around, terms: Terms) -> int:
    return terms.evaluation_fee_cents if around.evaluation else terms.follow_up_fee_cents
