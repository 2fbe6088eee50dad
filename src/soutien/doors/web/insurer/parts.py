"""What the fund decided of the members' sessions, and the insurer's own part of each."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.tabular import TableWriter
from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, short_day
from soutien.doors.web.components.numbers import form_for
from soutien.doors.web.components.parts import Cell, Column, Event, Table
from soutien.doors.web.private_pages import private_page
from soutien.rules.codes import words
from soutien.rules.insurer import BY_HAND, PartReason
from soutien.rules.money import euros
from soutien.steps.insure import (
    LINES_A_PAGE,
    list_parts,
    open_part,
    open_returns,
    refuse_part,
    settle_part,
)
from soutien.steps.insured import PartLine

METHODS = ["GET", "HEAD", "POST"]
UNCLEAR = 422
RETURNED_SINCE = timedelta(days=31)
STATES = {
    "": gettext_lazy("Toutes"),
    "to_decide": gettext_lazy("À décider"),
    "accepted": gettext_lazy("Acceptées"),
    "refused": gettext_lazy("Refusées"),
}
TAGS = {"to_decide": "warm", "accepted": "ok", "refused": "danger"}
SAID = {
    "to_decide": gettext_lazy("À décider"),
    "accepted": gettext_lazy("Acceptée"),
    "refused": gettext_lazy("Refusée"),
}
REASONS = {
    "refused_by_the_fund": gettext_lazy("La caisse refuse la séance."),
    "nothing_left": gettext_lazy("Il ne reste rien à payer."),
    "not_a_member": gettext_lazy("La personne n’est pas adhérente ce jour-là."),
    "no_contract": gettext_lazy("Son contrat n’est pas écrit ici pour ce jour-là."),
    "contract_pays_nothing": gettext_lazy("Son contrat ne paie rien de cette part."),
    "paid_elsewhere": gettext_lazy("Une autre complémentaire paie déjà."),
    "contribution_unpaid": gettext_lazy("La cotisation n’est pas à jour."),
    "waiting_period": gettext_lazy("Le délai d’attente du contrat n’est pas passé."),
}
HEADERS = (
    *("reference", "member_number", "member_name", "held_on", "price_cents", "amo_cents"),
    *("remainder_cents", "amc_cents", "state", "reasons", "decided_at", "payee"),
)


class RefuseForm(forms.Form):
    """Why one part is refused."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Pourquoi"),
        choices=[(word, REASONS[word]) for reason in BY_HAND for word in words(reason)],
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choisissez une raison."),
            "invalid_choice": gettext_lazy("Choisissez une raison."),
        },
    )


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow the list."""

    label: str
    href: str
    current: bool


def reasons_in_words(reasons: PartReason) -> list[str]:
    """Each reason as a sentence."""
    return [str(REASONS[word]) for word in words(reasons)]


@require_http_methods(METHODS)
@private_page
def parts(request: HttpRequest) -> HttpResponse:
    """The claims of one's members; all that wait on the page are decided by their contracts."""
    actor, at = actor_of(request), timezone.now()
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    asked = request.GET.get("page", "")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < len("1000000") else 1
    if request.method == "POST":
        _total, waiting = list_parts(actor=actor, at=at, state="to_decide")
        for line in waiting:
            settle_part(actor=actor, claim_id=line.public_id, at=at)
        done = len(waiting)
        messages.success(
            request,
            ngettext("%(n)s demande décidée.", "%(n)s demandes décidées.", form_for(done))
            % {"n": done},
        )
        return redirect("insurer_parts")
    total, lines = list_parts(actor=actor, at=at, state=state, page=page)
    filters = [
        Filter(str(label), f"{reverse('insurer_parts')}?state={word}", word == state)
        for word, label in STATES.items()
    ]
    context = {
        "table": _table(lines),
        "filters": filters,
        "total": total,
        "page": page,
        "pages": max(1, -(-total // LINES_A_PAGE)),
        "state": state,
        "waiting": any(line.state == "to_decide" for line in lines),
    }
    return render(request, "soutien/insurer/parts.html", context)


@require_http_methods(METHODS)
@private_page
def part(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One claim: what the contract says, and what was decided of it."""
    actor, at = actor_of(request), timezone.now()
    form = RefuseForm()
    status = 200
    if request.method == "POST" and "settle" in request.POST:
        settle_part(actor=actor, claim_id=public_id, at=at)
        messages.success(request, _("C’est décidé selon le contrat."))
        return redirect("insurer_part", public_id)
    if request.method == "POST":
        form = RefuseForm(request.POST)
        status = UNCLEAR
        if form.is_valid():
            reason = PartReason[form.cleaned_data["reason"].upper()]
            refuse_part(actor=actor, claim_id=public_id, reason=reason, at=at)
            messages.success(request, _("C’est refusé. La personne saura pourquoi."))
            return redirect("insurer_part", public_id)
    view = open_part(actor=actor, claim_id=public_id, at=at)
    lang = "fr" if in_french() else "en"
    by_contract = view.by_contract
    context = {
        "line": view.line,
        "kind": TAGS[view.line.state],
        "said": SAID[view.line.state],
        "reasons": reasons_in_words(view.line.reasons),
        "contract_name": view.contract_name,
        "contract_pays": euros(by_contract.amc_cents, lang),
        "contract_reasons": reasons_in_words(PartReason(by_contract.reasons)),
        "amounts": [
            (_("Prix de la séance"), euros(view.line.price_cents, lang)),
            (_("Part de l’Assurance Maladie"), euros(view.line.amo_cents, lang)),
            (_("Reste après elle"), euros(view.line.remainder_cents, lang)),
            (_("Votre part décidée"), euros(view.line.amc_cents, lang)),
        ],
        "history": [
            Event(
                timezone.localtime(row.decided_at),
                str(SAID["accepted" if row.accepted else "refused"]),
                euros(row.amc_cents, lang)
                if row.accepted
                else " ".join(reasons_in_words(PartReason(row.reasons))),
                "done" if row.accepted else "refused",
            )
            for row in view.history
        ],
        "form": form,
    }
    return render(request, "soutien/insurer/part.html", context, status=status)


@require_safe
@private_page
def returns(request: HttpRequest) -> HttpResponse:
    """What was decided of late, as a file for the insurer's own software."""
    at = timezone.now()
    since = timezone.localtime(at).date() - RETURNED_SINCE
    lines = open_returns(actor=actor_of(request), since=since, at=at)
    text = io.StringIO()
    table = TableWriter(text, separator=";")
    table.writerow(HEADERS)
    table.writerows(_returned(line) for line in lines)
    return HttpResponse(
        text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="retours.csv"'},
    )


def _returned(line: PartLine) -> tuple[object, ...]:
    return (
        line.reference,
        line.member_number,
        line.member_name,
        line.held_on.isoformat(),
        line.price_cents,
        line.amo_cents,
        line.remainder_cents,
        line.amc_cents,
        line.state,
        " ".join(words(line.reasons)),
        line.decided_at.isoformat() if line.decided_at else "",
        "psychologist" if line.to_psychologist else "person",
    )


def _table(lines: tuple[PartLine, ...]) -> Table:
    lang = "fr" if in_french() else "en"
    columns = (
        Column(_("Référence")),
        Column(_("Adhérent")),
        Column(_("Séance du")),
        Column(_("Prix"), number=True),
        Column(_("Part AMO"), number=True),
        Column(_("Reste"), number=True),
        Column(_("Votre part"), number=True),
        Column(_("Décision")),
    )
    rows = tuple(
        (
            Cell(line.reference, href=reverse("insurer_part", args=[line.public_id])),
            Cell(f"{line.member_name} {line.member_number}".strip()),
            Cell(f"{short_day(line.held_on)} {line.held_on.year}"),
            Cell(euros(line.price_cents, lang)),
            Cell(euros(line.amo_cents, lang)),
            Cell(euros(line.remainder_cents, lang)),
            Cell(euros(line.amc_cents, lang) if line.state == "accepted" else "—"),
            Cell(str(SAID[line.state]), tag=TAGS[line.state]),
        )
        for line in lines
    )
    return Table(_("Demandes de vos adhérents"), columns, rows, _("Aucune demande ici."))
