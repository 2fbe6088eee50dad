"""The second screen of a booking: who comes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from soutien.doors.web.components.who_fields import (
    FAMILY_NAME,
    GIVEN_NAME,
    ReachableForm,
    birth_date_field,
    name_field,
)
from soutien.doors.web.person.drafts import Typed
from soutien.rules.calendar import add_years, civil_date, day_number
from soutien.rules.terms import Terms

SELF, CHILD = "self", "child"
LONGEST_LIFE_YEARS = 120


class WhoForm(ReachableForm):
    """Who comes. An e-mail address or a telephone number is enough to reach somebody."""

    whom = forms.ChoiceField(
        label=gettext_lazy("Ce rendez-vous est"),
        help_text=gettext_lazy(
            "Pour un enfant, l’accord écrit des deux parents est demandé avant la première "
            "séance. Nous vous dirons comment, une fois l’heure réservée."
        ),
        widget=forms.RadioSelect,
        choices=[(SELF, gettext_lazy("pour moi")), (CHILD, gettext_lazy("pour mon enfant"))],
        initial=SELF,
        error_messages={"required": gettext_lazy("Dites pour qui est le rendez-vous.")},
    )
    given_name = name_field(
        GIVEN_NAME,
        gettext_lazy("Prénom de la personne qui vient"),
        gettext_lazy("Il manque le prénom."),
    )
    family_name = name_field(
        FAMILY_NAME,
        gettext_lazy("Nom de famille"),
        gettext_lazy("Il manque le nom de famille."),
    )
    birth_date = birth_date_field(
        gettext_lazy("Jour de naissance"), gettext_lazy("Il manque le jour de naissance.")
    )
    field_order = ["whom", "given_name", "family_name", "birth_date", "email", "phone", "discreet"]

    def __init__(self, *args: Any, on: date, terms: Terms, **kwargs: Any) -> None:
        """``on`` is the day of the appointment; the terms of that day say who may come."""
        super().__init__(*args, **kwargs)
        self.on, self.terms = on, terms
        self.fields["email"].help_text = _(
            "Pour les nouvelles de ce rendez-vous, rien d’autre. Vous n’en avez pas ? Laissez "
            "vide et donnez un téléphone."
        )
        self.fields["phone"].help_text = _("Si le cabinet doit vous joindre le jour même.")
        self.fields["discreet"].help_text = _(
            "Ni nos messages ni votre agenda ne disent de quoi il s’agit."
        )

    def clean_birth_date(self) -> date:
        """Somebody alive, old enough on the day of the appointment."""
        born = self.cleaned_data["birth_date"]
        if born > self.on or born.year < self.on.year - LONGEST_LIFE_YEARS:
            raise forms.ValidationError(_("Vérifiez l’année de naissance."), "year")
        if day_number(self.on) < add_years(day_number(born), self.terms.age_years_min):
            raise forms.ValidationError(
                ngettext(
                    "Le dispositif commence à %(n)s an. Avant, parlez-en au médecin de l’enfant.",
                    "Le dispositif commence à %(n)s ans. Avant, parlez-en au médecin de l’enfant.",
                    self.terms.age_years_min,
                )
                % {"n": self.terms.age_years_min},
                "too_young",
            )
        return born

    def clean(self) -> dict[str, Any]:
        """« Pour mon enfant » is about a minor; and there is a way to reach somebody."""
        told = super().clean()
        born = told.get("birth_date")
        if born and told.get("whom") == CHILD and not self.is_minor(born):
            self.add_error(
                "birth_date",
                _("Ce jour est celui d’un adulte. Indiquez le jour de naissance de l’enfant."),
            )
        return told

    def is_minor(self, born: date) -> bool:
        """Whether somebody born then is a minor on the day of the appointment."""
        adult_on = civil_date(add_years(day_number(born), self.terms.majority_age_years))
        return self.on < adult_on

    def typed(self) -> Typed:
        """What was typed. Only after ``is_valid``."""
        told = dict(self.cleaned_data)
        return Typed(for_child=told.pop("whom") == CHILD, **told)
