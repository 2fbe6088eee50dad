"""What deserves a second look among the fund's claims: explained, and never called fraud."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french
from soutien.doors.web.fund.work import PAGES_DIGITS, Choice
from soutien.doors.web.private_pages import private_page
from soutien.rules.anomalies import Anomaly, Told, wording
from soutien.rules.codes import word
from soutien.steps.notice import NoticedLine, list_anomalies

KINDS = {word(one): one for one in Anomaly}
PERIODS = (1, 7, 31)


@dataclass(frozen=True, slots=True)
class Shown:
    """A claim with what is seen, in words."""

    public_id: UUID
    reference: str
    person_name: str
    psychologist_name: str
    held_on: Any
    accepted: bool
    told: list[Told]


@require_safe
@private_page
def listed(request: HttpRequest) -> HttpResponse:
    """The claims of a period that stand out, newest first; of one kind, if asked."""
    at = timezone.now()
    lang = "fr" if in_french() else "en"
    asked = request.GET.get("jours", "")
    days = int(asked) if asked in {str(one) for one in PERIODS} else PERIODS[1]
    code = request.GET.get("quoi", "")
    kind = KINDS.get(code, Anomaly.NONE)
    number = request.GET.get("page", "")
    page = int(number) if number.isdecimal() and len(number) <= PAGES_DIGITS else 1
    first = timezone.localdate(at) - timedelta(days=days - 1)
    since = timezone.make_aware(datetime.combine(first, time.min))
    view = list_anomalies(
        actor=actor_of(request), since=since, before=at, at=at, kind=kind, page=max(1, page)
    )
    context = {
        "view": view,
        "periods": [Choice(_period(one), "", _address(one, code), one == days) for one in PERIODS],
        "kinds": [
            Choice(_("Tout"), "", _address(days, ""), not kind),
            *(
                Choice(
                    wording()[one][f"title_{lang}"],
                    str(view.counts.get(one, 0)),
                    _address(days, one),
                    one == code,
                )
                for one in KINDS
            ),
        ],
        "lines": [_shown(line, lang) for line in view.lines],
    }
    return render(request, "soutien/fund/anomalies.html", context)


def _shown(line: NoticedLine, lang: str) -> Shown:
    return Shown(
        line.public_id,
        line.reference,
        line.person_name,
        line.psychologist_name,
        line.held_on,
        line.accepted,
        line.noticed.told(lang),
    )


def _period(days: int) -> str:
    if days == 1:
        return _("Reçues aujourd’hui")
    return ngettext("Sur %(n)d jour", "Sur %(n)d jours", days) % {"n": days}


def _address(days: int, code: str) -> str:
    query = {"jours": str(days)} | ({"quoi": code} if code in KINDS else {})
    return f"{reverse('fund_anomalies')}?{urlencode(query)}"
