"""A psychologist's day in words: what a session will be, and what its payment still needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from soutien.doors.web.components.beads import Beads, State, string_beads, year_in_words
from soutien.doors.web.components.consents import state_in_words
from soutien.doors.web.components.days import in_french, plain_day
from soutien.rules.accompaniment import RemoteShare
from soutien.rules.codes import Kind, Modality, Reason, word
from soutien.steps.views import BeadState, Count, DayLine, SessionState, SessionView

EVALUATION, FOLLOW_UP = word(Kind.EVALUATION), word(Kind.FOLLOW_UP)
IN_PERSON, REMOTE = word(Modality.IN_PERSON), word(Modality.REMOTE)
NO_RIGHTS = word(Reason.NO_HEALTH_INSURANCE_RIGHTS)
STATES: dict[BeadState, State] = {
    BeadState.USED: "used",
    BeadState.RESERVED: "booked",
    BeadState.FREE: "free",
}

# Why an appointment is laid over the agenda on purpose (OVERBOOKING_REASONS).
ADDED_FOR: Mapping[str, Any] = {
    "urgent": gettext_lazy("c’est urgent"),
    "agreed_with_both": gettext_lazy("les deux personnes sont d’accord"),
    "replacement": gettext_lazy("l’autre rendez-vous n’aura sans doute pas lieu"),
    "shared_session": gettext_lazy("les deux personnes viennent ensemble"),
}


def language() -> str:
    """``fr`` or ``en``: the two languages of the rules and of the steps."""
    return "fr" if in_french() else "en"


@dataclass(frozen=True, slots=True)
class Watch:
    """One thing to know before a session is paid; ``kind`` is ok, warm or danger."""

    kind: str
    text: str
    remedy: str = ""


def beads_of(count: Count, *, sag: float = 3.0) -> Beads:
    """The person's year as beads, with its sentence."""
    untouched = not count.used and not count.reserved
    return string_beads(
        [
            (STATES[bead.state], bead.kind == EVALUATION or (untouched and not index))
            for index, bead in enumerate(count.beads)
        ],
        refused=count.refused,
        sentence=year_in_words(
            civil_year=count.civil_year,
            used=count.used,
            booked=count.reserved,
            left=count.left,
            refused=count.refused,
        ),
        sag=sag,
    )


def what_it_is(line: DayLine) -> str:
    """« Évaluation » or « Séance 5 sur 12 »."""
    if line.booking.kind == EVALUATION:
        return _("Évaluation")
    if line.count is None or line.number is None:
        return _("Séance de suivi")
    return _("Séance %(n)s sur %(cap)s") % {"n": line.number, "cap": line.count.cap}


def foreseen(line: DayLine) -> str:
    """« 5 sur 8 prévues »; empty when the two foresaw nothing, or went past it."""
    if line.planned is None or line.held_before >= line.planned:
        return ""
    told = {"n": line.held_before + 1, "planned": line.planned}
    return _("%(n)s sur %(planned)s prévues ensemble") % told


def how_it_is_held(modality: str) -> str:
    """Where the two meet."""
    return _("en visio") if modality == REMOTE else _("au cabinet")


def _right_in_words(kind: str) -> str:
    return {
        "affiliation": _("Assurance maladie"),
        "cover": _("Complémentaire"),
        "css": _("Complémentaire santé solidaire"),
        "ame": _("Aide médicale de l’État"),
        "ald": _("Prise en charge ALD"),
        "maternity": _("Prise en charge maternité"),
        "at_mp": _("Accident du travail, maladie professionnelle"),
        "invalidity": _("Pension d’invalidité"),
    }[kind]


def right_ends(kind: str, ends_on: date) -> str:
    return _("%(right)s : finit le %(day)s") % {
        "right": _right_in_words(kind),
        "day": plain_day(ends_on),
    }


def watches(line: DayLine) -> list[Watch]:
    """What could make the payment fail, the worst first; one calm word when nothing does."""
    lang = language()
    found = [
        Watch("danger", told.sentence, told.remedy)
        for told in line.problems(lang)
        if told.code != NO_RIGHTS
    ]
    if line.consents is not None and not line.consents.enough:
        found.append(Watch("warm", state_in_words(line.consents)))
    if not line.rights_known:
        found.append(Watch("warm", _("Droits à lire sur l’attestation")))
    if not line.nir_known:
        found.append(Watch("warm", _("Numéro de sécurité sociale à demander")))
    if not line.booking.seat_kept:
        found.append(Watch("warm", _("Une séance déjà payée a pris sa place dans l’année")))
    found += [Watch("warm", right_ends(right.kind, right.ends_on)) for right in line.ending]
    found += [Watch("", told.sentence) for told in line.notices(lang)]
    if line.review_due:
        found.append(Watch("", _("À mi-parcours : faites le point ensemble")))
    return found or [Watch("ok", _("Rien ne manque pour le paiement"))]


def remote_in_words(share: RemoteShare | None, civil_year: int) -> Watch | None:
    """How much of a year was remote, and how far that is from the most; None without any."""
    if share is None or not share.remote:
        return None
    told = {
        "year": civil_year,
        "remote": share.remote,
        "held": share.held,
        "percent": share.percent,
        "most": share.percent_max,
    }
    said = _(
        "En visio en %(year)s : %(remote)s sur %(held)s (%(percent)s %%), %(most)s %% au plus."
    )
    if share.beyond:
        more = ngettext(
            "Encore %(n)s au cabinet pour y revenir.",
            "Encore %(n)s au cabinet pour y revenir.",
            share.owed,
        ) % {"n": share.owed}
        return Watch("danger", said % told, more)
    if not share.room:
        return Watch("warm", said % told, _("La prochaine a lieu au cabinet."))
    return Watch("", said % told)


def remote_full(share: RemoteShare | None) -> str:
    """What to know before one more session is held remotely; empty while there is room."""
    if share is None or share.room:
        return ""
    told = {"most": share.percent_max}
    return _("Une séance de plus en visio dépasserait %(most)s %% de votre année.") % told


def absence_in_words(session: SessionView) -> str:
    """« absente, prévenu le 3 mars »; empty for a session that was held, or when nobody said."""
    if session.performed or not session.missed_by:
        return ""
    who = (
        _("la personne n’est pas venue")
        if session.missed_by == "person"
        else _("absence du psychologue")
    )
    if session.told_on is None:
        return _("%(who)s, sans prévenir") % {"who": who}
    return _("%(who)s, dit le %(day)s") % {"who": who, "day": plain_day(session.told_on)}


def state_of(session: SessionView | None) -> Watch:
    """Where a closed session stands, as a coloured word."""
    if session is None:
        return Watch("", _("terminée"))
    if session.sheet_to_correct:
        return Watch("warm", _("feuille à corriger à la caisse"))
    return {
        SessionState.MISSED: Watch("", _("manquée")),
        SessionState.TO_SEND: Watch("warm", _("feuille à envoyer")),
        SessionState.TO_CONFIRM: Watch("", _("en cours à la caisse")),
        SessionState.PAID: Watch("ok", _("acceptée")),
        SessionState.REFUSED: Watch("danger", _("refusée")),
    }[session.state]


def kinds_in_words(kinds: Iterable[str]) -> str:
    """What a free time accepts."""
    accepted = set(kinds)
    if accepted == {EVALUATION}:
        return _("première séance")
    if accepted == {FOLLOW_UP}:
        return _("suivi")
    return _("première séance ou suivi")
