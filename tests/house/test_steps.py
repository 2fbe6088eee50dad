"""Every step has one shape: allowed, traced, told what time it is, and alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from tests.house.sources import PACKAGE, calls, dotted, first_text, modules, short, tree

from soutien.steps.errors import TABLE
from soutien.steps.permissions import (
    CLINICAL_OBJECTS,
    NEVER_CLINICAL,
    ROLES,
    RULES,
    Data,
    Relation,
    Rule,
)

STEPS = PACKAGE / "steps"
# What steps are made of; they are not steps, and steps may import them.
PARTS = {
    *{
        "__init__",
        "accompanied",
        "actor",
        "answered",
        "authority",
        "bookable",
        "booked_before",
        "codes",
        "contact",
        "day_lines",
        "decisions",
        "issued",
        "elsewhere",
        "entitled",
        "errors",
        "family",
        "freshness",
        "gather",
        "hours",
        "identify_times",
        "insured",
        "marked",
        "keep",
        "keeping",
        "link_of_a_request",
        "link_times",
        "measured",
        "merge",
        "nir",
        "noticed",
        "own_data_shape",
        "plan_lines",
        "said",
        "permissions",
    },
    *{
        "verified",
        "prepared",
        "presented",
        "projection",
        "reread",
        "received",
        "shown",
        "trace",
        "transcribed",
        "turns",
        "views",
        "wanted",
        "webauthn",
        "wishes",
        "written",
    },
    "standing",
}
EVENT = re.compile(r"^(?P<register>[a-z_]+)\.[a-z_]+\.[a-z_]+$")
REGISTERS = {path.name for path in (PACKAGE / "registers").iterdir() if path.is_dir()}


def step_modules() -> list[Path]:
    """The files that hold steps: they are verbs."""
    return [path for path in modules("steps") if path.stem not in PARTS]


def public_functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The functions of a file that a door may call."""
    return {
        node.name: node
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def reach(path: Path, function: ast.FunctionDef) -> list[ast.AST]:
    """The function's nodes with those of the file's own private functions it calls."""
    own = {n.name: n for n in tree(path).body if isinstance(n, ast.FunctionDef)}
    seen: dict[str, ast.FunctionDef] = {}
    waiting = [function]
    while waiting:
        current = waiting.pop()
        seen[current.name] = current
        for node in ast.walk(current):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called = own.get(node.func.id)
                if called and called.name.startswith("_") and called.name not in seen:
                    waiting.append(called)
    return [node for found in seen.values() for node in ast.walk(found)]


def open_to_all(rule: Rule) -> bool:
    """Whether anybody may take the step without a tie: then there is nobody to trace."""
    return "anonymous" in rule.roles and all(
        Relation.ANYONE in ties for ties in rule.roles.values()
    )


def objects_of(called: Iterable[ast.Call]) -> set[str]:
    """The objects of the audit that these calls leave a line about: ``register.object``."""
    return {
        str(argument.value).rpartition(".")[0]
        for call in called
        if dotted(call.func).split(".")[-1] == "record"
        for argument in call.args[1:2]
        if isinstance(argument, ast.Constant)
    }


def wrongs(path: Path, rules: Mapping[str, Rule]) -> list[str]:
    """What is wrong with the steps of one file, one sentence each."""
    found: list[str] = []
    functions = public_functions(path)
    for name, function in functions.items():
        place = f"{path.stem}.{name}"
        arguments = function.args
        if arguments.args or arguments.posonlyargs or arguments.vararg:
            found.append(f"{place}: takes keyword arguments only")
        names = {argument.arg for argument in arguments.kwonlyargs}
        if not names & {"at", "on"}:
            found.append(f"{place}: takes `at` or `on`, it has no clock")
        if name not in rules:
            found.append(f"{place}: has no row in steps/permissions.py")
            continue
        nodes = reach(path, function)
        called = [node for node in nodes if isinstance(node, ast.Call)]
        if "actor" in names and not any(
            isinstance(node, ast.Constant) and node.value == name for node in nodes
        ):
            found.append(f"{place}: never asks whether it is allowed")
        traced = any(dotted(call.func).split(".")[-1] == "record" for call in called)
        if not traced and not open_to_all(rules[name]):
            found.append(f"{place}: leaves no line in the audit")
        touched = {kind for kind in objects_of(called) if kind in CLINICAL_OBJECTS}
        if touched and Data.CLINICAL not in rules[name].data:
            found.append(f"{place}: touches {', '.join(sorted(touched))}, yet is not CLINICAL")
        others = (set(functions) | set(rules)) - {name}
        found += [
            f"{place}: calls the step {dotted(call.func)}"
            for call in called
            if dotted(call.func).split(".")[-1] in others
        ]
    return found


def test_every_step_is_allowed_traced_and_alone() -> None:
    wrong = [line for path in step_modules() for line in wrongs(path, RULES)]
    assert not wrong, "\n".join(wrong)


def test_every_row_of_the_permissions_is_a_step() -> None:
    known = {name for path in step_modules() for name in public_functions(path)}
    assert not set(RULES) - known


PLANTED = {
    "takes keyword": "def hold(actor, at): allow(actor, 'hold'); record(actor, 'a.b.c', at=at)",
    "no clock": "def hold(*, actor): allow(actor, 'hold'); record(actor, 'a.b.c')",
    "no row": "def unlisted(*, actor, at): ...",
    "never asks": "def hold(*, actor, at): record(actor, 'a.b.c', at=at)",
    "no line": "def hold(*, actor, at): allow(actor, 'hold')",
    "calls the step": "def hold(*, actor, at): allow(actor, 'hold'); record(); cancel(at=at)",
    "is not CLINICAL": (
        "def hold(*, actor, at): allow(actor, 'hold'); record(actor, 'care.note.opened', at=at)"
    ),
}


@pytest.mark.parametrize(("wrong", "text"), PLANTED.items(), ids=PLANTED)
def test_a_step_of_another_shape_is_seen(wrong: str, text: str, tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(text)
    own = Rule(frozenset({Data.HEALTH}), {"person": frozenset({Relation.OWN})})
    rules = dict.fromkeys(("hold", "cancel"), own)
    assert any(wrong in line for line in wrongs(planted, rules))


def wrong_rows(rules: Mapping[str, Rule]) -> list[str]:
    """What no row of the permissions may say, one sentence each."""
    found: list[str] = []
    for step, rule in rules.items():
        if not rule.data:
            found.append(f"{step}: says no kind of data")
        unknown = set(rule.roles) - {*ROLES, "system"}
        found += [f"{step}: {role} is no role" for role in sorted(unknown)]
        if Data.CLINICAL in rule.data:
            found += [
                f"{step}: clinical, yet open to {role}"
                for role in sorted(NEVER_CLINICAL & set(rule.roles))
            ]
        about_somebody = rule.data & {Data.CLINICAL, Data.HEALTH, Data.IDENTITY, Data.MONEY}
        found += [
            f"{step}: {role} would read of anybody"
            for role, ties in rule.roles.items()
            if about_somebody
            and Relation.ANYONE in ties
            and role != "system"
            and not open_to_all(rule)
        ]
    return found


def test_no_row_of_the_permissions_says_what_it_may_not():
    wrong = wrong_rows(RULES)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    {
        "says no kind": Rule(frozenset(), {"person": frozenset({Relation.OWN})}),
        "is no role": Rule(frozenset({Data.HEALTH}), {"nurse": frozenset({Relation.OWN})}),
        **{
            f"yet open to {role}": Rule(
                frozenset({Data.CLINICAL}), {role: frozenset({Relation.MY_FUND})}
            )
            for role in sorted(NEVER_CLINICAL)
        },
        "of anybody": Rule(frozenset({Data.MONEY}), {"analyst": frozenset({Relation.ANYONE})}),
    }.items(),
)
def test_a_row_that_says_it_is_seen(wrong: str, rule: Rule):
    [line] = wrong_rows({"planted": rule})
    assert wrong in line


def test_whoever_pays_publishes_counts_or_runs_the_machine_reads_nothing_clinical():
    assert {
        *("fund_agent", "fund_supervisor", "insurer_agent"),
        *("town_editor", "town_author", "analyst", "administrator"),
    } <= NEVER_CLINICAL
    assert "care.note" in CLINICAL_OBJECTS


def test_a_step_imports_no_other_step() -> None:
    wrong = [
        f"{short(path)}:{node.lineno}: {node.module}"
        for path in modules("steps")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("soutien.steps.")
        and (node.module or "").split(".")[2] not in PARTS
    ]
    assert not wrong, "\n".join(wrong)


def test_every_event_of_the_audit_names_a_register_an_object_and_a_verb() -> None:
    events = [
        argument.value
        for path in modules("steps")
        for call, name in calls(path)
        if name.split(".")[-1] == "record"
        for argument in call.args[1:2]
        if isinstance(argument, ast.Constant)
    ]
    for event in events:
        found = EVENT.match(str(event))
        assert found, f"{event!r} is not register.object.verb"
        assert found["register"] in REGISTERS, f"{event!r} names no register"


def test_every_refusal_that_is_raised_can_be_told() -> None:
    raised = {
        text
        for path in modules("steps", "doors")
        for call, name in calls(path)
        if name.split(".")[-1] == "Refusal"
        for text in [first_text(call)]
        if text
    }
    assert raised <= set(TABLE)


def test_every_refusal_has_words_in_both_languages_and_a_reference_of_its_own() -> None:
    for code, told in TABLE.items():
        for field in ("reference", "fr", "en", "remedy_fr", "remedy_en"):
            assert getattr(told, field).strip(), f"{code}: {field} is empty"
        assert 400 <= told.http_status <= 500
    references = [told.reference for told in TABLE.values()]
    assert len(references) == len(set(references))
