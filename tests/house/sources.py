"""Reads the product's own source text, for the tests that hold the house rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "soutien"
TEMPLATES = sorted(PACKAGE.glob("doors/**/templates/**/*.*"))


def modules(*parts: str) -> list[Path]:
    """Every Python file of the package, or of some of its parts, without migrations."""
    folders = [PACKAGE / part for part in parts] or [PACKAGE]
    found = {path for folder in folders for path in folder.rglob("*.py")}
    return sorted(path for path in found if "migrations" not in path.parts)


def short(path: Path) -> str:
    """The path as a reader names it."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_names(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a file imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.relative_to(ROOT / "src").parts[: -node.level])
            start = ".".join(filter(None, [package if node.level else "", node.module]))
            for alias in node.names:
                yield node.lineno, f"{start}.{alias.name}"


def dotted(node: ast.AST) -> str:
    """``timezone.now`` for the call's function ``timezone.now``; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return ""


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a file with the dotted name of what is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def first_text(call: ast.Call) -> str | None:
    """The first argument of a call when it is a plain text."""
    if (
        call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ):
        return call.args[0].value
    return None
