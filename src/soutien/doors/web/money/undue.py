"""What was paid in excess: who must give what back, since when, a letter, and what came back."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.components.parts import Figure
from soutien.doors.web.money.own import UNCLEAR, money
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.writings.paper import Fact, Paper, Section, on_paper
from soutien.rules.delays import AGES
from soutien.rules.money import euros
from soutien.steps.errors import Refusal
from soutien.steps.reclaim import Debt, Debts, list_undue, record_recovery

KINDS = (("person", "person"), ("psychologist", "psychologist"))


class RecoveryForm(forms.Form):
    """Which money of the bank gives which sum back."""

    claim = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=KINDS, widget=forms.HiddenInput)
    line = forms.TypedChoiceField(
        label=gettext_lazy("Argent arrivé à la banque"),
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choisissez un mouvement de la banque."),
            "invalid_choice": gettext_lazy("Choisissez un mouvement de la banque."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def undue(request: HttpRequest) -> HttpResponse:
    """The debts, the oldest first, and a form to say that one came back."""
    actor, at = actor_of(request), timezone.now()
    context: dict[str, object] = {}
    status = 200
    found = list_undue(actor=actor, at=at)
    if request.method == "POST":
        form = _form(found, request)
        status = UNCLEAR
        if form.is_valid():
            told = form.cleaned_data
            try:
                record_recovery(
                    actor=actor,
                    claim_id=told["claim"],
                    kind=told["kind"],
                    line_id=told["line"],
                    at=at,
                )
            except Refusal as refusal:
                if refusal.code in {"not_allowed", "not_found"}:
                    raise
                lang = "fr" if in_french() else "en"
                context = {"sentence": refusal.sentence(lang), "remedy": refusal.remedy(lang)}
                status = refusal.http_status
            else:
                messages.success(request, _("C’est noté : la somme est rendue."))
                return redirect("fund_undue")
        else:
            context["form"] = form
    context |= {
        "figures": _figures(found),
        "debts": [
            {
                "line": line,
                "amount": money(line.cents),
                "since": plain_day(line.since),
                "form": _form(found, None, line),
            }
            for line in found.lines
        ],
        "came_in": bool(found.came_in),
    }
    return render(request, "soutien/money/undue.html", context, status=status)


def _form(found: Debts, request: HttpRequest | None, line: Debt | None = None) -> RecoveryForm:
    told = None
    if line is not None:
        told = {"claim": line.claim_id, "kind": line.kind}
    number = f"{line.reference}-{line.kind}" if line else ""
    form = RecoveryForm(
        request.POST if request else None,
        initial=told,
        auto_id=f"id_%s_{number}" if line else True,
    )
    choices = [
        (one.line_id, f"{plain_day(one.booked_on)}, {money(one.cents)}")
        for one in found.came_in
        if line is None or one.cents <= line.cents
    ]
    form.fields["line"] = _with(form.fields["line"], choices)
    return form


def _with(field: forms.Field, choices: list[tuple[int, str]]) -> forms.Field:
    assert isinstance(field, forms.TypedChoiceField)
    field.choices = choices
    return field


def _figures(found: Debts) -> list[Figure]:
    """The ages of what is owed back."""
    first, *others = AGES
    names = [
        _("Moins de %(days)s jours") % {"days": first},
        *(
            _("De %(since)s à %(until)s jours") % {"since": since, "until": until - 1}
            for since, until in zip(AGES, others, strict=False)
        ),
        _("%(days)s jours et plus") % {"days": AGES[-1]},
    ]
    return [Figure(name, money(cents)) for name, cents in zip(names, found.by_age, strict=True)]


@require_safe
@private_page
def letters(request: HttpRequest) -> HttpResponse:
    """A letter for each debt, or for those of one claim (``demande``), as one accessible PDF."""
    actor, at = actor_of(request), timezone.now()
    found = list_undue(actor=actor, at=at)
    asked = request.GET.get("demande", "")
    today = timezone.localdate(at)
    papers = [
        _letter(found, line, today) for line in found.lines if asked in ("", str(line.claim_id))
    ]
    if not papers:
        messages.info(request, _("Rien n’est à rendre."))
        return redirect("fund_undue")
    content = on_paper(
        papers, title=papers[0].title, author=found.payer_name or "Caisse", day=today
    )
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="trop-verse.pdf"'
    return answer


def _letter(found: Debts, line: Debt, on: date) -> Paper:
    """In French, like the other letters of payers."""
    return Paper(
        title="Une somme versée en trop",
        sender=(found.payer_name or "Caisse d’assurance maladie",),
        recipient=(line.name,),
        dated=f"Le {_day(on)}",
        facts=(
            Fact("Demande", line.reference),
            Fact("Somme à rendre", euros(line.cents, "fr")),
            Fact("Depuis la décision du", _day(line.since)),
        ),
        sections=(
            Section(
                "Pourquoi",
                (
                    "Une séance vous a été payée, puis la demande a été décidée à nouveau : ce "
                    "qui vous a été versé dépasse maintenant ce qui est dû. La nouvelle décision "
                    "et ses raisons sont sur la page de la demande.",
                ),
            ),
            Section(
                "Ce que vous pouvez faire",
                (
                    "Rendre cette somme par virement, avec la référence de la demande en libellé.",
                    "Si vous n’êtes pas d’accord, contester la décision depuis la page de la "
                    "demande : dites-le avant de payer.",
                    "Si payer en une fois est difficile, dites-le-nous : rien n’est retenu sur "
                    "vos autres paiements.",
                ),
            ),
        ),
    )


def _day(on: date) -> str:
    return f"{on.day:02}/{on.month:02}/{on.year}"
