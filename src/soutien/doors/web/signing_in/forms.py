"""The forms of signing in, in our words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from soutien.doors.web.components.who_fields import (
    FAMILY_NAME,
    GIVEN_NAME,
    UNKNOWN_ADDRESS,
    birth_date_field,
    email_input,
    name_field,
)
from soutien.doors.web.signing_in.passwords import LONGEST
from soutien.registers.accounts.models import Account

LONGEST_ADDRESS = 254
LONGEST_CODE = 40


def address_field(label: Any, **more: Any) -> forms.EmailField:
    """An e-mail address, kept in small letters."""
    return forms.EmailField(
        label=label,
        max_length=LONGEST_ADDRESS,
        error_messages={
            "required": _("Il manque votre adresse de courriel."),
            "invalid": UNKNOWN_ADDRESS,
            "max_length": UNKNOWN_ADDRESS,
        },
        widget=email_input("username"),
        **more,
    )


class SignInForm(forms.Form):
    """An e-mail address and a password. A refusal never says which of the two is wrong."""

    username = address_field(_("Adresse de courriel"))
    password = forms.CharField(
        label=_("Mot de passe"),
        strip=False,
        max_length=LONGEST,
        error_messages={
            "required": _("Il manque votre mot de passe."),
            "max_length": _("Ce mot de passe est trop long."),
        },
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_username(self) -> str:
        """Addresses are kept in small letters."""
        return str(self.cleaned_data["username"]).strip().lower()


class AddressForm(forms.Form):
    """Where to send a link."""

    email = address_field(_("Adresse de courriel"))

    def clean_email(self) -> str:
        """Addresses are kept in small letters."""
        return str(self.cleaned_data["email"]).strip().lower()


class PasswordForm(forms.Form):
    """A password to give once more."""

    password = forms.CharField(
        label=_("Votre mot de passe"),
        strip=False,
        max_length=LONGEST,
        error_messages={
            "required": _("Il manque votre mot de passe."),
            "max_length": _("Ce mot de passe est trop long."),
        },
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """A code of an application, or one on paper."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Les six chiffres de votre application, ou un code de secours."),
        max_length=LONGEST_CODE,
        error_messages={
            "required": _("Il manque le code."),
            "max_length": _("Ce code est trop long. Recopiez-en un seul."),
        },
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
                "size": 16,
            }
        ),
    )


class NewPasswordForm(forms.Form):
    """A new password, typed once: it can be changed again by mail."""

    password = forms.CharField(
        label=_("Nouveau mot de passe"),
        help_text=_("Au moins douze caractères. Quatre mots courts suffisent."),
        strip=False,
        max_length=LONGEST,
        error_messages={
            "required": _("Il manque le mot de passe."),
            "max_length": _("Ce mot de passe est trop long."),
        },
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, account: Account | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.account = account

    def clean_password(self) -> str:
        """Long enough, not known to everybody, not one's own name."""
        password = str(self.cleaned_data["password"])
        if password:
            password_validation.validate_password(password, user=self.account)
        return password


class AddressAndPasswordForm(NewPasswordForm, AddressForm):
    """A new password, in another browser than the one that asked for the link."""

    field_order = ["email", "password"]


class JoinForm(NewPasswordForm):
    """Who opens an account. Without a password, a link sent by mail opens it."""

    given_name = name_field(GIVEN_NAME, _("Votre prénom"), _("Il manque votre prénom."))
    family_name = name_field(
        FAMILY_NAME, _("Votre nom de famille"), _("Il manque votre nom de famille.")
    )
    birth_date = birth_date_field(
        _("Votre jour de naissance"), _("Il manque votre jour de naissance.")
    )
    field_order = ["given_name", "family_name", "birth_date", "password"]

    def __init__(self, *args: Any, known: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["password"].required = False
        if known:
            for name in ("given_name", "family_name", "birth_date"):
                del self.fields[name]
