"""What people tell us on the public pages, read from the address: nothing is stored.

Situations travel as plain numbers: an address left in a history says nothing to who reads it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from soutien.doors.web.components.places import PlaceField
from soutien.rules.codes import LinkedTo, Regime
from soutien.rules.estimate import Situation

NO_COVER, MUTUELLE, CSS, CSS_ENDED, AME = range(5)


class DayInput(forms.DateInput):
    """The browser's own day picker; a plain field on phones that have none."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


# Anything else is no day anybody means, and calendars end somewhere.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_A_DAY = _("Indiquez un jour, un mois et une année, par exemple 24/11/2026.")
_WITHIN_REACH = [MinValueValidator(FIRST_DAY, _A_DAY), MaxValueValidator(LAST_DAY, _A_DAY)]


class SituationForm(forms.Form):
    """« Combien vais-je payer ? »: a day and a situation."""

    on = forms.DateField(
        validators=_WITHIN_REACH,
        label=_("Le jour de la séance"),
        widget=DayInput,
        error_messages={
            "invalid": _A_DAY,
            "required": _("Il manque le jour de la séance."),
        },
    )
    scheme = forms.TypedChoiceField(
        label=_("Votre assurance maladie"),
        coerce=int,
        choices=[
            (Regime.GENERAL.value, _("CPAM, le cas le plus fréquent")),
            (Regime.MSA.value, _("MSA, agriculture")),
            (Regime.REGIME_LOCAL_ALSACE_MOSELLE.value, _("Régime local d’Alsace-Moselle")),
            (Regime.SPECIAL.value, _("Un autre régime : militaires, SNCF, marins…")),
        ],
    )
    cover = forms.TypedChoiceField(
        label=_("Ce qui complète"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[
            (MUTUELLE, _("Une mutuelle ou une assurance « responsable »")),
            (CSS, _("La complémentaire santé solidaire")),
            (CSS_ENDED, _("La complémentaire santé solidaire, finie depuis moins d’un an")),
            (AME, _("L’aide médicale de l’État")),
            (NO_COVER, _("Rien de tout cela")),
        ],
    )
    link = forms.TypedChoiceField(
        label=_("Cette séance est liée à…"),
        coerce=int,
        choices=[
            (LinkedTo.NONE.value, _("rien de particulier")),
            (LinkedTo.ALD.value, _("une affection de longue durée (ALD)")),
            (LinkedTo.MATERNITY.value, _("une grossesse ou une naissance")),
            (LinkedTo.AT_MP.value, _("un accident du travail, une maladie professionnelle")),
            (LinkedTo.THIRD_PARTY_ACCIDENT.value, _("un accident causé par quelqu’un")),
        ],
    )
    pension = forms.BooleanField(label=_("Je reçois une pension d’invalidité"), required=False)
    centre = forms.BooleanField(
        label=_("La séance a lieu dans un centre de santé"), required=False
    )

    def situation(self) -> Situation:
        """What the law needs to know. Only after ``is_valid``."""
        told = self.cleaned_data
        return Situation(
            regime=Regime(told["scheme"]),
            amc=told["cover"] in {MUTUELLE, CSS_ENDED},
            css=told["cover"] == CSS,
            css_ended_less_than_a_year_ago=told["cover"] == CSS_ENDED,
            ame=told["cover"] == AME,
            invalidity=told["pension"],
            linked_to=LinkedTo(told["link"]),
            health_centre=told["centre"],
        )


def ordinary_situation(on: date) -> dict[str, Any]:
    """What the form says before anybody touches it: the most frequent situation, today."""
    return {
        "on": on.isoformat(),
        "scheme": Regime.GENERAL.value,
        "cover": MUTUELLE,
        "link": LinkedTo.NONE.value,
    }


class LawForm(forms.Form):
    """A day and a reading of the law."""

    on = forms.DateField(
        validators=_WITHIN_REACH,
        label=_("Le droit applicable le"),
        widget=DayInput,
        error_messages={
            "invalid": _A_DAY,
            "required": _("Il manque le jour."),
        },
    )


class LawChangesForm(forms.Form):
    """Two days of the law, the first before the second or the same."""

    since = forms.DateField(
        validators=_WITHIN_REACH,
        label=_("Le premier jour"),
        widget=DayInput,
        error_messages={"invalid": _A_DAY, "required": _("Il manque le jour.")},
    )
    until = forms.DateField(
        validators=_WITHIN_REACH,
        label=_("Le second jour"),
        widget=DayInput,
        error_messages={"invalid": _A_DAY, "required": _("Il manque le jour.")},
    )

    def clean(self) -> dict[str, Any]:
        """The second day is not before the first."""
        days = self.cleaned_data
        if {"since", "until"} <= days.keys() and days["until"] < days["since"]:
            self.add_error("until", _("Choisissez un second jour qui ne précède pas le premier."))
        return days


class PlaceForm(forms.Form):
    """The box of the home page: where are you?"""

    place = PlaceField()
