"""What one says yes or no to, one purpose at a time."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import clock, in_french, plain_day
from soutien.doors.web.own_data.pages import about
from soutien.doors.web.private_pages import private_page
from soutien.registers.consents.models import Consent
from soutien.steps.errors import Refusal
from soutien.steps.own_data import Standing, open_consents, say_consent

METHODS = ["GET", "HEAD", "POST"]
VERSION_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """One purpose as the page shows it. ``said`` is empty while nothing was answered."""

    code: str
    version: int
    title: str
    asks: str
    refused: str
    allowed: bool
    in_use: bool
    answered: bool
    said: list[str]


def choice_of(standing: Standing) -> Choice:
    """A purpose in the reader's language, with all that was said of it."""
    lang = "fr" if in_french() else "en"
    text = standing.purpose.text
    return Choice(
        code=standing.purpose.code,
        version=text.version,
        title=text.title[lang],
        asks=text.asks[lang],
        refused=text.refused[lang],
        allowed=standing.allowed,
        in_use=standing.purpose.in_use,
        answered=bool(standing.said),
        said=[_told(line) for line in standing.said],
    )


def _told(line: Consent) -> str:
    words = {
        "day": plain_day(timezone.localtime(line.said_at).date()),
        "time": clock(line.said_at),
    }
    if line.given:
        told = _("Oui, le %(day)s à %(time)s") % words
    else:
        told = _("Non, le %(day)s à %(time)s") % words
    return _("%(told)s, par un représentant") % {"told": told} if _by_other(line) else told


def _by_other(line: Consent) -> bool:
    return line.said_by == "guardian"


@require_http_methods(METHODS)
@private_page
def consents(request: HttpRequest) -> HttpResponse:
    """Yes or no to each purpose; the answer holds at once."""
    actor, at = actor_of(request), timezone.now()
    person_id = about(actor)
    if request.method == "POST":
        version = request.POST.get("version", "")
        try:
            say_consent(
                actor=actor,
                person_id=person_id,
                purpose=request.POST.get("purpose", ""),
                given=request.POST.get("answer") == "yes",
                text_version=int(version) if _is_number(version) else 0,
                at=at,
            )
        except Refusal as refusal:
            if refusal.code != "text_changed":
                raise
            messages.error(request, refusal.sentence("fr" if in_french() else "en"))
        else:
            messages.success(request, _("C’est noté."))
        return redirect("own_consents")
    choices = [
        choice_of(standing) for standing in open_consents(actor=actor, person_id=person_id, at=at)
    ]
    return render(request, "soutien/own_data/consents.html", {"choices": choices})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= VERSION_DIGITS
