"""The names of things: house rules a newcomer can rely on."""

from __future__ import annotations

import ast
import re

from tests.house.sources import ROOT, imported_names, modules, short, tree

BANNED_MODULES = {
    "base",
    "common",
    "core",
    "helpers",
    "managers",
    "misc",
    "services",
    "utils",
}
BANNED_VERBS = ("do_", "get_", "handle_", "manage_", "process_")
# Names that Django calls, so that they cannot be ours to choose.
OF_DJANGO = {
    "get_absolute_url",
    "get_by_natural_key",
    "get_context",
    "get_context_data",
    "get_db_prep_value",
    "get_default_redirect_url",
    "get_form_kwargs",
    "get_initial",
    "get_internal_type",
    "get_lookup",
    "get_prep_value",
    "get_queryset",
    "get_success_url",
    "get_transform",
    "process_view",
}
BANNED_LABELS = {"sessions", "messages"}


def test_no_module_has_a_name_that_says_nothing() -> None:
    folders = [ROOT / name for name in ("src", "tests", "tools")]
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    wrong = [
        short(path)
        for path in paths
        if {part.removesuffix(".py") for part in path.relative_to(ROOT).parts} & BANNED_MODULES
    ]
    assert not wrong, "\n".join(wrong)


def test_acts_are_named_by_what_they_do() -> None:
    wrong = [
        f"{short(path)}:{node.lineno}: {node.name}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith(BANNED_VERBS)
        and node.name not in OF_DJANGO
    ]
    assert not wrong, "\n".join(wrong)


def test_no_variable_is_numbered() -> None:
    numbered = re.compile(r"^[a-z_]*[a-z]\d$")
    wrong = [
        f"{short(path)}:{node.lineno}: {node.id}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Store)
        and numbered.match(node.id)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_register_takes_a_label_of_django() -> None:
    taken = [path.name for path in (ROOT / "src/soutien/registers").iterdir() if path.is_dir()]
    assert not BANNED_LABELS & set(taken)


def test_nothing_happens_behind_a_signal_or_an_overridden_save() -> None:
    wrong = [
        f"{short(path)}:{line}: {name}"
        for path in modules()
        for line, name in imported_names(path)
        if name.startswith(("django.dispatch", "django.db.models.signals"))
    ]
    wrong += [
        f"{short(path)}:{node.lineno}: {node.name}"
        for path in modules("registers")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "bulk_create"}
    ]
    assert not wrong, "\n".join(wrong)


def test_a_register_holds_tables_and_questions_to_tables_only() -> None:
    wrong = [
        f"{short(path)}:{line}: {name}"
        for path in modules("registers")
        for line, name in imported_names(path)
        if name.startswith(("django.views", "django.http", "django.shortcuts", "django.forms"))
    ]
    assert not wrong, "\n".join(wrong)
