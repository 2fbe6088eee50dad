"""The second screen of a booking: who comes."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from soutien.doors.web.person.drafts import Typed
from soutien.rules.calendar import add_years, civil_date, day_number
from soutien.rules.terms import Terms

SELF, CHILD = "self", "child"
LONGEST_NAME = 80
LONGEST_LIFE_YEARS = 120
PHONE_DIGITS_MIN, PHONE_DIGITS_MAX = 9, 15
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier january janv jan", "fevrier february fevr fev feb", "mars march mar",
            "avril april avr apr", "mai may", "juin june jun", "juillet july juil jul",
            "aout august aug", "septembre september sept sep", "octobre october oct",
            "novembre november nov", "decembre december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WRITTEN = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)? ([a-z]+) (\d{4})")
_DIGITS = re.compile(r"(\d{1,2})[ ./-]+(\d{1,2})[ ./-]+(\d{4})|(\d{2})(\d{2})(\d{4})")


def read_day(text: str) -> date:
    """A day as people write it: 17/05/1990, 17051990, 17 mai 1990, 1990-05-17. Day first.

    Raises ValueError for anything else, and for days that do not exist.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = " ".join(plain.replace(",", " ").split())
    if found := _ISO.fullmatch(plain):
        year, month, day = map(int, found.groups())
    elif found := _DIGITS.fullmatch(plain):
        day, month, year = (int(part) for part in found.groups() if part)
    elif found := _WRITTEN.fullmatch(plain.replace(".", "")):
        day, year, month = int(found[1]), int(found[3]), _MONTHS.get(found[2], 0)
    else:
        raise ValueError(text)
    return date(year, month, day)


class WrittenDayField(forms.Field):
    """A day typed as people write it. Easier than a calendar for a day long ago."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, date) or value in self.empty_values:
            return value or None
        try:
            return read_day(str(value))
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%d/%m/%Y}" if isinstance(value, date) else value


class WhoForm(forms.Form):
    """Who comes. An e-mail address or a telephone number is enough to reach somebody."""

    whom = forms.ChoiceField(
        label=gettext_lazy("Ce rendez-vous est"),
        help_text=gettext_lazy(
            "Pour un enfant, l’accord écrit des deux parents est demandé. Vous en parlerez à la "
            "première séance : rien n’est à envoyer maintenant."
        ),
        widget=forms.RadioSelect,
        choices=[(SELF, gettext_lazy("pour moi")), (CHILD, gettext_lazy("pour mon enfant"))],
        initial=SELF,
        error_messages={"required": gettext_lazy("Dites pour qui est le rendez-vous.")},
    )
    given_name = forms.CharField(
        label=gettext_lazy("Prénom de la personne qui vient"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Il manque le prénom."),
            "max_length": gettext_lazy("Ce prénom est trop long : raccourcissez-le."),
        },
    )
    family_name = forms.CharField(
        label=gettext_lazy("Nom de famille"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "family-name", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Il manque le nom de famille."),
            "max_length": gettext_lazy("Ce nom est trop long : raccourcissez-le."),
        },
    )
    birth_date = WrittenDayField(
        label=gettext_lazy("Jour de naissance"),
        help_text=gettext_lazy("Jour, mois, année. Par exemple 17 05 1990."),
        widget=forms.TextInput(attrs={"autocomplete": "bday", "size": 12}),
        error_messages={
            "required": gettext_lazy("Il manque le jour de naissance."),
            "invalid": gettext_lazy(
                "Nous ne reconnaissons pas ce jour. Écrivez par exemple 17 05 1990."
            ),
        },
    )
    email = forms.EmailField(
        label=gettext_lazy("Votre adresse de courriel"),
        help_text=gettext_lazy(
            "Pour les nouvelles de ce rendez-vous, rien d’autre. Vous n’en avez pas ? Laissez "
            "vide et donnez un téléphone."
        ),
        required=False,
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={
            "invalid": gettext_lazy(
                "Cette adresse n’est pas complète. Par exemple : nom@exemple.fr"
            ),
        },
    )
    phone = forms.CharField(
        label=gettext_lazy("Votre téléphone"),
        help_text=gettext_lazy("Si le cabinet doit vous joindre le jour même."),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    discreet = forms.BooleanField(
        label=gettext_lazy("Messages discrets"),
        help_text=gettext_lazy("Ni nos messages ni votre agenda ne disent de quoi il s’agit."),
        required=False,
    )

    def __init__(self, *args: Any, on: date, terms: Terms, **kwargs: Any) -> None:
        """``on`` is the day of the appointment; the terms of that day say who may come."""
        super().__init__(*args, **kwargs)
        self.on, self.terms = on, terms

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

    def clean_phone(self) -> str:
        """Digits as they were typed, when there are enough of them to call."""
        phone = " ".join(self.cleaned_data["phone"].split())
        digits = sum(character.isdecimal() for character in phone)
        if phone and not PHONE_DIGITS_MIN <= digits <= PHONE_DIGITS_MAX:
            raise forms.ValidationError(
                _("Ce numéro n’est pas complet. Par exemple : 06 39 98 00 00"), "invalid"
            )
        return phone

    def clean(self) -> dict[str, Any]:
        """« Pour mon enfant » is about a minor; and there is a way to reach somebody."""
        told: dict[str, Any] = self.cleaned_data
        nowhere = not told.get("email") and not told.get("phone")
        if nowhere and not {"email", "phone"} & set(self.errors):
            self.add_error("email", _("Il manque une adresse de courriel ou un téléphone."))
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
