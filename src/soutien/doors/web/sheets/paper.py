"""The care sheet on paper: an accessible PDF (PDF/UA-1), the same bytes for the same sheet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from soutien.doors.web.sheets.fields import Section

HERE = Path(__file__).parent
# One compiler, kept warm, serves one page at a time: a sheet takes a few milliseconds.
_TURN = Lock()


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        str(HERE / "care_sheet.typ"),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
    )


def on_paper(
    *,
    title: str,
    author: str,
    lang: str,
    number: str,
    footer: str,
    standing: str,
    issued_on: date,
    sections: Sequence[Section],
    yes: str,
    no: str,
) -> bytes:
    """The PDF of a sheet. Words come in as data: nothing a person wrote is read as markup.

    ``standing`` says what the paper is; ``yes`` and ``no`` are said for boxes by readers aloud.
    """
    sheet: dict[str, Any] = {
        "title": title,
        "author": author,
        "lang": lang,
        "number": number,
        "footer": footer,
        "standing": standing,
        "issued_on": [issued_on.year, issued_on.month, issued_on.day],
        "sections": [asdict(section) for section in sections],
        "yes": yes,
        "no": no,
    }
    inputs = {"sheet": json.dumps(sheet, ensure_ascii=False)}
    with _TURN:
        try:
            paper = _compiler().compile(format="pdf", pdf_standards=["ua-1"], sys_inputs=inputs)
        except typst.TypstError:
            # A letter no font here can draw is against the standard. The sheet comes out all the
            # same, still tagged, with that letter as an empty box.
            paper = _compiler().compile(format="pdf", sys_inputs=inputs)
    assert isinstance(paper, bytes)  # One document, not one file a page.
    return paper
