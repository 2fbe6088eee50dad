"""Nothing that somebody typed becomes a formula in a spreadsheet, wherever we write a table."""

from __future__ import annotations

import ast
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.house.sources import PACKAGE, ROOT, calls, modules

from soutien.doors.tabular import TableWriter, harmless

FORMULAS = [
    "=1+1",
    "=cmd|'/c calc'!A0",
    "+1+cmd",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "\u00a0=1",
    "\ufeff=1",
    "＝1",
    "＠SUM(A1)",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_shown_and_not_run(text: str):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["Noé", "", "-5", "+33612345678", "3,50", "a=b", -5, 2.5, None])
def test_words_and_numbers_are_left(cell: object):
    assert harmless(cell) == cell


@given(st.text())
def test_no_cell_of_any_text_starts_a_formula(text: str):
    file = io.StringIO(newline="")
    TableWriter(file).writerow([text, "end"])
    [row] = csv.reader(io.StringIO(file.getvalue(), newline=""))
    stripped = row[0].lstrip()
    number = row[0].lstrip("+-").replace(",", "").replace(".", "").isdecimal()
    assert number or not stripped.startswith(("=", "+", "-", "@"))


def test_every_table_is_written_here():
    """The only module that makes a writer of the csv module is the one that makes cells safe."""
    writers = [
        str(path.relative_to(PACKAGE))
        for path in modules()
        for _call, name in calls(path)
        if name in {"csv.writer", "csv.DictWriter"}
    ]
    assert writers == ["doors/tabular.py"]
    assert not [path for path in modules() if "from csv import" in path.read_text()]


def test_xml_is_read_where_entities_are_refused_and_nowhere_else():
    """Banks speak XML: their files are read by defusedxml. Elsewhere XML is refused as unknown."""
    banned = {"xml", "lxml", "defusedxml", "xmltodict", "untangle"}
    # The Django serializers and sitemaps read or write XML; none of ours may lead there.
    banned_names = {"django.core.serializers.xml_serializer"}
    found = []
    for path in [*modules(), *(ROOT / "tools").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found += [
                f"{path.name}: {name}"
                for name in names
                if name.partition(".")[0] in banned or name in banned_names
            ]
    assert found == ["bank_lines.py: defusedxml", "bank_lines.py: defusedxml.ElementTree"]
