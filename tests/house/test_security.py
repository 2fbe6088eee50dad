"""What docs/security.md and docs/asvs.md say is there, and what they say of the sources holds."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.house.sources import PACKAGE, ROOT, calls, imported_names, modules, short, tree
from tests.proof.pages import routes

from soutien.doors.limits import Limit
from soutien.doors.web.access import ACCESS, Door

DOCS = ROOT / "docs"
ASVS, PROMISES = DOCS / "asvs.md", DOCS / "security.md"
# The standard's 5.0.0, section by section: the level of each requirement, in order.
STANDARD = """
1: 22 1111122223 112222222223 222 123   2: 122 112 12223 23   3: 3 113 12223 11222233 11122333 3 22333
4: 12233 23333 22 1222   5: 2 112333 113 222   6: 122 111111112222 11223333 112233 22222333 2223 33 2222
7: 222 1111 22 11222 223 22   8: 1233 1123 133 23   9: 111 1222   10: 22 223 22223 1111122222233333 22222 22 222
11: 2233 22233 11233 1222 23 23 33   12: 12233 11 22223   13: 2333 222223 2233 1222233
14: 22 12223333 122   15: 12233 12233 1222222 3333   16: 2 22222 2222 222 2223   17: 23 22223333 22
"""  # noqa: E501
HOW_MANY = {1: 70, 2: 183, 3: 92}
LINE = re.compile(
    r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| (pass|n/a|gap) \| ([^|]+) \| ([^|]*)\|$", re.M
)
NAMED = re.compile(r"`([\w./-]+?\.(?:py|md|toml|html|lock))(?:::(\w+))?`|`((?:[a-z_]+/)+)`")
PLACES = (ROOT, PACKAGE, DOCS)


def standard() -> dict[str, int]:
    """Every requirement of the standard and its level."""
    found = {}
    for chapter, sections in re.findall(r"(\d+): ([\d\s]+?)(?=\s+\d+:|\s*$)", STANDARD):
        for section, levels in enumerate(sections.split(), start=1):
            for number, level in enumerate(levels, start=1):
                found[f"{chapter}.{section}.{number}"] = int(level)
    return found


def lines() -> list[tuple[str, ...]]:
    """Number, level, what is asked, status, how, where."""
    return LINE.findall(ASVS.read_text())


@cache
def named_in(path: Path) -> frozenset[str]:
    """The names of a file's functions."""
    return frozenset(node.name for node in ast.walk(tree(path)) if hasattr(node, "name"))


def missing(text: str) -> list[str]:
    """What a text names in backquotes as a file, a folder or a test, and is not there."""
    absent = []
    for file, test, folder in NAMED.findall(text):
        there = [
            place / (file or folder) for place in PLACES if (place / (file or folder)).exists()
        ]
        if not there or (test and test not in named_in(there[0])):
            absent.append(f"{file or folder} {test}".strip())
    return absent


def test_the_standard_is_the_one_that_was_published() -> None:
    levels = list(standard().values())
    assert {level: levels.count(level) for level in HOW_MANY} == HOW_MANY
    assert len(levels) == 345


def test_every_requirement_of_levels_one_and_two_has_its_line() -> None:
    asked = {number: level for number, level in standard().items() if level <= 2}
    said = [(number, int(level)) for number, level, *_rest in lines()]
    assert len(said) == len(dict(said)), "A number stands twice."
    assert dict(said) == asked
    in_order = [tuple(map(int, number.split("."))) for number, _level in said]
    assert in_order == sorted(in_order)
    table = [line for line in ASVS.read_text().splitlines() if re.match(r"\| \d", line)]
    assert len(table) == len(said), "A line cannot be read: a status, or one cell too many."


@pytest.mark.parametrize("page", [ASVS, PROMISES, ROOT / "SECURITY.md"])
def test_every_file_and_test_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    assert NAMED.search(text) or page.name == "SECURITY.md"
    assert missing(text) == []


def test_a_name_of_nothing_would_be_seen() -> None:
    named = "`steps/never.py` `tests/house/test_security.py::test_never` `doors/never/`"
    assert len(missing(named)) == 3
    assert missing("`tests/house/test_security.py::test_a_name_of_nothing_would_be_seen`") == []


def test_what_passes_shows_where_and_what_lacks_says_what_would_end_it() -> None:
    for number, _level, _asked, status, how, where in lines():
        if status == "pass":
            assert NAMED.search(where), f"{number}: where is it seen?"
        if status == "gap":
            assert re.search(r"the same|Plan: ", how), f"{number}: what would end it?"
        assert len(how) > 3, number


def test_each_chapter_says_how_it_stands() -> None:
    counted = {name: sum(line[3] == name for line in lines()) for name in ("pass", "n/a", "gap")}
    told = re.search(r"\*\*(\d+) pass, (\d+) n/a, (\d+) gaps?\*\*", ASVS.read_text())
    assert told, "The page gives the counts."
    assert list(map(int, told.groups())) == list(counted.values())


