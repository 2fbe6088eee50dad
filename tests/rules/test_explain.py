"""Every answer is explained in two languages, with numbers that come from the answer alone."""

from __future__ import annotations

import random
import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law.histories import random_case
from tests.law.rows import all_rows

from soutien.rules.answer import Answer, answer
from soutien.rules.calendar import civil_year, day_number, day_of
from soutien.rules.casefile import read_case
from soutien.rules.codes import Coverage, Notice, Profile, Reason, ThirdParty, word, words
from soutien.rules.decide import decide
from soutien.rules.estimate import Situation, estimate
from soutien.rules.explain import LANGUAGES, Line, explain, in_words, sentences
from soutien.rules.terms import load_law

LAW = load_law()
SEEDS = st.integers(0, 2**32)
MANY = settings(max_examples=400)
GROUPS = {"reason": Reason, "coverage": Coverage, "notice": Notice, "third_party": ThirdParty}
AMOUNTS = {
    *("price", "amo", "local_regime", "amc", "amc_nothing", "amc_absent"),
    *("patient", "patient_nothing", "refused"),
}
LEFT = {"some", "one", "none", "no_cap"}
CODE_WORDS = {word(code) for kind in GROUPS.values() for code in kind if "_" in word(code)}


@cache
def written() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    text = (files("soutien.rules") / "sentences.toml").read_text("utf-8")
    return tomllib.loads(text)


ENTRIES = [(about, code) for about, entries in written().items() for code in entries]


def random_answer(seed: int) -> Answer:
    problems: list[str] = []
    _, dossier = read_case(random_case(random.Random(seed)), 1, problems)
    return answer(dossier, LAW)


def said(lines: list[Line]) -> list[tuple[str, str]]:
    return [(line.about, line.code) for line in lines]


# --- The wording --------------------------------------------------------------------------


def test_every_code_has_its_sentence_and_no_sentence_is_left_over() -> None:
    wanted = {
        (about, word(code))
        for about, kind in GROUPS.items()
        for code in kind
        if code != Coverage.NONE or kind is not Coverage
    }
    wanted |= {("amount", code) for code in AMOUNTS} | {("left", code) for code in LEFT}
    assert set(ENTRIES) == wanted
    for lang in LANGUAGES:
        assert set(sentences()[lang]) == wanted


@pytest.mark.parametrize(("about", "code"), ENTRIES)
def test_a_sentence_stands_in_both_languages_and_says_what_to_do(about: str, code: str) -> None:
    entry = written()[about][code]
    assert entry.keys() - {"rules", "text", "term"} == {"fr", "en", "remedy_fr", "remedy_en"}
    assert ("text" in entry) != ("term" in entry)
    for key in ("fr", "en", "remedy_fr", "remedy_en"):
        text = entry[key]
        assert text.endswith(".") and (text[0].isupper() or text[0] == "{")
        assert "  " not in text
    assert entry["fr"] != entry["en"] and entry["remedy_fr"] != entry["remedy_en"]
    assert entry["rules"] and all(re.fullmatch(r"R-\d{3}", rule) for rule in entry["rules"])


@pytest.mark.parametrize(("about", "code"), ENTRIES)
def test_no_number_is_written_in_a_sentence(about: str, code: str) -> None:
    entry = written()[about][code]
    for key in ("fr", "en", "remedy_fr", "remedy_en"):
        assert not re.search(r"\d", entry[key]), entry[key]


