"""Visitors say that a psychologist did not answer, or has no place left. No name, no account.

The browser's session remembers, as a number that leads back to nobody, which entry it spoke of
and on which day, so that one browser counts once a day.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from soutien.steps.errors import Refusal
from soutien.steps.find import psychologist_page
from soutien.steps.vouch import REPORT_KINDS, report_availability

REPORTED = "reported"
# More entries in a day than one person calls: the earliest are forgotten first.
REMEMBERED = 50
THANKS = "thanks"
TITLES = {
    "no_answer": _("Vous n’avez pas eu de réponse ?"),
    "no_place": _("Il n’y a plus de place ?"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask once more what is meant, count it, and say what it will change."""
    now = timezone.now()
    try:
        card = psychologist_page(public_id=public_id, at=now, days=0).card
        kind = request.POST.get("kind", "")
        if kind in REPORT_KINDS:
            if _first_today(request, public_id, timezone.localdate(now)):
                report_availability(public_id=public_id, kind=kind, at=now)
            return redirect(f"{request.path}?{THANKS}=1")
    except Refusal as refusal:
        raise Http404(refusal.code) from refusal
    asked = request.GET.get("kind", "")
    return render(
        request,
        "soutien/public/report.html",
        {
            "name": f"{card.given_name} {card.family_name}",
            "card": card,
            "kind": asked if asked in REPORT_KINDS else "",
            "title": TITLES.get(asked, _("Que s’est-il passé ?")),
            "thanks": THANKS in request.GET,
        },
    )


def _first_today(request: HttpRequest, public_id: UUID, today: date) -> bool:
    """Whether this browser speaks of the entry for the first time today; it is then kept."""
    mark = salted_hmac("soutien.report", f"{public_id} {today}", algorithm="sha256").hexdigest()
    known = request.session.get(REPORTED, [])
    known = known if isinstance(known, list) else []
    if mark[:16] in known:
        return False
    request.session[REPORTED] = [*known, mark[:16]][-REMEMBERED:]
    return True
