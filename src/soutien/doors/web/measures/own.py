"""« Mes questionnaires »: what to answer, one's curve, and each of one's outcomes."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from soutien.doors.measure_links import questions_path
from soutien.doors.web.actors import actor_of
from soutien.doors.web.measures.shown import asked_line, curve_shown, outcome_shown, without_curve
from soutien.doors.web.private_pages import private_page
from soutien.steps.errors import Refusal
from soutien.steps.measure import open_curve, open_outcome


@require_safe
@private_page
def own_measures(request: HttpRequest) -> HttpResponse:
    """One's own: what to answer, and how totals went."""
    actor, now = actor_of(request), timezone.now()
    if actor.about_person_id is None:
        raise Refusal("not_allowed")
    view = open_curve(actor=actor, person_id=actor.about_person_id, at=now)
    told = {
        "asked": [
            (asked_line(blank), questions_path(blank.public_id))
            for blank in view.open_ones
            if blank.stands
        ],
        "curves": [curve_shown(curve, page="outcome") for curve in view.curves],
        "others": without_curve(view.outcomes, page="outcome"),
        "for_oneself": actor.on_behalf_of is None,
    }
    return render(request, "soutien/measures/own.html", told)


@require_safe
@private_page
def outcome(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One of one's outcomes: the answers, the total, what it says and does not say."""
    view = open_outcome(actor=actor_of(request), outcome_id=public_id, at=timezone.now())
    return render(request, "soutien/measures/outcome.html", {"outcome": outcome_shown(view)})
