"""The page that says gently why something was not done, and what to do now."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from soutien.doors.web.person.words import EVALUATION, free_time, language
from soutien.steps.errors import Refusal

View = Callable[..., HttpResponse]


def refused(
    request: HttpRequest,
    refusal: Refusal,
    *,
    psychologist: UUID | None = None,
    kind: str = EVALUATION,
    modality: str = "",
) -> HttpResponse:
    """The refusal in words; with a psychologist, the nearest free times as buttons.

    What is not theirs is told like what is not there: nothing can be learnt by trying.
    """
    if refusal.code == "not_allowed":
        refusal = Refusal("not_found")
    nearest = refusal.context.get("nearest", ()) if psychologist else ()
    titles = {
        "slot_taken": _("Cette heure vient d’être prise"),
        "slot_not_open": _("Cette heure n’est plus libre"),
        "slot_past": _("Cette heure est passée"),
        "booking_ended": _("Cette heure n’est plus gardée"),
        "not_found": _("Page introuvable"),
    }
    context = {
        "title": titles.get(refusal.code, _("Ce n’est pas possible ainsi")),
        "sentence": refusal.sentence(language()),
        "remedy": refusal.remedy(language()),
        "reference": refusal.reference,
        "failing": True,
        "psychologist": psychologist,
        "times": [
            free_time(psychologist, slot, kind=kind, modality=modality)
            for slot in nearest
            if psychologist
        ],
        "nearest_asked": "nearest" in refusal.context,
        "follow_up": psychologist if refusal.code == "evaluation_exists" else None,
    }
    return render(request, "soutien/person/refused.html", context, status=refusal.http_status)


def told_gently(view: View) -> View:
    """A view whose refusals become this page."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        try:
            return view(request, *args, **more)
        except Refusal as refusal:
            return refused(request, refusal)

    return told
