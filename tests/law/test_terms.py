"""The dated terms: one value a day, each with its text; and what is said when a file is wrong."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from soutien.rules.calendar import NO_DAY, add_months, add_years, civil_date, day_number
from soutien.rules.codes import Profile, ThirdParty, word
from soutien.rules.decide import decide
from soutien.rules.estimate import Situation, estimate
from soutien.rules.facts import Past
from soutien.rules.terms import (
    CONFIDENCES,
    MONTHS_BETWEEN_REVIEWS,
    UNITS,
    Law,
    TermError,
    Terms,
    load_law,
    read_term,
)

START = date(2022, 4, 5)
NAMES = Terms._fields
LAW = load_law()
TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()
IN_TWO_YEARS = civil_date(add_years(day_number(TODAY), 2))

GOOD = """
title_fr = "Séances"
title_en = "Sessions"
unit = "sessions"
rules = ["R-060"]
reviewed_on = 2026-11-22

[[values]]
from = 2022-04-05
value = 8
law = "CSS art. R. 162-65"
source = "legifrance.gouv.fr"
confidence = "sourced"

[[values]]
profile = "operational"
from = 2024-06-15
value = 12
law = "Instruction"
source = "ffpp.net"
confidence = "partial"
"""


@cache
def written(name: str) -> dict[str, Any]:
    """A term file, read apart from the product's own reader."""
    path = files("soutien.rules") / "programme" / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8"))


def days_up_to(last: date) -> list[date]:
    return [START + timedelta(days=n) for n in range((last - START).days + 1)]


def values_in_force(name: str, day: date, profile: Profile) -> list[Any]:
    """Every value whose period, up to the next value of the same profile, holds the day."""
    values = [v for v in written(name)["values"] if v.get("profile") in (None, word(profile))]
    ends = [*(value["from"] for value in values[1:]), date.max]
    return [
        value["value"]
        for value, end in zip(values, ends, strict=True)
        if value["from"] <= day < end
    ]


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("name", NAMES)
def test_each_day_has_exactly_one_value_of_a_term(name: str, profile: Profile) -> None:
    for day in days_up_to(IN_TWO_YEARS):
        [value] = values_in_force(name, day, profile)
        number = day_number(value) if isinstance(value, date) else value
        assert getattr(LAW.on(day, profile), name) == number, (name, day, profile)


@pytest.mark.parametrize("profile", Profile)
def test_the_terms_of_a_day_are_whole_numbers(profile: Profile) -> None:
    for day, terms in LAW.periods(profile):
        assert all(type(value) is int and value >= 0 for value in terms), day
        assert LAW.on(day, profile) == terms


@pytest.mark.parametrize("profile", Profile)
def test_a_day_before_the_start_has_no_terms_and_this_is_said(profile: Profile) -> None:
    with pytest.raises(TermError) as told:
        LAW.on(START - timedelta(days=1), profile)
    assert str(told.value) == (
        "No terms on 2022-04-04: the programme starts on 2022-04-05. Give a later day."
    )
    assert LAW.on(START, profile).programme_starts_on == day_number(START)


def test_a_term_asked_before_its_first_value_says_where_to_add_it() -> None:
    with pytest.raises(TermError) as told:
        LAW.terms["sessions_per_year_max"].value_on(date(2020, 1, 1))
    assert str(told.value) == (
        "No value of 'sessions_per_year_max' on 2020-01-01: its first value starts on "
        "2022-04-05. Give a later day, or add the earlier value with its law to "
        "rules/programme/sessions_per_year_max.toml."
    )


# --- The files ----------------------------------------------------------------------------


def test_there_is_one_file_a_term_and_no_other() -> None:
    folder = files("soutien.rules") / "programme"
    assert {entry.name for entry in folder.iterdir()} == {f"{name}.toml" for name in NAMES}
    assert set(LAW.terms) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_term_has_its_unit_its_words_and_its_texts(name: str) -> None:
    term = LAW.terms[name]
    assert term.unit in UNITS
    assert term.title("fr") and term.title("en") and term.title("fr") != term.title("en")
    assert term.rules and all(rule.startswith("R-") for rule in term.rules)
    for profile in Profile:
        days = [value.valid_from for value in term.values[profile]]
        assert days == sorted(set(days)) and days[0] <= START
        for value in term.values[profile]:
            assert value.law.strip() and value.source.strip()
            assert value.confidence in CONFIDENCES


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_term_says_its_unit(name: str) -> None:
    endings = {
        "cents": ("_cents",),
        "percent": ("_percent", "_percent_max"),
        "years": ("_years", "_years_min", "_years_max"),
        "months": ("_months", "_months_max"),
        "days": ("_days_max",),
        "minutes": ("_minutes_max",),
        "day": ("_from", "_on"),
        "sessions": ("_per_year_max",),
        "yes_no": ("",),
    }
    unit = LAW.terms[name].unit
    assert name.endswith(endings[unit])
    if unit == "yes_no":
        values = [v.number for history in LAW.terms[name].values.values() for v in history]
        assert set(values) <= {0, 1}


