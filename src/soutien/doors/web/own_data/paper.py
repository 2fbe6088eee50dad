"""Everything that is kept about somebody, in words: an accessible PDF (PDF/UA-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from soutien.doors.web.components.care_words import CHANGES, OPENINGS
from soutien.doors.web.components.days import clock, in_french, plain_day
from soutien.doors.web.documents.forms import KINDS as KINDS_OF_PAPER
from soutien.doors.web.measures.words import DONE
from soutien.doors.web.own_data.access_words import what_in_words
from soutien.doors.web.own_data.words import FIELDS, SAID
from soutien.doors.web.own_data.words import STATES as ASKED
from soutien.doors.web.tagged_pdf import tagged_pdf
from soutien.doors.web.writings.words import TITLES
from soutien.rules.codes import word
from soutien.rules.money import euros
from soutien.rules.purposes import PURPOSES

TEMPLATE = Path(__file__).parent / "own_data.typ"
Row = Mapping[str, Any]
STATES = {
    "held": gettext_lazy("en attente de confirmation"),
    "confirmed": gettext_lazy("confirmé"),
    "fulfilled": gettext_lazy("a eu lieu"),
    "missed": gettext_lazy("manqué"),
    "cancelled": gettext_lazy("annulé"),
    "expired": gettext_lazy("non confirmé"),
}
REGIMES = {
    "general": gettext_lazy("Régime général"),
    "msa": gettext_lazy("MSA"),
    "regime_local_alsace_moselle": gettext_lazy("Régime local d’Alsace-Moselle"),
    "special": gettext_lazy("Régime spécial"),
    "none": gettext_lazy("Aide médicale de l’État"),
}
EXEMPTIONS = {
    "css": gettext_lazy("Complémentaire santé solidaire"),
    "ame": gettext_lazy("Aide médicale de l’État"),
    "ald": gettext_lazy("Affection de longue durée"),
    "maternity": gettext_lazy("Maternité"),
    "at_mp": gettext_lazy("Accident du travail ou maladie professionnelle"),
    "invalidity": gettext_lazy("Invalidité"),
}
_READ = {word(ground): said for ground, said in SAID.items()}
# What a review holds beside how it goes.
_WRITTEN = ("symptoms", "evolution", "technique", "conclusion")
PSYCHIATRIC = gettext_lazy("Suivi psychiatrique déclaré")


def on_paper(export: Mapping[str, Any]) -> bytes:
    """The export as a PDF in the reader's language, tagged for who listens to it."""
    made = timezone.localtime(datetime.fromisoformat(export["made_at"])).date()
    told = {
        "title": _("Mes données"),
        "lead": _("Tout ce que %(operator)s garde de vous, le %(day)s.")
        % {"operator": settings.OPERATOR_NAME, "day": plain_day(made)},
        "author": str(settings.OPERATOR_NAME),
        "footer": _("Rangez ces pages en lieu sûr : elles disent beaucoup de vous."),
        "nothing": _("Rien."),
        "lang": "fr" if in_french() else "en",
        "day": [made.year, made.month, made.day],
        "sections": [
            {"title": str(title), "lines": list(lines(export))} for title, lines in SECTIONS
        ],
    }
    return pages_of(told)


def pages_of(told: Mapping[str, Any]) -> bytes:
    """A title, a lead, and sections of lines or paragraphs, as an accessible PDF (PDF/UA-1)."""
    return tagged_pdf(TEMPLATE, told=told)


def _day(iso: str) -> str:
    return plain_day(date.fromisoformat(iso))


def _moment(iso: str) -> str:
    moment = datetime.fromisoformat(iso)
    day = plain_day(timezone.localtime(moment).date())
    return _("%(day)s à %(time)s") % {"day": day, "time": clock(moment)}


def _money(cents: int) -> str:
    return euros(cents, "fr" if in_french() else "en")


def _period(row: Row) -> str:
    since = _("depuis le %(day)s") % {"day": _day(row["valid_from"])}
    if row["valid_before"] is None:
        return since
    return _("%(since)s, jusqu’avant le %(day)s") % {
        "since": since,
        "day": _day(row["valid_before"]),
    }


