"""The tool that joins and compiles the English sees what is wrong."""

from __future__ import annotations

import gettext
import importlib.util
import io
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[4] / "tools" / "messages.py"


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def entries(messages: ModuleType, path: Path, text: str) -> list[object]:
    path.write_text(text, "utf-8")
    return list(messages.read_part(path))


def test_what_is_compiled_is_read_back_by_gettext(messages: ModuleType, tmp_path: Path) -> None:
    found = entries(
        messages,
        tmp_path / "a.po",
        'msgid "Bonjour « vous »"\nmsgstr "Hello “you”"\n\n'
        'msgid "%(n)s jour"\nmsgid_plural "%(n)s jours"\n'
        'msgstr[0] "%(n)s day"\nmsgstr[1] "%(n)s "\n"days"\n'
        'msgctxt "mois"\nmsgid "mai"\nmsgstr "May"\n',
    )
    catalog = gettext.GNUTranslations(io.BytesIO(messages.compiled_mo(found)))
    assert catalog.gettext("Bonjour « vous »") == "Hello “you”"
    assert catalog.ngettext("%(n)s jour", "%(n)s jours", 1) == "%(n)s day"
    assert catalog.ngettext("%(n)s jour", "%(n)s jours", 0) == "%(n)s days"
    assert catalog.pgettext("mois", "mai") == "May"


def test_a_missing_an_idle_and_a_broken_sentence_are_named(
    messages: ModuleType, tmp_path: Path
) -> None:
    found = entries(
        messages,
        tmp_path / "a.po",
        'msgid "%(n)s vu"\nmsgstr "%(m)s seen"\n\nmsgid "x"\nmsgstr "x"',
    )
    known = {entry.key: entry for entry in found}  # type: ignore[attr-defined]
    used = {messages.Key("%(n)s vu"): "page.html", messages.Key("Absent"): "page.html"}
    said = "\n".join(messages.complaints(used, known))
    assert "no English for “Absent”" in said
    assert "“x” is said nowhere" in said
    assert "names a value the French does not" in said


def test_a_line_that_is_no_line_of_a_part_is_named(messages: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(messages.MessageError, match="a.po:1"):
        entries(messages, tmp_path / "a.po", "msgid Bonjour")


def test_the_compiled_file_is_up_to_date(messages: ModuleType) -> None:
    assert messages.main(["--check"]) == 0