@pytest.mark.parametrize("name", NAMES)
def test_a_term_was_reviewed_less_than_thirteen_months_ago(name: str) -> None:
    reviewed = LAW.terms[name].reviewed_on
    until = civil_date(add_months(day_number(reviewed), MONTHS_BETWEEN_REVIEWS))
    assert until >= TODAY, f"read the text of {name} again, then move its reviewed_on"
    assert LAW.terms[name] not in LAW.needs_review(until)
    assert LAW.terms[name] in LAW.needs_review(until + timedelta(days=1))


@pytest.mark.parametrize("name", NAMES)
def test_a_text_that_could_not_be_read_is_said_in_both_languages(name: str) -> None:
    term = LAW.terms[name]
    assert bool(term.note_fr) == bool(term.note_en)
    for profile in Profile:
        for value in term.values[profile]:
            cautions = [term.caution(lang, value.valid_from, profile) for lang in ("fr", "en")]
            if CONFIDENCES[value.confidence]:
                assert cautions == ["", ""]
            else:
                assert cautions == [term.note_fr, term.note_en]
            if value.confidence == "unverified":
                assert all(cautions)


def test_the_terms_read_in_the_press_alone_carry_their_caution() -> None:
    for name in ("amo_third_party_from", "minor_ald_uncapped_from"):
        assert LAW.terms[name].caution("fr", TODAY) and LAW.terms[name].caution("en", TODAY)


# --- What an operator may move ------------------------------------------------------------


def moved(day: date) -> Law:
    return load_law({"amo_third_party_from": day})


def test_an_override_moves_its_term_and_no_other() -> None:
    later = moved(date(2026, 12, 1))
    for profile in Profile:
        for day in days_up_to(date(2027, 12, 31)):
            usual, changed = LAW.on(day, profile), later.on(day, profile)
            assert changed.amo_third_party_from == day_number(date(2026, 12, 1))
            assert changed._replace(amo_third_party_from=usual.amo_third_party_from) == usual
    assert later.version != LAW.version
    assert later.terms["amo_third_party_from"].moved_by_operator
    assert not later.terms["sessions_per_year_max"].moved_by_operator


def test_an_override_changes_the_decision_of_1_october_2026() -> None:
    first_day = date(2026, 10, 1)
    usual = estimate(first_day, Situation(), LAW).decision
    later = estimate(first_day, Situation(), moved(date(2026, 12, 1))).decision
    assert (usual.third_party, usual.patient_upfront_cents) == (ThirdParty.AMO, 2000)
    assert (later.third_party, later.patient_upfront_cents) == (ThirdParty.NONE, 5000)
    assert usual._replace(third_party=0, patient_upfront_cents=5000) == later


def test_a_day_the_operator_moved_rests_on_the_operator() -> None:
    term = moved(date(2026, 12, 1)).terms["amo_third_party_from"]
    assert term.value_on(date(2026, 10, 1)).confidence == "convention"
    assert term.caution("fr", date(2026, 10, 1)) == ""
    assert LAW.terms["amo_third_party_from"].caution("fr", date(2026, 10, 1)) != ""


