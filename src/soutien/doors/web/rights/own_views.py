"""« Mes droits »: what one has, what it changes to what one pays, and what to tell the fund."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.documents.views import read_uuid
from soutien.doors.web.own_data.pages import about
from soutien.doors.web.private_pages import SILENT, private_page
from soutien.doors.web.rights.forms import OWN, OwnForm
from soutien.doors.web.rights.words import Price, again_of, ending_in_words, price_of, shown, told
from soutien.steps.actor import Actor
from soutien.steps.declare import (
    OwnRights,
    declare_right,
    open_own_rights,
    withdraw_declaration,
)
from soutien.steps.errors import Refusal

UNCLEAR = 422


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def own(request: HttpRequest) -> HttpResponse:
    """One's rights in plain words, and a form to tell the fund of one more."""
    actor = actor_of(request)
    if request.method == "POST" and "withdraw" in request.POST:
        public_id = read_uuid(request.POST["withdraw"])
        withdraw_declaration(actor=actor, public_id=public_id, at=timezone.now())
        messages.success(request, _("Votre déclaration est retirée."))
        return redirect("own_rights")
    view = open_own_rights(actor=actor, person_id=about(actor), at=timezone.now())
    forms: dict[str, OwnForm] = {
        word: kind(prefix=word, papers=view.papers) for word, kind in OWN.items()
    }
    status = 200
    if request.method == "POST":
        # What names no form is read as one with nothing in it.
        word = request.POST.get("right", "")
        asked = word if word in OWN else "exemption"
        form = forms[asked] = OWN[asked](request.POST, prefix=asked, papers=view.papers)
        status = UNCLEAR
        if form.is_valid():
            try:
                _declare(actor, form)
            except Refusal as refusal:
                status = _say(form, refusal)
            else:
                messages.success(request, _("C’est parti à votre caisse. Elle vous répondra ici."))
                return redirect("own_rights")
    context = {**_shown(view), "forms": forms, "for_oneself": actor.on_behalf_of is None}
    return render(request, "soutien/rights/own.html", context, status=status)


def _declare(actor: Actor, form: OwnForm) -> None:
    declare_right(
        actor=actor,
        person_id=about(actor),
        right=form.told(),
        document=form.paper(),
        at=timezone.now(),
    )


def _say(form: OwnForm, refusal: Refusal) -> int:
    if refusal.code in SILENT:
        raise refusal
    lang = "fr" if in_french() else "en"
    fields = [name for name in refusal.context.get("fields", ()) if name in form.fields]
    form.add_error(
        fields[0] if fields else None, f"{refusal.sentence(lang)} {refusal.remedy(lang)}"
    )
    return refusal.http_status


def _shown(view: OwnRights) -> dict[str, Any]:
    rights = [shown(one) for one in view.rights]
    return {
        "view": view,
        "now": [one for one in rights if one.open],
        "ending": [ending_in_words(one) for one in view.ending],
        "others": [one for one in rights if not one.open],
        "prices": _prices([price_of(cost) for cost in view.costs]),
        "declared": [
            told(one, timezone.localtime(one.declared_at).date()) for one in view.declared
        ],
        "late": [again_of(one) for one in view.late],
    }


def _prices(prices: list[Price]) -> Table:
    columns = (
        Column(_("Séance de suivi")),
        Column(_("Prix"), number=True),
        Column(_("À payer sur place"), number=True),
        Column(_("Assurance Maladie"), number=True),
        Column(_("Complémentaire"), number=True),
        Column(_("Reste pour vous"), number=True),
    )
    rows = tuple(
        (
            Cell(one.title),
            Cell(one.price),
            Cell(one.upfront),
            Cell(one.amo),
            Cell(one.amc),
            Cell(one.final),
        )
        for one in prices
    )
    return Table(_("Avec vos droits d’aujourd’hui"), columns, rows)
