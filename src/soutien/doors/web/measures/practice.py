"""The psychologist's side: ask, enter from paper, read, say what was done."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.measures.sheet import Answers, answers_sent, language, questions, texts_of
from soutien.doors.web.measures.shown import (
    asked_line,
    curve_shown,
    outcome_shown,
    unread_line,
    without_curve,
)
from soutien.doors.web.measures.words import ACTS
from soutien.doors.web.private_pages import private_page
from soutien.rules.scales import SEXES, Scale
from soutien.rules.screen import Danger
from soutien.steps.errors import Refusal
from soutien.steps.measure import (
    VisitMeasures,
    ask_questionnaire,
    enter_on_paper,
    list_unread,
    open_unread,
    open_visit_curve,
    review_outcome,
)

UNCLEAR = 422


@require_safe
@private_page
def unread(request: HttpRequest) -> HttpResponse:
    """What is to be read, what tells of a danger first."""
    actor = actor_of(request)
    if actor.psychologist_id is None:
        raise Refusal("not_allowed")
    found = list_unread(actor=actor, psychologist_id=actor.psychologist_id, at=timezone.now())
    told = {
        "urgent": [unread_line(each) for each in found if each.outcome.urgent],
        "lines": [unread_line(each) for each in found if not each.outcome.urgent],
    }
    return render(request, "soutien/measures/unread.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def visit_measures(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The pair's outcomes, and what may be asked before this appointment."""
    actor, now, refusal = actor_of(request), timezone.now(), None
    if request.method == "POST":
        try:
            ask_questionnaire(
                actor=actor, booking_id=public_id, scale=request.POST.get("scale", ""), at=now
            )
        except Refusal as refused:
            if "fields" not in refused.context and refused.code != "booking_ended":
                raise
            refusal = refused
        else:
            messages.success(
                request, _("C’est demandé. La personne répond si elle le veut, avant la séance.")
            )
            return redirect("visit_measures", public_id)
    view = open_visit_curve(actor=actor, booking_id=public_id, at=now)
    told = _visit(view) | _refused(refusal)
    status = refusal.http_status if refusal else 200
    return render(request, "soutien/measures/visit.html", told, status=status)


def _visit(view: VisitMeasures) -> dict[str, object]:
    lang = language()
    asked = {blank.scale.name for blank in view.open_ones if blank.scale}
    return {
        "visit": view.booking.public_id,
        "name": view.person_name,
        "asked": [asked_line(blank) for blank in view.open_ones],
        "to_ask": [
            (scale.name, scale.title(lang)) for scale in view.to_ask if scale.name not in asked
        ],
        "paper": bool(view.on_paper),
        "to_read": [outcome_shown(each) for each in view.outcomes if not each.read],
        "curves": [curve_shown(curve, page="review") for curve in view.curves],
        "others": without_curve(view.outcomes, page="review"),
    }


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Choose a scale, then enter the sheet. Which scale never stands in an address."""
    actor, now = actor_of(request), timezone.now()
    view = open_visit_curve(actor=actor, booking_id=public_id, at=now)
    known = {scale.name: scale for scale in view.on_paper}
    chosen = known.get(request.POST.get("scale", ""))
    if request.method != "POST" or chosen is None:
        return _choose(request, view, missing=request.method == "POST")
    if "count" not in request.POST:
        return _entry(request, view, chosen)
    answers, day = answers_sent(request.POST), _day(request.POST.get("filled_on", ""))
    sex = request.POST.get("sex", "")
    try:
        if day is None:
            raise Refusal("filled_ahead", fields=("filled_on",))
        kept = enter_on_paper(
            actor=actor,
            booking_id=public_id,
            scale=chosen.name,
            answers=answers,
            filled_on=day,
            sex=sex if sex in SEXES else "",
            at=now,
        )
    except Refusal as refusal:
        if "fields" not in refusal.context:
            raise
        return _entry(request, view, chosen, answers, refusal)
    messages.success(request, _("La feuille est saisie."))
    return redirect("review", kept.public_id)


def _choose(request: HttpRequest, view: VisitMeasures, *, missing: bool) -> HttpResponse:
    lang = language()
    told = {
        "visit": view.booking.public_id,
        "name": view.person_name,
        "scales": [(scale.name, scale.title(lang)) for scale in view.on_paper],
        "missing": missing,
    }
    status = UNCLEAR if missing else 200
    return render(request, "soutien/measures/choose_paper.html", told, status=status)


def _entry(
    request: HttpRequest,
    view: VisitMeasures,
    scale: Scale,
    answers: Answers = (),
    refusal: Refusal | None = None,
) -> HttpResponse:
    texts = texts_of(scale)
    told = {
        "visit": view.booking.public_id,
        "name": view.person_name,
        "scale": scale.name,
        "title": scale.title(language()),
        "stem": texts.question if texts else "",
        "questions": questions(scale, answers),
        "count": scale.items,
        "asks_sex": any(band.sex for band in scale.bands),
        "sex": request.POST.get("sex", ""),
        "today": timezone.localdate().isoformat(),
        "filled_on": request.POST.get("filled_on") or timezone.localdate().isoformat(),
    } | _refused(refusal)
    status = refusal.http_status if refusal else 200
    return render(request, "soutien/measures/paper.html", told, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One outcome with its answers; what tells of a danger asks what was done."""
    actor, now, refusal = actor_of(request), timezone.now(), None
    if request.method == "POST":
        try:
            done = request.POST.get("done", "")
            review_outcome(actor=actor, outcome_id=public_id, done=done, at=now)
        except Refusal as refused:
            if "fields" not in refused.context:
                raise
            refusal = refused
        else:
            messages.success(request, _("C’est noté."))
            return redirect(f"{reverse('unread')}")
    found = open_unread(actor=actor, outcome_id=public_id, at=now)
    view = found.outcome
    told = {
        "whose": found,
        "outcome": outcome_shown(view),
        "urgent": view.urgent,
        "danger": view.danger is Danger.YES,
        "acts": ACTS.items(),
    } | _refused(refusal)
    status = refusal.http_status if refusal else 200
    return render(request, "soutien/measures/review.html", told, status=status)


def _refused(refusal: Refusal | None) -> dict[str, object]:
    lang = language()
    return {
        "sentence": refusal.sentence(lang) if refusal else "",
        "remedy": refusal.remedy(lang) if refusal else "",
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
