"""``soutien law [TERM]``: the terms of a day, with their texts, sources and history."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from tests.doors.cli.command import Done, soutien

from soutien.rules.codes import Profile, word
from soutien.rules.terms import Term, Terms, Value, load_law

LAW = load_law()


def printed(*words: str, **environment: str) -> str:
    done = soutien("law", *words, **environment)
    assert (done.code, done.complaint) == (0, "")
    return done.printed


def refused(done: Done) -> str:
    assert (done.code, done.printed) == (2, "")
    assert done.complaint.startswith("soutien law: ") and "Traceback" not in done.complaint
    return done.complaint


def test_all_terms_of_a_day_are_listed_with_their_values() -> None:
    listed = printed("--on", "2026-03-02")
    assert listed.startswith("Terms in force on 2026-03-02, operational profile (law version ")
    assert LAW.version in listed
    for name, term in LAW.terms.items():
        [line] = [line for line in listed.splitlines() if line.split()[:1] == [name]]
        assert term.title_en in line
    assert re.search(r"sessions_per_year_max +12 sessions  Covered sessions", listed)
    assert "soutien law TERM" in listed


def test_without_a_day_today_is_meant() -> None:
    assert "Terms in force on 20" in soutien("law").printed


@pytest.mark.parametrize(
    ("on", "profile", "value"),
    [
        ("2024-06-14", "operational", "8 sessions"),
        ("2024-06-15", "operational", "12 sessions"),
        ("2024-06-15", "legal", "8 sessions"),
        ("2025-05-15", "legal", "8 sessions"),
        ("2025-05-16", "legal", "12 sessions"),
    ],
)
def test_one_term_is_told_with_its_value_of_the_day(on: str, profile: str, value: str) -> None:
    told = printed("sessions_per_year_max", "--on", on, "--profile", profile)
    assert f"On {on}, {profile} profile: {value}\n" in told
    [current] = [line for line in told.splitlines() if line.startswith("* ")]
    assert f"  {value}  [" in current


@pytest.mark.parametrize("name", ["sessions_per_year_max", "amo_third_party_from"])
@pytest.mark.parametrize("profile", Profile)
def test_a_term_is_told_with_its_texts_its_sources_and_its_history(
    name: str, profile: Profile
) -> None:
    told = printed(name, "--on", "2026-03-02", "--profile", word(profile))
    term = LAW.terms[name]
    assert told.startswith(f"{name}: {term.title_en}\n")
    for value in term.values[profile]:
        assert value.law in told and value.source in told
        assert f"from {value.valid_from}" in told and f"[{value.confidence}]" in told
    assert f"Rules {', '.join(term.rules)}; last reviewed on {term.reviewed_on}" in told


@pytest.mark.parametrize("profile", Profile)
def test_every_term_is_told_as_json(profile: Profile) -> None:
    on = date(2024, 6, 20)
    told = json.loads(printed("--json", "--on", str(on), "--profile", word(profile)))
    assert [entry["term"] for entry in told] == sorted(Terms._fields)
    for entry in told:
        term = LAW.terms[entry["term"]]
        check_entry(entry, term, on, profile)


def check_entry(entry: dict[str, Any], term: Term, on: date, profile: Profile) -> None:
    def value_told(value: Value) -> dict[str, Any]:
        return {
            "from": str(value.valid_from),
            "value": str(value.written) if term.unit == "day" else value.number,
            "law": value.law,
            "source": value.source,
            "confidence": value.confidence,
        }

    assert entry["in_force"] == value_told(term.value_on(on, profile))
    assert entry["history"] == [value_told(value) for value in term.values[profile]]
    assert (entry["unit"], entry["rules"]) == (term.unit, list(term.rules))
    assert entry["reviewed_on"] == str(term.reviewed_on)
    assert entry["caution"] == term.caution("en", on, profile)
    assert not entry["moved_by_operator"]


def test_one_term_as_json_is_an_object() -> None:
    told = json.loads(printed("age_years_min", "--json", "--lang", "fr"))
    assert told["term"] == "age_years_min"
    assert told["title"] == LAW.terms["age_years_min"].title_fr


def test_a_text_that_could_not_be_read_is_said() -> None:
    told = printed("amo_third_party_from", "--on", "2026-11-22", "--lang", "fr")
    assert "Caution: L'avance de la part de l'Assurance Maladie" in told
    assert "Caution" not in printed("age_years_min", "--on", "2026-11-22")


def test_a_day_moved_by_the_operator_is_said() -> None:
    moved = json.dumps({"amo_third_party_from": "2027-01-01"})
    told = printed("amo_third_party_from", "--on", "2026-11-22", SOUTIEN_LAW_DATES=moved)
    assert "2027-01-01" in told and "moved by the operator (SOUTIEN_LAW_DATES)" in told


def test_units_are_written_as_people_write_them() -> None:
    listed = printed("--on", "2026-03-02")
    values = {
        line.split()[0]: line.split("  ")[-2].strip()
        for line in listed.splitlines()
        if line.startswith("  ")
    }
    assert values["evaluation_fee_cents"] == "€50"
    assert values["amo_rate_percent"] == "60 %"
    assert values["evaluation_in_person"] == "yes"
    assert values["referral_required"] == "no"
    assert values["evaluations_per_year_max"] == "1 session"
    assert values["claim_years_max"] == "2 years"
    assert values["midwife_refers_from"] == "2023-12-25"


# --- What is refused ----------------------------------------------------------------------


def test_a_day_before_the_programme_is_refused_with_its_first_day() -> None:
    complaint = refused(soutien("law", "--on", "2022-04-04"))
    assert "No terms on 2022-04-04: the programme starts on 2022-04-05." in complaint


def test_a_misspelled_term_is_answered_with_the_nearest() -> None:
    complaint = refused(soutien("law", "session_per_year"))
    assert "there is no term 'session_per_year'. Did you mean sessions_per_year_max?" in complaint
    assert "`soutien law` lists them" in complaint


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--on", "tomorrow"), "'tomorrow' is not a day: write it as 2026-11-22"),
        (("--profile", "strict"), "invalid choice: 'strict'"),
        (("--lang", "de"), "invalid choice: 'de'"),
        (("one", "two"), "'two' is not a day: write it as 2026-11-22"),
    ],
)
def test_wrong_words_are_refused_with_where_to_read_on(words: tuple[str, ...], told: str) -> None:
    complaint = refused(soutien("law", *words))
    assert told in complaint and "soutien law --help" in complaint


def test_terms_read_too_long_ago_are_said_beside_the_answer() -> None:
    done = soutien("law", "--on", "2029-01-01")
    assert done.code == 0 and done.printed
    assert done.complaint.startswith("Long after their last review, to be checked: ")
    assert "sessions_per_year_max" in done.complaint


def test_two_days_are_compared_term_by_term() -> None:
    told = printed("diff", "2024-06-14", "2024-06-15")
    assert "2024-06-15  sessions_per_year_max: 8 sessions -> 12 sessions\n" in told
    assert "2024-06-15  follow_up_fee_cents: €30 -> €50\n" in told
    assert "Instruction à la Cnam, juin 2024" in told
    strict = printed("diff", "2024-06-14", "2024-06-15", "--profile", "legal")
    assert "sessions_per_year_max" not in strict and "follow_up_fee_cents" not in strict


def test_a_day_that_a_term_names_is_told_when_it_comes() -> None:
    told = printed("diff", "2026-09-30", "2026-10-01")
    assert "2026-10-01  amo_third_party_from: 2026-10-01\n" in told
    moved = printed(
        "diff",
        "2026-09-30",
        "2026-10-01",
        SOUTIEN_LAW_DATES=json.dumps({"amo_third_party_from": "2026-12-01"}),
    )
    assert moved.endswith("\nNothing.\n")


def test_a_comparison_for_programs_agrees_with_the_terms_of_either_day() -> None:
    for profile in Profile:
        name = word(profile)
        told = json.loads(printed("diff", "2022-04-05", "2026-11-22", "--profile", name, "--json"))
        before = LAW.on(date(2022, 4, 5), profile)._asdict()
        after = LAW.on(date(2026, 11, 22), profile)._asdict()
        changed = {item["term"] for item in told if item["before"] is not None}
        assert {term for term in Terms._fields if before[term] != after[term]} <= changed
        assert [item["day"] for item in told] == sorted(item["day"] for item in told)


@pytest.mark.parametrize(
    "words",
    [
        ("diff",),
        ("diff", "2024-01-01"),
        ("diff", "2024-01-01", "2025-01-01", "2026-01-01"),
        ("diff", "2026-01-01", "2024-01-01"),
        ("diff", "2020-01-01", "2024-01-01"),
        ("diff", "2024-01-01", "2025-01-01", "--on", "2024-01-01"),
        ("sessions_per_year_max", "2024-01-01"),
    ],
)
def test_days_that_cannot_be_compared_are_refused(words: tuple[str, ...]) -> None:
    refused(soutien("law", *words))