def test_the_limits_are_those_of_the_page() -> None:
    found = {}
    for path in modules("doors"):
        if re.search(r"^\w+ = Limit\(", path.read_text(), re.M):
            name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
            kept = vars(import_module(name)).values()
            found |= {one.name: one for one in kept if isinstance(one, Limit)}
    told = re.findall(
        r"^\| `([\w.]+)`[^|]* \| ([\d,]+) \| (\d+) minutes \|$", PROMISES.read_text(), re.M
    )
    said = {name: (int(most.replace(",", "")), int(minutes)) for name, most, minutes in told}
    assert said == {
        limit.name: (limit.most, limit.period // timedelta(minutes=1)) for limit in found.values()
    }


def test_the_sessions_are_those_of_the_page() -> None:
    table = PROMISES.read_text()
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    lasts = (
        f"{settings.SESSION_LASTS // hour} hours | {settings.SESSION_LASTS_WORKING // hour} hours"
    )
    rests = (
        f"{settings.SESSION_RESTS // minute} minutes | "
        f"{settings.SESSION_RESTS_WORKING // minute} minutes"
    )
    assert f"| ends after | {lasts} |" in table
    assert f"| ends when idle | {rests} |" in table
    assert f"| {settings.PROOF_LASTS // minute} minutes after the last proof |" in table


CRYPTOGRAPHY = re.compile(
    r"(cryptography|joserfc|fido2|hashlib|hmac|secrets|ssl"
    r"|django\.core\.signing|django\.utils\.crypto|django\.contrib\.auth\.hashers)(\.|$)"
)


def test_every_use_of_cryptography_is_in_the_inventory() -> None:
    _before, _title, after = PROMISES.read_text().partition("\n## Cryptography\n")
    table = after.partition("\n## ")[0]
    named = tuple(file or folder for file, _test, folder in NAMED.findall(table))
    used = {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        if any(CRYPTOGRAPHY.match(name) for _line, name in imported_names(path))
    }
    assert len(used) > 30
    unknown = sorted(path for path in used if not path.startswith(named))
    assert unknown == [], "Add them to docs/security.md, Cryptography."


# What runs or makes objects of what it is given, and parsers that resolve entities.
RUNS = {"eval", "exec", "os.system", "os.popen", "yaml.load", "__import__"}
MAKES = re.compile(r"(pickle|marshal|shelve|dill|xml|lxml|html5lib|jinja2)(\.|$)")


def test_nothing_runs_what_it_reads() -> None:
    found = []
    for path in modules():
        found += [
            f"{short(path)}:{call.lineno} {name}" for call, name in calls(path) if name in RUNS
        ]
        found += [
            f"{short(path)}:{line} {name}"
            for line, name in imported_names(path)
            if MAKES.match(name)
        ]
        found += [
            f"{short(path)}:{call.lineno} through a shell"
            for call, _name in calls(path)
            if any(word.arg == "shell" for word in call.keywords)
        ]
    assert found == []


# Asks the operator's vault while settings are read, before any request.
ASKS_THE_VAULT = PACKAGE / "doors/environment.py"


def test_processes_are_started_from_the_command_line_only() -> None:
    started = {
        path
        for path in modules()
        if any(re.match(r"subprocess(\.|$)", name) for _line, name in imported_names(path))
    }
    assert ASKS_THE_VAULT in started
    assert all("cli" in path.parts for path in started - {ASKS_THE_VAULT}), started


def test_no_form_is_made_from_a_table() -> None:
    for path in modules("doors"):
        assert "ModelForm" not in path.read_text(), short(path)
        assert "modelform_factory" not in path.read_text(), short(path)


SCRIPTS = sorted(PACKAGE.glob("doors/web/static/**/*.js"))
# What takes words for markup, keeps something in the browser, or talks to other windows.
UNSAFE = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage"
    r"|sessionStorage|indexedDB|document\.cookie|postMessage|onmessage|\bcaches\b|serviceWorker"
)


def test_scripts_write_text_and_keep_nothing() -> None:
    assert SCRIPTS
    for path in SCRIPTS:
        # The block alone tells whoever shows it how high it is: a number, and nothing else.
        allowed = ["postMessage"] if path.name == "block_frame.js" else []
        assert UNSAFE.findall(path.read_text()) == allowed, short(path)
    assert UNSAFE.search("list.innerHTML = name")


def public_answers() -> list[tuple[str, Any]]:
    """What a visitor from another origin gets from every page that anybody may open."""
    found = []
    for name, kinds in routes():
        if ACCESS[name].door is Door.PUBLIC and not kinds:
            origin = {"origin": "https://elsewhere.example"}
            found.append((name, Client().get(reverse(name), headers=origin)))
    return found


@pytest.mark.django_db
def test_no_other_origin_is_let_in() -> None:
    answers = public_answers()
    assert len(answers) > 10
    for name, answer in answers:
        assert "Access-Control-Allow-Origin" not in answer.headers, name
    for path in modules():
        assert "Access-Control-Allow" not in path.read_text(), short(path)


@pytest.mark.django_db
def test_every_public_answer_says_its_type() -> None:
    for name, answer in public_answers():
        if answer.status_code == 200:
            kind = answer["Content-Type"]
            assert "charset=utf-8" in kind or kind == "application/json", f"{name}: {kind}"
