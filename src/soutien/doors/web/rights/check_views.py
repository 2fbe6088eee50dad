"""What the service of rights answered otherwise than what is written: read, then taken or kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soutien.doors.rights_service import asked
from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.private_pages import SILENT, private_page
from soutien.doors.web.rights.words import again_of, period_of, title_of
from soutien.rules.life import Cause
from soutien.steps.actor import SYSTEM
from soutien.steps.decide_again import decide_person_again
from soutien.steps.entitle import open_rights
from soutien.steps.errors import Refusal
from soutien.steps.verified import CheckView, Difference
from soutien.steps.verify import Question, list_checks, open_check, settle_check

SAID = {
    "opened": gettext_lazy("Le service dit un droit que nous n’avons pas."),
    "ended": gettext_lazy("Le service dit une autre fin."),
    "absent": gettext_lazy(
        "Le service ne connaît pas ce droit. Il ne dit pas depuis quand : écrivez sa fin "
        "vous-même, sur un papier."
    ),
}
OUTCOMES = {
    "same": gettext_lazy("Le service dit la même chose que nous."),
    "differs": gettext_lazy("Le service dit autre chose : lisez sa réponse."),
    "unknown": gettext_lazy("Le service ne connaît personne sous ce numéro."),
    "silent": gettext_lazy("Le service n’a pas répondu à temps. Rien n’est changé."),
    "": gettext_lazy("Aucun service des droits n’est relié à ce site."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference in words."""

    said: str
    title: str
    ours: str
    theirs: str


@require_safe
@private_page
def checks(request: HttpRequest) -> HttpResponse:
    """Answers that differ, the oldest first."""
    found = list_checks(actor=actor_of(request), at=timezone.now())
    columns = (
        Column(_("Personne")),
        Column(_("Réponse du")),
        Column(_("Ce qui diffère")),
    )
    rows = tuple(
        (
            Cell(one.person_name, href=reverse("fund_check", args=[one.public_id])),
            Cell(plain_day(timezone.localtime(one.asked_at).date())),
            Cell(", ".join(_shown(difference).title for difference in one.differences)),
        )
        for one in found
    )
    table = Table(_("Réponses du service des droits"), columns, rows, _("Rien ne diffère."))
    return render(request, "soutien/rights/checks.html", {"table": table})


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One answer: taken, the past is decided again at once and what changed is shown."""
    actor, at = actor_of(request), timezone.now()
    refusal: Refusal | None = None
    if request.method == "POST":
        taken = request.POST.get("act") == "take"
        try:
            view = settle_check(actor=actor, check_id=public_id, taken=taken, at=at)
        except Refusal as error:
            if error.code in SILENT:
                raise
            refusal = error
        else:
            if taken:
                _decide_again(request, view)
            return redirect("fund_check", public_id)
    view = open_check(actor=actor, check_id=public_id, at=at)
    lang = "fr" if in_french() else "en"
    context = {
        "view": view,
        "asked_on": timezone.localtime(view.asked_at).date(),
        "differences": [_shown(one) for one in view.differences],
        "late": [again_of(one) for one in view.changed],
        "sentence": refusal.sentence(lang) if refusal else "",
        "remedy": refusal.remedy(lang) if refusal else "",
    }
    status = refusal.http_status if refusal else 200
    return render(request, "soutien/rights/check.html", context, status=status)


def _decide_again(request: HttpRequest, view: CheckView) -> None:
    """The law once more, by the product itself: a right that came late changes the past."""
    changed = decide_person_again(
        actor=SYSTEM, person_id=view.person_id, cause=Cause.RIGHT_OPENED_LATE, at=timezone.now()
    )
    done = len(changed)
    told = ngettext(
        "%(n)s demande est décidée à nouveau.", "%(n)s demandes sont décidées à nouveau.", done
    ) % {"n": done}
    messages.success(request, told if done else _("C’est écrit. Aucune demande ne change."))


@require_POST
@private_page
def ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask the service about somebody now."""
    actor, at = actor_of(request), timezone.now()
    view = open_rights(actor=actor, person_public_id=public_id, at=at)
    if not view.nir:
        messages.warning(request, _("Son numéro de sécurité sociale manque."))
        return redirect("fund_person_rights", public_id)
    question = Question(
        view.person_id, view.nir, date.fromisoformat(view.birth_date), timezone.localdate(at)
    )
    outcome = asked(question, at=at, actor=actor)
    messages.success(request, str(OUTCOMES[outcome]))
    if outcome == "differs":
        return redirect("fund_checks")
    return redirect("fund_person_rights", public_id)


def _shown(one: Difference) -> Shown:
    right = one.said or one.written
    assert right is not None
    return Shown(
        str(SAID[one.what]),
        title_of(right),
        period_of(one.written) if one.written else "—",
        period_of(one.said) if one.said else "—",
    )
