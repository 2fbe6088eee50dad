"""Pages hold no inline script or style, name real files, and never spell the law's numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from tests.house.sources import PACKAGE, TEMPLATES, calls, first_text, modules, short

PAGES = [path for path in TEMPLATES if path.suffix in {".html", ".svg"}]
INLINE = re.compile(
    r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:|\shx-on", re.IGNORECASE
)
ELSEWHERE = re.compile(
    r"(?:src|action|data)\s*=\s*[\"']?(?:https?:)?//|<link[^>]*href=\"https?://"
)
# A count of sessions, an amount or a rate written by hand: it would go stale with the law.
SPELLED = re.compile(
    r"(?<![\w{])\d+(?:[.,]\d+)?[\s\u00a0\u202f]*"
    r"(?:séances?|entretiens?|sessions?|€|euros?|EUR\b|%(?![(\w}]))|€\s?\d",
    re.IGNORECASE,
)
GETTEXT = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "npgettext",
    "pgettext",
    "pgettext_lazy",
}


def offences(path: Path, pattern: re.Pattern[str]) -> list[str]:
    """The lines of a file where a pattern is found, without the templates' own marks."""
    text = re.sub(r"{% comment.*?endcomment %}|{#.*?#}", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"{%-?|-?%}", " ", text)
    return [
        f"{short(path)}: {line.strip()[:90]}" for line in text.splitlines() if pattern.search(line)
    ]


def test_no_page_holds_inline_script_or_style() -> None:
    wrong = [line for path in PAGES for line in offences(path, INLINE)]
    assert not wrong, "\n".join(wrong)


def test_no_page_asks_another_host() -> None:
    wrong = [line for path in PAGES for line in offences(path, ELSEWHERE)]
    assert not wrong, "\n".join(wrong)


def test_every_file_a_page_names_exists() -> None:
    named = re.compile(r"{%\s*static\s+[\"']([^\"']+)[\"']")
    wrong = [
        f"{short(path)}: {name}"
        for path in PAGES
        for name in named.findall(path.read_text())
        if finders.find(name) is None
    ]
    assert not wrong, "\n".join(wrong)


def test_no_number_of_the_law_is_spelled_in_a_page() -> None:
    wrong = [line for path in TEMPLATES for line in offences(path, SPELLED)]
    assert not wrong, "\n".join(wrong)


def test_no_number_of_the_law_is_spelled_in_a_sentence() -> None:
    wrong = [
        f"{short(path)}:{call.lineno}: {text}"
        for path in modules("doors", "steps")
        for call, name in calls(path)
        if name.rsplit(".", 1)[-1] in GETTEXT
        for text in [first_text(call) or ""]
        if SPELLED.search(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_number_of_the_law_is_spelled_in_a_translation() -> None:
    wrong = [
        f"{short(path)}: {line}"
        for path in PACKAGE.rglob("*.po")
        for line in path.read_text().splitlines()
        if line.startswith(("msgid", "msgstr", '"'))
        and SPELLED.search(line)
        # The header of a .po file is not prose.
        and "charset" not in line
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "sentence", ["jusqu'à 12 séances", "50 € la séance", "€50", "remboursé à 60 %", "12 sessions"]
)
def test_a_spelled_number_is_seen(sentence: str) -> None:
    assert SPELLED.search(sentence)


@pytest.mark.parametrize("sentence", ["le 15 ou le 3114", "{{ n }} séances", "%(n)s séances"])
def test_other_numbers_are_let_through(sentence: str) -> None:
    assert not SPELLED.search(sentence)
