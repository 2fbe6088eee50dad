"""One table says who may take which step; what is not written is refused."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from tests.steps.refusals import refused

import soutien.steps
from soutien.steps.actor import Actor
from soutien.steps.errors import TABLE, Refusal
from soutien.steps.permissions import RULES, Relation, allow, relations

PARTS = {
    *{
        "actor",
        "bookable",
        "contact",
        "elsewhere",
        "errors",
        "freshness",
        "gather",
        "hours",
        "keep",
        "merge",
        "nir",
        "permissions",
        "projection",
        "said",
    },
    *{"trace", "turns", "views", "wishes"},
}
STEPS = {
    name: function
    for module in iter_modules(soutien.steps.__path__)
    if module.name not in PARTS
    for name, function in vars(import_module(f"soutien.steps.{module.name}")).items()
    if inspect.isfunction(function)
    and not name.startswith("_")
    and inspect.unwrap(function).__module__ == f"soutien.steps.{module.name}"
}
CARE = {"open_year", "open_day", "open_claim", "open_care_sheet", "list_claims", "close_session"}


def test_every_step_has_a_row_and_every_row_a_step():
    assert set(STEPS) == set(RULES)
    assert len(STEPS) >= 15


@pytest.mark.parametrize("name", STEPS)
def test_a_step_without_its_row_is_refused_to_everybody(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("soutien.steps.permissions.RULES", {})
    for role in ("anonymous", "person", "psychologist", "fund_agent", "administrator"):
        with refused("not_allowed"):
            allow(Actor(role), name, set(Relation))


@pytest.mark.parametrize("name", STEPS)
def test_a_step_takes_keywords_only_and_fits_on_a_screen(name: str):
    function = inspect.unwrap(STEPS[name])
    kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}
    lines = inspect.getsource(function).splitlines()
    assert len(lines) <= 70, f"{name} has {len(lines)} lines"


@pytest.mark.parametrize("name", sorted(CARE))
def test_an_administrator_and_a_stranger_see_nothing_of_care(name: str):
    for role in ("administrator", "anonymous", "town_editor", "analyst", "nobody"):
        with refused("not_allowed"):
            allow(Actor(role), name, set(Relation))


def test_nothing_ties_nobody_to_somebody():
    assert relations(Actor("person"), person_id=3) == {Relation.ANYONE}
    assert relations(Actor("person")) == {Relation.ANYONE, Relation.NOBODY}
    assert Relation.MY_FUND not in relations(Actor("fund_agent"), fund_code="")
    assert Relation.MY_PATIENT not in relations(Actor("person", person_id=1), treats=True)


def test_every_step_is_told_in_the_documentation():
    told = (Path(__file__).parents[2] / "docs" / "steps.md").read_text()
    rows = {line.split("`")[1] for line in told.splitlines() if line.startswith("| `")}
    assert rows == set(STEPS)


@pytest.mark.parametrize("code", TABLE)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_refusal_is_told_in_whole_sentences(code: str, lang: str):
    told = TABLE[code]
    for text in (told.fr, told.en, told.remedy_fr, told.remedy_en):
        assert text.endswith((".", "}"))
        assert "veuillez" not in text.lower()
    refusal = Refusal("not_allowed")
    assert refusal.sentence(lang) != refusal.remedy(lang)
