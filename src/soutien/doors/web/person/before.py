"""Before a session, for the person: what it is, what remains, what could hinder its payment."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soutien.doors.web.psychologist.words import (
    EVALUATION,
    NO_RIGHTS,
    Watch,
    foreseen,
    language,
    right_ends,
)
from soutien.steps.views import DayLine


@dataclass(frozen=True, slots=True)
class Before:
    """One line, and under it what is worth knowing; one calm word when nothing is missing."""

    sentence: str
    watches: list[Watch]


def before_session(line: DayLine) -> Before:
    """« Séance 5 sur 12 de l’année, 3 sur 8 prévues ensemble. Restent 7 séances à réserver. »"""
    parts = [part for part in (_what(line), foreseen(line)) if part]
    return Before(
        " ".join(f"{part}." for part in (", ".join(parts), _left(line)) if part), _told(line)
    )


def _what(line: DayLine) -> str:
    if line.booking.kind == EVALUATION:
        return _("Première séance : faire connaissance, et voir ce qui aiderait")
    if line.count is None or line.number is None:
        return _("Séance de suivi")
    told = {"n": line.number, "cap": line.count.cap}
    return _("Séance %(n)s sur les %(cap)s de l’année") % told


def _left(line: DayLine) -> str:
    if line.count is None:
        return ""
    left = line.count.left
    if not left:
        return _("Toutes celles de l’année sont faites ou réservées")
    return ngettext("Il en restera %(n)s à réserver", "Il en restera %(n)s à réserver", left) % {
        "n": left
    }


def _told(line: DayLine) -> list[Watch]:
    lang = language()
    found = [
        Watch("danger", told.sentence, told.remedy)
        for told in line.problems(lang)
        if told.code != NO_RIGHTS
    ]
    if not line.rights_known:
        found.append(Watch("warm", _("Apportez votre attestation de droits.")))
    if not line.nir_known:
        found.append(Watch("warm", _("Apportez votre numéro de sécurité sociale.")))
    found += [Watch("warm", right_ends(right.kind, right.ends_on)) for right in line.ending]
    found += [Watch("", told.sentence) for told in line.notices(lang)]
    return found or [Watch("ok", _("Rien ne manque pour le remboursement."))]
