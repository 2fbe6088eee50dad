"""One's own care, with each psychologist: what was agreed, what one hopes for, how it goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.care_path.forms import GoalsForm
from soutien.doors.web.care_path.views import METHODS, UNCLEAR, shown
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.psychologist.words import beads_of
from soutien.steps.accompanied import CareView
from soutien.steps.accompany import open_own_care, say_goals
from soutien.steps.errors import Refusal


@require_http_methods(METHODS)
@private_page
def own_care(request: HttpRequest) -> HttpResponse:
    """What the two of each pair agreed on, and what the person wants to say of it."""
    actor = actor_of(request)
    child_s = actor.on_behalf_of is not None
    if actor.about_person_id is None or (child_s and request.method == "POST"):
        # Who acts for a child reads no words of it, and writes none.
        raise Refusal("not_allowed")
    view = open_own_care(actor=actor, person_id=actor.about_person_id, at=timezone.now())
    forms = {} if child_s else _goals(request, view)
    key = _named(request)
    sent = forms.get(key) if key else None
    if key is not None and sent is not None and sent.is_valid():
        try:
            say_goals(
                actor=actor,
                episode_id=key,
                text=sent.cleaned_data["text"],
                at=timezone.now(),
            )
        except Refusal as refusal:
            if "fields" not in refusal.context:
                raise
            sent.tell(refusal)
        else:
            messages.success(request, _("C’est enregistré. Votre psychologue peut le lire."))
            return redirect("own_care")
    return _page(request, view, forms, sent)


def _named(request: HttpRequest) -> UUID | None:
    """The episode that a form names; None when it names none."""
    try:
        return UUID(request.POST.get("episode", ""))
    except ValueError:
        return None


def _goals(request: HttpRequest, view: CareView) -> dict[UUID, GoalsForm]:
    """A form for each episode that goes on; the one that was sent holds what was typed."""
    named = _named(request) if request.method == "POST" else None
    return {
        episode.public_id: GoalsForm(
            request.POST if episode.public_id == named else None, episode=episode, own=True
        )
        for episode in view.episodes
        if episode.open
    }


def _page(
    request: HttpRequest,
    view: CareView,
    forms: dict[UUID, GoalsForm],
    sent: GoalsForm | None,
) -> HttpResponse:
    episodes: list[dict[str, Any]] = [
        shown(episode) | {"goals_form": forms.get(episode.public_id)} for episode in view.episodes
    ]
    context = {
        "view": view,
        "beads": beads_of(view.count),
        "current": [each for each in episodes if each["view"].open],
        "former": [each for each in episodes if not each["view"].open],
        "wrong": sent,
        "for_oneself": actor_of(request).on_behalf_of is None,
    }
    status = UNCLEAR if request.method == "POST" else 200
    return render(request, "soutien/care_path/own.html", context, status=status)
