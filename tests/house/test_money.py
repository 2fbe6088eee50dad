"""Money is whole cents: no module that names cents holds a float, divides, or rounds."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from tests.house.sources import modules, short, tree

# Prices are written, filled in and counted here; a figure of speed or of places is not money.
LAYERS = ("rules", "registers", "steps")
INEXACT = frozenset(
    {"float", "round", "Decimal", "Fraction", "fsum", "FloatField", "DecimalField"}
)


def folder(node: ast.BinOp) -> bool:
    """``files("soutien.rules") / "programme"`` divides nothing."""
    return isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)


def inexact(module: ast.Module) -> Iterator[int]:
    """The lines where something that is not whole is made."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno
        if isinstance(node, ast.Name) and node.id in INEXACT:
            yield node.lineno
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not folder(node):
            yield node.lineno
        if isinstance(node, ast.Attribute) and node.attr in INEXACT:
            yield node.lineno


def of_money() -> list[str]:
    """The modules that name cents."""
    return [short(path) for path in modules(*LAYERS) if "_cents" in path.read_text()]


def test_no_module_of_money_holds_a_float() -> None:
    found = of_money()
    assert {"src/soutien/rules/money.py", "src/soutien/rules/owed.py"} <= set(found)
    assert "src/soutien/registers/ledger/queries.py" in found
    wrong = [
        f"{short(path)}:{line}"
        for path in modules(*LAYERS)
        if short(path) in found
        for line in inexact(tree(path))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "line",
    ["x = 0.6", "x = float(y)", "x = y / 2", "x /= 2", "x = round(y)", "x = models.FloatField()"],
)
def test_a_float_would_be_noticed(line: str) -> None:
    assert list(inexact(ast.parse(line)))
