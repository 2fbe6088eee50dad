"""The receipt of a care sheet, for whoever it is about; and the way to it by its reference."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.private_pages import private_page
from soutien.rules.codes import Reason, words
from soutien.rules.explain import Line, explain
from soutien.rules.money import euros
from soutien.steps.acknowledge import Receipt, ReceiptLine, find_receipt, open_receipt
from soutien.steps.errors import Refusal

CLAIM_PAGES = {"person": "claim_person", "fund_agent": "fund_claim"}
UNCLEAR = 422


class ReferenceForm(forms.Form):
    """The reference of a receipt."""

    reference = forms.CharField(
        label=gettext_lazy("Votre référence"),
        help_text=gettext_lazy("Elle est écrite sur le récépissé : P26-000012, S26-000012…"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Il manque la référence.")},
    )


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that went back, and what is to be done again."""

    title: str
    reasons: tuple[Line, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def search(request: HttpRequest) -> HttpResponse:
    """Leads to the receipt with a reference."""
    form = ReferenceForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = UNCLEAR
        if form.is_valid():
            reference = form.cleaned_data["reference"]
            try:
                found = find_receipt(
                    actor=actor_of(request), reference=reference, at=timezone.now()
                )
            except Refusal as refusal:
                lang = "fr" if in_french() else "en"
                form.add_error("reference", f"{refusal.sentence(lang)} {refusal.remedy(lang)}")
                status = refusal.http_status
            else:
                return redirect("receipt", found)
    return render(request, "soutien/papers/search.html", {"form": form}, status=status)


@require_safe
@private_page
def receipt(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the fund received, where it stands, and what comes next."""
    actor = actor_of(request)
    found = open_receipt(actor=actor, public_id=public_id, at=timezone.now())
    context = {
        "receipt": found,
        "working": actor.side != "person",
        "agent": actor.side == "fund_agent",
        "operator": settings.OPERATOR_NAME,
        "table": _table(found, actor.side),
        "wrong": _wrong(found),
    }
    return render(request, "soutien/papers/receipt.html", context)


def _table(found: Receipt, side: str) -> Table:
    lang = "fr" if in_french() else "en"
    columns = (
        Column(_("Séance du")),
        Column(_("Montant"), number=True),
        Column(_("Demande")),
        Column(_("Réponse")),
        Column(_("Part AMO"), number=True),
    )
    rows = tuple(
        (
            Cell(plain_day(line.held_on)),
            Cell(euros(line.price_cents, lang)),
            Cell(line.reference or "—", href=_claim_page(side, line)),
            _said(found, line),
            Cell(euros(line.amo_cents, lang) if line.accepted else "—"),
        )
        for line in found.lines
    )
    return Table(_("Séances de cette feuille"), columns, rows)


def _said(found: Receipt, line: ReceiptLine) -> Cell:
    if found.state == "returned":
        return Cell(_("renvoyée"), tag="danger")
    if found.state == "typed":
        return Cell(_("en cours de saisie"), tag="warm")
    if line.accepted is None:
        return Cell(_("en cours d’examen"), tag="warm")
    return Cell(_("acceptée"), tag="ok") if line.accepted else Cell(_("refusée"), tag="danger")


def _claim_page(side: str, line: ReceiptLine) -> str:
    if side not in CLAIM_PAGES or line.claim_public_id is None:
        return ""
    try:
        return reverse(CLAIM_PAGES[side], args=[line.claim_public_id])
    except NoReverseMatch:
        return ""


def _wrong(found: Receipt) -> list[Wrong]:
    """Of a paper that went back: each line with the reasons it went back for."""
    lang = "fr" if in_french() else "en"
    told = set(words(Reason(found.reasons)))
    lines = []
    for line in found.lines:
        said = explain(line.answer, lang) if line.answer else []
        why = tuple(one for one in said if one.about == "reason" and one.code in told)
        if why:
            lines.append(Wrong(plain_day(line.held_on), why))
    return lines
