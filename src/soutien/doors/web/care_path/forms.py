"""What the two of a pair write down: what was agreed, goals, reviews, the end."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from soutien.doors.web.care_path.words import ENDINGS, EXCHANGES, NEXT_STEPS
from soutien.doors.web.components.care_words import CHANGES
from soutien.doors.web.psychologist.forms import DayInput
from soutien.doors.web.psychologist.words import language
from soutien.registers.care.episodes import MOST_PLANNED
from soutien.steps.accompanied import EpisodeView, ReviewView
from soutien.steps.accompany import MOST_GOALS, MOST_REVIEW, Plan, Words
from soutien.steps.errors import Refusal

_CHOOSE = gettext_lazy("Choisissez une des réponses proposées.")
_ONE_OF_THESE = {"required": _CHOOSE, "invalid_choice": _CHOOSE}
_TOO_LONG = {"max_length": gettext_lazy("Ce texte est trop long. Gardez l’essentiel.")}


def words_field(label: Any, most: int, *, rows: int = 4, hint: Any = "") -> forms.CharField:
    """A field for sentences. What is typed is kept as typed, but for blanks around it."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=most,
        error_messages=_TOO_LONG,
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
    )


class CareForm(forms.Form):
    """A form of the care page; ``act`` says which of them was sent."""

    act = ""

    def tell(self, refusal: Refusal) -> None:
        """Write a refusal of the step at its place in the form."""
        said = f"{refusal.sentence(language())} {refusal.remedy(language())}"
        named = [name for name in refusal.context.get("fields", ()) if name in self.fields]
        self.add_error(named[0] if named else None, said)


class PlanForm(CareForm):
    """The first session (R-059)."""

    act = "plan"
    needs_appraised = forms.BooleanField(
        label=gettext_lazy("Nous avons regardé ensemble de quoi elle a besoin"), required=False
    )
    framework_presented = forms.BooleanField(
        label=gettext_lazy("Le cadre est présenté : secret, durée, prix, absences"),
        required=False,
    )
    limit_told = forms.BooleanField(
        label=gettext_lazy("J’ai rappelé que les séances de l’année sont comptées"),
        required=False,
    )
    person_agreed = forms.BooleanField(
        label=gettext_lazy("La personne est d’accord"), required=False
    )
    planned_sessions = forms.IntegerField(
        label=gettext_lazy("Séances prévues en tout, avec l’évaluation"),
        required=False,
        min_value=1,
        max_value=MOST_PLANNED,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), gettext_lazy("Indiquez un nombre de séances.")
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    exchanged_with = forms.ChoiceField(
        label=gettext_lazy("En avez-vous parlé avant de reprendre ?"),
        required=False,
        choices=list(EXCHANGES.items()),
        error_messages=_ONE_OF_THESE,
    )

    def __init__(self, data: Any = None, *, episode: EpisodeView | None = None) -> None:
        names = Plan.__dataclass_fields__
        known = {name: getattr(episode, name) for name in names} if episode else {}
        super().__init__(data, initial=known, prefix="plan")
        if episode is None or episode.opened_for != "again":
            del self.fields["exchanged_with"]

    def plan(self) -> Plan:
        """What was ticked. Only after ``is_valid``."""
        told = self.cleaned_data
        return Plan(**{"exchanged_with": "", **{name: told[name] for name in self.fields}})


class GoalsForm(CareForm):
    """What the person hopes for, written by either of the two."""

    act = "goals"
    text = words_field(gettext_lazy("Ce que la personne souhaite, avec ses mots"), MOST_GOALS)

    def __init__(self, data: Any = None, *, episode: EpisodeView, own: bool = False) -> None:
        said = episode.goals.text if episode.goals else ""
        prefix = f"goals-{episode.public_id.hex}" if own else "goals"
        super().__init__(data, initial={"text": said}, prefix=prefix)
        if own:
            self.fields["text"].label = gettext_lazy("Ce que je souhaite, avec mes mots")


class ReviewForm(CareForm):
    """Where things stand. ``kind`` is mid_course or end."""

    change = forms.ChoiceField(
        label=gettext_lazy("Pour la personne"),
        widget=forms.RadioSelect,
        choices=list(CHANGES.items()),
        error_messages=_ONE_OF_THESE,
    )
    symptoms = words_field(gettext_lazy("Ce qui gênait"), MOST_REVIEW, rows=3)
    evolution = words_field(gettext_lazy("Ce qui a changé"), MOST_REVIEW, rows=3)
    technique = words_field(gettext_lazy("Comment nous avons travaillé"), MOST_REVIEW, rows=3)
    conclusion = words_field(gettext_lazy("Conclusion"), MOST_REVIEW, rows=3)
    next_step = forms.ChoiceField(
        label=gettext_lazy("Si rien ne va mieux, la suite décidée avec le médecin"),
        required=False,
        choices=list(NEXT_STEPS.items()),
        error_messages=_ONE_OF_THESE,
    )

    def __init__(self, data: Any = None, *, kind: str, review: ReviewView | None) -> None:
        known = (
            {name: getattr(review, name) for name in Words.__dataclass_fields__} if review else {}
        )
        super().__init__(data, initial=known, prefix=kind)
        self.act = self.kind = kind

    def words(self) -> Words:
        """What was written. Only after ``is_valid``."""
        return Words(**{name: self.cleaned_data[name] for name in Words.__dataclass_fields__})


class EndForm(CareForm):
    """The last day, and how it ended."""

    act = "close"
    ended_for = forms.ChoiceField(
        label=gettext_lazy("L’accompagnement est"),
        widget=forms.RadioSelect,
        choices=list(ENDINGS.items()),
        error_messages=_ONE_OF_THESE,
    )
    last_day = forms.DateField(
        label=gettext_lazy("Dernier jour"),
        widget=DayInput(),
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Indiquez un jour, un mois et une année.")
        ),
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"last_day": today}, prefix="close")
