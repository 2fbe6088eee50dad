"""What an insurer's contracts guarantee, written by its agents, from a day on."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.components.written_days import WrittenDayField
from soutien.doors.web.private_pages import private_page
from soutien.registers.insurance import queries as insurance
from soutien.registers.insurance.models import MOST_PERCENT, Contract
from soutien.rules.money import euros
from soutien.steps.gather import last_day
from soutien.steps.insure import Guarantees, write_contract

UNCLEAR = 422
CENTS = 100


class ContractForm(forms.Form):
    """A contract and what it guarantees."""

    code = forms.CharField(label=gettext_lazy("Code du contrat"), max_length=20)
    name = forms.CharField(label=gettext_lazy("Nom du contrat"), max_length=120)
    responsible = forms.BooleanField(
        label=gettext_lazy("Contrat « responsable » : il paie tout ce qui reste"),
        required=False,
    )
    copay_percent = forms.IntegerField(
        label=gettext_lazy("Sinon, sa part de ce qui reste, en %"),
        min_value=0,
        max_value=MOST_PERCENT,
        initial=0,
    )
    allowance_euros = forms.IntegerField(
        label=gettext_lazy("Forfait hors dispositif, par séance, en euros"),
        help_text=gettext_lazy("Dit à la personne comme une information, jamais payé ici."),
        min_value=0,
        max_value=1000,
        initial=0,
    )
    allowance_sessions = forms.IntegerField(
        label=gettext_lazy("Nombre de ces séances par an"), min_value=0, max_value=366, initial=0
    )
    valid_from = WrittenDayField(
        label=gettext_lazy("À partir du"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 12}),
        validators=[
            MinValueValidator(date(1900, 1, 1)),
            MaxValueValidator(date(2199, 12, 31)),
        ],
        error_messages={
            "required": gettext_lazy("Il manque ce jour."),
            "invalid": gettext_lazy(
                "Nous ne reconnaissons pas ce jour. Écrivez par exemple 1 9 2026."
            ),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def contracts(request: HttpRequest) -> HttpResponse:
    """All contracts with their periods; one more, or another guarantee from a day on."""
    actor = actor_of(request)
    form = ContractForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        told["allowance_cents"] = CENTS * told.pop("allowance_euros")
        code = told.pop("code")
        write_contract(actor=actor, code=code, guarantees=Guarantees(**told), at=timezone.now())
        messages.success(request, _("Le contrat est écrit."))
        return redirect("insurer_contracts")
    found = list(insurance.contracts_of(actor.insurer_code))
    context = {"form": form, "table": _table(found)}
    status = UNCLEAR if form.errors else 200
    return render(request, "soutien/insurer/contracts.html", context, status=status)


def _table(found: list[Contract]) -> Table:
    lang = "fr" if in_french() else "en"
    columns = (
        Column(_("Code")),
        Column(_("Contrat")),
        Column(_("Paie de ce qui reste")),
        Column(_("Hors dispositif")),
        Column(_("Depuis")),
        Column(_("Jusqu’au")),
    )
    rows = tuple(
        (
            Cell(one.code),
            Cell(one.name),
            Cell(_("Tout (responsable)") if one.responsible else f"{one.copay_percent} %"),
            Cell(
                f"{one.allowance_sessions} × {euros(one.allowance_cents, lang)}"
                if one.allowance_cents
                else "—"
            ),
            Cell(plain_day(one.valid_from)),
            Cell(plain_day(until) if (until := last_day(one.valid_before)) else "—"),
        )
        for one in found
    )
    return Table(_("Vos contrats"), columns, rows, _("Aucun contrat n’est écrit encore."))
