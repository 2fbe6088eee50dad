"""The psychologist arranges the agenda: the week, the days that differ, one appointment more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import full_day, local, plain_day
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.psychologist.agenda import time_zone_of
from soutien.doors.web.psychologist.arrange_days import CLOSED, ONE_DAY, AbsenceForm, OnceForm
from soutien.doors.web.psychologist.arrange_hours import (
    RANGES_USUAL,
    LimitsForm,
    WeekForm,
    as_initial,
    clock_text,
    days_of_week,
    place_name,
)
from soutien.doors.web.psychologist.arrange_outlook import (
    Outlook,
    Outside,
    arranged,
    hours_in_force,
    outlook,
    outside,
)
from soutien.doors.web.psychologist.views import own_id
from soutien.doors.web.psychologist.words import language
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import USUAL
from soutien.registers.agenda.models import Absence, OpeningException
from soutien.registers.psychologists.models import PracticePlace
from soutien.steps import arrange
from soutien.steps.arrange import Hours
from soutien.steps.errors import Refusal

FORM_WRONG = 422


def _places(psychologist_id: int) -> list[PracticePlace]:
    """Where the psychologist receives, places that closed left out."""
    places = PracticePlace.objects.filter(psychologist_id=psychologist_id, closed_on=None)
    return list(places.order_by("pk"))


def tell(form: forms.Form, refusal: Refusal) -> None:
    """A refusal on top of the form: what, and what to do now."""
    form.add_error(None, f"{refusal.sentence(language())} {refusal.remedy(language())}")


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def week(request: HttpRequest) -> HttpResponse:
    """The hours of every week from a day on, how others may book, and what that gives."""
    psychologist_id, now = own_id(request), timezone.now()
    zone, places = time_zone_of(psychologist_id), _places(psychologist_id)
    today = local(now, zone).date()
    limits = agenda.limits_of(psychologist_id)
    if not places:
        return render(request, "soutien/psychologist/arrange_nowhere.html", status=409)
    if request.method == "POST":
        form = WeekForm(request.POST, places=places, today=today)
        limits_form = LimitsForm(request.POST, limits=limits)
        if form.is_valid() and limits_form.is_valid():
            if "preview" not in request.POST:
                return _saved(request, form, limits_form, now)
            return _week_page(request, form, limits_form, now, previewed=True)
        return _week_page(request, form, limits_form, now, status=FORM_WRONG)
    present, starts = hours_in_force(psychologist_id, today)
    form = WeekForm(
        places=places,
        today=today,
        ranges=max([RANGES_USUAL, *map(len, days_of_week(present))]),
        initial=as_initial(present, max(starts or today, today)),
    )
    return _week_page(request, form, LimitsForm(limits=limits), now)


def _saved(
    request: HttpRequest, form: WeekForm, limits_form: LimitsForm, now: datetime
) -> HttpResponse:
    """Save all of it, or say why not; the appointments left outside are told on the page."""
    valid_from = form.cleaned_data["valid_from"]
    try:
        arrange.arrange_week(
            actor=actor_of(request),
            week=[hours.as_weekly for hours in form.hours()],
            valid_from=valid_from,
            limits=limits_form.limits(),
            at=now,
        )
    except Refusal as refusal:
        tell(form, refusal)
        return _week_page(request, form, limits_form, now, status=refusal.http_status)
    messages.success(
        request,
        _("Votre semaine est enregistrée. Elle vaut à partir du %(day)s.")
        % {"day": plain_day(valid_from)},
    )
    return redirect("week")


def _week_page(
    request: HttpRequest,
    form: WeekForm,
    limits_form: LimitsForm,
    now: datetime,
    *,
    previewed: bool = False,
    status: int = 200,
) -> HttpResponse:
    psychologist_id = own_id(request)
    zone = time_zone_of(psychologist_id)
    today = local(now, zone).date()
    _present, starts = hours_in_force(psychologist_id, today)
    if previewed:
        since = form.cleaned_data["valid_from"]
        of = arranged(
            psychologist_id,
            form.hours(),
            places=form.places,
            valid_from=since,
            limits=limits_form.limits(),
            now=now,
        )
    else:
        since = today
        of = arranged(
            psychologist_id, None, places=form.places, valid_from=since, limits=None, now=now
        )
    shown: Outlook | None = None
    left: list[Outside] = []
    if previewed or starts is not None:
        shown = outlook(of, valid_from=since, zone=zone, now=now)
        left = outside(of, psychologist_id, now=now)
    context = {
        "form": form,
        "limits_form": limits_form,
        "limits_open": bool(limits_form.errors) or _unusual(limits_form, psychologist_id),
        "from_nothing": starts is None,
        "starts_later": starts if starts and starts > today else None,
        "several_places": len(form.places) > 1,
        "previewed": previewed,
        "outlook": shown,
        "outside": left,
    }
    return render(request, "soutien/psychologist/arrange_week.html", context, status=status)


def _unusual(form: LimitsForm, psychologist_id: int) -> bool:
    """Whether others book otherwise than with the usual limits: then they are shown."""
    told = form.is_bound and form.is_valid()
    return (form.limits() if told else agenda.limits_of(psychologist_id)) != USUAL


@dataclass(frozen=True, slots=True)
class Different:
    """One line of the days that differ; ``remove`` is the name of what takes it away."""

    id: int
    when: str
    what: str
    remove: str


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def days_that_differ(request: HttpRequest) -> HttpResponse:
    """Days away, hours of one day: what is told, one more, or one less."""
    psychologist_id, now = own_id(request), timezone.now()
    places = _places(psychologist_id)
    today = local(now, time_zone_of(psychologist_id)).date()
    away = AbsenceForm(places=places, today=today)
    once = OnceForm(places=places, today=today)
    status, told = 200, request.POST
    if request.method == "POST":
        status = FORM_WRONG
        try:
            if "away" in told:
                away = AbsenceForm(told, places=places, today=today)
                done = away.is_valid() and _add_absence(request, away, now)
            elif "once" in told and places:
                once = OnceForm(told, places=places, today=today)
                done = once.is_valid() and _add_once(request, once, now)
            else:
                done = _remove(request, now)
        except Refusal as refusal:
            if not (away.is_bound or once.is_bound):
                raise
            tell(away if away.is_bound else once, refusal)
            done, status = False, refusal.http_status
        if done:
            return redirect("days_that_differ")
    of = arranged(psychologist_id, None, places=places, valid_from=today, limits=None, now=now)
    context = {
        "away": away,
        "once": once,
        "absences": _absences(psychologist_id, today, places),
        "exceptions": _exceptions(psychologist_id, today, places),
        "outside": outside(of, psychologist_id, now=now),
        "places": places,
    }
    return render(request, "soutien/psychologist/arrange_days.html", context, status=status)


def _add_absence(request: HttpRequest, form: AbsenceForm, now: datetime) -> bool:
    first, last = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
    written = arrange.add_absence(
        actor=actor_of(request),
        valid_from=first,
        valid_before=last + ONE_DAY,
        place_id=form.place_id,
        at=now,
    )
    _say(request, _("Absence enregistrée : plus personne ne peut réserver ces jours-là."), written)
    return True


def _add_once(request: HttpRequest, form: OnceForm, now: datetime) -> bool:
    told = form.cleaned_data
    if told["what"] == CLOSED:
        written = arrange.close_once(
            actor=actor_of(request),
            day=told["day"],
            starts_at_minute=told["starts"],
            ends_at_minute=told["ends"],
            place_id=form.place_id if "place" in form.fields else None,
            at=now,
        )
        _say(request, _("Ces heures sont fermées."), written)
        return True
    written = arrange.open_once(
        actor=actor_of(request),
        place_id=form.place_id,
        day=told["day"],
        hours=Hours(
            told["starts"], told["ends"], told["minutes"], told["accepts"], told["modality"]
        ),
        at=now,
    )
    _say(request, _("Ces heures sont ouvertes ce jour-là."), written)
    return True


def _remove(request: HttpRequest, now: datetime) -> bool:
    """Take away the one line whose button was pressed."""
    steps: dict[str, Any] = {
        "remove_absence": lambda key: arrange.remove_absence(
            actor=actor_of(request), absence_id=key, at=now
        ),
        "remove_exception": lambda key: arrange.remove_exception(
            actor=actor_of(request), exception_id=key, at=now
        ),
    }
    for name, step in steps.items():
        key = request.POST.get(name, "")
        if key.isdecimal() and key.isascii():
            written = step(int(key))
            _say(request, _("C’est retiré : votre semaine reprend ses heures."), written)
            return True
    return False


def _say(request: HttpRequest, sentence: str, written: arrange.Arranged) -> None:
    """What was done, and how many appointments it newly leaves outside the hours."""
    kept = len(written.outside)
    if kept:
        sentence += " " + ngettext(
            "%(n)s rendez-vous y était déjà pris : il est gardé, voyez ci-dessous.",
            "%(n)s rendez-vous y étaient déjà pris : ils sont gardés, voyez ci-dessous.",
            kept,
        ) % {"n": kept}
    messages.success(request, sentence)


def _absences(
    psychologist_id: int, today: date, places: Sequence[PracticePlace]
) -> list[Different]:
    rows = Absence.objects.filter(psychologist_id=psychologist_id, valid_before__gt=today)
    lines = []
    for row in rows.select_related("place").order_by("valid_from", "pk"):
        last = row.valid_before - ONE_DAY
        if last == row.valid_from:
            when = full_day(last)
        else:
            when = _("du %(first)s au %(last)s") % {
                "first": full_day(row.valid_from),
                "last": full_day(last),
            }
        lines.append(Different(row.pk, when, _where(row.place, places), "remove_absence"))
    return lines


def _exceptions(
    psychologist_id: int, today: date, places: Sequence[PracticePlace]
) -> list[Different]:
    rows = OpeningException.objects.filter(psychologist_id=psychologist_id, day__gte=today)
    lines = []
    for row in rows.select_related("place").order_by("day", "starts_at_minute", "pk"):
        ends = clock_text(row.ends_at_minute)
        hours = f"{clock_text(row.starts_at_minute)}–{'24:00' if ends == '00:00' else ends}"
        what = _("fermé %(hours)s") if row.closed else _("ouvert %(hours)s")
        where = _where(row.place, places)
        parts = [what % {"hours": hours}, *([where] if where else [])]
        lines.append(Different(row.pk, full_day(row.day), " · ".join(parts), "remove_exception"))
    return lines


def _where(place: PracticePlace | None, places: Sequence[PracticePlace]) -> str:
    """The place of a line, said only where there are several."""
    if not places[1:]:
        return ""
    return _("partout") if place is None else place_name(place)
