"""A document in parts, in the order in which it is read: for its page, and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from soutien.doors.web.sheets.fields import Box
from soutien.doors.web.tagged_pdf import tagged_pdf

TEMPLATE = Path(__file__).parent / "writing.typ"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known: « Né le », « 17 mai 1990 »."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part with its heading, what is written in it, and its boxes."""

    title: str = ""
    paragraphs: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """One letter or certificate. ``signed`` names who signs, above the room for it."""

    title: str
    sender: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    dated: str = ""
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    signed: str = ""
    notes: tuple[str, ...] = ()
    code: str = ""
    code_label: str = ""
    code_note: str = ""


def paragraphs_of(text: str) -> tuple[str, ...]:
    """What somebody typed, paragraph by paragraph."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def on_paper(
    papers: Sequence[Paper],
    *,
    title: str,
    author: str,
    day: date,
    footer: str = "",
    lang: str = "fr",
    yes: str = "oui",
    no: str = "non",
) -> bytes:
    """The PDF of one document or of several, one after the other."""
    told = {
        "title": title,
        "author": author,
        "day": [day.year, day.month, day.day],
        "footer": footer,
        "lang": lang,
        "yes": yes,
        "no": no,
        "papers": [asdict(paper) for paper in papers],
    }
    return tagged_pdf(TEMPLATE, told=told)
