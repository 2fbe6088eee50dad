"""The pages that say what the programme is, and the small print."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from soutien.doors.web.public.forms import PlaceForm
from soutien.doors.web.public.legal_pages import DECLARED_ON
from soutien.doors.web.public.money_pages import three_numbers
from soutien.doors.web.public.programme import ornament, programme_on
from soutien.rules.estimate import Situation
from soutien.steps.ask import what_will_i_pay
from soutien.steps.request import FORGOTTEN_AFTER, STILL_WAITING_AFTER, UNANSWERED_AFTER


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What it is, two ways in, what it costs: one page."""
    today = localdate()
    programme = programme_on(today)
    estimate = what_will_i_pay(situation=Situation(), on=today)
    sentence = _("Une première rencontre, puis jusqu’à %(n)s séances de suivi par an.") % {
        "n": programme.follow_ups
    }
    return render(
        request,
        "soutien/public/home.html",
        {
            "form": PlaceForm(),
            "programme": programme,
            "figures": three_numbers(estimate),
            "year": ornament(programme, sentence),
        },
    )


@require_safe
def understand(request: HttpRequest) -> HttpResponse:
    """Who it is for, what happens in each session, what to bring, in plain words."""
    return render(
        request, "soutien/public/understand.html", {"programme": programme_on(localdate())}
    )


@require_safe
def help_now(request: HttpRequest) -> HttpResponse:
    """Numbers to call now."""
    return render(request, "soutien/public/help.html")


@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    """Who runs this site, and what it is made of."""
    return render(request, "soutien/public/legal.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, why, and what people may ask."""
    days = {
        "unanswered_days": UNANSWERED_AFTER.days,
        "still_waiting_days": STILL_WAITING_AFTER.days,
        "forgotten_days": FORGOTTEN_AFTER.days,
    }
    return render(request, "soutien/public/privacy.html", days)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was checked, what was not."""
    return render(request, "soutien/public/accessibility.html", {"declared_on": DECLARED_ON})
