"""Who saw my data: the journal in plain words, newest first, by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import clock, full_day
from soutien.doors.web.components.parts import Event
from soutien.doors.web.own_data.access_words import FILTERS, what_in_words, who_in_words
from soutien.doors.web.private_pages import private_page
from soutien.steps.errors import Refusal
from soutien.steps.watch import Access, Whose, open_accesses

PAGE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day."""

    title: str
    events: list[Event]


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to narrow the list."""

    label: str
    href: str
    current: bool


def days_of(lines: tuple[Access, ...]) -> list[Day]:
    """Day by day; what the same one did again in a row is told once, with how often."""
    return [
        Day(full_day(day), [_told(list(same)) for _key, same in groupby(of_day, key=_alike)])
        for day, of_day in groupby(lines, key=_day)
    ]


def _day(access: Access) -> date:
    return timezone.localtime(access.at).date()


def _alike(access: Access) -> tuple[object, ...]:
    return (access.who, access.name, access.event, access.refused)


def _told(same: list[Access]) -> Event:
    first = same[0]
    what = what_in_words(first.event)
    if len(same) > 1:
        times = ngettext("%(n)s fois", "%(n)s fois", len(same)) % {"n": len(same)}
        what = f"{what} ({times})"
    if first.refused:
        what = _("%(what)s : refusé, rien n’a été montré ni changé.") % {"what": what}
    elif first.listed:
        what = _("%(what)s, avec d’autres personnes.") % {"what": what}
    else:
        what = f"{what}."
    state: Literal["done", "refused"] = "refused" if first.refused else "done"
    return Event(clock(first.at), who_in_words(first), what, state)


@require_safe
@private_page
def accesses(request: HttpRequest) -> HttpResponse:
    """Who opened or changed one's data, and who was refused, day by day."""
    actor = actor_of(request)
    person_id = actor.about_person_id
    if person_id is None:
        raise Refusal("not_allowed")
    asked = request.GET.get("qui", "")
    whose = Whose(asked) if asked in set(Whose) else Whose.OTHERS
    number = request.GET.get("page", "")
    found = open_accesses(
        actor=actor,
        person_id=person_id,
        at=timezone.now(),
        whose=whose,
        page=int(number) if number.isdecimal() and len(number) < PAGE_DIGITS else 1,
    )
    context = {
        "found": found,
        "days": days_of(found.lines),
        "choices": [
            Choice(str(label), f"?qui={key}", key is whose) for key, label in FILTERS.items()
        ],
    }
    return render(request, "soutien/own_data/accesses.html", context)
