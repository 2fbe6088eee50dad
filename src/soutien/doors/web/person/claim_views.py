"""What became of a claim, in plain words, for the person it is about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import clock, full_day, plain_day
from soutien.doors.web.components.parts import Cell, Column, Event, Figure, Table
from soutien.doors.web.insurer.parts import reasons_in_words
from soutien.doors.web.person.words import (
    kind_in_words,
    language,
)
from soutien.doors.web.person.year_views import beads_of
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.sheets.contests import ContestForm, contests_of
from soutien.doors.web.sheets.outcome import changed_of
from soutien.registers.insurance import queries as insurance
from soutien.rules.contest import Ground
from soutien.rules.explain import Line
from soutien.rules.insurer import PartReason
from soutien.rules.money import euros
from soutien.steps import look
from soutien.steps.contest import contest_decision
from soutien.steps.gather import code
from soutien.steps.views import (
    ClaimView,
)

UNCLEAR = 422


def payers_table(view: ClaimView) -> Table:
    """Who pays what: the parts add up to the price."""
    lang = language()
    to_the_psychologist, back_to_you = _("à votre psychologue"), _("à vous, en remboursement")
    parts = [
        (
            _("L’Assurance Maladie"),
            back_to_you if view.third_party == "none" else to_the_psychologist,
            view.amo_cents - view.local_regime_cents,
        ),
        (_("Le régime local"), _("avec l’Assurance Maladie"), view.local_regime_cents),
        (
            _("Votre mutuelle"),
            to_the_psychologist if view.third_party == "full" else back_to_you,
            view.amc_cents,
        ),
    ]
    rows = [
        (Cell(f"{who}, {how}"), Cell(euros(cents, lang))) for who, how, cents in parts if cents
    ]
    rows.append((Cell(_("Vous, à la fin")), Cell(euros(view.patient_cents, lang))))
    return Table(
        _("Qui paie quoi"), (Column(_("Qui")), Column(_("Combien"), number=True)), tuple(rows)
    )


def of(lines: list[Line], *about: str) -> list[Line]:
    """The lines of some groups, in their order."""
    return [line for line in lines if line.about in about]


def insurer_events(view: ClaimView) -> list[Event]:
    """What the complementary insurer decided of its part, when it did."""
    part = insurance.part_of_claim(view.public_id)
    if part is None:
        return []
    decided = moment_in_words(part.decided_at)
    if part.accepted:
        told = _("Elle paie %(cents)s.") % {"cents": euros(part.amc_cents, language())}
        return [Event(decided, _("Votre complémentaire a accepté sa part"), told, "done")]
    why = " ".join(reasons_in_words(PartReason(part.reasons)))
    left = _("Sa part vous reste : %(cents)s. Demandez-lui pourquoi, ou à votre caisse.") % {
        "cents": euros(part.remainder_cents, language())
    }
    return [Event(decided, _("Votre complémentaire a refusé sa part"), f"{why} {left}", "refused")]


def claim_events(view: ClaimView) -> list[Event]:
    """What happened to the claim, and what comes next."""
    events = [
        Event(plain_day(view.held_on), _("La séance"), view.psychologist_name, "done"),
        Event(
            plain_day(view.received_on),
            _("La feuille est arrivée à la caisse"),
            _("Envoyée par votre psychologue.")
            if view.sent_by == "psychologist"
            else _("Envoyée par vous."),
            "done",
        ),
    ]
    if view.awaiting or view.decided_at is None:
        return [*events, Event(_("En ce moment"), _("Une personne de la caisse lit la demande"))]
    decided = moment_in_words(view.decided_at)
    if view.cancelled:
        return [*events, Event(decided, _("La demande est annulée"), "", "done")]
    if not view.accepted:
        return [*events, Event(decided, _("La demande est refusée"), "", "refused")]
    return [*events, Event(decided, _("La demande est acceptée"), "", "done")]


def moment_in_words(moment: datetime) -> str:
    """« 21 novembre 2026, 14:30 » in Paris."""
    return f"{plain_day(timezone.localdate(moment))}, {clock(moment)}"


def lookers(view: ClaimView) -> list[str]:
    """Who else opened the claim, the last ones first."""
    roles = {
        "fund_agent": _("un agent de votre caisse"),
        "psychologist": _("votre psychologue"),
    }
    return [
        f"{moment_in_words(line.at)} : {roles[line.role]}"
        for line in reversed(view.trail)
        if line.event.endswith(".opened") and line.role in roles
    ]


@require_safe
@private_page
def claim(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A decision in plain words: why, on which text, what would change it, who pays what."""
    actor, at = actor_of(request), timezone.now()
    view = look.open_claim(actor=actor, claim_public_id=public_id, at=at)
    lines = view.explanation(language())
    lang = language()
    context = {
        "view": view,
        "what": kind_in_words(view.kind, view.modality),
        "day": full_day(view.held_on),
        "reasons": of(lines, "reason"),
        "why": of(lines, "coverage", "third_party"),
        "notices": of(lines, "notice"),
        "cautions": list(dict.fromkeys(line.caution for line in lines if line.caution)),
        "figures": [
            Figure(_("Prix"), euros(view.price_cents, lang), _("Fixé par la loi.")),
            Figure(
                _("Sur place"),
                euros(view.patient_upfront_cents, lang),
                _("Ce que vous payez au cabinet."),
            ),
            Figure(
                _("Au final"),
                euros(view.patient_cents, lang),
                _("Tout est remboursé.")
                if not view.patient_cents
                else _("Ce qui reste pour vous."),
            ),
        ],
        "payers": payers_table(view),
        "events": [*claim_events(view), *insurer_events(view)],
        "beads": beads_of(view.count),
        "lookers": lookers(view),
        "changed": changed_of(view, actor, at),
        "contests": contests_of(view),
    }
    return render(request, "soutien/person/claim.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def contest(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Not agreeing, in two minutes: the reasons and their texts, one question, one button."""
    actor, at = actor_of(request), timezone.now()
    form = ContestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        ground = code(Ground, form.cleaned_data["ground"])
        contest_decision(actor=actor, claim_public_id=public_id, ground=ground, at=at)
        return redirect("claim_person", public_id)
    view = look.open_claim(actor=actor, claim_public_id=public_id, at=at)
    if not view.may_contest:
        return redirect("claim_person", public_id)
    lines = view.explanation(language())
    context = {
        "view": view,
        "form": form,
        "day": full_day(view.held_on),
        "lines": of(lines, "reason") or of(lines, "coverage", "third_party"),
    }
    status = UNCLEAR if form.is_bound else None
    return render(request, "soutien/person/contest.html", context, status=status)
