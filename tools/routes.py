"""Writes docs/routes.md from the addresses the product really has.

python -m tools.routes             write the page
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parents[1] / "docs" / "routes.md"
HEAD = """\
# Routes

Written by `python -m tools.routes` from the addresses themselves; a test compares. French pages
have no prefix, English ones start with `/en/`; what machines read has one address only.

| name | address | what is there |
|---|---|---|
"""


class Route(NamedTuple):
    """A named address and the first line of what its view says of itself."""

    name: str
    address: str
    summary: str


def routes() -> Iterator[Route]:
    """Every named address, in the order they are tried. Needs Django started."""
    from django.urls import URLPattern, URLResolver, get_resolver
    from django.utils import translation

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Route]:
        for pattern in patterns:
            address = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, address)
            elif pattern.name:
                view = getattr(pattern.callback, "view_class", pattern.callback)
                lines = (inspect.getdoc(view) or "").splitlines()
                yield Route(pattern.name, f"/{address}", lines[0] if lines else "")

    # In French, whatever was read before: only its addresses have no prefix.
    with translation.override("fr"):
        yield from list(walk(get_resolver().url_patterns, ""))


def page() -> str:
    """The text of docs/routes.md. Raises ValueError when a view says nothing of itself."""
    rows = []
    for name, address, summary in routes():
        if not summary:
            raise ValueError(f"The view of {name!r} ({address}) has no docstring: give it one.")
        rows.append(f"| {name} | `{address}` | {summary.replace('|', chr(92) + '|')} |\n")
    return HEAD + "".join(rows)


def main() -> int:
    """Starts Django with the tests' settings, which need nothing, and writes the page."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
