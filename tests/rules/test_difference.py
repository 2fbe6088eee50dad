"""What two decisions differ by, in words; every fact has its words in both languages."""

from __future__ import annotations

import pytest

from soutien.rules.calendar import NO_DAY, day_of
from soutien.rules.codes import (
    ActCode,
    Coverage,
    ExemptionKind,
    LinkedTo,
    Reason,
    Referrer,
    ThirdParty,
    word,
)
from soutien.rules.difference import UNTOLD, Proof, difference, told, wording
from soutien.rules.facts import Past, SessionFacts
from soutien.rules.life import Cause
from soutien.rules.terms import load_law

LAW = load_law()


def proof(**changed: object) -> Proof:
    first = Proof(
        outcome={"accepted": 1, "amo_cents": 3000, "reasons": 0, "sessions_left": 11},
        session={"exemptions": 0, "referral_day": NO_DAY, "psychiatric_bar": 0},
        past={"used_this_year": 0},
        terms={"sessions_per_year_max": 8},
        law_version="a",
        cause=Cause.FIRST,
    )
    return first._replace(**changed)  # type: ignore[arg-type]


def test_a_right_opened_late_is_told_with_what_it_changes():
    later = proof(
        outcome={"accepted": 1, "amo_cents": 5000, "reasons": 0, "sessions_left": 11},
        session={"exemptions": int(ExemptionKind.CSS), "referral_day": NO_DAY},
        cause=Cause.RIGHT_OPENED_LATE,
    )
    found = difference(proof(), later)
    french = told(found, LAW, "fr")
    assert french[0] == "Pourquoi : un droit ouvert après coup"
    assert "Exonérations ouvertes : aucun → complémentaire santé solidaire" in french
    assert any(line.startswith("Part de l’Assurance Maladie : 30") for line in french)
    assert "Exemptions open: none → solidarity cover (CSS)" in told(found, LAW, "en")


def test_the_law_the_counter_and_the_days_are_told():
    later = proof(
        past={"used_this_year": 3},
        session={"exemptions": 0, "referral_day": day_of(2026, 1, 1)},
        terms={"sessions_per_year_max": 12},
        outcome={"accepted": 0, "amo_cents": 0, "reasons": 1 << 18, "sessions_left": None},
        law_version="b",
    )
    said = told(difference(proof(), later), LAW, "en")
    assert "Sessions paid in the year: 0 → 3" in said
    assert "Letter of: — → 1 January 2026" in said
    assert "Sessions left: 11 → no limit" in said
    assert "Reasons for the refusal: none → the year is full" in said
    assert "Version of the law: a → b" in said


def test_nothing_psychiatric_is_ever_told():
    later = proof(session={"exemptions": 0, "referral_day": NO_DAY, "psychiatric_bar": 1})
    assert told(difference(proof(), later), LAW)[1:] == ["Rien ne change."]


def test_every_fact_has_its_words():
    said = wording()
    assert set(said["session"]) | UNTOLD == set(SessionFacts._fields)
    assert set(said["past"]) == set(Past._fields)
    assert set(said["causes"]) == {word(cause) for cause in Cause}
    assert set(said["exemptions"]) == {word(kind) for kind in ExemptionKind}


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("links", LinkedTo),
        ("acts", ActCode),
        ("third_parties", ThirdParty),
        ("coverages", Coverage),
        ("referrers", Referrer),
        ("reasons", Reason),
    ],
)
def test_every_code_has_its_words(table: str, codes: type[LinkedTo]):
    assert set(wording()[table]) == {word(code) for code in codes}
