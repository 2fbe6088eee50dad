"""From what somebody wrote to a page: Markdown, figures of the law, and nothing that acts.

Twice safe: HTML in the text is shown as text, and whatever comes out keeps a few tags only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from soutien.rules.quoted import Figure, quoted
from soutien.steps import gather

_TAGS = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "em", "blockquote", "hr", "br"),
    *("code", "pre", "table", "thead", "tbody", "tr", "th", "td", "s"),
}
# No attribute of these holds a sign of a tag.
_ATTRIBUTES = {"a": {"href"}, "th": {"scope"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_HIGHEST, _LOWEST = 2, 4
_TAG = re.compile(r"(<[^>]*>)")


class Page(NamedTuple):
    """A text as it is read: its HTML, the figures it quotes, and names that are no term."""

    html: SafeString
    figures: tuple[Figure, ...]
    unknown: tuple[str, ...]


def _made() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    made.enable(["table", "strikethrough"])
    made.disable(["image", "html_block", "html_inline"])
    return made


_MARKDOWN = _made()


def page_of(text: str, language: str, on: date) -> Page:
    """The page of a text on a day."""
    told = quoted(text, gather.law(), on, language)
    tokens = _MARKDOWN.parse(told.text)
    _lower(tokens)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Page(mark_safe(cleaned(html)), told.figures, told.unknown)


def cleaned(html: str) -> str:
    """The same without anything that acts, loads or hides."""
    kept = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )
    # Quotes between tags are written as nobody could take for those of an attribute.
    parts = _TAG.split(kept)
    parts[::2] = [part.replace('"', "&quot;") for part in parts[::2]]
    return "".join(parts)


def _lower(tokens: Sequence[Token]) -> None:
    """Only the title of a page is of the first level; head cells say what they head."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{max(_HIGHEST, min(_LOWEST, int(token.tag[1])))}"
        elif token.type == "th_open":
            token.attrSet("scope", "col")
