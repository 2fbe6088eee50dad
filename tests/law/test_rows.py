"""The tables of ``rows/``: each sentence is what the rules answer, and what the reading does."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest
from tests.law import second_reading
from tests.law.rows import Row, RowError, all_rows, read_row

from soutien.rules.codes import Coverage, Notice, Reason, ThirdParty, word
from soutien.rules.terms import load_law

TABLE = all_rows()
NAMES = [f"{row.name}: {row.says}" for row in TABLE]
ENOUGH = 120
ORDINARY = {"says": "x", "rule": "R-001", "on": date(2025, 9, 15), "accepted": "standard_60_40"}


@pytest.mark.parametrize("row", TABLE, ids=NAMES)
def test_a_row_holds(row: Row) -> None:
    assert row.told() == row.expected


@pytest.mark.parametrize(
    "row", [row for row in TABLE if not row.moved], ids=lambda row: f"{row.name}: {row.says}"
)
def test_the_second_reading_gives_the_same_answer_to_a_row(row: Row) -> None:
    assert row.cut(second_reading.decide(row.case)) == row.expected


def test_there_are_enough_rows_and_no_sentence_is_said_twice() -> None:
    assert len(TABLE) >= ENOUGH
    assert [says for says, times in Counter(row.says for row in TABLE).items() if times > 1] == []


def test_every_code_stands_in_a_row() -> None:
    told = Counter[str]()
    for row in TABLE:
        told.update(row.expected["reasons"])
        told.update(row.expected["warnings"])
        told.update([row.expected.get("third_party_payment", "")])
    wanted = {word(code) for kind in (Reason, Coverage, Notice, ThirdParty) for code in kind}
    assert wanted - {"none"} - told.keys() == set()
    assert told["none"]


def test_every_reason_stands_alone_in_a_row() -> None:
    alone = {row.expected["reasons"][0] for row in TABLE if len(row.expected["reasons"]) == 1}
    assert {word(code) for code in Reason} - alone == set()


def test_a_sentence_is_a_sentence_and_names_its_rules() -> None:
    wrong = [
        row.name
        for row in TABLE
        if not (row.says[0].isupper() and row.says.endswith("."))
        or not all(re.fullmatch(r"R-\d{3}", rule) for rule in row.rules)
    ]
    assert wrong == []


def test_every_day_on_which_a_term_changes_stands_in_rows_on_both_sides() -> None:
    law = load_law()
    days = {date.fromisoformat(row.case["claim"]["date"]) for row in TABLE}
    turning = {
        value.valid_from
        for term in law.terms.values()
        for history in term.values.values()
        for value in history
        if term.unit != "minutes"  # the length of a session is told, never decided on
    } | {
        value.written
        for name in ("amo_third_party_from", "minor_ald_uncapped_from")
        for history in law.terms[name].values.values()
        for value in history
        if isinstance(value.written, date)
    }
    eves = {date.fromordinal(day.toordinal() - 1) for day in turning}
    assert sorted((turning | eves) - days) == []


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        ({"onn": date(2025, 9, 15)}, "onn unknown"),
        ({"says": None}, "says missing"),
        ({"accepted": None}, "either accepted or refused"),
        ({"refused": []}, "either accepted or refused"),
        ({"follow_ups": 2}, "counted from evaluated_on"),
    ],
)
def test_a_row_written_wrongly_is_seen(spoiled: dict[str, object], message: str) -> None:
    row = {key: value for key, value in (ORDINARY | spoiled).items() if value is not None}
    with pytest.raises(RowError, match=message):
        read_row(row, "planted 1")
