"""Passing on: the person chooses, line by line, what the next psychologist reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.care_path.forms import CareForm
from soutien.doors.web.care_path.views import METHODS, UNCLEAR
from soutien.doors.web.care_path.words import ITEMS, civil
from soutien.doors.web.components.days import plain_day
from soutien.doors.web.private_pages import private_page
from soutien.steps.errors import Refusal
from soutien.steps.hand_on import (
    Given,
    HandOverView,
    agree_hand_over,
    open_hand_over,
    withdraw_hand_over,
)

_CHOOSE = gettext_lazy("Dites à qui vous passez le relais.")


class HandOverForm(CareForm):
    """To whom, and what. Nothing is ticked beforehand."""

    to = forms.ChoiceField(
        label=gettext_lazy("Votre nouveau psychologue"),
        widget=forms.RadioSelect,
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
    )
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Ce que vous voulez transmettre"),
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Cochez au moins une ligne.")
        ),
    )

    def __init__(self, data: Any = None, *, view: HandOverView) -> None:
        super().__init__(data)
        to, items = self.fields["to"], self.fields["items"]
        assert isinstance(to, forms.ChoiceField) and isinstance(items, forms.MultipleChoiceField)
        to.choices = [(str(one.public_id), one.name) for one in view.candidates]
        items.choices = [(item, ITEMS[item]) for item in view.items]


@require_http_methods(METHODS)
@private_page
def hand_over(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One episode: to whom it is passed on, what of it, and what was given already."""
    actor, at = actor_of(request), timezone.now()
    if "withdraw" in request.POST:
        key = withdraw_hand_over(actor=actor, hand_over_id=_uuid(request), at=at)
        messages.success(request, _("C’est repris : plus rien n’en est lisible."))
        return redirect("pass_on", key)
    view = open_hand_over(actor=actor, episode_id=public_id, at=at)
    form = HandOverForm(request.POST if request.method == "POST" else None, view=view)
    if request.method == "POST" and form.is_valid():
        try:
            agree_hand_over(
                actor=actor,
                episode_id=public_id,
                to_psychologist_id=UUID(form.cleaned_data["to"]),
                items=form.cleaned_data["items"],
                at=at,
            )
        except Refusal as refusal:
            if "fields" not in refusal.context:
                raise
            form.tell(refusal)
        else:
            messages.success(
                request, _("C’est transmis. Vous pouvez le reprendre quand vous voulez.")
            )
            return redirect("pass_on", public_id)
    context = {
        "view": view,
        "form": form,
        "given": [_given(each) for each in view.given],
        "for_oneself": actor.on_behalf_of is None,
        "wrong": form.errors,
    }
    status = UNCLEAR if request.method == "POST" else 200
    return render(request, "soutien/care_path/hand_over.html", context, status=status)


def _uuid(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST["withdraw"])
    except ValueError as wrong:
        raise Http404 from wrong


def _given(given: Given) -> dict[str, Any]:
    return {
        "public_id": given.public_id,
        "name": given.name,
        "day": plain_day(civil(given.agreed_at)),
        "items": [ITEMS[item] for item in given.items],
    }
