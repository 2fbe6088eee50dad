"""One table says who may take which step; what is not written is refused."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from tests.house.test_steps import PARTS
from tests.steps.refusals import refused

import soutien.steps
from soutien.registers.accounts.models import Role
from soutien.steps.actor import Actor
from soutien.steps.errors import TABLE, Refusal
from soutien.steps.permissions import (
    NEVER_CLINICAL,
    ROLES,
    RULES,
    Data,
    Relation,
    Rule,
    allow,
    relations,
)

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
    for role in ROLES:
        with refused("not_allowed"):
            allow(Actor(role), name, set(Relation))


@pytest.mark.parametrize("role", sorted(NEVER_CLINICAL))
def test_a_row_written_wrongly_opens_nothing_clinical(role: str, monkeypatch: pytest.MonkeyPatch):
    ties = frozenset(Relation)
    for data, opened in ((Data.HEALTH, True), (Data.CLINICAL, False)):
        planted = {"open_note": Rule(frozenset({data}), {role: ties, "psychologist": ties})}
        monkeypatch.setattr("soutien.steps.permissions.RULES", planted)
        allow(Actor("psychologist"), "open_note", ties)
        if opened:
            allow(Actor(role), "open_note", ties)
        else:
            with refused("not_allowed"):
                allow(Actor(role), "open_note", ties)


def test_the_roles_are_those_of_the_accounts():
    assert set(ROLES) == set(Role.values)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_takes_keywords_only_and_fits_on_a_screen(name: str):
    function = inspect.unwrap(STEPS[name])
    kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}
    lines = inspect.getsource(function).splitlines()
    assert len(lines) <= 70, f"{name} has {len(lines)} lines"


@pytest.mark.parametrize("name", sorted(CARE))
def test_an_administrator_and_a_stranger_see_nothing_of_care(name: str):
    outsiders = ("administrator", "anonymous", "doctor", "insurer_agent", "town_editor", "analyst")
    for role in (*outsiders, "nobody"):
        with refused("not_allowed"):
            allow(Actor(role), name, set(Relation))


def test_nothing_ties_nobody_to_somebody():
    assert relations(Actor("person"), person_id=3) == {Relation.ANYONE}
    assert relations(Actor("person")) == {Relation.ANYONE, Relation.NOBODY}
    assert Relation.MY_FUND not in relations(Actor("fund_agent"), fund_code="")
    assert Relation.MY_PATIENT not in relations(Actor("person", person_id=1), treats=True)
    assert Relation.MY_MEMBERS not in relations(Actor("insurer_agent"), insurer_code="")
    assert Relation.MY_TOWN not in relations(Actor("town_editor"), town_code="")


def test_whoever_acts_for_a_child_is_tied_to_that_child_alone():
    parent = Actor("guardian", person_id=1, on_behalf_of=2)
    assert Relation.MY_WARD in relations(parent, person_id=2)
    for other in (1, 3):
        assert relations(parent, person_id=other) == {Relation.ANYONE}
    assert parent.about_person_id == 2
    assert Actor("person", person_id=1).about_person_id == 1


def test_agents_are_tied_to_their_own_body():
    insurer = Actor("insurer_agent", insurer_code="A1")
    assert Relation.MY_MEMBERS in relations(insurer, insurer_code="A1")
    assert Relation.MY_MEMBERS not in relations(insurer, insurer_code="A2")
    editor = Actor("town_editor", town_code="69123")
    assert Relation.MY_TOWN in relations(editor, town_code="69123")
    assert Relation.MY_TOWN not in relations(editor, town_code="69000")


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
