"""« Est-ce pour moi ? »: questions that stay in the browser, an answer that keeps nothing."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.components.pictures import sheet_of
from soutien.doors.web.public.easy_questions import (
    EasyStep,
    easily_said,
    easy_steps,
    picture_of_door,
    pictures_of,
)
from soutien.doors.web.public.forms import PlaceForm
from soutien.doors.web.public.money_pages import language, three_numbers
from soutien.doors.web.public.programme import Programme, programme_on
from soutien.doors.web.public.questions import tracks
from soutien.rules.estimate import Situation
from soutien.rules.orientation import (
    Also,
    Facts,
    Guidance,
    Hold,
    Orientation,
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
# Pictures that the easy pages show beside those of the questions and the answers.
ON_THE_FIRST_SCREEN = ("talk", "note", "lock", "clock", "phone")
ON_EVERY_ANSWER = ("phone", "parent_and_child", "coins")
OneOf = TypeVar("OneOf", bound=IntEnum)
SomeOf = TypeVar("SomeOf", bound=IntFlag)


@require_safe
def questions(request: HttpRequest, *, easy: bool = False) -> HttpResponse:
    """All the screens in one page: from one to the next nothing is asked of the server."""
    programme = programme_on(localdate())
    asked = tracks(programme)
    if not easy:
        context = {"tracks": asked, "answer_url": reverse("self_check_answer")}
        return render(request, "soutien/public/self_check.html", context)
    said = easily_said(asked, language(), programme)
    return render(
        request,
        "soutien/public/self_check_easy.html",
        {
            "tracks": said,
            "answer_url": reverse("self_check_easy_answer"),
            "easy": True,
            "sheet": sheet_of([*ON_THE_FIRST_SCREEN, *pictures_of(said)]),
        },
    )


# Exempt: it changes nothing, reads no cookie and sets none. A token would need a cookie, and would
# stop somebody in need whose browser refuses cookies.
@csrf_exempt
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, *, easy: bool = False) -> HttpResponse:
    """An orientation with its reasons. Kept nowhere; the address alone leads to the questions."""
    if request.method != "POST":
        return redirect("self_check_easy" if easy else "self_check")
    programme = programme_on(localdate())
    told = facts_told(request.POST)
    found = orient(told, programme.terms)
    context = _answered(found, programme, minor=is_minor(told, programme.terms), easy=easy)
    if easy:
        context |= _with_pictures(context)
    name = "orientation_easy" if easy else "orientation"
    response = render(request, f"soutien/public/{name}.html", context)
    response["Cache-Control"] = "no-store, private"
    return response


def _answered(
    found: Orientation, programme: Programme, *, minor: bool, easy: bool
) -> dict[str, Any]:
    """The answer in words, ordinary or easy."""
    lang, terms = language(), programme.terms

    def door(route: Route) -> Guidance:
        return guidance(route, lang, terms, minor=minor, easy=easy)

    return {
        "guidance": door(found.route),
        "reasons": reasons(found, lang, terms, easy=easy),
        "others": [door(other) for other in found.others],
        "partner_first": found.route is Route.PARTNER,
        "may_search": Route.PARTNER in {found.route, *found.others},
        "public": found.public,
        "minor": minor,
        "form": PlaceForm(),
        "figures": three_numbers(what_will_i_pay(situation=Situation(), on=programme.on)),
        "programme": programme,
    }


def _with_pictures(answered: dict[str, Any]) -> dict[str, Any]:
    """The same answer, each of its sentences beside a picture."""
    door, minor = answered["guidance"], answered["minor"]
    steps = easy_steps(door, minor=minor)
    others = [EasyStep(one.as_another, picture_of_door(one)) for one in answered["others"]]
    shown = [picture_of_door(door), *(one.picture for one in (*steps, *others))]
    return {
        "door_picture": picture_of_door(door),
        "steps": steps,
        "others": others,
        "sheet": sheet_of([*shown, *ON_EVERY_ANSWER]),
    }


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
