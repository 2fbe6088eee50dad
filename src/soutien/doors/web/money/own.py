"""One's own side of the money: the account to be paid on, and what was paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day, short_day
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.security.pages import recently_proved
from soutien.registers.ledger.queries import Line
from soutien.rules.money import euros
from soutien.steps.bank import BankDetailView, give_bank_detail, open_bank_detail
from soutien.steps.errors import Refusal
from soutien.steps.reconcile import open_statement

UNCLEAR = 422
LONGEST_IBAN, LONGEST_NAME = 42, 70
A_YEAR = timedelta(days=366)
MONTHS, LONGEST_MONTH = 12, 31
STATES = {
    "held": (gettext_lazy("À confirmer par la caisse"), "pending"),
    "in_force": (gettext_lazy("Confirmé"), "accepted"),
    "refused": (gettext_lazy("Refusé par la caisse"), "refused"),
    "replaced": (gettext_lazy("Remplacé"), ""),
    "closed": (gettext_lazy("La banque dit qu’il est fermé"), "refused"),
}
# What a line of a statement was posted for.
WHYS = {
    "decided": gettext_lazy("Accepté"),
    "corrected": gettext_lazy("Corrigé"),
    "reversed": gettext_lazy("Annulé"),
    "amc_decided": gettext_lazy("Accepté par la mutuelle"),
    "amc_corrected": gettext_lazy("Corrigé par la mutuelle"),
    "ordered": gettext_lazy("Virement préparé"),
    "withdrawn": gettext_lazy("Virement retiré"),
    "paid": gettext_lazy("Payé"),
    "rejected": gettext_lazy("Virement refusé par la banque"),
    "returned": gettext_lazy("Virement revenu"),
    "recovered": gettext_lazy("Rendu"),
    "received": gettext_lazy("Reçu"),
}


class BankForm(forms.Form):
    """Where to be paid, as a bank's statement writes it."""

    holder_name = forms.CharField(
        label=gettext_lazy("Titulaire du compte"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    iban = forms.CharField(
        label=gettext_lazy("IBAN"),
        help_text=gettext_lazy("Il commence par FR76. Il est sur votre relevé bancaire."),
        max_length=LONGEST_IBAN,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": 34}),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """One account as its owner reads it."""

    said: str
    kind: str
    iban: str
    bank_name: str
    day: str
    state: str


@sensitive_post_parameters("iban")
@require_http_methods(["GET", "HEAD", "POST"])
@private_page
@recently_proved
def bank(request: HttpRequest) -> HttpResponse:
    """The account one is paid on, and the form to give another."""
    actor, at = actor_of(request), timezone.now()
    form = BankForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = UNCLEAR
        if form.is_valid():
            try:
                give_bank_detail(actor=actor, at=at, **form.cleaned_data)
            except Refusal as refusal:
                if refusal.code not in {"iban_wrong", "bank_no_fund"}:
                    raise
                lang = "fr" if in_french() else "en"
                form.add_error("iban", f"{refusal.sentence(lang)} {refusal.remedy(lang)}")
            else:
                messages.success(request, _("C’est noté. Votre caisse doit le confirmer."))
                return redirect("own_bank")
    found = [_kept(view) for view in open_bank_detail(actor=actor, at=at)]
    context = {
        "form": form,
        "kept": [one for one in found if one.state in {"held", "in_force", "refused", "closed"}],
        "in_force": any(one.state == "in_force" for one in found),
        "closed": bool(found) and found[0].state == "closed",
    }
    return render(request, "soutien/money/bank.html", context, status=status)


def _kept(view: BankDetailView) -> Kept:
    said, kind = STATES[view.state]
    day = plain_day(timezone.localtime(view.given_at).date())
    return Kept(str(said), kind, view.iban, view.bank_name, day, view.state)


@require_safe
@private_page
def statement(request: HttpRequest) -> HttpResponse:
    """One's own account over a year, or one month: accepted, ordered, paid, sent back."""
    actor, at = actor_of(request), timezone.now()
    today = timezone.localdate()
    months = _months(today)
    month = months.get(request.GET.get("mois", ""))
    since, before = month or (today - A_YEAR, today + timedelta(days=1))
    told = open_statement(actor=actor, since=since, before=before, at=at)
    columns = (
        Column(_("Jour")),
        Column(_("Ce qui s’est passé")),
        Column(_("Demande")),
        Column(_("Montant"), number=True),
        Column(_("Reste dû"), number=True),
    )
    table = Table(
        month_in_words(since) if month else _("Depuis un an"),
        columns,
        tuple(map(statement_row, reversed(told.lines))),
        _("Rien ce mois-là.") if month else _("Rien n’a encore été accepté ni payé."),
    )
    return render(
        request,
        "soutien/money/statement.html",
        {
            "table": table,
            "due": money(told.closing_cents),
            "opening": money(told.opening_cents) if month else "",
            "month": month_in_words(since) if month else "",
            "months": [(key, month_in_words(first)) for key, (first, _end) in months.items()],
            "undue": told.closing_cents < 0,
            "asks": actor.role in {"person", "psychologist"},
        },
    )


def _months(today: date) -> dict[str, tuple[date, date]]:
    """The last twelve months, this one first: ``2026-11``, its first day and the next one's."""
    found, first = {}, today.replace(day=1)
    following = (first + timedelta(days=LONGEST_MONTH)).replace(day=1)
    for _number in range(MONTHS):
        found[f"{first:%Y-%m}"] = (first, following)
        first, following = (first - timedelta(days=1)).replace(day=1), first
    return found


def month_in_words(first: date) -> str:
    """A month as people say it: ``novembre 2026``."""
    return str(date_format(first, "F Y")).lower() if in_french() else date_format(first, "F Y")


def statement_row(line: Line) -> tuple[Cell, ...]:
    """One line of a statement in words."""
    return (
        Cell(f"{short_day(line.posted_on)} {line.posted_on.year}"),
        Cell(str(WHYS[line.why])),
        Cell(line.reference),
        Cell(money(line.cents)),
        Cell(money(line.balance_cents)),
    )


def money(cents: int) -> str:
    """An amount in the reader's language."""
    return euros(cents, "fr" if in_french() else "en")
