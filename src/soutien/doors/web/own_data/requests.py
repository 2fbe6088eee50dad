"""Asking one's fund to correct an identity, and reading what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import plain_day
from soutien.doors.web.own_data.changes import METHODS, UNCLEAR, OwnIdentityForm, told_of, typed
from soutien.doors.web.own_data.pages import about
from soutien.doors.web.own_data.words import FIELDS, STATES
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.security.pages import recently_proved
from soutien.steps.correct import (
    RequestView,
    Wanted,
    ask_correction,
    list_own_corrections,
    withdraw_correction,
)
from soutien.steps.errors import Refusal
from soutien.steps.own_data import open_own_data

LONGEST_NUMBER, LONGEST_EXPLANATION = 30, 300


class CorrectionForm(OwnIdentityForm):
    """One's identity as it should be written, for the fund to check."""

    nir = forms.CharField(
        label=gettext_lazy("Numéro de sécurité sociale"),
        help_text=gettext_lazy("Seulement s’il faut le changer. Il est sur votre attestation."),
        max_length=LONGEST_NUMBER,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": 20}),
    )
    explanation = forms.CharField(
        label=gettext_lazy("Ce qui aidera votre caisse"),
        help_text=gettext_lazy(
            "Par exemple : « mon acte de naissance porte deux prénoms ». Rien de votre santé."
        ),
        max_length=LONGEST_EXPLANATION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def wanted(self) -> Wanted:
        """Only after ``is_valid``."""
        return Wanted(**self.cleaned_data)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as its owner reads it."""

    state: str
    kind: str
    day: str
    lines: tuple[str, ...]
    reason: str
    open: bool
    public_id: str


def asked_in_words(view: RequestView) -> Asked:
    """« Nom de famille : Modèle », with its state; a number is never written in full."""
    label, kind = STATES[view.state]
    lines = []
    for line in view.lines:
        value = _("celui que vous avez donné") if line.field == "nir" else written(line.wanted)
        lines.append(f"{FIELDS[line.field]} : {value}")
    return Asked(
        state=str(label),
        kind=kind,
        day=plain_day(timezone.localtime(view.asked_at).date()),
        lines=tuple(lines),
        reason=view.reason,
        open=view.state == "open",
        public_id=str(view.public_id),
    )


def written(value: str) -> str:
    """A day as people write it; a name as it is."""
    return typed(value).replace(" ", "/") if value[:1].isdecimal() else value


@sensitive_post_parameters("nir")
@require_http_methods(METHODS)
@private_page
@recently_proved
def correction(request: HttpRequest) -> HttpResponse:
    """What was asked and what became of it; then the form, while nothing waits."""
    if request.method == "POST" and "withdraw" in request.POST:
        return _withdrawn(request)
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        form = CorrectionForm(request.POST)
        if form.is_valid():
            try:
                _ask(request, form)
            except Refusal as refusal:
                if refusal.code in {"not_allowed", "not_found"}:
                    raise
                context, status = {**told_of(refusal)}, refusal.http_status
            else:
                messages.success(request, _("Votre demande est partie à votre caisse."))
                return redirect("own_correction")
        else:
            status = UNCLEAR
    else:
        form = _blank(request)
    actor = actor_of(request)
    asked = [
        asked_in_words(view)
        for view in list_own_corrections(actor=actor, person_id=about(actor), at=timezone.now())
    ]
    context |= {"form": form, "asked": asked, "waiting": any(one.open for one in asked)}
    return render(request, "soutien/own_data/correction.html", context, status=status)


def _blank(request: HttpRequest) -> CorrectionForm:
    actor = actor_of(request)
    data = open_own_data(actor=actor, person_id=about(actor), at=timezone.now())
    return CorrectionForm(
        initial={
            "given_name": data.given_name,
            "family_name": data.family_name,
            "birth_date": typed(data.birth_date),
        }
    )


def _ask(request: HttpRequest, form: CorrectionForm) -> None:
    actor = actor_of(request)
    ask_correction(actor=actor, person_id=about(actor), wanted=form.wanted(), at=timezone.now())


def _withdrawn(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    at = timezone.now()
    views = list_own_corrections(actor=actor, person_id=about(actor), at=at)
    for view in views:
        if view.state == "open":
            withdraw_correction(actor=actor, public_id=view.public_id, at=at)
            messages.success(request, _("Votre demande est retirée."))
    return redirect("own_correction")
