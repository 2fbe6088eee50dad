"""Contests told in words, and the two short forms: the person's and the fund's."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from soutien.doors.web.components.days import plain_day
from soutien.doors.web.components.parts import Event
from soutien.rules.codes import word
from soutien.rules.contest import Ground, Verdict
from soutien.steps import gather
from soutien.steps.views import ClaimView

SAID = {
    Ground.RIGHT_NOT_COUNTED: _("J’avais ce jour-là un droit qui n’a pas été compté."),
    Ground.SESSION_TOLD_WRONGLY: _("La séance ne s’est pas passée comme c’est écrit."),
    Ground.COUNT_IS_WRONG: _("Mes séances de l’année sont mal comptées."),
    Ground.SHEET_IS_RIGHT: _("La feuille de soins est complète et juste."),
    Ground.TEXT_DOES_NOT_APPLY: _("Le texte cité ne vaut pas pour moi."),
}
ANSWERED = {
    Verdict.ACCEPT: _("Acceptée : la demande est décidée à nouveau."),
    Verdict.TEXT_APPLIES: _("Refusée : le texte s’applique à cette séance."),
    Verdict.NOTHING_SHOWS_IT: _("Refusée : rien de ce que la caisse a reçu ne le montre."),
    Verdict.CORRECT_THE_SHEET: _("Refusée : la feuille doit d’abord être corrigée."),
}
_REQUIRED = {
    "required": _("Choisissez une réponse."),
    "invalid_choice": _("Choisissez une réponse."),
}


class ContestForm(forms.Form):
    """What is wrong, in the person's view; none is chosen beforehand."""

    ground = forms.ChoiceField(
        label=_("Qu’est-ce qui est faux ?"),
        widget=forms.RadioSelect,
        choices=[(word(ground), said) for ground, said in SAID.items()],
        error_messages=_REQUIRED,
    )


class AnswerForm(forms.Form):
    """What the fund answers."""

    verdict = forms.ChoiceField(
        label=_("Votre réponse"),
        widget=forms.RadioSelect,
        choices=[(word(verdict), said) for verdict, said in ANSWERED.items()],
        error_messages=_REQUIRED,
    )


def contests_of(view: ClaimView) -> list[Event]:
    """Each contest and its answer, in order."""
    events = []
    for line in view.contests:
        said = str(SAID[gather.code(Ground, line.ground)])
        events.append(Event(plain_day(line.contested_at.date()), said, "", "done"))
        if line.answered_at is not None:
            answered = str(ANSWERED[gather.code(Verdict, line.verdict)])
            events.append(Event(plain_day(line.answered_at.date()), answered, "", "done"))
    return events
