"""One page, two buttons: still true, or no place until a day. Opening it changes nothing.

Mail readers open links by themselves to look for viruses: only a press of a button answers.
Whoever holds the link answers for the psychologist, signed in or not.
"""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from soutien.doors import days
from soutien.doors.entry_links import request_id_of
from soutien.doors.web.public.forms import DayInput
from soutien.steps.actor import ANONYMOUS
from soutien.steps.errors import Refusal
from soutien.steps.vouch import answer_confirmation, open_confirmation


class FullForm(forms.Form):
    """Until when there is no place."""

    full_until = forms.DateField(
        label=_("Jusqu’au"),
        widget=DayInput,
        help_text=_("Ce jour-là, votre fiche dira de nouveau que vous accueillez."),
        error_messages={
            "required": _("Indiquez le jour où vous aurez de nouveau de la place."),
            "invalid": _("Indiquez un jour, un mois et une année."),
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_entry(request: HttpRequest, token: str) -> HttpResponse:
    """The entry in two sentences, and the two buttons. A forged link is not found."""
    request_id = request_id_of(token)
    if request_id is None:
        raise Http404("not_found")
    form = FullForm(request.POST if "full" in request.POST else None)
    try:
        if request.method == "POST" and ("full" not in request.POST or form.is_valid()):
            return _answered(request, request_id, form)
        return _shown(request, request_id, form)
    except Refusal as refusal:
        if refusal.code == "full_until_unclear":
            lang = "fr" if days.in_french() else "en"
            form.add_error("full_until", refusal.remedy(lang))
            return _shown(request, request_id, form)
        if refusal.code == "link_too_old":
            return render(
                request,
                "soutien/directory_entry/too_old.html",
                _in_words(refusal),
                status=refusal.http_status,
            )
        raise Http404(refusal.code) from refusal


def _answered(request: HttpRequest, request_id: UUID, form: FullForm) -> HttpResponse:
    """Take the answer, and show the page again: a reload then answers nothing."""
    if "full" not in request.POST and "open" not in request.POST:
        return _shown(request, request_id, form)
    answer_confirmation(
        actor=ANONYMOUS,
        request_id=request_id,
        takes_people="open" in request.POST,
        full_until=form.cleaned_data["full_until"] if form.is_bound else None,
        at=timezone.now(),
    )
    return redirect(request.path)


def _shown(request: HttpRequest, request_id: UUID, form: FullForm) -> HttpResponse:
    now = timezone.now()
    entry = open_confirmation(actor=ANONYMOUS, request_id=request_id, at=now)
    ago = days.days_ago(entry.confirmed_on, timezone.localdate(now)) if entry.confirmed_on else ""
    return render(
        request,
        "soutien/directory_entry/confirm.html",
        {
            "entry": entry,
            "name": f"{entry.given_name} {entry.family_name}",
            "page": reverse("psychologist", args=[entry.psychologist_public_id]),
            "form": form,
            "confirmed_ago": ago,
        },
        status=422 if form.errors else 200,
    )


def _in_words(refusal: Refusal) -> dict[str, str]:
    lang = "fr" if days.in_french() else "en"
    return {"sentence": refusal.sentence(lang), "remedy": refusal.remedy(lang)}
