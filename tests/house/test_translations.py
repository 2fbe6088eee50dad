"""What a reader sees is written in French and given in English, every sentence of it."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import Template
from django.template.base import Node, NodeList
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from tests.house.sources import PACKAGE, TEMPLATES, calls, first_text, modules, short

CATALOG = PACKAGE / "doors" / "web" / "locale" / "en" / "LC_MESSAGES" / "django.mo"
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
IN_EXPRESSION = re.compile(r"""_\((?P<quote>["'])(?P<text>.*?)(?P=quote)\)""")
FIELD = re.compile(r"%\((\w+)\)s|{(\w+)}")


def nodes_of(nodes: NodeList) -> Iterator[Node]:
    """Every node of a template, however deep."""
    for node in nodes:
        yield node
        for attribute in (*node.child_nodelists, "nodelist"):
            inner = getattr(node, attribute, None)
            if isinstance(inner, NodeList) and not isinstance(node, BlockTranslateNode):
                yield from nodes_of(inner)


def from_template(name: str, source: str) -> Iterator[str]:
    """The sentences of a template, as the catalog keys them."""
    template: Template = get_template(name).template  # type: ignore[attr-defined]
    for node in nodes_of(template.nodelist):
        if isinstance(node, TranslateNode):
            text = node.filter_expression.var
            literal = getattr(text, "literal", text)
            if isinstance(literal, str):
                context = node.message_context
                yield f"{context.resolve({})}\x04{literal}" if context else literal
        elif isinstance(node, BlockTranslateNode):
            singular, _variables = node.render_token_list(node.singular)
            if node.trimmed:
                singular = " ".join(singular.split())
            yield singular
    for found in IN_EXPRESSION.finditer(source):
        yield found["text"]


def from_python(path: Path) -> Iterator[str]:
    """The sentences of a module, as the catalog keys them."""
    for call, name in calls(path):
        last = name.rsplit(".", 1)[-1]
        text = first_text(call)
        if text is None:
            continue
        if last in PLAIN | PLURAL:
            yield text
        elif last in WITH_CONTEXT and isinstance(call.args[1], ast.Constant):
            yield f"{text}\x04{call.args[1].value}"


def template_name(path: Path) -> str:
    """The name under which Django loads a template."""
    return path.as_posix().split("/templates/", 1)[1]


def english() -> dict[str, str]:
    """The compiled catalog: French sentence to English one; of a plural, the first form."""
    with CATALOG.open("rb") as compiled:
        kept = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    return {
        key[0] if isinstance(key, tuple) else key: text
        for key, text in kept.items()
        if not isinstance(key, tuple) or key[1] == 0
    }


def sentences() -> dict[str, str]:
    """Every sentence of the product with a place where it is used."""
    found: dict[str, str] = {}
    for path in TEMPLATES:
        for text in from_template(template_name(path), path.read_text()):
            found.setdefault(text, short(path))
    for path in modules("doors"):
        for text in from_python(path):
            found.setdefault(text, short(path))
    return found


def test_every_sentence_has_an_english_translation() -> None:
    known = english()
    wrong = [f"{place}: {text}" for text, place in sentences().items() if not known.get(text)]
    assert not wrong, "Not translated:\n" + "\n".join(wrong)


def test_every_translation_keeps_the_values_of_its_sentence() -> None:
    wrong = [
        f"{french!r} → {text!r}"
        for french, text in english().items()
        if french
        and {*FIELD.findall(french)} != {*FIELD.findall(text)}
        # A singular may say "one" instead of its number.
        and not {*FIELD.findall(text)} < {*FIELD.findall(french)}
    ]
    assert not wrong, "\n".join(wrong)


def test_no_translation_is_left_without_a_sentence() -> None:
    unused = set(english()) - set(sentences()) - {""}
    assert not unused, "Used nowhere any more:\n" + "\n".join(sorted(unused))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{% load i18n %}{% translate "Bonjour" %}', "Bonjour"),
        ('{% load i18n %}{% if x %}{% translate "Au revoir" %}{% endif %}', "Au revoir"),
        (
            "{% load i18n %}{% blocktranslate trimmed %}Il reste\n  {{ n }} jours"
            "{% endblocktranslate %}",
            "Il reste %(n)s jours",
        ),
        ('{% load i18n %}{% firstof _("Rien") %}', "Rien"),
    ],
)
def test_a_sentence_of_a_page_is_found(
    source: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Loaded:
        template = Template(source)

    monkeypatch.setattr("tests.house.test_translations.get_template", lambda name: Loaded)
    assert expected in set(from_template("planted.html", source))
