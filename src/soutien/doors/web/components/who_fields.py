"""The fields by which people say who they are and how to reach them: the same on every form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.written_days import WrittenDayField

LONGEST_NAME, LONGEST_PHONE = 80, 30
PHONE_DIGITS_MIN, PHONE_DIGITS_MAX = 9, 15
GIVEN_NAME, FAMILY_NAME, ANY_NAME = "given-name", "family-name", "name"
UNKNOWN_DAY = gettext_lazy("Nous ne reconnaissons pas ce jour. Écrivez par exemple 17 05 1990.")
UNKNOWN_ADDRESS = gettext_lazy("Cette adresse n’est pas complète. Par exemple : nom@exemple.fr")
_TOO_LONG = {
    GIVEN_NAME: gettext_lazy("Ce prénom est trop long : raccourcissez-le."),
    FAMILY_NAME: gettext_lazy("Ce nom est trop long : raccourcissez-le."),
    ANY_NAME: gettext_lazy("Ce nom est trop long : raccourcissez-le."),
}


def name_field(which: str, label: Any, missing: Any, **more: Any) -> forms.CharField:
    """A name; ``which`` is what a browser may fill in, ``missing`` what is said without it."""
    return forms.CharField(
        label=label,
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": which, "spellcheck": "false"}),
        error_messages={"required": missing, "max_length": _TOO_LONG[which]},
        **more,
    )


def birth_date_field(label: Any, missing: Any, autocomplete: str = "bday") -> WrittenDayField:
    """A day of birth, typed as people write it; ``off`` when it is somebody else's."""
    return WrittenDayField(
        label=label,
        help_text=gettext_lazy("Jour, mois, année. Par exemple 17 05 1990."),
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, "size": 12}),
        error_messages={"required": missing, "invalid": UNKNOWN_DAY},
    )


def email_input(autocomplete: str = "email") -> forms.EmailInput:
    """Where an e-mail address is typed."""
    return forms.EmailInput(
        attrs={"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
    )


class ReachableForm(forms.Form):
    """How to reach somebody: an e-mail address or a telephone number is enough."""

    email = forms.EmailField(
        label=gettext_lazy("Votre adresse de courriel"),
        required=False,
        widget=email_input(),
        error_messages={"invalid": UNKNOWN_ADDRESS},
    )
    phone = forms.CharField(
        label=gettext_lazy("Votre téléphone"),
        help_text=gettext_lazy("L’un des deux suffit."),
        required=False,
        max_length=LONGEST_PHONE,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    discreet = forms.BooleanField(
        label=gettext_lazy("Messages discrets"),
        help_text=gettext_lazy("Nos messages ne disent pas de quoi il s’agit."),
        required=False,
    )

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
        """There is a way to reach somebody."""
        told: dict[str, Any] = super().clean() or {}
        nowhere = not told.get("email") and not told.get("phone")
        if nowhere and not {"email", "phone"} & set(self.errors):
            self.add_error("email", _("Il manque une adresse de courriel ou un téléphone."))
        return told
