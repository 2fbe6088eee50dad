"""Cases are read strictly: what is misread is told with its place and what to write instead."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law.histories import random_case

from soutien.rules.answer import answer
from soutien.rules.casefile import CaseError, in_words, read_cases
from soutien.rules.codes import (
    ExemptionKind,
    Kind,
    LinkedTo,
    Modality,
    Practice,
    Profile,
    PsychiatricKind,
    Referrer,
    Regime,
    Status,
    word,
    words,
)
from soutien.rules.explain import LANGUAGES, explain
from soutien.rules.terms import load_law

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "law" / "cases.json").read_text("utf-8")
)
FULL: dict[str, Any] = {
    "id": "X-1",
    "programme": "mon-soutien-psy",
    "rule_profile": "operational",
    "patient": {
        "birth_date": "1988-03-12",
        "regime": "general",
        "amc": True,
        "exonerations": [{"kind": "ald", "from": "2020-01-01", "to": None}],
        "psychiatric_history": [
            {"kind": "psychiatric_ald", "from": "2010-01-01", "to": "2012-01-01"}
        ],
    },
    "psychologists": {
        "P1": {
            "conventions": [
                {"from": "2022-04-05", "to": None, "resignation_received_on": None},
            ],
            "suspensions": [{"from": "2023-01-01", "to": "2023-02-01"}],
            "practice": "liberal",
        }
    },
    "referral": {"date": "2025-01-05", "referrer": "gp"},
    "history": [
        {
            "date": "2025-01-10",
            "kind": "evaluation",
            "modality": "in_person",
            "psychologist": "P1",
            "price_cents": 5000,
            "status": "paid",
            "programme": "mon-soutien-psy",
            "linked_to": None,
        }
    ],
    "claim": {
        "date": "2025-09-15",
        "kind": "follow_up",
        "modality": "in_person",
        "psychologist": "P1",
        "price_cents": 5000,
        "act_code": "APS",
        "linked_to": None,
        "third_party_requested": "amo",
        "received_on": "2025-09-20",
        "performed": True,
        "sheet_signed": True,
        "sheet_complete": True,
        "prescribed": False,
    },
}
OBJECTS: dict[str, tuple[Any, ...]] = {
    "": (),
    ".patient": ("patient",),
    ".patient.exonerations[0]": ("patient", "exonerations", 0),
    ".patient.psychiatric_history[0]": ("patient", "psychiatric_history", 0),
    ".psychologists.P1": ("psychologists", "P1"),
    ".psychologists.P1.conventions[0]": ("psychologists", "P1", "conventions", 0),
    ".psychologists.P1.suspensions[0]": ("psychologists", "P1", "suspensions", 0),
    ".referral": ("referral",),
    ".history[0]": ("history", 0),
    ".claim": ("claim",),
}


def at(case: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        case = case[key]
    return case


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The full case with one place changed; ``Ellipsis`` takes the key away."""
    case = copy.deepcopy(FULL)
    place = at(case, path[:-1])
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return case


def problems(value: Any) -> list[str]:
    """What reading these cases complains about; nothing when they are fine."""
    try:
        read_cases(value)
    except CaseError as error:
        assert str(error) == "\n".join(error.problems)
        return error.problems
    return []


def answered(case: dict[str, Any]) -> dict[str, Any]:
    [(case_id, dossier)] = read_cases([case])
    return in_words(case_id, answer(dossier, load_law()))


def test_a_full_case_is_read_and_answered() -> None:
    assert answered(FULL) == {
        "id": "X-1",
        "outcome": "accepted",
        "reasons": ["standard_60_40"],
        "amo_cents": 3000,
        "amc_cents": 2000,
        "patient_cents": 0,
        "third_party_payment": "amo",
        "sessions_left": 10,
        "patient_upfront_cents": 2000,
    }


# --- Unknown keys -------------------------------------------------------------------------


@pytest.mark.parametrize("where", OBJECTS)
def test_an_unknown_key_is_told_wherever_it_stands(where: str) -> None:
    case = copy.deepcopy(FULL)
    at(case, OBJECTS[where])["colour"] = "blue"
    assert problems([case]) == [
        f"case 1 (X-1){where}.colour: is not a known key; remove it or correct its spelling"
    ]


