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
from soutien.doors.web.money.follow import in_fours
from soutien.doors.web.money.own import UNCLEAR, money
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.writings.paper import Fact, Paper, Section, on_paper
from soutien.rules.codes import word
from soutien.rules.delays import AGES
from soutien.rules.difference import wording
from soutien.rules.life import Cause
from soutien.rules.money import euros
from soutien.steps.errors import Refusal
from soutien.steps.reclaim import Debt, Debts, list_undue, record_recovery

# Above it no row is numbered.
LARGEST_NUMBER = 2**63 - 1
KINDS = (("person", "person"), ("psychologist", "psychologist"))


class RecoveryForm(forms.Form):
    """Which money of the bank gives which sum back. What is offered is known by the page only."""

    claim = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=KINDS, widget=forms.HiddenInput)
    line = forms.IntegerField(
        label=gettext_lazy("Argent arrivé à la banque"),
        min_value=1,
        max_value=LARGEST_NUMBER,
        widget=forms.Select,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            gettext_lazy("Choisissez un mouvement de la banque."),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def undue(request: HttpRequest) -> HttpResponse:
    """The debts, the oldest first, and a form to say that one came back."""
    actor, at = actor_of(request), timezone.now()
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        form = RecoveryForm(request.POST)
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
    found = list_undue(actor=actor, at=at)
    context |= {
        "figures": _figures(found),
        "debts": [
            {
                "line": line,
                "amount": money(line.cents),
                "since": plain_day(line.since),
                "form": _form(found, line),
                "offered": any(one.cents <= line.cents for one in found.came_in),
            }
            for line in found.lines
        ],
    }
    return render(request, "soutien/money/undue.html", context, status=status)


def _form(found: Debts, line: Debt) -> RecoveryForm:
    """What came in and is not more than a debt, offered beside it."""
    form = RecoveryForm(
        initial={"claim": line.claim_id, "kind": line.kind},
        auto_id=f"id_%s_{line.reference}-{line.kind}",
    )
    offered = forms.Select(
        choices=[
            (one.line_id, f"{plain_day(one.booked_on)}, {money(one.cents)}")
            for one in found.came_in
            if one.cents <= line.cents
        ]
    )
    form.fields["line"].widget = offered
    return form


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
            Fact("Séance du", _day(line.held_on)),
            Fact("Somme à rendre", euros(line.cents, "fr")),
            Fact("Depuis le", _day(line.since)),
            *([Fact("Par virement à", in_fours(found.iban))] if found.iban else ()),
        ),
        sections=(
            Section("Pourquoi", _reasons(line)),
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


def _reasons(line: Debt) -> tuple[str, ...]:
    """The decision that replaces the first, and by how much they differ."""
    begins = "Cette séance vous a été payée, puis une nouvelle décision a remplacé la première."
    ends = "La décision, ses raisons et ce qui a changé sont sur la page de la demande."
    found = line.lowered
    if found is None:
        return (begins, ends)
    why = "."
    if found.cause is not Cause.FIRST:
        why = f", pour cette raison : {wording()['causes'][word(found.cause)]['fr']}."
    on = timezone.localtime(found.decided_at).date()
    return (
        begins,
        f"Elle est du {_day(on)}{why} Notre part de cette séance passe de "
        f"{euros(found.before_cents, 'fr')} à {euros(found.after_cents, 'fr')}.",
        ends,
    )


def _day(on: date) -> str:
    return f"{on.day:02}/{on.month:02}/{on.year}"
