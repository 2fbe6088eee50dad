"""What a psychologist types for each kind of document, and to whom it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from soutien.doors.web.writings.forms import LONGEST_LINE, LONGEST_TEXT, line_field, text_field
from soutien.doors.web.writings.words import TO
from soutien.steps.written import ATTENDANCE, NEEDED, WORDS

_MISSING = gettext_lazy("Il manque ces mots.")
LABELS: Mapping[str, Any] = {
    "recipient": gettext_lazy("À qui ? Nom du médecin ou du service"),
    "symptoms": gettext_lazy("Symptômes"),
    "needs": gettext_lazy("Besoins, première appréciation"),
    "plan": gettext_lazy("Ce qui est prévu"),
    "evolution": gettext_lazy("Évolution"),
    "scores": gettext_lazy("Scores, s’ils aident"),
    "technique": gettext_lazy("Méthode"),
    "count": gettext_lazy("Nombre de séances faites"),
    "conclusion": gettext_lazy("Conclusion"),
    "goals": gettext_lazy("Ce que la personne souhaite, avec ses mots"),
    "following": gettext_lazy("La suite, décidée avec le médecin"),
    "observed": gettext_lazy("Ce que j’observe"),
    "so_far": gettext_lazy("Ce qui a été fait"),
    "asked": gettext_lazy("Ce que je demande"),
    "with_times": gettext_lazy("Dire l’heure"),
    "with_place": gettext_lazy("Dire le lieu"),
}
LINES, BOXES = ("recipient", "count"), ("with_times", "with_place")
SEEN: Mapping[str, Any] = {
    "seen": gettext_lazy("Oui, la personne a été reçue"),
    "not_yet": gettext_lazy("Pas encore : me le redemander"),
    "not_seen": gettext_lazy("Non, elle n’ira pas"),
}


def _field(kind: str, name: str) -> forms.Field:
    if name in BOXES:
        return forms.BooleanField(label=LABELS[name], required=False)
    needed = name in NEEDED[kind]
    if name in LINES:
        made = line_field(LABELS[name], _MISSING if needed else "", most=LONGEST_LINE)
    else:
        made = text_field(LABELS[name], most=LONGEST_TEXT)
        made.required = needed
        made.error_messages["required"] = _MISSING
    field: forms.Field = made
    return field


def writing_form(kind: str) -> type[forms.Form]:
    """The form of a kind of document."""
    fields = {name: _field(kind, name) for name in WORDS[kind]}
    return type("WritingForm", (forms.Form,), fields)


def words_of(kind: str, form: forms.Form) -> dict[str, str]:
    """What was typed, as the steps take it. Only after ``is_valid``."""
    told = form.cleaned_data
    if kind == ATTENDANCE:
        return {name: "yes" for name in WORDS[kind] if told[name]}
    return {name: told[name] for name in WORDS[kind]}


class HandOverForm(forms.Form):
    """To whom it goes, and on whose word."""

    to = forms.ChoiceField(label=gettext_lazy("Remis ou envoyé à"), choices=list(TO.items()))
    agreed = forms.BooleanField(
        label=gettext_lazy("La personne est d’accord pour cet envoi"),
        help_text=gettext_lazy("Elle l’a dit, et peut changer d’avis pour la suite."),
        required=False,
    )
    danger = forms.BooleanField(
        label=gettext_lazy("Danger : je n’attends pas son accord"),
        help_text=gettext_lazy("Appelez d’abord le 15. Ce choix est gardé au journal."),
        required=False,
    )


class AnswerForm(forms.Form):
    """Whether the person was seen."""

    seen = forms.ChoiceField(
        label=gettext_lazy("La personne a-t-elle été reçue ?"),
        choices=list(SEEN.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez une réponse.")},
    )