@pytest.mark.parametrize(
    "key", ["title", "note", "source", "rules", "derived", "confidence", "expected"]
)
def test_what_tells_about_a_case_is_ignored_whatever_it_holds(key: str) -> None:
    assert answered(FULL | {key: {"anything": [1, None]}}) == answered(FULL)


# --- One wrong value, told alone ----------------------------------------------------------

DAY = "is not a day: write it as 2026-11-22"
CENTS = "is not a whole number of cents, zero or more"
REGIMES = "general, msa, regime_local_alsace_moselle, special"
WRONG: list[tuple[tuple[Any, ...], Any, str]] = [
    (("id",), ..., "id: is missing"),
    (
        ("programme",),
        "sante-psy-etudiant",
        'programme: "sante-psy-etudiant" is unknown; write',
    ),
    (("programme",), None, "programme: null is unknown; write mon-soutien-psy"),
    (("rule_profile",), "strict", 'rule_profile: "strict" is unknown; write one of operational'),
    (("rule_profile",), 1, "rule_profile: 1 is unknown; write one of operational, legal"),
    (("patient",), ..., "patient: is missing"),
    (("patient",), None, "patient: must be an object { … }"),
    (("patient",), [], "patient: must be an object { … }"),
    (("patient", "birth_date"), ..., "patient.birth_date: is missing"),
    (("patient", "birth_date"), None, f"patient.birth_date: null {DAY}"),
    (("patient", "birth_date"), "12/03/1988", f'patient.birth_date: "12/03/1988" {DAY}'),
    (("patient", "birth_date"), "1988-3-12", f'patient.birth_date: "1988-3-12" {DAY}'),
    (("patient", "birth_date"), "1988-02-30", f'patient.birth_date: "1988-02-30" {DAY}'),
    (("patient", "birth_date"), "19880312", f'patient.birth_date: "19880312" {DAY}'),
    (("patient", "birth_date"), "1988-03-12T00:00", f'birth_date: "1988-03-12T00:00" {DAY}'),
    (("patient", "birth_date"), "１９８８-03-12", DAY),
    (("patient", "birth_date"), "0000-01-01", DAY),
    (("patient", "birth_date"), 19880312, f"patient.birth_date: 19880312 {DAY}"),
    (("patient", "regime"), ..., "patient.regime: is missing; write null for a person with no"),
    (("patient", "regime"), "none", f'patient.regime: "none" is unknown; write one of {REGIMES}'),
    (("patient", "regime"), "General", 'patient.regime: "General" is unknown; write one of'),
    (("patient", "regime"), False, "patient.regime: false is unknown; write one of"),
    (("patient", "amc"), "yes", 'patient.amc: "yes" is neither true nor false'),
    (("patient", "amc"), 1, "patient.amc: 1 is neither true nor false"),
    (("patient", "amc"), None, "patient.amc: null is neither true nor false"),
    (("patient", "exonerations"), {}, "patient.exonerations: must be a list [ … ]"),
    (("patient", "exonerations"), ["ald"], "exonerations[0]: must be an object { … }"),
    (("patient", "exonerations", 0, "kind"), ..., "exonerations[0].kind: is missing"),
    (("patient", "exonerations", 0, "kind"), "als", 'kind: "als" is unknown; write one of css,'),
    (("patient", "exonerations", 0, "from"), ..., "exonerations[0].from: is missing"),
    (("patient", "exonerations", 0, "from"), None, f"exonerations[0].from: null {DAY}"),
    (("patient", "exonerations", 0, "to"), "2019-12-31", "to: 2019-12-31 comes before from 2020"),
    (("patient", "exonerations", 0, "to"), "", f'exonerations[0].to: "" {DAY}'),
    (("patient", "psychiatric_history"), "none", "psychiatric_history: must be a list [ … ]"),
    (("patient", "psychiatric_history", 0, "kind"), "ald", "write one of psychiatric_ald, psych"),
    (("psychologists",), None, "psychologists: must be an object of psychologists by id"),
    (("psychologists",), [], "psychologists: must be an object of psychologists by id"),
    (("psychologists", "P1"), None, "psychologists.P1: must be an object { … }"),
    (("psychologists", "P1"), "liberal", "psychologists.P1: must be an object { … }"),
    (("psychologists", "P1", "practice"), "cabinet", "is unknown; write one of liberal, cds, msp"),
    (("psychologists", "P1", "conventions"), {}, "P1.conventions: must be a list [ … ]"),
    (("psychologists", "P1", "conventions", 0, "from"), "x", f'conventions[0].from: "x" {DAY}'),
    (
        ("psychologists", "P1", "conventions", 0, "resignation_received_on"),
        "soon",
        f'resignation_received_on: "soon" {DAY}',
    ),
    (
        ("psychologists", "P1", "suspensions", 0, "to"),
        "2022-12-31",
        "comes before from 2023-01-01",
    ),
    (("referral",), [], "referral: must be an object { … }"),
    (("referral", "date"), ..., "referral.date: is missing"),
    (("referral", "date"), None, f"referral.date: null {DAY}"),
    (("referral", "referrer"), ..., "referral.referrer: is missing"),
    (("referral", "referrer"), None, "referral.referrer: null must be a word such as gp"),
    (("history",), {}, "history: must be a list [ … ]"),
    (("history",), [None], "history[0]: must be an object { … }"),
    (("history", 0, "date"), ..., "history[0].date: is missing"),
    (("history", 0, "kind"), ..., "history[0].kind: is missing"),
    (("history", 0, "kind"), "first", 'kind: "first" is unknown; write one of follow_up, evalua'),
    (("history", 0, "psychologist"), ..., "history[0].psychologist: is missing"),
    (("history", 0, "psychologist"), 4, "history[0].psychologist: 4 must be the id of a psycho"),
    (("history", 0, "status"), "refused", "write one of paid, rejected, no_show, cancelled, pend"),
    (
        ("history", 0, "programme"),
        "sante_psy_etudiant",
        "mon-soutien-psy, sante-psy-etudiant, out",
    ),
    (("history", 0, "modality"), "phone", 'modality: "phone" is unknown; write one of in_person'),
    (("history", 0, "price_cents"), 49.5, f"history[0].price_cents: 49.5 {CENTS}"),
    (("claim",), ..., "claim: is missing"),
    (("claim",), None, "claim: must be an object { … }"),
    (("claim",), "yes", "claim: must be an object { … }"),
    (("claim", "date"), ..., "claim.date: is missing"),
    (("claim", "date"), "2025-13-01", f'claim.date: "2025-13-01" {DAY}'),
    (("claim", "kind"), ..., "claim.kind: is missing"),
    (("claim", "kind"), None, "claim.kind: null is unknown; write one of follow_up, evaluation"),
    (("claim", "modality"), ..., "claim.modality: is missing"),
    (("claim", "modality"), "video", 'claim.modality: "video" is unknown; write one of in_person'),
    (("claim", "modality"), "phone", 'claim.modality: "phone" is unknown; write one of in_person'),
    (("claim", "psychologist"), ..., "claim.psychologist: is missing"),
    (("claim", "psychologist"), None, "claim.psychologist: null must be the id of a psychologist"),
    (("claim", "psychologist"), "", 'claim.psychologist: "" must be the id of a psychologist'),
    (("claim", "price_cents"), ..., "claim.price_cents: is missing"),
    (("claim", "price_cents"), None, f"claim.price_cents: null {CENTS}"),
    (("claim", "price_cents"), "5000", f'claim.price_cents: "5000" {CENTS}'),
    (("claim", "price_cents"), 5000.0, f"claim.price_cents: 5000.0 {CENTS}"),
    (("claim", "price_cents"), -1, f"claim.price_cents: -1 {CENTS}"),
    (("claim", "price_cents"), True, f"claim.price_cents: true {CENTS}"),
    (("claim", "price_cents"), float("nan"), f"claim.price_cents: NaN {CENTS}"),
    (("claim", "act_code"), 3, "claim.act_code: 3 must be a code such as EEP, APS or PSS"),
    (("claim", "linked_to"), "css", "write one of ald, maternity, at_mp, third_party_accident"),
    (("claim", "linked_to"), "none", 'claim.linked_to: "none" is unknown; write one of'),
    (("claim", "third_party_requested"), True, "true is unknown; write amo, or leave it out"),
    (("claim", "third_party_requested"), "full", '"full" is unknown; write amo, or leave it out'),
    (("claim", "third_party_requested"), {}, "{} is unknown; write amo, or leave it out"),
    (("claim", "received_on"), "20/09/2025", f'claim.received_on: "20/09/2025" {DAY}'),
    (("claim", "received_on"), False, f"claim.received_on: false {DAY}"),
    (("claim", "performed"), "no", 'claim.performed: "no" is neither true nor false'),
    (("claim", "performed"), None, "claim.performed: null is neither true nor false"),
    (("claim", "sheet_signed"), 0, "claim.sheet_signed: 0 is neither true nor false"),
    (("claim", "sheet_complete"), [], "claim.sheet_complete: [] is neither true nor false"),
    (("claim", "prescribed"), "true", 'claim.prescribed: "true" is neither true nor false'),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG, ids=lambda value: repr(value)[:50])
