"""Correcting what is written about oneself, and asking to be erased."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french
from soutien.doors.web.components.who_fields import (
    FAMILY_NAME,
    GIVEN_NAME,
    ReachableForm,
    birth_date_field,
    name_field,
)
from soutien.doors.web.own_data.pages import about
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.security.pages import recently_proved
from soutien.steps.contact import Contact
from soutien.steps.errors import Refusal
from soutien.steps.own_data import OwnData, open_own_data
from soutien.steps.own_data_change import change_contact, correct_identity, erase_own_data

METHODS = ["GET", "HEAD", "POST"]
UNCLEAR = 422
LANGUAGES = [("fr", "Français"), ("en", "English")]


class OwnContactForm(ReachableForm):
    """How to reach somebody, and in which language."""

    language = forms.ChoiceField(
        label=gettext_lazy("Langue de nos messages"), choices=LANGUAGES, widget=forms.RadioSelect
    )

    def own_contact(self, name: str) -> Contact:
        """Only after ``is_valid``."""
        told = self.cleaned_data
        return Contact(name, told["email"], told["phone"], told["language"], told["discreet"])


class OwnIdentityForm(forms.Form):
    """Names and day of birth, as they stand on one's papers."""

    given_name = name_field(
        GIVEN_NAME, gettext_lazy("Prénom"), gettext_lazy("Il manque le prénom.")
    )
    family_name = name_field(
        FAMILY_NAME, gettext_lazy("Nom de famille"), gettext_lazy("Il manque le nom de famille.")
    )
    birth_date = birth_date_field(
        gettext_lazy("Jour de naissance"), gettext_lazy("Il manque le jour de naissance.")
    )


def _opened(request: HttpRequest) -> OwnData:
    actor = actor_of(request)
    return open_own_data(actor=actor, person_id=about(actor), at=timezone.now())


def told_of(refusal: Refusal) -> dict[str, str]:
    """What a page says of a refusal."""
    lang = "fr" if in_french() else "en"
    return {"sentence": refusal.sentence(lang), "remedy": refusal.remedy(lang)}


@require_http_methods(METHODS)
@private_page
@recently_proved
def contact(request: HttpRequest) -> HttpResponse:
    """The address, the telephone, the language; at once, and the former address is told."""
    data = _opened(request)
    if request.method == "POST":
        form = OwnContactForm(request.POST)
        if form.is_valid():
            actor = actor_of(request)
            change_contact(
                actor=actor,
                person_id=about(actor),
                contact=form.own_contact("-"),
                language=form.cleaned_data["language"],
                at=timezone.now(),
            )
            messages.success(request, _("Vos coordonnées sont à jour."))
            return redirect("own_data")
    else:
        kept = {name: getattr(data, name) for name in ("email", "phone", "language", "discreet")}
        form = OwnContactForm(initial=kept)
    status = UNCLEAR if form.errors else 200
    return render(request, "soutien/own_data/contact.html", {"form": form}, status=status)


@require_http_methods(METHODS)
@private_page
@recently_proved
def identity(request: HttpRequest) -> HttpResponse:
    """The names and the day of birth, while they are only what somebody typed."""
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        form = OwnIdentityForm(request.POST)
        if form.is_valid():
            actor = actor_of(request)
            try:
                correct_identity(
                    actor=actor, person_id=about(actor), at=timezone.now(), **form.cleaned_data
                )
            except Refusal as refusal:
                if refusal.code in {"not_allowed", "not_found"}:
                    raise
                context, status = {**told_of(refusal)}, refusal.http_status
            else:
                messages.success(request, _("C’est corrigé."))
                return redirect("own_data")
        else:
            status = UNCLEAR
    else:
        data = _opened(request)
        context = {"certified": data.certified, "on_sheets": bool(data.counts["care_sheets"])}
        form = OwnIdentityForm(
            initial={
                "given_name": data.given_name,
                "family_name": data.family_name,
                "birth_date": typed(data.birth_date),
            }
        )
    return render(
        request, "soutien/own_data/identity.html", {"form": form} | context, status=status
    )


def typed(iso: str) -> str:
    """« 17 05 1990 », as the field is read."""
    year, month, day = iso.split("-")
    return f"{day} {month} {year}"


@require_http_methods(METHODS)
@private_page
@recently_proved
def erase(request: HttpRequest) -> HttpResponse:
    """What would go and what would stay; then, once said yes to, done and told."""
    if request.method != "POST":
        data = _opened(request)
        care = data.counts["sessions"] > 0
        return render(request, "soutien/own_data/erase.html", {"care": care})
    actor = actor_of(request)
    try:
        erased = erase_own_data(
            actor=actor,
            person_id=about(actor),
            at=timezone.now(),
            chosen=settings.RETENTION_MONTHS,
        )
    except Refusal as refusal:
        if refusal.code in {"not_allowed", "not_found"}:
            raise
        context = told_of(refusal) | {"care": True}
        return render(request, "soutien/own_data/erase.html", context, status=refusal.http_status)
    logout(request)
    return render(request, "soutien/own_data/erased.html", {"kept_until": erased.kept_until})