def test_the_same_law_is_read_once() -> None:
    assert load_law() is LAW
    assert moved(date(2026, 12, 1)) is moved(date(2026, 12, 1))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_term", "Unknown or missing terms: no_such_term. `soutien law` lists"),
        ("sessions_per_year_max", "sessions_per_year_max is not a day: only a term whose value"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(name: str, message: str) -> None:
    with pytest.raises(TermError, match=message):
        load_law({name: date(2026, 12, 1)})


def test_a_law_changed_on_paper_changes_the_decision() -> None:
    answered = estimate(date(2026, 3, 2), Situation(), LAW)
    sixth = answered.past._replace(used_this_year=6)
    seven = answered.terms._replace(sessions_per_year_max=7)
    six = answered.terms._replace(sessions_per_year_max=6)
    assert decide(answered.session, sixth, seven).accepted
    assert decide(answered.session, sixth, seven).sessions_left == 0
    assert not decide(answered.session, sixth, six).accepted
    assert sixth != Past(*([NO_DAY] * len(Past._fields)))


# --- A term file that is wrong ------------------------------------------------------------


def test_a_good_file_is_read() -> None:
    term = read_term("sessions_per_year_max", GOOD)
    histories = {
        profile: [(str(value.valid_from), value.number) for value in term.values[profile]]
        for profile in Profile
    }
    assert histories == {
        Profile.OPERATIONAL: [("2022-04-05", 8), ("2024-06-15", 12)],
        Profile.LEGAL: [("2022-04-05", 8)],
    }


WRONG_FILES = [
    ('unit = "sessions"', "", "unit missing"),
    ("reviewed_on = 2026-11-22", "", "reviewed_on missing"),
    ("reviewed_on = 2026-11-22", 'reviewed_on = "soon"', "reviewed_on is a day"),
    ("reviewed_on", "reviewed", "reviewed_on missing"),
    ('unit = "sessions"', 'unit = "sessions"\nnote = "x"', "note unknown; correct the spelling"),
    ('unit = "sessions"', 'unit = "visits"', "unit 'visits' is unknown; use one of cents, day"),
    ('unit = "sessions"', 'unit = "day"', "the unit is a day, write it as 2026-10-01"),
    ("value = 12", 'value = "twelve"', "write a whole number, zero or more"),
    ("value = 12", "value = 12.5", "write a whole number, zero or more"),
    ("value = 12", "value = -1", "write a whole number, zero or more"),
    ("value = 12", "value = true", "write a whole number, zero or more"),
    ("value = 12", "", "value missing"),
    ("from = 2024-06-15", "", "from missing"),
    ("from = 2024-06-15", 'from = "June"', "from is a day, write it as 2026-10-01"),
    ("from = 2024-06-15", "from = 2024-06-15T00:00:00", "from is a day, write it as 2026-10-01"),
    ("from = 2024-06-15", "from = 2022-04-05", "operational needs values in strictly ascending"),
    ("from = 2024-06-15", "from = 2021-01-01", "operational needs values in strictly ascending"),
    ('law = "Instruction"', "", "law missing"),
    ('source = "ffpp.net"', "", "source missing"),
    ('confidence = "partial"', "", "confidence missing"),
    ('confidence = "partial"', 'confidence = "sure"', "confidence 'sure' is unknown; use one of"),
    ('profile = "operational"', 'profile = "practice"', "profile 'practice' is unknown; use one"),
    ("value = 12", "value = 12\nuntil = 2025-01-01", "until unknown; correct the spelling"),
    ("value = 12", "value = = 12", "Invalid value"),
    (GOOD[GOOD.index("[[values]]") :], "values = 8", "write each value as a table of its own"),
    (GOOD[GOOD.index("[[values]]") :], "values = [8]", "write each value as a table of its own"),
    (GOOD[GOOD.index("[[values]]") :], "values = []", "operational needs values"),
]


@pytest.mark.parametrize(("good", "wrong", "message"), WRONG_FILES)
def test_a_wrong_file_is_refused_with_its_name_and_what_to_write(
    good: str, wrong: str, message: str
) -> None:
    spoiled = GOOD.replace(good, wrong, 1)
    assert spoiled != GOOD
    with pytest.raises(TermError) as told:
        read_term("sessions_per_year_max", spoiled)
    assert str(told.value).startswith("rules/programme/sessions_per_year_max.toml: ")
    assert message in str(told.value)


def test_a_value_of_one_profile_alone_leaves_the_other_without() -> None:
    only_operational = GOOD.replace(
        "[[values]]\nfrom", '[[values]]\nprofile = "operational"\nfrom'
    )
    with pytest.raises(TermError, match="legal needs values in strictly ascending days"):
        read_term("sessions_per_year_max", only_operational)


def test_a_moved_term_must_be_a_day() -> None:
    with pytest.raises(TermError, match="is not a day"):
        read_term("sessions_per_year_max", GOOD, date(2026, 10, 1))


@pytest.mark.parametrize("name", sorted(load_law().terms))
def test_a_value_whose_text_was_not_read_says_so_gently(name: str) -> None:
    """On every day on which the value rests on the press or on hearsay."""
    term = load_law().terms[name]
    for profile in Profile:
        for value in term.values[profile]:
            told = [term.caution(lang, value.valid_from, profile) for lang in ("fr", "en")]
            assert all(told) is not CONFIDENCES[value.confidence], (name, value)
