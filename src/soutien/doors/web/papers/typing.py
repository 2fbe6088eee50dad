"""The fund's paper sheets: typed, checked by the law, decided or sent back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.papers.forms import CODES, AmountsForm, PaperForm, initial_of
from soutien.doors.web.private_pages import SILENT, private_page
from soutien.doors.web.sent_twice import done_once
from soutien.rules.explain import Line, explain
from soutien.rules.money import euros
from soutien.steps.errors import Refusal
from soutien.steps.transcribe import (
    decide_paper,
    list_paper_sheets,
    open_paper_sheet,
    return_paper,
    retype_paper,
    type_amounts,
    type_paper,
)
from soutien.steps.transcribed import Act, Foreseen, PaperView

METHODS = ["GET", "HEAD", "POST"]
UNCLEAR = 422
STATES = {
    "open": (gettext_lazy("à finir"), "warm"),
    "returned": (gettext_lazy("renvoyée"), "danger"),
    "entered": (gettext_lazy("décidée"), "ok"),
}
CLASHES = {
    "already_entered": gettext_lazy("Cette ligne est déjà saisie sous ce numéro."),
    "sheet_differs": gettext_lazy("Une autre feuille de ce numéro dit autre chose."),
    "sheet_replaced": gettext_lazy("La feuille de ce numéro a été remplacée ou corrigée."),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A line of a paper with what the law says of it."""

    title: str
    amount: str
    accepted: bool
    clash: str
    reasons: tuple[Line, ...]
    notices: tuple[Line, ...]
    parts: str


@dataclass(frozen=True, slots=True)
class Differs:
    """A line whose amounts differ, each typing in order."""

    title: str
    amounts: tuple[str, ...]


@require_safe
@private_page
def papers(request: HttpRequest) -> HttpResponse:
    """What is to be finished and what went back, the oldest first."""
    found = list_paper_sheets(actor=actor_of(request), at=timezone.now())
    columns = (
        Column(_("Référence")),
        Column(_("Reçue")),
        Column(_("Personne")),
        Column(_("Psychologue")),
        Column(_("Où elle en est")),
    )
    rows = tuple(
        (
            Cell(line.reference, href=reverse("fund_paper", args=[line.public_id])),
            Cell(plain_day(line.received_on)),
            Cell(line.person_name),
            Cell(line.psychologist_name),
            Cell(str(STATES[line.state][0]), tag=STATES[line.state][1]),
        )
        for line in found
    )
    table = Table(_("Feuilles papier"), columns, rows, _("Aucune feuille n’attend."))
    return render(request, "soutien/papers/list.html", {"table": table})


@sensitive_post_parameters("nir")
@require_http_methods(METHODS)
@private_page
def begin(request: HttpRequest) -> HttpResponse:
    """A paper typed whole; of one that mends another, what does not change is there already."""
    actor, at = actor_of(request), timezone.now()
    mends = _mended(request)
    first: dict[str, Any] = {
        "received_on": timezone.localdate(at),
        "signed_by_person": True,
        "signed_by_psychologist": True,
    }
    if mends is not None:
        former = open_paper_sheet(actor=actor, paper_id=mends, at=at)
        first |= initial_of(former.typed) | {"received_on": timezone.localdate(at)}
        if former.number == former.reference:
            first["number"] = ""
    form = PaperForm(request.POST if request.method == "POST" else None, initial=first)
    status = 200
    if request.method == "POST":
        status = UNCLEAR
        if form.is_valid():
            try:
                made = done_once(
                    request,
                    lambda: str(
                        type_paper(
                            actor=actor, typed=form.typed(), at=at, replaces=mends
                        ).public_id
                    ),
                    at=at,
                )
            except Refusal as refusal:
                _say(form, refusal)
                status = refusal.http_status
            else:
                return redirect("fund_paper", made)
    context = {"form": form, "mends": mends}
    return render(request, "soutien/papers/begin.html", context, status=status)


