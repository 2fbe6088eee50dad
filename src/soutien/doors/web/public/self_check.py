"""« Est-ce pour moi ? »: questions that stay in the browser, an answer that keeps nothing."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.public.forms import PlaceForm
from soutien.doors.web.public.money_pages import language, three_numbers
from soutien.doors.web.public.programme import programme_on
from soutien.doors.web.public.questions import tracks
from soutien.rules.estimate import Situation
from soutien.rules.orientation import (
    Also,
    Facts,
    Hold,
    Route,
    Sign,
    Since,
    Who,
    guidance,
    is_minor,
    orient,
    reasons,
)
from soutien.steps.ask import what_will_i_pay

OLDEST_YEARS = 120
OneOf = TypeVar("OneOf", bound=IntEnum)
SomeOf = TypeVar("SomeOf", bound=IntFlag)


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """All the screens in one page: from one to the next nothing is asked of the server."""
    programme = programme_on(localdate())
    return render(request, "soutien/public/self_check.html", {"tracks": tracks(programme)})


# Exempt: it changes nothing, reads no cookie and sets none. A token would need a cookie, and would
# stop somebody in need whose browser refuses cookies.
@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """An orientation with its reasons. Kept nowhere; the address alone leads to the questions."""
    if request.method != "POST":
        return redirect("self_check")
    programme = programme_on(localdate())
    lang, terms = language(), programme.terms
    told = facts_told(request.POST)
    found = orient(told, terms)
    minor = is_minor(told, terms)
    may_search = Route.PARTNER in {found.route, *found.others}
    response = render(
        request,
        "soutien/public/orientation.html",
        {
            "guidance": guidance(found.route, lang, terms, minor=minor),
            "reasons": reasons(found, lang, terms),
            "others": [guidance(other, lang, terms, minor=minor) for other in found.others],
            "partner_first": found.route is Route.PARTNER,
            "may_search": may_search,
            "public": found.public,
            "minor": minor,
            "form": PlaceForm(),
            "figures": three_numbers(what_will_i_pay(situation=Situation(), on=programme.on)),
            "programme": programme,
        },
    )
    response["Cache-Control"] = "no-store, private"
    return response


def facts_told(sent: QueryDict) -> Facts:
    """What was sent, as facts; what is missing or not a word of ours was not told."""
    age = sent.get("age", "")
    told_years = int(age) if age.isascii() and age.isdigit() and len(age) <= len("120") else -1
    return Facts(
        who=_one(Who, sent.get("who", ""), Who.ADULT),
        age_years=told_years if told_years <= OLDEST_YEARS else -1,
        signs=_all(Sign, sent.getlist("signs")),
        since=_one(Since, sent.get("since", ""), Since.UNSAID),
        hold=_one(Hold, sent.get("hold", ""), Hold.UNSAID),
        also=_all(Also, sent.getlist("also")),
    )


def _one(kind: type[OneOf], word: str, otherwise: OneOf) -> OneOf:
    return next((member for member in kind if member.name.lower() == word), otherwise)


def _all(kind: type[SomeOf], words: list[str]) -> SomeOf:
    total = kind(0)
    for member in kind:
        if str(member.name).lower() in words:
            total |= member
    return total
