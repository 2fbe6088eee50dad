"""The forms of « Ma sécurité »."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from soutien.doors.web.signing_in.forms import address_field

LONGEST_NAME = 60
# A device's answer is some kilobytes; more is not from a device.
LONGEST_ANSWER = 20_000


class PasskeyForm(forms.Form):
    """A passkey's name, and what its device answered."""

    name = forms.CharField(
        label=_("Nom de cette clé"),
        help_text=_("Pour la reconnaître plus tard : « mon téléphone », « clé du bureau »."),
        max_length=LONGEST_NAME,
        error_messages={
            "required": _("Donnez un nom à cette clé."),
            "max_length": _("Ce nom est trop long : raccourcissez-le."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        """Without stray spaces."""
        return " ".join(str(self.cleaned_data["name"]).split())


class NewPasskeyForm(PasskeyForm):
    """The same, with the answer that a script fills in."""

    answer = forms.CharField(
        max_length=LONGEST_ANSWER,
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Votre appareil n’a pas donné de clé. Réessayez."),
            "max_length": _("Votre appareil n’a pas donné de clé. Réessayez."),
        },
    )


class NewAddressForm(forms.Form):
    """The address that will sign in."""

    email = address_field(_("Nouvelle adresse de courriel"))

    def clean_email(self) -> str:
        """Addresses are kept in small letters."""
        return str(self.cleaned_data["email"]).strip().lower()
