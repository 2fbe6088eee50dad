"""What deserves a second look: rows a lawyer can read, and words that accuse nobody."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from soutien.rules.anomalies import Anomaly, Around, anomalies, in_words, wording
from soutien.rules.calendar import day_number
from soutien.rules.codes import Profile, words
from soutien.rules.terms import Terms, load_law

ROWS = tomllib.loads(Path(__file__).with_name("anomalies.toml").read_text("utf-8"))["rows"]
ORDINARY = Around(accepted=1, evaluation=0, remote=0, price_cents=5000)
# Words that would make a suspect of somebody.
ACCUSING = ("fraud", "suspect", "abus", "tromp", "cheat", "menteu", "malhonn")


def terms_on(day: date) -> Terms:
    return load_law().at_session(day_number(day), Profile.OPERATIONAL)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["says"])
def test_what_is_seen_is_what_the_row_says(row: dict[str, Any]) -> None:
    told = {name: value for name, value in row.items() if name in Around._fields}
    around = ORDINARY._replace(**told)
    found = anomalies(around, terms_on(row.get("on", date(2026, 3, 2))))
    assert list(words(found)) == row["found"]


def test_each_has_words_in_both_languages_and_a_row() -> None:
    codes = {code for anomaly in Anomaly for code in words(anomaly)}
    assert set(wording()) == codes
    assert {code for row in ROWS for code in row["found"]} == codes


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_it_is_explained_and_accuses_nobody(lang: str) -> None:
    around = ORDINARY._replace(
        same_day=1, twins=1, paid_in_year=13, closed=1, remote_in_year=30, held_in_year=100
    )
    everything = Anomaly(sum(Anomaly))
    told = in_words(everything, around, terms_on(date(2026, 3, 2)), lang)
    assert len(told) == len(words(everything))
    for one in told:
        said = " ".join((one.title, one.seen, one.often, one.check)).lower()
        assert one.often and one.check and "{" not in said
        assert not [word for word in ACCUSING if word in said], said