@pytest.mark.parametrize(("about", "code"), ENTRIES)
def test_both_languages_give_the_same_numbers(about: str, code: str) -> None:
    def named(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    entry = written()[about][code]
    assert named(entry["fr"]) == named(entry["en"])
    assert named(entry["remedy_fr"]) == named(entry["remedy_en"])


@pytest.mark.parametrize(("about", "code"), ENTRIES)
def test_a_term_quoted_by_a_sentence_exists(about: str, code: str) -> None:
    term = written()[about][code].get("term")
    assert term is None or term == "tariff" or term in LAW.terms


# --- The explanation of an answer ---------------------------------------------------------


def check_lines(lines: list[Line]) -> None:
    for line in lines:
        assert line.article and line.rules
        for text in (line.sentence, line.remedy, line.caution):
            assert "{" not in text and "}" not in text and "_" not in text, text
            assert not any(code in text for code in CODE_WORDS), text
        assert line.sentence.endswith(".") and line.remedy.endswith(".")
        assert "None" not in line.sentence


@MANY
@given(SEEDS)
def test_every_answer_is_explained_in_both_languages(seed: int) -> None:
    answered = random_answer(seed)
    french, english = explain(answered, "fr"), explain(answered, "en")
    check_lines(french)
    check_lines(english)
    assert said(french) == said(english)
    assert [line.article for line in french] == [line.article for line in english]


@MANY
@given(SEEDS)
def test_everything_decided_is_said_once_and_in_order(seed: int) -> None:
    answered = random_answer(seed)
    decision = answered.decision
    told = said(explain(answered))
    assert len(set(told)) == len(told)
    reasons = [code for about, code in told if about == "reason"]
    assert reasons == list(words(Reason(decision.reasons)))
    notices = [code for about, code in told if about == "notice"]
    assert notices == list(words(Notice(decision.notices)))
    coverage = [code for about, code in told if about == "coverage"]
    modes = [code for about, code in told if about == "third_party"]
    if decision.accepted:
        assert coverage == [word(Coverage(decision.coverage))]
        assert modes == [word(ThirdParty(decision.third_party))]
    else:
        assert coverage == modes == []
        assert ("amount", "refused") in told


@MANY
@given(SEEDS, st.sampled_from(LANGUAGES))
def test_the_numbers_said_are_those_of_the_answer(seed: int, lang: str) -> None:
    answered = random_answer(seed)
    decision, session, terms = answered.decision, answered.session, answered.terms
    cents = {*decision[3:9], terms.evaluation_fee_cents, terms.follow_up_fee_cents}
    days = {
        *(session.day, session.received_on, session.aged_enough_on, session.referral_day),
        *(session.referral_last_day, session.barred_from - 1, answered.past.episode_opened_on),
        *(terms.programme_starts_on, day_of(civil_year(session.day) + 1, 1, 1)),
    }
    numbers = {
        *(str(amount // 100) for amount in cents),
        *(f"{amount % 100:02d}" for amount in cents),
        *(found for day in days if day > 0 for found in re.findall(r"\d+", in_words(day, lang))),
        *(str(value) for value in terms),
        *(str(100 - terms.amo_rate_percent), str(decision.sessions_left)),
        str(terms.amo_rate_percent + terms.local_regime_rate_percent),
        str(100 - terms.amo_rate_percent - terms.local_regime_rate_percent),
    }
    for line in explain(answered, lang):
        found = set(re.findall(r"\d+", f"{line.sentence} {line.remedy}"))
        assert found <= numbers, line.sentence


def test_every_sentence_is_said_by_some_row() -> None:
    told = {line for row in all_rows() for line in said(explain(row.answered()))}
    assert set(ENTRIES) - told == set()


def test_a_law_changed_on_paper_changes_the_sentence() -> None:
    answered = estimate(date(2026, 3, 2), Situation(), LAW)
    terms = answered.terms._replace(
        sessions_per_year_max=7, amo_rate_percent=55, evaluation_fee_cents=6_000
    )
    session = answered.session._replace(price_cents=6_000)
    past = answered.past._replace(used_this_year=7)
    refused = replace(
        answered, session=session, past=past, terms=terms, decision=decide(session, past, terms)
    )
    assert explain(refused)[0].sentence == (
        "Vos 7 séances remboursées de 2026 sont utilisées. Le compte repart le 1er janvier 2027."
    )
    past = answered.past._replace(used_this_year=6)
    paid = replace(refused, past=past, decision=decide(session, past, terms))
    sentence = explain(paid, "en")[0].sentence
    assert "55%" in sentence and "45%" in sentence
    assert "€33" in explain(paid, "en")[2].sentence


def test_a_decision_that_rests_on_a_text_not_read_says_so_gently() -> None:
    since = estimate(date(2026, 10, 1), Situation(), LAW)
    [line] = [line for line in explain(since) if line.about == "third_party"]
    assert "décret d'application n'a pas pu être lu" in line.caution
    assert "LFSS 2026" in line.article
    for situation, on in (
        (Situation(), date(2026, 9, 30)),
        (Situation(css=True), date(2026, 10, 1)),
        (Situation(health_centre=True), date(2026, 10, 1)),
        (Situation(third_party_offered=True), date(2026, 10, 1)),
    ):
        lines = explain(estimate(on, situation, LAW))
        assert [line.caution for line in lines if line.about == "third_party"] == [""]


def test_the_text_quoted_is_the_one_of_the_day_and_of_the_profile() -> None:
    def text_of_price(on: date, profile: Profile) -> str:
        answered = estimate(on, Situation(), LAW, profile=profile)
        [line] = [line for line in explain(answered) if line.code == "price"]
        return line.article

    term = LAW.terms["evaluation_fee_cents"]
    for profile in Profile:
        for value in term.values[profile]:
            assert text_of_price(value.valid_from, profile) == value.law
    june = date(2024, 6, 20)
    assert text_of_price(june, Profile.LEGAL) != text_of_price(june, Profile.OPERATIONAL)


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        (date(2027, 1, 1), "1er janvier 2027", "1 January 2027"),
        (date(2024, 2, 29), "29 février 2024", "29 February 2024"),
        (date(2026, 8, 21), "21 août 2026", "21 August 2026"),
        (date(2022, 12, 31), "31 décembre 2022", "31 December 2022"),
    ],
)
def test_a_day_is_written_as_people_write_it(day: date, french: str, english: str) -> None:
    assert in_words(day_number(day), "fr") == french
    assert in_words(day_number(day), "en") == english


def test_a_day_after_the_last_a_file_can_write_is_still_said() -> None:
    assert in_words(day_number(date.max) + 1, "fr") == "1er janvier 10000"


def test_another_language_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        explain(estimate(date(2026, 3, 2), Situation(), LAW), "de")
