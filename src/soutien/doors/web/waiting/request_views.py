"""Asking a psychologist to call back, without an account and without a reason."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.waiting_links import REQUEST, public_id_of, waiting_path
from soutien.doors.web.person.booking_views import person_or_nobody
from soutien.doors.web.person.refused import told_gently
from soutien.doors.web.sent_twice import done_once
from soutien.doors.web.waiting.forms import CallBackForm
from soutien.doors.web.waiting.join_views import browser_of, known_contact
from soutien.doors.web.waiting.words import call_times_in_words, doors
from soutien.steps import request as steps
from soutien.steps.errors import Refusal
from soutien.steps.find import psychologist_page

FORM_WRONG = 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def call_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A name, a way to be reached, when to call."""
    now = timezone.now()
    card = psychologist_page(public_id=public_id, at=now, days=0).card
    form = CallBackForm(request.POST or None, initial=known_contact(request))
    if request.method == "POST" and form.is_valid():

        def ask() -> str:
            asked = steps.request_call_back(
                actor=person_or_nobody(request),
                psychologist_id=public_id,
                contact=form.contact(),
                browser=browser_of(request),
                at=now,
                call_times=tuple(form.cleaned_data["call_times"]),
            )
            return str(asked.public_id)

        return redirect(waiting_path(REQUEST, UUID(done_once(request, ask, at=now))))
    context = {
        "form": form,
        "name": f"{card.given_name} {card.family_name}",
        "psychologist": public_id,
    }
    status = FORM_WRONG if form.errors else 200
    return render(request, "soutien/waiting/call_back.html", context, status=status)


@never_cache
@require_safe
@told_gently
def request_state(request: HttpRequest, token: str) -> HttpResponse:
    """Where one's request stands; after a refusal, who has room nearby."""
    request_id = public_id_of(REQUEST, token)
    if request_id is None:
        raise Refusal("not_found")
    view = steps.open_request(
        actor=person_or_nobody(request), request_id=request_id, at=timezone.now()
    )
    context = {
        "asked": view,
        "asked_on": timezone.localdate(view.created_at),
        "call_times": call_times_in_words(view.call_times),
        "doors": doors(view.alternatives),
    }
    return render(request, "soutien/waiting/request.html", context)