def _identity(export: Mapping[str, Any]) -> Iterable[str]:
    [row] = export["identity"]
    yield f"{row['given_name']} {row['family_name']}"
    yield _("Jour de naissance : %(day)s") % {"day": _day(row["birth_date"])}
    for label, value in (
        (_("Numéro de sécurité sociale"), row["nir"]),
        (_("Courriel"), row["email"]),
        (_("Téléphone"), row["phone"]),
    ):
        yield _("%(label)s : %(value)s") % {"label": label, "value": value or "—"}
    for line in export["accounts"]:
        yield _("%(label)s : %(value)s") % {"label": _("Compte"), "value": line["email"]}


def _rights(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["schemes"]:
        yield f"{REGIMES[row['regime']]}, {row['fund_code'] or '—'}, {_period(row)}"
    for row in export["exemptions"]:
        yield f"{EXEMPTIONS[row['kind']]}, {_period(row)}"
    for row in export["insurers"]:
        yield f"{row['insurer_name']}, {_period(row)}"
    for row in export["psychiatric_situations"]:
        yield f"{PSYCHIATRIC}, {_period(row)}"


def _bookings(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["bookings"]:
        yield f"{_moment(row['starts_at'])}, {row['psychologist']}, {STATES[row['status']]}"


def _sessions(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["sessions"]:
        held = _("faite") if row["performed"] else _("manquée")
        price = _money(row["price_cents"])
        yield f"{_day(row['held_on'])}, {row['psychologist']}, {held}, {price}"


def _claims(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["claims"]:
        yield _("Demande %(reference)s, reçue le %(day)s") % {
            "reference": row["reference"],
            "day": _day(row["received_on"]),
        }
    lang = "fr" if in_french() else "en"
    for row in export["decisions"]:
        yield f"{_moment(row['decided_at'])} : {' '.join(row['in_words'].get(lang, []))}"
    for row in export["reviews"]:
        yield _("Refus relu par la caisse, %(day)s. %(said)s") % {
            "day": _moment(row["reviewed_at"]),
            "said": _READ[row["ground"]],
        }


def _care(export: Mapping[str, Any]) -> Iterable[str]:
    # What is said in care is not given to whoever acts for a child: there may be none of these.
    for row in export.get("episodes", ()):
        since = _("depuis le %(day)s") % {"day": _day(row["opened_on"])}
        yield f"{row['psychologist']}, {OPENINGS[row['opened_for']]}, {since}"
    for row in export.get("goals", ()):
        yield _("Vos buts, %(day)s : %(text)s") % {
            "day": _moment(row["said_at"]),
            "text": row["text"] or "—",
        }
    for row in export.get("care_reviews", ()):
        yield _("Bilan, %(day)s : %(said)s") % {
            "day": _moment(row["written_at"]),
            "said": ". ".join(
                [str(CHANGES[row["change"]]), *filter(None, (row[name] for name in _WRITTEN))]
            ),
        }
    for row in export.get("hand_overs", ()):
        yield _("Relais vers %(name)s, %(day)s") % {
            "name": row["to_psychologist"],
            "day": _moment(row["agreed_at"]),
        }


def _answers(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export.get("outcomes", ()):
        told = row["told"]
        total = told.get("total")
        said = f", {total} / {told.get('total_max')}" if total is not None else ""
        yield f"{told['scale'].upper()}, {_day(row['filled_on'])}{said}"
    for row in export.get("outcome_reviews", ()):
        yield f"{_moment(row['reviewed_at'])} : {DONE[row['done']]}"


def _documents(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["documents"]:
        yield f"{KINDS_OF_PAPER[row['kind']]}, {_moment(row['added_at'])}"


def _corrected(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["former_values"]:
        yield _("%(field)s : avant le %(day)s, %(value)s") % {
            "field": FIELDS[row["field"]],
            "day": _moment(row["replaced_at"]),
            "value": row["value"] or "—",
        }
    for row in export["correction_requests"]:
        yield _("Correction demandée à la caisse, %(day)s : %(state)s") % {
            "day": _moment(row["asked_at"]),
            "state": ASKED[row["state"]][0],
        }


def _who_acts(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["who_acts_for_whom"]:
        who = (
            _("Vous êtes représenté") if row["child"] == "you" else _("Vous représentez un enfant")
        )
        yield f"{who}, {_period(row)}"
    for row in export["who_agrees"]:
        yield _("Décide pour vous : %(name)s") % {
            "name": f"{row['given_name']} {row['family_name']}"
        }
    for row in export["signatures"]:
        said = _("Oui") if row["given"] else _("Non")
        yield f"{row['name']} : {said}, {_day(row['signed_on'])}"


def _account(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["open_sessions"]:
        yield _("Connexion, %(day)s") % {"day": _moment(row["began_at"])}
    for row in export["passkeys"]:
        yield _("Clé d’accès : %(name)s") % {"name": row["name"]}
    for row in export["api_keys"]:
        yield _("Clé d’un programme : %(name)s") % {"name": row["name"]}
    count = len(export["recovery_codes"])
    if count:
        yield ngettext("%(n)s code de secours", "%(n)s codes de secours", count) % {"n": count}


def _consents(export: Mapping[str, Any]) -> Iterable[str]:
    lang = "fr" if in_french() else "en"
    for row in export["consents"]:
        [text] = [
            text for text in PURPOSES[row["purpose"]].texts if text.version == row["text_version"]
        ]
        said = _("Oui") if row["given"] else _("Non")
        yield f"{text.title[lang]} : {said}, {_moment(row['said_at'])}"


def _waits(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["waits"]:
        yield _("En attente depuis le %(day)s, %(where)s") % {
            "day": _moment(row["joined_at"]),
            "where": row["psychologist"] or row["place_name"],
        }
    for row in export["requests"]:
        yield _("Demande de rappel à %(name)s, le %(day)s") % {
            "name": row["psychologist"],
            "day": _moment(row["created_at"]),
        }


def _letters(export: Mapping[str, Any]) -> Iterable[str]:
    count = sum(1 for row in export["letters"] for sent in row["sent"] if sent["at"])
    if count:
        yield ngettext("%(n)s message envoyé", "%(n)s messages envoyés", count) % {"n": count}


def _accesses(export: Mapping[str, Any]) -> Iterable[str]:
    def alike(row: Row) -> tuple[str, str]:
        return (row["at"][:10], row["event"])

    for (day, event), same in groupby(export["accesses"], key=alike):
        times = len(list(same))
        again = f" ({times})" if times > 1 else ""
        yield f"{_day(day)} : {what_in_words(event)}{again}"


def _writings(export: Mapping[str, Any]) -> Iterable[str]:
    for row in export["writings"]:
        yield f"{TITLES[row['kind']]}, {_day(row['written_on'])}, {row['psychologist']}"


Lines = Callable[[Mapping[str, Any]], Iterable[str]]
SECTIONS: tuple[tuple[Any, Lines], ...] = (
    (gettext_lazy("Qui vous êtes"), _identity),
    (gettext_lazy("Vos droits"), _rights),
    (gettext_lazy("Vos rendez-vous"), _bookings),
    (gettext_lazy("Vos séances"), _sessions),
    (gettext_lazy("Vos remboursements"), _claims),
    (gettext_lazy("Vos accords et vos refus"), _consents),
    (gettext_lazy("Votre suivi"), _care),
    (gettext_lazy("Vos questionnaires"), _answers),
    (gettext_lazy("Vos écrits"), _writings),
    (gettext_lazy("Vos documents"), _documents),
    (gettext_lazy("Ce que vous avez corrigé"), _corrected),
    (gettext_lazy("Qui agit pour qui"), _who_acts),
    (gettext_lazy("Votre compte"), _account),
    (gettext_lazy("Vos attentes"), _waits),
    (gettext_lazy("Nos messages"), _letters),
    (gettext_lazy("Qui a regardé"), _accesses),
)
