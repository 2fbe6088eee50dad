"""What a page says of the programme, sentence by sentence, against the law of a day."""

from __future__ import annotations

import time
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from soutien.rules.codes import Profile
from soutien.rules.quoted import quoted
from soutien.rules.statements import Finding, about_the_programme, findings, sentences
from soutien.rules.terms import load_law

LAW, TODAY = load_law(), date(2026, 11, 23)
ABOUT = {
    "fr": "Mon soutien psy, avec un psychologue partenaire.",
    "en": "Mon soutien psy, with a partner psychologist.",
}
TABLE = tomllib.loads((Path(__file__).parent / "statements.toml").read_text("utf-8"))
ROWS = [(lang, row) for lang in ("fr", "en") for row in TABLE[lang]]


def found(text: str, lang: str = "fr", on: date = TODAY) -> tuple[Finding, ...]:
    return findings(f"{ABOUT[lang]}\n\n{text}", LAW, on, lang)


@pytest.mark.parametrize(("lang", "row"), ROWS, ids=[row["text"] for _lang, row in ROWS])
def test_each_sentence_is_read_as_a_lawyer_would(lang: str, row: dict[str, Any]) -> None:
    told = found(row["text"], lang)
    assert [one.term for one in told] == ([row["says"]] if row["says"] else []), told
    if told:
        assert (told[0].since.isoformat() if told[0].since else "") == row["since"], told


def test_the_table_asks_both_ways() -> None:
    wrong = sum(bool(row["says"]) for _lang, row in ROWS)
    assert wrong >= 25
    assert len(ROWS) - wrong >= 25
    assert {row["says"] for _lang, row in ROWS} >= {
        *("sessions_per_year_max", "follow_up_fee_cents", "evaluation_fee_cents"),
        *("referral_required", "amo_third_party_from", "amo_rate_percent", "age_years_min"),
    }


def test_what_is_proposed_is_right_on_every_day_of_the_law() -> None:
    """A page made of what is proposed says nothing wrong, today and on any day since."""
    for lang in ("fr", "en"):
        told = [found(row["text"], lang) for one, row in ROWS if one == lang and row["says"]]
        page = "\n\n".join({one.proposal for several in told for one in several})
        written = quoted(page, LAW, TODAY, lang)
        assert not written.unknown
        assert found(written.text, lang) == ()


def test_the_same_sentence_was_right_once() -> None:
    text = "Vous bénéficiez de 8 séances par an. Une séance de suivi coûte 30 €."
    assert found(text, on=date(2023, 3, 1)) == ()
    assert len(found(text)) == 2
    # In writing, the law changed the number of sessions later than it was done.
    eight = f"{ABOUT['fr']}\n\nVous bénéficiez de 8 séances par an."
    [one] = findings(eight, LAW, TODAY, "fr", Profile.LEGAL)
    assert one.since == date(2025, 5, 16)


def test_what_is_advanced_depends_on_the_day() -> None:
    advanced = "Vous devez avancer les frais, puis la sécurité sociale vous rembourse."
    nothing = "Il n’y a rien à avancer."
    assert found(advanced, on=date(2026, 9, 30)) == ()
    assert [one.since for one in found(advanced, on=date(2026, 10, 1))] == [date(2026, 10, 1)]
    assert [one.term for one in found(nothing, on=date(2026, 9, 30))] == ["amo_third_party_from"]
    assert found(nothing, on=date(2026, 10, 1)) == ()
    # The decree could not be read: whoever mends the page is told so.
    assert found(advanced)[0].caution


def test_a_page_about_something_else_is_never_read() -> None:
    page = "Le ciné-club : 8 séances par an, 30 € la séance, dès 6 ans."
    assert not about_the_programme(page)
    assert findings(page, LAW, TODAY, "fr") == ()


def test_sentences_are_those_of_the_text_without_its_signs() -> None:
    text = "## Combien ?\n\n- **Huit** [séances](https://exemple.test/8).\n- 50 €. Et après ?"
    assert sentences(text) == ["Combien ?", "Huit séances.", "50 €.", "Et après ?"]


def test_a_long_and_odd_text_is_read_in_no_time() -> None:
    odd = ("psychologue " * 3_000 + "rembours") + "8 séances " * 3_000 + "à avancer " * 3_000
    before = time.process_time()
    found(odd)
    found("(" * 60_000)
    assert time.process_time() - before < 5
