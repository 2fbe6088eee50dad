"""« Ce qui a changé, et quand »: the steps of the law in both readings, and two days compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from soutien.doors.web.public.forms import LawChangesForm
from soutien.doors.web.public.money_pages import confidence_in_words, language, written_value
from soutien.rules.amendments import Amendment, amendments
from soutien.rules.codes import Profile
from soutien.rules.terms import Law, Terms
from soutien.steps import gather


@dataclass(frozen=True)
class ChangeRow:
    """One step of one term, in one reading or in both."""

    day: date
    title: str
    before: str
    after: str
    reading: str
    law: str
    source: str
    confidence: str
    sure: bool


@dataclass(frozen=True)
class ComparedRow:
    """One term on two days, in practice and, where it differs, in the strict text."""

    title: str
    before: str
    after: str
    strict_before: str
    strict_after: str

    @property
    def differs(self) -> bool:
        return (self.before, self.after) != (self.strict_before, self.strict_after)


def _row(step: Amendment, profiles: list[Profile]) -> ChangeRow:
    confidence, sure = confidence_in_words(step.after.confidence)
    one = _("en pratique") if Profile.OPERATIONAL in profiles else _("texte strict")
    return ChangeRow(
        day=step.day,
        title=step.term.title(language()),
        before=written_value(step.term, step.before) if step.before else _("pas encore"),
        after=written_value(step.term, step.after) if step.before else _("à partir de ce jour"),
        reading=_("en pratique et dans le texte") if len(profiles) > 1 else one,
        law=step.after.law,
        source=step.after.source,
        confidence=confidence,
        sure=sure,
    )


def steps_between(law: Law, since: date, until: date) -> list[ChangeRow]:
    """Each step after one day and up to another, told once when both readings have it."""
    found: dict[tuple[object, ...], tuple[Amendment, list[Profile]]] = {}
    for profile in Profile:
        for step in amendments(law, since, until, profile):
            before = None if step.before is None else step.before.number
            key = (step.day, step.term.name, before, step.after.number)
            found.setdefault(key, (step, []))[1].append(profile)
    rows = sorted(found.values(), key=lambda one: (one[0].day, one[0].term.name))
    return [_row(step, profiles) for step, profiles in rows]


def compared(law: Law, since: date, until: date) -> list[ComparedRow]:
    """The terms that two days have otherwise, in either reading."""
    rows = []
    for name in Terms._fields:
        term = law.terms[name]
        values = [
            term.value_on(day, profile)
            for profile in (Profile.OPERATIONAL, Profile.LEGAL)
            for day in (since, until)
        ]
        practice, strict = values[:2], values[2:]
        if any(pair[0].number != pair[1].number for pair in (practice, strict)):
            rows.append(
                ComparedRow(term.title(language()), *(written_value(term, one) for one in values))
            )
    return rows


@require_safe
def law_changes(request: HttpRequest) -> HttpResponse:
    """What the law changed and when, in practice and in the strict text; two days compared."""
    law = gather.law()
    days = {"since": law.starts_on.isoformat(), "until": localdate().isoformat()}
    form = LawChangesForm({**days, **request.GET.dict()})
    context: dict[str, object] = {"form": form, "law": law}
    status = 200
    if not form.is_valid():
        status = 422
    elif form.cleaned_data["since"] < law.starts_on:
        context["too_early"] = True
    else:
        since, until = form.cleaned_data["since"], form.cleaned_data["until"]
        context |= {
            "since": since,
            "until": until,
            "steps": steps_between(law, since, until),
            "compared": compared(law, since, until),
        }
    return render(request, "soutien/public/law_changes.html", context, status=status)
