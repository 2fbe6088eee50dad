"""A signature on paper: an accessible PDF (PDF/UA-1) with the text that was read."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from threading import Lock

import typst
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from soutien.doors.days import plain_day
from soutien.doors.web.guardians.words import ROLES
from soutien.doors.web.person.words import language
from soutien.rules.consent import CARE, text_of
from soutien.steps.sign import Signed

HERE = Path(__file__).parent
FONTS = HERE.parent / "sheets" / "fonts"
# One compiler, kept warm, serves one paper at a time.
_TURN = Lock()


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        str(HERE / "consent.typ"),
        root=str(HERE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
    )


def signed_paper(signed: Signed) -> HttpResponse:
    """The PDF of a signature, to keep: kept by no cache."""
    return HttpResponse(
        on_paper(signed),
        content_type="application/pdf",
        headers={
            "Content-Disposition": 'attachment; filename="accord.pdf"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def on_paper(signed: Signed) -> bytes:
    """The text in the version that was read, and who signed it, in the reader's language."""
    lang = language()
    text = text_of(signed.matter, signed.text_version)
    told = {
        "title": text.title[lang],
        "author": str(settings.OPERATOR_NAME),
        "lang": lang,
        "facts": [{"label": label, "value": value} for label, value in _facts(signed)],
        "says": list(text.says[lang]),
        "answer": _answer(signed),
        "signed": _signed(signed),
        "footer": _("Référence %(reference)s") % {"reference": signed.reference},
        "day": [signed.signed_on.year, signed.signed_on.month, signed.signed_on.day],
    }
    inputs = {"told": json.dumps(told, ensure_ascii=False)}
    with _TURN:
        try:
            paper = _compiler().compile(format="pdf", pdf_standards=["ua-1"], sys_inputs=inputs)
        except typst.TypstError:
            # A letter no font here can draw is against the standard: an empty box stands for it.
            paper = _compiler().compile(format="pdf", sys_inputs=inputs)
    assert isinstance(paper, bytes)  # One document, not one file a page.
    return paper


def _facts(signed: Signed) -> list[tuple[str, str]]:
    born = _("né ou née le %(born)s") % {"born": plain_day(signed.child_born_on)}
    return [
        (_("Enfant"), f"{signed.child_name}, {born}"),
        (_("Psychologue"), signed.psychologist_name),
        (_("Personne qui signe"), f"{signed.name}, {ROLES[signed.capacity]}"),
    ]


def _answer(signed: Signed) -> str:
    if signed.given:
        return _("Oui, je suis d’accord.") if signed.matter == CARE else _("Je le déclare.")
    return _("Non, je ne suis pas d’accord.")


def _signed(signed: Signed) -> str:
    told = {"name": signed.name, "day": plain_day(signed.signed_on)}
    if signed.how == "paper":
        return _("Signé sur papier par %(name)s, le %(day)s ; vu par le psychologue.") % told
    return _("Signé par %(name)s en tapant son nom, le %(day)s.") % told
