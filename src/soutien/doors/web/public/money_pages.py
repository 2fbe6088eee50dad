"""« Combien vais-je payer ? » and the law in force, for anybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.components.parts import Figure
from soutien.doors.web.public.forms import LawForm, SituationForm, ordinary_situation
from soutien.doors.web.public.programme import programme_on
from soutien.rules.calendar import civil_date
from soutien.rules.codes import LinkedTo, Profile
from soutien.rules.estimate import Situation
from soutien.rules.explain import Line
from soutien.rules.money import euros
from soutien.rules.terms import Term, Terms, Value
from soutien.steps import gather
from soutien.steps.ask import Estimate, what_will_i_pay

SAID_IN_FIGURES = {("amount", "price"), ("amount", "patient"), ("amount", "patient_nothing")}


def language() -> str:
    return "fr" if in_french() else "en"


def three_numbers(estimate: Estimate) -> list[Figure]:
    """Price, to pay on the spot, final cost: each with its reason in a few words."""
    lang = language()
    price, upfront, final = estimate.price_cents, estimate.upfront_cents, estimate.final_cents
    if not upfront:
        on_the_spot = _("Le psychologue est payé directement.")
    elif upfront < price:
        on_the_spot = _("L’Assurance Maladie paie sa part au psychologue.")
    else:
        on_the_spot = _("On vous rembourse ensuite.")
    if not final and not upfront:
        in_the_end = _("Tout est pris en charge.")
    elif not final:
        in_the_end = _("Ce que vous avancez vous est rendu.")
    elif final < upfront:
        in_the_end = _("Une partie vous est rendue.")
    else:
        in_the_end = _("Rien ne complète la part de l’Assurance Maladie.")
    return [
        Figure(
            _("Prix de la séance"),
            euros(price, lang),
            _("Le même chez tous les psychologues partenaires."),
        ),
        Figure(_("À payer sur place"), euros(upfront, lang), on_the_spot),
        Figure(_("À la fin, pour vous"), euros(final, lang), in_the_end),
    ]


def papers_to_bring(situation: Situation) -> list[str]:
    """What to show the psychologist, for a situation (R-106)."""
    if situation.ame:
        return [_("Votre carte d’aide médicale de l’État, à jour.")]
    papers = [_("Votre attestation de droits à jour : sur ameli.fr, ou auprès de votre caisse.")]
    if situation.css or situation.css_ended_less_than_a_year_ago:
        papers.append(
            _("Elle dit vos droits à la complémentaire santé solidaire, avec leurs dates.")
        )
    if situation.linked_to in {LinkedTo.ALD, LinkedTo.MATERNITY}:
        papers.append(
            _("Elle dit votre prise en charge et ses dates. Signalez le lien au psychologue.")
        )
    if situation.linked_to is LinkedTo.AT_MP:
        papers.append(_("Votre feuille d’accident du travail ou de maladie professionnelle."))
    if situation.linked_to is LinkedTo.THIRD_PARTY_ACCIDENT:
        papers.append(_("Dites-le au psychologue : c’est à écrire sur la feuille de soins."))
    if situation.invalidity:
        papers.append(_("Elle dit votre pension d’invalidité."))
    papers.append(_("Le courrier de votre médecin ou de votre sage-femme, si vous en avez un."))
    return papers


def cautions(lines: Iterable[Line]) -> list[str]:
    """What could not be read in the texts behind these lines, each said once."""
    return list(dict.fromkeys(line.caution for line in lines if line.caution))


@require_safe
def pay(request: HttpRequest) -> HttpResponse:
    """Three numbers for a day and a situation, and why."""
    today = localdate()
    given = {**ordinary_situation(today), **request.GET.dict()}
    form = SituationForm(given)
    asked_by_reader = bool(request.GET)
    context: dict[str, object] = {"form": form, "asked": asked_by_reader}
    status = 200
    if form.is_valid():
        situation, on = form.situation(), form.cleaned_data["on"]
        estimate = what_will_i_pay(situation=situation, on=on)
        said: list[Line] = [line for line in estimate.lines(language()) if line.about != "left"]
        lines = [line for line in said if (line.about, line.code) not in SAID_IN_FIGURES]
        context |= {
            "on": on,
            "accepted": bool(estimate.answer.decision.accepted),
            "figures": three_numbers(estimate),
            "lines": lines,
            # What changes the sum to have on one stands out; the rest is told in small.
            "cautions": cautions(line for line in said if line.about == "third_party"),
            "asides": cautions(line for line in said if line.about != "third_party"),
            "papers": papers_to_bring(situation),
            "programme": programme_on(on),
        }
    else:
        status = 422
    return render(request, "soutien/public/pay.html", context, status=status)


@dataclass(frozen=True)
class LawRow:
    """One term as the page shows it."""

    title: str
    practice: str
    strict: str
    since: date
    law: str
    source: str
    confidence: str
    sure: bool
    caution: str
    history: tuple[tuple[str, str, str], ...]

    @property
    def differs(self) -> bool:
        return self.practice != self.strict


def written_value(term: Term, value: Value) -> str:
    """A value with its unit, in the reader's language."""
    number = value.number
    if term.unit == "cents":
        return euros(number, language())
    if term.unit == "day":
        return plain_day(civil_date(number))
    if term.unit == "yes_no":
        return _("oui") if number else _("non")
    if term.unit == "percent":
        return f"{number} %" if in_french() else f"{number}%"
    forms = {
        "sessions": ngettext("%(n)s séance", "%(n)s séances", number),
        "years": ngettext("%(n)s an", "%(n)s ans", number),
        "months": ngettext("%(n)s mois", "%(n)s mois", number),
        "days": ngettext("%(n)s jour", "%(n)s jours", number),
        "minutes": ngettext("%(n)s minute", "%(n)s minutes", number),
    }
    return forms[term.unit] % {"n": number}


