"""A time offered: take it, or leave it to the next person. Opening the page answers nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from soutien.doors.booking_links import booking_path
from soutien.doors.days import distance, when
from soutien.doors.waiting_links import OFFER, WAIT, public_id_of, waiting_path
from soutien.doors.web.actors import remember_visitor
from soutien.doors.web.person.booking_views import person_or_nobody
from soutien.doors.web.person.costs import Planned, cost_of
from soutien.doors.web.person.refused import refused, told_gently
from soutien.doors.web.person.words import address_of, minutes_between
from soutien.doors.web.waiting.forms import TakeForm
from soutien.doors.web.waiting.words import EVALUATION, IN_PERSON, until
from soutien.steps import gather
from soutien.steps import wait as steps
from soutien.steps.book import confirm_booking
from soutien.steps.errors import Refusal
from soutien.steps.trace import one_transaction
from soutien.steps.wait import OfferView

FORM_WRONG = 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """The time, why it comes, until when it is kept; two buttons."""
    offer_id = public_id_of(OFFER, token)
    if offer_id is None:
        raise Refusal("not_found")
    now, actor = timezone.now(), person_or_nobody(request)
    view = steps.open_offer(actor=actor, offer_id=offer_id, at=now)
    if request.method == "POST" and "leave" in request.POST:
        steps.answer_offer(actor=actor, offer_id=offer_id, accepted=False, at=now)
        return redirect(request.path)
    if view.status == "taken":
        return redirect(booking_path(view.booking_public_id))
    form = None if view.person_id else _form(request, view)
    if request.method == "POST" and (form is None or form.is_valid()):
        return _take(request, view, form, now)
    status = FORM_WRONG if form is not None and form.errors else 200
    return render(request, "soutien/waiting/offer.html", _shown(view, form, now), status=status)


def _form(request: HttpRequest, view: OfferView) -> TakeForm:
    """Who comes: the address is known already, the name is asked in full."""
    terms = gather.terms_on(view.civil_day)
    if request.method == "POST":
        return TakeForm(request.POST, on=view.civil_day, terms=terms)
    initial = {
        "whom": "self",
        "given_name": view.name,
        "email": view.email,
        "phone": view.phone,
        "discreet": view.discreet,
    }
    return TakeForm(initial=initial, on=view.civil_day, terms=terms)


def _take(
    request: HttpRequest, view: OfferView, form: TakeForm | None, now: datetime
) -> HttpResponse:
    """Both steps or neither: the offer is taken when the appointment is made."""
    actor = person_or_nobody(request)
    try:
        with one_transaction():
            steps.answer_offer(actor=actor, offer_id=view.public_id, accepted=True, at=now)
            booking = confirm_booking(
                actor=actor,
                booking_id=view.booking_public_id,
                identity=form.identity() if form else None,
                at=now,
            )
    except Refusal as refusal:
        return refused(request, refusal, psychologist=view.psychologist_public_id)
    if view.person_id is None and booking.person_id is not None:
        remember_visitor(request, booking.person_id)
    return redirect(booking_path(booking.public_id))


def _shown(view: OfferView, form: TakeForm | None, now: datetime) -> dict[str, Any]:
    """What the page says of the time."""
    planned = Planned(view.psychologist_id, view.practice, EVALUATION, IN_PERSON, view.civil_day)
    return {
        "offer": view,
        "form": form,
        "when": when(view.starts_at, view.time_zone),
        "until": until(view.answer_before, view.time_zone, now),
        "minutes": minutes_between(view.starts_at, view.ends_at),
        "address": address_of(view),
        "distance": "" if view.distance_m is None else distance(view.distance_m),
        "around": view.distance_m is not None,
        "place": waiting_path(WAIT, view.wait_public_id),
        "cost": cost_of(planned, None),
        "can_take": view.still_free,
        "late": view.status == "ignored",
        "left": view.status == "declined",
    }
