"""Identities that people ask their fund to correct: the list, and one with its answer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, short_day
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.own_data.requests import written
from soutien.doors.web.own_data.words import FIELDS, STATES
from soutien.doors.web.private_pages import private_page
from soutien.steps.correct import (
    Line,
    RequestView,
    answer_correction,
    list_corrections,
    open_correction,
)
from soutien.steps.errors import Refusal

LONGEST_REASON = 400
UNCLEAR = 422
# « 2 90 05 75 056 001 42 »: where a number is cut to be read.
NIR_PARTS = (1, 3, 5, 7, 10, 13, 15)


class AnswerForm(forms.Form):
    """What is said to the person."""

    reason = forms.CharField(
        label=gettext_lazy("Ce que vous dites à la personne"),
        help_text=gettext_lazy("Il le faut pour refuser : ce qui manque, ou ne correspond pas."),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answer = forms.ChoiceField(choices=[("accepted", ""), ("refused", "")])


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing as it is written, and as it is asked."""

    label: str
    written: str
    wanted: str


def difference(line: Line) -> Difference:
    """A line of a request in words."""
    shown = parted if line.field == "nir" else written
    before = shown(line.written) if line.written else "—"
    return Difference(str(FIELDS[line.field]), before, shown(line.wanted))


def parted(nir: str) -> str:
    """A social security number in the groups of its card."""
    starts = (0, *NIR_PARTS[:-1])
    return " ".join(
        nir[start:end] for start, end in zip(starts, NIR_PARTS, strict=True) if nir[start:end]
    )


def _row(view: RequestView) -> tuple[Cell, ...]:
    label, kind = STATES[view.state]
    asked = timezone.localtime(view.asked_at).date()
    return (
        Cell(view.person_name, href=reverse("fund_correction", args=[view.public_id])),
        Cell(f"{short_day(asked)} {asked.year}"),
        Cell(", ".join(str(FIELDS[line.field]) for line in view.lines)),
        Cell(_("À répondre") if view.state == "open" else str(label), tag=kind or "plain"),
    )


@require_safe
@private_page
def corrections(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, the oldest first; or what was answered."""
    waiting = request.GET.get("state") != "answered"
    found = list_corrections(actor=actor_of(request), at=timezone.now(), waiting=waiting)
    columns = (
        Column(_("Personne")),
        Column(_("Demandée le")),
        Column(_("Ce qui changerait")),
        Column(_("Réponse")),
    )
    table = Table(
        _("Demandes de correction"), columns, tuple(map(_row, found)), _("Aucune demande ici.")
    )
    return render(request, "soutien/fund/corrections.html", {"table": table, "waiting": waiting})


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def correction(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is written, what is asked, and the answer."""
    actor, at = actor_of(request), timezone.now()
    form = AnswerForm(request.POST or None)
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST" and form.is_valid():
        accepted = form.cleaned_data["answer"] == "accepted"
        try:
            answer_correction(
                actor=actor,
                public_id=public_id,
                accepted=accepted,
                reason=form.cleaned_data["reason"],
                at=at,
            )
        except Refusal as refusal:
            if refusal.code in {"not_allowed", "not_found"}:
                raise
            lang = "fr" if in_french() else "en"
            context = {"sentence": refusal.sentence(lang), "remedy": refusal.remedy(lang)}
            status = refusal.http_status
        else:
            messages.success(request, _("C’est répondu : la personne en est avertie."))
            return redirect("fund_corrections")
    elif request.method == "POST":
        status = UNCLEAR
    view = open_correction(actor=actor, public_id=public_id, at=at)
    label, kind = STATES[view.state]
    context |= {
        "form": form,
        "view": view,
        "born_on": written(view.birth_date),
        "nir": parted(view.nir),
        "said": _("À répondre") if view.state == "open" else label,
        "kind": kind,
        "differences": [difference(line) for line in view.lines],
        "asked_on": timezone.localtime(view.asked_at).date(),
    }
    return render(request, "soutien/fund/correction.html", context, status=status)
