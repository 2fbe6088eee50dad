"""« Est-ce pour moi ? »: rows a clinician can read, and what no answer may break."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.rules.codes import Profile
from soutien.rules.orientation import (
    ROUTE_OF,
    Also,
    Facts,
    Ground,
    Hold,
    Route,
    Sign,
    Since,
    Who,
    guidance,
    is_minor,
    medicine_limits,
    orient,
    reasons,
)
from soutien.rules.terms import load_law

TERMS = load_law().on(date(2026, 11, 22), Profile.OPERATIONAL)
ROWS = tomllib.loads((Path(__file__).parent / "orientation.toml").read_text())["rows"]
WORDS = {"says", "who", "age_years", "signs", "since", "hold", "also", "danger"}
EXPECTED = {"route", "grounds", "public"}

facts_told = st.builds(
    Facts,
    who=st.sampled_from(Who),
    age_years=st.integers(-1, 110),
    signs=st.integers(0, 1023).map(Sign),
    since=st.sampled_from(Since),
    hold=st.sampled_from(Hold),
    also=st.integers(0, 8191).map(Also),
    danger=st.booleans(),
)


def bits(kind: Any, words: list[str]) -> Any:
    total = kind(0)
    for word in words:
        total |= kind[word.upper()]
    return total


def facts_of(row: dict[str, Any]) -> Facts:
    return Facts(
        who=Who[row.get("who", "adult").upper()],
        age_years=row.get("age_years", -1),
        signs=bits(Sign, row.get("signs", [])),
        since=Since[row.get("since", "unsaid").upper()],
        hold=Hold[row.get("hold", "unsaid").upper()],
        also=bits(Also, row.get("also", [])),
        danger=row.get("danger", False),
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["says"])
def test_row(row: dict[str, Any]) -> None:
    assert set(row) <= WORDS | EXPECTED
    found = orient(facts_of(row), TERMS)
    assert found.route.name.lower() == row["route"]
    assert found.grounds == bits(Ground, row["grounds"])
    assert found.public == row.get("public", "adult")


def test_every_reason_and_every_door_has_a_row() -> None:
    assert {word for row in ROWS for word in row["grounds"]} == {
        str(ground.name).lower() for ground in Ground
    }
    assert {row["route"] for row in ROWS} == {route.name.lower() for route in Route}


def test_every_reason_leads_somewhere() -> None:
    assert set(ROUTE_OF) == set(Ground)


@given(facts_told)
def test_any_danger_is_an_emergency_whatever_else(facts: Facts) -> None:
    assert orient(facts._replace(danger=True), TERMS).route is Route.EMERGENCY
    assert orient(facts._replace(danger=False), TERMS).route is not Route.EMERGENCY


@given(facts_told)
def test_nobody_leaves_without_a_reason_and_two_other_ways(facts: Facts) -> None:
    found = orient(facts, TERMS)
    assert found.grounds
    assert len(set(found.others) - {found.route}) >= 2
    for lang in ("fr", "en"):
        assert all(line.sentence and line.rules for line in reasons(found, lang, TERMS))
        minor = is_minor(facts, TERMS)
        assert guidance(found.route, lang, TERMS, minor=minor).steps
        assert all(guidance(other, lang, TERMS, minor=minor).as_another for other in found.others)


@given(facts_told, st.sampled_from(Also))
def test_telling_more_never_makes_it_less_urgent(facts: Facts, more: Also) -> None:
    """Skipping can only miss a door, never invent one: another word asks for as much or more."""
    told = facts._replace(also=facts.also | more)
    assert orient(told, TERMS).route <= orient(facts, TERMS).route


@given(facts_told)
def test_no_door_is_offered_that_cannot_be_paid_for(facts: Facts) -> None:
    found = orient(facts, TERMS)
    if 0 <= facts.age_years < TERMS.age_years_min and not facts.danger:
        assert found.route is Route.EARLY_CHILDHOOD
        assert Route.PARTNER not in found.others


def test_the_numbers_said_are_those_of_the_law_in_force() -> None:
    longer = TERMS._replace(psychiatric_lookback_years=7, age_years_min=5)
    followed = orient(Facts(who=Who.CHILD, age_years=9, also=Also.PSYCHIATRY_BEFORE), longer)
    assert "7 ans" in reasons(followed, "fr", longer)[0].sentence
    assert orient(Facts(who=Who.CHILD, age_years=4), longer).route is Route.EARLY_CHILDHOOD
    months, calming = medicine_limits()
    medicine = reasons(orient(Facts(also=Also.LONG_MEDICINE), TERMS), "en", TERMS)[0].sentence
    assert f"{months} months" in medicine
    assert f"{calming} month " in medicine


def test_no_word_is_a_diagnosis() -> None:
    """The words of illness stay out of what is said, except where a name of a place holds one."""
    said = [
        text
        for ground in Ground
        for lang in ("fr", "en")
        for text in [reasons(orient(Facts(), TERMS)._replace(grounds=ground), lang, TERMS)[0]]
    ]
    for word in ("dépression", "depression", "schizo", "bipol", "patholog", "vous souffrez"):
        assert not [line for line in said if word in line.sentence.lower()], word
