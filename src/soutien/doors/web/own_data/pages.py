"""« Mes données »: what is kept, by kind, and every way to act on it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import plain_day
from soutien.doors.web.own_data.paper import on_paper
from soutien.doors.web.own_data.words import FIELDS, STATES
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.security.pages import recently_proved
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.own_data import Former, OwnData, download_own_data, open_own_data

FILE_NAME = "mes-donnees"
# The kinds of the page, and the tables of the export that each of them counts.
KINDS = (
    (
        gettext_lazy("Vos droits"),
        gettext_lazy("Régime, mutuelle, prises en charge : ce qui décide de ce que vous payez."),
        (
            *("schemes", "exemptions", "insurers", "psychiatric_situations", "referrals"),
            *("rights_seen", "rights_declared", "rights_checked"),
        ),
    ),
    (
        gettext_lazy("Vos rendez-vous"),
        gettext_lazy("Pris, déplacés, annulés : le jour, l’heure, le lieu, avec qui."),
        ("bookings", "calendar_addresses"),
    ),
    (
        gettext_lazy("Vos séances"),
        gettext_lazy("Les jours des séances, et leur place dans l’année. Rien de ce qui s’y dit."),
        ("sessions", "seats", "years"),
    ),
    (
        gettext_lazy("Votre suivi"),
        gettext_lazy("Ce que vous avez convenu avec vos psychologues, vos buts, vos bilans."),
        ("episodes", "goals", "care_reviews", "hand_overs"),
    ),
    (
        gettext_lazy("Vos remboursements"),
        gettext_lazy("Feuilles de soins, demandes, décisions avec leurs raisons."),
        (
            *("care_sheets", "sheet_lines", "claims", "decisions", "reviews", "claim_events"),
            *("contests", "contest_answers", "insurer_decisions", "memberships"),
            *("paper_sheets", "paper_sheets_typed"),
            *("money_account", "money_entries", "bank_accounts", "transfers", "bank_lines"),
        ),
    ),
    (
        gettext_lazy("Vos documents"),
        gettext_lazy(
            "Ce que vous avez ajouté pour vos psychologues, jusqu’à ce que vous le retiriez."
        ),
        ("documents",),
    ),
    (
        gettext_lazy("Vos écrits"),
        gettext_lazy("Courriers, comptes rendus et attestations terminés."),
        (
            *("writings", "written", "signed_writings"),
            *("writings_handed_over", "writings_answered", "writings_shown"),
        ),
    ),
    (
        gettext_lazy("Vos questionnaires"),
        gettext_lazy("Vos réponses et leurs totaux, entre vous et votre psychologue."),
        ("questionnaires", "outcomes", "outcome_reviews"),
    ),
    (
        gettext_lazy("Vos attentes"),
        gettext_lazy("Listes d’attente et demandes de rappel, effacées peu après leur fin."),
        ("waits", "offers", "requests"),
    ),
    (
        gettext_lazy("Votre compte"),
        gettext_lazy("Adresse, protections, appareils connectés, identités reliées."),
        (
            *("accounts", "open_sessions", "sign_in_links", "code_applications", "passkeys"),
            *("recoveries", "recovery_codes", "api_keys", "identities", "certified_traits"),
        ),
    ),
    (
        gettext_lazy("Qui agit pour qui"),
        gettext_lazy("Les enfants que vous représentez, ou qui vous représente."),
        (
            *("who_acts_for_whom", "who_agrees", "papers_of_who_agrees", "majority"),
            *("consent_links", "signatures", "waits_for_consent"),
        ),
    ),
    (
        gettext_lazy("Ce que vous avez dit"),
        gettext_lazy("Vos accords et vos refus, et ce que vous avez corrigé."),
        ("consents", "former_values", "correction_requests"),
    ),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data: how many lines there are, and what they are."""

    title: str
    what: str
    lines: str


def about(actor: Actor) -> int:
    """Whose data this is; whoever has none reads that there is no such page."""
    if actor.about_person_id is None:
        raise Refusal("not_allowed")
    return actor.about_person_id


def kinds_of(data: OwnData) -> list[Kind]:
    """What is kept, by kind, with how many lines."""
    found = []
    for title, what, tables in KINDS:
        count = sum(data.counts[table] for table in tables)
        lines = ngettext("%(n)s ligne", "%(n)s lignes", count) % {"n": count}
        found.append(Kind(str(title), str(what), lines if count else _("rien")))
    return found


def former_in_words(former: Former) -> str:
    """« Courriel : ada@example.org, jusqu’au 3 mars 2026. »"""
    day = plain_day(timezone.localtime(former.replaced_at).date())
    value = _("un autre") if former.field == "nir" else former.value or _("rien")
    return _("%(field)s : %(value)s, jusqu’au %(day)s") % {
        "field": FIELDS[former.field],
        "value": value,
        "day": day,
    }


@require_safe
@private_page
def overview(request: HttpRequest) -> HttpResponse:
    """What is kept of oneself, by kind, and what one can do about it."""
    actor = actor_of(request)
    data = open_own_data(actor=actor, person_id=about(actor), at=timezone.now())
    context = {
        "data": data,
        "kinds": kinds_of(data),
        "former": [former_in_words(line) for line in data.former],
        "correction": STATES.get(data.correction),
        "for_oneself": actor.on_behalf_of is None,
    }
    return render(request, "soutien/own_data/overview.html", context)


@require_safe
@private_page
@recently_proved
def everything_as_json(request: HttpRequest) -> HttpResponse:
    """All that is kept, for a program to read (docs/data-export.md)."""
    answer = StreamingHttpResponse(
        pieces(_export(request)), content_type="application/json; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{FILE_NAME}.json"'
    # Both are answers; Django's two classes have no type of their own in common.
    return cast(HttpResponse, answer)


@require_safe
@private_page
@recently_proved
def everything_on_paper(request: HttpRequest) -> HttpResponse:
    """The same to read, as a tagged PDF."""
    return _file(on_paper(_export(request)), "pdf", "application/pdf")


@require_safe
@private_page
@recently_proved
def everything_together(request: HttpRequest) -> HttpResponse:
    """Both in one file, made of one reading."""
    export, kept = _export(request), io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as together:
        together.writestr(f"{FILE_NAME}.json", b"".join(pieces(export)))
        together.writestr(f"{FILE_NAME}.pdf", on_paper(export))
    return _file(kept.getvalue(), "zip", "application/zip")


def _file(content: bytes, ending: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{FILE_NAME}.{ending}"'
    return answer


def pieces(export: dict[str, Any]) -> Iterator[bytes]:
    """The export as JSON, a table at a time: the whole text never stands in memory."""
    yield b"{"
    for number, (name, lines) in enumerate(export.items()):
        text = json.dumps(lines, ensure_ascii=False, indent=1)
        yield f"{',' if number else ''}\n{json.dumps(name)}: {text}".encode()
    yield b"\n}\n"


def _export(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    return download_own_data(actor=actor, person_id=about(actor), at=timezone.now())