@sensitive_post_parameters("nir")
@require_http_methods(METHODS)
@private_page
def again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same paper typed whole once more: something was misread."""
    actor, at = actor_of(request), timezone.now()
    view = open_paper_sheet(actor=actor, paper_id=public_id, at=at)
    form = PaperForm(
        request.POST if request.method == "POST" else None, initial=initial_of(view.typed)
    )
    status = 200
    if request.method == "POST":
        status = UNCLEAR
        if form.is_valid():
            try:
                done_once(
                    request,
                    lambda: str(
                        retype_paper(
                            actor=actor, paper_id=public_id, typed=form.typed(), at=at
                        ).public_id
                    ),
                    at=at,
                )
            except Refusal as refusal:
                _say(form, refusal)
                status = refusal.http_status
            else:
                return redirect("fund_paper", public_id)
    context = {"form": form, "view": view}
    return render(request, "soutien/papers/begin.html", context, status=status)


@require_http_methods(METHODS)
@private_page
def paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The second typing; once amounts agree, what the law says, and the decision."""
    actor, at = actor_of(request), timezone.now()
    view = open_paper_sheet(actor=actor, paper_id=public_id, at=at)
    act = request.POST.get("act", "amounts") if request.method == "POST" else ""
    form = AmountsForm(view.typed.acts, request.POST if act == "amounts" else None)
    refusal: Refusal | None = None
    try:
        if act == "decide":
            decide_paper(actor=actor, paper_id=public_id, at=at)
            messages.success(request, _("La feuille est décidée."))
            return redirect("receipt", public_id)
        if act == "return":
            return_paper(actor=actor, paper_id=public_id, at=at)
            messages.success(request, _("La feuille est renvoyée, avec ce qui est à refaire."))
            return redirect("receipt", public_id)
        if act and form.is_valid():
            same = done_once(
                request,
                lambda: str(
                    type_amounts(actor=actor, paper_id=public_id, amounts=form.amounts(), at=at)
                ),
                at=at,
            )
            if same == str(True):
                messages.success(request, _("Les montants concordent."))
            return redirect("fund_paper", public_id)
    except Refusal as refused:
        if refused.code in SILENT:
            raise
        refusal = refused
    status = refusal.http_status if refusal else UNCLEAR if form.errors else 200
    return render(
        request, "soutien/papers/paper.html", _context(view, form, refusal), status=status
    )


def _context(view: PaperView, form: AmountsForm, refusal: Refusal | None) -> dict[str, Any]:
    lang = "fr" if in_french() else "en"
    label, kind = STATES[view.state]
    return {
        "view": view,
        "form": form,
        "said": label,
        "kind": kind,
        "differences": [
            Differs(
                _title(one.act),
                tuple(euros(cents, lang) for cents in one.amounts_cents),
            )
            for one in view.differences
        ],
        "checked": [_checked(one) for one in view.foreseen],
        "twins": view.twins,
        "sentence": refusal.sentence(lang) if refusal else "",
        "remedy": refusal.remedy(lang) if refusal else "",
    }


def _checked(one: Foreseen) -> Checked:
    lang = "fr" if in_french() else "en"
    act = one.act
    lines = explain(one.answer, lang) if one.answer else []
    accepted = bool(one.answer and not one.answer.decision.reasons)
    parts = ""
    if accepted and one.answer:
        decided = one.answer.decision
        parts = _("Assurance Maladie %(amo)s, complémentaire %(amc)s, personne %(rest)s") % {
            "amo": euros(decided.amo_cents, lang),
            "amc": euros(decided.amc_cents, lang),
            "rest": euros(decided.patient_cents, lang),
        }
    return Checked(
        title=_title(act),
        amount=euros(act.price_cents, lang),
        accepted=accepted,
        clash=str(CLASHES.get(one.code, "")),
        reasons=tuple(line for line in lines if line.about == "reason"),
        notices=tuple(line for line in lines if line.about == "notice"),
        parts=parts,
    )


def _title(act: Act) -> str:
    return f"{plain_day(act.held_on)}, {CODES.get((act.kind, act.modality), '—')}"


def _mended(request: HttpRequest) -> UUID | None:
    asked = request.GET.get("corrige", "")
    try:
        return UUID(asked) if asked else None
    except ValueError as error:
        raise Refusal("not_found") from error


def _say(form: Any, refusal: Refusal) -> None:
    """The refusal beside the field that it is about, or on top."""
    if refusal.code in SILENT:
        raise refusal
    lang = "fr" if in_french() else "en"
    said = f"{refusal.sentence(lang)} {refusal.remedy(lang)}"
    fields = [name for name in refusal.context.get("fields", ()) if name in form.fields]
    form.add_error(fields[0] if fields else None, said)
