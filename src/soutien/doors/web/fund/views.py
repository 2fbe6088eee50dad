"""The fund reads: its claims, and one decision with all that it was taken on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, short_day
from soutien.doors.web.components.parts import Cell, Column, Figure, Table
from soutien.doors.web.fund.proof import (
    counter_of,
    facts_of,
    needs_confirming,
    profile_in_words,
    reviews_of,
    role_in_words,
    terms_of,
    trail_of,
)
from soutien.doors.web.fund.review_form import ReviewForm
from soutien.doors.web.fund.work import address_of, next_address, state_of
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.sheets.contests import AnswerForm, contests_of
from soutien.doors.web.sheets.fields import sections_of
from soutien.doors.web.sheets.outcome import (
    amounts_of,
    changed_of,
    state_in_words,
    third_party_in_words,
)
from soutien.registers.claims.models import Decision
from soutien.registers.claims.queries import Tally
from soutien.registers.writings import queries as writings
from soutien.rules.codes import Kind, word
from soutien.rules.contest import Verdict
from soutien.rules.money import euros
from soutien.rules.review import Ground
from soutien.steps.claim import review_refusal
from soutien.steps.contest import answer_contest
from soutien.steps.gather import code
from soutien.steps.look import list_claims, open_claim
from soutien.steps.notice import open_anomalies
from soutien.steps.views import ClaimLine, ClaimList

# The filters of the list: what to ask the step for.
FILTERS: dict[str, dict[str, bool]] = {
    "": {},
    "accepted": {"accepted": True},
    "refused": {"accepted": False},
    "to_confirm": {"to_confirm": True},
    "contested": {"contested": True},
}
REFERENCE_LENGTH_MAX = 20


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow the list, with how many claims it leaves."""

    label: str
    count: str
    href: str
    current: bool


def _page_number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < REFERENCE_LENGTH_MAX else 1


@require_safe
@private_page
def claims(request: HttpRequest) -> HttpResponse:
    """The claims the fund received, newest first."""
    state = request.GET.get("state", "")
    state = state if state in FILTERS else ""
    # No reference holds a NUL, and PostgreSQL refuses to be asked about one.
    asked = request.GET.get("reference", "").replace("\0", "")
    reference = asked.strip()[:REFERENCE_LENGTH_MAX]
    page = max(1, _page_number(request.GET.get("page", "")))
    found = list_claims(
        actor=actor_of(request),
        at=timezone.now(),
        page=page,
        reference=reference,
        **FILTERS[state],
    )
    return render(
        request,
        "soutien/fund/claims.html",
        {
            "found": found,
            "filters": _filters(found.tally, state, reference),
            "figures": _figures(found.tally),
            "table": _table(found),
            "state": state,
            "reference": reference,
            "beyond": page > found.pages,
        },
    )


def _filters(tally: Tally, state: str, reference: str) -> list[Filter]:
    everything = tally.accepted + tally.refused + tally.to_confirm
    choices = [
        ("", _("Toutes"), everything, tally.more),
        ("accepted", _("Acceptées"), tally.accepted, tally.more),
        ("refused", _("Refusées"), tally.refused, tally.more),
        ("to_confirm", _("À confirmer"), tally.to_confirm, tally.more),
        ("contested", _("Contestées"), tally.contested, tally.more_contested),
    ]
    return [
        Filter(label, _at_least(count, more=more), _address(code, reference), code == state)
        for code, label, count, more in choices
    ]


def _at_least(count: int, *, more: bool) -> str:
    """A count; of the newest only, it says that it may be more."""
    return _("au moins %(n)d") % {"n": count} if more else str(count)


def _address(state: str, reference: str) -> str:
    query = {name: value for name, value in (("state", state), ("reference", reference)) if value}
    path = reverse("fund_claims")
    return f"{path}?{urlencode(query)}" if query else path


def _figures(tally: Tally) -> list[Figure]:
    lang = "fr" if in_french() else "en"
    total = tally.accepted + tally.refused
    share = _("sur %(n)s décidées") % {"n": total}
    paid = _("Pour les demandes acceptées.")
    if tally.more:
        share = _("parmi les %(n)s plus récentes") % {"n": total + tally.to_confirm}
        paid = _("Pour les demandes acceptées, parmi les %(n)s plus récentes.") % {
            "n": total + tally.to_confirm
        }
    return [
        Figure(_("Acceptées"), str(tally.accepted), share),
        Figure(_("Refusées"), str(tally.refused), share),
        Figure(
            _("À confirmer"), str(tally.to_confirm), _("Un refus qu’une personne doit relire.")
        ),
        Figure(
            _("Part de l’Assurance Maladie"),
            euros(tally.amo_cents, lang),
            paid,
        ),
    ]