def confidence_in_words(code: str) -> tuple[str, bool]:
    """How well the text behind a value could be read, and whether that is well enough."""
    return {
        "sourced": (_("texte lu en entier"), True),
        "derived": (_("déduit d’un texte lu en entier"), True),
        "convention": (_("notre choix, le texte en laisse un"), True),
        "partial": (_("texte lu en partie"), True),
        "secondary": (_("source indirecte"), False),
        "unverified": (_("à confirmer"), False),
    }[code]


def law_row(term: Term, day: date) -> LawRow:
    """One term on a day, in both readings, with its history in practice."""
    practice = term.value_on(day, Profile.OPERATIONAL)
    strict = term.value_on(day, Profile.LEGAL)
    confidence, sure = confidence_in_words(practice.confidence)
    return LawRow(
        title=term.title(language()),
        practice=written_value(term, practice),
        strict=written_value(term, strict),
        since=practice.valid_from,
        law=practice.law,
        source=practice.source,
        confidence=confidence,
        sure=sure,
        caution=term.caution(language(), day),
        history=tuple(
            (plain_day(value.valid_from), written_value(term, value), value.law)
            for value in term.values[Profile.OPERATIONAL]
        ),
    )


@require_safe
def law(request: HttpRequest) -> HttpResponse:
    """The terms in force on a day, with their sources and how surely they were read."""
    today = localdate()
    form = LawForm({"on": today.isoformat(), **request.GET.dict()})
    in_force = gather.law()
    context: dict[str, object] = {"form": form, "law": in_force}
    status = 200
    if not form.is_valid():
        status = 422
    elif form.cleaned_data["on"] < in_force.starts_on:
        context |= {"on": form.cleaned_data["on"], "too_early": True}
    else:
        day = form.cleaned_data["on"]
        context |= {
            "on": day,
            "rows": [law_row(in_force.terms[name], day) for name in Terms._fields],
            "needs_review": bool(in_force.needs_review(day)),
        }
    return render(request, "soutien/public/law.html", context, status=status)
