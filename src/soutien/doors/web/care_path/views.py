"""The psychologist's page on one person: what was agreed, the sessions, the reviews, the end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.care_path.forms import CareForm, EndForm, GoalsForm, PlanForm, ReviewForm
from soutien.doors.web.care_path.words import (
    figures,
    looked,
    period,
    received_in_words,
    sessions_table,
)
from soutien.doors.web.components.care_words import OPENINGS
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.psychologist.views import own_id
from soutien.doors.web.psychologist.words import beads_of
from soutien.steps.accompanied import CareView, EpisodeView
from soutien.steps.accompany import end_care, open_care, plan_care, say_goals, write_review
from soutien.steps.errors import Refusal
from soutien.steps.look import list_patients

UNCLEAR = 422
METHODS = ["GET", "HEAD", "POST"]


@require_safe
@private_page
def patients(request: HttpRequest) -> HttpResponse:
    """Whom the psychologist saw of late or will see, by name."""
    found = list_patients(
        actor=actor_of(request), psychologist_id=own_id(request), at=timezone.now()
    )
    return render(request, "soutien/care_path/patients.html", {"patients": found})


@require_http_methods(METHODS)
@private_page
def care(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All about one person's care with this psychologist, to read and to write."""
    view = open_care(actor=actor_of(request), patient_id=public_id, at=timezone.now())
    forms = _forms(request, view)
    sent = forms.get(request.POST.get("act", "")) if request.method == "POST" else None
    if sent is not None and sent.is_valid():
        try:
            _write(request, view, sent)
        except Refusal as refusal:
            if "fields" not in refusal.context:
                raise
            sent.tell(refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("care", public_id)
    return _page(request, view, forms, sent)


def _forms(request: HttpRequest, view: CareView) -> dict[str, CareForm]:
    """The forms that stand on the page just now; the one that was sent holds what was typed."""
    episode, today = view.current, timezone.localdate()
    asked = request.POST.get("act", "") if request.method == "POST" else ""

    def sent(act: str) -> Any:
        return request.POST if act == asked else None

    found: list[CareForm] = [PlanForm(sent("plan"), episode=episode)]
    if episode is not None:
        found += [
            GoalsForm(sent("goals"), episode=episode),
            ReviewForm(sent("mid_course"), kind="mid_course", review=episode.mid_course),
            EndForm(sent("close"), today=today),
        ]
    return {form.act: form for form in found}


def _write(request: HttpRequest, view: CareView, form: CareForm) -> None:
    actor, at, episode = actor_of(request), timezone.now(), view.current
    if isinstance(form, PlanForm):
        plan_care(actor=actor, patient_id=view.person_public_id, plan=form.plan(), at=at)
        return
    assert episode is not None
    told, key = form.cleaned_data, episode.public_id
    if isinstance(form, GoalsForm):
        say_goals(actor=actor, episode_id=key, text=told["text"], at=at)
    elif isinstance(form, ReviewForm):
        write_review(actor=actor, episode_id=key, kind=form.kind, words=form.words(), at=at)
    else:
        end_care(
            actor=actor,
            episode_id=key,
            ended_for=told["ended_for"],
            last_day=told["last_day"],
            at=at,
        )


def _page(
    request: HttpRequest, view: CareView, forms: dict[str, CareForm], sent: CareForm | None
) -> HttpResponse:
    status = UNCLEAR if request.method == "POST" else 200
    context = {
        "view": view,
        "beads": beads_of(view.count),
        "episode": shown(view.current) if view.current else None,
        "former": [shown(episode) for episode in view.episodes if not episode.open],
        "received": [received_in_words(each) for each in view.received],
        "forms": forms,
        "wrong": sent,
    }
    return render(request, "soutien/care_path/care.html", context, status=status)


def shown(episode: EpisodeView) -> dict[str, Any]:
    """An episode as pages draw it."""
    return {
        "view": episode,
        "period": period(episode),
        "opening": OPENINGS[episode.opened_for],
        "figures": figures(episode),
        "table": sessions_table(episode),
        "mid_course": looked(episode.mid_course),
    }
