"""All pages and forms of the product, found by walking its addresses and reading its pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.urls import URLPattern, URLResolver, get_resolver

# Not typed by anybody, and proof of nothing but Django itself.
NOT_TYPED = {"csrfmiddlewaretoken"}


@dataclass
class Form:
    """A form of a page: where it goes, and what it sends when nobody touches it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.open: Form | None = None
        self.choosing = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(told.get("action", ""), told.get("method", "get").lower())
            self.found.append(self.open)
        elif self.open is not None:
            self._field(tag, told)

    def _field(self, tag: str, told: dict[str, str]) -> None:
        assert self.open is not None
        name = told.get("name", "")
        if tag == "option" and self.choosing:
            if "selected" in told or not self.open.fields[self.choosing]:
                self.open.fields[self.choosing] = told.get("value", "")
        elif tag in {"input", "button"} and name and name not in NOT_TYPED:
            chosen = told.get("type") not in {"radio", "checkbox", "submit"} or "checked" in told
            if chosen or name not in self.open.fields:
                self.open.fields[name] = told.get("value", "on") if chosen else ""
        elif tag in {"select", "textarea"} and name:
            self.open.fields[name] = ""
            self.choosing = name if tag == "select" else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.choosing = ""


def forms_of(page: str) -> list[Form]:
    """The forms of a page, in order."""
    reader = _Forms()
    reader.feed(page)
    return reader.found


def routes() -> Iterator[tuple[str, dict[str, str]]]:
    """Every named address in French: its name, and its parameters with their converters."""
    return _routes(get_resolver().url_patterns, {})


def _routes(
    patterns: Iterable[URLPattern | URLResolver], above: dict[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    for pattern in patterns:
        converters = getattr(pattern.pattern, "converters", {})
        here = above | {name: type(kind).__name__ for name, kind in converters.items()}
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, here)
        elif pattern.name:
            yield pattern.name, here