def _row(line: ClaimLine) -> tuple[Cell, ...]:
    kind, said = state_in_words(None if line.to_confirm else line.accepted)
    evaluation = line.kind == word(Kind.EVALUATION)
    return (
        Cell(line.reference, href=reverse("fund_claim", args=[line.public_id])),
        Cell(f"{short_day(line.received_on)} {line.received_on.year}"),
        Cell(line.person_name),
        Cell(_("évaluation") if evaluation else _("suivi")),
        Cell(f"{short_day(line.held_on)} {line.held_on.year}"),
        Cell(said, tag=kind),
        Cell(euros(line.amo_cents, "fr" if in_french() else "en")),
    )


def _table(found: ClaimList) -> Table:
    columns = (
        Column(_("Référence")),
        Column(_("Reçue")),
        Column(_("Personne")),
        Column(_("Séance")),
        Column(_("Tenue")),
        Column(_("Décision")),
        Column(_("Part AMO"), number=True),
    )
    return Table(
        _("Demandes, de la plus récente à la plus ancienne"),
        columns,
        tuple(_row(line) for line in found.lines),
        _("Aucune demande ne correspond."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def claim(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One decision with its proof; a refusal that waits for people is read here."""
    actor, at = actor_of(request), timezone.now()
    queue = state_of(request)
    answering = AnswerForm(request.POST if "verdict" in request.POST else None)
    if answering.is_bound and answering.is_valid():
        return _answered(request, public_id, code(Verdict, answering.cleaned_data["verdict"]))
    reviewing = request.method == "POST" and not answering.is_bound
    form = ReviewForm(request.POST if reviewing else None)
    if queue:
        form.begin_here()
    if request.method == "POST" and form.is_valid():
        ground = code(Ground, form.cleaned_data["ground"])
        decision = review_refusal(actor=actor, claim_public_id=public_id, ground=ground, at=at)
        messages.success(request, _said_after(decision))
        return _onward(request, public_id)
    view = open_claim(actor=actor, claim_public_id=public_id, at=at)
    lang = "fr" if in_french() else "en"
    lines = view.explanation(lang)
    kind, said = state_in_words(None if view.awaiting else view.accepted)
    if view.cancelled:
        kind, said = "warm", _("annulée")
    answered = view.answer
    second_look = open_anomalies(actor=actor, claim_public_id=public_id, lang=lang, at=at)
    return render(
        request,
        "soutien/fund/claim.html",
        {
            "claim": view,
            "sections": sections_of(view.care_sheet_printed) if view.care_sheet_printed else [],
            "letters": writings.referrals_of(view.person_id),
            "kind": kind,
            "said": said,
            "to_confirm": view.awaiting and needs_confirming(view.reasons),
            "form": form,
            "queue": queue and address_of(queue),
            "skip": queue and next_address(queue, public_id),
            "read_by_me": any(line.mine for line in view.reviews),
            "reviews": reviews_of(view),
            "evaluation": view.kind == word(Kind.EVALUATION),
            "reasons": [line for line in lines if line.about == "reason"],
            "coverage": [line for line in lines if line.about == "coverage"],
            "left": [line for line in lines if line.about == "left"],
            "notices": [line for line in lines if line.about == "notice"],
            "third_party_lines": [line for line in lines if line.about == "third_party"],
            "amounts": amounts_of(view),
            "third_party": third_party_in_words(view.third_party),
            "counter": counter_of(view),
            "facts": facts_of(answered) if answered else [],
            "terms": terms_of(answered) if answered else [],
            "profile": profile_in_words(answered.profile) if answered else "",
            "sent_by": role_in_words(view.sent_by),
            "trail": trail_of(view),
            "changed": changed_of(view, actor, at),
            "contests": contests_of(view),
            "to_answer": next((line for line in view.contests if not line.verdict), None),
            "answer_form": answering,
            "noticed": second_look.told,
            "others": second_look.others,
        },
    )


def _answered(request: HttpRequest, public_id: UUID, verdict: Verdict) -> HttpResponse:
    """The answer to the last contest of a claim."""
    actor, at = actor_of(request), timezone.now()
    view = open_claim(actor=actor, claim_public_id=public_id, at=at)
    if view.contests:
        contest_id = view.contests[-1].public_id
        answer_contest(actor=actor, contest_public_id=contest_id, verdict=verdict, at=at)
        messages.success(request, _("Votre réponse est donnée. La personne le saura."))
    return _onward(request, public_id)


def _onward(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """To the next that waits, for who takes them one after the other; else the claim again."""
    queue = state_of(request)
    return redirect(next_address(queue) if queue else reverse("fund_claim", args=[public_id]))


def _said_after(decision: Decision) -> str:
    """What happens now that somebody has read."""
    if decision.to_confirm:
        return _("Merci. Une autre personne doit maintenant relire cette demande.")
    if decision.accepted:
        return _("Le refus est levé : la demande est acceptée. La personne le saura.")
    return _("La réponse est donnée : la demande est refusée. La personne le saura.")
