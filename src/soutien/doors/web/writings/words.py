"""The names of documents, for lists and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.days import plain_day
from soutien.registers.writings.models import ACCOMPANIMENT, BY_DOCTORS, NOT_CLINICAL, REFERRAL
from soutien.steps.written import OpenWriting, WritingLine

TITLES: Mapping[str, Any] = {
    REFERRAL: gettext_lazy("Courrier d’adressage"),
    ACCOMPANIMENT: gettext_lazy("Courrier d’accompagnement"),
    "evaluation_note": gettext_lazy("Note d’évaluation"),
    "end_report": gettext_lazy("Compte rendu de fin"),
    "doctor_signal": gettext_lazy("Courrier au médecin"),
    "specialist_letter": gettext_lazy("Courrier à un spécialiste"),
    "attendance": gettext_lazy("Attestation de présence"),
}


BASES: Mapping[str, Any] = {
    "agreed": gettext_lazy("avec l’accord de la personne"),
    "before_agreement": gettext_lazy("quand la loi ne demandait pas d’accord"),
    "danger": gettext_lazy("pour un danger, sans attendre"),
}
TO: Mapping[str, Any] = {
    "treating_doctor": gettext_lazy("Le médecin traitant"),
    "other_doctor": gettext_lazy("Un autre médecin"),
    "psychiatry": gettext_lazy("Un psychiatre, un service de psychiatrie"),
    "cmp": gettext_lazy("Un centre médico-psychologique (CMP)"),
    "emergency": gettext_lazy("Le 15, les urgences"),
}
ANSWERS: Mapping[str, Any] = {
    "seen": gettext_lazy("la personne a été reçue"),
    "not_yet": gettext_lazy("pas encore reçue"),
    "not_seen": gettext_lazy("elle n’ira pas"),
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
    if line.psychologist and line.kind in BY_DOCTORS:
        what = _("%(what)s, reçu par %(name)s") % {"what": what, "name": line.psychologist}
    elif line.psychologist:
        what = f"{what}, {line.psychologist}"
    draft = line.signed_at is None and line.kind not in (REFERRAL, ACCOMPANIMENT)
    return Shown(
        title=str(TITLES[line.kind]),
        what=what,
        href=reverse(address_of(line.kind), args=[line.public_id]),
        pdf=reverse(address_of(line.kind, "_pdf"), args=[line.public_id]),
        draft=draft,
    )


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a document went, in words."""

    to: str
    day: date
    basis: str
    seen: str


def passages_of(found: OpenWriting) -> list[Passage]:
    """« Le médecin traitant », « avec l’accord de la personne »."""
    return [
        Passage(
            to=str(TO[row.to]),
            day=timezone.localtime(row.at).date(),
            basis=str(BASES[row.basis]),
            seen=str(ANSWERS[row.seen]) if row.seen else "",
        )
        for row in found.passages
    ]
