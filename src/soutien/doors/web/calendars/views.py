"""One's appointments in another calendar, and another calendar's busy times here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from soutien.doors.days import in_french
from soutien.doors.web.actors import actor_of
from soutien.doors.web.calendars.forms import FollowForm
from soutien.doors.web.private_pages import private_page
from soutien.registers.calendars import queries as calendars
from soutien.steps import share

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@private_page
def own_calendar(request: HttpRequest) -> HttpResponse:
    """The private address where a person's appointments are read."""
    page = reverse("own_calendar")
    token = ""
    if request.method == "POST":
        answer = _shared(request, page)
        if isinstance(answer, HttpResponse):
            return answer
        token = answer
    feed = calendars.feed_of(person_id=actor_of(request).person_id)
    return _page(request, {"feed": feed}, token)


@require_http_methods(METHODS)
@private_page
def calendars_of_practice(request: HttpRequest) -> HttpResponse:
    """The private address of a psychologist's agenda, and the other calendar that it obeys."""
    page = reverse("calendars_of_practice")
    actor, now, token = actor_of(request), timezone.now(), ""
    form = FollowForm()
    if request.method == "POST" and "follow" in request.POST:
        form = FollowForm(request.POST)
        if form.is_valid():
            address = form.cleaned_data["address"]
            share.follow_calendar(actor=actor, address=address, at=now)
            messages.success(
                request, _("C’est noté. L’autre agenda sera lu dans quelques instants.")
            )
            return redirect(page)
    elif request.method == "POST" and "forget" in request.POST:
        if share.stop_following(actor=actor, at=now):
            messages.success(
                request, _("L’autre agenda n’est plus lu. Les heures qu’il fermait sont libres.")
            )
        return redirect(page)
    elif request.method == "POST":
        answer = _shared(request, page)
        if isinstance(answer, HttpResponse):
            return answer
        token = answer
    feed = calendars.feed_of(psychologist_id=actor.psychologist_id)
    other = calendars.followed_by(actor.psychologist_id or 0)
    context = {
        "feed": feed,
        "form": form,
        "practice": True,
        "other": other,
        # The address may be a secret of its own: its host is enough to know which it is.
        "other_host": urlsplit(other.address).hostname if other else "",
        "trouble": _trouble(other.trouble) if other and other.trouble else "",
    }
    return _page(request, context, token, status=422 if form.errors else 200)


def _shared(request: HttpRequest, page: str) -> str | HttpResponse:
    """The token of a new address, or the answer once the address is taken back."""
    actor, now = actor_of(request), timezone.now()
    if "stop" in request.POST:
        if share.stop_sharing(actor=actor, at=now):
            messages.success(request, _("Cette adresse ne s’ouvre plus."))
        return redirect(page)
    return share.share_calendar(actor=actor, language="fr" if in_french() else "en", at=now)


def _page(
    request: HttpRequest, context: dict[str, Any], token: str, status: int = 200
) -> HttpResponse:
    address = ""
    if token:
        address = request.build_absolute_uri(reverse("calendar_feed", args=[token]))
    subscribe = f"webcal:{address.partition(':')[2]}" if address else ""
    return render(
        request,
        "soutien/calendars/calendars.html",
        {**context, "address": address, "subscribe": subscribe},
        status=status,
    )


def _trouble(code: str) -> str:
    """Why the other calendar cannot be read, and what to do."""
    known = {
        "address_private": _("Cette adresse n’est pas ouverte sur internet."),
        "address_refused": _("Cette adresse renvoie vers une autre que nous ne lisons pas."),
        "address_not_https": _("Cette adresse renvoie vers une autre qui n’est pas protégée."),
        "address_not_listed": _("Ce site n’est plus de ceux qui peuvent être suivis ici."),
        "host_unknown": _("Ce site n’existe pas. Relisez l’adresse."),
        "not_a_calendar": _("Cette adresse ne donne pas un agenda. Recopiez l’adresse iCal."),
        "server_refuses": _("L’autre agenda refuse l’accès. Son adresse a peut-être changé."),
        "too_large": _("Cet agenda est trop long. Choisissez-en un sans les années passées."),
        "too_many_events": _(
            "Cet agenda est trop long. Choisissez-en un sans les années passées."
        ),
        "too_slow": _("L’autre agenda met trop de temps à répondre. Nous réessayons."),
        "server_unreachable": _("L’autre agenda ne répond pas. Nous réessayons."),
    }
    return known.get(code, _("L’autre agenda ne peut pas être lu. Nous réessayons."))
