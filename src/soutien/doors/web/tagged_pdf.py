"""Documents on paper: accessible PDFs (PDF/UA-1), the same bytes for the same words.

Words come in as data, as one JSON text: nothing that a person wrote is ever read as markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

FONTS = Path(__file__).parent / "sheets" / "fonts"
# Compilers, kept warm, serve one paper at a time: each takes a few milliseconds.
_TURN = Lock()


@cache
def _compiler(template: Path) -> typst.Compiler:
    return typst.Compiler(
        str(template), root=str(template.parent), font_paths=[str(FONTS)], ignore_system_fonts=True
    )


def tagged_pdf(template: Path, **told: Mapping[str, Any]) -> bytes:
    """The PDF that a template draws of what it is told, tagged for who listens to it."""
    inputs = {name: json.dumps(words, ensure_ascii=False) for name, words in told.items()}
    with _TURN:
        try:
            paper = _compiler(template).compile(
                format="pdf", pdf_standards=["ua-1"], sys_inputs=inputs
            )
        except typst.TypstError:
            # A letter no font here can draw is against the standard. The paper comes out all the
            # same, still tagged, with that letter as an empty box.
            paper = _compiler(template).compile(format="pdf", sys_inputs=inputs)
    assert isinstance(paper, bytes)  # One document, not one file a page.
    return paper
