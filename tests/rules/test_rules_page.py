"""docs/rules.md is written from the law itself, and names all that a decision can say."""

from __future__ import annotations

from tools import rules_page

from soutien.rules.codes import Coverage, Notice, Reason, ThirdParty, word
from soutien.rules.terms import Terms


def test_the_page_of_the_rules_is_up_to_date() -> None:
    written = rules_page.PAGE.read_text("utf-8") if rules_page.PAGE.exists() else ""
    assert written == rules_page.page(), "To mend it:  .venv/bin/python -m tools.rules_page"


def test_the_page_names_every_code_in_its_order_and_every_term() -> None:
    lines = rules_page.page().splitlines()
    named = [line.split("`")[1] for line in lines if line.startswith("| `")]
    codes = [
        word(code)
        for kind in (Reason, Coverage, ThirdParty, Notice)
        for code in kind
        if code is not Coverage.NONE
    ]
    assert named == [*codes, *sorted(Terms._fields)]


def test_every_line_has_a_rule_and_a_text() -> None:
    for line in rules_page.page().splitlines():
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert all(cells), line
            assert "R-" in cells[-1] or "R-" in cells[-2], line
            assert "{" not in line and "}" not in line