def test_one_wrong_value_is_told_alone_with_its_place(
    path: tuple[Any, ...], value: Any, message: str
) -> None:
    [told] = problems([changed(path, value)])
    assert message in told
    assert told.startswith("case 1")


ABSENT_OR_NULL = [
    *[("patient", key) for key in ("exonerations", "psychiatric_history")],
    ("patient", "exonerations", 0, "to"),
    *[("psychologists", "P1", key) for key in ("suspensions", "practice")],
    ("psychologists", "P1", "conventions", 0, "to"),
    ("psychologists", "P1", "conventions", 0, "resignation_received_on"),
    *[("history", 0, key) for key in ("modality", "status", "programme", "linked_to")],
    *[("claim", key) for key in ("act_code", "linked_to", "received_on")],
    *[("rule_profile",), ("referral",)],
]


@pytest.mark.parametrize("path", ABSENT_OR_NULL, ids=str)
def test_what_may_be_left_out_may_be_null_and_means_the_same(path: tuple[Any, ...]) -> None:
    assert answered(changed(path, ...)) == answered(changed(path, None)) == answered(FULL)


@pytest.mark.parametrize(
    "path",
    [
        *[("claim", key) for key in ("performed", "sheet_signed", "sheet_complete", "prescribed")],
        *[("programme",), ("history", 0, "price_cents")],
    ],
    ids=str,
)
def test_what_may_be_left_out_has_its_ordinary_value(path: tuple[Any, ...]) -> None:
    assert answered(changed(path, ...)) == answered(FULL)


