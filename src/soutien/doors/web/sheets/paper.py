"""The care sheet on paper: an accessible PDF (PDF/UA-1), the same bytes for the same sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from soutien.doors.web.sheets.fields import Section
from soutien.doors.web.tagged_pdf import tagged_pdf

TEMPLATE = Path(__file__).parent / "care_sheet.typ"


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
    return tagged_pdf(TEMPLATE, sheet=sheet)
