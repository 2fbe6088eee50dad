"""The names of documents, for lists and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.days import plain_day
from soutien.registers.writings.models import ACCOMPANIMENT, NOT_CLINICAL, REFERRAL
from soutien.steps.written import WritingLine

TITLES: Mapping[str, Any] = {
    REFERRAL: gettext_lazy("Courrier d’adressage"),
    ACCOMPANIMENT: gettext_lazy("Courrier d’accompagnement"),
    "evaluation_note": gettext_lazy("Note d’évaluation"),
    "end_report": gettext_lazy("Compte rendu de fin"),
    "doctor_signal": gettext_lazy("Courrier à votre médecin"),
    "specialist_letter": gettext_lazy("Courrier à un spécialiste"),
    "attendance": gettext_lazy("Attestation de présence"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A document in a list, in words, with its addresses."""

    title: str
    what: str
    href: str
    pdf: str
    draft: bool


def address_of(kind: str, ending: str = "") -> str:
    """The name of the page of a document of this kind."""
    return ("letter" if kind in NOT_CLINICAL else "writing") + ending


def shown(line: WritingLine) -> Shown:
    """« Courrier d’adressage », « du 3 mars 2026, valable jusqu’au 3 septembre 2026 compris »."""
    what = _("du %(day)s") % {"day": plain_day(line.written_on)}
    if line.valid_before is not None:
        last = plain_day(line.valid_before - timedelta(days=1))
        what = _("%(what)s, valable jusqu’au %(day)s compris") % {"what": what, "day": last}
    if line.psychologist:
        what = f"{what}, {line.psychologist}"
    draft = line.signed_at is None and line.kind not in (REFERRAL, ACCOMPANIMENT)
    return Shown(
        title=str(TITLES[line.kind]),
        what=what,
        href=reverse(address_of(line.kind), args=[line.public_id]),
        pdf=reverse(address_of(line.kind, "_pdf"), args=[line.public_id]),
        draft=draft,
    )


def last_day_before(day: date | None) -> date | None:
    """The last day of a half-open period."""
    return None if day is None else day - timedelta(days=1)