def test_a_person_without_a_scheme_writes_null() -> None:
    assert answered(changed(("patient", "regime"), None))["reasons"] == [
        "no_health_insurance_rights"
    ]


def test_all_problems_of_all_cases_are_told_at_once() -> None:
    first = changed(("claim", "kind"), "x")
    first["patient"]["amc"] = "x"
    nameless = changed(("id",), ...)
    assert len(problems([first, FULL, nameless, 7])) == 4
    assert [told.split(":")[0] for told in problems([first, FULL, nameless, 7])] == [
        "case 1 (X-1).patient.amc",
        "case 1 (X-1).claim.kind",
        "case 3.id",
        "case 4",
    ]


@pytest.mark.parametrize("value", [None, {}, 3, "cases", True, {"cases": []}])
def test_a_file_that_is_no_list_is_told_so(value: Any) -> None:
    assert problems(value) == ["The file must hold a list of cases: [ {…}, {…} ]."]


def test_an_empty_list_has_no_answers() -> None:
    assert read_cases([]) == []


def test_a_long_wrong_value_is_cut() -> None:
    [told] = problems([changed(("claim", "kind"), "x" * 500)])
    assert len(told) < 160 and "…" in told


# --- Every word of the format -------------------------------------------------------------

WORDS_OF: list[tuple[tuple[Any, ...], set[str]]] = [
    (("rule_profile",), {word(code) for code in Profile}),
    (("patient", "regime"), {word(code) for code in Regime if code is not Regime.NONE}),
    (("patient", "exonerations", 0, "kind"), {word(code) for code in ExemptionKind}),
    (("patient", "psychiatric_history", 0, "kind"), {word(code) for code in PsychiatricKind}),
    (("psychologists", "P1", "practice"), {word(code) for code in Practice}),
    (("history", 0, "status"), {word(code) for code in Status}),
    (("history", 0, "programme"), {"mon-soutien-psy", "sante-psy-etudiant", "out_of_network"}),
    (("claim", "kind"), {word(code) for code in Kind}),
    (("claim", "modality"), {word(code) for code in Modality}),
    (("claim", "linked_to"), {word(code) for code in LinkedTo if code is not LinkedTo.NONE}),
]


@pytest.mark.parametrize(
    ("path", "allowed"), WORDS_OF, ids=[".".join(map(str, path)) for path, _ in WORDS_OF]
)
def test_every_word_of_the_format_is_read_and_no_other(
    path: tuple[Any, ...], allowed: set[str]
) -> None:
    for written in allowed:
        assert problems([changed(path, written)]) == []
    [told] = problems([changed(path, "other")])
    assert set(told.split("write one of ")[1].split(", ")) == allowed


def test_every_referrer_is_read_and_anybody_else_may_not_refer() -> None:
    letter_of = {"date": "2023-05-02"}
    in_2023 = changed(("claim", "date"), "2023-06-01")
    in_2023["claim"] |= {"price_cents": 3000, "received_on": None}
    in_2023["history"][0]["date"] = "2023-05-02"
    for code in Referrer:
        in_2023["referral"] = letter_of | {"referrer": word(code)}
        doctors = Referrer.GP <= code <= Referrer.OCCUPATIONAL_DOCTOR
        expected = ["standard_60_40"] if doctors else ["referrer_not_allowed"]
        assert answered(in_2023)["reasons"] == expected
    in_2023["referral"] = letter_of | {"referrer": "my neighbour"}
    assert answered(in_2023)["reasons"] == ["referrer_not_allowed"]


def test_words_of_several_codes_stand_in_their_order() -> None:
    both = ExemptionKind.INVALIDITY | ExemptionKind.CSS
    assert words(both) == ("css", "invalidity")


# --- Anything at all ----------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
PLAUSIBLE = st.sampled_from(
    ["2025-09-15", "9999-12-31", "0001-01-01", "2024-02-29", "P1", "ald", 0, 5000, 10**30, [], {}]
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a case."""
    inside: list[tuple[Any, ...]] = []
    if isinstance(value, dict):
        inside = [found for key in value for found in leaves(value[key], (*path, key))]
    elif isinstance(value, list):
        inside = [
            found
            for number in range(len(value))
            for found in leaves(value[number], (*path, number))
        ]
    return [path, *inside] if path else inside


def read_and_answer(value: Any) -> None:
    """Either problems are told, or the answer is complete: there is no third way."""
    try:
        cases = read_cases(value)
    except CaseError as error:
        assert error.problems and all(isinstance(told, str) for told in error.problems)
        return
    for case_id, dossier in cases:
        told = answer(dossier, load_law())
        assert in_words(case_id, told)["reasons"]
        for lang in LANGUAGES:
            assert explain(told, lang)


@settings(max_examples=300)
@given(JSON)
def test_any_json_is_read_or_told_why_not(value: Any) -> None:
    read_and_answer(value)
    read_and_answer([value])


@settings(max_examples=600)
@given(st.data(), st.integers(0, 2**32))
def test_a_case_with_anything_anywhere_is_answered_or_told_why_not(
    data: st.DataObject, seed: int
) -> None:
    case = random_case(random.Random(seed))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(leaves(case)))
        at(case, path[:-1])[path[-1]] = data.draw(JSON | PLAUSIBLE)
    read_and_answer([case])


def for_each_case(change: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    cases = copy.deepcopy(CASES)
    for case in cases:
        change(case)
    return cases


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "9998-02-28"])
@pytest.mark.parametrize("path", [("claim", "date"), ("patient", "birth_date")], ids=str)
def test_the_first_and_the_last_day_there_is_are_answered(day: str, path: tuple[str, str]) -> None:
    def change(case: dict[str, Any]) -> None:
        case[path[0]][path[1]] = day

    read_and_answer(for_each_case(change))


def test_what_is_told_to_whoever_sent_a_case_repeats_nothing_of_it() -> None:
    sent = {
        "id": "of Zibeline",
        "programme": "of Zibeline",
        "of Zibeline": 1,
        "psychologists": {"of Zibeline": "of Zibeline"},
        "patient": {"birth_date": "of Zibeline", "of \x03Zibeline": 2},
        "claim": {"held_on": "of Zibeline", "price_cents": "of Zibeline"},
    }
    with pytest.raises(CaseError) as refused:
        read_cases([sent])
    told = refused.value
    assert len(told.discreet) == len(told.problems) > 5
    assert "of Zibeline" in " ".join(told.problems)
    assert "Zibeline" not in " ".join(told.discreet)
    assert "case 1 (…).…: is not a known key; remove it or correct its spelling" in told.discreet
    assert not {"\x02", "\x03"} & set("".join([*told.problems, *told.discreet, str(told)]))
